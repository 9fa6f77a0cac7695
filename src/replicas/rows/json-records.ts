// The records of a JSON file: where each begins and ends, and what is read of it.
import { SyncError } from "../../core/errors.ts";
import { skipBlanks, stringEnd, valueEnd } from "../../core/json-scan.ts";
import { ABSENT } from "../../core/state.ts";
import type { Value } from "../../core/state.ts";
import { cellOf, objectIn } from "../../core/json-cells.ts";
import { doubledName } from "./json-doubled.ts";
import { RECORDS_MAX, countOf, cursorOf, noRecords, refill } from "./records.ts";
import type { Cursor, Records, Wanted } from "./records.ts";
import type { NextText } from "./text.ts";

/** How the objects of a file are arranged. `keyed`: each under a name, which is a column too. */
export type Arrangement =
  | { readonly kind: "lines" }
  | { readonly kind: "list" }
  | { readonly kind: "keyed"; readonly column: string };

/** How a file is read: its arrangement, and the columns that positions mean. */
export interface Form {
  readonly arrangement: Arrangement;
  readonly columns: readonly string[];
  readonly path: string;
}

/** The object in a record's text. */
export function bodyOf(raw: string, { kind }: Arrangement): string {
  if (kind !== "keyed") return raw;
  return raw.slice(skipBlanks(raw, skipBlanks(raw, stringEnd(raw, 0)) + 1));
}

/** What is wanted of records, and who sees every object on the way. */
interface Looking extends Wanted {
  readonly see?: (object: object) => void;
}

/** All records of a file; at the end, the text after the last one. Throws LIST_FAILED. */
export function* recordsOf(
  next: NextText,
  form: Form,
  wanted: Looking,
): Generator<Records, string> {
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

/** Characters of a member's name that a message shows. */
const NAME_SHOWN_CHARS = 60;
const NO_OBJECT = "is not an object that JSON holds";

/** What is wanted of a record's text; a text says why it cannot be read. */
export function parserOf(form: Form, wanted: Looking): (raw: string) => Value[] | string {
  const { see } = wanted;
  const names = wanted.columns.map((column) => form.columns[column] ?? "");
  const { arrangement } = form;
  return (raw) => {
    const body = bodyOf(raw, arrangement);
    const object = objectIn(body);
    if (object === undefined) return NO_OBJECT;
    see?.(object);
    const twice = doubledName(body, object);
    if (twice !== undefined) return `has two members '${twice.slice(0, NAME_SHOWN_CHARS)}'`;
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
