// The fast path of a comparison: entries at rest of which every side still holds what is agreed.
// They are compared where they lie and never become objects. One semantics with `fold`.
import { encodeValues, reviveValue } from "../core/json.ts";
import { same } from "../core/values.ts";
import type { Key, OwnRow, SideIndex, Value } from "../core/state.ts";
import type { Pipeline } from "./link.ts";
import { isOwn, restOf, type Rest } from "./memory.ts";
import type { EntryStream, SideStream } from "./stream.ts";
import { isPicking, isUnreadable, type View } from "./view.ts";

/** True if nothing is in play at the key where all streams are. */
export type IsQuiet = (sides: readonly SideStream[], known: EntryStream, key: Key) => boolean;

/** The fast path of one pipeline; `layout` is that of today's entries at rest. */
export function makeQuiet(pipeline: Pipeline, view: View, layout: number): IsQuiet {
  const { member } = pipeline.policy;
  const isAsWritten = textTest(pipeline, view, layout);
  const isAgreed = valuesTest(pipeline, view);
  return (sides, known, key) => {
    if (known.head !== key) return false;
    for (let side = 0; side < sides.length; side++) {
      const stream = sides[side];
      if (stream === undefined || stream.head !== key) return false;
      if (stream.at() !== 0) return false; // positions are remembered: the plain way keeps them
      if (member >= 0 && !view.isInside(side, stream.row())) return false;
    }
    if (isAsWritten?.(sides, known.text()) === true) return true;
    const rest = restOf(known.body(), layout);
    return rest !== undefined && isAgreed(rest, sides);
  };
}

/**
 * What the first side holds is written as the journal would write it and compared with what lies
 * there, the other sides with the first: nothing is parsed. It may say no too often. Absent where
 * the first side does not show all fields as some column holds them.
 */
function textTest(pipeline: Pipeline, view: View, layout: number) {
  const write = writerOf(pipeline, view);
  const tests = pipeline.sides.map((_, side) => (side === 0 ? ALWAYS : pairTest(pipeline, side)));
  if (write === undefined || tests.includes(undefined)) return undefined;
  const ends = new Set<string>();
  let last = "";
  const isEnd = (end: string): boolean => {
    if (end === last) return true;
    if (!ends.has(end)) {
      if (!isRestingEnd(end, layout)) return false;
      if (ends.size >= ENDS_MAX) ends.clear();
      ends.add(end);
    }
    last = end;
    return true;
  };
  return (sides: readonly SideStream[], text: string): boolean => {
    const first = sides[0]?.row() ?? [];
    for (let side = 1; side < tests.length; side++) {
      if (tests[side]?.(first, sides[side]?.row() ?? []) !== true) return false;
    }
    const values = write(first);
    if (values === undefined) return false;
    const end = 1 + values.length;
    return text.slice(1, end) === values && isEnd(text.slice(end));
  };
}

/** Credits of entries at rest that are known to be no more than that: runs have one each. */
const ENDS_MAX = 1000;

/** True if after its values an entry says nothing but who decided it. */
function isRestingEnd(end: string, layout: number): boolean {
  // What is cut off before it is a whole list, so that the rest is one too.
  const rest = restOf(JSON.parse(`[0${end}`) as unknown[], layout);
  return rest !== undefined && rest.owns === undefined;
}

/** The text of the agreed values that follow from what the first side holds. */
function writerOf(
  { sides: [first], fields, memory, policy }: Pipeline,
  view: View,
): ((own: OwnRow) => string | undefined) | undefined {
  const isInside = policy.member >= 0;
  if (memory === "digest") {
    return (own) => {
      const seen = view.fields(0, own);
      if (isUnreadable(seen)) return undefined;
      return encodeValues(isInside ? [view.digest(seen), true] : [view.digest(seen)]);
    };
  }
  if (first === undefined || !isPicking(first.lens, fields.length)) return undefined;
  const columns = fields.map((_, field) => first.lens.positions[field] ?? -1);
  if (columns.includes(-1)) return undefined;
  const values: Value[] = isInside ? [...columns.map(() => null), true] : columns.map(() => null);
  return (own) => {
    for (let i = 0; i < columns.length; i++) values[i] = own[columns[i] ?? -1] ?? null;
    return encodeValues(values);
  };
}

/** True if a side shows the same as the first one, in all that it carries. */
function pairTest({ sides, fields, memory }: Pipeline, side: SideIndex) {
  const [first, lens] = [sides[0]?.lens, sides[side]?.lens];
  if (first === undefined || lens === undefined) return undefined;
  if (!isPicking(first, fields.length) || !isPicking(lens, fields.length)) return undefined;
  const carried = lens.carries.filter((field) => field < fields.length);
  const there = carried.map((field) => first.positions[field] ?? -1);
  const here = carried.map((field) => lens.positions[field] ?? -1);
  const isWhole = carried.length === fields.length;
  if (there.includes(-1) || (memory === "digest" && !isWhole)) return undefined;
  return (one: OwnRow, other: OwnRow): boolean => {
    for (let i = 0; i < here.length; i++) {
      const value = other[here[i] ?? -1];
      const known = one[there[i] ?? -1];
      if (value !== known && !same(value, known)) return false;
    }
    return true;
  };
}

const ALWAYS = (): boolean => true;

/** Compares what every side holds with the agreed values, or with its own row as it was kept. */
function valuesTest(pipeline: Pipeline, view: View) {
  const { member } = pipeline.policy;
  const tests = pipeline.sides.map((side, index) => {
    if (pipeline.memory === "digest") return digestTest(view, index);
    if (isPicking(side.lens, pipeline.fields.length)) return identityTest(pipeline, index);
    return lensTest(view, index);
  });
  return ({ values, owns }: Rest, sides: readonly SideStream[]): boolean => {
    if (member >= 0 && values[member] !== true) return false;
    for (let side = 0; side < tests.length; side++) {
      const own = sides[side]?.row() ?? [];
      const kept = owns?.[side];
      const isEqual =
        kept === undefined || kept === 0 ? tests[side]?.(own, values) : isOwn(kept, own);
      if (isEqual !== true) return false;
    }
    return true;
  };
}

type Test = (own: OwnRow, values: readonly unknown[]) => boolean;

function digestTest(view: View, side: SideIndex): Test {
  return (own, values) => {
    const fields = view.fields(side, own);
    return !isUnreadable(fields) && view.digest(fields) === values[0];
  };
}

function identityTest(pipeline: Pipeline, index: SideIndex): Test {
  const lens = pipeline.sides[index]?.lens;
  const fields = (lens?.carries ?? []).filter((field) => field < pipeline.fields.length);
  const columns = fields.map((field) => lens?.positions[field] ?? -1);
  return (own, values) => {
    for (let i = 0; i < fields.length; i++) {
      const value = own[columns[i] as number]; // both lists are as long as `fields`
      const agreed = values[fields[i] as number];
      if (value !== agreed && !sameTagged(agreed, value)) return false;
    }
    return true;
  };
}

function lensTest(view: View, side: SideIndex): Test {
  return (own, values) => {
    const fields = view.fields(side, own);
    if (isUnreadable(fields)) return false;
    for (let i = 0; i < fields.length; i++) {
      if (fields[i] !== undefined && fields[i] !== values[i] && !sameTagged(values[i], fields[i])) {
        return false;
      }
    }
    return true;
  };
}

function sameTagged(json: unknown, value: OwnRow[number] | undefined): boolean {
  return typeof json === "object" && json !== null && same(reviveValue(json), value);
}
