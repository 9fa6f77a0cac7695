// The history of a link: decided changes, oldest first by number.
import type { SQLInputValue } from "node:sqlite";
import type { Key, Stamp } from "../../core/state.ts";
import { DROPPED_FACT, type HistoryRecord } from "../../engine/journal.ts";
import { PAGE_BYTES_MAX } from "../../engine/replica.ts";
import type { Database, Query } from "./database.ts";
import { ensurePipeline, takeSeq } from "./names.ts";

type HistoryRow = readonly [
  seq: number,
  pipeline: string,
  key: string,
  stamp: number,
  run: string,
  author: string,
  why: string,
  changes: string,
];

const PUT = `INSERT INTO history
  (link_id, seq, pipeline_id, key, stamp, run, author, why, changes)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const COLUMNS = `seq, (SELECT name FROM pipeline WHERE id = pipeline_id), key, stamp, run, author,
  why, changes`;

/** Adds changes inside the caller's transaction. */
export function putHistory(
  database: Database,
  link: number,
  records: readonly HistoryRecord[],
): void {
  if (records.length === 0) return;
  const ids = new Map<string, number>();
  let seq = takeSeq(database, link, records.length);
  for (const { pipeline, key, stamp, run, by, why, changes } of records) {
    const id = ids.get(pipeline) ?? ensurePipeline(database, link, pipeline);
    ids.set(pipeline, id);
    database.run(PUT, link, seq++, id, key, stamp, run, by, why, changes);
  }
}

/** A page of history, newest first. `pipeline` is the number of one. */
export function readHistory(
  database: Database,
  link: number,
  of: { readonly pipeline?: number; readonly key?: Key; readonly run?: string },
  page: { readonly before: number | null; readonly limit: number },
): readonly (HistoryRecord & { readonly seq: number })[] {
  const terms = ["link_id = ?"];
  const values: SQLInputValue[] = [link];
  const want = (term: string, value: SQLInputValue | undefined) => {
    if (value === undefined) return;
    terms.push(term);
    values.push(value);
  };
  want("pipeline_id = ?", of.pipeline);
  want("key = ?", of.key);
  want("run = ?", of.run);
  want("seq < ?", page.before ?? undefined);
  const query: Query<HistoryRow> = {
    sql: `SELECT ${COLUMNS} FROM history ${indexFor(of)}
      WHERE ${terms.join(" AND ")} ORDER BY seq DESC LIMIT ?`,
  };
  const found: (HistoryRecord & { readonly seq: number })[] = [];
  let chars = 0;
  for (const row of database.each(query, ...values, page.limit)) {
    const [seq, pipeline, key, stamp, run, by, why, changes] = row;
    found.push({ seq, pipeline, key, stamp, run, by, why, changes });
    chars += changes.length;
    if (chars >= PAGE_BYTES_MAX) break;
  }
  return found;
}

/** Left alone, SQLite goes through all changes because they are in the order that is wanted. */
function indexFor(of: { readonly pipeline?: number; readonly key?: Key; readonly run?: string }) {
  if (of.pipeline !== undefined && of.key !== undefined) return "INDEXED BY history_of_entry";
  return of.run === undefined ? "" : "INDEXED BY history_of_run";
}

/** Drops the oldest whole runs that are too old or too many; returns how many changes went. */
export function pruneHistory(
  database: Database,
  link: number,
  keep: { readonly since: Stamp; readonly countMax: number },
): number {
  const { since, countMax } = keep;
  let cut = Math.max(firstYoung(database, link, since), firstOf(database, link, countMax));
  for (;;) {
    const split = database.row(FIRST_OF_SPLIT_RUN, link, cut)?.[0] ?? null;
    if (split === null) break;
    cut = split;
  }
  database.run(PUT_DROPPED, link, DROPPED_FACT, cut);
  return database.run("DELETE FROM history WHERE link_id = ? AND seq < ?", link, cut);
}

/** What goes now may be older than what went before. */
const PUT_DROPPED = `INSERT INTO fact (link_id, name, value)
  SELECT ?1, ?2, stamp FROM
    (SELECT max(stamp) AS stamp FROM history WHERE link_id = ?1 AND seq < ?3)
    WHERE stamp IS NOT NULL
  ON CONFLICT (link_id, name) DO UPDATE
    SET value = max(CAST(value AS INTEGER), CAST(excluded.value AS INTEGER))`;

/** The first change of the runs that have changes on both sides of the cut. Runs are few. */
const FIRST_OF_SPLIT_RUN: Query<readonly [number | null]> = {
  sql: `WITH RECURSIVE each (run) AS (
    SELECT min(run) FROM history WHERE link_id = ?1
    UNION ALL
    SELECT (SELECT min(run) FROM history WHERE link_id = ?1 AND run > each.run)
      FROM each WHERE each.run IS NOT NULL
  ), span (first, last) AS (
    SELECT
      (SELECT min(seq) FROM history WHERE link_id = ?1 AND run = each.run),
      (SELECT max(seq) FROM history WHERE link_id = ?1 AND run = each.run)
    FROM each
  )
  SELECT min(first) FROM span WHERE first < ?2 AND last >= ?2`,
};

const FIRST_SINCE: Query<readonly [number]> = {
  sql: "SELECT seq FROM history WHERE link_id = ? AND stamp >= ? ORDER BY seq LIMIT 1",
};
const FROM_NEWEST: Query<readonly [number]> = {
  sql: "SELECT seq FROM history WHERE link_id = ? ORDER BY seq DESC LIMIT 1 OFFSET ?",
};

/** The number of the first change that is young enough: what is before it is all too old. */
function firstYoung(database: Database, link: number, since: Stamp): number {
  return database.row(FIRST_SINCE, link, since)?.[0] ?? Number.MAX_SAFE_INTEGER;
}

/** The number of the first of the newest `count` changes; 0: there are not more than that. */
function firstOf(database: Database, link: number, count: number): number {
  if (count <= 0) return Number.MAX_SAFE_INTEGER;
  return database.row(FROM_NEWEST, link, count - 1)?.[0] ?? 0;
}
