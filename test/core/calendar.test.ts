import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DAY_MS, dayOf, daysOf, isDay, isoOfMs, textOfDay } from "../../src/core/calendar.ts";

/** Every day that Date knows, with the years in which two calendars would differ more often. */
const days = fc.oneof(
  fc.integer({ min: -100_000_000, max: 100_000_000 }),
  fc.integer({ min: -800_000, max: 800_000 }),
);

test("days are those of Date", () =>
  fc.assert(
    fc.property(days, (count) => {
      const date = new Date(count * DAY_MS);
      const day = dayOf(count);
      assert.deepEqual(day, {
        year: date.getUTCFullYear(),
        month: date.getUTCMonth() + 1,
        day: date.getUTCDate(),
      });
      assert.equal(daysOf(day), count);
      assert.ok(isDay(day));
      assert.equal(textOfDay(day), date.toISOString().split("T")[0]);
    }),
    { numRuns: 3000 },
  ));

test("every day around the ends of centuries is that of Date", () => {
  for (const year of [1600, 1900, 2000, 2020, 2100]) {
    const first = Date.UTC(year - 1, 11, 1) / DAY_MS;
    for (let count = first; count < first + 460; count++) {
      assert.equal(textOfDay(dayOf(count)), new Date(count * DAY_MS).toISOString().slice(0, 10));
    }
  }
});

test("times are written as Date writes them", () =>
  fc.assert(
    fc.property(fc.integer({ min: -8.64e15, max: 8.64e15 }), (ms) => {
      assert.equal(isoOfMs(ms), new Date(ms).toISOString());
    }),
  ));

test("times of our years sort as text, to the millisecond", () => {
  const moment = fc.integer({ min: 0, max: 4e12 });
  fc.assert(
    fc.property(moment, fc.integer({ min: 1, max: 2000 }), (ms, later) => {
      assert.ok(isoOfMs(ms) < isoOfMs(ms + later));
    }),
  );
});

test("only days of the calendar are days", () => {
  assert.ok(isDay({ year: 2024, month: 2, day: 29 }) && isDay({ year: 2000, month: 2, day: 29 }));
  assert.ok(!isDay({ year: 2023, month: 2, day: 29 }) && !isDay({ year: 1900, month: 2, day: 29 }));
  assert.ok(!isDay({ year: 2024, month: 4, day: 31 }) && isDay({ year: 2024, month: 12, day: 31 }));
  assert.ok(!isDay({ year: 2024, month: 13, day: 1 }) && !isDay({ year: 2024, month: 0, day: 1 }));
  assert.ok(!isDay({ year: 2024, month: 1, day: 0 }));
});
