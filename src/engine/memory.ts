// How an entry is kept as text, as short as what does not follow from its agreed state. An entry
// at rest is `[values, credit]` and, where a side's own row does not follow either, the own rows;
// anything else carries a third part that says so.
import { project } from "../core/fold.ts";
import { encodeValues, reviveValue, reviveValues } from "../core/json.ts";
import { same, sameAll } from "../core/values.ts";
import type { Credit, Entry, Memory, OwnRow, State } from "../core/state.ts";
import type { Policy } from "../core/policy.ts";
import { FLAGS } from "./journal.ts";
import { readingOf, type Layouts, type Reading } from "./layout.ts";
import type { Pipeline } from "./link.ts";
import {
  creditsText,
  memoryText,
  oneCredit,
  questionText,
  reviveCredits,
  reviveMemory,
  reviveOwn,
  reviveQuestion,
  type Json,
  type JsonList,
  type JsonMemory,
  type JsonRest,
} from "./memory-text.ts";
import { makeRelens } from "./relens.ts";
import type { View } from "./view.ts";

/** The text form of a pipeline's entries. */
export interface Codec {
  /** The number of the layout that it writes. */
  readonly layout: number;
  encode(entry: Entry): string;
  /** `parsed` is the JSON value of a body. */
  decode(parsed: JsonList): Entry;
}

/** An entry at rest as it lies in the journal, not yet an object. */
export interface Rest {
  /** Agreed values; tagged where JSON cannot say them (`reviveValue`). */
  readonly values: JsonList;
  /** Per side its own row where it does not follow from the values; 0: it follows. */
  readonly owns: JsonList | undefined;
}

/** The entry at rest in a parsed body, or undefined: it is not at rest, or in another layout. */
export function restOf(parsed: JsonList, layout: number): Rest | undefined {
  const third = parsed[2] === 0 ? undefined : parsed[2];
  if ((third !== undefined && !Array.isArray(third)) || numberOf(parsed) !== layout)
    return undefined;
  return { values: parsed[0] as JsonList, owns: third }; // encode() wrote both
}

/** The layout of a parsed body. */
const numberOf = (parsed: JsonList): number => Number(parsed[3] ?? 0);

/** An entry at rest before it is a body. */
interface RestParts {
  /** Text of the agreed values. */
  readonly values: string;
  readonly credit: Credit;
  /** Text of the own rows; undefined: all of them follow. */
  readonly owns: string | undefined;
  readonly layout: number;
}

/** Body of an entry at rest. */
function restBody({ values, credit, owns, layout }: RestParts): string {
  return body(`${values}${creditEnd(credit)}`, owns, layout);
}

/** Bodies of entries at rest that were decided at once, without making them: for first loads. */
export function restBodies(
  credit: Credit,
  layout: number,
): (values: string, owns: string | undefined) => string {
  const end = `${creditEnd(credit)}${ending(undefined, layout)}`;
  return (values, owns) =>
    owns === undefined ? `[${values}${end}` : restBody({ values, credit, owns, layout });
}

function creditEnd({ by, stamp }: Credit): string {
  return `,[${typeof by === "number" ? String(by) : JSON.stringify(by)},${stamp}]`;
}

function body(start: string, third: string | undefined, layout: number): string {
  return `[${start}${ending(third, layout)}`;
}

function ending(third: string | undefined, layout: number): string {
  if (layout === 0) return third === undefined ? "]" : `,${third}]`;
  return `,${third ?? "0"},${layout}]`;
}

/** What a codec needs to know besides its pipeline. */
export interface CodecParts {
  readonly view: View;
  readonly policy: Policy;
  /** Absent: every entry is laid out as today. */
  readonly layouts?: Layouts;
}

/** The codec of one pipeline. */
export function makeCodec(pipeline: Pipeline, parts: CodecParts): Codec {
  const { view, policy, layouts } = parts;
  const layout = layouts?.today ?? 0;
  const today = makeDecode({
    sides: pipeline.sides.length,
    fields: policy.fields,
    project: (side, agreed) => project(side, agreed, policy),
    ownOf: (side, shadow) => view.ownOf(side, shadow),
  });
  const earlier = layouts === undefined ? [] : decodersOf(layouts, view);
  return {
    layout,
    encode: makeEncode(pipeline, parts, layout),
    decode: (parsed) => (earlier[numberOf(parsed)] ?? today)(parsed),
  };
}

/** By number, how bodies of other layouts are read; of today's there is none. */
function decodersOf(
  { known, today }: Layouts,
  view: View,
): readonly (Codec["decode"] | undefined)[] {
  const to = known[today];
  return known.map((from, number) => {
    if (number === today || to === undefined) return undefined;
    const decode = makeDecode(readingOf(from));
    const relens = makeRelens(from, to, view);
    return (parsed) => relens(decode(parsed));
  });
}

