import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fold, isAtRest, namesIn, owed, project } from "../../src/core/fold.ts";
import type { Policy } from "../../src/core/policy.ts";
import { WHOLE } from "../../src/core/state.ts";
import type { Entry, Row, Value } from "../../src/core/state.ts";
import { same } from "../../src/core/values.ts";
import { KEPT } from "./kept-schedules.ts";
import { FIELDS, SIDES, TAGS, acts, anySettings, heal, play, policyOf } from "./schedules.ts";
import { symmetric } from "./schedules.ts";
import type { Act, Folded } from "./schedules.ts";

const RUNS = { numRuns: 1_500 };

function each(check: (policy: Policy, folded: Folded) => void): void {
  fc.assert(
    fc.property(anySettings, acts, (settings, script) => {
      const policy = policyOf(settings);
      play(policy, script, (folded) => check(policy, folded));
    }),
    { ...RUNS, examples: KEPT },
  );
}

test("folding the same observation twice changes nothing: it is the same object", () => {
  each((policy, { looks, after }) => assert.equal(fold(after, looks, policy), after));
});

test("what is agreed comes from somebody", () => {
  each((policy, { before, looks, after }) => {
    after.agreed.values.forEach((value, f) => {
      if (value === undefined || f === TAGS) return; // a union is made of many
      const rows = [...looks.map((look) => look?.row), ...before.sides.map((m) => m?.shadow)];
      const asked = before.open.flatMap(({ held }) => held.map((of) => of?.row));
      const known = [before.agreed.values, ...rows, ...asked].map((row) => row?.[f]);
      const isDefault = f === policy.member && value === true;
      assert.ok(isDefault || known.some((one) => same(one, value)), FIELDS[f] ?? "?");
    });
  });
});

test("a follower is never folded", () => {
  each((policy, { before, after }) => {
    after.set.forEach((credit, f) => {
      if (typeof credit?.by !== "number" || credit === before.set[f]) return;
      assert.equal(policy.sides[credit.by]?.follows, false);
    });
  });
});

test("a side that a question names keeps its own value there, and its base", () => {
  each((policy, { after }) => {
    SIDES.forEach((_, side) => {
      const write = owed(after, side, policy);
      const memory = after.sides[side];
      if (write === undefined || memory === undefined) return;
      assert.equal(namesIn(after, side, WHOLE), false);
      FIELDS.forEach((_name, f) => {
        if (!namesIn(after, side, f)) return;
        assert.deepEqual(write.to?.[f], memory.shadow?.[f]);
        assert.equal(write.base.values[f], undefined);
      });
    });
  });
});

test("what is agreed is whole, or asked, as far as a side that leads holds it", () => {
  each((policy, { after }) => {
    if (!after.agreed.here || after.open.some(({ field }) => field === WHOLE)) return;
    after.agreed.values.forEach((value, f) => {
      const isAsked = after.open.some(({ field }) => field === f);
      const isHeld = after.sides.some((memory, side) => {
        return policy.sides[side]?.follows === false && memory?.shadow?.[f] !== undefined;
      });
      assert.ok(value !== undefined || isAsked || !isHeld, FIELDS[f] ?? "?");
    });
  });
});

test("nothing vanishes: under merge every move is agreed, asked, or taken back (I8)", () => {
  each((policy, folded) => {
    const isMerge = policy.rows.kind === "merge" && policy.initial.kind === "merge";
    if (!isMerge || policy.deletes !== "ask" || policy.member >= 0) return;
    SIDES.forEach((_, side) => checkMoves(policy, side, folded));
  });
});

