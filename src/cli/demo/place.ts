// Where one side of the demonstration is: a file of SQLite's or a schema of PostgreSQL's. Tables
// are changed only the way their users would: by SQL, and no row that stays as it is.
import type { Cell, Dataset, Version } from "./entries.ts";

/** A side's home, with what the story does to its tables. */
export interface Place {
  /** What sentences call it. */
  readonly title: string;
  /** What a configuration says of it. */
  readonly system: string;
  /** What has to be done before the configuration can be used by hand. */
  readonly visit?: string;
  /** What stays there, and how it goes. */
  readonly stays?: string;
  /** Makes a table and fills it with a version; without a version it stays empty. */
  makeTable(dataset: Dataset, version: Version | undefined): Promise<void>;
  /** Does all of it in one transaction. */
  change(dataset: Dataset, changes: Changes): Promise<void>;
  /** Rows in the order of their key, by the JSON of its cells; cells in the dataset's order. */
  rows(dataset: Dataset): Promise<Rows>;
}

/** Rows by the JSON of their keys. */
export type Rows = ReadonlyMap<string, Row>;
/** Cells in the order of a dataset's columns. */
export type Row = readonly Cell[];

/** Rows to delete, whole rows to insert, and whole rows that take the place of others. */
export interface Changes {
  readonly deleted: readonly Row[];
  readonly inserted: readonly Row[];
  readonly updated: readonly Row[];
}

/** What turns one version into another. */
export function changesBetween(from: Version, to: Version): Changes {
  const deleted = [...from.rows].flatMap(([key, row]) => (to.rows.has(key) ? [] : [row]));
  const inserted: Row[] = [];
  const updated: Row[] = [];
  for (const [key, row] of to.rows) {
    const before = from.rows.get(key);
    if (before === undefined) inserted.push(row);
    else if (row.some((cell, i) => cell !== before[i])) updated.push(row);
  }
  return { deleted, inserted, updated };
}

/** Where a column stands. */
export function positionOf(dataset: Dataset, column: string): number {
  return dataset.columns.findIndex(({ name }) => name === column);
}

/** Rows by the JSON of their keys, in the order in which they come. */
export function byKey(dataset: Dataset, rows: readonly Row[]): Rows {
  const positions = dataset.key.map((name) => positionOf(dataset, name));
  return new Map(
    rows.map((row) => [JSON.stringify(positions.map((position) => row[position])), row]),
  );
}

/** An identifier as SQL text, whatever is in it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
