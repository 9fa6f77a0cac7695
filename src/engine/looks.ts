// What the sides hold now of single entries: for rounds after a comparison, and for letters.
import type { Key } from "../core/state.ts";
import type { Look } from "./candidate.ts";
import type { Context } from "./context.ts";

/** By side and then by key, what is there now. Reads every side once. */
export async function looksAt(
  { pipeline }: Context,
  keys: readonly Key[],
  signal: AbortSignal,
): Promise<readonly (readonly Look[])[]> {
  const looks: (readonly Look[])[] = [];
  for (const { replica, shape } of pipeline.sides) {
    const { rows, positions } = await replica.read(shape, keys, signal);
    looks.push(rows.map((own, index) => ({ own, at: positions?.[index] ?? 0 })));
  }
  return looks;
}
