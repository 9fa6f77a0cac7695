// What staged writes make of a file: compared with the rows as they are in it, decided as data.
// Nothing is written here.
import { SyncError } from "../../core/errors.ts";
import { ABSENT } from "../../core/state.ts";
import type { Key, OwnRow, Value } from "../../core/state.ts";
import { canonical, same, sameAll, whyNot } from "../../core/values.ts";
import { whyIllegible } from "../../engine/illegible.ts";
import type { Expected, Outcome, RowWrite } from "../../engine/replica.ts";
import type { OpenFile } from "./folder.ts";
import { RECORD_CHARS_MAX } from "./records.ts";
import { readRecord } from "./shaped.ts";
import type { Shaped } from "./shaped.ts";
import { textOf } from "./text.ts";
import { textToken } from "./values.ts";

/** What is to be done to a file. */
export interface Changes {
  /** Records by their place in the file; null: taken out. */
  readonly records: ReadonlyMap<number, string | null>;
  /** New records, in their order, each before the record at its place. */
  readonly created: readonly { readonly before: number; readonly raw: string }[];
  /** Parallel to the writes. */
  readonly outcomes: readonly Outcome[];
  readonly isAny: boolean;
}

/** A row, in the file or to be. */
interface Entity {
  /** Its place in the file; Infinity: it is new. */
  readonly place: number;
  readonly raw: string;
  row: OwnRow | null;
  readonly tokens: Map<number, string>;
  /** Before which record a new row goes. */
  readonly before: number;
  readonly isDouble: boolean;
}

/** Decides what writes, one after the other, make of a file. */
export function decideChanges(
  file: OpenFile,
  shaped: Shaped,
  writes: readonly RowWrite[],
): Changes {
  const scan = scanFor(file, shaped, keysOf(shaped, writes));
  const deciding: Deciding = { file, shaped, scan, made: [] };
  const outcomes = writes.map((write) => decideOne(deciding, write));
  const records = new Map<number, string | null>();
  for (const { place, raw, row, tokens } of scan.found) {
    if (row === null) records.set(place, null);
    else if (tokens.size > 0) records.set(place, file.layout.edit(raw, tokens));
  }
  const made = deciding.made.filter(({ row }) => row !== null);
  if (scan.isInOrder) made.sort((a, b) => a.before - b.before || orderOf(shaped, a, b));
  const created = made.map(({ before, tokens }) => ({
    before,
    raw: file.layout.make(file.layout.columns.map((_, column) => tokens.get(column))),
  }));
  return { records, created, outcomes, isAny: records.size > 0 || created.length > 0 };
}

