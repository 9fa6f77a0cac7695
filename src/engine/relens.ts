// An entry of an earlier layout, seen through today's lens. A field that means what it meant is
// taken over. One that is read in another way is made anew from the rows that the sides are known
// to hold; where those do not tell, it is unknown: no agreed value, no shadow, no base. Presence
// stays, so that a deletion is still seen. An edited mapping is never taken for an edit.
import { WHOLE } from "../core/state.ts";
import type {
  Credit,
  Entry,
  Held,
  Memory,
  OwnRow,
  Question,
  Row,
  Seen,
  SideIndex,
  State,
  Stamp,
  Told,
  Value,
} from "../core/state.ts";
import type { Policy } from "../core/policy.ts";
import type { Pipeline } from "./link.ts";
import { memberOf, placesOf, type Layout } from "./layout.ts";
import { isUnreadable, type View } from "./view.ts";

/** Makes entries of one layout entries of another; `view` is today's. */
export function makeRelens(from: Layout, to: Layout, view: View): (entry: Entry) => Entry {
  const at = makePlaces(from, to);
  return function relens(entry) {
    const known = to.sides.map((_, side) => knownOf(entry, side, at, view));
    const agreed = agreedOf(entry, known, at);
    return {
      agreed,
      set: creditsOf(entry, at),
      open: entry.open.flatMap((question) => questionOf(question, at) ?? []),
      sides: to.sides.map((_, side) => memoryOf(entry, { side, now: known[side] }, at)),
    };
  };
}

/**
 * What nobody knew of a field is taken for what the sides hold now, so that it is no edit: equal
 * values are adopted, and the others are rivals or, one-way, the source's.
 */
export function reveal(entry: Entry, seen: readonly (Seen | undefined)[], policy: Policy): Entry {
  let isRevealed = false;
  const sides = entry.sides.map((memory, side) => {
    const row = seen[side]?.row;
    if (memory === undefined || memory.shadow === null || row === null || row === undefined)
      return memory;
    const { carries = [], follows = false } = policy.sides[side] ?? {};
    const { shadow: known } = memory;
    if (!carries.some((f) => known[f] === undefined)) return memory; // the usual case
    const hidden = carries.filter(
      (f) => known[f] === undefined && (follows || entry.agreed.values[f] === undefined),
    );
    if (hidden.length === 0) return memory;
    isRevealed = true;
    const shadow = known.slice();
    const values = memory.base.values.slice();
    for (const f of hidden) shadow[f] = values[f] = row[f];
    return { ...memory, shadow, base: { ...memory.base, values } };
  });
  return isRevealed ? { ...entry, sides } : entry;
}

/** True if a side holds a row of which nobody knows what it is in its own terms. */
export function isUnaimed({ memory: kind }: Pipeline, memory: Memory | undefined): boolean {
  if (memory === undefined || memory.shadow === null) return false;
  return memory.own === null && kind === "full";
}

/** Where everything went: old places by new ones; -1: there was none. */
interface Places {
  readonly from: Layout;
  readonly to: Layout;
  readonly fields: readonly number[];
  readonly sides: readonly number[];
  readonly members: { readonly from: number; readonly to: number };
  /** By new side: its own columns by new place; undefined: some of them were not read before. */
  readonly columns: readonly (readonly number[] | undefined)[];
  /** By new side and field: it is read there as it was. */
  readonly isSame: readonly (readonly boolean[])[];
}

function makePlaces(from: Layout, to: Layout): Places {
  const members = { from: memberOf(from), to: memberOf(to) };
  const isFull = from.memory === "full" && to.memory === "full";
  const fields = Array.from({ length: placesOf(to) }, (_, place) => {
    if (place === members.to) return members.from;
    const old = isFull ? from.fields.indexOf(to.fields[place] ?? "") : -1;
    return old >= 0 && from.types[old] === to.types[place] ? old : -1;
  });
  const sides = to.sides.map(({ name, at }) =>
    from.sides.findIndex((side) => side.name === name && side.at === at),
  );
  const columns = to.sides.map((side, index) => {
    const old = from.sides[sides[index] ?? -1]?.columns ?? [];
    const places = side.columns.map((column) => old.indexOf(column));
    return places.includes(-1) ? undefined : places;
  });
  const isSame = to.sides.map((side, index) => {
    const before = from.sides[sides[index] ?? -1];
    return fields.map((old, place) => {
      if (place === members.to) return old >= 0;
      return old >= 0 && before !== undefined && before.reads[old] === side.reads[place];
    });
  });
  return { from, to, fields, sides, members, columns, isSame };
}

/** What a side is known to hold: its own row in today's places, and what that says today. */
interface Known {
  readonly own: OwnRow | null;
  readonly row: Row | undefined;
}

