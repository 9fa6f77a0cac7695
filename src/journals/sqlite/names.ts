// Links and pipelines have numbers inside the file. They are looked up each time, because another
// program may forget one and make it anew; a number is never used twice.
import type { Database, Query } from "./database.ts";

type Id = readonly [number];

const LINK_ID: Query<Id> = { sql: "SELECT id FROM link WHERE name = ?" };
const PIPELINE_ID: Query<Id> = {
  sql: "SELECT id FROM pipeline WHERE link_id = ? AND name = ?",
};
const LAST_SEQ: Query<Id> = { sql: "SELECT seq FROM link WHERE name = ?" };
const TAKE_SEQ: Query<Id> = { sql: "UPDATE link SET seq = seq + ? WHERE id = ? RETURNING seq" };

/** The number of a link; undefined: nothing is remembered of it. */
export function linkId(database: Database, link: string): number | undefined {
  return database.row(LINK_ID, link)?.[0];
}

/** The number of a link, which is made if there is none. */
export function ensureLink(database: Database, link: string): number {
  const known = linkId(database, link);
  if (known !== undefined) return known;
  database.run("INSERT INTO link (name) VALUES (?)", link);
  return ensureLink(database, link);
}

/** The number of a pipeline; undefined: nothing is remembered of it. */
export function pipelineId(database: Database, link: number, name: string): number | undefined {
  return database.row(PIPELINE_ID, link, name)?.[0];
}

/** The number of a pipeline, which is made if there is none. */
export function ensurePipeline(database: Database, link: number, name: string): number {
  const known = pipelineId(database, link, name);
  if (known !== undefined) return known;
  database.run("INSERT INTO pipeline (link_id, name) VALUES (?, ?)", link, name);
  return ensurePipeline(database, link, name);
}

/** The first of `count` new numbers for runs, plans or changes of a link. */
export function takeSeq(database: Database, link: number, count: number): number {
  const [last] = database.row(TAKE_SEQ, count, link) ?? [count];
  return last - count + 1;
}

/** The greatest number that a run, plan or change of a link has. */
export function lastSeq(database: Database, link: string): number {
  return database.row(LAST_SEQ, link)?.[0] ?? 0;
}

/** The names in one column, sorted as JavaScript sorts. */
export function namesOf(rows: readonly (readonly [string])[]): readonly string[] {
  return rows.map(([name]) => name).sort();
}
