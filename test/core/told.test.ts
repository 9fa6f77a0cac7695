import assert from "node:assert/strict";
import { test } from "node:test";
import { blank, confirm, fold, isAtRest, isBlank, owed, told } from "../../src/core/fold.ts";
import type { Entry, Write } from "../../src/core/state.ts";
import { atRest, frozen, look, makeLink, seen, show, toRow } from "./sketch.ts";
import type { Link, Named, Settings } from "./sketch.ts";

// Rules 1, 2, 4 and 5, and I2: what a side was told, and what of it is known.

const BASE = { a: 1, b: 1 };
const FIELDS = ["a", "b"];
const TARGET = 1;

/** The source moved `a` to 2; the target is owed it, and was told so as `w1`. */
function toldLink(settings: Settings = {}): { link: Link; entry: Entry; write: Write } {
  const link = makeLink({ fields: FIELDS, ...settings });
  const moved = fold(atRest(link, BASE), look(link, { source: { ...BASE, a: 2 } }), link.policy);
  const write = dueOf(moved, TARGET, link);
  const entry = frozen(told(moved, write, { id: "w1", until: 10, once: false }));
  return { link, entry, write };
}

function dueOf(entry: Entry, side: number, link: Link): Write {
  const write = owed(entry, side, link.policy);
  assert.ok(write);
  return write;
}

function land(entry: Entry, link: Link, row: Named, id = "w1"): Entry {
  const stored = toRow(link, TARGET, row);
  return frozen(confirm(entry, TARGET, { id, applied: true, row: stored, own: null }));
}

test("a write that was told is owed until it is known to have landed", () => {
  const { link, entry, write } = toldLink();
  assert.deepEqual(dueOf(entry, TARGET, link), { ...write, again: "w1" });
  assert.equal(isAtRest(entry, link.policy), false);
});

test("a confirmed write leaves the side at rest", () => {
  const { link, entry } = toldLink();
  const landed = land(entry, link, { ...BASE, a: 2 });
  assert.equal(owed(landed, TARGET, link.policy), undefined);
  assert.equal(isAtRest(landed, link.policy), true);
});

test("a side that stores less precisely is owed no more; its next edit is no conflict", () => {
  const { link, entry } = toldLink();
  const landed = land(entry, link, { ...BASE, a: 0 }); // it rounds 2 to 0, and nobody knew
  assert.equal(owed(landed, TARGET, link.policy), undefined);
  const again = fold(landed, look(link, { target: { ...BASE, a: 0 } }), link.policy);
  assert.deepEqual(show(link, again).agreed, { ...BASE, a: 2 }, "what it made of it is no edit");
  const edited = fold(landed, look(link, { target: { ...BASE, a: 7 } }), link.policy);
  assert.deepEqual(show(link, edited), {
    agreed: { ...BASE, a: 7 },
    owed: { source: { ...BASE, a: 7 } },
    open: [],
  });
});

test("an answer that was lost: the side shows the write, and that confirms it", () => {
  const { link, entry } = toldLink();
  const settled = fold(entry, look(link, { target: { ...BASE, a: 2 } }), link.policy);
  assert.equal(settled.sides[TARGET]?.told.length, 0);
  assert.deepEqual(show(link, settled), { agreed: { ...BASE, a: 2 }, owed: {}, open: [] });
});

test("what differs from the told write is an edit that had seen it", () => {
  const { link, entry } = toldLink({ of: { target: { marks: true } } });
  const shows = { ...seen(toRow(link, TARGET, { a: 2, b: 5 })), marks: ["w1"] };
  const settled = fold(entry, [undefined, shows], link.policy);
  assert.deepEqual(show(link, settled), {
    agreed: { a: 2, b: 5 },
    owed: { source: { a: 2, b: 5 } },
    open: [],
  });
});

test("a marker proves a write that was overwritten since: the edit had seen it", () => {
  const { link, entry } = toldLink({ of: { target: { marks: true } } });
  const shows = { ...seen(toRow(link, TARGET, { ...BASE, a: 9 })), marks: ["w0", "w1"] };
  const settled = fold(entry, [undefined, shows], link.policy);
  assert.deepEqual(show(link, settled).open, []);
  assert.deepEqual(show(link, settled).agreed, { ...BASE, a: 9 });
});

test("the newest marker counts, in the order in which they were left", () => {
  const { link, entry } = toldLink({ of: { target: { marks: true } } });
  const next = fold(entry, look(link, { source: { ...BASE, a: 3 } }), link.policy);
  const twice = told(next, dueOf(next, TARGET, link), { id: "w2", until: 10, once: true });
  const shows = { ...seen(toRow(link, TARGET, { ...BASE, a: 3 })), marks: ["w1", "w2"] };
  const settled = fold(twice, [undefined, shows], link.policy);
  assert.equal(settled.sides[TARGET]?.mark, "w2");
  assert.equal(settled.sides[TARGET]?.told.length, 0);
  assert.equal(isAtRest(settled, link.policy), true);
});

