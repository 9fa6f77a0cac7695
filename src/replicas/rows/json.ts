// JSON files as records: one object a line, a list of objects, or an object of objects by key.
import { SyncError } from "../../core/errors.ts";
import { skipBlanks, stringEnd, valueEnd } from "../../core/json-scan.ts";
import { ABSENT } from "../../core/state.ts";
import type { Value } from "../../core/state.ts";
import { cellOf, jsonReader, jsonToken, objectIn } from "../../core/json-cells.ts";
import { withMembers } from "./json-members.ts";
import { COLUMNS_MAX, RECORDS_MAX, countOf, cursorOf, noRecords, refill } from "./records.ts";
import type { Cursor, Layout, Records, Wanted } from "./records.ts";
import type { FileRules } from "./settings.ts";
import { PartEnd } from "./text.ts";
import type { NextText } from "./text.ts";

/** How the objects of a file are arranged. `keyed`: each under a name, which is a column too. */
type Arrangement =
  | { readonly kind: "lines" }
  | { readonly kind: "list" }
  | { readonly kind: "keyed"; readonly column: string };

/** Records by which the columns of a file without a header are found. */
export const FOUND_RECORDS_MAX = 10_000;

/** The column that holds the names of an object of objects, unless `key` says another. */
const KEY_COLUMN = "key";

/** Finds the form of a JSON file. undefined: it is empty. Throws LIST_FAILED when it is no JSON. */
export function jsonLayout(
  rules: FileRules,
  open: () => NextText,
  path: string,
): Layout | undefined {
  const arrangement = arrangementOf(rules, open(), path);
  if (arrangement === undefined) return undefined;
  const { head, lead } = beginningOf(open(), arrangement);
  const declared = Object.keys(rules.columns ?? {});
  const names = new Set(
    arrangement.kind === "keyed" ? [arrangement.column, ...declared] : declared,
  );
  const style: Style = { gap: "", ...lead };
  let seen = 0;
  const form = { arrangement, columns: [], path };
  for (const { raws, gaps } of beginning(recordsOf(open(), form, { columns: [], isRaw: true }))) {
    for (const raw of raws) {
      const object = objectIn(bodyOf(raw, arrangement));
      for (const name of Object.keys(object ?? {})) if (names.size <= COLUMNS_MAX) names.add(name);
    }
    if (seen === 0) style.gap = gaps[1] ?? style.gap;
    seen += raws.length;
    if (seen >= FOUND_RECORDS_MAX) break;
  }
  if (names.size > COLUMNS_MAX) {
    throw new SyncError("LIMIT_EXCEEDED", `${path} has more than ${COLUMNS_MAX} columns`);
  }
  // Without an object nobody knows a column: it is as good as empty.
  if (names.size === (arrangement.kind === "keyed" ? 1 : 0)) return undefined;
  return layoutOf({ arrangement, columns: [...names], path }, head, style);
}

/** The form of a JSON file that is to be made with these columns. */
export function newJson(columns: readonly string[], rules: FileRules, path: string): Layout {
  const arrangement: Arrangement = rules.format === "ndjson" ? { kind: "lines" } : { kind: "list" };
  const head = arrangement.kind === "lines" ? "" : "[";
  return layoutOf({ arrangement, columns, path }, head, { gap: "", newline: "\n" });
}

/** As far as it is here: only the beginning of a large file is looked at. */
function* beginning(records: Generator<Records>): Generator<Records> {
  try {
    yield* records;
  } catch (error) {
    if (!(error instanceof PartEnd)) throw error;
  }
}

interface Form {
  readonly arrangement: Arrangement;
  readonly columns: readonly string[];
  readonly path: string;
}

interface Style {
  /** What stands between two records. */
  gap: string;
  newline: string;
}

