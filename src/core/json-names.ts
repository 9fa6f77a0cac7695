// Names in JSON objects as they are written. V8 takes a name with escapes for another one that it
// knows, if that is how the text of the name begins: `"a\n"` for `a\` (nodejs/node#63785). So a
// text that has such names is parsed part by part: a string by itself it reads right.
import { JSON_DEPTH_MAX } from "./document.ts";
import { COLON, skipBlanks, stringEnd, valueEnd } from "./json-scan.ts";

/** What is parsed: a text by itself, or a part of one without names. */
type Parse = (text: string) => unknown;

/** Parses a text, with its names as they are written. Throws what `parse` throws. */
export function parseNames(text: string, parse: Parse): unknown {
  const value = parse(text); // whether all of it is JSON
  return hasEscapedName(text) ? partAt({ text, at: 0, parse }, 0) : value;
}

/** True for a name that must not stand as one in a text that JSON.parse alone will read. */
export function isMisread(name: string): boolean {
  return ESCAPED.test(name);
}

/** What JSON.stringify writes as escapes; lone surrogates are refused elsewhere. */
// oxlint-disable-next-line no-control-regex -- these are the ones
const ESCAPED = /["\\\u0000-\u001f]/;

function hasEscapedName(text: string): boolean {
  if (!text.includes("\\")) return false;
  for (let at = text.indexOf('"'); at !== -1;) {
    const end = stringEnd(text, at);
    const isName = text.charCodeAt(skipBlanks(text, end)) === COLON;
    if (isName && text.slice(at, end).includes("\\")) return true;
    at = text.indexOf('"', end);
  }
  return false;
}

interface Cursor {
  readonly text: string;
  readonly parse: Parse;
  at: number;
}

/** The value at the cursor, which moves behind it. The text is known to be JSON. */
function partAt(cursor: Cursor, depth: number): unknown {
  const { text, parse } = cursor;
  cursor.at = skipBlanks(text, cursor.at);
  const start = text.charAt(cursor.at);
  if (start !== "{" && start !== "[") {
    const from = cursor.at;
    cursor.at = valueEnd(text, from, true);
    return parse(text.slice(from, cursor.at));
  }
  if (depth === JSON_DEPTH_MAX) throw new RangeError("a document is too deep");
  const names: string[] = [];
  const values: unknown[] = [];
  for (cursor.at++; !isEnd(cursor);) {
    if (start === "{") names.push(nameAt(cursor));
    values.push(partAt(cursor, depth + 1));
  }
  if (start === "[") return values;
  // fromEntries defines properties, so that `__proto__` is a name like any other.
  return Object.fromEntries(names.map((name, index) => [name, values[index]]));
}

/** Moves to the next part; true: there is none, and the cursor is behind the bracket. */
function isEnd(cursor: Cursor): boolean {
  let at = skipBlanks(cursor.text, cursor.at);
  const char = cursor.text.charAt(at);
  if (char === ",") at = skipBlanks(cursor.text, at + 1);
  const isOver = char === "]" || char === "}";
  cursor.at = isOver ? at + 1 : at;
  return isOver;
}

function nameAt(cursor: Cursor): string {
  const { text, at } = cursor;
  const end = stringEnd(text, at);
  cursor.at = skipBlanks(text, end) + 1;
  return JSON.parse(text.slice(at, end)) as string; // it stands between quotes
}