test("without a marker a mixture is doubted: what it conflicts with is asked as unknown", () => {
  const { link, entry } = toldLink();
  const shows = { source: { a: 2, b: 4 }, target: { a: 2, b: 5 } };
  const settled = fold(entry, look(link, shows), link.policy);
  assert.deepEqual(show(link, settled).open, [["b", "unknown", { source: 4, target: 5 }]]);
  assert.equal(settled.agreed.values[0], 2, "the field that shows the write is confirmed");
});

test("a mixture is doubted although the side has moved on from what the write was aimed at", () => {
  const { link, entry } = toldLink();
  const shows = { ...seen(toRow(link, TARGET, { a: 2, b: 5 })), at: 3 };
  const source = seen(toRow(link, 0, { a: 2, b: 4 }));
  const settled = fold(entry, [source, shows], link.policy);
  assert.equal(settled.open[0]?.why, "unknown");
});

test("a told write stays while it may still arrive, and is forgotten after its deadline", () => {
  const { link, entry } = toldLink();
  const looks = look(link, { target: BASE });
  assert.equal(fold(entry, looks, { ...link.policy, now: 10 }).sides[TARGET]?.told.length, 1);
  assert.equal(fold(entry, looks, { ...link.policy, now: 11 }).sides[TARGET]?.told.length, 0);
});

test("a write that was sent twice to a side without ids may still arrive once more", () => {
  const { link, entry, write } = toldLink();
  const twice = told(entry, write, { id: "w1", until: 20, once: false });
  assert.equal(twice.sides[TARGET]?.told[0]?.sent, 2);
  const landed = land(twice, link, { ...BASE, a: 2 });
  assert.equal(landed.sides[TARGET]?.told[0]?.sent, 1);
});

test("a write that was sent twice to a side that remembers ids lands once", () => {
  const { link, entry, write } = toldLink();
  const twice = told(entry, write, { id: "w1", until: 20, once: true });
  const landed = land(twice, link, { ...BASE, a: 2 });
  assert.deepEqual(landed.sides[TARGET]?.told, []);
});

test("a stale write moves neither shadow nor base; what came back is folded", () => {
  const { link, entry } = toldLink();
  const back = toRow(link, TARGET, { ...BASE, a: 3 });
  const stale = confirm(entry, TARGET, { id: "w1", applied: false, row: back, own: null });
  assert.deepEqual(stale.sides[TARGET]?.shadow, [1, 1]);
  const folded = fold(stale, look(link, { target: { ...BASE, a: 3 } }), link.policy);
  assert.deepEqual(show(link, folded).open, [["a", "conflict", { target: 3 }]]);
  assert.equal(folded.agreed.values[0], 2, "agreed stands still while it is asked");
});

test("a write that turns back what the side had moved to meanwhile leaves it owed that", () => {
  const rejects = (value: unknown): boolean => typeof value === "number" && value < 0;
  const link = makeLink({ fields: FIELDS, rejects, of: { target: { compares: false } } });
  const now = { source: { a: 1, b: 2 }, target: { a: -3, b: 1 } };
  const asked = fold(atRest(link, BASE), look(link, now), link.policy);
  const write = dueOf(asked, TARGET, link);
  assert.deepEqual(write.to, [-3, 2], "it repeats what is asked");
  const sent = told(asked, write, { id: "w1", until: 10, once: false });
  const moved = fold(sent, look(link, { target: { a: 5, b: 1 } }), link.policy);
  assert.equal(moved.agreed.values[0], 5);
  const landed = land(moved, link, { a: -3, b: 2 });
  assert.deepEqual(dueOf(landed, TARGET, link).to, [5, 2]);
});

test("the outcome of a write that nobody remembers changes nothing", () => {
  const { entry } = toldLink();
  const other = confirm(entry, TARGET, { id: "w9", applied: true, row: null, own: null });
  assert.equal(other, entry);
});

test("older news is dropped; a side without an order is always folded", () => {
  const link = makeLink({ fields: FIELDS });
  const shows = (a: number, at?: number) => {
    const row = seen(toRow(link, TARGET, { ...BASE, a }));
    return at === undefined ? [undefined, row] : [undefined, { ...row, at }];
  };
  const known = fold(atRest(link, BASE), shows(2, 7), link.policy);
  assert.equal(fold(known, shows(9, 7), link.policy), known);
  assert.equal(fold(known, shows(9, 6), link.policy), known);
  assert.equal(fold(known, shows(9, 8), link.policy).agreed.values[0], 9);
  assert.equal(fold(known, shows(9, 0), link.policy).agreed.values[0], 9);
  const later = fold(known, shows(9), link.policy);
  assert.equal(later.agreed.values[0], 9);
  assert.equal(later.sides[TARGET]?.at, 7, "a hint does not move the position");
});

