// Rows of one side that hold what only one of them may hold. They are looked for before a
// comparison, by digests: whichever came first would otherwise win by accident, and a row that was
// delivered cannot be taken back. All of them are set aside by name, and the rest goes on.
import { SyncError } from "../core/errors.ts";
import { rowDigest, type Hash } from "../core/hash.ts";
import { showKey } from "../core/key.ts";
import type { UniqueRule } from "../core/rules.ts";
import { ABSENT, JSON_NULL } from "../core/state.ts";
import type { Key, Row, SideIndex } from "../core/state.ts";
import type { Pipeline } from "./link.ts";
import { listSide } from "./stream.ts";

/** Rows of one side that are looked at for what has to be unique, at most: 16 bytes each. */
const UNIQUE_ROWS_MAX = 5_000_000;
/** Rows that hold what others hold, at most: above it the rule is wrong, not the rows. */
const DOUBLED_ROWS_MAX = 100_000;

/** Per key what is wrong with a row that doubles others, by side; undefined: nothing there. */
export type Doubles = ReadonlyMap<Key, readonly (readonly string[] | undefined)[]>;

const NONE: Doubles = new Map();

/**
 * Finds the rows that break a `unique` rule: every leading side is listed once, and once more where
 * something may be doubled. Throws LIMIT_EXCEEDED above UNIQUE_ROWS_MAX or DOUBLED_ROWS_MAX. Costs
 * nothing where there is no such rule.
 */
export async function doubledRows(
  pipeline: Pipeline,
  hash: Hash,
  signal: AbortSignal,
): Promise<Doubles> {
  const { unique } = pipeline;
  if (unique === undefined) return NONE;
  const found = new Map<Key, (readonly string[] | undefined)[]>();
  for (const [index, side] of pipeline.sides.entries()) {
    if (side.follows) continue;
    const listing: Listing = { pipeline, index, hash, signal };
    for (const [key, errors] of await doubledOn(listing, unique.rules)) {
      const sides = found.get(key) ?? pipeline.sides.map(() => undefined);
      sides[index] = errors;
      found.set(key, sides);
    }
  }
  return found;
}

const NAMING_ROWS = /^(.+): .+ and .+ hold the same(?: \(\d+ rows\))?$/s;

/** What an error says without the rows that it names: the same of all that break one rule. */
export function causeOf(error: string): string {
  return NAMING_ROWS.exec(error)?.[1] ?? error;
}

/** Another content for the row of one entry. */
export interface Edited {
  readonly key: Key;
  readonly row: Row;
}

/** Which of the `unique` rules a row would break, each with the first row that it would double. */
export async function doubledBy(
  pipeline: Pipeline,
  { key, row }: Edited,
  hash: Hash,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const errors = new Map<UniqueRule, string>();
  const rules = (pipeline.unique?.rules ?? []).flatMap((rule) => {
    const digest = digestOf(rule, row, hash);
    return digest === undefined ? [] : [{ rule, digest }];
  });
  if (rules.length === 0) return [];
  for (const [index, side] of pipeline.sides.entries()) {
    if (side.follows) continue;
    await eachRow({ pipeline, index, hash, signal }, (other, held) => {
      for (const { rule, digest } of other === key ? [] : rules) {
        if (errors.has(rule) || digestOf(rule, held, hash) !== digest) continue;
        errors.set(rule, `${rule.message}: ${showKey(key)} and ${showKey(other)} hold the same`);
      }
    });
  }
  return [...errors.values()];
}

interface Listing {
  readonly pipeline: Pipeline;
  readonly index: SideIndex;
  readonly hash: Hash;
  readonly signal: AbortSignal;
}

/** Keys of one side with everything that is wrong with their rows. */
async function doubledOn(
  listing: Listing,
  rules: readonly UniqueRule[],
): Promise<ReadonlyMap<Key, readonly string[]>> {
  const { pipeline, hash } = listing;
  const sets = rules.map(() => new DigestSet());
  const twice = rules.map(() => new Set<number>());
  let rows = 0;
  await eachRow(listing, (_key, row) => {
    rows += 1;
    if (rows > UNIQUE_ROWS_MAX) throw tooManyRows(pipeline);
    for (const [i, rule] of rules.entries()) {
      const digest = digestOf(rule, row, hash);
      if (digest === undefined) continue;
      const short = shortOf(digest);
      if (sets[i]?.add(short) === false) twice[i]?.add(short);
    }
  });
  if (twice.every((each) => each.size === 0)) return new Map();
  return await namedRows(listing, rules, twice);
}