function layoutOf(form: Form, head: string, style: Style): Layout {
  const { arrangement, columns } = form;
  const isLines = arrangement.kind === "lines";
  const between = style.gap === "" ? (isLines ? style.newline : `,${style.newline}  `) : style.gap;
  const isPretty = !isLines && /\n/.test(between);
  return {
    columns,
    plainType: { kind: "any" },
    head,
    isSparse: true,
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

/** The object in a record's text. */
function bodyOf(raw: string, { kind }: Arrangement): string {
  if (kind !== "keyed") return raw;
  return raw.slice(skipBlanks(raw, skipBlanks(raw, stringEnd(raw, 0)) + 1));
}

function* recordsOf(next: NextText, form: Form, wanted: Wanted): Generator<Records, string> {
  const cursor = cursorOf(next);
  const take = form.arrangement.kind === "lines" ? takeLine : takeElement;
  const parse = parserOf(form, wanted);
  if (form.arrangement.kind !== "lines") enter(cursor);
  let isFirst = true;
  for (;;) {
    const found = noRecords();
    while (found.rows.length < RECORDS_MAX) {
      const to = take(cursor, form, { isRaw: wanted.isRaw, isFirst });
      if (to === undefined) break;
      isFirst = false;
      const raw = cursor.text.slice(cursor.at, to);
      const row = parse(raw);
      if (typeof row === "string") found.broken.set(found.rows.length, row);
      found.rows.push(typeof row === "string" ? [] : row);
      found.lines.push(cursor.line);
      if (wanted.isRaw) {
        found.raws.push(raw);
        found.gaps.push(cursor.text.slice(cursor.gapFrom, cursor.at));
      }
      moveTo(cursor, to);
      cursor.gapFrom = to;
    }
    if (found.rows.length > 0) yield found;
    if (found.rows.length < RECORDS_MAX) return restOf(cursor, form);
  }
}

function moveTo(cursor: Cursor, at: number): void {
  cursor.line += countOf(cursor.text, "\n", cursor.at, at);
  cursor.at = at;
}

/** Behind the first bracket. */
function enter(cursor: Cursor): void {
  refill(cursor, false);
  moveTo(cursor, skipBlanks(cursor.text, 0) + 1);
  cursor.gapFrom = cursor.at;
}

/** The text after the last record; there must be no more than the file's end in it. */
function restOf(cursor: Cursor, { arrangement, path }: Form): string {
  while (!cursor.isEnd) refill(cursor, true);
  const rest = cursor.text.slice(cursor.gapFrom);
  const end = { lines: "", list: "]", keyed: "}" }[arrangement.kind];
  if (rest.trim() === end) return rest;
  const line = cursor.line + countOf(cursor.text, "\n", cursor.at, cursor.text.length);
  throw notJson(path, line, end === "" ? "a line" : `'${end}'`);
}

function notJson(path: string, line: number, expected: string): SyncError {
  return new SyncError("LIST_FAILED", `${path}:${line}: ${expected} was expected here`, {
    where: `${path}:${line}`,
    hint: "It may be written at this moment, or cut off: nothing was decided from it.",
  });
}

interface Taking {
  readonly isRaw: boolean;
  readonly isFirst: boolean;
}

/** Where the line ends that comes next; undefined: there is none. */
function takeLine(cursor: Cursor, _: Form, { isRaw }: Taking): number | undefined {
  for (;;) {
    const start = skipBlanks(cursor.text, cursor.at);
    const end = cursor.text.indexOf("\n", start);
    if (end === -1 && !cursor.isEnd) {
      moveTo(cursor, start);
      refill(cursor, isRaw);
      continue;
    }
    if (start >= cursor.text.length) return undefined;
    moveTo(cursor, start);
    let to = end === -1 ? cursor.text.length : end;
    while (to > start && " \t\r".includes(cursor.text[to - 1] ?? "")) to--;
    return to;
  }
}

/** Where the element ends that comes next; undefined: the list ends. Throws LIST_FAILED. */
function takeElement(cursor: Cursor, form: Form, taking: Taking): number | undefined {
  for (;;) {
    const found = elementAt(cursor, form, taking.isFirst);
    if (found === "end") return undefined;
    if (found !== "more") {
      moveTo(cursor, found.from);
      return found.to;
    }
    if (cursor.isEnd) throw notJson(form.path, cursor.line, "the end of the list");
    refill(cursor, taking.isRaw);
  }
}

function elementAt(
  cursor: Cursor,
  { arrangement, path }: Form,
  isFirst: boolean,
): { readonly from: number; readonly to: number } | "end" | "more" {
  const { text, isEnd } = cursor;
  let at = skipBlanks(text, cursor.at);
  if (at >= text.length) return "more";
  const close = arrangement.kind === "keyed" ? "}" : "]";
  if (text[at] === close) return "end";
  if (!isFirst) {
    if (text[at] !== ",") throw notJson(path, cursor.line, `',' or '${close}'`);
    at = skipBlanks(text, at + 1);
    if (at >= text.length) return "more";
  }
  if (arrangement.kind === "list") {
    const to = valueEnd(text, at, isEnd);
    if (to === at) throw notJson(path, cursor.line, "an object");
    return to === -1 ? "more" : { from: at, to };
  }
  if (text[at] !== '"') throw notJson(path, cursor.line, "a name");
  const nameEnd = stringEnd(text, at);
  if (nameEnd === -1) return "more";
  const colon = skipBlanks(text, nameEnd);
  if (colon >= text.length) return "more";
  if (text[colon] !== ":") throw notJson(path, cursor.line, "':'");
  const valueFrom = skipBlanks(text, colon + 1);
  if (valueFrom >= text.length) return "more";
  const to = valueEnd(text, valueFrom, isEnd);
  if (to === valueFrom) throw notJson(path, cursor.line, "an object");
  return to === -1 ? "more" : { from: at, to };
}

const NO_OBJECT = "is not an object that JSON holds";

/** What is wanted of a record's text; a text says why it cannot be read. */
function parserOf(form: Form, wanted: Wanted): (raw: string) => Value[] | string {
  const names = wanted.columns.map((column) => form.columns[column] ?? "");
  const { arrangement } = form;
  return (raw) => {
    const object = objectIn(bodyOf(raw, arrangement));
    if (object === undefined) return NO_OBJECT;
    if (arrangement.kind !== "keyed") return names.map((name) => cellOf(object, name));
    const key = nameOf(raw);
    if (key === undefined) return NO_OBJECT;
    const inside = cellOf(object, arrangement.column);
    if (inside !== ABSENT && inside !== key) return `has another ${arrangement.column} inside`;
    return names.map((name) => (name === arrangement.column ? key : cellOf(object, name)));
  };
}

function nameOf(raw: string): string | undefined {
  try {
    return JSON.parse(raw.slice(0, stringEnd(raw, 0))) as string; // it stands between quotes
  } catch {
    return undefined; // a bad escape in one name is expected
  }
}
