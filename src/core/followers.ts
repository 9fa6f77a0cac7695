// Rule 8: what somebody changed on a side that only follows is overwritten, or kept as a question
// until the source changes that entry or a person decides. It is never folded.

import { askDrift, askedBefore } from "./asking.ts";
import { changeBase, changeBaseHere, had, isKnown, moved, settle, wants } from "./draft.ts";
import type { Draft, SideDraft } from "./draft.ts";
import { isStoredAs } from "./rows.ts";
import { WHOLE } from "./state.ts";
import type { FieldIndex, Row } from "./state.ts";
import { same } from "./values.ts";

/** Turns the drift of followers into what they are corrected from, and what is kept of it. */
export function foldDrift(d: Draft): void {
  let isMoved: boolean | undefined;
  for (const side of d.sides) {
    if (!side.policy.follows || !isKnown(side)) continue;
    const kept = keptDrift(d, side);
    if (side.drift === undefined && kept === undefined) continue;
    if (side.drift !== undefined) correctFrom(d, side);
    isMoved ??= isAgreedMoved(d);
    if (isMoved) continue; // the source has spoken: what it says is owed
    // Rows that only a follower holds stay as well: `extra`.
    const keeps = side.policy.drift === "keep" || d.set[d.policy.fields] === undefined;
    if (kept === undefined && !keeps) continue;
    const drift = side.drift === undefined ? (kept ?? null) : join(kept, side.drift);
    const held = apart(d, side, drift);
    if (held !== undefined) askDrift(d, side, held);
  }
}

/**
 * On a field on which a side only follows, its own value is what it is corrected from. It is its to
 * say only in a row that it creates, where nobody else has a value for it.
 */
export function yieldFields(d: Draft, side: SideDraft): void {
  const { followsOn } = side.policy;
  const row = side.move?.row;
  if (followsOn === undefined || row === undefined || row === null) return;
  for (let f = 0; f < row.length; f++) {
    const value = row[f];
    if (value === undefined || followsOn[f] !== true) continue;
    const wasThere = had(d, side);
    const isAgreed = d.agreed.values[f] !== undefined && (d.agreed.here || wasThere);
    const isTheirs =
      (isAgreed && !isHeld(d, side, f)) || d.sides.some((other) => leadsOn(other, f));
    if (!isTheirs) continue;
    if (wasThere) settle(d, side, f, { held: value, value });
    row[f] = undefined;
  }
}

/** What it said is asked already. */
function isHeld(d: Draft, side: SideDraft, f: FieldIndex): boolean {
  const held = (askedBefore(d, f) ?? askedBefore(d, WHOLE))?.held[side.index];
  return held?.row?.[f] !== undefined;
}

function leadsOn(side: SideDraft, f: FieldIndex): boolean {
  return side.policy.followsOn?.[f] !== true && moved(side, f) !== undefined;
}

/** Its base is what it shows, so that it is owed what is agreed (I2). */
function correctFrom(d: Draft, side: SideDraft): void {
  const { shadow } = side;
  if (shadow === null) {
    changeBase(side).here = false;
    return;
  }
  const base = changeBaseHere(d, side);
  for (const f of side.policy.carries) base.values[f] = shadow[f];
}

/** What the side's open question holds; undefined: none is open. */
function keptDrift(d: Draft, side: SideDraft): Row | null | undefined {
  for (const question of d.before.open) {
    const held = question.why === "drift" ? question.held[side.index] : undefined;
    if (held !== undefined) return held.row;
  }
  return undefined;
}

function join(kept: Row | null | undefined, drift: Row | null): Row | null {
  if (drift === null || kept === undefined || kept === null) return drift;
  return drift.map((value, f) => (value === undefined ? kept[f] : value));
}

/** What of the drift is still not what it should be; undefined: nothing. */
function apart(d: Draft, side: SideDraft, drift: Row | null): Row | null | undefined {
  const isWanted = wants(d, side);
  if (drift === null) return isWanted ? null : undefined;
  if (!isWanted) return drift;
  let isApart = false;
  const row = drift.map((value, f) => {
    if (value === undefined || isStoredAs(side.policy, f, value, d.agreed.values[f]))
      return undefined;
    isApart = true;
    return value;
  });
  return isApart ? row : undefined;
}

function isAgreedMoved({ before, agreed }: Draft): boolean {
  if (agreed === before.agreed) return false;
  if (agreed.here !== before.agreed.here) return true;
  return agreed.values.some((value, f) => !same(value, before.agreed.values[f]));
}
