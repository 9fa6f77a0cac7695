import assert from "node:assert/strict";
import { test } from "node:test";
import { amend, answer, blank, choiceOf, fold, owed, sameQuestion } from "../../src/core/fold.ts";
import { materialOf, namesIn } from "../../src/core/fold.ts";
import { WHOLE } from "../../src/core/state.ts";
import type { Entry, Question, Row } from "../../src/core/state.ts";
import { atRest, frozen, look, makeLink, show } from "./sketch.ts";
import type { Link, Named, Settings } from "./sketch.ts";

// Rule 9: an answer is a change of its own, refused when what was held has moved.

const BASE = { a: 1, b: 1 };

function opened(now: { readonly [side: string]: Named }, settings: Settings = {}): [Link, Entry] {
  const link = makeLink({ fields: ["a", "b"], ...settings });
  return [link, frozen(fold(atRest(link, BASE), look(link, now), link.policy))];
}

function only(entry: Entry): Question {
  const [question] = entry.open;
  assert.ok(question);
  return question;
}

function answered(link: Link, entry: Entry, choice: Row | null): Entry {
  const next = answer(entry, only(entry), choice, "answer:ada", link.policy);
  assert.ok(next);
  return frozen(fold(next, [], link.policy));
}

test("an answer to a field is agreed in its author's name, and both sides are owed it", () => {
  const [link, entry] = opened({ source: { ...BASE, a: 2 }, target: { ...BASE, a: 3 } });
  const next = answered(link, entry, [5, undefined]);
  assert.deepEqual(show(link, next), {
    agreed: { ...BASE, a: 5 },
    owed: { source: { ...BASE, a: 5 }, target: { ...BASE, a: 5 } },
    open: [],
  });
  assert.deepEqual(next.set[0], { by: "answer:ada", stamp: 100 });
  assert.deepEqual(next.set[1], entry.set[1]);
});

test("the side whose value was chosen is owed nothing", () => {
  const [link, entry] = opened({ source: { ...BASE, a: 2 }, target: { ...BASE, a: 3 } });
  const next = answered(link, entry, choiceOf(entry, only(entry), 1, link.policy));
  assert.deepEqual(show(link, next).owed, { source: { ...BASE, a: 3 } });
});

test("an answer to what has moved since is refused", () => {
  const [link, entry] = opened({ source: { ...BASE, a: 2 }, target: { ...BASE, a: 3 } });
  const asked = only(entry);
  const moved = fold(entry, look(link, { source: { ...BASE, a: 4 } }), link.policy);
  assert.equal(answer(moved, asked, [2, undefined], "ada", link.policy), undefined);
  assert.notDeepEqual(materialOf(only(moved)), materialOf(asked));
  assert.equal(sameQuestion(only(moved), asked), false);
});

test("an answer still counts when something else of the entry has moved", () => {
  const [link, entry] = opened({ source: { ...BASE, a: 2 }, target: { ...BASE, a: 3 } });
  const asked = only(entry);
  const moved = fold(entry, look(link, { source: { a: 2, b: 7 } }, 8), link.policy);
  assert.ok(answer(moved, asked, [2, undefined], "ada", link.policy));
  assert.deepEqual(materialOf(only(moved)), materialOf(asked));
});

test("an answer that is repeated is refused: nothing is asked any more", () => {
  const [link, entry] = opened({ source: { ...BASE, a: 2 }, target: { ...BASE, a: 3 } });
  const next = answered(link, entry, [5, undefined]);
  assert.equal(answer(next, only(entry), [6, undefined], "ada", link.policy), undefined);
});

test("delete against edit, answered with delete: the edited row is owed a deletion", () => {
  const [link, entry] = opened({ source: null, target: { ...BASE, a: 3 } });
  const next = answered(link, entry, null);
  assert.deepEqual(show(link, next), { agreed: null, owed: { target: null }, open: [] });
});

test("delete against edit, answered with the edit: it is created again with all its fields", () => {
  const [link, entry] = opened({ source: null, target: { ...BASE, a: 3 } });
  const next = answered(link, entry, choiceOf(entry, only(entry), 1, link.policy));
  assert.deepEqual(show(link, next), {
    agreed: { ...BASE, a: 3 },
    owed: { source: { ...BASE, a: 3 } },
    open: [],
  });
});

test("a withheld deletion, answered with the agreed row, is restored where it was deleted", () => {
  const [link, entry] = opened({ source: null, target: BASE }, { guard: "withhold" });
  const next = answered(link, entry, entry.agreed.values);
  assert.deepEqual(show(link, next), { agreed: BASE, owed: { source: BASE }, open: [] });
});

test("a withheld deletion that is released is owed", () => {
  const [link, entry] = opened({ source: null, target: BASE }, { guard: "withhold" });
  const still = fold(entry, [], { ...link.policy, guard: "pass" });
  assert.equal(only(still).why, "withheld", "it waits for a verdict, not for the next cycle");
  const next = fold(entry, [], { ...link.policy, guard: "release" });
  assert.deepEqual(show(link, next), { agreed: null, owed: { target: null }, open: [] });
});

test("a withheld leaving of the filter that is released is owed", () => {
  const link = makeLink({ fields: ["a", "in"], filter: true, guard: "withhold" });
  const left = look(link, { source: { a: 1, in: false } });
  const entry = fold(atRest(link, { a: 1, in: true }), left, link.policy);
  assert.deepEqual(show(link, entry).open, [["in", "withheld", { source: false }]]);
  const still = fold(entry, [], { ...link.policy, guard: "pass" });
  assert.equal(only(still).why, "withheld");
  const next = fold(entry, [], { ...link.policy, guard: "release" });
  assert.deepEqual(show(link, next).owed, { target: null });
  const back = fold(entry, look(link, { source: { a: 1, in: true } }), link.policy);
  assert.deepEqual(show(link, back).open, [], "the row came back");
});

