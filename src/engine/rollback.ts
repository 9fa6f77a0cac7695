// Rollback of a run, or of one entry to a time: what it changed is changed back, as a plan. A
// field that moved on since keeps its later value.
import type { Change } from "../core/answer.ts";
import { amend, blank, fold } from "../core/fold.ts";
import { SyncError } from "../core/errors.ts";
import { same } from "../core/values.ts";
import type { Entry, Key, Stamp, Value } from "../core/state.ts";
import { makeContext, readMarks, startCycle, type Context } from "./context.ts";
import { Counts } from "./counts.ts";
import { decisionOf, type Decision } from "./decide.ts";
import { deletesAllowed } from "./guard.ts";
import { contextOf, findEntry, records, recordsSince, type EntryName } from "./history.ts";
import { inPages } from "./in-pages.ts";
import type { HistoryRecord } from "./journal.ts";
import type { Link } from "./link.ts";
import { overlay, type Remembered } from "./overlay.ts";
import { Recorder, summaryOf } from "./plan.ts";
import { Moves } from "./moves.ts";
import { Reach } from "./reach.ts";
import { readRecord, type Recorded } from "./record.ts";
import { PAGE_BYTES_MAX } from "./replica.ts";
import { BY_FILTER } from "./views.ts";
import type { GuardView, Note, PlanView } from "./views.ts";

/** What is rolled back: a run, or one entry to what it was at a time. */
export type Rollback = { readonly run: string } | (EntryName & { readonly to: Stamp });

/** A rollback is guarded like any run. */
export interface RollbackOptions {
  readonly allowDeletes?: true | number;
}

/** Plans a rollback; `applyPlan` carries it out. Throws RUN_UNKNOWN, HISTORY_NOT_KEPT. */
export async function planRollback(
  link: Link,
  of: Rollback & RollbackOptions,
  signal: AbortSignal,
): Promise<PlanView> {
  const changes = "run" in of ? await changesOfRun(link, of.run) : await changesOfEntry(link, of);
  const { keys: undone, filtered } = changes;
  const author = "run" in of ? `rollback:${of.run}` : "rollback";
  const recorder = new Recorder(link, link.env.id());
  const said = of.allowDeletes === undefined ? {} : { allowDeletes: of.allowDeletes };
  const start = await startCycle(link, said);
  await recorder.open(start);
  const undoings: Undoing[] = [];
  const counts = new Map<string, Counts>();
  const guards: GuardView[] = [];
  const notes: Note[] = [];
  for (const pipeline of link.pipelines) {
    const keys = undone.get(pipeline.name);
    if (keys === undefined) continue;
    const context = makeContext(link, pipeline, start, await readMarks(link, pipeline, signal));
    const later = "run" in of ? await movedSince(context, keys, of.run) : NONE;
    const back = await undo(context, { keys, later, author }, notes);
    const { kept, guard } = await guarded(context, back, of.allowDeletes);
    if (guard !== undefined) guards.push(guard);
    undoings.push({ context, decisions: kept });
  }
  const held = of.allowDeletes === true ? undefined : await reachOf(link, undoings, signal);
  notes.push(...(held?.notes() ?? []), ...filteredNotes(filtered));
  for (const { context, decisions } of undoings) {
    const kept = decisions.filter(({ key }) => held?.isHeld(context, key) !== true);
    const count = new Counts(context);
    for (const decision of kept) count.add(decision);
    counts.set(context.pipeline.name, count);
    await recorder.begin(context);
    const pages = inPages(kept, ({ body }) => body?.length ?? 0);
    for await (const page of pages) await recorder.take(context, page);
  }
  const view: PlanView = {
    id: recorder.id,
    hash: recorder.hash(),
    summary: summaryOf(counts, recorder),
    guards,
    notes,
    writes: recorder.writes,
  };
  await recorder.close(view, { said });
  return view;
}

/** What is undone in one pipeline. */
interface Undoing {
  readonly context: Context;
  readonly decisions: readonly Decision[];
}