function knownOf(entry: Entry, side: SideIndex, at: Places, view: View): Known {
  const own = entry.sides[at.sides[side] ?? -1]?.own ?? null;
  const columns = at.columns[side];
  if (own === null || columns === undefined) return { own: null, row: undefined };
  const now = columns.map((column) => own[column] ?? null);
  const row = view.see(side, now);
  return { own: now, row: isUnreadable(row) ? undefined : row };
}

function agreedOf({ agreed, set, open }: Entry, known: readonly Known[], at: Places): State {
  const values = at.fields.map((old, place): Value | undefined => {
    if (place === at.members.to) return old < 0 ? true : agreed.values[old];
    if (old < 0 || open.some(({ field }) => field === old && !isKept(old, at))) return undefined;
    const by = set[old]?.by;
    const setter = typeof by === "number" ? at.sides.indexOf(by) : -1;
    if (setter < 0 || at.isSame[setter]?.[place] === true) return agreed.values[old];
    return known[setter]?.row?.[place];
  });
  return { here: agreed.here, values };
}

/** True if every side that there still is reads the field as it did. */
function isKept(old: number, at: Places): boolean {
  const place = at.fields.indexOf(old);
  return place >= 0 && at.isSame.every((of, side) => (at.sides[side] ?? -1) < 0 || of[place]);
}

function creditsOf({ set }: Entry, at: Places): readonly (Credit | undefined)[] {
  const credit = (of: Credit | undefined): Credit | undefined => {
    if (of === undefined || typeof of.by === "string") return of;
    const side = at.sides.indexOf(of.by);
    const by = side >= 0 ? side : (at.from.sides[of.by]?.name ?? "a side of before");
    return { by, stamp: of.stamp };
  };
  const presence = credit(set[placesOf(at.from)]);
  return [...at.fields.map((old) => (old < 0 ? presence : credit(set[old]))), presence];
}

function memoryOf(
  entry: Entry,
  { side, now }: { readonly side: SideIndex; readonly now: Known | undefined },
  at: Places,
): Memory | undefined {
  const memory = entry.sides[at.sides[side] ?? -1];
  if (memory === undefined) return undefined;
  const carries = new Set(at.to.sides[side]?.carries);
  const row = (of: Row): Row =>
    at.fields.map((old, place) => {
      if (!carries.has(place)) return undefined;
      if (place === at.members.to && old < 0) return true;
      return at.isSame[side]?.[place] === true ? of[old] : undefined;
    });
  const shadow =
    memory.shadow &&
    row(memory.shadow).map((value, place) =>
      value === undefined && carries.has(place) ? now?.row?.[place] : value,
    );
  const own = shadow === null ? null : (now?.own ?? null);
  const isWhole =
    shadow === null ||
    ((own !== null) === (memory.own !== null) &&
      [...carries].every((place) => shadow[place] !== undefined));
  return {
    ...memory,
    shadow,
    own,
    // What is known of that state is no longer all of it: to look at the same one again is no
    // older news.
    at: isWhole ? memory.at : 0,
    base: baseOf(memory.base, { side, shadow }, at),
    ...(memory.missing === undefined ? {} : { missing: row(memory.missing) }),
    told: memory.told.map(({ to, against, base, ...rest }): Told => ({
      ...rest,
      to: to && row(to),
      against: against && row(against),
      base: baseOf(base, { side, shadow: null }, at),
    })),
  };
}

function baseOf(
  base: State,
  { side, shadow }: { readonly side: SideIndex; readonly shadow: Row | null },
  at: Places,
): State {
  const { members } = at;
  const values = at.fields.map((old, place): Value | undefined => {
    if (place === members.to) return old >= 0 ? base.values[old] : base.here ? true : undefined;
    if (at.isSame[side]?.[place] === true) return base.values[old];
    return shadow?.[place];
  });
  return { here: base.here, values };
}

/** What is still asked; undefined: what the question was about is read in another way today. */
function questionOf(question: Question, at: Places): Question | undefined {
  const { field } = question;
  const place = field === WHOLE ? WHOLE : at.fields.indexOf(field);
  if (field !== WHOLE && (place < 0 || !isKept(field, at))) return undefined;
  const held = at.sides.map((old, side) =>
    heldOf(old < 0 ? undefined : question.held[old], side, at),
  );
  if (held.every((of) => of === undefined)) return undefined;
  return { ...question, field: place, held };
}

function heldOf(held: Held | undefined, side: SideIndex, at: Places): Held | undefined {
  if (held === undefined) return undefined;
  const of = <T>(list: readonly (T | undefined)[]): (T | undefined)[] =>
    at.fields.map((old, place) => (at.isSame[side]?.[place] === true ? list[old] : undefined));
  const presence: Stamp | undefined = held.stamps[placesOf(at.from)];
  const stamps = held.stamps.length === 0 ? [] : [...of(held.stamps), presence];
  return { ...held, row: held.row && of(held.row), stamps };
}
