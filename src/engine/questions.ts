// Open questions for people: names instead of positions, an id that stays, and a digest of what is
// held, so that an answer can say what its author had seen.
import { showKey } from "../core/key.ts";
import { owed } from "../core/fold.ts";
import { same } from "../core/values.ts";
import { encodeValues, encodeValue } from "../core/json.ts";
import { isoOf } from "../core/stamp.ts";
import { WHOLE, type Entry, type Key, type Question, type Row, type Value } from "../core/state.ts";
import { makeContext, startCycle, type Context } from "./context.ts";
import { FLAGS } from "./journal.ts";
import type { Link } from "./link.ts";
import type { QuestionFilter } from "./options.ts";
import { ANSWER } from "./record.ts";
import { PAGE_ROWS_MAX } from "./replica.ts";
import { parseBodies } from "./stream.ts";
import type { HeldView, QuestionView } from "./views.ts";

/** Every open question that fits, in pipeline and key order. */
export async function* questions(link: Link, filter: QuestionFilter): AsyncGenerator<QuestionView> {
  const flags = FLAGS.asks | FLAGS.owes | FLAGS.parked;
  for await (const { context, key, entry } of entriesWith(link, flags, filter)) {
    const open = [...viewsOf(context, key, entry), ...brokenViews(context, key, entry)];
    const views = [...open, ...answeredViews(context, key, entry)];
    for (const view of views) if (fits(view, filter)) yield view;
  }
}

/**
 * Rows that break a rule as a whole: nothing of them is folded, and no choice makes them right.
 * They are asked until the row, or the rule, is another one.
 */
export function brokenViews(context: Context, key: Key, entry: Entry): QuestionView[] {
  return context.pipeline.sides.flatMap(({ name }, side): QuestionView[] => {
    const parked = entry.sides[side]?.parked;
    if (parked?.kind !== "unreadable" || parked.code !== "RULE_BROKEN") return [];
    return [
      {
        id: idOf(context, key, `* broken ${name}`),
        pipeline: context.pipeline.name,
        key,
        shown: showKey(key),
        field: null,
        why: "rejected",
        opened: null,
        base: entry.agreed.here ? {} : null,
        held: {},
        errors: parked.errors.map((error) => `${name}: ${error}`),
        seen: context.env.hash(`${name} ${parked.digest}`).slice(0, 16),
        isAnswered: false,
      },
    ];
  });
}

/** Rule 5: an answered question stays listed until the sides have confirmed the answer. */
function answeredViews(context: Context, key: Key, entry: Entry): QuestionView[] {
  const { pipeline, policy } = context;
  const views: QuestionView[] = [];
  for (const [field, credit] of entry.set.entries()) {
    if (typeof credit?.by !== "string" || !credit.by.startsWith(ANSWER)) continue;
    const at = field === policy.fields ? WHOLE : field;
    const isOwed = pipeline.sides.some(({ writable }, side) => {
      const write = writable ? owed(entry, side, policy) : undefined;
      if (write === undefined || at === WHOLE) return write !== undefined;
      return !same(write.against?.[at], write.to?.[at]);
    });
    if (!isOwed) continue;
    const held = entry.sides.map((memory) =>
      memory === undefined ? undefined : { row: memory.shadow, stamps: [], first: false },
    );
    const question: Question = { field: at, why: "conflict", opened: credit.stamp, held };
    views.push({ ...viewOf(context, key, entry, question), isAnswered: true });
  }
  return views;
}

/** An entry that was found by its flags. */
export interface Found {
  readonly context: Context;
  readonly key: Key;
  readonly entry: Entry;
  readonly text: string;
}

/** Entries that have one of these flags, decoded, in pipeline and key order. */
export async function* entriesWith(
  link: Link,
  flags: number,
  filter: { readonly pipeline?: string; readonly key?: Key },
): AsyncGenerator<Found> {
  const start = await startCycle(link);
  for (const pipeline of link.pipelines) {
    if (filter.pipeline !== undefined && filter.pipeline !== pipeline.name) continue;
    const context = makeContext(link, pipeline, start, []);
    if (filter.key === undefined) yield* flagged(context, flags);
    else {
      const [record] = await link.journal.find(pipeline.name, [filter.key]);
      if (record === undefined || record.body === null || (record.flags & flags) === 0) continue;
      const entry = context.codec.decode(JSON.parse(record.body) as unknown[]); // codec wrote it
      yield { context, key: filter.key, entry, text: record.body };
    }
  }
}

