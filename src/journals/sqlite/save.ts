// What a commit does to the tables. Every function here runs inside its caller's transaction.
import { changesEntries, historyOfJoined } from "../../engine/commit.ts";
import type { Commit } from "../../engine/journal.ts";
import type { Database, Query } from "./database.ts";
import { forgetEntries, putEntries, putJoined } from "./entries.ts";
import { putHistory } from "./history.ts";
import { ensureLink, ensurePipeline, linkId, pipelineId } from "./names.ts";
import { putFacts, putPlans, putRuns } from "./records.ts";

const PIPELINES: Query<readonly [number]> = { sql: "SELECT id FROM pipeline WHERE link_id = ?" };

/** Saves a checked commit. */
export function saveCommit(database: Database, link: string, commit: Commit): void {
  const id = ensureLink(database, link);
  for (const joined of commit.joined ?? []) {
    putJoined(database, ensurePipeline(database, id, joined.pipeline), joined);
    putHistory(database, id, historyOfJoined(joined));
  }
  for (const { pipeline, records } of commit.entries ?? []) {
    if (records.length === 0) continue;
    putEntries(database, ensurePipeline(database, id, pipeline), records);
  }
  putHistory(database, id, commit.history ?? []);
  putFacts(database, id, commit.facts);
  putRuns(database, id, commit.runs);
  putPlans(database, id, commit);
  if (changesEntries(commit)) grow(database, id);
}

/** Takes a pipeline out of memory. */
export function forgetPipeline(database: Database, link: string, pipeline: string): void {
  const id = linkId(database, link);
  if (id === undefined) return;
  const number = pipelineId(database, id, pipeline);
  if (number === undefined) return;
  dropPipeline(database, number);
  database.run("DELETE FROM history WHERE link_id = ? AND pipeline_id = ?", id, number);
  grow(database, id);
}

/** Takes a whole link out of memory. */
export function forgetLink(database: Database, link: string): void {
  const id = linkId(database, link);
  if (id === undefined) return;
  for (const [number] of database.rows(PIPELINES, id)) dropPipeline(database, number);
  for (const table of ["history", "fact", "run", "plan", "plan_block"] as const) {
    database.run(`DELETE FROM ${table} WHERE link_id = ?`, id);
  }
  database.run("DELETE FROM link WHERE id = ?", id);
}

function dropPipeline(database: Database, pipeline: number): void {
  forgetEntries(database, pipeline);
  database.run("DELETE FROM pipeline WHERE id = ?", pipeline);
}

/** Plans that were made before are stale from now on. */
function grow(database: Database, link: number): void {
  database.run("UPDATE link SET generation = generation + 1 WHERE id = ?", link);
}
