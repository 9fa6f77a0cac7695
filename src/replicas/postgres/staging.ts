// Rows on their way into a stage. Most that a table cannot hold is refused by our own codec before
// anything is sent; what only the server knows (which characters its encoding has, how deep its
// documents may be) is found by halving, until every row at fault stands alone (I13).
import { decodeKey } from "../../core/key.ts";
import { ABSENT } from "../../core/state.ts";
import type { OwnRow, Value } from "../../core/state.ts";
import type { LogicalType } from "../../core/values.ts";
import type { Outcome, RowWrite } from "../../engine/replica.ts";
import type { Column } from "./catalogue.ts";
import type { Wire } from "./codec.ts";
import { described, isUntranslatable } from "./failure.ts";
import { makeOut } from "./out.ts";
import type { Out } from "./out.ts";
import { isRowsFault, notHeld, refused } from "./refusal.ts";
import type { Session } from "./session.ts";
import type { Shaped } from "./shaped.ts";
import type { Positions } from "./stage.ts";
import { putEnd, putHeader, putTuple } from "./tuples.ts";
import { integerWire } from "./wire-number.ts";

/** The number of a row in its batch. */
export const POSITION: Wire = integerWire({ kind: "integer" }, 4);

/** Set by whoever begins the transaction: what is staged after it can be taken back to it. */
export const STAGING = "SAVEPOINT syncline_stage";

const AGAIN = `RELEASE SAVEPOINT syncline_stage; ${STAGING}`;
const BACK = "ROLLBACK TO SAVEPOINT syncline_stage";

/** What rows are staged into. */
interface Into {
  readonly session: Session;
  readonly shaped: Shaped;
  /** `COPY … FROM STDIN (FORMAT binary)`. */
  readonly copy: string;
}

interface Staging extends Into {
  readonly writes: readonly RowWrite[];
  readonly signal: AbortSignal;
  readonly keyTypes: readonly LogicalType[];
  /** Of the position, the key and the columns. */
  readonly wires: readonly Wire[];
}

/** Stages writes after STAGING; returns those that the table cannot hold. */
export type StageRows = (
  writes: readonly RowWrite[],
  positions: Positions,
  signal: AbortSignal,
) => Promise<ReadonlyMap<number, Outcome>>;

/** Prepares it for a stage. A buffer is kept for the next rows. */
export function makeStaging(into: Into): StageRows {
  const { keyColumns, columns } = into.shaped;
  const keyTypes = keyColumns.map(({ codec }) => codec.type);
  const wires = [POSITION, ...keyColumns.map(wireOf), ...columns.map(wireOf)];
  let spare: Out | undefined;
  return async (writes, positions, signal) => {
    const on: Staging = { ...into, keyTypes, wires, writes, signal };
    const out = spare ?? makeOut();
    // What is still on its way when something fails must not change.
    spare = undefined;
    const misfits = new Map<number, Outcome>();
    putHeader(reset(out));
    for (const at of positions) {
      const misfit = putWrite(out, on, at);
      if (misfit !== undefined) misfits.set(at, misfit);
    }
    const fault = await faultOf(on, out);
    if (fault === undefined) {
      spare = out;
      return misfits;
    }
    await stageApart(
      on,
      positions.filter((at) => !misfits.has(at)),
      fault,
      misfits,
    );
    return misfits;
  };
}

function wireOf({ codec }: Column): Wire {
  return codec;
}

function reset(out: Out): Out {
  out.at = 0;
  return out;
}

/** Sends what was put; undefined: it is staged. Otherwise nothing of it is. */
async function faultOf({ session, copy, signal }: Staging, out: Out): Promise<unknown> {
  putEnd(out);
  try {
    await session.copyIn(copy, [out.bytes.subarray(0, out.at)], signal);
    return undefined;
  } catch (error) {
    if (!isRowsFault(error)) throw error;
    await session.run(BACK, signal);
    return error;
  }
}

