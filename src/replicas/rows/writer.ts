// The writer of a folder: everything is staged, and `finish` replaces each file once.
import { SyncError, assert } from "../../core/errors.ts";
import { STAGED_WRITES_MAX } from "../../engine/replica.ts";
import type { Batch, Outcome, Shape, Writer } from "../../engine/replica.ts";
import { filesOf, formOf, layoutFor, openFile } from "./folder.ts";
import type { Folder } from "./folder.ts";
import { decideChanges } from "./merge.ts";
import { replaceFile } from "./replace.ts";
import { shapeFile } from "./shaped.ts";
import { didYouMean } from "../../core/nearest.ts";

/** How often a file is merged anew because somebody has written it meanwhile. */
const MERGES_MAX = 10;

/** A writer that stages in memory. */
export function makeWriter(folder: Folder): Writer {
  let batches: Batch[] = [];
  let count = 0;
  let isOpen = true;
  return {
    write: async (batch, signal) => {
      assert(isOpen, "a writer was used after its end");
      signal.throwIfAborted();
      if (batch.writes.length === 0) return [];
      count += batch.writes.length;
      assert(count <= STAGED_WRITES_MAX, "a writer was not finished in time");
      await checkShape(folder, batch.shape, signal);
      batches.push(batch);
      return batch.writes.map((): Outcome => ({ kind: "staged" }));
    },
    finish: async (signal) => {
      assert(isOpen, "a writer was used after its end");
      isOpen = false;
      const outcomes = new Map<Batch, readonly Outcome[]>();
      for (const group of groupsOf(batches)) await finishGroup(folder, group, outcomes, signal);
      return batches.flatMap((batch) => outcomes.get(batch) ?? []);
    },
    abort: async () => {
      isOpen = false;
      batches = [];
    },
  };
}

/** Throws COLLECTION_MISSING or COLUMN_MISSING before anything is staged. */
async function checkShape(folder: Folder, shape: Shape, signal: AbortSignal): Promise<void> {
  const { collection } = shape;
  const files = filesOf(folder);
  const paths = files.get(collection) ?? [];
  const asked = { collection, paths, isWhole: false };
  const form = paths.length === 0 ? undefined : await formOf(folder, asked, signal);
  const where = folder.options.path;
  if (form === undefined) {
    const hint = didYouMean(collection, files.keys());
    const message = `there is no collection '${collection}' in ${where}`;
    throw new SyncError("COLLECTION_MISSING", message, { where, hint });
  }
  const known = new Set(layoutFor(form, shape).columns);
  for (const name of [...shape.columns, ...shape.key]) {
    if (known.has(name)) continue;
    const hint = didYouMean(name, known);
    throw new SyncError("COLUMN_MISSING", `${collection} has no column '${name}'`, { where, hint });
  }
}

/** Batches that go into one file under one shape, one behind the other. */
function groupsOf(batches: readonly Batch[]): readonly (readonly Batch[])[] {
  const groups = new Map<string, Batch[][]>();
  for (const batch of batches) {
    const { collection } = batch.shape;
    const list = groups.get(collection) ?? [];
    groups.set(collection, list);
    const last = list.at(-1);
    if (last?.[0] !== undefined && isSameShape(last[0].shape, batch.shape)) last.push(batch);
    else list.push([batch]);
  }
  return [...groups.values()].flat();
}

function isSameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  const isSame = (x: readonly unknown[] = [], y: readonly unknown[] = []): boolean =>
    x.length === y.length && x.every((each, at) => each === y[at]);
  return isSame(a.key, b.key) && isSame(a.columns, b.columns) && isSame(a.types, b.types);
}

/**
 * Merges some batches into their file, against the file as it is now; whoever has replaced it
 * meanwhile is looked at again (I4).
 */
async function finishGroup(
  folder: Folder,
  group: readonly Batch[],
  outcomes: Map<Batch, readonly Outcome[]>,
  signal: AbortSignal,
): Promise<void> {
  const [first] = group;
  if (first === undefined) return;
  const writes = group.flatMap((batch) => batch.writes);
  const found = await mergeInto(folder, first.shape, writes, signal);
  let from = 0;
  for (const batch of group) {
    outcomes.set(batch, found.slice(from, from + batch.writes.length));
    from += batch.writes.length;
  }
}

async function mergeInto(
  folder: Folder,
  shape: Shape,
  writes: Batch["writes"],
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  try {
    for (let attempt = 0; attempt < MERGES_MAX; attempt++) {
      const file = await openFile(folder, shape, signal);
      try {
        const changes = decideChanges(file, shapeFile(file, shape), writes);
        if (!changes.isAny || replaceFile(file, changes)) return changes.outcomes;
      } finally {
        file.snapshot.close();
      }
    }
  } catch (error) {
    // Other files of the same run land all the same; this one is as it was.
    if (!(error instanceof SyncError)) throw error;
    return writes.map((): Outcome => ({ kind: "later", error }));
  }
  const message = `${shape.collection} was replaced by others ${MERGES_MAX} times in a row`;
  const error = new SyncError("REPLICA_UNAVAILABLE", message, { where: folder.options.path });
  return writes.map((): Outcome => ({ kind: "later", error }));
}
