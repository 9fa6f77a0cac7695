// What happened to an entry, what it was at a time, and who decided what it is.
import { SyncError } from "../core/errors.ts";
import { showKey } from "../core/key.ts";
import { isoOf } from "../core/stamp.ts";
import type { Entry, Key, Stamp, Value } from "../core/state.ts";
import type { Context } from "./context.ts";
import { DROPPED_FACT, type HistoryRecord } from "./journal.ts";
import type { Link } from "./link.ts";
import { contextsOf } from "./plan.ts";
import { authorName, isIn, readRecord, recordView } from "./record.ts";
import { PAGE_ROWS_MAX } from "./replica.ts";
import type { BlameView, FieldChange, HistoryView } from "./views.ts";

/** Names one entry. */
export interface EntryName {
  readonly pipeline: string;
  readonly key: Key;
}

/**
 * The recorded changes of an entry, newest first. A creation has the values of then, which follow
 * from those of today. Throws HISTORY_NOT_KEPT for digests.
 */
export async function* history(
  link: Link,
  of: EntryName & { readonly limit?: number },
): AsyncGenerator<HistoryView> {
  const context = await contextOf(link, of.pipeline);
  const values = agreedOf(context, await findEntry(context, of.key));
  let count = 0;
  for await (const record of records(link, { pipeline: of.pipeline, key: of.key })) {
    if (of.limit !== undefined && count >= of.limit) return;
    count += 1;
    const view = recordView(record);
    yield view.kind === "create" ? { ...view, changes: createdWith(values) } : view;
    undo(values, view);
  }
}

/**
 * What was agreed on an entry at a time: today's state with every later change undone. Throws
 * HISTORY_NOT_KEPT where not all of these are known.
 */
export async function stateAt(
  link: Link,
  of: EntryName & { readonly at: Stamp },
): Promise<{ readonly [field: string]: Value } | null> {
  const context = await contextOf(link, of.pipeline);
  const entry = await findEntry(context, of.key);
  const fields = agreedOf(context, entry);
  let isHere = entry !== undefined && isIn(context.policy, entry.agreed);
  for await (const record of recordsSince(context, of)) {
    const change = readRecord(record);
    if (change.kind === "overruled") continue; // it never was agreed
    isHere = change.kind !== "create";
    undo(fields, change);
  }
  if (!isHere) return null;
  const state: { [field: string]: Value } = Object.create(null);
  for (const [name, value] of fields) if (value !== undefined) state[name] = value;
  return state;
}

type Values = Map<string, Value | undefined>;

function agreedOf({ pipeline }: Context, entry: Entry | undefined): Values {
  return new Map(pipeline.fields.map((name, field) => [name, entry?.agreed.values[field]]));
}

/** The values before a change. What was overruled never was agreed. */
function undo(
  values: Values,
  change: { readonly kind: HistoryView["kind"]; readonly changes: readonly FieldChange[] },
): void {
  if (change.kind === "overruled") return;
  for (const { field, from } of change.changes) values.set(field, from);
}

function createdWith(values: Values): readonly FieldChange[] {
  return [...values].flatMap(([field, to]) =>
    to === undefined ? [] : [{ field, from: undefined, to }],
  );
}

/**
 * Every recorded change of an entry after a time, newest first. Throws HISTORY_NOT_KEPT at the end
 * of what is kept, where more may have been.
 */
export async function* recordsSince(
  context: Context,
  { pipeline, key, at }: EntryName & { readonly at: Stamp },
): AsyncGenerator<HistoryRecord> {
  const { link } = context;
  const dropped = Number((await link.journal.fact(DROPPED_FACT)) ?? 0);
  if (at < dropped) throw notKept(pipeline, dropped);
  let first: HistoryRecord | undefined;
  for await (const record of records(link, { pipeline, key })) {
    if (record.stamp <= at) return;
    yield record;
    if (readRecord(record).kind !== "overruled") first = record;
  }
  // What was dropped is older than that, and what was created was not there before.
  if (dropped > 0 || (first !== undefined && readRecord(first).kind === "create")) return;
  const entry = await findEntry(context, key);
  const isHere = entry !== undefined && isIn(context.policy, entry.agreed);
  if (first !== undefined || isHere) throw notKept(pipeline, first?.stamp);
}

function notKept(pipeline: string, since: Stamp | undefined): SyncError {
  const kept = since === undefined ? "has no change of it" : `is kept since ${isoOf(since)}`;
  return new SyncError("HISTORY_NOT_KEPT", `the history of ${pipeline} ${kept}`, {
    hint: "What was before that, nobody knows. `history: { days, changes }` says how much is kept.",
  });
}

/** Who decided each field of an entry, and when. */
export async function blame(link: Link, of: EntryName): Promise<readonly BlameView[]> {
  const context = await contextOf(link, of.pipeline);
  const entry = await findEntry(context, of.key);
  if (entry === undefined) throw unknownEntry(of);
  const { pipeline, policy } = context;
  const names = [...pipeline.fields, ...(policy.member < 0 ? [] : ["(filter)"])];
  const views = names.map((field, index) => viewOf(context, entry, field, index));
  const presence = entry.set[policy.fields];
  return [
    ...views,
    {
      field: "(presence)",
      value: entry.agreed.here,
      by: authorName(pipeline, presence?.by),
      at: isoOf(presence?.stamp ?? 0),
    },
  ];
}

/** Recorded changes of one entry or one run, newest first. */
export async function* records(
  link: Link,
  of: { readonly pipeline?: string; readonly key?: Key; readonly run?: string },
): AsyncGenerator<HistoryRecord & { readonly seq: number }> {
  let before: number | null = null;
  for (;;) {
    const page: readonly (HistoryRecord & { readonly seq: number })[] = await link.journal.history(
      of,
      {
        before,
        limit: PAGE_ROWS_MAX,
      },
    );
    yield* page;
    if (page.length === 0) return;
    before = page.at(-1)?.seq ?? null;
  }
}

/** What is remembered of an entry; undefined: nothing. */
export async function findEntry(context: Context, key: Key): Promise<Entry | undefined> {
  const [record] = await context.link.journal.find(context.pipeline.name, [key]);
  if (record === undefined || record.body === null) return undefined;
  return context.codec.decode(JSON.parse(record.body) as unknown[]); // the codec wrote it
}

/** The context of a pipeline that keeps values. */
export async function contextOf(link: Link, pipeline: string): Promise<Context> {
  const context = (await contextsOf(link)).get(pipeline);
  if (context === undefined) {
    throw new SyncError("USAGE", `there is no pipeline ${pipeline} in this link`);
  }
  if (context.pipeline.memory === "digest") {
    throw new SyncError("HISTORY_NOT_KEPT", `${pipeline} remembers digests, not values`, {
      hint: "Set `memory: full` in the pipeline to keep values and their history from now on.",
    });
  }
  return context;
}

function viewOf({ pipeline }: Context, entry: Entry, field: string, index: number): BlameView {
  const credit = entry.set[index];
  return {
    field,
    value: entry.agreed.values[index],
    by: authorName(pipeline, credit?.by),
    at: isoOf(credit?.stamp ?? 0),
  };
}

function unknownEntry({ pipeline, key }: EntryName): SyncError {
  return new SyncError("ENTRY_UNKNOWN", `${pipeline} remembers no entry ${showKey(key)}`, {
    hint: "Run the pipeline once, or look at the key: `syncline plan --key …` shows what is read.",
  });
}
