// An edit of a letter is an answer (rule 9): a person says what the row is to be. It is agreed in
// their name, and written with compare-and-set to every side that is owed it, also to the one whose
// row it is, if that may be written. A side that is never written stays as it is, and its row is no
// news until it changes (taken.ts). What would still be refused is not accepted.
import { amend, answer, fold } from "../core/fold.ts";
import { SyncError } from "../core/errors.ts";
import { showKey } from "../core/key.ts";
import { didYouMean } from "../core/nearest.ts";
import { canonical, same } from "../core/values.ts";
import { WHOLE, type Entry, type FieldIndex, type Row, type Value } from "../core/state.ts";
import type { Carrier } from "./carry.ts";
import { startCycle, type Context } from "./context.ts";
import { Counts } from "./counts.ts";
import { decisionOf, type Decision } from "./decide.ts";
import { checkIdentity } from "./identity.ts";
import { judged, judging, type Judged } from "./judged-letters.ts";
import { lettersOf } from "./letters.ts";
import type { Link, Pipeline } from "./link.ts";
import type { Edit } from "./options.ts";
import { summaryOf } from "./plan.ts";
import { ANSWER } from "./record.ts";
import { recorded, type Done } from "./recorded.ts";
import { sweep } from "./sweep.ts";
import { doubledBy } from "./unique.ts";
import type { LeftView, SideCounts } from "./views.ts";

/** What became of an edit. */
export interface EditView {
  /** The run under which it is on record. */
  readonly run: string;
  /** What was written, by side. */
  readonly sides: { readonly [side: string]: SideCounts };
  readonly left: readonly LeftView[];
  /** Sides whose own row is not written: it stays as it is, and differs. */
  readonly kept: readonly string[];
}

/**
 * Says what the row of a letter is to be. Throws ANSWER_INVALID, with everything that would still
 * be wrong, and then has written nothing; ENTRY_UNKNOWN where there is no letter.
 */
export async function editLetter(link: Link, edit: Edit, signal: AbortSignal): Promise<EditView> {
  const pipeline = link.pipelines.find(({ name }) => name === edit.pipeline);
  if (pipeline === undefined) throw new RangeError(`no pipeline ${edit.pipeline} in a link`);
  if (pipeline.memory === "digest") throw notKept(pipeline);
  const change = changeOf(pipeline, edit);
  await checkIdentity(link, {}, signal);
  const start = await startCycle(link);
  const context = await judging(link, { pipeline, start }, signal);
  const found = await letterOf(context, edit, signal);
  const { decision, after } = await decided(context, { found, change, edit }, signal);
  const work = async (carrier: Carrier): Promise<Done> => {
    if (decision !== undefined) await carrier.carry(context, [decision], signal);
    await sweep(link, carrier, [context], { onlyLater: true }, signal);
    const summary = summaryOf(new Map([[pipeline.name, new Counts(context)]]), null);
    return { planId: null, summary, guards: [], notes: [], whole: [], isDrained: false };
  };
  const view = await recorded(link, { kind: "edit", start }, work, signal);
  const sides = view.summary.pipelines[pipeline.name]?.sides ?? {};
  return { run: view.id, sides, left: view.left, kept: keptSides(context, after, change) };
}

/** The values that a person gives, by position. */
function changeOf({ name, fields, types, key }: Pipeline, edit: Edit): Row {
  const row: (Value | undefined)[] = fields.map(() => undefined);
  const given = Object.entries(edit.fields);
  if (given.length === 0) throw unfit("what is the row to be? No field is named");
  for (const [field, value] of given) {
    const at = fields.indexOf(field);
    if (at < 0) throw unfit(`${name} has no field ${field}`, didYouMean(field, fields));
    if (key.includes(at)) throw unfit(`${field} names the entry, and cannot be edited`);
    const type = types[at];
    const form = type === undefined ? value : canonical(type, value);
    if (form === undefined) throw unfit(`${field} cannot hold that value`);
    row[at] = form;
  }
  return row;
}

/** The letter, judged as if its row broke no rule. */
async function letterOf(context: Context, edit: Edit, signal: AbortSignal): Promise<Judged> {
  const { pipeline, key } = edit;
  for await (const [found] of judged(context, { pipeline, key, isEdited: true }, signal)) {
    if (found !== undefined) return found;
  }
  throw new SyncError("ENTRY_UNKNOWN", `${pipeline} has no letter ${showKey(key)}`, {
    hint: "`syncline letters` lists them.",
  });
}

interface Editing {
  readonly found: Judged;
  readonly change: Row;
  readonly edit: Edit;
}

