import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  durationOf,
  offsetTimeOf,
  partsOfDuration,
  textOfDuration,
} from "../../src/core/durations.ts";

const DURATIONS: readonly (readonly [string, string | undefined])[] = [
  ["P1Y2M3DT4H5M6.789S", "P1Y2M3DT4H5M6.789S"],
  ["P14M", "P1Y2M"],
  ["P2W", "P14D"],
  ["P1DT24H", "P1DT24H"],
  ["PT90M", "PT1H30M"],
  ["PT0S", "PT0S"],
  ["P0Y", "PT0S"],
  ["P1Y-2M", "P10M"],
  ["P-1Y2M3D", "P-10M3D"],
  ["PT-0.5S", "PT-0.5S"],
  ["PT-1H30M", "PT-30M"],
  ["PT1.500000000S", "PT1.5S"],
  ["PT1,5S", "PT1.5S"],
  ["PT1.0000001S", undefined],
  ["infinity", "infinity"],
  ["-infinity", "-infinity"],
  ["P", undefined],
  ["PT", undefined],
  ["P1DT", undefined],
  ["1D", undefined],
  ["P1.5D", undefined],
  ["", undefined],
];

test("durations: what goes in, what it is", () => {
  for (const [text, expected] of DURATIONS) assert.equal(durationOf(text), expected, text);
});

test("the parts of a duration are those of its text", () =>
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer(),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      (months, days, micros) => {
        const text = textOfDuration({ months, days, micros });
        assert.deepEqual(partsOfDuration(text), { months, days, micros });
        assert.equal(durationOf(text), text);
      },
    ),
  ));

const OFFSET_TIMES: readonly (readonly [string, string | undefined])[] = [
  ["10:00:00+02", "10:00:00+02:00"],
  ["10:00+0530", "10:00:00+05:30"],
  ["10:00:00.50-00:53:28", "10:00:00.5-00:53:28"],
  ["24:00:00Z", "24:00:00+00:00"],
  ["10:00:00 +02", "10:00:00+02:00"],
  ["10:00:00", undefined],
  ["10:00:00+24", undefined],
  ["+02", undefined],
];

test("times with an offset keep it", () => {
  for (const [text, expected] of OFFSET_TIMES) {
    assert.equal(offsetTimeOf(text), expected, text);
    if (expected !== undefined) assert.equal(offsetTimeOf(expected), expected);
  }
});
