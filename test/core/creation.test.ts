import assert from "node:assert/strict";
import { test } from "node:test";
import { blank, confirm, fold, owed, told } from "../../src/core/fold.ts";
import type { Entry } from "../../src/core/state.ts";
import { atRest, frozen, look, makeLink, seen, show, toRow } from "./sketch.ts";
import type { Link, Named, Settings } from "./sketch.ts";

// Rule 6 for what is created: first meetings, creations one after the other, and after a deletion.
// docs/decisions/fold.md says where the model says otherwise.

const BASE = { a: 1, b: 1 };
const FIELDS = ["a", "b"];

function linkOf(settings: Settings = {}): Link {
  return makeLink({ fields: FIELDS, ...settings });
}

function next(link: Link, entry: Entry, now: { readonly [side: string]: Named }): Entry {
  return frozen(fold(entry, look(link, now), link.policy));
}

/** Deleted at the source and, once told, at the target; a third side keeps the tombstone needed. */
function tombstone(settings: Settings = {}): [Link, Entry] {
  const link = linkOf({ sides: ["source", "target", "slow"], ...settings });
  const gone = next(link, atRest(link, BASE), { source: null });
  const write = owed(gone, 1, link.policy);
  assert.ok(write);
  const sent = told(gone, write, { id: "w1", until: 9, once: false });
  return [link, confirm(sent, 1, { id: "w1", applied: true, row: null, own: null })];
}

test("a first meeting is the same, whether both sides are seen at once or in turn", () => {
  for (const initial of ["merge", "latest", { wins: "source" }, { wins: "target" }] as const) {
    const link = linkOf({ initial });
    const [source, target] = [BASE, { a: 3, b: 1 }];
    const atOnce = next(link, blank(link.policy), { source, target });
    const forth = next(link, next(link, blank(link.policy), { source }), { target });
    const back = next(link, next(link, blank(link.policy), { target }), { source });
    assert.deepEqual(show(link, forth).owed, show(link, atOnce).owed);
    assert.deepEqual(show(link, back).owed, show(link, atOnce).owed);
    assert.equal(forth.open.length, atOnce.open.length);
    assert.equal(back.open.length, atOnce.open.length);
  }
});

test("a manual first meeting is asked as a whole, also one after the other", () => {
  const link = linkOf({ initial: "manual" });
  const known = next(link, blank(link.policy), { source: BASE });
  const met = next(link, known, { target: { a: 3, b: 1 } });
  assert.deepEqual(show(link, met).open, [["*", "conflict", { target: { a: 3, b: 1 } }]]);
  const equal = next(link, known, { target: BASE });
  assert.deepEqual(show(link, equal).open, [], "an equal row leaves nothing to ask");
});

test("two rows that are created after a deletion, and differ, are one question", () => {
  const [link, entry] = tombstone();
  const created = next(link, entry, { source: { a: 2, b: 2 }, target: { a: 3, b: 2 } });
  assert.deepEqual(show(link, created).open, [
    ["*", "conflict", { source: { a: 2, b: 2 }, target: { a: 3, b: 2 } }],
  ]);
  assert.equal(next(link, created, {}), created);
});

test("two rows that are created after a deletion, and that a policy settles, are not asked", () => {
  const [link, entry] = tombstone({ rows: "latest" });
  const created = next(link, entry, { source: { a: 2, b: 2 }, target: { a: 3, b: 2 } });
  assert.deepEqual(show(link, created).agreed, { a: 3, b: 2 });
  assert.deepEqual(show(link, created).open, []);
});

test("two equal rows that are created after a deletion are adopted", () => {
  const [link, entry] = tombstone();
  const created = next(link, entry, { source: { a: 2, b: 2 }, target: { a: 2, b: 2 } });
  assert.deepEqual(show(link, created), {
    agreed: { a: 2, b: 2 },
    owed: { slow: { a: 2, b: 2 } },
    open: [],
  });
});

test("a row created after a deletion, against one agreed meanwhile, is one question", () => {
  const [link, entry] = tombstone();
  const agreed = next(link, entry, { source: { a: 2, b: 2 } });
  const late = next(link, agreed, { target: { a: 3, b: 2 } });
  assert.deepEqual(show(link, late).open, [["*", "conflict", { target: { a: 3, b: 2 } }]]);
  assert.equal(owed(late, 1, link.policy), undefined);
  assert.equal(next(link, late, {}), late);
  const yields = next(link, late, { target: { a: 2, b: 2 } });
  assert.deepEqual(show(link, yields).open, [], "it took the agreed values");
});

test("a row created again is not taken for old where it equals the tombstone", () => {
  const [link, entry] = tombstone();
  const agreed = next(link, entry, { source: { a: 1, b: 5 } });
  // `a` is what is agreed, `b` what the tombstone had: both are new to the target.
  const late = next(link, agreed, { target: { a: 1, b: 1 } });
  assert.deepEqual(show(link, late).open, [["*", "conflict", { target: { a: 1, b: 1 } }]]);
});

