// Entries: in blocks, in key order. A page reads blocks, a change rewrites the block it is in.
import { assert } from "../../core/errors.ts";
import type { Key } from "../../core/state.ts";
import { bodiesBy, inKeyOrder, recordsOf } from "../../engine/commit.ts";
import { FLAGS, JOINT } from "../../engine/journal.ts";
import { PAGE_BYTES_MAX } from "../../engine/replica.ts";
import type {
  EntryCount,
  EntryPage,
  EntryRecord,
  JoinedEntries,
  Range,
} from "../../engine/journal.ts";
import {
  cutBlock,
  cutJoined,
  EMPTY,
  formatBlock,
  indexFrom,
  mergeBlock,
  parseBlock,
} from "./blocks.ts";
import type { Block, BlockColumns, Change } from "./blocks.ts";
import { sha256 } from "../../threads/sha256.ts";
import type { Database, Query } from "./database.ts";

type BlockRow = readonly [last: Key, ...BlockColumns];

/** Keys have no character above U+00FF. */
const PAST_ALL_KEYS = "\uffff";
const COLUMNS = "last, keys, bodies, flags, flagged";
const BLOCKS_AFTER: Query<BlockRow> = {
  sql: `SELECT ${COLUMNS} FROM entry_block WHERE pipeline_id = ? AND last > ? ORDER BY last`,
};
/** The only block in which this key can be. */
const BLOCK_OF: Query<BlockRow> = {
  sql: `SELECT ${COLUMNS} FROM entry_block WHERE pipeline_id = ? AND last >= ?
    ORDER BY last LIMIT 1`,
};
const LAST_BLOCK: Query<BlockRow> = {
  sql: `SELECT ${COLUMNS} FROM entry_block WHERE pipeline_id = ? ORDER BY last DESC LIMIT 1`,
};
/** Goes through the index of blocks with flags only. */
const FLAGGED_AFTER: Query<BlockRow> = {
  sql: `SELECT ${COLUMNS} FROM entry_block INDEXED BY entry_block_flagged
    WHERE pipeline_id = ? AND last > ? AND flagged <> 0 AND (flagged & ?) <> 0 ORDER BY last`,
};
const COUNTS: Query<readonly [flags: number, entries: number]> = {
  sql: "SELECT flags, entries FROM entry_count WHERE pipeline_id = ?",
};
const COUNT = `INSERT INTO entry_count (pipeline_id, flags, entries) VALUES (?, ?, ?)
  ON CONFLICT DO UPDATE SET entries = entries + excluded.entries`;

/** One page of entries in key order. */
export function readPage(database: Database, pipeline: number, range: Range): EntryPage {
  const { limit, flags: mask } = range;
  const after = range.after ?? "";
  const page = { keys: [] as Key[], bodies: [] as string[], flags: [] as number[] };
  let chars = 0;
  const isFull = (): boolean => page.keys.length >= limit || chars >= PAGE_BYTES_MAX;
  const rows =
    mask === undefined
      ? database.each(BLOCKS_AFTER, pipeline, after)
      : database.each(FLAGGED_AFTER, pipeline, after, mask);
  for (const row of rows) {
    const [, { keys, bodies, flags }] = blockOf(row);
    for (let i = 0; i < keys.length && !isFull(); i++) {
      const key = keys[i] ?? "";
      const flag = flags[i] ?? 0;
      if (key <= after || (mask !== undefined && (flag & mask) === 0)) continue;
      page.keys.push(key);
      page.bodies.push(bodies[i] ?? "");
      page.flags.push(flag);
      chars += bodies[i]?.length ?? 0;
    }
    if (isFull()) break;
  }
  return page;
}

/**
 * The entries of the first of these keys, as many as a page holds. Keys in order are found fastest.
 */
export function findEntries(
  database: Database,
  pipeline: number,
  keys: readonly Key[],
): readonly (EntryRecord | undefined)[] {
  let block = EMPTY;
  // What is between them can be in no other block.
  let [from, to] = ["", ""];
  const found: (EntryRecord | undefined)[] = [];
  let chars = 0;
  for (const key of keys) {
    if (chars >= PAGE_BYTES_MAX) break;
    if (key < from || key > to) {
      const row = database.row(BLOCK_OF, pipeline, key);
      [to, block] = row === undefined ? [PAST_ALL_KEYS, EMPTY] : blockOf(row);
      from = key;
    }
    const at = indexFrom(block, key);
    if (block.keys[at] !== key) {
      found.push(undefined);
      continue;
    }
    const body = block.bodies[at] ?? "";
    found.push({ key, body, flags: block.flags[at] ?? 0 });
    chars += body.length;
  }
  return found;
}