test("a rejected value, answered with another, is written on both sides", () => {
  const [link, entry] = opened(
    { source: { ...BASE, a: 9 }, target: BASE },
    { rejects: (value) => value === 9 },
  );
  const next = answered(link, entry, [2, undefined]);
  const both = { ...BASE, a: 2 };
  assert.deepEqual(show(link, next), {
    agreed: both,
    owed: { source: both, target: both },
    open: [],
  });
});

test("kept drift, answered with what the follower holds, is what is agreed", () => {
  const [link, entry] = opened(
    { source: BASE, target: { ...BASE, a: 3 } },
    { of: { target: { follows: true, drift: "keep" } } },
  );
  const next = answered(link, entry, choiceOf(entry, only(entry), 1, link.policy));
  assert.deepEqual(show(link, next).agreed, { ...BASE, a: 3 });
  assert.deepEqual(show(link, next).owed, { source: { ...BASE, a: 3 } });
});

test("kept drift is asked until its source moves, and is as old as it is", () => {
  const [link, entry] = opened(
    { source: BASE, target: { ...BASE, a: 3 } },
    { of: { target: { follows: true, drift: "keep" } } },
  );
  const now = look(link, { source: BASE, target: { ...BASE, a: 3, b: 5 } });
  const more = fold(entry, now, { ...link.policy, stamp: 500 });
  assert.deepEqual(show(link, more).open, [["*", "drift", { target: { a: 3, b: 5 } }]]);
  assert.equal(only(more).opened, 100);
  const over = fold(more, look(link, { source: { a: 1, b: 2 } }), link.policy);
  assert.deepEqual(show(link, over).owed, { target: { a: 1, b: 2 } });
});

test("drift is answered after all else", () => {
  const link = makeLink({
    fields: ["a", "b"],
    sides: ["x", "y", "copy"],
    of: { copy: { follows: true, drift: "keep" } },
  });
  const now = look(link, { x: { ...BASE, a: 2 }, y: { ...BASE, a: 3 }, copy: { ...BASE, b: 9 } });
  const entry = fold(atRest(link, BASE), now, link.policy);
  const drift = entry.open.find(({ why }) => why === "drift");
  assert.ok(drift && entry.open.length === 2);
  assert.equal(answer(entry, drift, [2, 9], "ada", link.policy), undefined);
});

test("a question names its sides on its own field, or on all of them", () => {
  const [, entry] = opened({ source: { ...BASE, a: 2 }, target: { ...BASE, a: 3 } });
  assert.deepEqual([namesIn(entry, 0, 0), namesIn(entry, 0, 1)], [true, false]);
  assert.equal(namesIn(entry, 0, WHOLE), false);
  const [, whole] = opened({ source: null, target: { ...BASE, a: 3 } });
  assert.deepEqual([namesIn(whole, 0, WHOLE), namesIn(whole, 1, 1)], [true, true]);
});

test("an amendment is owed to every side, in its author's name", () => {
  const link = makeLink({ fields: ["a", "b"] });
  const change = { fields: [undefined, 7] };
  const next = fold(amend(atRest(link, BASE), change, "rollback:r1", link.policy), [], link.policy);
  assert.deepEqual(show(link, next).owed, { source: { a: 1, b: 7 }, target: { a: 1, b: 7 } });
  assert.deepEqual(next.set[1], { by: "rollback:r1", stamp: 100 });
});

test("an amendment deletes and creates", () => {
  const link = makeLink({ fields: ["a", "b"] });
  const gone = fold(
    amend(atRest(link, BASE), { here: false }, "rollback:r1", link.policy),
    [],
    link.policy,
  );
  assert.deepEqual(show(link, gone).owed, { source: null, target: null });
  const back = amend(gone, { here: true, fields: [4, undefined] }, "rollback:r2", link.policy);
  assert.deepEqual(show(link, fold(back, [], link.policy)).owed, {
    source: { a: 4, b: 1 },
    target: { a: 4, b: 1 },
  });
});

test("what a side had moved before it heard of an amendment is a rival, not overwritten", () => {
  const link = makeLink({ fields: ["a", "b"] });
  const amended = amend(atRest(link, BASE), { fields: [7] }, "rollback:r1", link.policy);
  const next = fold(amended, look(link, { source: { ...BASE, a: 3 } }), link.policy);
  assert.deepEqual(show(link, next).open, [["a", "conflict", { source: 3 }]]);
  assert.equal(owed(next, 0, link.policy), undefined);
});

test("a named side's win covers what it had decided before", () => {
  const link = makeLink({ fields: ["a", "b"], rows: { wins: "source" } });
  const decided = fold(atRest(link, BASE), look(link, { source: { ...BASE, a: 2 } }), link.policy);
  const next = fold(decided, look(link, { target: { ...BASE, a: 3 } }), link.policy);
  assert.deepEqual(show(link, next), {
    agreed: { ...BASE, a: 2 },
    owed: { target: { ...BASE, a: 2 } },
    open: [],
  });
});

test("a row that is chosen before its filter has judged is inside", () => {
  const follows = { target: { follows: true, drift: "keep" } } as const;
  const link = makeLink({ fields: ["a", "in"], filter: true, of: follows });
  const asked = fold(blank(link.policy), look(link, { target: { a: 1 } }), link.policy);
  const [question] = asked.open;
  assert.ok(question);
  const chosen = answer(asked, question, [1, undefined], "answer:ada", link.policy);
  assert.deepEqual(chosen?.agreed, { here: true, values: [1, true] });
});
