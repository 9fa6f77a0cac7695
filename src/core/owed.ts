// What a side is owed: the agreed state against its base (I2).

import type { Policy } from "./policy.ts";
import { namesIn } from "./question.ts";
import { emptyRow, isWanted, project, sameRow, sideOf } from "./rows.ts";
import { WHOLE } from "./state.ts";
import type { Entry, FieldIndex, Memory, Row, SideIndex, State, Value, Write } from "./state.ts";
import { same } from "./values.ts";

/**
 * The one write that would bring a side up to date, or undefined: it is, or a question names it.
 */
export function owed(entry: Entry, side: SideIndex, policy: Policy): Write | undefined {
  const { agreed } = entry;
  const memory = entry.sides[side];
  if (!isWanted(agreed, sideOf(policy, side), policy)) {
    const isGone = memory === undefined || memory.shadow === null;
    return isGone || isNamed(entry, side) ? undefined : write(memory, side, null, agreed);
  }
  if (namesIn(entry, side, WHOLE)) return undefined;
  if (memory !== undefined && memory.shadow !== null) {
    return owedFields(entry, { side, memory, shadow: memory.shadow }, policy);
  }
  // A field that is still asked keeps the row from being created, if nobody agreed on a value or
  // the side had one of its own: that would look taken back. One that nobody knows does not.
  const row = project(side, agreed, policy);
  const isWaiting = sideOf(policy, side).carries.some(
    (f) => (agreed.values[f] === undefined && isOpen(entry, f)) || namesIn(entry, side, f),
  );
  return isWaiting ? undefined : write(memory, side, row, agreed);
}

/** A row that is there is owed the fields whose base is not agreed; what is open stays its own. */
function owedFields(
  entry: Entry,
  of: { readonly side: SideIndex; readonly memory: Memory; readonly shadow: Row },
  policy: Policy,
): Write | undefined {
  const { side, memory, shadow } = of;
  const { carries, ownsFilter } = sideOf(policy, side);
  let to: (Value | undefined)[] | undefined;
  let values: (Value | undefined)[] | undefined;
  for (const f of carries) {
    const value = entry.agreed.values[f];
    if (value === undefined || same(value, memory.base.values[f])) continue;
    // Membership is its owner's own judgement, which nobody can write.
    if (namesIn(entry, side, f) || (ownsFilter && f === policy.member)) continue;
    to ??= shadow.slice();
    values ??= emptyRow(policy.fields);
    to[f] = values[f] = value;
  }
  if (to === undefined || values === undefined) return undefined;
  if (policy.member >= 0 && !ownsFilter) values[policy.member] = true;
  for (const f of carries) {
    if (values[f] !== undefined || namesIn(entry, side, f)) continue; // rule 5: nor does its base
    values[f] = memory.base.values[f];
  }
  return write(memory, side, to, { here: true, values });
}

function write(memory: Memory | undefined, side: SideIndex, to: Row | null, base: State): Write {
  const against = memory === undefined ? null : memory.shadow;
  const at = memory === undefined ? 0 : memory.at;
  const again = memory?.told.find(
    (told) => told.at === at && sameRow(told.to, to) && sameRow(told.against, against),
  );
  const fresh: Write = { side, to, against, at, base };
  return again === undefined ? fresh : { ...fresh, again: again.id };
}

function isNamed(entry: Entry, side: SideIndex): boolean {
  return entry.open.some((question) => question.held[side] !== undefined);
}

function isOpen(entry: Entry, field: FieldIndex): boolean {
  return entry.open.some((question) => question.field === field || question.field === WHOLE);
}