function makeEncode(
  pipeline: Pipeline,
  { view, policy }: CodecParts,
  layout: number,
): Codec["encode"] {
  const sides = pipeline.sides.length;

  /** Text of the own row; "0": it follows from the shadow, or nobody keeps it. */
  function ownText(side: number, memory: Memory): string {
    if (memory.own === null || pipeline.memory === "digest") return "0";
    const follows = memory.shadow === null ? undefined : view.ownOf(side, memory.shadow);
    return follows !== undefined && sameAll(follows, memory.own) ? "0" : encodeValues(memory.own);
  }

  function textOf(side: number, memory: Memory | undefined, agreed: State): string {
    if (memory === undefined) return "null";
    const own = ownText(side, memory);
    if (!rests(side, memory, agreed, policy)) return memoryText(memory, own);
    return own === "0" ? "0" : `{"o":${own}}`;
  }

  return function encode({ agreed, set, open, sides: memories }) {
    const values = encodeValues(agreed.values);
    const texts = Array.from({ length: sides }, (_, side) => textOf(side, memories[side], agreed));
    const credit = oneCredit(set);
    const isQuiet = agreed.here && open.length === 0 && credit !== undefined;
    if (
      isQuiet &&
      memories.every((memory, side) => memory && rests(side, memory, agreed, policy))
    ) {
      if (memories.length === sides && texts.every((text) => text === "0")) {
        return restBody({ values, credit, owns: undefined, layout });
      }
      const kept = memories.map((memory, side) => (memory ? ownText(side, memory) : "0"));
      const owns = `[${kept.join(",")}]`;
      if (memories.length === sides) return restBody({ values, credit, owns, layout });
    }
    const questions = open.length === 0 ? "" : `,"q":[${open.map(questionText).join(",")}]`;
    const rest = `{"h":${agreed.here ? 1 : 0},"s":[${texts.join(",")}]${questions}}`;
    return body(`${values},${creditsText(set)}`, rest, layout);
  };
}

function makeDecode(reading: Reading): Codec["decode"] {
  function resting(side: number, agreed: State, kept: Json): Memory {
    const shadow = reading.project(side, agreed);
    const own = kept === undefined || kept === 0 ? undefined : reviveOwn(kept);
    const from = shadow === null ? null : (own ?? reading.ownOf(side, shadow) ?? null);
    return { shadow, own: from, base: agreed, told: [], at: 0 };
  }

  function memoryOf(side: number, json: Json, agreed: State): Memory | undefined {
    if (json === null) return undefined;
    if (json === 0) return resting(side, agreed, undefined);
    const of = json as JsonMemory; // memoryText() wrote it
    if (of.b === undefined) return resting(side, agreed, of.o);
    return reviveMemory(of, (shadow) => reading.ownOf(side, shadow));
  }

  return function decode(parsed) {
    const [values, credits] = parsed;
    const third = parsed[2] === 0 ? undefined : parsed[2];
    const set = reviveCredits(credits, reading.fields + 1);
    if (third === undefined || Array.isArray(third)) {
      const agreed: State = { here: true, values: reviveValues(values) };
      const owns: JsonList = third ?? [];
      const memories = Array.from({ length: reading.sides }, (_, side) =>
        resting(side, agreed, owns[side]),
      );
      return { agreed, set, open: [], sides: memories };
    }
    const rest = third as JsonRest; // encode() wrote it
    const agreed: State = { here: rest.h === 1, values: reviveValues(values) };
    return {
      agreed,
      set,
      open: (rest.q ?? []).map(reviveQuestion),
      sides: rest.s.map((json, side) => memoryOf(side, json, agreed)),
    };
  };
}

/** True if all that a side's memory holds, its own row aside, follows from the agreed state. */
function rests(side: number, memory: Memory, agreed: State, policy: Policy): boolean {
  if (memory.told.length > 0 || memory.parked !== undefined || memory.at !== 0) return false;
  if (memory.missing !== undefined) return false;
  const want = project(side, agreed, policy);
  if (want === null || memory.shadow === null) {
    return want === memory.shadow && sameState(memory.base, agreed);
  }
  if (!sameAll(want, memory.shadow) || !memory.base.here) return false;
  return policy.sides[side]?.carries.every((f) => sameAt(memory.base, agreed, f)) ?? false;
}

const sameAt = (a: State, b: State, field: number): boolean =>
  same(a.values[field], b.values[field]);
const sameState = (a: State, b: State): boolean =>
  a === b || (a.here === b.here && sameAll(a.values, b.values));

/** Why an entry has to be found again without knowing its key. */
export function flagsOf(entry: Entry, owes: boolean): number {
  let flags = entry.agreed.here ? 0 : FLAGS.gone;
  if (entry.open.length > 0) flags |= FLAGS.asks;
  if (entry.open.some((question) => question.why === "withheld")) flags |= FLAGS.withheld;
  if (owes || entry.sides.some((memory) => (memory?.told.length ?? 0) > 0)) flags |= FLAGS.owes;
  if (entry.sides.some((memory) => memory?.parked !== undefined)) flags |= FLAGS.parked;
  return flags;
}

/** True if an own row, as kept at rest, is the one in hand. */
export function isOwn(kept: Json, own: OwnRow): boolean {
  const list = kept as JsonList;
  if (list.length !== own.length) return false;
  for (let i = 0; i < own.length; i++) {
    const value = list[i];
    if (value === own[i]) continue;
    if (typeof value !== "object" || value === null) return false;
    if (!sameAll([reviveValue(value)], [own[i]])) return false;
  }
  return true;
}
