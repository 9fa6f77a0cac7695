// Rows that refer to each other in a ring: none of them can be created first, nor be deleted first.
// Where such a reference may be NULL, rows are created without it, and the rest of the run puts it
// in; a row that is to be deleted lets go of it first. What lands that way is a part of a write:
// the side stays owed the rest (I2), also by a run that is killed in between (I10).
import { encodeValues } from "../core/json.ts";
import { ABSENT } from "../core/state.ts";
import type { OwnRow, Row, State, Value } from "../core/state.ts";
import { same } from "../core/values.ts";
import { weightOf } from "../core/weight.ts";
import type { Carrier } from "./carry.ts";
import type { Context } from "./context.ts";
import type { Decision, PlannedWrite } from "./decide.ts";
import type { Link, Side } from "./link.ts";
import { PAGE_BYTES_MAX, type Reference, type Shape } from "./replica.ts";
import { isUnreadable } from "./view.ts";

/** Waiting rows among which rings are looked for; more of them wait for the next run. */
export const RING_ROWS_MAX = 100_000;
/** Nor more than weighs as much. */
const RING_BYTES_MAX = 8 * PAGE_BYTES_MAX;

/** Rings through several collections, or also those of rows of one: a page lands as a whole. */
export type Rings = "others" | "all";

/** Writes that wait, page by page, as they would be sent again. */
export type Waiting = (context: Context) => AsyncIterable<readonly Decision[]>;

/** Sends parts of writes that wait for each other; returns how many. */
export async function secondPass(
  { link, carrier, contexts }: Pass,
  { rings: which, waiting }: { readonly rings: Rings; readonly waiting: Waiting },
  signal: AbortSignal,
): Promise<number> {
  const rings = ringsOf(link, which);
  const members: Member[] = [];
  let bytes = 0;
  for (const context of contexts) {
    if (!context.pipeline.sides.some((side) => rings.has(placeOf(side)))) continue;
    for await (const decisions of waiting(context)) {
      for (const decision of decisions) {
        const own = membersOf(context, decision);
        members.push(...own);
        for (const { row } of own) bytes += weightOf(row);
      }
      if (members.length >= RING_ROWS_MAX || bytes >= RING_BYTES_MAX) break;
    }
  }
  const names = new Set(members.flatMap((member) => namesOf(member, rings)));
  let count = 0;
  for (const [context, own] of Map.groupBy(members, (member) => member.context)) {
    const parts = own.flatMap((member) => partOf(member, rings, names) ?? []);
    if (parts.length > 0) await carrier.carry(context, parts, signal);
    count += parts.length;
  }
  return count;
}

interface Pass {
  readonly link: Link;
  readonly carrier: Carrier;
  readonly contexts: readonly Context[];
}

/** A row that waits to be created, or deleted. */
interface Member {
  readonly context: Context;
  readonly decision: Decision;
  readonly planned: PlannedWrite;
  readonly side: Side;
  readonly row: OwnRow;
}

function membersOf(context: Context, decision: Decision): readonly Member[] {
  return decision.writes.flatMap((planned): readonly Member[] => {
    const side = context.pipeline.sides[planned.side];
    const row = planned.kind === "create" ? planned.to : planned.from;
    if (side === undefined || row === null || planned.kind === "update") return [];
    return [{ context, decision, planned, side, row }];
  });
}

/** What a collection has to do with rings. */
interface InRing {
  /** Its references that lead back to it. */
  readonly references: readonly Reference[];
  /** By which of its columns others in the ring refer to it. */
  readonly named: readonly (readonly string[])[];
}

/** By system and collection. */
type RingsBy = ReadonlyMap<string, InRing>;

function ringsOf({ pipelines }: Link, which: Rings): RingsBy {
  const sides = pipelines.flatMap((pipeline) => pipeline.sides);
  const references = new Map(sides.map((side) => [placeOf(side), referencesOf(side, which)]));
  const rings = new Map<string, { references: Reference[]; named: (readonly string[])[] }>();
  const ringAt = (place: string) => {
    const ring = rings.get(place) ?? { references: [], named: [] };
    rings.set(place, ring);
    return ring;
  };
  for (const [child, all] of references) {
    for (const { parent, reference } of all) {
      if (!isAbove(references, child, parent)) continue;
      ringAt(child).references.push(reference);
      ringAt(parent).named.push(reference.references);
    }
  }
  return rings;
}

