// What a person's choice makes of an entry's question: a value, a side's, what was agreed before,
// or what a strategy says.
import { answer, choiceOf, fold } from "../core/fold.ts";
import { isSyncError, SyncError } from "../core/errors.ts";
import { parseStrategy } from "../core/strategies.ts";
import { canonical } from "../core/values.ts";
import { WHOLE, type Entry, type Question, type Row, type Value } from "../core/state.ts";
import type { Policy, Rule } from "../core/policy.ts";
import type { Context } from "./context.ts";
import { sideNamed, type Pipeline } from "./link.ts";
import type { Choice, Resolution } from "./options.ts";
import { ANSWER } from "./record.ts";

const NOBODY: readonly undefined[] = [];

/** The entry with the question answered; undefined: what is held has moved; text: why not so. */
export function byChoice(
  context: Context,
  entry: Entry,
  question: Question,
  { choice, author }: Resolution,
): Entry | string | undefined {
  try {
    const row = rowFor(context, entry, question, choice);
    return answer(entry, question, row, `${ANSWER}${author}`, context.policy);
  } catch (error) {
    if (!isSyncError(error, "ANSWER_INVALID")) throw error;
    return error.message;
  }
}

/** The entry folded once more under another policy; undefined: the question is still asked. */
export function byPolicy(
  context: Context,
  entry: Entry,
  question: Question,
  word: string,
): Entry | undefined {
  // Drift is answered after all else, as by any other choice (answer.ts).
  if (question.why === "drift" && entry.open.some(({ why }) => why !== "drift")) return undefined;
  const policy: Policy = { ...policyFor(context, question, word), guard: "pass" };
  const folded = fold(entry, NOBODY, policy);
  const isOpen = folded.open.some((of) => of.field === question.field && of.why === question.why);
  return isOpen ? undefined : folded;
}

function policyFor({ policy, pipeline }: Context, { field }: Question, word: string): Policy {
  if (word === "edit-wins" || word === "delete-wins") return { ...policy, deletes: word };
  if (field !== WHOLE) {
    // Only that field was meant: what is asked about others stays.
    const settle = Array.from({ length: policy.fields }, (_, f) =>
      f === field ? ruleFor(pipeline, word, f) : policy.settle[f],
    );
    return { ...policy, settle };
  }
  const rule = ruleFor(pipeline, word);
  const { deletes: _, ...rest } = policy;
  const settle = pipeline.fields.map((__, f) => ruleFor(pipeline, word, f));
  return { ...rest, rows: rule, settle, initial: rule };
}

/** What a word means in a pipeline: with the keys of its lists, and the time that it goes by. */
function ruleFor({ name, sides, fields, words }: Pipeline, word: string, field?: number): Rule {
  const names = sides.map((side) => side.name);
  const key = field === undefined ? undefined : words.keys[fields[field] ?? ""];
  const { by } = words;
  try {
    const options = { ...(by === undefined ? {} : { by }), ...(key === undefined ? {} : { key }) };
    return parseStrategy(word, names, options).rule;
  } catch (error) {
    if (!isSyncError(error, "CONFIG_INVALID")) throw error;
    // Without a time the last word would be that of whoever holds the greater value.
    const hint = `${error.hint ?? ""} Or answer with --take SIDE, --value or --base.`.trim();
    throw new SyncError("ANSWER_INVALID", `${name}: ${error.message}`, { hint });
  }
}

/** What a choice says of a question: the row to agree on, or null: the entry goes. */
function rowFor(context: Context, entry: Entry, question: Question, choice: Choice): Row | null {
  const { pipeline, policy } = context;
  const { field, held } = question;
  const agreed = entry.agreed.here ? entry.agreed.values : null;
  const only = (value: Value | undefined): Row => {
    if (value === undefined) throw unfit(`${pipeline.fields[field]} ${NOTHING_THERE[choice.kind]}`);
    const row: (Value | undefined)[] = Array.from({ length: policy.fields }, () => undefined);
    row[field] = value;
    return row;
  };
  switch (choice.kind) {
    case "delete":
      if (field !== WHOLE)
        throw unfit("only a question about the whole entry can be answered with --delete");
      return null;
    case "base":
      if (field !== WHOLE) return only(agreed?.[field]);
      // Where nothing ever was, going back to it would delete what the sides met with.
      if (entry.set[policy.fields] === undefined) throw unfit(`the entry ${NOTHING_THERE.base}`);
      return agreed;
    case "value":
      if (field === WHOLE)
        throw unfit("a question about the whole entry takes a side, --base or --delete");
      return only(valueFor(pipeline, field, choice.value));
    case "side": {
      const side = sideNamed(pipeline, choice.side);
      if (side === undefined) throw unfit(`${pipeline.name} has no side ${choice.side}`);
      const shadow = entry.sides[side]?.shadow ?? null;
      if (held[side] !== undefined) return choiceOf(entry, question, side, policy);
      if (field === WHOLE) return shadow ?? agreed;
      return only(shadow?.[field] ?? agreed?.[field]);
    }
    case "policy":
      throw unfit("a strategy is not a value");
  }
}

/** Why a choice has no value for a question. */
const NOTHING_THERE = {
  base: "was never agreed on, so there is no base to go back to",
  side: "is not held by that side",
  value: "has no such value",
  delete: "cannot be deleted by itself",
  policy: "is not settled by a value",
} as const satisfies { readonly [kind in Choice["kind"]]: string };

function valueFor(pipeline: Pipeline, field: number, value: Value): Value {
  const type = pipeline.types[field];
  const form = type === undefined ? value : canonical(type, value);
  if (form !== undefined) return form;
  throw unfit(`${pipeline.fields[field] ?? "the field"} cannot hold that value`);
}

/** A choice that is no answer. */
export function unfit(message: string): SyncError {
  return new SyncError("ANSWER_INVALID", message, {
    hint: "`syncline conflicts` shows what each question holds.",
  });
}
