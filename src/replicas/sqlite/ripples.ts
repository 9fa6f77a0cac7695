// What SQLite changes by itself, as far as its catalogue tells: triggers on deletions, and rows
// that follow a value to which they refer.
import type { DatabaseSync } from "node:sqlite";
import type { Ripple } from "../../engine/replica.ts";

/** A table as far as its name and the names of its columns go. */
interface Named {
  readonly name: string;
  readonly columns: readonly { readonly name: string }[];
  /** The primary key. */
  readonly key: readonly string[];
}

/** Everything that a write to this table may change in other rows. */
export function readRipples(db: DatabaseSync, table: Named): readonly Ripple[] {
  return [...deletionTriggers(db, table.name), ...followers(db, table)];
}

function deletionTriggers(db: DatabaseSync, table: string): readonly Ripple[] {
  const rows = db
    .prepare(
      `SELECT name, sql FROM sqlite_schema
       WHERE type = 'trigger' AND lower(tbl_name) = lower(?) ORDER BY name`,
    )
    .all(table);
  return rows
    .filter(({ sql }) => changesOnDelete(String(sql)))
    .map(({ name }) => ({ on: "delete", by: `trigger ${JSON.stringify(name)}` }));
}

function followers(db: DatabaseSync, { name, columns, key }: Named): readonly Ripple[] {
  const rows = db
    .prepare(
      `SELECT m.name AS child, f.id, f."to", f.on_update FROM sqlite_schema m,
         pragma_foreign_key_list(m.name) f
       WHERE m.type = 'table' AND lower(f."table") = lower(?)
         AND f.on_update IN ('CASCADE', 'SET NULL', 'SET DEFAULT')
       ORDER BY m.name, f.id, f.seq`,
    )
    .all(name);
  // A reference may be spelled in other letters than the column.
  const exact = (to: string): string =>
    columns.find((column) => column.name.toLowerCase() === to.toLowerCase())?.name ?? to;
  const references = Map.groupBy(rows, (row) => JSON.stringify([row["child"], row["id"]]));
  return [...references.values()].map((parts) => ({
    on: "update",
    columns: parts.map((part, at) => exact(String(part["to"] ?? key[at]))),
    by: `${String(parts[0]?.["child"])} (ON UPDATE ${String(parts[0]?.["on_update"])})`,
  }));
}

/** The parts of a statement: spaces and comments, texts and quoted names, words, and the rest. */
const TOKEN = new RegExp(
  [
    String.raw`\s+|--[^\n]*|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/`,
    String.raw`'(?:[^']|'')*'|"(?:[^"]|"")*"|` + "`(?:[^`]|``)*`" + String.raw`|\[[^\]]*\]`,
    String.raw`[\p{L}_$][\p{L}\p{N}_$]*|[^]`,
  ].join("|"),
  "gu",
);
const SPACE = /^(?:\s|--|\/\*)/u;

/** True for a trigger on deletions whose body writes rows. IF NOT EXISTS is not in what is kept. */
function changesOnDelete(sql: string): boolean {
  const tokens = (sql.match(TOKEN) ?? []).filter((token) => !SPACE.test(token));
  const words = tokens.map((token) => token.toUpperCase());
  const [, , , ...rest] = words; // CREATE TRIGGER, and a name that may be any word
  const event = rest.find((word) => EVENTS.has(word));
  const body = rest.slice(rest.indexOf("BEGIN") + 1);
  const isWriting = body.some((word, at) =>
    word === "REPLACE" ? body[at + 1] === "INTO" : EVENTS.has(word),
  );
  return event === "DELETE" && isWriting;
}

const EVENTS: ReadonlySet<string> = new Set(["INSERT", "UPDATE", "DELETE"]);