/** Stages rows of which one at least is at fault. */
async function stageApart(
  on: Staging,
  positions: Positions,
  fault: unknown,
  misfits: Map<number, Outcome>,
): Promise<void> {
  const [only] = positions;
  if (only === undefined) return;
  if (positions.length === 1) {
    const outcome = await outcomeAlone(on, only, fault);
    if (outcome !== undefined) misfits.set(only, outcome);
    return;
  }
  const middle = positions.length >>> 1;
  for (const half of [positions.slice(0, middle), positions.slice(middle)]) {
    const again = await tried(on, half, {});
    if (again !== undefined) await stageApart(on, half, again, misfits);
  }
}

/** What is staged of a row; everything, where nothing is said. */
interface Part {
  readonly keys?: "none";
  /** Only this one of the shape's columns. */
  readonly column?: number;
}

/** Stages rows again, and keeps them; otherwise what is wrong with one of them. */
async function tried(on: Staging, positions: Positions, part: Part): Promise<unknown> {
  const out = makeOut();
  putHeader(out);
  for (const at of positions) putWrite(out, on, at, part);
  const fault = await faultOf(on, out);
  if (fault === undefined) await on.session.run(AGAIN, on.signal);
  return fault;
}

/** The columns at fault; undefined: it is the key, which no row can have, and it is staged. */
async function outcomeAlone(on: Staging, at: number, fault: unknown): Promise<Outcome | undefined> {
  const { shaped, writes } = on;
  const to = writes[at]?.to ?? [];
  const isText = isUntranslatable(fault);
  const wrong: string[] = [];
  for (const [column, value] of to.entries()) {
    if (value === null || value === ABSENT || (isText && isAscii(value))) continue;
    if (!(await isHeld(on, at, column))) wrong.push(shaped.columns[column]?.name ?? "");
  }
  const { table } = shaped;
  const why = isText
    ? `cannot hold a character of a value: the database is in ${table.encoding}`
    : `cannot hold a value${described(fault)}`;
  if (wrong.length > 0) {
    return refused("VALUE_NOT_HELD", `${table.name}.${wrong.join(", ")} ${why}`);
  }
  if ((await tried(on, [at], { keys: "none" })) === undefined) return undefined;
  return refused("VALUE_NOT_HELD", `${table.name} ${why}`);
}

async function isHeld(on: Staging, at: number, column: number): Promise<boolean> {
  const out = makeOut();
  putHeader(out);
  putWrite(out, on, at, { keys: "none", column });
  if ((await faultOf(on, out)) !== undefined) return false;
  // It was only a question.
  await on.session.run(BACK, on.signal);
  return true;
}

/** Appends a write as its stage has it; otherwise appends nothing and says why. */
function putWrite(
  out: Out,
  { shaped, writes, keyTypes, wires }: Staging,
  at: number,
  { keys, column }: Part = {},
): Outcome | undefined {
  const write = writes[at];
  if (write === undefined) return undefined;
  const { keyColumns, columns } = shaped;
  const isKnown = keys !== "none" && shaped.bindKey(write.key) !== undefined;
  const key = isKnown ? decodeKey(write.key, keyTypes) : keyColumns.map(() => null);
  const row = columns.map((each, i): Value => {
    const isAsked = column === undefined || column === i;
    return isAsked && write.to !== null ? told(each, write.to[i]) : null;
  });
  const misfit = putTuple(out, [at, ...key, ...row], wires);
  if (misfit === undefined) return undefined;
  return notHeld(shaped, misfit.column - 1 - keyColumns.length, misfit.why);
}

function told(column: Column, value: OwnRow[number] | undefined): Value {
  return value === undefined || value === ABSENT || column.generated ? null : value;
}

function isAscii(value: Value): boolean {
  // eslint-disable-next-line no-control-regex
  return typeof value === "string" ? /^[\0-\x7f]*$/.test(value) : typeof value !== "object";
}
