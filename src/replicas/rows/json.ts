// JSON files as records: one object a line, a list of objects, or an object of objects by key.
import { SyncError } from "../../core/errors.ts";
import { skipBlanks, stringEnd } from "../../core/json-scan.ts";
import { jsonReader, jsonToken } from "../../core/json-cells.ts";
import { withMembers } from "./json-members.ts";
import { bodyOf, parserOf, recordsOf } from "./json-records.ts";
import type { Arrangement, Form } from "./json-records.ts";
import { COLUMNS_MAX } from "./records.ts";
import type { Layout } from "./records.ts";
import type { FileRules } from "./settings.ts";
import { PartEnd } from "./text.ts";
import type { NextText } from "./text.ts";

/** Records by which the columns of a file without a header are found. */
export const FOUND_RECORDS_MAX = 10_000;

/** The column that holds the names of an object of objects, unless `key` says another. */
const KEY_COLUMN = "key";

/**
 * Finds the form of a JSON file by its first records. undefined: it is empty, not even a bracket is
 * in it. Throws LIST_FAILED when it is no JSON.
 */
export function jsonLayout(
  rules: FileRules,
  open: () => NextText,
  path: string,
): Layout | undefined {
  const arrangement = arrangementOf(rules, open(), path);
  if (arrangement === undefined) return undefined;
  const { head, lead } = beginningOf(open(), arrangement);
  const names = new Set(arrangement.kind === "keyed" ? [arrangement.column] : []);
  for (const name of Object.keys(rules.columns ?? {})) names.add(name);
  const style: Style = { gap: "", ...lead };
  const form: Form = { arrangement, columns: [], path };
  const looking = { columns: [], isRaw: true, see: into(names, path) };
  let seen = 0;
  let isWhole = true;
  try {
    for (const { rows, gaps } of recordsOf(open(), form, looking)) {
      if (seen === 0) style.gap = gaps[1] ?? style.gap;
      seen += rows.length;
      isWhole = seen < FOUND_RECORDS_MAX;
      if (!isWhole) break;
    }
  } catch (error) {
    // As far as it is here: only the beginning of a large file is looked at.
    if (!(error instanceof PartEnd)) throw error;
    isWhole = false;
  }
  const layout = layoutOf({ ...form, columns: [...names] }, { head, style, isPart: !isWhole });
  const isShown = names.size > (arrangement.kind === "keyed" ? 1 : 0);
  return isShown || !isWhole ? layout : { ...layout, isUnshown: true };
}

/** Takes down the names of members. Throws LIMIT_EXCEEDED. */
function into(names: Set<string>, path: string): (object: object) => void {
  return (object) => {
    for (const name of Object.keys(object)) names.add(name);
    if (names.size <= COLUMNS_MAX) return;
    throw new SyncError("LIMIT_EXCEEDED", `${path} has more than ${COLUMNS_MAX} columns`);
  };
}

/** Looks at every record of a file for its members; a step for some of them. */
function* lookThrough(next: NextText, form: Form, around: Around): Generator<undefined, Layout> {
  const names = new Set(form.columns);
  const looking = { columns: [], isRaw: false, see: into(names, form.path) };
  for (const _ of recordsOf(next, form, looking)) yield undefined;
  return layoutOf({ ...form, columns: [...names] }, { ...around, isPart: false });
}

/** The form of a JSON file that is to be made with these columns. */
export function newJson(columns: readonly string[], rules: FileRules, path: string): Layout {
  const arrangement: Arrangement = rules.format === "ndjson" ? { kind: "lines" } : { kind: "list" };
  const head = arrangement.kind === "lines" ? "" : "[";
  const style = { gap: "", newline: "\n" };
  return layoutOf({ arrangement, columns, path }, { head, style, isPart: false });
}

interface Style {
  /** What stands between two records. */
  gap: string;
  newline: string;
}

/** What a layout is made of besides its form. */
interface Around {
  readonly head: string;
  readonly style: Style;
  /** Some records were not looked at for their members. */
  readonly isPart: boolean;
}

