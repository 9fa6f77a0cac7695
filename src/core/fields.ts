// Rules 3 to 5 for one field: accept what is new, adopt what is equal, let the policy settle
// rivals, ask about the rest.

import { ask, askedBefore, meets } from "./asking.ts";
import { changeAgreed, credit, had, later, moved, settle, stampOf } from "./draft.ts";
import type { Draft, SideDraft } from "./draft.ts";
import type { Rival } from "./policy.ts";
import { settleRivals } from "./rivals.ts";
import { isStoredAs } from "./rows.ts";
import type { FieldIndex, SideIndex, Value } from "./state.ts";
import { order, same } from "./values.ts";

/** Folds what the sides moved on a field, or opens a question about it. */
export function foldField(d: Draft, f: FieldIndex): void {
  let movers = 0;
  let last: SideDraft | undefined;
  for (const side of d.sides) {
    if (moved(side, f) === undefined) continue;
    movers += 1;
    last = side;
  }
  if (last === undefined) return;
  const isPlain = movers === 1 && hasSeen(d, last, f); // the usual case, without a list of claims
  const value = isPlain ? moved(last, f) : choose(d, f, claimsOn(d, f));
  if (value === undefined) return ask(d, f, "conflict");
  if (d.policy.rejects?.(f, value) === true) return ask(d, f, "rejected"); // rule 7
  if (isWithheld(d, f, value)) return ask(d, f, "withheld"); // rule 7, I7
  if (!same(value, d.agreed.values[f])) accept(d, f, value);
  for (const side of d.sides) {
    const own = moved(side, f);
    if (own === undefined || !side.move?.row) continue;
    settle(d, side, f, { held: own, value: own }); // rule 4, for winners and losers alike
    side.move.row[f] = undefined;
  }
}

/**
 * True if that field would be asked: what was moved there leaves no doubt to no policy. Whoever is
 * about to create the entry has seen its tombstone.
 */
export function isUnsettled(d: Draft, f: FieldIndex, creators: readonly SideDraft[]): boolean {
  const base: Value | undefined = d.agreed.values[f];
  const claims = claimsOn(d, f).map((claim): Claim => {
    const isCreator = creators.some(({ index }) => index === claim.side);
    return isCreator ? { ...claim, base, fresh: true } : claim;
  });
  return claims.length > 0 && choose(d, f, claims) === undefined;
}

/** Takes a value as agreed, to the credit of whoever moved the field there. */
function accept(d: Draft, f: FieldIndex, value: Value): void {
  let by: SideIndex | undefined;
  let stamp = 0;
  for (const side of d.sides) {
    if (side.move === undefined || !same(moved(side, f), value)) continue;
    by ??= side.index;
    stamp = later(stamp, stampOf(side.move, f));
  }
  changeAgreed(d).values[f] = value;
  // I6: what a policy made of rivals is a change of its own.
  credit(d, f, by === undefined ? { by: "policy", stamp: d.policy.stamp } : { by, stamp });
}

/** A value that a side moved a field to, as one of several. */
interface Claim extends Rival {
  readonly side: SideIndex;
  /** The side had seen the agreed value when it moved. */
  readonly fresh: boolean;
}

function claimsOn(d: Draft, f: FieldIndex): readonly Claim[] {
  const claims: Claim[] = [];
  for (const side of d.sides) {
    const value = moved(side, f);
    if (value === undefined || side.move === undefined) continue;
    claims.push({
      side: side.index,
      value,
      base: had(d, side) && isShown(side, f) ? side.base.values[f] : undefined,
      stamp: stampOf(side.move, f),
      first: meets(d, side, f),
      fresh: hasSeen(d, side, f),
    });
  }
  return claims;
}

/** Its base is what it had seen, and what it claims is what it shows. */
function hasSeen(d: Draft, side: SideDraft, f: FieldIndex): boolean {
  const agreed = d.agreed.values[f];
  if (agreed === undefined) return true;
  return isShown(side, f) && had(d, side) && same(side.base.values[f], agreed);
}

/** Where a write of ours replaced what a side claimed, its base is no longer what it had seen. */
function isShown(side: SideDraft, f: FieldIndex): boolean {
  return side.shadow !== null && same(side.shadow[f], moved(side, f));
}

/** The value that the claims leave no doubt about, or that the policy settles them with. */
function choose(d: Draft, f: FieldIndex, claims: readonly Claim[]): Value | undefined {
  const one = greatestFresh(claims, (value, claim) => says(d, f, claim, value));
  if (one !== undefined) return one.value;
  // Some put back what the others had seen: what those made of it is all that is left.
  const undone = greatestFresh(claims, (value, claim) =>
    same(claim.value, value) ? claim.fresh : same(claim.base, value),
  );
  if (undone !== undefined) {
    const rest = claims.filter((claim) => !same(claim.value, undone.value));
    return choose(
      d,
      f,
      rest.map((claim) => ({ ...claim, fresh: true })),
    );
  }
  const unseen = unseenBy(d, f, claims);
  const rivals = unseen === undefined ? claims : [...claims, unseen];
  return settleRivals(f, d.agreed.values[f], rivals, d.policy);
}

/** Of the values that all claims bear out, the greatest that a side moved knowingly (I6). */
function greatestFresh(
  claims: readonly Claim[],
  bearsOut: (value: Value, claim: Claim) => boolean,
): Claim | undefined {
  let best: Claim | undefined;
  for (const one of claims) {
    if (!one.fresh || !claims.every((claim) => bearsOut(one.value, claim))) continue;
    if (best === undefined || order(one.value, best.value) > 0) best = one;
  }
  return best;
}

/** A claim says a value if it is that value, or what its side makes of it. */
function says(d: Draft, f: FieldIndex, claim: Claim, value: Value): boolean {
  if (same(claim.value, value)) return true;
  const side = d.policy.sides[claim.side];
  return side !== undefined && isStoredAs(side, f, claim.value, value);
}

/** The agreed value competes as well where somebody had not seen it. */
function unseenBy(d: Draft, f: FieldIndex, claims: readonly Claim[]): Rival | undefined {
  const value = d.agreed.values[f];
  if (value === undefined || claims.every((claim) => claim.fresh)) return undefined;
  const { by, stamp = 0 } = d.set[f] ?? {};
  const side = typeof by === "number" ? by : undefined;
  return { side, value, base: value, stamp, first: false };
}

/** A row that leaves the filter is a deletion on every side that holds it and does not own it. */
function isWithheld(d: Draft, f: FieldIndex, value: Value): boolean {
  const { member, guard } = d.policy;
  // What nobody has judged yet is inside.
  if (f !== member || value !== false || d.agreed.values[f] === false || !d.agreed.here)
    return false;
  const isAsked = askedBefore(d, member)?.why === "withheld";
  if (guard !== "withhold" && (!isAsked || guard === "release")) return false;
  return d.sides.some(({ policy, shadow, told }) => {
    return !policy.ownsFilter && (shadow !== null || told.length > 0);
  });
}
