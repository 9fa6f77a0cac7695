import assert from "node:assert/strict";
import { test } from "node:test";
import { answer, blank, confirm, fold, owed, told } from "../../src/core/fold.ts";
import type { Entry } from "../../src/core/state.ts";
import { atRest, look, makeLink, show } from "./sketch.ts";
import type { Named } from "./sketch.ts";

// Rule 5: a row that was missing, and not for good, is compared with what its side held before.

const BASE = { a: 1, b: 1 };
const MOVED = { ...BASE, a: 2 };
const TARGET = 1;
const link = makeLink({ fields: ["a", "b"], guard: "withhold" });
const passing = makeLink({ fields: ["a", "b"] });

const sees = (entry: Entry, target: Named): Entry =>
  fold(entry, look(link, { target }), link.policy);

/** The source moved `a` to 2, and the target was told so. */
function toldEntry(): Entry {
  const moved = fold(atRest(link, BASE), look(link, { source: MOVED }), link.policy);
  const write = owed(moved, TARGET, link.policy);
  assert.ok(write);
  return told(moved, write, { id: "w1", until: 10, once: false });
}

test("a row that comes back as its side had stored it is no edit", () => {
  const row = [0, 1]; // it rounds 2 to 0, and nobody knew
  const stored = confirm(toldEntry(), TARGET, { id: "w1", applied: true, row, own: row });
  const gone = sees(stored, null);
  assert.deepEqual(show(link, gone).open, [["*", "withheld", { target: null }]]);
  assert.deepEqual(show(link, sees(gone, { a: 0, b: 1 })), { agreed: MOVED, owed: {}, open: [] });
  assert.deepEqual(show(link, sees(gone, { a: 0, b: 7 })).agreed, { a: 2, b: 7 });
});

test("what was asked of a row before it was deleted is asked again when it comes back", () => {
  const shows = look(link, { source: MOVED, target: { ...BASE, a: 3 } });
  const asked = fold(atRest(link, BASE), shows, link.policy);
  const gone = sees(asked, null);
  assert.deepEqual(show(link, gone).open, [["*", "conflict", { source: { a: 2 }, target: null }]]);
  assert.deepEqual(show(link, sees(gone, { ...BASE, a: 3 })), show(link, asked));
});

test("a write that is shown on a row which had seemed deleted takes the deletion back", () => {
  const gone = sees(toldEntry(), null);
  assert.deepEqual(show(link, gone).open, [["*", "unknown", { target: null }]]);
  assert.deepEqual(show(link, sees(gone, MOVED)), { agreed: MOVED, owed: {}, open: [] });
});

test("what was asked is asked again also where a write of ours has landed meanwhile", () => {
  const shows = look(link, { source: { a: 2, b: 2 }, target: { a: 1, b: 3 } });
  const asked = fold(atRest(link, BASE), shows, link.policy);
  const write = owed(asked, TARGET, link.policy);
  assert.ok(write);
  const sent = told(asked, write, { id: "w1", until: 10, once: false });
  const back = sees(sees(sent, null), { a: 2, b: 3 });
  assert.deepEqual(
    show(link, back).open.map(([field]) => field),
    ["b"],
  );
  assert.deepEqual(show(link, back).owed, {});
});

test("a deletion that an edit has won over never was, if the same row is there again", () => {
  const policy = {
    ...link.policy,
    deletes: "edit-wins",
    rows: { kind: "wins", side: TARGET },
  } as const;
  const folds = (entry: Entry, now: Parameters<typeof look>[1]): Entry =>
    fold(entry, look(link, now), policy);
  const gone = folds(atRest(link, BASE), { source: MOVED, target: null });
  assert.deepEqual(show(link, gone), { agreed: MOVED, owed: { target: MOVED }, open: [] });
  const back = folds(gone, { target: BASE });
  assert.deepEqual(show(link, back), { agreed: MOVED, owed: { target: MOVED }, open: [] });
  const anew = folds(gone, { target: { a: 5, b: 1 } });
  assert.deepEqual(show(link, anew).agreed, { a: 5, b: 1 }, "another row is a creation of its own");
});

test("a follower's row that was missed and comes back as it had stored it is no drift", () => {
  const oneWay = makeLink({ fields: ["a", "b"], of: { target: { follows: true } } });
  const folds = (entry: Entry, target: Named): Entry =>
    fold(entry, look(oneWay, { target }), oneWay.policy);
  const row = [0, 1];
  const stored = confirm(toldEntry(), TARGET, { id: "w1", applied: true, row, own: row });
  const gone = folds(stored, null);
  assert.deepEqual(show(oneWay, gone).owed, { target: MOVED });
  assert.deepEqual(show(oneWay, folds(gone, { a: 0, b: 1 })).owed, {});
});

test("what was asked of a row is asked again where an edit had won over its deletion", () => {
  const policy = { ...link.policy, deletes: "edit-wins" } as const;
  const folds = (entry: Entry, now: Parameters<typeof look>[1]): Entry =>
    fold(entry, look(link, now), policy);
  const asked = folds(atRest(link, BASE), { source: { a: 2, b: 2 }, target: { a: 3, b: 1 } });
  const write = owed(asked, TARGET, policy);
  assert.ok(write);
  const sent = told(asked, write, { id: "w1", until: 10, once: false });
  const gone = folds(sent, { target: null });
  assert.deepEqual(show(link, gone).agreed, { a: 2, b: 2 });
  const back = folds(gone, { target: { a: 3, b: 2 } });
  assert.deepEqual(show(link, back).open, [["a", "conflict", { target: 3 }]]);
});

test("a row that a late write of ours made anew is still deleted by its side", () => {
  const late = makeLink({ fields: ["a", "b"], guard: "withhold", initial: { wins: "target" } });
  const folds = (entry: Entry, now: Parameters<typeof look>[1]): Entry =>
    fold(entry, look(late, now), late.policy);
  const created = folds(blank(late.policy), { source: BASE, target: null });
  const write = owed(created, TARGET, late.policy);
  assert.ok(write);
  const sent = told(created, write, { id: "w1", until: 10, once: false });
  const deleted = folds(folds(sent, { target: { a: 9, b: 9 } }), { target: null });
  const row = [1, 1];
  const landed = confirm(deleted, TARGET, { id: "w1", applied: true, row, own: row });
  const unheard = deleted;
  for (const entry of [landed, unheard]) {
    const asked = show(late, folds(entry, { target: BASE })).open;
    assert.deepEqual(asked, [["*", "conflict", { target: null }]]);
  }
});

test("a row that our late deletion took is given back with the answer, not over its edit", () => {
  const deleted = fold(atRest(link, BASE), look(link, { source: null }), passing.policy);
  const write = owed(deleted, TARGET, passing.policy);
  assert.ok(write);
  const sent = told(deleted, write, { id: "w1", until: 10, once: true });
  const moves = { source: { ...BASE, a: 3 }, target: { ...BASE, a: 2 } };
  const asked = fold(sent, look(link, moves), passing.policy);
  const taken = fold(asked, look(link, { target: null }), passing.policy);
  const open = [["a", "unknown", { source: 3, target: 2 }]];
  assert.deepEqual(show(passing, taken), { agreed: BASE, owed: {}, open });
  const [question] = taken.open;
  assert.ok(question);
  const answered = answer(taken, question, [2, undefined], "ada", passing.policy);
  assert.ok(answered);
  const settled = fold(answered, [], passing.policy);
  const row = { ...BASE, a: 2 };
  assert.deepEqual(show(passing, settled), {
    agreed: row,
    owed: { source: row, target: row },
    open: [],
  });
});
