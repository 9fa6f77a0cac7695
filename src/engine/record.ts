// What a decided change leaves in the history, and how it reads again.
import { encodeValue, reviveValue } from "../core/json.ts";
import { isoOf } from "../core/stamp.ts";
import { showKey } from "../core/key.ts";
import { same } from "../core/values.ts";
import type { Policy } from "../core/policy.ts";
import { WHOLE } from "../core/state.ts";
import type { By, Entry, FieldIndex, Key, SideIndex, Stamp, State, Value } from "../core/state.ts";
import type { Context } from "./context.ts";
import type { Decision } from "./decide.ts";
import type { HistoryRecord } from "./journal.ts";
import type { Pipeline } from "./link.ts";
import { BY_FILTER } from "./views.ts";
import type { FieldChange, HistoryView } from "./views.ts";

/** How the author of an answer is told from a side and from a rollback. */
export const ANSWER = "answer:";

/** True for the author of an answer. */
export function isAnswer(by: By | undefined): by is string {
  return typeof by === "string" && by.startsWith(ANSWER);
}

/** True if an entry is in the pipeline: it is there, and inside the filter. */
export function isIn({ member }: Pick<Policy, "member">, { here, values }: State): boolean {
  return here && (member < 0 || values[member] !== false);
}

/** A recorded change with its values. */
export interface Recorded {
  /** `overruled`: values of one side that did not become agreed, and were replaced there. */
  readonly kind: "create" | "update" | "delete" | "overruled";
  readonly changes: readonly FieldChange[];
}

/**
 * The history of one decision: what was overruled, then one record per author. A creation names no
 * values: they follow from the agreed state and the changes after it; a deletion keeps them all.
 */
export function historyOf(context: Context, decision: Decision): HistoryRecord[] {
  return [...overruledBy(context, decision), ...changesOf(context, decision)];
}

/** I8: what a policy or an answer did not let stand is kept here before it is replaced. */
function overruledBy(context: Context, decision: Decision): HistoryRecord[] {
  const { pipeline, run, stamp } = context;
  const { key, before, after, writes } = decision;
  if (pipeline.memory === "digest") return [];
  return writes.flatMap(({ side, write }): HistoryRecord[] => {
    const by = authorName(pipeline, side);
    const record = (lost: readonly string[]): HistoryRecord => {
      const changes = `["overruled",${lost.join(",")}]`;
      return { pipeline: pipeline.name, key, stamp, run, by, why: "run", changes };
    };
    if (write.to !== null && hasDeleted(decision, side)) {
      return [record(pipeline.fields.map((name, f) => changeText(name, undefined, write.to?.[f])))];
    }
    const held = after.sides[side]?.shadow ?? [];
    const was = before?.sides[side]?.shadow ?? [];
    const lost = pipeline.fields.flatMap((name, field) => {
      const value = held[field];
      const to = write.to?.[field];
      if (value === undefined || (write.to !== null && same(value, to))) return [];
      const isNews = !same(value, was[field]) || isAsked(before, side, field);
      const isKnown = before?.agreed.here === true && same(value, before.agreed.values[field]);
      return isNews && !isKnown ? [changeText(name, value, to)] : [];
    });
    return lost.length === 0 ? [] : [record(lost)];
  });
}

/** True if a side's row is gone, just now or as a question says, and was known before. */
function hasDeleted({ before, after }: Decision, side: SideIndex): boolean {
  if (before?.agreed.here !== true || (after.sides[side]?.shadow ?? null) !== null) return false;
  const wasThere = (before.sides[side]?.shadow ?? null) !== null;
  return (
    wasThere ||
    before.open.some(({ field, held }) => {
      return field === WHOLE && held[side]?.row === null;
    })
  );
}

/** True if a side's value was in an open question. */
function isAsked(entry: Entry | undefined, side: SideIndex, field: FieldIndex): boolean {
  const open = entry?.open ?? [];
  return open.some(
    (question) =>
      question.held[side] !== undefined && [field, WHOLE].some((at) => at === question.field),
  );
}