/** What the edit comes to; `after` is what the entry becomes. */
async function decided(
  context: Context,
  { found, change, edit }: Editing,
  signal: AbortSignal,
): Promise<{ readonly decision: Decision | undefined; readonly after: Entry }> {
  const { letter, decision: before, looks } = found;
  const shown = showKey(edit.key);
  if (before?.after.open.some(({ field, why }) => field === WHOLE && why !== "drift") === true) {
    throw unfit(`a question about ${shown} as a whole is open, and comes first`, SEE_CONFLICTS);
  }
  const left = before && lettersOf({ context, key: edit.key, entry: before.after }, {});
  const unread = left?.filter(({ kind }) => kind === "unreadable") ?? [];
  if (unread.length > 0) {
    const errors = unread.flatMap((each) => each.errors.map((error) => `${each.side}: ${error}`));
    throw stillWrong(`${shown} cannot be edited here, because its row cannot be read`, errors);
  }
  if (before?.after.agreed.here !== true) {
    throw unfit(`the row of ${shown} is gone: there is nothing to edit`);
  }
  const after = edited(context, before.after, { change, author: edit.author });
  const of = { key: edit.key, before: letter.entry, text: letter.text };
  const decision = decisionOf(context, of, after, { looks });
  const errors = await errorsIn(context, { after, decision, key: edit.key }, signal);
  if (errors.length > 0) throw stillWrong(`${shown} would still be refused`, errors);
  return { decision, after };
}

const SEE_CONFLICTS = "`syncline conflicts` shows it, `syncline resolve` answers it.";

/** The entry with what a person says of it: questions about these fields are answered by that. */
function edited(
  context: Context,
  entry: Entry,
  { change, author }: { readonly change: Row; readonly author: string },
): Entry {
  const { policy } = context;
  const by = `${ANSWER}${author}`;
  let next = entry;
  for (const [field, value] of change.entries()) {
    if (value === undefined) continue;
    const row = change.map((_, f) => (f === field ? value : undefined));
    const question = next.open.find((open) => open.field === field && open.why !== "drift");
    const answered = question && answer(next, question, row, by, policy);
    next = answered ?? amend(next, { fields: row }, by, policy);
  }
  // Who holds already what was said is owed nothing, and what is still asked is asked anew.
  return fold(next, [], policy);
}

interface Edited {
  readonly key: Edit["key"];
  readonly after: Entry;
  readonly decision: Decision | undefined;
}

/** Everything that a rule, or a side, would still refuse. */
async function errorsIn(
  context: Context,
  { key, after, decision }: Edited,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { pipeline, env } = context;
  const row = pipeline.fields.map((_, field) => after.agreed.values[field]);
  const errors: string[] = [];
  for (const [field, value] of row.entries()) {
    if (value !== undefined) errors.push(...pipeline.broken(field, value));
    errors.push(...askedOf(context, after, field));
  }
  errors.push(...(pipeline.rules.across?.(row) ?? []));
  errors.push(...(await doubledBy(pipeline, { key, row }, env.hash, signal)));
  for (const [side, memory] of (decision?.after.sides ?? []).entries()) {
    const { parked } = memory ?? {};
    if (parked?.kind !== "refused" || parked === after.sides[side]?.parked) continue;
    errors.push(...parked.errors);
  }
  return [...new Set(errors)];
}

/** What a value breaks on which nobody agreed: it is still asked. */
function askedOf({ pipeline }: Context, { open }: Entry, at: FieldIndex): readonly string[] {
  return open.flatMap(({ field, why, held }) => {
    if (field !== at || why !== "rejected") return [];
    return held.flatMap((of) => {
      const value = of?.row?.[field];
      return value === undefined ? [] : pipeline.broken(field, value);
    });
  });
}

/** Sides that hold something else than was said, and are never written. */
function keptSides({ pipeline }: Context, after: Entry, change: Row): readonly string[] {
  return pipeline.sides.flatMap(({ name, writable }, side) => {
    const shadow = after.sides[side]?.shadow;
    if (writable || shadow === undefined || shadow === null) return [];
    const isOther = change.some((value, f) => value !== undefined && !same(shadow[f], value));
    return isOther ? [name] : [];
  });
}

function stillWrong(message: string, errors: readonly string[]): SyncError {
  const list = errors.map((error) => `\n  ${error}`).join("");
  return new SyncError("ANSWER_INVALID", `${message}:${list}`, {
    hint:
      "Nothing was written. Name every field that has to be another one, or mend the row where " +
      "it is and try `syncline letters replay`.",
  });
}

function notKept({ name }: Pipeline): SyncError {
  return new SyncError("ANSWER_INVALID", `${name} remembers digests, and no value of a person`, {
    hint:
      "Mend the row in the source and try `syncline letters replay`; or set `memory: full` in " +
      "the pipeline, which keeps what a person says and who said it.",
  });
}

function unfit(message: string, hint = "`syncline letters` shows what each row holds."): SyncError {
  return new SyncError("ANSWER_INVALID", message, { hint });
}
