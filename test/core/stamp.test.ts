import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import * as stamps from "../../src/core/stamp.ts";

const { isSkewed, isoOf, makeClock, stampOf, timeOf } = stamps;
const NOON = Date.UTC(2026, 0, 31, 12);
const DAY = 86_400_000;
const MINUTE = 60_000;

test("a stamp is its time and a counter, and stamps compare as times do", () =>
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(1951), max: Date.UTC(2089) }), fc.nat(4095), (ms, n) => {
      const stamp = stampOf(ms, n);
      assert.equal(timeOf(stamp), ms);
      assert.equal(isoOf(stamp), new Date(ms).toISOString());
      assert.ok(stampOf(ms + 1) > stamp && Number.isSafeInteger(stamp));
    }),
  ));

test("no time has the stamp that says nothing is known", () => {
  assert.equal(stampOf(stamps.STAMP_EPOCH_MS), 1);
  assert.ok(stampOf(stamps.STAMP_EPOCH_MS - 1) < 0);
  assert.ok(Number.isSafeInteger(stampOf(Date.UTC(1900))));
  assert.equal(stampOf(Date.UTC(2100)), Number.MAX_SAFE_INTEGER, "later times are all the same");
  assert.throws(() => stampOf(NOON, 4096), { name: "AssertionError" });
});

test("people read a stamp as a date", () => {
  assert.equal(isoOf(stampOf(NOON + 250)), "2026-01-31T12:00:00.250Z");
});

test("a clock only goes forward, whatever the time does", () =>
  fc.assert(
    fc.property(fc.array(fc.integer({ min: NOON - DAY, max: NOON + DAY })), (times) => {
      let now = NOON;
      const clock = makeClock({ now: () => now });
      let last = 0;
      for (const time of times) {
        now = time;
        const stamp = clock.tick();
        assert.ok(stamp > last && timeOf(stamp) >= time);
        last = stamp;
      }
    }),
  ));

test("a clock that stands still gives more stamps than one millisecond has", () => {
  const clock = makeClock({ now: () => NOON });
  const first = clock.tick();
  for (let i = 1; i < 5000; i++) clock.tick();
  assert.equal(clock.tick(), first + 5000);
});

test("a clock goes on after the last stamp that a journal knows", () => {
  const after = stampOf(NOON + DAY, 7);
  assert.equal(makeClock({ now: () => NOON, after }).tick(), after + 1);
});

test("what was seen is before what is done next, on clocks that are nearly right", () =>
  fc.assert(
    fc.property(fc.integer({ min: -5 * MINUTE, max: 5 * MINUTE }), (wrong) => {
      const here = makeClock({ now: () => NOON });
      const there = makeClock({ now: () => NOON + wrong });
      const seen = there.tick();
      assert.deepEqual(here.observe(seen), { skewed: false, aheadMs: wrong });
      assert.ok(here.tick() > seen);
    }),
  ));

test("what comes late takes no clock back", () => {
  const clock = makeClock({ now: () => NOON });
  for (let i = 0; i < 10; i++) clock.tick();
  const last = clock.tick();
  clock.observe(stampOf(NOON));
  assert.equal(clock.tick(), last + 1);
});

test("scenario 6: clocks ten minutes wrong are reported, and do not pull others with them", () => {
  const here = makeClock({ now: () => NOON });
  const ahead = stampOf(NOON + 10 * MINUTE);
  const behind = stampOf(NOON - 10 * MINUTE);
  assert.deepEqual(here.observe(ahead), { skewed: true, aheadMs: 10 * MINUTE });
  assert.equal(timeOf(here.tick()), NOON);
  assert.deepEqual(here.observe(behind), { skewed: false, aheadMs: -10 * MINUTE });
  assert.equal(here.observe(ahead, { skewMsMax: 15 * MINUTE }).skewed, false);
  assert.ok(here.tick() > ahead);
});

test("a clock wrong by a day is skewed, exactly beyond the bound", () => {
  assert.ok(isSkewed(stampOf(NOON + DAY), NOON));
  assert.ok(!isSkewed(stampOf(NOON - DAY), NOON));
  assert.ok(!isSkewed(stampOf(NOON + stamps.SKEW_MS_MAX), NOON));
  assert.ok(isSkewed(stampOf(NOON + stamps.SKEW_MS_MAX + 1), NOON));
});