/** A rollback deletes what was created, but nothing that came to refer to it since. */
async function reachOf(
  link: Link,
  undoings: readonly Undoing[],
  signal: AbortSignal,
): Promise<Reach> {
  const moves = new Moves();
  const reach = new Reach(link, moves);
  for (const { context, decisions } of undoings) {
    for (const decision of decisions) {
      moves.note(context, decision);
      reach.add(context, decision);
    }
  }
  await reach.weigh(signal);
  return reach;
}

/** Entries that one rollback may change; it is planned in memory. */
export const ROLLBACK_ENTRIES_MAX = 200_000;
/** So long may the recorded changes of it be: planning them takes about 20 bytes for each. */
const ROLLBACK_CHARS_MAX = 16 * PAGE_BYTES_MAX;

/** What is to be undone. */
interface Undone {
  /** Per pipeline and key the changes, newest first. */
  readonly keys: Map<string, Map<Key, Recorded[]>>;
  /** Entries that the filter let in or out: what it does about its row, the source says. */
  filtered: number;
}

async function changesOfRun(link: Link, run: string): Promise<Undone> {
  const undone = await undoneIn(records(link, { run }));
  if (undone.keys.size + undone.filtered > 0) return undone;
  const isKnown = (await link.journal.runs(RUNS_SEARCHED)).some(({ id }) => id === run);
  throw isKnown
    ? new SyncError("HISTORY_NOT_KEPT", `run ${run} changed nothing of which values are kept`, {
        hint: "Only pipelines with `memory: full` keep values and can be rolled back.",
      })
    : new SyncError("RUN_UNKNOWN", `there is no run ${run}`, {
        hint: "`syncline runs` lists them.",
      });
}

/** Runs among which an id is looked for. */
const RUNS_SEARCHED = 10_000;

async function changesOfEntry(link: Link, of: EntryName & { readonly to: Stamp }): Promise<Undone> {
  const context = await contextOf(link, of.pipeline);
  return undoneIn(recordsSince(context, { ...of, at: of.to }));
}

async function undoneIn(changes: AsyncIterable<HistoryRecord>): Promise<Undone> {
  const undone: Undone = { keys: new Map(), filtered: 0 };
  let chars = 0;
  for await (const record of changes) {
    chars += record.changes.length;
    if (chars > ROLLBACK_CHARS_MAX) throw tooLong();
    if (record.why === BY_FILTER) undone.filtered += 1;
    else note(undone.keys, record.pipeline, record.key, readRecord(record));
  }
  return undone;
}

function filteredNotes(count: number): readonly Note[] {
  if (count === 0) return [];
  const entries = count === 1 ? "1 entry stays" : `${count} entries stay`;
  const text = `${entries} in or out of the filter, as the source has them`;
  return [{ code: "ROLLBACK_KEPT", pipeline: null, text }];
}

function note(undone: Undone["keys"], pipeline: string, key: Key, change: Recorded): void {
  if (change.kind === "overruled") return; // it never was agreed
  const keys = undone.get(pipeline) ?? new Map<Key, Recorded[]>();
  undone.set(pipeline, keys);
  const list = keys.get(key);
  if (list !== undefined) {
    list.push(change);
    return;
  }
  if (keys.size >= ROLLBACK_ENTRIES_MAX) throw tooManyEntries();
  keys.set(key, [change]);
}

/**
 * Keys whose creation or deletion is no longer the last word: undoing it would take with it what
 * was edited, deleted or created since. A field shows that by its value; presence only by the
 * history.
 */
async function movedSince(
  context: Context,
  keys: ReadonlyMap<Key, readonly Recorded[]>,
  run: string,
): Promise<ReadonlySet<Key>> {
  const later = new Set<Key>();
  for (const [key, changes] of keys) {
    if (changes.every(({ kind }) => kind === "update")) continue;
    for await (const record of records(context.link, { pipeline: context.pipeline.name, key })) {
      if (readRecord(record).kind === "overruled") continue;
      if (record.run !== run) later.add(key);
      break;
    }
  }
  return later;
}

const NONE: ReadonlySet<Key> = new Set();
/** No side was looked at. */
const NOBODY: readonly undefined[] = [];

interface Wanted {
  readonly keys: ReadonlyMap<Key, readonly Recorded[]>;
  /** Keys that moved on as a whole. */
  readonly later: ReadonlySet<Key>;
  readonly author: string;
}

