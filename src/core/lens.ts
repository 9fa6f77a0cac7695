// A lens is how one side is seen in the link's terms. It is compiled once over a fixed list of the
// side's own columns; rows travel as arrays, so that a quiet row costs a copy of its values.

import { SyncError } from "./errors.ts";
import { compileFilter, filterColumns } from "./filter.ts";
import { compileField, isForm, isPick, isPut, isPutIfFitting } from "./lens-field.ts";
import type { FieldParts, LensField, Reading } from "./lens-field.ts";
import { lensParts } from "./lens-parts.ts";
import type { LensSpec, LinkField } from "./lens-parts.ts";
import { lineOfKey } from "./mapping.ts";
import { didYouMean } from "./nearest.ts";
import { ABSENT } from "./state.ts";
import type { FieldIndex, OwnRow, Row, Value } from "./state.ts";
import type { RecordView } from "./transform.ts";
import { same } from "./values.ts";

export type { LensSpec, LinkField } from "./lens-parts.ts";

/** A row that cannot be seen, or written, through its lens. Every broken field has its message. */
export interface Unreadable {
  readonly kind: "unreadable";
  readonly errors: readonly string[];
  /** What the row says, where nothing is wrong but that it breaks rules. */
  readonly broken?: Row;
}

/** One side of a link, in both directions. */
export interface Lens {
  /** The side's own columns that the link reads, in the order of every OwnRow. */
  readonly columns: readonly string[];
  /** Positions in `columns` of what names an entry on this side, in key order. */
  readonly keyColumns: readonly number[];
  /** The link fields that hold the key, in key order; -1: that key column is not mapped. */
  readonly keyFields: readonly FieldIndex[];
  /** The key is the same on this side and in the link: no transform changes it. */
  readonly keyIsPlain: boolean;
  /** The link fields that `over` yields. */
  readonly carries: readonly FieldIndex[];
  /** `over` does no more than to pick columns, so that rows can be compared without it. */
  readonly isIdentity: boolean;
  /**
   * For a new row, `back` does no more than to put each field into a column of its own, after it
   * has made sure that it fits.
   */
  readonly puts: boolean;
  /** By link field: the position of the column that holds it as it is, or -1. */
  readonly positions: readonly number[];
  /**
   * By link field: the position of the column that holds it as it is or as another type has it, or
   * -1.
   */
  readonly forms: readonly number[];
  /** Own terms to link terms. Never throws; everything that is wrong with the row is reported. */
  readonly over: (own: OwnRow) => Row | Unreadable;
  /**
   * Link terms to own terms: what has to be written. Columns that the lens does not own, and fields
   * that already say the same, keep what `own` holds; for a new row (null) they are ABSENT.
   * Unreadable where a value would not come back as it is.
   */
  readonly back: (row: Row, own: OwnRow | null) => OwnRow | Unreadable;
}

/**
 * Makes the lens of one side. Throws SyncError: LENS_NO_INVERSE for a two-way field without a way
 * back, COLUMN_MISSING, or CONFIG_INVALID for paths and transforms that cannot be.
 */
export function compileLens(spec: LensSpec): Lens {
  const fields: readonly LinkField[] =
    spec.fields ?? spec.mapping.map((line) => ({ name: line.target }));
  const parts = lensParts(spec, fields);
  const columns = columnsOf(spec, parts);
  const column = (name: string): number => columns.indexOf(name);
  const matches =
    spec.filter === undefined ? undefined : compileFilter(spec.filter, columns, spec.columns);

  const recordOf = makeRecordOf(columns);
  const scope = { columns, types: spec.columns, recordOf };
  const compiled = parts.map((field) => compileField(field, scope));
  const positions = fields.map(() => -1);
  const forms = fields.map(() => -1);
  for (const { at, parts } of compiled) {
    const position = column(parts.path?.column ?? "");
    if (isPick(parts)) positions[at] = position;
    if (isForm(parts)) forms[at] = position;
  }
  const hasMember = matches !== undefined || spec.hasMembership === true;
  if (hasMember) positions.push(-1);

  const keyColumns = spec.key.map(column);
  const keyFields = spec.key.map((name) => keyField(spec, fields, name));
  const worked = compiled.filter((field) => positions[field.at] === -1);
  const over = makeOver(positions, worked, matches);
  return {
    columns,
    keyColumns,
    keyFields,
    keyIsPlain: keyFields.every((at, i) => at === -1 || positions[at] === keyColumns[i]),
    carries: [
      ...compiled.map((field) => field.at).toSorted((a, b) => a - b),
      ...(matches === undefined ? [] : [fields.length]),
    ],
    isIdentity: worked.length === 0 && matches === undefined,
    puts: worked.length === 0 && compiled.every(({ parts }) => isPutIfFitting(parts)),
    positions,
    forms,
    over,
    back: makeBack(columns.length, compiled, worked),
  };
}