/** How many entries there are and how many have each flag. */
export function countEntries(database: Database, pipeline: number): EntryCount {
  const byFlag = new Map<number, number>();
  let here = 0;
  for (const [flags, entries] of database.rows(COUNTS, pipeline)) {
    if ((flags & FLAGS.gone) === 0) here += entries;
    for (const bit of Object.values(FLAGS)) {
      if ((flags & bit) !== 0 && entries > 0) byFlag.set(bit, (byFlag.get(bit) ?? 0) + entries);
    }
  }
  return { entries: here, flags: byFlag };
}

/** Saves and forgets entries, inside the caller's transaction. */
export function putEntries(
  database: Database,
  pipeline: number,
  unsorted: readonly EntryRecord[],
): void {
  const records = inKeyOrder(unsorted);
  const counts = new Map<number, number>();
  const count = (flags: number | undefined, by: number) => {
    if (flags !== undefined) counts.set(flags, (counts.get(flags) ?? 0) + by);
  };
  const change: Change = (was, is) => {
    if (was === is) return;
    count(was, -1);
    count(is, 1);
  };

  let from = 0;
  while (from < records.length) {
    const first = records[from]?.key ?? "";
    const row = database.row(BLOCK_OF, pipeline, first);
    const known = row ?? database.row(LAST_BLOCK, pipeline);
    const to = row === undefined ? records.length : firstAfter(records, row[0], from);
    assert(to > from, "a block takes at least the entry for which it was found");
    const [last, block] = known === undefined ? [undefined, EMPTY] : blockOf(known);
    const merged = mergeBlock(block, records.slice(from, to), change);
    replace(database, pipeline, last, cutBlock(merged, row === undefined));
    from = to;
  }
  for (const [flags, by] of counts) {
    if (by !== 0) database.run(COUNT, pipeline, flags, by);
  }
}

/**
 * Saves entries that are joined, inside the caller's transaction. Where they come after all others
 * they are cut into blocks as they are.
 */
export function putJoined(database: Database, pipeline: number, joined: JoinedEntries): void {
  const { keys, count, odd } = joined;
  const first = keys.slice(0, keys.includes(JOINT) ? keys.indexOf(JOINT) : undefined);
  if (database.row(BLOCK_OF, pipeline, first) !== undefined) {
    const { bodies } = joined;
    const made = typeof bodies === "string" ? bodies : bodiesBy(sha256, bodies);
    putEntries(database, pipeline, recordsOf({ ...joined, bodies: made }));
    return;
  }
  for (const { last, columns } of cutJoined(joined)) insert(database, pipeline, last, columns);
  const counts = new Map<number, number>([[0, count - odd.length]]);
  for (const { flags } of odd) counts.set(flags, (counts.get(flags) ?? 0) + 1);
  for (const [flags, by] of counts) if (by > 0) database.run(COUNT, pipeline, flags, by);
}

/** Forgets all entries of a pipeline, inside the caller's transaction. */
export function forgetEntries(database: Database, pipeline: number): void {
  database.run("DELETE FROM entry_block WHERE pipeline_id = ?", pipeline);
  database.run("DELETE FROM entry_count WHERE pipeline_id = ?", pipeline);
}

function blockOf([last, ...text]: BlockRow): readonly [last: Key, block: Block] {
  return [last, parseBlock(text)];
}

/** Puts blocks in the place of the one that ended with `last`. */
function replace(
  database: Database,
  pipeline: number,
  last: Key | undefined,
  blocks: readonly Block[],
): void {
  const [only, ...others] = blocks;
  if (only !== undefined && others.length === 0 && only.keys.at(-1) === last) {
    database.run(
      `UPDATE entry_block SET keys = ?, bodies = ?, flags = ?, flagged = ?
        WHERE pipeline_id = ? AND last = ?`,
      ...formatBlock(only),
      pipeline,
      last ?? "",
    );
    return;
  }
  if (last !== undefined) {
    database.run("DELETE FROM entry_block WHERE pipeline_id = ? AND last = ?", pipeline, last);
  }
  for (const block of blocks) {
    insert(database, pipeline, block.keys.at(-1) ?? "", formatBlock(block));
  }
}

function insert(database: Database, pipeline: number, last: Key, columns: BlockColumns): void {
  database.run(
    `INSERT INTO entry_block (pipeline_id, last, keys, bodies, flags, flagged)
      VALUES (?, ?, ?, ?, ?, ?)`,
    pipeline,
    last,
    ...columns,
  );
}

/** The position of the first record whose key is greater. */
function firstAfter(records: readonly EntryRecord[], key: Key, from: number): number {
  let i = from;
  while (i < records.length && (records[i]?.key ?? "") <= key) i++;
  return i;
}