test("positions beyond safe integers are compared exactly", () => {
  const link = makeLink({ fields: FIELDS });
  const shows = (a: number, at: bigint) => [undefined, { ...seen([a, 1]), at }];
  const known = fold(atRest(link, BASE), shows(2, 9_007_199_254_740_993n), link.policy);
  assert.equal(fold(known, shows(9, 9_007_199_254_740_993n), link.policy), known);
  assert.notEqual(fold(known, shows(9, 9_007_199_254_740_994n), link.policy), known);
});

test("a question ends by itself when a side goes back to what it held before", () => {
  const link = makeLink({ fields: FIELDS });
  const shows = { source: { ...BASE, a: 2 }, target: { ...BASE, a: 3 } };
  const open = fold(atRest(link, BASE), look(link, shows), link.policy);
  assert.equal(open.open.length, 1);
  const back = fold(open, look(link, { target: BASE }), link.policy);
  assert.deepEqual(show(link, back), {
    agreed: { ...BASE, a: 2 },
    owed: { target: { ...BASE, a: 2 } },
    open: [],
  });
});

test("a further move of an open field joins its question, which stays as old as it is", () => {
  const link = makeLink({ fields: FIELDS });
  const shows = { source: { ...BASE, a: 2 }, target: { ...BASE, a: 3 } };
  const open = fold(atRest(link, BASE), look(link, shows), { ...link.policy, stamp: 50 });
  const now = look(link, { source: { ...BASE, a: 4 } }, 9);
  const joined = fold(open, now, { ...link.policy, stamp: 60 });
  assert.deepEqual(show(link, joined).open, [["a", "conflict", { source: 4, target: 3 }]]);
  assert.equal(joined.open[0]?.opened, 50);
  assert.equal(joined.open[0]?.held[0]?.stamps[0], 9);
});

test("while a field is open the side's own value there is what it is written", () => {
  const link = makeLink({ fields: FIELDS });
  const shows = { source: { a: 2, b: 2 }, target: { a: 3, b: 1 } };
  const open = fold(atRest(link, BASE), look(link, shows), link.policy);
  const write = dueOf(open, TARGET, link);
  assert.deepEqual(write.to, [3, 2]);
  assert.deepEqual(write.base.values, [undefined, 2], "its base does not move on the open field");
});

test("a deletion waits for the questions that name its side", () => {
  const link = makeLink({ fields: ["a", "in"], filter: true });
  const base = atRest(link, { a: 1, in: true });
  const apart = { source: { a: 2, in: true }, target: { a: 3 } };
  const open = fold(base, look(link, apart), link.policy);
  const left = fold(open, look(link, { source: { a: 2, in: false } }), link.policy);
  assert.equal(left.agreed.values[1], false);
  assert.equal(owed(left, TARGET, link.policy), undefined);
});

test("a field that is still asked keeps the row from being created elsewhere", () => {
  const link = makeLink({ fields: FIELDS, sides: ["x", "y", "z"] });
  const apart = look(link, { x: BASE, y: { ...BASE, a: 3 }, z: null });
  const met = fold(blank(link.policy), apart, link.policy);
  assert.equal(owed(met, 2, link.policy), undefined);
});

test("a field that nobody carries does not keep a row from being created", () => {
  const link = makeLink({ fields: FIELDS, of: { source: { carries: [0] } } });
  const created = fold(blank(link.policy), [seen([1, undefined])], link.policy);
  assert.deepEqual(dueOf(created, TARGET, link).to, [1, undefined]);
  const landed = told(created, dueOf(created, TARGET, link), { id: "w1", until: 1, once: false });
  const done = confirm(landed, TARGET, { id: "w1", applied: true, row: [1, 8], own: null });
  const known = fold(done, [undefined, seen([1, 8])], link.policy);
  assert.deepEqual(known.agreed.values, [1, 8], "what the side put there is what is agreed");
});

test("the filter's owner is never written because of its own judgement", () => {
  const link = makeLink({ fields: ["a", "in"], filter: true });
  const entry = atRest(link, { a: 1, in: true });
  const agreed = { here: true, values: [1, false] };
  assert.equal(owed({ ...entry, agreed }, 0, link.policy), undefined);
});