/** Entries of one pipeline that have one of these flags, in key order, page by page. */
export async function* flagged(context: Context, flags: number): AsyncGenerator<Found> {
  const { journal } = context.link;
  let after: Key | null = null;
  for (;;) {
    const page = await journal.entries(context.pipeline.name, {
      after,
      limit: PAGE_ROWS_MAX,
      flags,
    });
    const parsed = parseBodies(page.bodies);
    for (const [index, key] of page.keys.entries()) {
      const entry = context.codec.decode(parsed[index] ?? []);
      yield { context, key, entry, text: page.bodies[index] ?? "" };
    }
    if (page.keys.length === 0) return;
    after = page.keys.at(-1) ?? null;
  }
}

/** The questions of one entry, for people. */
export function viewsOf(context: Context, key: Key, entry: Entry): QuestionView[] {
  return entry.open.map((question) => viewOf(context, key, entry, question));
}

/** The id of a question: stays while it is open. */
function questionId(context: Context, key: Key, question: Question): string {
  const kind = question.why === "drift" ? "drift" : "open";
  const name = fieldName(context, question.field) ?? "*";
  return idOf(context, key, `${name}\n${kind}`);
}

function idOf({ env, pipeline }: Context, key: Key, about: string): string {
  return `q${env.hash([pipeline.name, key, about].join("\n")).slice(0, 10)}`;
}

/** Digest of what is held in a question. */
function seenDigest(context: Context, question: Question): string {
  const held = question.held.map((of) => (of === undefined ? "-" : rowText(of.row)));
  return context.env.hash(`${question.field} ${held.join(" ")}`).slice(0, 16);
}

/** What a question says that a plan's hash must cover: no stamps, no ids. */
export function questionLine(context: Context, { field, why, held }: Question): string {
  const texts = held.map((of) => (of === undefined ? "-" : rowText(of.row)));
  return `${fieldName(context, field) ?? "*"} ${why} ${texts.join(" ")}`;
}

/** Name of a link field; null: the whole entry. */
export function fieldName({ pipeline, policy }: Context, field: number): string | null {
  if (field === WHOLE) return null;
  if (field === policy.member) return "(filter)";
  return pipeline.memory === "digest" ? "(row)" : (pipeline.fields[field] ?? `field ${field}`);
}

function viewOf(context: Context, key: Key, entry: Entry, question: Question): QuestionView {
  const { pipeline } = context;
  const { field, why } = question;
  const held: { [side: string]: HeldView } = {};
  const errors = new Set<string>();
  for (const [side, { name }] of pipeline.sides.entries()) {
    const of = question.held[side];
    if (of === undefined) continue;
    held[name] = { value: field === WHOLE ? named(context, of.row) : of.row?.[field] };
    const value = of.row?.[field];
    if (why === "rejected" && value !== undefined) {
      for (const error of pipeline.broken(field, value)) errors.add(error);
    }
  }
  const agreed = entry.agreed.here ? entry.agreed.values : null;
  return {
    id: questionId(context, key, question),
    pipeline: pipeline.name,
    key,
    shown: showKey(key),
    field: fieldName(context, field),
    why,
    opened: isoOf(question.opened),
    base: field === WHOLE ? named(context, agreed) : agreed?.[field],
    held,
    errors: [...errors],
    seen: seenDigest(context, question),
    isAnswered: false,
  };
}

/** A row by the names of its fields; null: nothing is there. */
export function named(
  context: Context,
  row: Row | null,
): { readonly [field: string]: Value } | null {
  if (row === null) return null;
  const fields: { [field: string]: Value } = Object.create(null);
  for (const [field, value] of row.entries()) {
    const name = fieldName(context, field);
    if (value !== undefined && name !== null) fields[name] = value;
  }
  return fields;
}

/** A row of a side by the names of the link's fields, whatever the link remembers. */
export function namedFields({ pipeline }: Context, row: Row): { readonly [field: string]: Value } {
  const fields: { [field: string]: Value } = Object.create(null);
  for (const [field, name] of pipeline.fields.entries()) {
    const value = row[field];
    if (value !== undefined) fields[name] = value;
  }
  return fields;
}

function fits(view: QuestionView, { ids, field, why }: QuestionFilter): boolean {
  if (ids !== undefined && !ids.some((id) => view.id === id || view.id === `q${id}`)) return false;
  if (why !== undefined && view.why !== why) return false;
  return field === undefined || view.field === field || (field === "*" && view.field === null);
}

const rowText = (row: Row | null) => (row === null ? encodeValue(null) : encodeValues(row));