/** Which rows they are: short digests may meet by accident, whole ones do not. */
async function namedRows(
  listing: Listing,
  rules: readonly UniqueRule[],
  twice: readonly ReadonlySet<number>[],
): Promise<ReadonlyMap<Key, readonly string[]>> {
  const { pipeline, hash } = listing;
  const groups = rules.map(() => new Map<string, Key[]>());
  const also = new Map<Key, readonly string[]>();
  await eachRow(listing, (key, row) => {
    for (const [i, rule] of rules.entries()) {
      const digest = digestOf(rule, row, hash);
      if (digest === undefined || twice[i]?.has(shortOf(digest)) !== true) continue;
      const keys = groups[i]?.get(digest);
      if (keys === undefined) groups[i]?.set(digest, [key]);
      else keys.push(key);
      if (!also.has(key)) also.set(key, pipeline.unique?.also(row) ?? []);
      if (also.size > DOUBLED_ROWS_MAX) throw tooManyDoubles(pipeline, rule);
    }
  });
  const errors = new Map<Key, string[]>();
  for (const [i, { message }] of rules.entries()) {
    for (const keys of groups[i]?.values() ?? []) {
      for (const [at, key] of keys.length < 2 ? [] : keys.entries()) {
        const other = keys[at === 0 ? 1 : 0] ?? key;
        const list = errors.get(key) ?? [...(also.get(key) ?? [])];
        const more = keys.length > 2 ? ` (${keys.length} rows)` : "";
        list.push(`${message}: ${showKey(key)} and ${showKey(other)} hold the same${more}`);
        errors.set(key, list);
      }
    }
  }
  return errors;
}

/** Reads one side from end to end; what is outside the filter or cannot be read is passed by. */
async function eachRow(
  { pipeline, index, signal }: Listing,
  visit: (key: Key, row: Row) => void,
): Promise<void> {
  const side = pipeline.sides[index];
  if (side === undefined) return;
  const stream = listSide(side, null, signal);
  try {
    for (await stream.fill(); stream.head !== undefined;) {
      const row = pipeline.unique?.rowOf(index, stream.row());
      if (row !== undefined) visit(stream.head, row);
      if (!stream.next()) await stream.fill();
    }
  } finally {
    await stream.close();
  }
}

/** As in SQL, nothing is not the same as nothing; what a side does not carry is not judged. */
function digestOf({ fields }: UniqueRule, row: Row, hash: Hash): string | undefined {
  const values: Row[number][] = [];
  for (const field of fields) {
    const value = row[field];
    const isNothing = value === undefined || value === null;
    if (isNothing || value === ABSENT || value === JSON_NULL) return undefined;
    values.push(value);
  }
  return rowDigest(hash, values);
}

/** 52 bits of a digest, never 0: as a number it needs no object of its own. */
function shortOf(digest: string): number {
  return Number.parseInt(digest.slice(0, 13), 16) || 1;
}

/** A set of numbers above 0 that holds nothing but them: 16 bytes for each. */
class DigestSet {
  #slots = new Float64Array(1024);
  #size = 0;

  /** False: it was there. */
  add(digest: number): boolean {
    const slot = this.#slotOf(this.#slots, digest);
    if (this.#slots[slot] === digest) return false;
    this.#slots[slot] = digest;
    this.#size += 1;
    if (this.#size * 2 > this.#slots.length) this.#grow();
    return true;
  }

  #slotOf(slots: Float64Array, digest: number): number {
    let slot = digest % slots.length;
    while (slots[slot] !== 0 && slots[slot] !== digest) slot = (slot + 1) % slots.length;
    return slot;
  }

  #grow(): void {
    const slots = new Float64Array(this.#slots.length * 2);
    for (const digest of this.#slots) {
      if (digest !== 0) slots[this.#slotOf(slots, digest)] = digest;
    }
    this.#slots = slots;
  }
}

function tooManyRows(pipeline: Pipeline): SyncError {
  return new SyncError(
    "LIMIT_EXCEEDED",
    `${pipeline.name} has more than ${UNIQUE_ROWS_MAX} rows, which a \`unique\` rule looks through`,
    { hint: "Let the store hold it: a unique index refuses the second row by itself." },
  );
}

function tooManyDoubles(pipeline: Pipeline, { message }: UniqueRule): SyncError {
  return new SyncError(
    "LIMIT_EXCEEDED",
    `${pipeline.name} has more than ${DOUBLED_ROWS_MAX} rows that are doubled: ${message}`,
    { hint: "Check that the rule names the right field." },
  );
}

/** What the comparison is told of keys whose rows are set aside; why, a decision finds here. */
export const DOUBLED = "";

/** The keys of a comparison that are no plain matter: those that fold, and those that double. */
export function apart(
  folding: ReadonlyMap<Key, string>,
  doubles: Doubles,
): ReadonlyMap<Key, string> {
  if (doubles.size === 0) return folding;
  const all = new Map<Key, string>([...doubles.keys()].map((key) => [key, DOUBLED]));
  for (const [key, why] of folding) all.set(key, why);
  return all;
}