test("a tombstone keeps its fields until every side has confirmed", () => {
  const link = makeLink({ fields: FIELDS });
  const gone = fold(atRest(link, BASE), look(link, { source: null }), link.policy);
  assert.deepEqual([gone.agreed.here, gone.agreed.values], [false, [1, 1]]);
  const write = dueOf(gone, TARGET, link);
  const sent = told(gone, write, { id: "w1", until: 10, once: false });
  assert.equal(isBlank(sent), false);
  const done = fold(land(sent, link, null), [], link.policy);
  assert.equal(isBlank(done), true);
  assert.deepEqual(done.agreed.values, [undefined, undefined]);
});

test("a tombstone stays while a write may still arrive", () => {
  const { link, entry } = toldLink();
  const gone = fold(entry, look(link, { source: null, target: null }), link.policy);
  assert.equal(isBlank(gone), false);
  const late = fold(gone, look(link, {}), link.policy);
  assert.equal(isBlank(late), false, "until the side was looked at after its deadline");
  const after = fold(late, look(link, { target: null }), { ...link.policy, now: 11 });
  assert.equal(isBlank(after), true);
});

test("a side's own terms travel from what was seen into its memory", () => {
  const link = makeLink({ fields: FIELDS });
  const own = ["one", 1, "extra"];
  const known = fold(atRest(link, BASE), [{ row: [1, 1], own }], link.policy);
  assert.equal(known.sides[0]?.own, own, "also where nothing moved in the link's terms");
  assert.deepEqual(known.sides[0]?.shadow, [1, 1]);
});

test("drift on a followed field after its entry was deleted holds up no deletion", () => {
  const link = makeLink({ fields: FIELDS, of: { target: { followsOn: [true, false] } } });
  const gone = fold(atRest(link, BASE), look(link, { source: null }), link.policy);
  const drifted = fold(gone, look(link, { target: { ...BASE, a: 9 } }), link.policy);
  assert.deepEqual(show(link, drifted), { agreed: null, owed: { target: null }, open: [] });
  const edited = fold(gone, look(link, { target: { ...BASE, b: 9 } }), link.policy);
  assert.deepEqual(show(link, edited).open, [["*", "conflict", { target: { b: 9 } }]]);
});

test("of what is gone everywhere only positions are remembered", () => {
  const link = makeLink({ fields: FIELDS });
  const base = atRest(link, BASE);
  const parked = {
    kind: "refused",
    code: "CONSTRAINT",
    errors: [],
    attempts: 1,
    digest: "d",
  } as const;
  const known = base.sides.map((memory) => memory && { ...memory, mark: "w0", parked, at: 4 });
  const gone = { row: null, own: null, at: 5 };
  const done = fold({ ...base, sides: known }, [gone, gone], link.policy);
  assert.deepEqual(done, {
    ...blank(link.policy),
    sides: [0, 1].map(() => ({
      shadow: null,
      own: null,
      base: { here: false, values: [undefined, undefined] },
      told: [],
      at: 5,
    })),
  });
  assert.equal(fold(done, [gone, { ...gone, at: 4 }], link.policy), done, "against older news");
});

test("what a write of ours replaced is united with what replaced it", () => {
  const rules = { settle: { b: "union" }, initial: "manual", deletes: "edit-wins" } as const;
  const link = makeLink({ fields: FIELDS, ...rules, of: { target: { compares: false } } });
  const [ours, theirs] = [
    { a: 1, b: ["x"] },
    { a: 2, b: ["y"] },
  ];
  const created = fold(blank(link.policy), look(link, { source: ours, target: null }), link.policy);
  const write = dueOf(created, TARGET, link);
  const sent = told(created, write, { id: "w1", until: 10, once: false });
  const asked = fold(sent, look(link, { target: theirs }), link.policy);
  assert.deepEqual(show(link, asked).open, [["*", "unknown", { target: theirs }]]);
  const landed = fold(land(asked, link, ours), [], link.policy);
  assert.deepEqual(show(link, landed).agreed, { a: 1, b: ["x", "y"] });
});

test("a creation that was told may land on any later absence until its deadline", () => {
  const link = makeLink({ fields: FIELDS });
  const source = seen([1, 1]);
  const created = fold(blank(link.policy), [source, seen(null)], link.policy);
  const write = dueOf(created, TARGET, link);
  const sent = told(created, write, { id: "w1", until: 10, once: false });
  const shows = [undefined, { ...seen([1, 2]), at: 3 }];
  assert.equal(fold(sent, shows, link.policy).sides[TARGET]?.told.length, 1);
  const gone = fold(sent, [seen(null), { ...seen(null), at: 4 }], link.policy);
  assert.equal(gone.sides[TARGET]?.told.length, 1);
  const later = [undefined, { ...seen(null), at: 5 }];
  assert.equal(fold(gone, later, { ...link.policy, now: 11 }).sides[TARGET]?.told.length, 0);
});