function tooManyEntries(): SyncError {
  return new SyncError(
    "LIMIT_EXCEEDED",
    `more than ${ROLLBACK_ENTRIES_MAX} entries would be rolled back at once`,
    { hint: "Roll back single entries with --key, or restore a side and use --trust." },
  );
}

function tooLong(): SyncError {
  return new SyncError(
    "LIMIT_EXCEEDED",
    `the changes that would be rolled back have more than ${ROLLBACK_CHARS_MAX} characters`,
    { hint: "Roll back single entries with --key, or restore a side and use --trust." },
  );
}

async function undo(
  context: Context,
  { keys, later, author }: Wanted,
  notes: Note[],
): Promise<readonly Decision[]> {
  const decisions: Decision[] = [];
  let kept = 0;
  for (const [key, changes] of [...keys].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const before = await findEntry(context, key);
    // An entry that is gone everywhere is forgotten; its history still knows what it was.
    const entry = before ?? blank(context.policy);
    const change = later.has(key) ? undefined : undoEntry(context, entry, changes);
    if (change === undefined) kept += 1;
    const decision = change && decisionFor(context, { key, before }, change, author);
    if (decision !== undefined) decisions.push(decision);
  }
  if (kept > 0) {
    const text =
      kept === 1
        ? "1 entry has moved on since and stays as it is"
        : `${kept} entries have moved on since and stay as they are`;
    notes.push({ code: "ROLLBACK_KEPT", pipeline: context.pipeline.name, text });
  }
  return decisions;
}

/**
 * Agreed anew on all sides; where the leading ones cannot be written, only laid over the others.
 */
function decisionFor(
  context: Context,
  { key, before }: Remembered,
  change: Change,
  author: string,
): Decision | undefined {
  const { pipeline, policy, codec } = context;
  const entry = before ?? blank(policy);
  if (pipeline.sides.every(({ follows, writable }) => follows || writable)) {
    const text = before && codec.encode(before);
    // What sides moved and was never folded is a rival: the plan says what comes of it (I8).
    const after = fold(amend(entry, change, author, policy), NOBODY, policy);
    return decisionOf(context, { key, before, text }, after);
  }
  const { fields = [] } = change;
  const values = entry.agreed.values.map((value, f) =>
    fields[f] === undefined ? value : fields[f],
  );
  return overlay(context, { key, before }, entry, {
    here: change.here ?? entry.agreed.here,
    values,
  });
}

/** What undoes these changes, newest first; undefined: the entry has moved on since. */
function undoEntry(
  { pipeline }: Context,
  entry: Entry,
  changes: readonly Recorded[],
): Change | undefined {
  const values: (Value | undefined)[] = entry.agreed.values.slice();
  const row: (Value | undefined)[] = values.map(() => undefined);
  let here = entry.agreed.here;
  let isMoved = false;
  for (const { kind, changes: fields } of changes) {
    if (kind === "create") here = false;
    else if (kind === "delete") here = true;
    for (const { field, from, to } of fields) {
      const index = pipeline.fields.indexOf(field);
      if (index < 0) continue;
      if (kind === "update" && !same(values[index], to)) continue; // a later edit stands
      values[index] = from;
      row[index] = from;
      isMoved = true;
    }
  }
  if (here === entry.agreed.here && !isMoved) return undefined;
  return here ? { here, fields: row } : { here };
}

/** Answers and rollbacks are guarded too. */
async function guarded(
  context: Context,
  decisions: readonly Decision[],
  allowed: true | number | undefined,
): Promise<{ readonly kept: readonly Decision[]; readonly guard?: GuardView }> {
  const { pipeline, link } = context;
  const isDelete = ({ writes }: Decision): boolean => writes.some(({ kind }) => kind === "delete");
  const deletions = decisions.filter(isDelete).length;
  const known = (await link.journal.count(pipeline.name)).entries;
  const limit = allowed === true ? Infinity : (allowed ?? deletesAllowed(pipeline.guard, known));
  if (deletions <= limit) return { kept: decisions };
  const guard = { pipeline: pipeline.name, side: "", deletions, known, limit };
  return { kept: decisions.filter((decision) => !isDelete(decision)), guard };
}