function makeOver(
  positions: readonly number[],
  worked: readonly LensField[],
  matches: ((own: OwnRow) => boolean) | undefined,
): Lens["over"] {
  const width = positions.length;
  const member = width - 1;
  const blank: readonly (Value | undefined)[] = Array.from({ length: width }, () => undefined);

  function pick(own: OwnRow): (Value | undefined)[] {
    // Copied, it has its length from the start: what grows takes twice the room.
    const row = blank.slice();
    for (let at = 0; at < width; at++) {
      const column = positions[at] ?? -1;
      if (column !== -1) row[at] = own[column];
    }
    return row;
  }

  if (worked.length === 0 && matches === undefined) return pick;
  return function over(own) {
    const row = pick(own);
    if (matches !== undefined) row[member] = matches(own);
    if (worked.length === 0) return row;
    const reading: Reading = { own, errors: [], record: undefined };
    for (const field of worked) row[field.at] = field.read(reading);
    return reading.errors.length === 0 ? row : { kind: "unreadable", errors: reading.errors };
  };
}

function makeBack(
  width: number,
  fields: readonly LensField[],
  worked: readonly LensField[],
): Lens["back"] {
  const blank: OwnRow = Array.from({ length: width }, () => ABSENT);
  const isPlain = worked.length === 0 && fields.every(({ parts }) => isPut(parts));
  return function back(row, own) {
    if (isPlain && own === null) return putAll(row, blank.slice(), fields);
    const to = (own ?? blank).slice();
    const errors: string[] = [];
    const before = own === null ? undefined : readingOf(own);
    for (const field of fields) {
      const value = row[field.at];
      if (value === undefined) continue;
      // What already says the same is left as it is: `Abc` stays, where the link sees `abc`.
      if (before !== undefined && saysSame(field, before, value)) continue;
      const problem = field.write(to, value);
      if (problem !== undefined) errors.push(unwritable(field.parts, problem));
    }
    if (errors.length > 0) return { kind: "unreadable", errors };
    return wrongWays(row, to, worked) ?? to;
  };
}

/** The usual new row: every field is put into its column as it is. */
function putAll(row: Row, to: Value[], fields: readonly LensField[]): OwnRow {
  for (const { at, column } of fields) {
    const value = row[at];
    if (value !== undefined) to[column] = value;
  }
  return to;
}

/** Holds that over(back(row)) = row, value by value: what would come back changed is refused. */
function wrongWays(row: Row, to: OwnRow, worked: readonly LensField[]): Unreadable | undefined {
  if (worked.length === 0) return undefined;
  const errors: string[] = [];
  const after = readingOf(to);
  for (const field of worked) {
    const value = row[field.at];
    if (value === undefined || !field.parts.writable) continue;
    if (!saysSame(field, after, value)) {
      errors.push(unwritable(field.parts, "it would come back as another value"));
    }
  }
  return errors.length === 0 ? undefined : { kind: "unreadable", errors };
}

function readingOf(own: OwnRow): Reading {
  return { own, errors: [], record: undefined };
}

function saysSame(field: LensField, reading: Reading, value: Value): boolean {
  const broken = reading.errors.length;
  const read = field.read(reading);
  return reading.errors.length === broken && same(read, value);
}

function unwritable(parts: FieldParts, reason: string): string {
  return `Field '${parts.name}' cannot be written to '${parts.ownName}': ${reason}`;
}

/** Mapped roots, key columns, columns of the filter, and what else transforms read. */
function columnsOf(spec: LensSpec, parts: readonly FieldParts[]): readonly string[] {
  const isColumn = (name: string): boolean => spec.columns?.has(name) ?? false;
  const names = new Set<string>();
  for (const { path } of parts) if (path !== undefined) names.add(path.column);
  for (const name of spec.key) names.add(name);
  if (spec.filter !== undefined) {
    for (const name of filterColumns(spec.filter, isColumn)) names.add(name);
  }
  for (const { reads, isExpressed } of parts) {
    // What an expression lacks it says itself, with the character.
    for (const name of reads)
      if (!isExpressed || spec.columns?.has(name) !== false) names.add(name);
  }
  for (const name of names) {
    if (spec.columns === undefined || spec.columns.has(name)) continue;
    throw new SyncError("COLUMN_MISSING", `The ${spec.side} has no column '${name}'`, {
      hint: didYouMean(name, spec.columns.keys()),
    });
  }
  return [...names];
}

function keyField(spec: LensSpec, fields: readonly LinkField[], column: string): FieldIndex {
  const name = spec.side === "target" ? column : lineOfKey(spec.mapping, column)?.target;
  return fields.findIndex((field) => field.name === name);
}

function makeRecordOf(columns: readonly string[]): (reading: Reading) => RecordView {
  return function recordOf(reading) {
    if (reading.record !== undefined) return reading.record;
    // Without a prototype: a column may have any name.
    const record: { [column: string]: Value } = Object.create(null);
    for (const [i, name] of columns.entries()) {
      const value = reading.own[i];
      if (value !== undefined && value !== ABSENT) record[name] = value;
    }
    reading.record = record;
    return record;
  };
}