type References = ReadonlyMap<
  string,
  readonly { readonly parent: string; readonly reference: Reference }[]
>;

function referencesOf({ replica, description }: Side, which: Rings) {
  return description.references
    .filter(({ collection }) => which === "all" || collection !== description.name)
    .map((reference) => ({ parent: placeIn(replica.name, reference.collection), reference }));
}

/** True if references lead from one collection up to another. */
function isAbove(references: References, above: string, from: string): boolean {
  const seen = new Set<string>();
  const next = [from];
  for (let place = next.pop(); place !== undefined; place = next.pop()) {
    if (place === above) return true;
    if (seen.has(place)) continue;
    seen.add(place);
    next.push(...(references.get(place) ?? []).map(({ parent }) => parent));
  }
  return false;
}

/** How other rows of its ring refer to a row. */
function namesOf({ side, row, planned }: Member, rings: RingsBy): readonly string[] {
  const place = placeOf(side);
  const named = rings.get(place)?.named ?? [];
  return named.flatMap((columns) => {
    const values = valuesIn(side.shape, row, columns);
    return values === undefined ? [] : nameIn(planned.kind, { place, columns, values });
  });
}

/** The member without the references that may be NULL and lead to another one; undefined: none. */
function partOf(
  { context, decision, planned, side, row }: Member,
  rings: RingsBy,
  names: ReadonlySet<string>,
): Decision | undefined {
  const { shape, replica } = side;
  const loose = new Set<string>();
  for (const { columns, collection, references } of rings.get(placeOf(side))?.references ?? []) {
    const values = valuesIn(shape, row, columns);
    if (values === undefined) continue;
    const place = placeIn(replica.name, collection);
    if (!names.has(nameIn(planned.kind, { place, columns: references, values }))) continue;
    for (const column of columns) if (mayBeNull(side, column)) loose.add(column);
  }
  if (loose.size === 0) return undefined;
  const to = row.map((value, at) => (loose.has(shape.columns[at] ?? "") ? null : value));
  const part = withoutReferences(context, planned, { row, to });
  return part && { ...decision, writes: [part] };
}

function mayBeNull({ description, shape }: Side, column: string): boolean {
  const field = description.fields.find(({ name }) => name === column);
  return field?.nullable === true && !field.generated && !shape.key.includes(column);
}

/** What a write comes to that leaves these columns out: the side stays owed their fields. */
function withoutReferences(
  { view }: Context,
  planned: PlannedWrite,
  { row, to }: { readonly row: OwnRow; readonly to: OwnRow },
): PlannedWrite | undefined {
  const whole = view.see(planned.side, row);
  const part = view.see(planned.side, to);
  if (isUnreadable(whole) || isUnreadable(part)) return undefined;
  const isLeft = (f: number): boolean => part[f] !== undefined && !same(part[f], whole[f]);
  const values = (of: Row): Row => of.map((value, f) => (isLeft(f) ? part[f] : value));
  const { write } = planned;
  if (planned.kind === "create") {
    const base: State = { ...write.base, values: values(write.base.values) };
    // Another content than the one that waits: no repetition of it.
    const { again: _, ...rest } = { ...write, to: write.to && values(write.to), base };
    return { ...planned, to, write: rest, isPart: true };
  }
  // A row that lets go is there as before: all that it is owed is still its deletion.
  const shadow = write.against;
  const { again: _, ...rest } = {
    ...write,
    to: shadow && values(shadow),
    base: { here: true, values: shadow?.map(() => undefined) ?? [] },
  };
  return { ...planned, kind: "update", to, write: rest, isPart: true };
}

/** undefined: a part of it is not known, or is NULL, and names nothing. */
function valuesIn(
  shape: Shape,
  row: OwnRow,
  columns: readonly string[],
): readonly Value[] | undefined {
  const values = columns.map((column) => row[shape.columns.indexOf(column)] ?? null);
  return values.some((value) => value === null || value === ABSENT) ? undefined : values;
}

/** What is created refers to what is created, and what is deleted to what is deleted. */
function nameIn(
  kind: PlannedWrite["kind"],
  of: {
    readonly place: string;
    readonly columns: readonly string[];
    readonly values: readonly Value[];
  },
): string {
  return JSON.stringify([kind, of.place, of.columns, encodeValues(of.values)]);
}

const placeOf = ({ replica, description }: Side): string => placeIn(replica.name, description.name);

const placeIn = (system: string, collection: string): string =>
  JSON.stringify([system, collection]);