function layoutOf(form: Form, around: Around): Layout {
  const { arrangement, columns } = form;
  const { head, style, isPart } = around;
  const isLines = arrangement.kind === "lines";
  const between = style.gap === "" ? (isLines ? style.newline : `,${style.newline}  `) : style.gap;
  const isPretty = !isLines && /\n/.test(between);
  return {
    columns,
    plainType: { kind: "any" },
    head,
    isSparse: true,
    ...(arrangement.kind === "keyed" ? { needed: arrangement.column } : {}),
    withColumns: (names) => {
      const all = [...new Set([...columns, ...names])];
      return layoutOf({ ...form, columns: all }, around);
    },
    ...(isPart ? { whole: (next) => lookThrough(next, form, around) } : {}),
    records: (next, wanted) => recordsOf(next, form, wanted),
    cells: (wanted) => {
      const parse = parserOf(form, { columns: wanted, isRaw: false });
      return (raw) => {
        const row = parse(raw);
        return typeof row === "string" ? undefined : row;
      };
    },
    reader: jsonReader,
    token: jsonToken,
    edit: (raw, tokens) => editOf(raw, tokens, form),
    make: (tokens) => makeOf(tokens, form, isPretty ? indentIn(between) : undefined),
    gap: (isFirst) =>
      isFirst ? between.replace(/^\s*,/, "").replace(isLines ? /^\s*/ : "", "") : between,
    closing: (tail) => {
      if (isLines) return tail === "" ? style.newline : tail;
      const rest = tail.trimStart();
      return isPretty ? `${style.newline}${rest}` : rest;
    },
  };
}

/** The blanks with which a record begins. */
function indentIn(gap: string): string {
  return /[^\n\r]*$/.exec(gap)?.[0] ?? "";
}

function editOf(raw: string, tokens: ReadonlyMap<number, string>, form: Form): string {
  const { arrangement, columns } = form;
  const named = new Map([...tokens].map(([column, token]) => [columns[column] ?? "", token]));
  const start = raw.length - bodyOf(raw, arrangement).length;
  const name = arrangement.kind === "keyed" ? named.get(arrangement.column) : undefined;
  if (arrangement.kind === "keyed") named.delete(arrangement.column);
  const before = raw.slice(0, start);
  const head = name === undefined ? before : nameToken(name) + before.slice(stringEnd(raw, 0));
  return head + withMembers(raw.slice(start), named);
}

/** A key stands in quotes, whatever it is. */
function nameToken(token: string): string {
  return token.startsWith('"') ? token : JSON.stringify(token);
}

function makeOf(
  tokens: readonly (string | undefined)[],
  { arrangement, columns }: Form,
  indent: string | undefined,
): string {
  const members: string[] = [];
  let name: string | undefined;
  for (const [column, token = ""] of tokens.entries()) {
    const title = columns[column] ?? "";
    // What nobody said is not there: other objects may have it, or not.
    if (token === "") continue;
    if (arrangement.kind === "keyed" && title === arrangement.column) name = nameToken(token);
    else members.push(`${JSON.stringify(title)}:${indent === undefined ? "" : " "}${token}`);
  }
  const inner = indent === undefined ? "" : `\n${indent}${indent === "" ? "  " : indent}`;
  const end = indent === undefined ? "" : `\n${indent}`;
  const body = members.length === 0 ? "{}" : `{${inner}${members.join(`,${inner}`)}${end}}`;
  return name === undefined ? body : `${name}:${indent === undefined ? "" : " "}${body}`;
}

function arrangementOf(rules: FileRules, next: NextText, path: string): Arrangement | undefined {
  if (rules.format === "ndjson") return { kind: "lines" };
  const start = startOf(next);
  if (start === undefined) return undefined;
  if (start === "[") return { kind: "list" };
  const [column = KEY_COLUMN] = rules.key ?? [];
  if (start === "{") return { kind: "keyed", column };
  throw new SyncError("LIST_FAILED", `${path} is neither a list of objects nor an object of them`, {
    where: path,
    hint: "If it has one object a line, say `format: ndjson`.",
  });
}

/** The first character that is no blank. */
function startOf(next: NextText): string | undefined {
  for (let text = next(); text !== undefined; text = next()) {
    const at = skipBlanks(text, 0);
    if (at < text.length) return text[at];
  }
  return undefined;
}

/** Everything up to the first bracket, and how lines end in it. */
function beginningOf(next: NextText, { kind }: Arrangement) {
  const text = next() ?? "";
  const end = text.indexOf("\n");
  const newline = end > 0 && text[end - 1] === "\r" ? "\r\n" : "\n";
  const head = kind === "lines" ? "" : text.slice(0, skipBlanks(text, 0) + 1);
  return { head, lead: { newline } };
}
