// What a broken constraint means for one row.
import type { DatabaseSync } from "node:sqlite";
import { SyncError } from "../../core/errors.ts";
import { showKey } from "../../core/key.ts";
import type { Key, OwnRow } from "../../core/state.ts";
import { whyNot } from "../../core/values.ts";
import type { Outcome } from "../../engine/replica.ts";
import type { Column } from "./catalogue.ts";
import { BROKEN, RESULT, extendedCode, messageOf, primaryCode } from "./failure.ts";
import { quote } from "./names.ts";
import { allRows } from "./rows.ts";
import type { Shaped } from "./shaped.ts";

/** The write that failed. */
export interface Failed {
  readonly db: DatabaseSync;
  readonly shaped: Shaped;
  /** The row that was to be put; null: it was to be deleted. */
  readonly to: OwnRow | null;
}

/** The outcome of a row that SQLite did not take; undefined: it is not the row's fault. */
export function refusalOf(error: unknown, failed: Failed): Outcome | undefined {
  const code = primaryCode(error);
  const { table } = failed.shaped;
  if (code === RESULT.TOOBIG || code === RESULT.MISMATCH) {
    return refused("VALUE_NOT_HELD", `${table.name} cannot hold it: ${messageOf(error)}`, error);
  }
  if (code !== RESULT.CONSTRAINT) return undefined;
  switch (extendedCode(error)) {
    case BROKEN.FOREIGN_KEY:
      return waits(failed.shaped, error);
    case BROKEN.TRIGGER:
      return refused("WRITE_REFUSED", `a trigger of ${table.name}: ${messageOf(error)}`, error);
    case BROKEN.DATATYPE:
      return refused("VALUE_NOT_HELD", messageOf(error), error);
    case BROKEN.PRIMARY_KEY:
    case BROKEN.UNIQUE:
    case BROKEN.ROWID:
      return folded(failed) ?? refused("CONSTRAINT", messageOf(error), error);
    default:
      return refused("CONSTRAINT", messageOf(error), error);
  }
}

/** A reference to a row that is not there, or from one that still is. */
export function waits({ table }: Shaped, cause?: unknown): Outcome {
  const message = `${table.name}: it refers to a row that is not there, or is referred to`;
  const error = new SyncError("CONSTRAINT", message, {
    where: table.name,
    ...(cause === undefined ? {} : { cause }),
  });
  return { kind: "later", error };
}

/** A deletion that would take rows of another table with it. */
export function waitsForChildren({ table }: Shaped, child: string): Outcome {
  const message =
    `rows of ${child} refer to this one of ${table.name} and would be deleted with it ` +
    "(ON DELETE CASCADE): it waits for them, or for --allow-deletes";
  const error = new SyncError("CONSTRAINT", message, { where: table.name });
  return { kind: "later", error };
}

const NUMBERS: ReadonlySet<string> = new Set(["integer", "real", "decimal"]);

/** A value that its column cannot hold. */
export function notHeld({ table }: Shaped, column: Column, value: OwnRow[number]): Outcome {
  const isNumber = NUMBERS.has(column.type.kind) && column.affinity !== "text";
  const why =
    whyNot(column.type, value) ??
    (isNumber
      ? "is not held by SQLite as a number: a TEXT column would hold it"
      : "is not held by SQLite");
  return refused("VALUE_NOT_HELD", `${table.name}.${column.name} ${why}`, undefined);
}

/** A refusal under one of our codes. */
export function refused(
  code: "CONSTRAINT" | "VALUE_NOT_HELD" | "WRITE_REFUSED" | "KEY_FOLDS" | "KEY_NOT_UNIQUE",
  message: string,
  cause: unknown,
): Outcome {
  const error = new SyncError(code, message, cause === undefined ? {} : { cause });
  return { kind: "refused", error };
}

/** Another row whose key this store takes for the same one: both are named. */
function folded({ db, shaped, to }: Failed): Outcome | undefined {
  const key = to === null ? undefined : shaped.keyOf(to);
  const bound = key === undefined ? undefined : shaped.bindKey(key);
  if (key === undefined || bound === undefined) return undefined;
  const { table, keyColumns, select } = shaped;
  for (const set of table.uniqueSets) {
    const tests = keyColumns.map((column, index) => {
      const at = set.columns.indexOf(column.name);
      return at < 0 ? "" : `${quote(column.name)} = ?${index + 1} COLLATE ${set.collations[at]}`;
    });
    if (tests.includes("") || tests.length !== set.columns.length) continue;
    const sql = `SELECT ${select} FROM main.${quote(table.name)} WHERE ${tests.join(" AND ")}`;
    const other = otherKey(allRows(db, db.prepare(sql), ...bound), shaped, key);
    if (other === undefined) continue;
    const both = `${showKey(key)} and ${showKey(other)}`;
    return refused("KEY_FOLDS", `${table.name} takes ${both} for one key`, undefined);
  }
  return undefined;
}

function otherKey(rows: ReturnType<typeof allRows>, shaped: Shaped, key: Key): Key | undefined {
  return rows.map((row) => shaped.keyOf(shaped.decode(row))).find((other) => other !== key);
}
