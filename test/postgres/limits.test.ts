// What a column cannot hold is refused by our own codec, before anything is sent, and nobody's data
// is in the words. What it holds otherwise than it is said is known before.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { JSON_NULL } from "../../src/core/state.ts";
import type { Value } from "../../src/core/state.ts";
import { same } from "../../src/core/values.ts";
import { readTable } from "../../src/replicas/postgres/catalogue.ts";
import type { Codec } from "../../src/replicas/postgres/codec.ts";
import { openDatabase } from "../../src/replicas/postgres/connect.ts";
import { makeOut } from "../../src/replicas/postgres/out.ts";
import { asking } from "../../src/replicas/postgres/read.ts";
import { withSchema } from "./server.ts";
import type { TestSchema } from "./server.ts";

const { signal } = new AbortController();

/** A type, and values that it does not hold. */
const REFUSED: readonly (readonly [type: string, ...values: readonly Value[]])[] = [
  ["smallint", 32_768, -32_769, 1.5, "x"],
  ["integer", 2_147_483_648],
  ["bigint", 2n ** 63n, -(2n ** 63n) - 1n],
  ["oid", -1, 4_294_967_296],
  ["xid8", 2n ** 64n, -1],
  ["real", 1e39, -1e39, 1e-46],
  ["numeric", `1${"0".repeat(131_072)}`, `0.${"0".repeat(16_383)}1`, "x"],
  ["numeric(5,2)", "1000", "0.001", "Infinity", "1e9"],
  ["numeric(5,-2)", "50", "10000000"],
  ["money", "92233720368547758.08", "-92233720368547758.09", "0.001", "NaN"],
  ["boolean", 2, "yes"],
  ["text", "a\0b", "\ud800", new Uint8Array(1)],
  ["varchar(3)", "abcd", "😀😀😀😀"],
  ["char(3)", "abcd"],
  ["name", "é".repeat(32)],
  ['"char"', "ab", "é", "\\400"],
  ["mood", "glad", ""],
  ["bytea", "x"],
  ["uuid", "x"],
  ["date", "-004713-11-23", "+5874898-01-01", "2023-02-29"],
  ["timestamp", "+294277-01-01T00:00:00", "-004713-11-23T23:59:59.999999", "2024-01-01T00:00:00Z"],
  ["timestamptz", "+294277-01-01T00:00:00Z", "2024-01-01T00:00:00"],
  ["time", "25:00:00", "10:00:00.0000001"],
  ["timetz", "10:00:00+16:00", "10:00:00"],
  ["interval", "P178956971Y", "P2147483648D", "PT2562047789H", "1 day"],
  ["jsonb", "\0", [{ a: "\0" }], { "\0": 1 }, [NaN]],
  ["bit(3)", "01", "0101", "012"],
  ["varbit(3)", "0101", "2"],
  ["integer[]", [2_147_483_648], [[1], [2, 3]], [[1], []], [["x"]], "x", 1],
  ["integer[]", [[[[[[[1]]]]]]], { from: [2_147_483_648], items: [1] }, [JSON_NULL]],
  ["text[]", ["a\0"]],
  ["mood[]", ["glad"]],
];

test("what a column cannot hold is refused without a word of data, and nothing is written", () =>
  withSchema("CREATE TYPE mood AS ENUM ('sad')", async (schema) => {
    const codecs = await codecsOf(schema, [...new Set(REFUSED.map(([type]) => type))]);
    for (const [type, ...values] of REFUSED) {
      const codec = codecs.get(type) ?? assert.fail(type);
      for (const value of values) {
        const out = makeOut(16);
        out.at = 3;
        const why = codec.write(value, out);
        assert.match(why ?? "", WORDS, `${type} takes ${inspect(value).slice(0, 80)}`);
        assert.equal(out.at, 3);
        const stored = codec.store(value);
        assert.ok(same(stored, value), `${type} says what it makes of what it refuses`);
      }
    }
  }));

