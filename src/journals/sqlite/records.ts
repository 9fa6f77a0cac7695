// Facts, runs and plans of a link.
import { SyncError } from "../../core/errors.ts";
import type { Commit, PlanRecord, RunRecord } from "../../engine/journal.ts";
import type { Database, Query } from "./database.ts";
import { takeSeq } from "./names.ts";

type RunRow = readonly [
  id: string,
  kind: string,
  started: number,
  finished: number | null,
  status: RunRecord["status"],
  summary: string,
];
type PlanRow = readonly [
  id: string,
  made: number,
  hash: string,
  config: string,
  generation: number,
  status: PlanRecord["status"],
  summary: string,
];

const PLAN =
  "SELECT id, made, hash, config, generation, status, summary FROM plan WHERE link_id = ?1";
const NEWEST_PLAN: Query<PlanRow> = { sql: `${PLAN} ORDER BY seq DESC LIMIT 1` };
const EXACT_PLAN: Query<PlanRow> = { sql: `${PLAN} AND id = ?2` };
const PLANS_BEGINNING: Query<PlanRow> = {
  sql: `${PLAN} AND ?2 IN (substr(id, 1, length(?2)), substr(hash, 1, length(?2)))
    ORDER BY seq DESC`,
};
const BLOCKS: Query<readonly [seq: number, body: string]> = {
  sql: `SELECT plan_block.seq, body FROM plan_block
    JOIN plan ON plan.link_id = plan_block.link_id AND plan.seq = plan_block.plan_seq
    WHERE plan.link_id = ? AND plan.id = ? AND plan_block.seq > ?
    ORDER BY plan_block.seq LIMIT ?`,
};
const RUNS: Query<RunRow> = {
  sql: `SELECT id, kind, started, finished, status, summary FROM run
    WHERE link_id = ? ORDER BY seq DESC LIMIT ?`,
};
const FACT: Query<readonly [value: string]> = {
  sql: "SELECT value FROM fact WHERE link_id = ? AND name = ?",
};

/** Saves or forgets facts, inside the caller's transaction. */
export function putFacts(database: Database, link: number, facts: Commit["facts"] = []): void {
  for (const { name, value } of facts) {
    if (value === null) {
      database.run("DELETE FROM fact WHERE link_id = ? AND name = ?", link, name);
      continue;
    }
    database.run(
      `INSERT INTO fact (link_id, name, value) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET value = excluded.value`,
      link,
      name,
      value,
    );
  }
}

/** What is known under a name. */
export function readFact(database: Database, link: number, name: string): string | undefined {
  return database.row(FACT, link, name)?.[0];
}

/** Saves runs, new or known, inside the caller's transaction. */
export function putRuns(database: Database, link: number, runs: Commit["runs"] = []): void {
  for (const { id, kind, started, finished, status, summary } of runs) {
    const changed = database.run(
      `UPDATE run SET kind = ?, started = ?, finished = ?, status = ?, summary = ?
        WHERE link_id = ? AND id = ?`,
      kind,
      started,
      finished,
      status,
      summary,
      link,
      id,
    );
    if (changed > 0) continue;
    database.run(
      `INSERT INTO run (link_id, seq, id, kind, started, finished, status, summary)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      link,
      takeSeq(database, link, 1),
      id,
      kind,
      started,
      finished,
      status,
      summary,
    );
  }
}

/** The newest runs, newest first. */
export function readRuns(database: Database, link: number, limit: number): readonly RunRecord[] {
  return database.rows(RUNS, link, limit).map((row) => {
    const [id, kind, started, finished, status, summary] = row;
    return { id, kind, started, finished, status, summary };
  });
}

/** Drops the oldest finished runs that the history does not need; returns how many went. */
export function pruneRuns(
  database: Database,
  link: number,
  { since, countMax }: { readonly since: number; readonly countMax: number },
): number {
  return database.run(
    `DELETE FROM run WHERE link_id = ?1 AND status <> 'running'
      AND (finished < ?3
        OR seq NOT IN (SELECT seq FROM run WHERE link_id = ?1 ORDER BY seq DESC LIMIT ?2))
      AND NOT EXISTS (SELECT 1 FROM history WHERE history.link_id = ?1 AND history.run = run.id)`,
    link,
    countMax,
    since,
  );
}

/** Saves heads of plans, new or known, then blocks, inside the caller's transaction. */
export function putPlans(database: Database, link: number, commit: Commit): void {
  for (const { id, made, hash, config, generation, status, summary } of commit.plans ?? []) {
    const changed = database.run(
      `UPDATE plan SET made = ?, hash = ?, config = ?, generation = ?, status = ?, summary = ?
        WHERE link_id = ? AND id = ?`,
      made,
      hash,
      config,
      generation,
      status,
      summary,
      link,
      id,
    );
    if (changed > 0) continue;
    database.run(
      `INSERT INTO plan (link_id, seq, id, made, hash, config, generation, status, summary)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      link,
      takeSeq(database, link, 1),
      id,
      made,
      hash,
      config,
      generation,
      status,
      summary,
    );
  }
  for (const { plan, seq, body } of commit.blocks ?? []) {
    const changed = database.run(
      `INSERT INTO plan_block (link_id, plan_seq, seq, body)
        SELECT link_id, seq, ?, ? FROM plan WHERE link_id = ? AND id = ?
        ON CONFLICT DO UPDATE SET body = excluded.body`,
      seq,
      body,
      link,
      plan,
    );
    if (changed > 0) continue;
    throw new SyncError("PLAN_UNKNOWN", `a block belongs to no plan that the journal holds`);
  }
}

/** The plan that a person means by `id`; see LinkJournal.plan. */
export function readPlan(database: Database, link: number, id: string): PlanRecord | undefined {
  if (id === "latest") return planOf(database.row(NEWEST_PLAN, link));
  const exact = database.row(EXACT_PLAN, link, id);
  if (exact !== undefined || id === "") return planOf(exact);
  const found = database.rows(PLANS_BEGINNING, link, id);
  if (new Set(found.map(([, , hash]) => hash)).size > 1) {
    throw new SyncError("PLAN_UNKNOWN", `several plans begin with ${id}`);
  }
  return planOf(found[0]);
}

/** Blocks of a plan in order, after one of them. */
export function readBlocks(
  database: Database,
  link: number,
  plan: string,
  after: number,
  limit: number,
): readonly { readonly seq: number; readonly body: string }[] {
  const rows = database.rows(BLOCKS, link, plan, after, limit);
  return rows.map(([seq, body]) => ({ seq, body }));
}

/** Drops plans and their blocks but the newest ones. */
export function prunePlans(database: Database, link: number, countMax: number): void {
  database.run(
    `DELETE FROM plan WHERE link_id = ?1
      AND seq NOT IN (SELECT seq FROM plan WHERE link_id = ?1 ORDER BY seq DESC LIMIT ?2)`,
    link,
    countMax,
  );
  database.run(
    `DELETE FROM plan_block WHERE link_id = ?1
      AND plan_seq NOT IN (SELECT seq FROM plan WHERE link_id = ?1)`,
    link,
  );
}

function planOf(row: PlanRow | undefined): PlanRecord | undefined {
  if (row === undefined) return undefined;
  const [id, made, hash, config, generation, status, summary] = row;
  return { id, made, hash, config, generation, status, summary };
}
