import assert from "node:assert/strict";
import { test } from "node:test";
import { isSyncError } from "../../src/core/errors.ts";
import { journalSuite } from "../../src/testing/journal-suite.ts";
import { emptyImage, memoryJournal } from "../../src/testing/memory-journal.ts";

const a = { key: "a", body: "1", flags: 0 };
const b = { key: "b", body: "2", flags: 1 };

journalSuite({
  test,
  assert,
  open: async () => {
    const journal = memoryJournal();
    return { connect: async () => journal };
  },
});

test("an image is what was durable then, whatever is saved later", async () => {
  const journal = memoryJournal();
  const link = await journal.open("link", "write");
  await link.commit({
    entries: [{ pipeline: "p", records: [a] }],
    facts: [{ name: "cursor", value: "1" }],
    plans: [
      { id: "x", made: 1, hash: "h", config: "c", generation: 0, status: "open", summary: "" },
    ],
    blocks: [{ plan: "x", seq: 0, body: "before" }],
  });
  const image = journal.snapshot();
  await link.commit({
    entries: [{ pipeline: "p", records: [{ ...a, body: null }, b] }],
    facts: [{ name: "cursor", value: "2" }],
    blocks: [{ plan: "x", seq: 0, body: "after" }],
  });
  const restored = memoryJournal();
  restored.restore(image);
  for (const journal of [memoryJournal(image), restored, memoryJournal(image)]) {
    const link = await journal.open("link", "write");
    assert.deepEqual(await link.find("p", ["a", "b"]), [a, undefined]);
    assert.equal(await link.fact("cursor"), "1");
    assert.equal(await link.generation(), 1);
    assert.deepEqual(await link.blocks("x", -1, 9), [{ seq: 0, body: "before" }]);
    // Another journal from the same image must not see this.
    await link.commit({ entries: [{ pipeline: "p", records: [b] }] });
  }
});

test("after a crash the locks are free and whoever lived before it is refused", async () => {
  const journal = memoryJournal();
  const dead = await journal.open("link", "write");
  await dead.commit({ entries: [{ pipeline: "p", records: [a] }] });
  journal.restore(journal.snapshot());
  const link = await journal.open("link", "write");
  assert.deepEqual(await link.find("p", ["a"]), [a]);
  const late = dead.commit({ entries: [{ pipeline: "p", records: [b] }] });
  await assert.rejects(late, (error) => isSyncError(error, "ABORTED"));
  assert.deepEqual(await link.find("p", ["b"]), [undefined]);
});

test("a journal that was lost is of another identity", () => {
  const journal = memoryJournal();
  assert.equal(journal.identity, "memory");
  journal.restore(emptyImage("second"));
  assert.equal(journal.identity, "second");
});
