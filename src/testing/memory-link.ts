// The memory of one link, in memory: plain state, what a commit does to it, and what is read of it.
import { SyncError } from "../core/errors.ts";
import type { Key, Stamp } from "../core/state.ts";
import { changesEntries, historyOfJoined, recordsOf } from "../engine/commit.ts";
import { DROPPED_FACT } from "../engine/journal.ts";
import type { Commit, HistoryRecord, PlanRecord, RunRecord } from "../engine/journal.ts";
import { PAGE_BYTES_MAX } from "../engine/replica.ts";
import { copyEntries, noEntries, putEntry } from "./sorted-entries.ts";
import type { SortedEntries } from "./sorted-entries.ts";

/** A decided change and its place in the link's history. */
export type SavedHistory = HistoryRecord & { readonly seq: number };

/** A plan's head with its blocks by number. */
interface SavedPlan {
  readonly head: PlanRecord;
  readonly blocks: Map<number, string>;
}

/** All that is remembered of one link. Records in it are never changed, only replaced. */
export interface LinkState {
  generation: number;
  /** The number of the newest change in the history. */
  seq: number;
  readonly pipelines: Map<string, SortedEntries>;
  readonly facts: Map<string, string>;
  /** Runs and plans in the order in which they were first saved. */
  readonly runs: Map<string, RunRecord>;
  readonly plans: Map<string, SavedPlan>;
  /** Oldest first. */
  history: readonly SavedHistory[];
}

/** A link of which nothing is remembered. */
export function newLink(): LinkState {
  const maps = { pipelines: new Map(), facts: new Map(), runs: new Map(), plans: new Map() };
  return { generation: 0, seq: 0, ...maps, history: [] };
}

/** The same memory in structures of its own. */
export function copyLink(link: LinkState): LinkState {
  return {
    generation: link.generation,
    seq: link.seq,
    pipelines: new Map([...link.pipelines].map(([name, each]) => [name, copyEntries(each)])),
    facts: new Map(link.facts),
    runs: new Map(link.runs),
    plans: new Map(
      [...link.plans].map(([id, plan]) => [id, { ...plan, blocks: new Map(plan.blocks) }]),
    ),
    history: link.history,
  };
}

/** Saves a checked commit. Throws before it changes anything (I3). */
export function applyCommit(link: LinkState, commit: Commit): void {
  refuseStrayBlocks(link, commit);
  const joined = commit.joined ?? [];
  const lists = joined.map((each) => ({ pipeline: each.pipeline, records: recordsOf(each) }));
  for (const { pipeline, records } of [...lists, ...(commit.entries ?? [])]) {
    if (records.length === 0) continue;
    const entries = entriesOf(link, pipeline);
    for (const record of records) putEntry(entries, record);
  }
  const history = [...joined.flatMap(historyOfJoined), ...(commit.history ?? [])];
  for (const { pipeline } of history) entriesOf(link, pipeline);
  const changes = history.map((record) => ({ ...record, seq: ++link.seq }));
  if (changes.length > 0) link.history = [...link.history, ...changes];
  for (const { name, value } of commit.facts ?? []) {
    if (value === null) link.facts.delete(name);
    else link.facts.set(name, value);
  }
  for (const run of commit.runs ?? []) link.runs.set(run.id, run);
  for (const head of commit.plans ?? []) {
    link.plans.set(head.id, { head, blocks: link.plans.get(head.id)?.blocks ?? new Map() });
  }
  for (const { plan, seq, body } of commit.blocks ?? []) {
    link.plans.get(plan)?.blocks.set(seq, body);
  }
  if (changesEntries(commit)) link.generation++;
}

