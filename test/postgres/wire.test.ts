// The binary formats without a server: what is written is read, the quick ways write what the plain
// ones do, and rows are the same however their bytes come.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { OwnRow, Value } from "../../src/core/state.ts";
import { canonical, same } from "../../src/core/values.ts";
import type { LogicalType } from "../../src/core/values.ts";
import type { Wire } from "../../src/replicas/postgres/codec.ts";
import { makeOut } from "../../src/replicas/postgres/out.ts";
import { putEnd, putHeader, putTuple, rowsIn } from "../../src/replicas/postgres/tuples.ts";
import { decimalWire } from "../../src/replicas/postgres/wire-decimal.ts";
import { listWire } from "../../src/replicas/postgres/wire-list.ts";
import {
  DATE,
  DATETIME,
  INSTANT,
  TIME,
  durationWire,
} from "../../src/replicas/postgres/wire-moment.ts";
import { DOUBLE, SINGLE, integerWire } from "../../src/replicas/postgres/wire-number.ts";
import { documentWire, textWire } from "../../src/replicas/postgres/wire-text.ts";
import { anyDocument, anyText } from "../core/arbitraries.ts";

const INT8: LogicalType = { kind: "integer", min: -(2n ** 63n), max: 2n ** 63n - 1n };
const INT2: LogicalType = { kind: "integer", min: -32_768, max: 32_767 };
const TEXT: LogicalType = { kind: "text", noZero: true };

const anyDigits = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.integer({ min: 0, max: 30 }))
  .map(([isBelow, digits, scale]) => `${isBelow ? "-" : ""}${digits}e-${scale}`);
const anyShort = fc
  .tuple(fc.integer({ min: -99_999_999, max: 99_999_999 }), fc.integer({ min: 0, max: 10 }))
  .map(([digits, scale]) => `${digits}e-${scale}`);
const anyDecimal = fc
  .oneof(anyDigits, anyShort)
  .map((text) => textOf(canonical({ kind: "decimal" }, text)));

/** ISO texts of a number of microseconds, of all that PostgreSQL has. */
const anyMoment = fc
  .tuple(
    fc.integer({ min: -2_451_545, max: 106_751_982 }),
    fc.integer({ min: 0, max: 86_399_999_999 }),
  )
  .map(([days, micros]) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(BigInt(days) * 86_400_000_000n + BigInt(micros));
    return textOf(DATETIME.read(bytes, 0, 8));
  });

const KINDS: readonly (readonly [string, Wire, fc.Arbitrary<Value>])[] = [
  ["int8", integerWire(INT8, 8), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(small)],
  ["int2", integerWire(INT2, 2), fc.integer({ min: -32_768, max: 32_767 })],
  ["float8", DOUBLE, fc.double().map((number) => number + 0)],
  ["float4", SINGLE, fc.float().map((number) => number + 0)],
  ["numeric", decimalWire({ kind: "decimal" }), anyDecimal],
  ["text", textWire(TEXT), anyText.filter((text) => text.isWellFormed() && !text.includes("\0"))],
  ["timestamp", DATETIME, anyMoment],
  ["timestamptz", INSTANT, anyMoment.map((text) => `${text}Z`)],
  ["date", DATE, anyMoment.map((text) => text.split("T")[0] ?? "")],
  ["time", TIME, anyMoment.map((text) => text.split("T")[1] ?? "")],
  ["interval", durationWire(true), fc.constantFrom("P1Y", "PT-0.000001S", "infinity", "P-1M1D")],
  ["json", documentWire({ kind: "json" }, false), anyDocument.map(form).filter(isHeld)],
  ["jsonb", documentWire({ kind: "json" }, true), anyDocument.map(form).filter(isHeld)],
  [
    "int2[]",
    listWire({ wire: integerWire(INT2, 2), type: INT2, oid: 21 }),
    fc.array(fc.option(fc.integer({ min: -9, max: 9 }))),
  ],
];

for (const [name, wire, arbitrary] of KINDS) {
  test(`${name}: what is written is read, wherever in a buffer`, () =>
    fc.assert(
      fc.property(arbitrary, fc.nat(9), (value, before) => {
        const out = makeOut(8);
        out.at = before;
        assert.equal(wire.write(value, out), undefined);
        const length = out.bytes.readInt32BE(before);
        assert.equal(out.at, before + 4 + length);
        assert.ok(same(wire.read(out.bytes, before + 4, length), value));
      }),
    ));
}

