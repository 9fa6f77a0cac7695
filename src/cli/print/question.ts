// An open question as a person reads it: what was agreed, and what each side holds now.
import type { Value } from "../../core/state.ts";
import type { HeldView, QuestionView } from "../../engine/views.ts";
import type { Page } from "../page.ts";
import { cut, safe, shownValue } from "../values.ts";

/** More fields of one entry than this are counted, not listed. */
const FIELDS_SHOWN_MAX = 6;
const KEY_SHOWN_MAX = 80;

type Fields = { readonly [field: string]: Value };

/** One question in a few lines: its id and subject, then the agreed state, then every side. */
export async function printQuestion(page: Page, question: QuestionView): Promise<void> {
  const { bold, warn, dim } = page.style;
  const field = question.field === null ? "" : `  ${bold(safe(question.field))}`;
  const answered = question.isAnswered ? dim("  answered, not confirmed by every side yet") : "";
  const { id, why, pipeline } = question;
  await page.line(
    `${bold(id)}  ${warn(why)}  ${safe(pipeline)}  ${shownKey(question)}${field}${answered}`,
  );
  await page.columns([["agreed", agreed(question)], ...heldRows(question)], "    ");
  for (const error of question.errors) await page.line(`    ${safe(error)}`);
}

/** The same in one line, for a plan. */
export function questionLine(question: QuestionView): string {
  if (question.field !== null) {
    const held = heldRows(question).map(([side, text]) => `${side} ${text}`);
    return `${safe(question.field)}: agreed ${agreed(question)}, ${held.join(", ")}`;
  }
  const rows = heldRows(question).map(([side, text]) => {
    return text === DELETED ? `deleted in ${side}` : `${side} has ${text}`;
  });
  return rows.join("; ");
}

/** An entry's key, harmless and not longer than a line. */
export function shownKey(entry: { readonly shown: string }): string {
  return cut(safe(entry.shown), KEY_SHOWN_MAX);
}

/** True for the value that names the entry: it is shown as the key already. */
export function isKeyOf(entry: { readonly shown: string }, value: Value | undefined): boolean {
  return typeof value === "string" && value === entry.shown;
}

/** Fields and values after each other: `name "Ada", city NULL`. */
export function shownFields(fields: readonly (readonly [string, string])[]): string {
  const shown = fields.slice(0, FIELDS_SHOWN_MAX).map(([name, text]) => `${safe(name)} ${text}`);
  const more = fields.length - shown.length;
  if (more > 0) shown.push(`${more} more`);
  return shown.join(", ");
}

const DELETED = "deleted";

function agreed(question: QuestionView): string {
  const { field, base } = question;
  if (field !== null) return base === undefined ? "nothing yet" : shownValue(base);
  if (base === null || base === undefined) return "not there";
  // The base of a whole entry is its fields.
  return fieldsOf(question, base as Fields) || "the entry";
}

function heldRows(question: QuestionView): [side: string, text: string][] {
  return Object.entries(question.held).map(([side, held]) => [side, heldText(question, held)]);
}

function heldText({ field, base }: QuestionView, { value }: HeldView): string {
  if (field !== null) return shownValue(value);
  if (value === null) return DELETED;
  if (value === undefined) return "not there";
  const moved = value as Fields; // what a side holds of a whole entry are its moved fields
  const before = (base ?? {}) as Fields;
  const changes = Object.keys(moved).map((name): readonly [string, string] => {
    const to = shownValue(moved[name]);
    const isKnown = Object.hasOwn(before, name);
    return [name, isKnown ? `${shownValue(before[name])} → ${to}` : to];
  });
  return shownFields(changes) || "the entry as agreed";
}

function fieldsOf(question: QuestionView, fields: Fields): string {
  const said = Object.entries(fields).filter(([, value]) => {
    return value !== null && !isKeyOf(question, value);
  });
  return shownFields(said.map(([name, value]) => [name, shownValue(value)]));
}