function orderOf(shaped: Shaped, a: Entity, b: Entity): number {
  const [left, right] = [shaped.keyOf(a.row ?? []) ?? "", shaped.keyOf(b.row ?? []) ?? ""];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Every key that has to be looked for: those written, and those that rows are to get. */
function keysOf(shaped: Shaped, writes: readonly RowWrite[]): ReadonlySet<Key> {
  const keys = new Set<Key>();
  for (const { key, to } of writes) {
    keys.add(key);
    const next = to === null ? undefined : shaped.keyOf(to);
    if (next !== undefined) keys.add(next);
  }
  return keys;
}

interface Scan {
  readonly found: readonly Entity[];
  /** By the key that a row has now. */
  readonly at: Map<Key, Entity>;
  /** Where a new row of a key goes, in a file in key order. */
  readonly before: ReadonlyMap<Key, number>;
  readonly isInOrder: boolean;
  /** A line that may hold any key. */
  readonly broken: string | undefined;
  /** Characters between two records, at most. */
  readonly gapCharsMax: number;
}

function scanFor(file: OpenFile, shaped: Shaped, keys: ReadonlySet<Key>): Scan {
  const { layout, snapshot } = file;
  const found: Entity[] = [];
  const at = new Map<Key, Entity>();
  const waiting = [...keys].sort();
  const before = new Map<Key, number>();
  let passed = 0;
  let isInOrder = true;
  let last = "";
  let broken: string | undefined;
  let place = 0;
  let gapCharsMax = layout.gap(false).length;
  const wanted = { columns: shaped.keyColumns, isRaw: true };
  const cellsOf = layout.cells(shaped.columns);
  for (const records of layout.records(textOf(snapshot), wanted)) {
    for (let index = 0; index < records.rows.length; index++, place++) {
      const line = records.lines[index] ?? 0;
      gapCharsMax = Math.max(gapCharsMax, records.gaps[index]?.length ?? 0);
      const why = records.broken.get(index);
      if (why !== undefined) {
        broken ??= `line ${line} of ${snapshot.path} ${why}`;
        continue;
      }
      const key = shaped.keyOfCells(records.rows[index] ?? []);
      if (key === undefined) continue;
      isInOrder &&= key > last;
      last = key;
      for (let next = waiting[passed]; next !== undefined && next < key; next = waiting[++passed]) {
        before.set(next, place);
      }
      if (!keys.has(key)) continue;
      const raw = records.raws[index] ?? "";
      const read = readRecord(shaped, cellsOf(raw) ?? [], { path: snapshot.path, line });
      const row = read.key === undefined ? null : read.row;
      const isDouble = at.has(key);
      const entity = { place, raw, row, tokens: new Map(), before: place, isDouble };
      found.push(entity);
      at.set(key, entity);
    }
  }
  return { found, at, before, isInOrder, broken, gapCharsMax };
}

interface Deciding {
  readonly file: OpenFile;
  readonly shaped: Shaped;
  readonly scan: Scan;
  readonly made: Entity[];
}

function decideOne(deciding: Deciding, { key, expected, to }: RowWrite): Outcome {
  const { scan, shaped, made } = deciding;
  const entity = scan.at.get(key);
  const current = entity?.row ?? null;
  if (entity?.isDouble === true) {
    const names = shaped.shape.key.join(", ");
    return refused("KEY_NOT_UNIQUE", `two rows of ${nameOf(deciding)} have the same ${names}`);
  }
  if (!isExpected(expected, current)) return { kind: "stale", row: current };
  if (to === null) {
    scan.at.delete(key);
    if (entity !== undefined) entity.row = null;
    return { kind: "applied", row: null };
  }
  if (entity === undefined && scan.broken !== undefined) {
    const message = `whether it is there cannot be told: ${scan.broken}`;
    return { kind: "later", error: new SyncError("VALUE_UNREADABLE", message) };
  }
  const written = writtenRow(deciding, current, to);
  if ("kind" in written) return written;
  const { row, tokens } = written;
  const next = shaped.keyOf(row);
  if (next === undefined) {
    return refused("KEY_MISSING", `a row of ${nameOf(deciding)} would have no key`);
  }
  if (next !== key && scan.at.has(next)) {
    return refused("CONSTRAINT", `another row of ${nameOf(deciding)} has that key already`);
  }
  const target = entity ?? newEntity(scan, next);
  const all = new Map([...target.tokens, ...tokens]);
  const chars = charsOf(deciding, target, all);
  if (chars > RECORD_CHARS_MAX) {
    const message =
      `a row of ${nameOf(deciding)} would take ${chars} characters, and a record of a file ` +
      `holds ${RECORD_CHARS_MAX}: nobody could read it again`;
    return refused("VALUE_NOT_HELD", message);
  }
  if (entity === undefined) made.push(target);
  for (const [column, token] of tokens) target.tokens.set(column, token);
  target.row = row;
  scan.at.delete(key);
  scan.at.set(next, target);
  return { kind: "applied", row };
}

/** Around a member or a field: its quotes, colon, delimiter and blanks. */
const AROUND_CHARS = 16;
/** What one character of a name may come to between quotes: `\u0001`. */
const ESCAPED_CHARS = 6;
/** A line end, which has to be seen for a record to end. */
const END_CHARS = 2;

/** Characters of a record with what is around it; of one far from the limit, a few more. */
function charsOf(
  { file: { layout }, scan: { gapCharsMax } }: Deciding,
  { place, raw }: Entity,
  tokens: ReadonlyMap<number, string>,
): number {
  const around = gapCharsMax + END_CHARS;
  let most = around + raw.length;
  for (const [column, token] of tokens) {
    const name = layout.columns[column]?.length ?? 0;
    most += token.length + name * ESCAPED_CHARS + gapCharsMax + AROUND_CHARS;
  }
  // Nearly always it is short, and its text need not be made twice.
  if (most <= RECORD_CHARS_MAX) return most;
  const text =
    place === Infinity
      ? layout.make(layout.columns.map((_, column) => tokens.get(column)))
      : layout.edit(raw, tokens);
  return around + text.length;
}

function newEntity({ before, isInOrder }: Scan, key: Key): Entity {
  const place = isInOrder ? (before.get(key) ?? Infinity) : Infinity;
  return { place: Infinity, raw: "", row: null, tokens: new Map(), before: place, isDouble: false };
}

function nameOf({ shaped }: Deciding): string {
  return shaped.shape.collection;
}

function isExpected(expected: Expected, current: OwnRow | null): boolean {
  if (expected.kind === "absent") return current === null;
  if (current === null || whyIllegible(current) !== undefined) return false;
  if (expected.kind === "row") return sameAll(expected.row, current);
  return expected.digestOf(current) === expected.digest;
}

/** The row as it will be read again, and the tokens of what changes in it. */
function writtenRow(
  deciding: Deciding,
  current: OwnRow | null,
  to: OwnRow,
): { readonly row: OwnRow; readonly tokens: ReadonlyMap<number, string> } | Outcome {
  const { file, shaped } = deciding;
  const { layout } = file;
  const tokens = new Map<number, string>();
  const row: Value[] = [];
  for (const [at, given] of to.entries()) {
    const type = shaped.types[at] ?? layout.plainType;
    const before = current?.[at];
    const value = given === ABSENT ? (before ?? null) : given;
    if (before !== undefined && same(before, value)) {
      row.push(before);
      continue;
    }
    const token = layout.token(type, value);
    if (token === undefined) {
      const why = whyNot(type, value) ?? "is not a value that this file can hold";
      const name = `${nameOf(deciding)}.${shaped.shape.columns[at] ?? ""}`;
      return refused("VALUE_NOT_HELD", `${name} ${why}`);
    }
    tokens.set(shaped.columns[at] ?? 0, token);
    row.push(storedForm(file, type, value));
  }
  return { row, tokens };
}

/** Where nobody knows a type, what is read again is what the file says: a text of CSV. */
function storedForm({ layout }: OpenFile, type: Shaped["types"][number], value: Value): Value {
  if (value === null) return null;
  const form = canonical(type, value) ?? value;
  const isText = type.kind === "any" && !layout.isSparse;
  return isText ? (textToken(type, form) ?? form) : form;
}

function refused(
  code: "VALUE_NOT_HELD" | "KEY_MISSING" | "KEY_NOT_UNIQUE" | "CONSTRAINT",
  message: string,
): Outcome {
  return { kind: "refused", error: new SyncError(code, message) };
}
