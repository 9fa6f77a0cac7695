// The parts of an entry as text, and back. JSON lists with fixed places, because millions of them
// are kept; what each place means stands here and nowhere else.
import { encodeValues, reviveValues } from "../core/json.ts";
import type {
  Credit,
  Held,
  Memory,
  OwnRow,
  Parked,
  Position,
  Question,
  Row,
  State,
  Told,
  Why,
} from "../core/state.ts";

/** What JSON.parse made of a text that was written here. */
export type Json = unknown;
/** A list of them. */
export type JsonList = readonly Json[];

/** The third part of an entry that is not at rest. */
export interface JsonRest {
  readonly h: number;
  readonly s: readonly Json[];
  readonly q?: readonly JsonList[];
}
/** A side's memory: shadow, own row, base, position, mark, told writes, what is parked, missing. */
export interface JsonMemory {
  readonly w?: Json;
  readonly o?: Json;
  readonly b?: JsonList;
  readonly a?: string;
  readonly m?: string;
  readonly t?: readonly JsonList[];
  readonly p?: Parked;
  readonly x?: Json;
}

/** The credit of all fields, if they have one in common. */
export function oneCredit(set: readonly (Credit | undefined)[]): Credit | undefined {
  const first = set.at(-1);
  if (first === undefined) return undefined;
  return set.every((c) => c?.by === first.by && c.stamp === first.stamp) ? first : undefined;
}

const creditText = (credit: Credit | undefined): string =>
  credit === undefined ? "0" : JSON.stringify([credit.by, credit.stamp]);
/** Credits by position; one for all where they are the same. */
export const creditsText = (set: readonly (Credit | undefined)[]): string => {
  const one = oneCredit(set);
  return one === undefined ? `[${set.map(creditText).join(",")}]` : creditText(one);
};

/** The credits behind `creditsText`. */
export function reviveCredits(json: Json, count: number): readonly (Credit | undefined)[] {
  const list = json as JsonList;
  const one = (pair: Json): Credit | undefined => {
    if (!Array.isArray(pair)) return undefined;
    const [by, stamp] = pair as [number | string, number]; // creditText() wrote it
    return { by, stamp };
  };
  if (list.length === 2 && typeof list[1] === "number" && list[1] !== 0) {
    const credit = one(list);
    return Array.from({ length: count }, () => credit);
  }
  return list.map(one);
}

const rowText = (row: Row | null): string => (row === null ? "null" : encodeValues(row));
const stateText = (state: State): string => `[${state.here ? 1 : 0},${encodeValues(state.values)}]`;
const reviveRow = (json: Json): Row | null => (json === null ? null : reviveValues(json));
const reviveState = (json: JsonList): State => ({
  here: json[0] === 1,
  values: reviveValues(json[1]),
});
const positionText = (at: Position): string => JSON.stringify(String(at));
function positionOf(text: string): Position {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

function toldText(told: Told): string {
  const { id, to, against, at, base, until, sent, once } = told;
  const aim = `${rowText(to)},${rowText(against)},${positionText(at)},${stateText(base)}`;
  return `[${JSON.stringify(id)},${aim},${until},${sent},${once ? 1 : 0}]`;
}

function reviveTold(json: JsonList): Told {
  const [id, to, against, at, base, until, sent, once] = json;
  return {
    id: String(id),
    to: reviveRow(to),
    against: reviveRow(against),
    at: positionOf(String(at)),
    base: reviveState(base as JsonList),
    until: Number(until),
    sent: Number(sent),
    once: once === 1,
  };
}

/** A question as text. */
export function questionText(question: Question): string {
  const { field, why, opened } = question;
  const held = question.held.map((of) => {
    if (of === undefined) return "0";
    const stamps = JSON.stringify(of.stamps.map((stamp) => stamp ?? null));
    const on = of.firstOn === undefined ? "" : `,${JSON.stringify(of.firstOn)}`;
    return `[${rowText(of.row)},${stamps},${of.first ? 1 : 0}${on}]`;
  });
  return `[${field},${JSON.stringify(why)},${opened},[${held.join(",")}]]`;
}

/** The question behind `questionText`. */
export function reviveQuestion(json: JsonList): Question {
  const [field, why, opened, held] = json;
  return {
    field: Number(field),
    why: String(why) as Why, // questionText() wrote one
    opened: Number(opened),
    held: (held as JsonList).map(reviveHeld),
  };
}

function reviveHeld(json: Json): Held | undefined {
  if (json === 0) return undefined;
  const [row, stamps, first, on] = json as JsonList;
  return {
    row: reviveRow(row),
    stamps: (stamps as readonly (number | null)[]).map((stamp) => stamp ?? undefined),
    first: first === 1,
    ...(Array.isArray(on) ? { firstOn: on.map(Number) } : {}),
  };
}

/** A side's memory as text; `own` is the text of its own row, "0": it follows from the shadow. */
export function memoryText(memory: Memory, own: string): string {
  const { shadow, base, at, mark, told, parked, missing } = memory;
  const parts = [`"w":${rowText(shadow)}`, `"o":${own}`, `"b":${stateText(base)}`];
  if (at !== 0) parts.push(`"a":${positionText(at)}`);
  if (mark !== undefined) parts.push(`"m":${JSON.stringify(mark)}`);
  if (told.length > 0) parts.push(`"t":[${told.map(toldText).join(",")}]`);
  if (parked !== undefined) parts.push(`"p":${JSON.stringify(parked)}`);
  if (missing !== undefined) parts.push(`"x":${rowText(missing)}`);
  return `{${parts.join(",")}}`;
}

/** The memory behind `memoryText`; `ownOf` says what follows from a shadow. */
export function reviveMemory(of: JsonMemory, ownOf: (shadow: Row) => OwnRow | undefined): Memory {
  const shadow = reviveRow(of.w ?? null);
  const kept = of.o === 0 || of.o === undefined ? undefined : reviveOwn(of.o);
  return {
    shadow,
    own: shadow === null ? null : (kept ?? ownOf(shadow) ?? null),
    base: reviveState(of.b ?? []),
    told: (of.t ?? []).map(reviveTold),
    at: of.a === undefined ? 0 : positionOf(of.a),
    ...(of.m === undefined ? {} : { mark: of.m }),
    ...(of.p === undefined ? {} : { parked: of.p }),
    ...(of.x === undefined ? {} : { missing: reviveValues(of.x) }),
  };
}

/** An own row behind its text: own rows hold no undefined. */
export const reviveOwn = (json: Json): OwnRow => reviveValues(json) as OwnRow;
