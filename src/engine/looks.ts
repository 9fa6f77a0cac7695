// What the sides hold now of single entries: for rounds after a comparison, and for letters.
import { assert } from "../core/errors.ts";
import type { Key, Position, OwnRow } from "../core/state.ts";
import type { Look } from "./candidate.ts";
import type { Context } from "./context.ts";
import type { Page, Replica, Shape } from "./replica.ts";

/** What is there now under the first of some keys. */
export interface Looks {
  /** How many keys were looked at: as many as a page of each side holds, one at least. */
  readonly count: number;
  /** By side and then by key. */
  readonly by: readonly (readonly Look[])[];
}

/** Looks at every side once. Whoever asks goes on with the keys that are left. */
export async function looksAt(
  { pipeline }: Context,
  keys: readonly Key[],
  signal: AbortSignal,
): Promise<Looks> {
  let count = keys.length;
  const looks: (readonly Look[])[] = [];
  for (const { replica, shape } of pipeline.sides) {
    const page = await readSome({ replica, shape }, keys.slice(0, count), signal);
    count = page.keys.length;
    const { rows, positions } = page;
    looks.push(rows.map((own, index) => ({ own, at: positions?.[index] ?? 0 })));
  }
  return { count, by: looks.map((of) => of.slice(0, count)) };
}

/** Whose rows are read, and under which shape. */
export interface Readable {
  readonly replica: Pick<Replica, "read" | "name">;
  readonly shape: Shape;
}

/** The rows under the first of some keys. */
export async function readSome(
  { replica, shape }: Readable,
  keys: readonly Key[],
  signal: AbortSignal,
): Promise<Page> {
  const page = await replica.read(shape, keys, signal);
  // Otherwise whoever goes on with the others would never come to an end.
  assert(page.keys.length > 0 || keys.length === 0, `${replica.name} answers for a key at least`);
  return page;
}

/** The rows under all of these keys, which are few, or mostly not there. */
export async function readAll(
  side: Readable,
  keys: readonly Key[],
  signal: AbortSignal,
): Promise<Page> {
  const first = await readSome(side, keys, signal);
  if (first.keys.length === keys.length) return first;
  const rows: (OwnRow | null)[] = [...first.rows];
  const positions: Position[] = [...(first.positions ?? [])];
  const stamps: number[] = [...(first.stamps ?? [])];
  while (rows.length < keys.length) {
    const page = await readSome(side, keys.slice(rows.length), signal);
    rows.push(...page.rows);
    positions.push(...(page.positions ?? []));
    stamps.push(...(page.stamps ?? []));
  }
  return {
    keys,
    rows,
    ...(first.positions && { positions }),
    ...(first.stamps && { stamps }),
  };
}
