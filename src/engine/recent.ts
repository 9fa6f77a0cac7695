// A comparison of those entries only that sides say have changed, and of those where something is
// still open. Each is looked at on every side and folded as in a comparison of everything; about
// all others nothing is claimed, their absence least of all (I7).
import type { Key } from "../core/state.ts";
import { isPassedBy, type Candidate, type Look } from "./candidate.ts";
import type { Stretch } from "./compare.ts";
import type { Context } from "./context.ts";
import { FLAGS } from "./journal.ts";
import type { Side } from "./link.ts";
import { weightOfRows } from "../core/weight.ts";
import { readSome } from "./looks.ts";
import { PAGE_BYTES_MAX, PAGE_ROWS_MAX, type Cursor, type Unkeyed } from "./replica.ts";
import { parseBodies, UNKEYED_MAX, type UnkeyedRows } from "./stream.ts";

/** Entries that are compared one by one, at most: above that, comparing everything costs less. */
export const RECENT_MAX = 50_000;
/** Of what sides told, so much is kept. */
const RECENT_BYTES_MAX = 4 * PAGE_BYTES_MAX;

/** What has changed, as far as sides tell. */
export interface Recent {
  /** Strictly ascending. */
  readonly keys: readonly Key[];
  /**
   * By side, what it told; undefined: it tells nothing. What is not in it is looked at by keys.
   */
  readonly told: readonly (Looks | undefined)[];
  /** By side, where it goes on. */
  readonly cursors: readonly (Cursor | null)[];
  /** By side, rows that it told of and that cannot be entries. */
  readonly unkeyed: readonly UnkeyedRows[];
}

type Looks = ReadonlyMap<Key, Look>;

/**
 * Asks every side that tells what changed, from these cursors on; null: from the beginning.
 * undefined: more than RECENT_MAX entries.
 */
export async function readRecent(
  context: Context,
  cursors: readonly (Cursor | null)[],
  signal: AbortSignal,
): Promise<Recent | undefined> {
  const keys = new Set<Key>();
  const unkeyed: { count: number; named: Unkeyed[] }[] = [];
  const told: (Looks | undefined)[] = [];
  const moved: (Cursor | null)[] = [];
  let bytes = 0;
  for (const [index, side] of context.pipeline.sides.entries()) {
    const odd: (typeof unkeyed)[number] = { count: 0, named: [] };
    unkeyed.push(odd);
    if (!tells(side)) {
      told.push(undefined);
      moved.push(null);
      continue;
    }
    const looks = new Map<Key, Look>();
    let cursor = cursors[index] ?? null;
    for await (const page of side.replica.changes([side.shape], cursor ?? undefined, signal)) {
      bytes += page.bytes ?? weightOfRows(page.rows);
      for (const [at, key] of page.keys.entries()) {
        keys.add(key);
        // What would be too much is looked at by its key, a page in memory.
        if (bytes > RECENT_BYTES_MAX) looks.delete(key);
        else
          looks.set(key, {
            own: page.rows[at] ?? null,
            at: page.positions?.[at] ?? 0,
            stamp: page.stamps?.[at],
          });
      }
      for (const row of page.unkeyed ?? []) {
        odd.count += 1;
        if (odd.named.length < UNKEYED_MAX) odd.named.push(row);
      }
      if (keys.size > RECENT_MAX) return undefined;
      cursor = page.cursor;
    }
    told.push(looks);
    moved.push(cursor);
  }
  for await (const key of openKeys(context)) {
    keys.add(key);
    if (keys.size > RECENT_MAX) return undefined;
  }
  return { keys: [...keys].sort(), told, cursors: moved, unkeyed };
}

/** True for a side that is asked what changed; one that only follows is not. */
export function tells({ description, follows }: Side): boolean {
  return !follows && description.capabilities.since === true;
}

/** Entries that are not at rest: a comparison of everything would meet them as well. */
async function* openKeys({ link, pipeline }: Context): AsyncGenerator<Key> {
  const flags = FLAGS.asks | FLAGS.owes | FLAGS.parked | FLAGS.withheld;
  let after: Key | null = null;
  for (;;) {
    const range = { after, limit: PAGE_ROWS_MAX, flags };
    const { keys } = await link.journal.entries(pipeline.name, range);
    if (keys.length === 0) return;
    yield* keys;
    after = keys.at(-1) ?? null;
  }
}

/** These entries as every side holds them now, beside what is remembered of them. */
export async function* compareRecent(
  context: Context,
  { keys, told }: Pick<Recent, "keys" | "told">,
  signal: AbortSignal,
): AsyncGenerator<Stretch, void, undefined> {
  const { pipeline, view, link } = context;
  for (let start = 0; start < keys.length;) {
    const wanted = keys.slice(start, start + PAGE_ROWS_MAX);
    const known = await link.journal.find(pipeline.name, wanted);
    const bodies = parseBodies(known.map((record) => record?.body ?? "null"));
    const looks: Looks[] = [];
    let page = wanted.slice(0, known.length);
    for (const [index, side] of pipeline.sides.entries()) {
      const found = await looksAt(side, { page, told: told[index] }, signal);
      page = page.slice(0, found.count);
      looks.push(found.looks);
    }
    start += page.length;
    const candidates = page.map((key, at): Candidate => {
      const text = known[at]?.body ?? undefined;
      const body = text === undefined ? undefined : bodies[at];
      return { key, text, body, looks: looks.map((of) => of.get(key)) };
    });
    signal.throwIfAborted();
    yield {
      candidates: candidates.filter((each) => !isPassedBy(pipeline, view, each)),
      unchanged: 0,
      extra: 0,
      outside: 0,
      fresh: { keys: [], owns: [] },
    };
  }
}

/** What a side holds under the first of these keys; what it told already is not asked again. */
async function looksAt(
  { replica, shape }: Side,
  { page, told }: { readonly page: readonly Key[]; readonly told: Looks | undefined },
  signal: AbortSignal,
): Promise<{ readonly looks: Looks; readonly count: number }> {
  const looks = new Map<Key, Look>();
  const asked = page.filter((key) => {
    const look = told?.get(key);
    if (look !== undefined) looks.set(key, look);
    return look === undefined;
  });
  if (asked.length === 0) return { looks, count: page.length };
  const { keys, rows, positions, stamps } = await readSome({ replica, shape }, asked, signal);
  for (const [at, key] of keys.entries()) {
    looks.set(key, { own: rows[at] ?? null, at: positions?.[at] ?? 0, stamp: stamps?.[at] });
  }
  const next = asked[keys.length];
  return { looks, count: next === undefined ? page.length : page.indexOf(next) };
}
