// When a write that its side put off is tried again, and when that is given up.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SyncError } from "../../src/core/errors.ts";
import { BACKOFF_DEFAULT, retryLetters, type Backoff } from "../../src/engine/index.ts";
import { dueAt, waitMs } from "../../src/engine/backoff.ts";
import { fated, type Fate } from "./fated.ts";
import { NEVER } from "./scene.ts";

const of = (more: Partial<Backoff>): Backoff => ({ ...BACKOFF_DEFAULT, jitter: 0, ...more });
const waits = (backoff: Backoff, random = 0) =>
  [1, 2, 3, 4, 5].map((tries) => waitMs(backoff, tries, random));

test("waits grow by their strategy, up to the cap", () => {
  const firstMs = 100;
  assert.deepEqual(waits(of({ firstMs })), [100, 200, 400, 800, 1600]);
  assert.deepEqual(waits(of({ firstMs, strategy: "linear" })), [100, 200, 300, 400, 500]);
  assert.deepEqual(waits(of({ firstMs, strategy: "fixed" })), [100, 100, 100, 100, 100]);
  assert.deepEqual(waits(of({ firstMs, capMs: 350 })), [100, 200, 350, 350, 350]);
  assert.equal(waitMs(of({ firstMs, capMs: 350 }), 5000, 0), 350);
});

test("chance takes its share of a wait, and no more", () => {
  const firstMs = 1000;
  assert.deepEqual(waits(of({ firstMs, jitter: 0.2, strategy: "fixed" }), 0)[0], 800);
  assert.deepEqual(waits(of({ firstMs, jitter: 1, strategy: "fixed" }), 0.25)[0], 250);
  fc.assert(
    fc.property(
      fc.record({
        strategy: fc.constantFrom("exponential", "linear", "fixed"),
        firstMs: fc.integer({ min: 1, max: 10_000 }),
        capMs: fc.integer({ min: 10_000, max: 1_000_000 }),
        jitter: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      fc.integer({ min: 1, max: 2000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (backoff, tries, random) => {
        const whole = waitMs({ ...backoff, jitter: 0 }, tries, random);
        const wait = waitMs(backoff, tries, random);
        assert.ok(wait <= whole && wait >= Math.floor(whole * (1 - backoff.jitter)));
        assert.ok(whole <= backoff.capMs);
      },
    ),
  );
});

test("a store that says when it is ready is not asked before, up to a day", () => {
  assert.equal(dueAt(5, 100), 105);
  assert.equal(dueAt(5, 100, 200), 205);
  assert.equal(dueAt(5, 100, 50), 105);
  assert.equal(dueAt(0, 100, 1e12), 86_400_000);
});

const busy =
  (code: "CONSTRAINT" | "REPLICA_UNAVAILABLE"): Fate =>
  async (batch) =>
    batch.writes.map(() => ({ kind: "later", error: new SyncError(code, "not yet") }));

const RETRY: Backoff = { strategy: "linear", firstMs: 60_000, capMs: 600_000, jitter: 0, tries: 3 };

test("a write is tried when the pipeline says, and then waits for a person", async () => {
  const scene = await fated({}, { retry: RETRY });
  scene.fate = busy("REPLICA_UNAVAILABLE");
  scene.put("crm", "ann", { name: "Anna" });
  await scene.run();
  for (const attempts of [1, 2]) {
    const [letter] = await scene.letters();
    assert.deepEqual([letter?.kind, letter?.attempts], ["later", attempts]);
    const due = Date.parse(letter?.due ?? "");
    assert.ok(Math.abs(due - scene.clock.now - 60_000 * attempts) < 1000, letter?.due ?? "");
    const sent = scene.batches.length;
    scene.clock.now = due - 100;
    await scene.run();
    assert.equal(scene.batches.length, sent, "not before its time");
    await scene.reopen();
    scene.clock.now = due;
    await scene.run();
    assert.equal(scene.batches.length, sent + 1, "its time is kept with the entry");
  }
  const [letter] = await scene.letters();
  assert.deepEqual([letter?.kind, letter?.attempts, letter?.due], ["refused", 3, null]);
  assert.match(letter?.errors.join() ?? "", /not yet.*tried 3 times/);
  scene.clock.now += 1e9;
  const sent = scene.batches.length;
  const view = await scene.run();
  assert.deepEqual([scene.batches.length, view.waits], [sent, true]);
  scene.fate = (_, write) => write();
  await scene.run();
  assert.equal(scene.people("billing")["ann"]?.["name"], "Ann", "it waits for a person");
  await retryLetters(scene.link, {}, NEVER);
  assert.equal(scene.people("billing")["ann"]?.["name"], "Anna");
});

test("another content has all its tries; a person's try is one", async () => {
  const scene = await fated({}, { retry: { ...RETRY, tries: 2 } });
  scene.fate = busy("REPLICA_UNAVAILABLE");
  scene.put("crm", "ann", { name: "Anna" });
  await scene.run();
  await retryLetters(scene.link, {}, NEVER);
  assert.equal((await scene.letters())[0]?.kind, "refused");
  scene.put("crm", "ann", { name: "Anne" });
  await scene.run();
  const [letter] = await scene.letters();
  assert.deepEqual([letter?.kind, letter?.attempts], ["later", 1]);
});

test("what is tried again within a run, because others made way, is no more tries", async () => {
  const scene = await fated({}, { retry: RETRY });
  scene.fate = busy("CONSTRAINT");
  scene.put("crm", "ann", { name: "Anna" });
  await scene.run();
  const sent = scene.batches.length;
  assert.ok(sent > 1, "it was tried again");
  const [first] = await scene.letters();
  assert.deepEqual([first?.kind, first?.attempts], ["later", 1]);
  // Before its time as well: others may have made way.
  await scene.run();
  assert.ok(scene.batches.length > sent);
  assert.deepEqual(await scene.letters(), [first], "nor does its time move on");
});

test("a retry that is said otherwise is no other pipeline", async () => {
  const scene = await fated({}, { retry: RETRY });
  const { digest } = scene.link;
  await scene.reopen({ retry: { ...RETRY, tries: 9 } });
  assert.equal(scene.link.digest, digest);
  await assert.rejects(scene.reopen({ retry: { firstMs: 10, capMs: 5 } }), {
    code: "CONFIG_INVALID",
    where: "pipelines.people.retry",
  });
});