/** Limits may be told, values not. */
const WORDS = /^(?:is|has)[ \w,()."'-]*$/;

/** A type, what is put into it, and what is stored. */
const STORED: readonly (readonly [type: string, value: Value, stored: Value])[] = [
  ["real", 0.1, Math.fround(0.1)],
  ["real", 16_777_217, 16_777_216],
  ["numeric(5,2)", "1.50", "1.5"],
  ["char(5)", "a  ", "a"],
  ["char(5)", "  ", ""],
  ["varchar(5)", "a  ", "a  "],
  ["timestamp(0)", "2024-12-31T23:59:59.5", "2025-01-01T00:00:00"],
  ["timestamp(0)", "1999-12-31T23:59:58.5", "1999-12-31T23:59:58"],
  ["timestamp(0)", "1999-12-31T23:59:58.500001", "1999-12-31T23:59:59"],
  ["timestamptz(3)", "2024-01-01T00:00:00.0005Z", "2024-01-01T00:00:00.001Z"],
  ["timestamptz(3)", "2024-01-01T00:00:00.000499Z", "2024-01-01T00:00:00Z"],
  ["timestamptz(1)", "1960-01-01T00:00:00.25Z", "1960-01-01T00:00:00.2Z"],
  ["timestamp(2)", "infinity", "infinity"],
  ["time(1)", "23:59:59.96", "24:00:00"],
  ["time(1)", "10:00:00.25", "10:00:00.3"],
  ["timetz(0)", "10:00:00.5+02:00", "10:00:01+02:00"],
  ["interval(2)", "PT1.235S", "PT1.24S"],
  ["interval(2)", "P1Y2M3DT-0.005S", "P1Y2M3DT-0.01S"],
  ["interval(0)", "PT0.499999S", "PT0S"],
  ["interval(6)", "PT0.000001S", "PT0.000001S"],
  ["interval year", "P2Y11M3DT4H", "P2Y"],
  ["interval year", "P-2Y-11M", "P-2Y"],
  ["interval month", "P2Y11M3DT4H", "P2Y11M"],
  ["interval year to month", "P2Y11M3DT4H", "P2Y11M"],
  ["interval day", "P2Y11M3DT4H", "P2Y11M3D"],
  ["interval hour", "P1DT5H59M59.9S", "P1DT5H"],
  ["interval minute", "PT-5H-59M-59.9S", "PT-5H-59M"],
  ["interval day to hour", "P1DT5H59M", "P1DT5H"],
  ["interval day to minute", "P1DT5H59M59S", "P1DT5H59M"],
  ["interval hour to minute", "P1M1DT5H59M59S", "P1M1DT5H59M"],
  ["interval second", "P1DT5H0.123456S", "P1DT5H0.123456S"],
  ["interval second(1)", "PT0.25S", "PT0.3S"],
  ["interval day to second(3)", "PT-0.0005S", "PT-0.001S"],
  ["interval minute to second(0)", "PT59.5S", "PT1M"],
  ["uuid", "6BA7B8109DAD11D180B400C04FD430C8", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"],
  ["real[]", [0.1, null], [Math.fround(0.1), null]],
  ["timestamp(0)[]", [["2024-01-01T00:00:00.5"]], [["2024-01-01T00:00:01"]]],
  ["char(3)[]", { from: [0], items: ["a "] }, { from: [0], items: ["a"] }],
];

test("what a column makes of a value is what is known before", () =>
  withSchema("", async (schema) => {
    const codecs = await codecsOf(schema, [...new Set(STORED.map(([type]) => type))]);
    for (const [type, value, stored] of STORED) {
      const codec = codecs.get(type) ?? assert.fail(type);
      assert.deepEqual(codec.store(value), stored, `${type} of ${inspect(value)}`);
      const there = await throughServer(schema, codec, type, value);
      assert.ok(same(there, stored), `${type} holds ${inspect(there)}`);
    }
  }));

test("a jsonb or json text that we cannot read stands as its bytes, and goes back as it came", () =>
  withSchema("", async (schema) => {
    const codecs = await codecsOf(schema, ["json", "jsonb"]);
    const json = codecs.get("json") ?? assert.fail();
    const half = Buffer.from('"\\ud800"');
    const read = json.read(half, 0, half.length);
    assert.deepEqual(read, Uint8Array.from(half));
    const out = makeOut(16);
    assert.equal(json.write(read, out), undefined);
    assert.deepEqual(Buffer.from(out.bytes.subarray(4, out.at)), half);
    const deep = `${"[".repeat(600)}${"]".repeat(600)}`;
    const { rows } = await schema.client.query("SELECT jsonb_send($1::jsonb) AS sent", [deep]);
    const sent = (rows[0] as { sent: Buffer }).sent;
    const jsonb = codecs.get("jsonb") ?? assert.fail();
    const shown = jsonb.read(sent, 0, sent.length);
    assert.deepEqual(shown, Uint8Array.from(Buffer.from(deep)));
    const back = makeOut(16);
    assert.equal(jsonb.write(shown, back), undefined);
    assert.deepEqual(Buffer.from(back.bytes.subarray(4, back.at)), sent);
  }));

/** The codec of a column of each type. */
async function codecsOf(
  schema: TestSchema,
  types: readonly string[],
): Promise<ReadonlyMap<string, Codec>> {
  const columns = types.map((type, at) => `c${at} ${type}`);
  await schema.client.query(`CREATE TABLE t (${columns.join(", ")})`);
  const database = openDatabase({ url: schema.url });
  try {
    const table = await database.use(signal, (session) =>
      readTable(asking(session, signal), `${schema.name}.t`, []),
    );
    return new Map(types.map((type, at) => [type, table.columns[at]?.codec ?? assert.fail(type)]));
  } finally {
    await database.close();
  }
}

/** Puts a value into a column of its own and reads it, both in binary. */
async function throughServer(
  schema: TestSchema,
  codec: Codec,
  type: string,
  value: Value,
): Promise<Value> {
  const out = makeOut(64);
  assert.equal(codec.write(value, out), undefined);
  const bytes = out.bytes.subarray(4, out.at);
  const database = openDatabase({ url: schema.url });
  try {
    return await database.use(signal, async (session) => {
      const header = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0\0\x01", "latin1");
      const length = Buffer.alloc(4);
      length.writeInt32BE(bytes.length);
      const end = Buffer.from([255, 255]);
      await session.run(`CREATE TEMP TABLE one (v ${type})`, signal);
      const copy = "COPY pg_temp.one FROM STDIN (FORMAT binary)";
      await session.copyIn(copy, [header, length, Buffer.from(bytes), end], signal);
      const [row] = await session.rows(
        `SELECT record_send(ROW(${codec.select("v")})) FROM pg_temp.one`,
        [],
        signal,
      );
      await session.run("DROP TABLE pg_temp.one", signal);
      const record = Buffer.from((row?.[0] ?? "").slice(2), "hex");
      return codec.read(record, 12, record.readInt32BE(8));
    });
  } finally {
    await database.close();
  }
}
