// Rule 6: who decides whether an entry is there.

import { askedBefore } from "./asking.ts";
import { changeAgreed, credit, later, stampOf } from "./draft.ts";
import type { Draft, Move, SideDraft } from "./draft.ts";
import { isDeleter, isEditor } from "./moves.ts";
import { WHOLE } from "./state.ts";
import type { Stamp } from "./state.ts";
import { same } from "./values.ts";

/** What the policy makes of an edit against a deletion. */
export function settlePresence(d: Draft): "edit" | "delete" | "ask" {
  const { deletes, rows, fields } = d.policy;
  if (deletes === "edit-wins") return "edit";
  if (deletes === "delete-wins") return "delete";
  if (deletes === "ask" || rows.kind !== "wins") return "ask";
  const winner = d.sides[rows.side];
  if (winner === undefined) return "ask";
  if (isDeleter(winner)) return "delete";
  if (!d.agreed.here && d.set[fields]?.by === rows.side) return "delete";
  const hasSaid = d.set.some((credit, f) => f < fields && credit?.by === rows.side);
  return isEditor(winner) || hasSaid ? "edit" : "ask";
}

/** I8: a deletion had seen the entry only if its side's base is agreed in all that it carries. */
export function sawAll(d: Draft, side: SideDraft): boolean {
  if (side.shadow !== null) return false;
  const { values } = d.agreed;
  return side.policy.carries.every(
    (f) => values[f] === undefined || same(side.base.values[f], values[f]),
  );
}

/** Rule 7, I7: the guard holds deletions back, and one that was held waits for a verdict. */
export function isWithheld(d: Draft): boolean {
  const { guard } = d.policy;
  if (guard === "withhold") return true;
  return guard !== "release" && askedBefore(d, WHOLE)?.why === "withheld";
}

/**
 * Presence changes to the credit of a side that the policy names, else of the first that said so.
 */
export function agreePresence(d: Draft, here: boolean, who: readonly SideDraft[]): void {
  const { rows, fields } = d.policy;
  const named = rows.kind === "wins" ? who.find((side) => side.index === rows.side) : undefined;
  let stamp = 0;
  for (const { move } of who) if (move !== undefined) stamp = later(stamp, latestOf(move, fields));
  changeAgreed(d).here = here;
  const by = (named ?? who[0])?.index;
  credit(d, fields, by === undefined ? undefined : { by, stamp });
}

function latestOf(move: Move, fields: number): Stamp {
  if (move.stamps === undefined || move.row === null) return stampOf(move, fields);
  return move.stamps.reduce<Stamp>((latest, stamp) => later(latest, stamp ?? 0), 0);
}