function checkMoves(policy: Policy, side: number, { before, looks, after }: Folded): void {
  const [look, then] = [looks[side], before.sides[side]];
  const of = policy.sides[side];
  if (look === undefined || of === undefined || of.follows || (then?.told.length ?? 0) > 0) return;
  const wanted = then && project(side, then.base, policy);
  if (look.row === null) {
    const isMoved = then !== undefined && then.shadow !== null && wanted !== null;
    const isAgreed = [after, before].some(({ agreed }) => !agreed.here); // it was owed its deletion
    assert.ok(!isMoved || isAgreed || holds(after, side, null), "a deletion");
    return;
  }
  for (const f of of.carries) {
    const value: Value | undefined = look.row[f];
    const isLed = of.followsOn?.[f] !== true && f !== TAGS;
    if (!isLed || value === undefined || same(value, then?.shadow?.[f])) continue;
    const stored = (known: Value | undefined): Value | undefined =>
      known === undefined || of.store === undefined ? known : of.store(f, known);
    const isAgreed = [after, before].some(({ agreed }) => same(stored(agreed.values[f]), value));
    const isBack: boolean = wanted !== null && same(stored(then?.base.values[f]), value);
    const isUndoing: boolean = same(before.sides[creditOf(after, f)]?.base.values[f], value);
    const isKept: boolean = isAgreed || isBack || isUndoing || holdsValue(after, side, f, value);
    assert.ok(isKept, FIELDS[f] ?? "?");
  }
}

/** Who decided a field: what others put back to what that side had seen is in its edit already. */
function creditOf({ set }: Entry, f: number): number {
  const by = set[f]?.by;
  return typeof by === "number" ? by : -1;
}

function holds(entry: Entry, side: number, row: Row | null): boolean {
  return entry.open.some(({ field, held }) => field === WHOLE && held[side]?.row === row);
}

function holdsValue(entry: Entry, side: number, f: number, value: Value): boolean {
  return entry.open.some(({ held }) => same(held[side]?.row?.[f], value));
}

test("the names of sides carry no weight where no policy names one (I6)", () => {
  fc.assert(
    fc.property(symmetric, acts, fc.constantFrom([1, 2, 0], [2, 1, 0]), (settings, script, to) => {
      const policy = policyOf(settings);
      const plain = play(policy, script);
      const turned = play(
        policy,
        script.map((act) => turnAct(act, to)),
      );
      assert.deepEqual(bare(turnEntry(plain, to)), bare(turned));
    }),
    RUNS,
  );
});

/** The side at `i` stands at `to[i]`. */
function turn<T>(list: readonly T[], to: readonly number[]): T[] {
  const turned = list.slice();
  list.forEach((one, i) => (turned[to[i] ?? i] = one));
  return turned;
}

function turnAct(act: Act, to: readonly number[]): Act {
  if (act.kind === "look") return { ...act, rows: turn(act.rows, to) };
  return { ...act, side: to[act.side] ?? act.side };
}

function turnEntry(entry: Entry, to: readonly number[]): Entry {
  const open = entry.open.map((question) => ({ ...question, held: turn(question.held, to) }));
  return { ...entry, open, sides: turn(entry.sides, to) };
}

/** Without who has the credit: of several that said the same it is the first. */
function bare({ agreed, open, sides }: Entry): unknown {
  return { agreed, open, sides };
}

test("once all that is owed has landed, all sides are equal in what is not open", () => {
  fc.assert(
    fc.property(anySettings, acts, (settings, script) => {
      const policy = policyOf(settings);
      const entry = heal(policy, play(policy, script));
      if (entry.open.length === 0) assert.ok(isAtRest(entry, policy));
      SIDES.forEach((_, side) => checkEqual(policy, entry, side));
    }),
    RUNS,
  );
});

function checkEqual(policy: Policy, entry: Entry, side: number): void {
  assert.equal(owed(entry, side, policy), undefined, `${SIDES[side]} is still owed something`);
  if (entry.open.some(({ held }) => held[side] !== undefined)) return;
  const want = project(side, entry.agreed, policy);
  const shadow = entry.sides[side]?.shadow ?? null;
  if (want === null || shadow === null) {
    const isWaiting = want?.some((value) => value === undefined) === true;
    assert.ok(want === shadow || isWaiting || entry.open.length > 0);
    return;
  }
  const { carries = [], store = (_: number, value: Value) => value } = policy.sides[side] ?? {};
  for (const f of carries) {
    const value: Value | undefined = want[f];
    if (value === undefined || (f === policy.member && side === 0)) continue;
    assert.ok(same(store(f, value), shadow[f]), `${SIDES[side]}.${FIELDS[f]}`);
  }
}
