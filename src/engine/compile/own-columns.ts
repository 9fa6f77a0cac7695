// Columns that a link carries when nobody says which, and what is said of those that it leaves out.
import type { CollectionDescription, FieldDescription } from "../replica.ts";
import type { Note } from "../views.ts";
import type { Draft, DraftSide } from "./draft.ts";
import { fieldsByName } from "./fields.ts";

/** What is done with the side whose columns are carried. */
export type Use = "read" | "written";

/**
 * The columns of a collection that a link carries. One that the store computes is carried where it
 * is only read, to others that can take it. One that only the journal remembers goes with the last
 * of the others' that it was carried to.
 */
export function ownNames(
  { fields }: CollectionDescription,
  others: readonly (CollectionDescription | undefined)[],
  use: Use,
): readonly string[] {
  // Where there is none yet, it is made.
  const isTaken = (name: string): boolean =>
    others.every((other) => {
      const field = other === undefined ? NEW : fieldsByName(other).get(name);
      return field !== undefined && !field.generated;
    });
  const isKept = (name: string): boolean =>
    others.some((other) => other !== undefined && fieldsByName(other).has(name));
  return fields
    .filter(({ name, unseen }) => unseen === undefined || isKept(name))
    .filter(({ name, generated }) => !generated || (use === "read" && isTaken(name)))
    .map(({ name }) => name);
}

const NEW: Pick<FieldDescription, "generated"> = { generated: false };

/** All columns of the source, in the target's order; those it lacks stand last, and are refused. */
export function defaultNames(
  from: CollectionDescription,
  to: CollectionDescription | undefined,
  use: Use,
): readonly string[] {
  const names = ownNames(from, [to], use);
  const order = to === undefined ? names : to.fields.map((field) => field.name);
  const both = order.filter((name) => names.includes(name));
  const computed = to?.fields.filter((field) => field.generated).map((field) => field.name) ?? [];
  const rest = names.filter((name) => !both.includes(name));
  return [...both, ...rest].filter((name) => !computed.includes(name));
}

/** Says which columns are left out because a store computes them, where nobody wrote a mapping. */
export function computedNotes({ settings, sides }: Draft): readonly Note[] {
  const [first, ...others] = sides;
  if (first === undefined || (settings.mapping ?? first.settings.mapping) !== undefined) return [];
  const carried = new Set(first.lines.map((line) => line.source));
  const left = first.description.fields.filter(({ name }) => !carried.has(name));
  const reasons = new Map<string, string[]>();
  for (const field of left) {
    const why = whyLeft(field, first, others);
    if (why !== undefined) reasons.set(why, [...(reasons.get(why) ?? []), field.name]);
  }
  return [...reasons].map(([why, names]) => {
    const text = `${settings.name} leaves out ${listed(names)}: ${why}`;
    return { code: "COLUMNS_LEFT_OUT", pipeline: settings.name, text };
  });
}

/** undefined: it is left out for another reason, or every side computes it for itself. */
function whyLeft(
  { name, generated }: FieldDescription,
  first: DraftSide,
  others: readonly DraftSide[],
): string | undefined {
  const held = others.map((side) => ({ side, field: fieldsByName(side.description).get(name) }));
  const computing = held.find(({ field }) => field?.generated === true);
  if (!generated) {
    return computing && `${atOf(computing.side)} computes it, and takes no value of ${atOf(first)}`;
  }
  if (held.every(({ field }) => field?.generated === true)) return undefined;
  if (first.isWritten) {
    const way = "a `mapping` line with `only: to-target` carries it";
    return `${atOf(first)} computes it, and takes none back; ${way}`;
  }
  const lacking = held.find(({ field }) => field === undefined) ?? computing;
  if (lacking === undefined) return undefined;
  const does = lacking.field === undefined ? "has no such column" : "computes its own";
  return `${atOf(first)} computes it, and ${atOf(lacking.side)} ${does}`;
}

const atOf = ({ settings: { at } }: DraftSide): string => `${at.system}.${at.collection}`;

/** More than these are only counted. */
const NAMED_MAX = 10;

function listed(names: readonly string[]): string {
  const more = names.length - NAMED_MAX;
  return names.slice(0, NAMED_MAX).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