/** What became agreed, one record per author. */
export function changesOf(
  context: Context,
  { key, before, after }: Pick<Decision, "key" | "before" | "after">,
): HistoryRecord[] {
  const { pipeline, policy } = context;
  if (before?.agreed === after.agreed || pipeline.memory === "digest") return [];
  const was = before?.agreed;
  const now = after.agreed;
  const isFiltered = was?.here === true && now.here && isIn(policy, was) !== isIn(policy, now);
  const presence = after.set[isFiltered ? policy.member : policy.fields];
  const { stamp } = context;
  const record = (by: By | undefined, at: Stamp, changes: string): HistoryRecord => ({
    pipeline: pipeline.name,
    key,
    stamp: at,
    run: context.run,
    by: authorName(pipeline, by),
    why: typeof by === "string" ? by : isFiltered ? BY_FILTER : "run",
    changes,
  });
  const stampOf = (given: Stamp | undefined) =>
    given === undefined || given === 0 ? stamp : given;
  if (was === undefined || !isIn(policy, was)) {
    if (!isIn(policy, now)) return [];
    const created = record(presence?.by, stampOf(presence?.stamp), `["create"]`);
    return [created, ...editsOf(context, after).map(([by, text]) => record(by, stamp, text))];
  }
  if (!isIn(policy, now)) {
    const all = pipeline.fields.map((name, field) =>
      changeText(name, was.values[field], undefined),
    );
    return [record(presence?.by, stampOf(presence?.stamp), `["delete",${all.join(",")}]`)];
  }
  const byAuthor = new Map<By | undefined, { stamp: Stamp; changes: string[] }>();
  for (const [field, name] of pipeline.fields.entries()) {
    if (same(was.values[field], now.values[field])) continue;
    const credit = after.set[field];
    const group = byAuthor.get(credit?.by) ?? { stamp: stampOf(credit?.stamp), changes: [] };
    group.changes.push(changeText(name, was.values[field], now.values[field]));
    byAuthor.set(credit?.by, group);
  }
  return [...byAuthor].map(([by, { stamp, changes }]) =>
    record(by, stamp, `["update",${changes.join(",")}]`),
  );
}

/**
 * What a person made of a row that a side created, and that broke rules: it was created as it was,
 * and edited.
 */
function editsOf(context: Context, { set, sides, agreed }: Entry): readonly [By, string][] {
  const { pipeline, policy } = context;
  const creator = set[policy.fields]?.by;
  if (typeof creator !== "number") return [];
  const held = sides[creator]?.shadow;
  const edits = new Map<By, string[]>();
  for (const [field, name] of pipeline.fields.entries()) {
    const by = set[field]?.by;
    if (!isAnswer(by)) continue;
    const text = changeText(name, held?.[field], agreed.values[field]);
    edits.set(by, [...(edits.get(by) ?? []), text]);
  }
  return [...edits].map(([by, texts]) => [by, `["update",${texts.join(",")}]`]);
}

/** The history of entries that a source created and a target took, in one go. */
export function creationOf(context: Context, keys: readonly Key[]): HistoryRecord[] {
  const common = creationsOf(context);
  if (common === undefined) return [];
  return keys.map((key) => ({ ...common, pipeline: context.pipeline.name, key }));
}

/** What is the same in all of them; undefined: none is kept. */
export function creationsOf(context: Context): Omit<HistoryRecord, "pipeline" | "key"> | undefined {
  const { pipeline, run, stamp } = context;
  if (pipeline.memory === "digest") return undefined;
  return { stamp, run, by: authorName(pipeline, 0), why: "run", changes: `["create"]` };
}

/** The change behind a record. */
export function readRecord(record: Pick<HistoryRecord, "changes">): Recorded {
  const [kind, ...fields] = JSON.parse(record.changes) as [
    Recorded["kind"],
    ...(readonly unknown[])[],
  ];
  return {
    kind, // historyOf() wrote it
    changes: fields.map(([field, from, to]) => ({
      field: String(field),
      from: reviveValue(from),
      to: reviveValue(to),
    })),
  };
}

/** A record for people. */
export function recordView(record: HistoryRecord & { readonly seq: number }): HistoryView {
  const { kind, changes } = readRecord(record);
  return {
    seq: record.seq,
    pipeline: record.pipeline,
    shown: showKey(record.key),
    at: isoOf(record.stamp),
    run: record.run,
    by: record.by,
    why: record.why,
    kind,
    changes,
  };
}

/** Name of who decided something: a side, or the author of an answer. */
export function authorName(pipeline: Pipeline, by: By | undefined): string {
  if (by === undefined) return "several sides";
  return typeof by === "string" ? by : (pipeline.sides[by]?.name ?? `side ${by}`);
}

function changeText(name: string, from: Value | undefined, to: Value | undefined): string {
  return `[${JSON.stringify(name)},${encodeValue(from)},${encodeValue(to)}]`;
}