test("a row created against a pending deletion elsewhere is an edit against it", () => {
  const [link, entry] = tombstone();
  const agreed = next(link, entry, { source: { a: 2, b: 2 } });
  const both = next(link, agreed, { source: null, target: { a: 3, b: 2 } });
  assert.equal(both.open.length, 1);
  assert.deepEqual(show(link, both).open[0]?.slice(0, 2), ["*", "conflict"]);
});

test("a first meeting stays one when the whole of it is asked", () => {
  const link = linkOf({ rows: { wins: "source" } });
  const met = next(link, blank(link.policy), { source: BASE, target: { a: 3, b: 1 } });
  assert.deepEqual(show(link, met).open, [["a", "conflict", { source: 1, target: 3 }]]);
  assert.deepEqual(
    met.open[0]?.held.map((held) => held?.first),
    [true, true],
  );
  const whole = fold(met, look(link, { target: null }), { ...link.policy, deletes: "ask" });
  assert.equal(whole.open[0]?.held[0]?.first, true);
});

test("whoever holds a value of a field that nobody agreed on claims it", () => {
  const link = linkOf({ deletes: "edit-wins", sides: ["x", "y", "z"] });
  const met = next(link, blank(link.policy), { x: BASE, y: { a: 3, b: 1 } });
  assert.equal(met.agreed.values[0], undefined);
  const left = next(link, met, { x: null });
  assert.deepEqual(show(link, left).agreed, { a: 3, b: 1 });
});

test("deleted by everybody, an entry is not brought back for a field that nobody agreed on", () => {
  const link = linkOf({ deletes: "edit-wins" });
  const met = next(link, blank(link.policy), { source: BASE, target: { a: 3, b: 1 } });
  const gone = next(link, met, { source: null, target: null });
  assert.deepEqual(show(link, gone), { agreed: null, owed: {}, open: [] });
});

test("all of a side in a question is asked as unknown, and nothing that it moves later", () => {
  const link = linkOf({ sides: ["x", "y", "z"] });
  const moved = next(link, atRest(link, BASE), { x: { a: 2, b: 1 } });
  const write = owed(moved, 1, link.policy);
  assert.ok(write);
  const sent = told(moved, write, { id: "w1", until: 9, once: false });
  const mixed = next(link, sent, { y: { a: 2, b: 5 }, z: { a: 1, b: 6 } });
  assert.deepEqual(show(link, mixed).open, [["b", "unknown", { y: 5, z: 6 }]]);
  assert.equal(next(link, mixed, {}), mixed);
  const more = fold(mixed, look(link, { x: { a: 7, b: 1 }, z: { a: 8, b: 6 } }), link.policy);
  assert.deepEqual(
    more.open.map(({ field, why }) => [field, why]),
    [
      [0, "conflict"],
      [1, "unknown"],
    ],
  );
});

test("what a side took back before our own write landed is not asked any more", () => {
  const link = linkOf();
  const moved = next(link, atRest(link, BASE), { source: { a: 1, b: 5 } });
  const write = owed(moved, 1, link.policy);
  assert.ok(write);
  const sent = told(moved, write, { id: "w1", until: 9, once: false });
  const open = next(link, sent, { source: { a: 2, b: 5 }, target: { a: 3, b: 1 } });
  assert.equal(open.open.length, 1);
  // Its user put 1 back, and only then the write arrived that was aimed at just that.
  const landed = next(link, open, { target: { a: 1, b: 5 } });
  assert.deepEqual(show(link, landed), {
    agreed: { a: 2, b: 5 },
    owed: { target: { a: 2, b: 5 } },
    open: [],
  });
});

test("a side that only follows says nothing in a question of others", () => {
  const link = linkOf({ of: { target: { follows: true } } });
  const row = seen(toRow(link, 1, { a: 9, b: 9 }));
  const known = fold(atRest(link, BASE), [undefined, row], link.policy);
  assert.deepEqual(show(link, known), { agreed: BASE, owed: { target: BASE }, open: [] });
});

test("created by one who knew the tombstone and one who never heard of the entry: by field", () => {
  const link = linkOf({ sides: ["source", "target", "other"] });
  const known = next(link, blank(link.policy), { source: BASE, target: BASE });
  const gone = next(link, known, { source: null });
  const created = next(link, gone, { source: { a: 2, b: 2 }, other: { a: 3, b: 2 } });
  assert.deepEqual(show(link, created).open, [["a", "conflict", { source: 2, other: 3 }]]);
});

test("created again on both sides, a field that one only follows is as it was", () => {
  const [link, entry] = tombstone({ of: { target: { followsOn: [true, false] } } });
  const created = next(link, entry, { source: { a: 1, b: 2 }, target: { a: 9, b: 2 } });
  assert.deepEqual(show(link, created).agreed, { a: 1, b: 2 });
  assert.deepEqual(show(link, created).owed["target"], { a: 1, b: 2 });
});

test("a late creation is no rival in a field on which it only follows", () => {
  const [link, entry] = tombstone({ of: { target: { followsOn: [true, false] } } });
  const agreed = next(link, entry, { source: { a: 2, b: 2 } });
  const now = { source: { a: 5, b: 2 }, target: { a: 3, b: 2 }, slow: { a: 4, b: 1 } };
  const late = next(link, agreed, now);
  assert.deepEqual(show(link, late).open, [["a", "conflict", { source: 5, slow: 4 }]]);
});
