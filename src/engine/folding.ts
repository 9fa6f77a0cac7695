// Keys that one side tells apart and another takes for one (case, trailing space). All of them are
// rejected by name, and the rest goes on: whichever came first would otherwise win by accident.
import { SyncError } from "../core/errors.ts";
import { showKey } from "../core/key.ts";
import type { Key } from "../core/state.ts";
import type { Pipeline } from "./link.ts";
import { listSide } from "./stream.ts";

/** Keys that are looked at before a comparison with a side that folds keys, at most. */
export const KEYS_FOLDED_MAX = 5_000_000;

/** Per rejected key, which other key it meets and where. */
export type Folding = ReadonlyMap<Key, string>;

const NONE: Folding = new Map();

/**
 * Reads the keys of every side that tells them apart, where another side folds them. Throws
 * LIMIT_EXCEEDED above KEYS_FOLDED_MAX. Costs nothing where no side folds keys.
 */
export async function foldingKeys(pipeline: Pipeline, signal: AbortSignal): Promise<Folding> {
  const folder = pipeline.sides.find(({ description }) => description.foldKey !== undefined);
  const foldKey = folder?.description.foldKey;
  if (folder === undefined || foldKey === undefined) return NONE;
  const first = new Map<string, Key>();
  const folding = new Map<Key, string>();
  const where = `${folder.replica.name}.${folder.shape.collection}`;
  for (const side of pipeline.sides) {
    if (side.description.foldKey !== undefined) continue;
    const stream = listSide(side, null, signal);
    try {
      for (await stream.fill(); stream.head !== undefined;) {
        const key = stream.head;
        const form = foldKey(key);
        const other = first.get(form);
        if (other === undefined) first.set(form, key);
        else if (other !== key) {
          for (const [one, two] of [
            [key, other],
            [other, key],
          ] as const) {
            folding.set(one, `${where} takes ${showKey(one)} and ${showKey(two)} for one key`);
          }
        }
        if (first.size > KEYS_FOLDED_MAX) throw tooMany(pipeline, where);
        if (!stream.next()) await stream.fill();
      }
    } finally {
      await stream.close();
    }
  }
  return folding;
}

function tooMany(pipeline: Pipeline, where: string): SyncError {
  return new SyncError(
    "LIMIT_EXCEEDED",
    `${pipeline.name} has more than ${KEYS_FOLDED_MAX} keys, ` +
      `and ${where} does not tell all keys apart`,
    { hint: "Give the key column there a collation that compares exactly (BINARY)." },
  );
}