/** A page of history, newest first. */
export function historyPage(
  link: LinkState,
  of: { readonly pipeline?: string; readonly key?: Key; readonly run?: string },
  page: { readonly before: number | null; readonly limit: number },
): readonly SavedHistory[] {
  const found: SavedHistory[] = [];
  let chars = 0;
  for (let i = link.history.length - 1; i >= 0 && found.length < page.limit; i--) {
    if (chars >= PAGE_BYTES_MAX) break;
    const record = link.history[i];
    if (record === undefined || (page.before !== null && record.seq >= page.before)) continue;
    if (of.pipeline !== undefined && record.pipeline !== of.pipeline) continue;
    if (of.key !== undefined && record.key !== of.key) continue;
    if (of.run !== undefined && record.run !== of.run) continue;
    found.push(record);
    chars += record.changes.length;
  }
  return found;
}

/** Drops the oldest whole runs that are too old or too many; returns how many changes went. */
export function pruneHistory(link: LinkState, since: Stamp, countMax: number): number {
  const { history } = link;
  const firstYoung = history.findIndex(({ stamp }) => stamp >= since);
  const tooOld = firstYoung === -1 ? history.length : firstYoung;
  let cut = Math.max(tooOld, history.length - countMax, 0);
  for (;;) {
    const kept = new Set(history.slice(cut).map(({ run }) => run));
    const split = history.findIndex(({ run }, i) => i < cut && kept.has(run));
    if (split === -1) break;
    cut = split;
  }
  link.history = history.slice(cut);
  if (cut === 0) return 0;
  const dropped = history.slice(0, cut).map(({ stamp }) => stamp);
  const before = Number(link.facts.get(DROPPED_FACT) ?? 0);
  link.facts.set(DROPPED_FACT, String(dropped.reduce((a, b) => Math.max(a, b), before)));
  return cut;
}

/** Drops the oldest finished runs that the history does not need; returns how many went. */
export function pruneRuns(
  link: LinkState,
  { since, countMax }: { readonly since: number; readonly countMax: number },
): number {
  const needed = new Set(link.history.map(({ run }) => run));
  const newest = Math.max(0, link.runs.size - countMax);
  const excess = [...link.runs.values()]
    .filter(({ finished }, at) => at < newest || (finished ?? since) < since)
    .filter(({ id, status }) => status !== "running" && !needed.has(id));
  for (const { id } of excess) link.runs.delete(id);
  return excess.length;
}

/** The plan that a person means by `id`; see LinkJournal.plan. */
export function planBy(link: LinkState, id: string): PlanRecord | undefined {
  const plans = [...link.plans.values()].map(({ head }) => head).reverse();
  if (id === "latest") return plans[0];
  const exact = link.plans.get(id);
  if (exact !== undefined || id === "") return exact?.head;
  const found = plans.filter((plan) => plan.id.startsWith(id) || plan.hash.startsWith(id));
  if (new Set(found.map(({ hash }) => hash)).size > 1) {
    throw new SyncError("PLAN_UNKNOWN", `several plans begin with ${id}`);
  }
  return found[0];
}

/** Drops plans but the newest ones. */
export function prunePlans(link: LinkState, countMax: number): void {
  const excess = [...link.plans.keys()].slice(0, Math.max(0, link.plans.size - countMax));
  for (const id of excess) link.plans.delete(id);
}

/** Takes one pipeline out of memory. */
export function forgetPipeline(link: LinkState, pipeline: string): void {
  if (!link.pipelines.delete(pipeline)) return;
  link.history = link.history.filter((record) => record.pipeline !== pipeline);
  link.generation++;
}

function refuseStrayBlocks(link: LinkState, commit: Commit): void {
  const heads = new Set((commit.plans ?? []).map(({ id }) => id));
  for (const { plan } of commit.blocks ?? []) {
    if (heads.has(plan) || link.plans.has(plan)) continue;
    throw new SyncError("PLAN_UNKNOWN", `a block belongs to no plan that the journal holds`);
  }
}

function entriesOf(link: LinkState, pipeline: string): SortedEntries {
  const known = link.pipelines.get(pipeline);
  if (known !== undefined) return known;
  const entries = noEntries();
  link.pipelines.set(pipeline, entries);
  return entries;
}
