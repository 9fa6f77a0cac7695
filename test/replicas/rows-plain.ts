// CSV and JSON files in the plainest way, seen past the product: the reference for its readers.
import { formatJson, parseJson } from "../../src/core/json.ts";
import { JSON_NULL } from "../../src/core/state.ts";
import type { Value } from "../../src/core/state.ts";
import { canonical, isList, isObject } from "../../src/core/values.ts";
import type { LogicalType } from "../../src/core/values.ts";

/** How a CSV file is written, for the plain reader. */
export interface PlainDialect {
  readonly delimiter: string;
  readonly quote: string;
  readonly end: "\n" | "\r";
}

export const PLAIN: PlainDialect = { delimiter: ",", quote: '"', end: "\n" };

/** One record: its fields (null: nothing, unquoted), or why it is broken. */
export type PlainRecord = readonly (string | null)[] | "torn" | "open";

/** One character after the other. Empty lines are no records. */
export function plainCsv(text: string, dialect: PlainDialect = PLAIN): PlainRecord[] {
  const { delimiter, quote, end } = dialect;
  const records: PlainRecord[] = [];
  let at = 0;
  const atEnd = (): boolean => text[at] === end;
  const atReturn = (): boolean => end === "\n" && text[at] === "\r" && text[at + 1] === "\n";
  while (at < text.length) {
    if (atEnd() || atReturn()) {
      at += atEnd() ? 1 : 2;
      continue;
    }
    const fields: (string | null)[] = [];
    let broken: "torn" | "open" | undefined;
    for (;;) {
      let field = "";
      if (text[at] === quote) {
        at += 1;
        while (at < text.length && (text[at] !== quote || text[at + 1] === quote)) {
          field += text[at] ?? "";
          at += text[at] === quote ? 2 : 1;
        }
        if (at >= text.length) broken = "open";
        at += 1;
        fields.push(field);
      } else {
        while (at < text.length && text[at] !== delimiter && !atEnd() && !atReturn()) {
          field += text[at] ?? "";
          at += 1;
        }
        fields.push(field === "" ? null : field);
      }
      if (at >= text.length) break;
      if (text[at] === delimiter) {
        at += 1;
        continue;
      }
      if (!atEnd() && !atReturn()) {
        broken = "torn";
        while (at < text.length && !atEnd()) at += 1;
      } else if (atReturn()) at += 1;
      at += 1;
      break;
    }
    records.push(broken ?? fields);
  }
  return records;
}

/** Every field in quotes, but for what is nothing. */
export function plainCsvText(rows: readonly (readonly (string | null)[])[]): string {
  const field = (cell: string | null): string =>
    cell === null ? "" : `"${cell.replaceAll('"', '""')}"`;
  return rows.map((row) => `${row.map(field).join(",")}\n`).join("");
}

/** A value as text, as a spreadsheet user would write it. */
export function plainText(type: LogicalType, value: Value): string | null {
  if (value === null) return null;
  if (type.kind === "json") return value === JSON_NULL ? "null" : formatJson(value);
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString("hex")}`;
  if (typeof value === "object" || typeof value === "symbol") throw new RangeError("no text");
  return String(value);
}

/** The value of such a text. */
export function plainValue(type: LogicalType, text: string | null): Value {
  if (text === null) return null;
  if (type.kind === "json") return parseJson(text) ?? text;
  if (type.kind === "bytes") return Uint8Array.from(Buffer.from(text.slice(2), "hex"));
  return canonical(type, text) ?? text;
}

/** A value in a JSON file; undefined: no member. */
export function plainJson(type: LogicalType, value: Value): string | undefined {
  if (type.kind === "json") return value === null ? undefined : formatJson(value);
  if (value instanceof Uint8Array) return JSON.stringify(plainText(type, value));
  if (typeof value === "number" && !Number.isFinite(value)) return JSON.stringify(String(value));
  return formatJson(value);
}

/** The value of a member of a JSON file. */
export function plainOfJson(type: LogicalType, cell: Value | undefined): Value {
  if (type.kind === "json") return cell === undefined ? null : cell === null ? JSON_NULL : cell;
  if (cell === undefined || cell === null) return null;
  if (type.kind === "bytes") return typeof cell === "string" ? plainValue(type, cell) : cell;
  return canonical(type, cell) ?? cell;
}

/** The objects of a text of JSON. */
export function objectsIn(text: string): readonly { readonly [name: string]: Value }[] {
  const parsed = parseJson(text);
  return isList(parsed) ? parsed.filter(isObject) : [];
}