test("a decimal is written as its longer spelling is, within bounds and beyond them", () =>
  fc.assert(
    fc.property(
      anyDecimal,
      fc.option(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: -3, max: 12 }))),
      (decimal, bounds) => {
        const wire = decimalWire({
          kind: "decimal",
          ...(bounds === null ? {} : { precision: bounds[0], scale: bounds[1] }),
        });
        const longer = decimal.replace(/^(-?)/, "$10");
        assert.deepEqual(written(wire, decimal), written(wire, longer));
      },
    ),
    { numRuns: 2000 },
  ));

test("a moment is written as its other spellings are", () =>
  fc.assert(
    fc.property(anyMoment, (moment) => {
      assert.deepEqual(written(DATETIME, moment), written(DATETIME, moment.replace("T", " ")));
      assert.deepEqual(written(INSTANT, `${moment}Z`), written(INSTANT, `${moment}+00:00`));
      assert.equal(typeof written(INSTANT, moment), "string");
    }),
  ));

test("rows are the same in whatever pieces their bytes come", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.option(anyDecimal), fc.option(fc.string({ maxLength: 30 })))),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      async (values, sizes) => {
        const wires = [decimalWire({ kind: "decimal" }), textWire({ kind: "text" })];
        const out = makeOut(8);
        putHeader(out);
        for (const row of values) assert.equal(putTuple(out, row, wires), undefined);
        putEnd(out);
        const bytes = out.bytes.subarray(0, out.at);
        const rows: OwnRow[] = [];
        for await (const some of rowsIn(piecesOf(bytes, sizes), wires)) rows.push(...some);
        assert.deepEqual(rows, values);
        for (const missing of [2, 3, bytes.length]) {
          const cut = piecesOf(bytes.subarray(0, -missing), sizes);
          await assert.rejects(collected(rowsIn(cut, wires)), { code: "LIST_FAILED" });
        }
      },
    ),
  ));

async function* piecesOf(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function collected(rows: AsyncIterable<OwnRow[]>): Promise<readonly OwnRow[]> {
  const all: OwnRow[] = [];
  for await (const some of rows) all.push(...some);
  return all;
}

/** The bytes, or why there are none. */
function written(wire: Wire, value: Value): Buffer | string {
  const out = makeOut(8);
  const why = wire.write(value, out);
  return why ?? Buffer.from(out.bytes.subarray(0, out.at));
}

function textOf(value: Value | undefined): string {
  return typeof value === "string" ? value : assert.fail("it is no text");
}

function small(number: bigint): number | bigint {
  return Number.isSafeInteger(Number(number)) ? Number(number) : number;
}

function form(document: Value): Value {
  return canonical({ kind: "json" }, document) ?? null;
}

function isHeld(document: Value): boolean {
  return document !== null;
}

test("a value in many pieces is copied once or twice, and none is read twice", async (t) => {
  let read = 0;
  const text = textWire(TEXT);
  const counting: Wire = {
    ...text,
    read: (bytes, at, length) => {
      read += length;
      return text.read(bytes, at, length);
    },
  };
  const row = ["a", "b", "c", "d"].map((letter) => letter.repeat(1 << 20));
  const wires = row.map(() => counting);
  const out = makeOut();
  putHeader(out);
  putTuple(out, row, wires);
  putEnd(out);
  const whole = out.bytes.subarray(0, out.at);
  let copied = 0;
  const concat = Buffer.concat.bind(Buffer);
  t.mock.method(Buffer, "concat", (list: readonly Buffer[], length?: number) => {
    copied += list.reduce((sum, each) => sum + each.length, 0);
    return concat(list, length);
  });
  // eslint-disable-next-line typescript/require-await
  const pieces = async function* () {
    for (let at = 0; at < whole.length; at += 1000) yield whole.subarray(at, at + 1000);
  };
  const rows: OwnRow[] = [];
  for await (const some of rowsIn(pieces(), wires)) rows.push(...some);
  assert.deepEqual(rows, [row]);
  assert.equal(read, 4 << 20);
  assert.ok(copied <= 2 * whole.length, `${copied} bytes were copied of ${whole.length}`);
});
