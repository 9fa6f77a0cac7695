// Blocks: some dozens of entries in key order, kept as one row. They are to a pipeline what leaves
// are to a tree: none overlaps another, and each is rewritten whole when an entry in it changes.
// docs/decisions/journal-layout.md has the measurements.
import type { Key } from "../../core/state.ts";
import { JOINT } from "../../engine/journal.ts";
import type { EntryRecord, JoinedEntries, OddEntry } from "../../engine/journal.ts";
import { digestTexts, joinedTexts } from "../../threads/digest-texts.ts";
import type { Texts } from "../../threads/digest-texts.ts";

/** Entries in key order: parallel arrays. */
export interface Block {
  readonly keys: readonly Key[];
  readonly bodies: readonly string[];
  readonly flags: readonly number[];
}

/** A block as its columns hold it. The last one has all flags that occur. */
export type BlockColumns = readonly [keys: string, bodies: string, flags: string, flagged: number];

/** Told of the flags of an entry before and after; undefined: it is not there. */
export type Change = (was: number | undefined, is: number | undefined) => void;

/** No entries. */
export const EMPTY: Block = { keys: [], bodies: [], flags: [] };

/** A block with more text than this is split: what a page of the file holds. */
export const CHARS_MAX = 4_000;
/** How full blocks are made where entries only come after the last one, so that each may grow. */
const CHARS_APPENDED = CHARS_MAX * 0.9;
/** In no key and no body (engine/commit.ts sees to it). */
const SEPARATOR = JOINT;

/** The block in these columns. */
export function parseBlock([keys, bodies, flags, flagged]: BlockColumns): Block {
  const names = keys.split(SEPARATOR);
  return {
    keys: names,
    bodies: bodies.split(SEPARATOR),
    flags: flagged === 0 ? names.map(() => 0) : flags.split(",").map(Number),
  };
}

/** The columns of a block. Most blocks are at rest: their flags take no room. */
export function formatBlock({ keys, bodies, flags }: Block): BlockColumns {
  const flagged = flags.reduce((all, each) => all | each, 0);
  const text = flagged === 0 ? "" : flags.join();
  return [keys.join(SEPARATOR), bodies.join(SEPARATOR), text, flagged];
}

/** The block with these records, which are in key order, saved or forgotten in it. */
export function mergeBlock(block: Block, records: readonly EntryRecord[], change: Change): Block {
  const merged = { keys: [] as Key[], bodies: [] as string[], flags: [] as number[] };
  let from = 0;
  const keepUpTo = (to: number) => {
    for (; from < to; from++) {
      merged.keys.push(block.keys[from] ?? "");
      merged.bodies.push(block.bodies[from] ?? "");
      merged.flags.push(block.flags[from] ?? 0);
    }
  };
  for (const { key, body, flags } of records) {
    const at = indexFrom(block, key, from);
    keepUpTo(at);
    const isKnown = block.keys[at] === key;
    if (isKnown) from++;
    change(isKnown ? block.flags[at] : undefined, body === null ? undefined : flags);
    if (body === null) continue;
    merged.keys.push(key);
    merged.bodies.push(body);
    merged.flags.push(flags);
  }
  keepUpTo(block.keys.length);
  return merged;
}

/** The block cut into blocks that are not too long: equal ones, or full ones where more follow. */
export function cutBlock(block: Block, isAppended: boolean): readonly Block[] {
  const total = block.keys.reduce((sum, key, i) => sum + charsOf(key, block.bodies[i]), 0);
  if (total <= CHARS_MAX) return block.keys.length === 0 ? [] : [block];
  const target = isAppended ? CHARS_APPENDED : total / Math.ceil(total / CHARS_MAX);
  const cuts: Block[] = [];
  let start = 0;
  let chars = 0;
  for (const [i, key] of block.keys.entries()) {
    if (Math.floor(chars / target) > cuts.length && i > start) {
      cuts.push(sliceBlock(block, start, i));
      start = i;
    }
    chars += charsOf(key, block.bodies[i]);
  }
  cuts.push(sliceBlock(block, start, block.keys.length));
  return cuts;
}

/** Joined entries cut into full blocks, each with its last key. */
export function* cutJoined({
  keys,
  count,
  bodies,
  odd,
}: JoinedEntries): Generator<{ readonly last: Key; readonly columns: BlockColumns }, void> {
  const names = joinedTexts(keys, count);
  const rests = restTexts(bodies, count - odd.length);
  let [from, restsFrom, oddFrom] = [0, 0, 0];
  let [chars, passed] = [0, 0];
  for (let at = 0; at < count; at++) {
    const one = odd[passed];
    const isOdd = one?.at === at;
    if (isOdd) passed += 1;
    chars += names.lengthOf(at) + 2 + (isOdd ? one.body.length : rests.lengthOf(at - passed));
    if (chars < CHARS_APPENDED && at < count - 1) continue;
    const to = at + 1;
    const here = odd.slice(oddFrom, passed).map((each) => ({ ...each, at: each.at - from }));
    const restsTo = restsFrom + to - from - here.length;
    const texts =
      here.length === 0
        ? rests.slice(restsFrom, restsTo)
        : withOdd(rests, { from: restsFrom, to: restsTo }, here);
    const flags = flagColumns(to - from, here);
    yield { last: names.slice(at, to), columns: [names.slice(from, to), texts, ...flags] };
    [from, restsFrom, oddFrom, chars] = [to, restsTo, passed, 0];
  }
}

/** Bodies of entries at rest; digests are made here. */
function restTexts(bodies: JoinedEntries["bodies"], count: number): Texts {
  return typeof bodies === "string"
    ? joinedTexts(bodies, count)
    : digestTexts(bodies.texts, count, bodies);
}

/** Some of the texts, with others in their places among them. */
function withOdd(
  rests: Texts,
  { from, to }: { readonly from: number; readonly to: number },
  odd: readonly OddEntry[],
): string {
  const parts: string[] = [];
  let next = from;
  for (const [before, { at, body }] of odd.entries()) {
    const end = from + at - before;
    if (end > next) parts.push(rests.slice(next, end));
    parts.push(body);
    next = end;
  }
  if (to > next) parts.push(rests.slice(next, to));
  return parts.join(SEPARATOR);
}

function flagColumns(
  count: number,
  odd: readonly { readonly at: number; readonly flags: number }[],
): readonly [flags: string, flagged: number] {
  const all = Array.from({ length: count }, () => 0);
  for (const { at, flags } of odd) all[at] = flags;
  const flagged = all.reduce((sum, each) => sum | each, 0);
  return [flagged === 0 ? "" : all.join(), flagged];
}

/** Where a key is, or would be, in a block. */
export function indexFrom({ keys }: Block, key: Key, from = 0): number {
  let low = from;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? "") < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sliceBlock({ keys, bodies, flags }: Block, from: number, to: number): Block {
  return {
    keys: keys.slice(from, to),
    bodies: bodies.slice(from, to),
    flags: flags.slice(from, to),
  };
}

function charsOf(key: Key, body = ""): number {
  return key.length + body.length + 2;
}
