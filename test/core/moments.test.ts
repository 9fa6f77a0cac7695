import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { dateOf, datetimeOf, instantOf, timeOf } from "../../src/core/moments.ts";

const INSTANTS: readonly (readonly [string, string | undefined])[] = [
  ["2024-02-29T10:00:00Z", "2024-02-29T10:00:00Z"],
  ["2024-02-29 10:00:00+00", "2024-02-29T10:00:00Z"],
  ["2024-02-29t10:00z", "2024-02-29T10:00:00Z"],
  ["2024-01-01T00:30:00+05:45", "2023-12-31T18:45:00Z"],
  ["2024-12-31T23:30:00-0100", "2025-01-01T00:30:00Z"],
  ["2024-01-01T10:00:00.120000Z", "2024-01-01T10:00:00.12Z"],
  ["2024-01-01T10:00:00.000Z", "2024-01-01T10:00:00Z"],
  ["2024-01-01T10:00:00.123456000Z", "2024-01-01T10:00:00.123456Z"],
  ["2024-01-01T10:00:00.1234567Z", undefined],
  ["1900-01-01T00:00:00+00:53:28", "1899-12-31T23:06:32Z"],
  ["0000-01-01T00:00:00+01:00", "-000001-12-31T23:00:00Z"],
  ["9999-12-31T23:59:59-01:00", "+010000-01-01T00:59:59Z"],
  ["+012024-01-01T00:00:00Z", "+012024-01-01T00:00:00Z"],
  ["+002024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"],
  ["-000000-01-01T00:00:00Z", undefined],
  ["2024-01-01T10:00:00", undefined],
  ["2024-01-01", undefined],
  ["2023-02-29T10:00:00Z", undefined],
  ["2024-13-01T10:00:00Z", undefined],
  ["2024-01-00T10:00:00Z", undefined],
  ["2024-01-01T10:00:00.10Z", "2024-01-01T10:00:00.1Z"],
  ["2024-01-01T10:00:00.Z", undefined],
  ["2024-01-01T24:00:00Z", undefined],
  ["2024-01-01T10:60:00Z", undefined],
  ["2024-01-01T10:00:60Z", undefined],
  ["2024-01-01T10:00:00+24:00", undefined],
  ["2024-01-01T10:00:00+01:60", undefined],
  ["0000-00-00T00:00:00Z", undefined],
  ["2024-01-01T10:00:00Z\n", undefined],
  ["1704103200", undefined],
  ["", undefined],
  ["infinity", "infinity"],
  ["-infinity", "-infinity"],
  ["Infinity", undefined],
  ["+294276-12-31T23:59:59.999999Z", "+294276-12-31T23:59:59.999999Z"],
  ["+0012024-01-01T00:00:00Z", "+012024-01-01T00:00:00Z"],
];

test("instants: what goes in, what it is", () => {
  for (const [text, expected] of INSTANTS) assert.equal(instantOf(text), expected, text);
});

test("dates reach as far as any store's, and to both ends of time", () => {
  const far = ["-004713-11-24", "+5874897-12-31", "infinity", "-infinity", "+58748970-12-31"];
  assert.deepEqual(far.map(dateOf), [...far.slice(0, 4), undefined]);
  assert.deepEqual(["infinity", "infinit"].map(datetimeOf), ["infinity", undefined]);
});

test("dates, times, and both without a zone", () => {
  assert.deepEqual(["2024-02-29", "2023-02-29", "24-01-01"].map(dateOf), [
    "2024-02-29",
    undefined,
    undefined,
  ]);
  const times = ["10:00", "23:59:59.500", "24:00:00", "24:00:00.1", "24:01", "10:00Z", "1:00"];
  assert.deepEqual(times.map(timeOf), [
    "10:00:00",
    "23:59:59.5",
    "24:00:00",
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  assert.equal(datetimeOf("2024-01-01 10:00:00.10"), "2024-01-01T10:00:00.1");
  assert.equal(datetimeOf("2024-01-01T10:00:00Z"), undefined);
});

test("an instant is that of Date, whatever its offset", () =>
  fc.assert(
    fc.property(
      fc.date({ min: new Date("0002-01-01"), max: new Date("9998-01-01"), noInvalidDate: true }),
      fc.integer({ min: -14 * 60, max: 14 * 60 }),
      (date, minutes) => {
        const local = new Date(date.getTime() + minutes * 60_000).toISOString().slice(0, -1);
        const [hours, rest] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
        const two = (n: number): string => String(n).padStart(2, "0");
        const form = instantOf(`${local}${minutes < 0 ? "-" : "+"}${two(hours)}:${two(rest)}`);
        assert.equal(new Date(form ?? "").getTime(), date.getTime());
        assert.equal(instantOf(form ?? ""), form);
      },
    ),
  ));
