import assert from "node:assert/strict";
import { test } from "node:test";
import { blank, confirm, fold, owed, told } from "../../src/core/fold.ts";
import type { Entry } from "../../src/core/state.ts";
import { atRest, look, makeLink, show } from "./sketch.ts";
import type { Link, Settings } from "./sketch.ts";

// Rule 6: who decided that an entry is there or gone, when, and what follows from it.

const BASE = { a: 1, b: 1 };

function linkOf(settings: Settings = {}): Link {
  return makeLink({ fields: ["a", "b"], ...settings });
}

function presence(entry: Entry): unknown {
  return entry.set.at(-1);
}

test("a creation has the time of its latest field", () => {
  const link = linkOf();
  const created = fold(blank(link.policy), look(link, { source: BASE }, 7), link.policy);
  assert.deepEqual(presence(created), { by: 0, stamp: 7 });
});

test("a creation out of a question has the time of the latest field that is in it", () => {
  const link = linkOf({ initial: "manual" });
  const [early, late] = [look(link, { source: BASE }, 3), look(link, { target: BASE }, 4)];
  const asked = fold(blank(link.policy), [early[0], late[1]], link.policy);
  const moved = fold(asked, look(link, { source: { a: 1, b: 2 } }, 9), link.policy);
  const settled = fold(moved, look(link, { target: null }), link.policy);
  assert.deepEqual(show(link, settled).agreed, { a: 1, b: 2 });
  assert.deepEqual(presence(settled), { by: 0, stamp: 9 });
});

test("a deletion has its own time", () => {
  const link = linkOf();
  const gone = fold(atRest(link, BASE), look(link, { source: null }, 8), link.policy);
  assert.deepEqual(presence(gone), { by: 0, stamp: 8 });
});

test("a deletion out of a question has the time at which it was seen", () => {
  const link = linkOf({ guard: "withhold" });
  const withheld = fold(atRest(link, BASE), look(link, { source: null }, 8), link.policy);
  const gone = fold(withheld, [], { ...link.policy, guard: "release" });
  assert.deepEqual(presence(gone), { by: 0, stamp: 8 });
});

test("of several that deleted it the side that wins has the credit, else the first", () => {
  const sides = ["x", "y", "z"];
  for (const [rows, by] of [
    ["merge", 0],
    [{ wins: "y" }, 1],
  ] as const) {
    const link = linkOf({ sides, rows });
    const gone = fold(atRest(link, BASE), look(link, { x: null, y: null }), link.policy);
    assert.deepEqual(presence(gone), { by, stamp: 1 });
  }
});

test("a side that wins has not spoken for an edit by having created the row", () => {
  const link = linkOf({ sides: ["x", "y", "z"], rows: { wins: "x" } });
  const base = atRest(link, BASE);
  const others = base.set.map((_, f) => ({ by: f === 2 ? 0 : 1, stamp: 0 }));
  const now = look(link, { y: null, z: { a: 2, b: 1 } });
  const asked = fold({ ...base, set: others }, now, link.policy);
  assert.deepEqual(show(link, asked).open, [["*", "conflict", { y: null, z: { a: 2 } }]]);
  const spoken = fold(base, now, link.policy);
  assert.deepEqual(
    show(link, spoken).agreed,
    { a: 2, b: 1 },
    "the fields are x's: it wants the row",
  );
});

test("a deletion was not seen by a side that has the row again", () => {
  const link = linkOf({ guard: "withhold" });
  const moved = fold(atRest(link, BASE), look(link, { target: { a: 2, b: 1 } }), link.policy);
  const write = owed(moved, 0, link.policy);
  assert.ok(write);
  const sent = told(moved, write, { id: "w1", until: 9, once: true });
  const withheld = fold(sent, look(link, { source: null }), link.policy);
  const landed = confirm(withheld, 0, { id: "w1", applied: true, row: [2, 1], own: null });
  const released = fold(landed, [], { ...link.policy, guard: "release" });
  assert.equal(released.agreed.here, true, "it is not deleted elsewhere");
});

test("what nobody has judged yet is inside: where it leaves the filter it is withheld", () => {
  const filtered = { fields: ["a", "in"], filter: true, guard: "withhold" } as const;
  const link = makeLink(filtered);
  const rest = atRest(link, { a: 1, in: true });
  // A person chose the target's row, which says nothing of the filter.
  const values = [1, undefined];
  const chosen = { ...rest, agreed: { here: true, values } };
  const left = fold(chosen, look(link, { source: { a: 1, in: false } }), link.policy);
  assert.deepEqual(show(link, left).open, [["in", "withheld", { source: false }]]);
});

test("where every rival is asked about, a deletion that was taken back is withheld no more", () => {
  const link = linkOf({ guard: "withhold", rows: "manual" });
  const gone = fold(atRest(link, BASE), look(link, { source: null }), link.policy);
  assert.equal(gone.open[0]?.why, "withheld");
  const now = look(link, { source: { ...BASE, a: 5 }, target: { ...BASE, b: 7 } });
  const back = fold(gone, now, link.policy);
  assert.deepEqual(show(link, back).open, [
    ["*", "conflict", { source: { a: 5 }, target: { b: 7 } }],
  ]);
});
