// The writing connection of a replica: opened with the writer, closed with it.
import type { DatabaseSync } from "node:sqlite";
import { SyncError, assert, isSyncError } from "../../core/errors.ts";
import type { Batch, Outcome, Shape, Writer } from "../../engine/replica.ts";
import { storedOtherwise, storedText } from "../../engine/stored.ts";
import { BackOff } from "./back-off.ts";
import { writeBatch } from "./batch.ts";
import type { Place } from "./batch.ts";
import type { Patience } from "./busy.ts";
import type { Writing } from "./database-file.ts";
import { mainTable } from "./insert.ts";
import type { Loader, LoaderPage } from "./loader.ts";
import type { Markers } from "./markers.ts";
import { makeRowWriter } from "./row-writer.ts";
import type { RowWriter } from "./row-writer.ts";
import { shapeTable } from "./shaped.ts";
import type { Shaped } from "./shaped.ts";

/** What a writer is made of. */
export interface WriterParts {
  readonly writing: Writing;
  readonly path: string;
  readonly patience: Patience;
  readonly markers: Markers | undefined;
  /** Starts a thread for pages of new rows. Absent: they are put here like all others. */
  readonly startLoader?: () => Loader;
  readonly handsOver?: HandsOver;
}

/** When a page of new rows goes to a thread. */
interface HandsOver {
  /** From so many rows on. */
  readonly rowsMin: number;
  /** So many pages are put here first: few do not pay for the thread's start. */
  readonly pagesBefore: number;
}

/** Batches that may wait for the disk; the thread takes them in one transaction. */
const AHEAD_MAX = 2;
const HANDS_OVER: HandsOver = { rowsMin: 500, pagesBefore: 4 };

/** A writer on a connection, which it closes at its end. */
export function makeWriter(parts: WriterParts): Writer {
  const { writing, path, patience, markers, startLoader, handsOver = HANDS_OVER } = parts;
  const { db } = writing;
  // SQLite compiles statements for the way in which references are looked at: one that was made for
  // deferred ones leaves its row behind where they are immediate and it fails.
  const deferred = makeTargets(db);
  const targets = { deferred: deferred.of, immediate: makeTargets(db).of };
  const place: Place = { db, path, patience, markers, targets };
  let isOpen = true;
  let loader: Loader | undefined;
  let pages = 0;
  /** Batches that the thread has. */
  let loading = 0;
  /** Batches that take the plain way and have not come to its end. */
  let plain = 0;
  let before: Promise<unknown> = Promise.resolve();

  const end = async () => {
    isOpen = false;
    await loader?.close();
    writing.close();
  };
  const write = async (batch: Batch, signal: AbortSignal): Promise<readonly Outcome[]> => {
    try {
      return await writeBatch(place, batch, signal);
    } catch (error) {
      if (!isSyncError(error, "OUTCOME_UNKNOWN")) throw error;
      return batch.writes.map((): Outcome => ({ kind: "unknown", error }));
    }
  };
  /** In its turn: what was handed over before has landed. */
  const writePlainly = async (batch: Batch, signal: AbortSignal, turn: Promise<unknown>) => {
    plain += 1;
    try {
      await turn;
      return await write(batch, signal);
    } finally {
      plain -= 1;
    }
  };
  const load = async (batch: Batch, signal: AbortSignal, turn: Promise<unknown>) => {
    const target = deferred.known(batch.shape);
    if (target === undefined || plain > 0 || !isNewPage(batch, target.rows, handsOver)) {
      return writePlainly(batch, signal, turn);
    }
    pages += 1;
    if (pages > handsOver.pagesBefore) loader ??= startLoader?.();
    const isWorth = loader !== undefined && target.loads.isWorth();
    const packed = isWorth ? target.rows.pack(batch.writes) : undefined;
    if (loader === undefined || packed === undefined) return writePlainly(batch, signal, turn);
    const { id, link, settled } = batch;
    const page: LoaderPage = {
      table: mainTable(target.shaped.table.name),
      columns: batch.shape.columns,
      schemaVersion: target.schemaVersion,
      values: packed.values,
      batch: { id, link, settled },
      stored: storedText(storedOtherwise(batch, packed.outcomes)),
    };
    const { kinds, numbers } = packed.values;
    const isFirst = loading === 0;
    loading += 1;
    const isLoaded = await loader.ask(page, [kinds.buffer, numbers.buffer]);
    loading -= 1;
    // One that was refused with the page before it says nothing of itself.
    if (isLoaded || isFirst) target.loads.note(isLoaded);
    return isLoaded ? packed.outcomes : writePlainly(batch, signal, turn);
  };
  return {
    ahead: AHEAD_MAX,
    write: async (batch, signal) => {
      assert(isOpen, "a writer was used after its end");
      signal.throwIfAborted();
      if (batch.writes.length === 0) return [];
      const written = load(batch, signal, before);
      before = written.catch(() => undefined);
      return await written;
    },
    finish: async () => {
      assert(isOpen, "a writer was used after its end");
      await before;
      await end();
      return [];
    },
    abort: async () => {
      await before;
      await end();
    },
  };
}

/** A page of whole new rows that need not be looked for first. */
function isNewPage({ writes }: Batch, rows: RowWriter, { rowsMin }: HandsOver): boolean {
  return writes.length >= rowsMin && writes.every((write) => rows.isBulk(write));
}

interface Target {
  readonly shaped: Shaped;
  readonly rows: RowWriter;
  /** Whether its pages are handed over. */
  readonly loads: BackOff;
}

interface Targets {
  readonly of: (batch: Batch) => Target;
  /** What was compiled for a shape, and for which schema; the database is not asked. */
  readonly known: (shape: Shape) => (Target & { readonly schemaVersion: unknown }) | undefined;
}

/** Compiled shapes, made anew when the schema has moved. */
function makeTargets(db: DatabaseSync): Targets {
  const schema = db.prepare("PRAGMA schema_version");
  let version: unknown;
  let targets = new Map<Shape, Target>();
  const of = ({ shape }: Batch): Target => {
    const current = schema.get()?.["schema_version"];
    if (current !== version || targets.size > SHAPES_MAX) targets = new Map();
    version = current;
    const known = targets.get(shape);
    if (known !== undefined) return known;
    const shaped = shapeTable(db, shape);
    if (!shaped.table.isWritable) {
      throw new SyncError("REPLICA_READ_ONLY", `${shape.collection} is a view`, {
        where: shape.collection,
        hint: "Write to a table.",
      });
    }
    const target = { shaped, rows: makeRowWriter(db, shaped), loads: new BackOff() };
    targets.set(shape, target);
    return target;
  };
  const known = (shape: Shape) => {
    const target = targets.get(shape);
    return target === undefined ? undefined : { ...target, schemaVersion: version };
  };
  return { of, known };
}

const SHAPES_MAX = 1000;
