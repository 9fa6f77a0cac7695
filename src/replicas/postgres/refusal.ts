// What a broken constraint means for one row.
import { DatabaseError } from "pg";
import { SyncError } from "../../core/errors.ts";
import { showKey } from "../../core/key.ts";
import type { Key, OwnRow } from "../../core/state.ts";
import type { Outcome } from "../../engine/replica.ts";
import { STATE, described, sqlState } from "./failure.ts";
import type { Shaped } from "./shaped.ts";

/** Nothing happened to a row, and nobody said why: a trigger returned NULL. */
export class Ignored extends Error {
  override readonly name = "Ignored";
}

/** Classes of what is not about a row: the server, the session, the schema, other sessions. */
const NOT_A_ROWS: ReadonlySet<string> = new Set(
  ["08", "25", "28", "3D", "3F", "40", "42", "53", "55", "57", "58", "F0", "XX"].values(),
);

/** True for what a single row may be at fault for: the others can be tried without it. */
export function isRowsFault(error: unknown): boolean {
  if (error instanceof Ignored) return true;
  const state = sqlState(error);
  if (state === STATE.GENERATED_ALWAYS || isInputs(error)) return true;
  return state !== undefined && !NOT_A_ROWS.has(state.slice(0, 2));
}

/** What a type's own input says of a text that it does not understand: so do queries and names. */
const INPUT_STATES: ReadonlySet<string> = new Set([
  "42601",
  "42602",
  "42704",
  "42725",
  "42883",
  "42P01",
]);

/** It points at no place in a statement, and comes from no function of a trigger. */
function isInputs(error: unknown): boolean {
  if (!(error instanceof DatabaseError) || !INPUT_STATES.has(error.code ?? "")) return false;
  return error.position === undefined && error.where === undefined;
}

/** It comes from no function of a trigger. */
function isOurs(error: unknown): boolean {
  return error instanceof DatabaseError && error.where === undefined;
}

/** The outcome of the only row that was not taken. */
export function refusalOf(error: unknown, shaped: Shaped, to: OwnRow | null = null): Outcome {
  const { table } = shaped;
  if (error instanceof Ignored)
    return refused("WRITE_REFUSED", `a trigger of ${table.name} ignored it`);
  const state = sqlState(error) ?? "";
  switch (state) {
    case STATE.FOREIGN_KEY:
    case STATE.RESTRICT:
      return waits(table.name, constraintOf(error));
    case STATE.NOT_NULL:
      return refused("CONSTRAINT", `${columnOf(error, table.name)} must not be NULL`);
    case STATE.UNIQUE:
      return refused("CONSTRAINT", `${table.name} has such values already${nameOf(error, table)}`);
    case STATE.EXCLUSION:
    case STATE.CHECK:
      return refused("CONSTRAINT", `${table.name} does not allow it${nameOf(error, table)}`);
    default:
      break;
  }
  const said = described(error);
  // A trigger's function may have gone beyond a limit as well: then it says where.
  if (state.startsWith("54") && isOurs(error)) {
    const name = `${table.name}${castOf(error, shaped, to)}`;
    return refused(
      "VALUE_NOT_HELD",
      `${name} cannot hold a value: it is beyond a limit of its type or of an index${said}`,
    );
  }
  if (state.startsWith("22") || state === STATE.GENERATED_ALWAYS || isInputs(error)) {
    const column = columnOf(error, table.name);
    const name = column === table.name ? `${column}${castOf(error, shaped, to)}` : column;
    return refused("VALUE_NOT_HELD", `${name} cannot hold a value${said}`);
  }
  if (state.startsWith("23")) {
    return refused("CONSTRAINT", `${table.name} does not allow it${nameOf(error, table)}${said}`);
  }
  return refused("WRITE_REFUSED", `a trigger or rule of ${table.name} refused it${said}`);
}

/** A value that somebody else has. */
export function isClash(outcome: Outcome | undefined): boolean {
  return (
    outcome?.kind === "refused" &&
    (outcome.error.code === "CONSTRAINT" || outcome.error.code === "KEY_FOLDS")
  );
}

/** A reference to a row that is not there, or from one that still is. */
function waits(table: string, constraint: string | undefined): Outcome {
  const named = constraint === undefined ? "" : ` (${constraint})`;
  const message = `${table}: it refers to a row that is not there, or is referred to${named}`;
  return { kind: "later", error: new SyncError("CONSTRAINT", message, { where: table }) };
}

/** A deletion that would take rows of another table with it. */
export function waitsForChildren({ table }: Shaped, child: string): Outcome {
  const message =
    `rows of ${child} refer to this one of ${table.name} and would go or change with it: ` +
    "it waits for them, or for --allow-deletes";
  return { kind: "later", error: new SyncError("CONSTRAINT", message, { where: table.name }) };
}

/** Two keys that this store takes for one. */
export function folded({ table }: Shaped, key: Key, other: Key): Outcome {
  const both = `${showKey(key)} and ${showKey(other)}`;
  return refused("KEY_FOLDS", `${table.name} takes ${both} for one key`);
}

/** Two rows where there may be one. */
export function twice({ table, keyColumns }: Shaped): Outcome {
  const names = keyColumns.map((column) => column.name).join(", ");
  return refused("KEY_NOT_UNIQUE", `two rows of ${table.name} have the same ${names}`);
}

/** A refusal under one of our codes. */
export function refused(
  code: "CONSTRAINT" | "VALUE_NOT_HELD" | "WRITE_REFUSED" | "KEY_FOLDS" | "KEY_NOT_UNIQUE",
  message: string,
): Outcome {
  return { kind: "refused", error: new SyncError(code, message) };
}

/** A value that its column cannot hold. */
export function notHeld({ table, columns }: Shaped, at: number, why: string): Outcome {
  return refused("VALUE_NOT_HELD", `${table.name}.${columns[at]?.name ?? ""} ${why}`);
}

function columnOf(error: unknown, table: string): string {
  const column = error instanceof DatabaseError ? error.column : undefined;
  return column === undefined || column === "" ? table : `${table}.${column}`;
}

/** The columns whose texts only the server understands: it does not say which one it was. */
function castOf(error: unknown, { columns }: Shaped, to: OwnRow | null): string {
  // What a trigger's function has failed at may be no column's value at all.
  if (!(error instanceof DatabaseError) || error.where !== undefined) return "";
  const cast = columns.filter(({ codec }, at) => !codec.isDirect && (to?.[at] ?? null) !== null);
  return cast.length === 0 ? "" : `.${cast.map(({ name }) => name).join(" or ")}`;
}

/** The name of the constraint that an error is about. */
export function constraintOf(error: unknown): string | undefined {
  const constraint = error instanceof DatabaseError ? error.constraint : undefined;
  return constraint === "" ? undefined : constraint;
}

/** The constraint, which its table may have, or a table that a trigger wrote to. */
function nameOf(error: unknown, table: Shaped["table"]): string {
  const constraint = constraintOf(error);
  if (constraint === undefined) return "";
  const other = error instanceof DatabaseError ? error.table : undefined;
  const isOther = other !== undefined && other !== "" && other !== table.table;
  return isOther ? `: ${constraint} of ${other}` : `: ${constraint}`;
}
