// What users and persons did, and who had seen it: an edit may go only when a later edit, answer or
// policy had seen it (I8). The ledger knows nothing of folding; it watches the sides from outside.
import { same } from "../../core/values.ts";
import type { OwnRow, Value } from "../../core/state.ts";
import { idOf, membersOf } from "./values.ts";

/** A row of a side by column name; null: not there. */
export type NamedRow = { readonly [column: string]: Value } | null;

/**
 * What an edit was about: a field, a member put into (`u`) or taken from (`u-`) a list, presence.
 */
type Subject = "f" | "g" | "u" | "u-" | "here";

/** Something that a user did. */
export interface Edit {
  readonly side: number;
  readonly key: number;
  readonly subject: Subject;
  /** Which value: `idOf` it, or the member. */
  readonly id: number;
  readonly time: number;
  /** Which version of its row it made. */
  readonly version: number;
  readonly isCreate: boolean;
  /** It fell on a side of which nobody knew whether our write had landed there. */
  readonly isDoubted: boolean;
  /** Why it may be gone. */
  over: string | undefined;
  /** A deletion: its row was created again. */
  isReplaced: boolean;
  /** When the engine first saw it. */
  seenAt: number | undefined;
  /** A deletion: when it was agreed. */
  doneAt: number | undefined;
}

/** One row of one side, whether it is there or not. */
export interface Cell {
  /** Grows with every change. */
  version: number;
  /** The version that its user made last. */
  userVersion: number;
  /** The version that the engine saw last. */
  looked: number;
  /** A late write met the content it was aimed at, although users had been there. */
  isAmbiguous: boolean;
  /** What its user replaced, by field, as this side held it. */
  readonly saw: Map<string, Value[]>;
  readonly past: Map<string, Value[]>;
  /** Its row came to be by a write of ours. */
  isOurs: boolean;
  /** When our write took it away; undefined: its user did, or it never was. */
  absentSince: number | undefined;
  /** How its user made its row, as long as nobody else changed it. */
  creation: Creation | undefined;
}

/** A row that a user made: the version that it was, and the deletions that it overruled. */
interface Creation {
  readonly version: number;
  readonly overruled: readonly Edit[];
}

/** The book of one schedule. */
export class Ledger {
  readonly edits: Edit[] = [];
  /** Grows with everything that happens. */
  time = 0;
  readonly #cells = new Map<string, Cell>();
  readonly #origins = new Map<string, Set<number>>();
  #ids = 0;

  newId(): number {
    this.#ids += 1;
    return this.#ids;
  }

  cell(side: number, key: number): Cell {
    const name = `${side} ${key}`;
    const known = this.#cells.get(name);
    if (known !== undefined) return known;
    const cell: Cell = {
      version: 0,
      userVersion: 0,
      looked: 0,
      isAmbiguous: false,
      isOurs: false,
      saw: new Map(),
      past: new Map(),
      absentSince: undefined,
      creation: undefined,
    };
    this.#cells.set(name, cell);
    return cell;
  }

  *of(key: number): Generator<Edit> {
    for (const edit of this.edits) if (edit.key === key) yield edit;
  }

  add(edit: Pick<Edit, "side" | "key" | "subject" | "id"> & Partial<Edit>): Edit {
    const full: Edit = {
      time: this.time,
      version: this.cell(edit.side, edit.key).version + 1,
      isCreate: false,
      isDoubted: false,
      over: undefined,
      isReplaced: false,
      seenAt: undefined,
      doneAt: undefined,
      ...edit,
    };
    this.edits.push(full);
    return full;
  }

  /** Every edit of that value may go from now on. */
  over(key: number, field: string, value: Value | undefined, why: string): void {
    if (value === undefined || value === null) return;
    const ids = field === "u" ? membersOf(value) : [idOf(value)];
    for (const edit of this.of(key)) {
      if (edit.subject === field && ids.includes(edit.id)) edit.over ??= why;
    }
  }

  /** Every edit that a row shows may go, and every removal from its list. */
  overRow(key: number, row: NamedRow, why: string): void {
    if (row === null) return;
    for (const [field, value] of Object.entries(row)) this.over(key, field, value, why);
    const members = membersOf(row["u"]);
    for (const edit of this.of(key)) {
      if (edit.subject === "u-" && !members.includes(edit.id)) edit.over ??= why;
    }
  }

  /** A user typed this value at this side. */
  typed(side: number, key: number, field: string, value: Value): void {
    const name = `${key} ${field} ${idOf(value)}`;
    const sides = this.#origins.get(name);
    if (sides === undefined) this.#origins.set(name, new Set([side]));
    else sides.add(side);
  }

  isTyped(side: number, key: number, field: string, value: Value): boolean {
    return this.#origins.get(`${key} ${field} ${idOf(value)}`)?.has(side) === true;
  }

  /** A user changed a row of a side. */
  changed(side: number, key: number, after: NamedRow): void {
    const cell = this.#move(side, key, after);
    cell.userVersion = cell.version;
    cell.absentSince = undefined;
  }

  /** A write of ours changed a row of a side. */
  written(side: number, key: number, before: NamedRow, after: NamedRow): void {
    const cell = this.#move(side, key, after);
    cell.creation = undefined;
    if (after === null) cell.absentSince = this.time;
    if (before === null) cell.isOurs = after !== null;
    for (const [field, value] of Object.entries(after ?? {})) {
      if (before === null || !same(before[field], value)) cell.saw.delete(field);
    }
  }

  /** The engine saw what a side holds under a key. */
  looked(side: number, key: number, row: NamedRow): void {
    const cell = this.cell(side, key);
    cell.looked = cell.version;
    for (const edit of this.edits) {
      if (edit.seenAt !== undefined || edit.key !== key || edit.side !== side) continue;
      if (shows(row, edit)) edit.seenAt = this.time;
    }
  }

  #move(side: number, key: number, after: NamedRow): Cell {
    const cell = this.cell(side, key);
    this.time += 1;
    cell.version += 1;
    for (const field of ["f", "g"]) {
      const value = after?.[field];
      if (value === undefined) continue;
      const past = cell.past.get(field);
      if (past === undefined) cell.past.set(field, [value]);
      else if (!past.some((other) => same(other, value))) past.push(value);
    }
    return cell;
  }
}

/** True if a row is as that edit left it. */
export function shows(row: NamedRow, { subject, id }: Edit): boolean {
  if (subject === "here") return row === null;
  if (row === null) return false;
  if (subject === "u") return membersOf(row["u"]).includes(id);
  if (subject === "u-") return !membersOf(row["u"]).includes(id);
  return idOf(row[subject]) === id;
}

/** A row by column name. */
export function named(columns: readonly string[], row: OwnRow | null | undefined): NamedRow {
  if (row === null || row === undefined) return null;
  const by: { [column: string]: Value } = {};
  for (const [index, column] of columns.entries()) by[column] = row[index] ?? null;
  return by;
}
