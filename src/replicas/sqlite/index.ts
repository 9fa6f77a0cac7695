// SQLite databases as replicas.
import type { DatabaseSync } from "node:sqlite";
import { setTimeout } from "node:timers/promises";
import type { Description, Replica } from "../../engine/replica.ts";
import { whileBusy } from "./busy.ts";
import type { Patience } from "./busy.ts";
import { readCatalogue } from "./catalogue.ts";
import { databaseFile, writingRefusal } from "./database-file.ts";
import type { DatabaseFile, Writing } from "./database-file.ts";
import { columnType, declaredFor } from "./column-type.ts";
import { capabilitiesOf, ddlOf, describeTable } from "./describe.ts";
import { failureOf } from "./failure.ts";
import { startLoader } from "./loader.ts";
import { forgetLink, makeMarkers, readIdentity, readMarks } from "./markers.ts";
import { reach } from "./reach.ts";
import { list, lookAt, read } from "./read.ts";
import type { Source } from "./read.ts";
import type { Reading } from "./reading.ts";
import { changesSince, headSince } from "./since.ts";
import { makeWriter } from "./writer.ts";

/** How a SQLite database is opened. */
export interface SqliteOptions {
  readonly name: string;
  readonly path: string;
  /** How long to wait for another program's lock. Default 5000. */
  readonly busyTimeoutMs?: number;
  /** False: nothing of ours is put into the database; a batch sent twice lands twice. */
  readonly markers?: boolean;
  /** A new id, unique for ever: the database's identity is made of it. */
  readonly id?: () => string;
  /** Waits; a test may count instead. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** What is longer in its way is waited for by the plain way, which can be interrupted. */
const LOADER_BUSY_MS_MAX = 100;

const DEFAULTS = {
  busyTimeoutMs: 5000,
  markers: true,
  id: () => crypto.randomUUID(),
  sleep: (ms: number, signal: AbortSignal) => setTimeout(ms, undefined, { signal }),
};

/**
 * A SQLite database. Opening and reading write nothing, not even beside the file; the first writer
 * opens it for writing. Throws when the file is missing or is no database.
 */
export async function sqliteReplica(options: SqliteOptions): Promise<Replica> {
  const settings = { ...DEFAULTS, ...options };
  const { name, path } = settings;
  const file = databaseFile(path);
  const patience: Patience = settings;
  const source = { file, patience };
  try {
    file.header();
  } catch (error) {
    file.close();
    throw error;
  }
  return {
    name,
    describe: (signal) =>
      lookAt(source, signal, (reading) => describe(reading, file, settings.markers)),
    about: async () => ({ product: `SQLite ${process.versions["sqlite"]}` }),
    list: (shape, after, signal) => list(source, shape, after, signal),
    read: (shape, keys, signal) => read(source, shape, keys, signal),
    reach: (deletions, signal) => reach(source, deletions, signal),
    changes: (shapes, cursor, signal) => changesSince(source, shapes, cursor, signal),
    head: (shapes, signal) => headSince(source, shapes, signal),
    acknowledge: async () => undefined,
    marks: (link, signal) =>
      lookAt(source, signal, ({ db }) => (settings.markers ? readMarks(db, link) : [])),
    writer: async (signal) => {
      const writing = await openWriting(source, signal);
      const fresh = { id: settings.id, epoch: () => file.header().changeCounter };
      const markers = settings.markers ? makeMarkers(writing.db, fresh) : undefined;
      const busyMs = Math.min(LOADER_BUSY_MS_MAX, settings.busyTimeoutMs);
      const hasMarkers = settings.markers;
      const start = () => startLoader({ path, busyMs, hasMarkers });
      return makeWriter({ writing, path, patience, markers, startLoader: start });
    },
    ddl: ddlOf,
    create: (collection, signal) => change(source, signal, (db) => db.exec(ddlOf(collection))),
    forget: async (link) => {
      const { signal } = new AbortController();
      const isHere = await lookAt(source, signal, ({ db }) => readIdentity(db) !== undefined);
      if (isHere) await change(source, signal, (db) => forgetLink(db, link));
    },
    close: async () => file.close(),
  };
}

function describe(reading: Reading, file: DatabaseFile, hasMarkers: boolean): Description {
  const tables = readCatalogue(reading.db);
  const found = readIdentity(reading.db);
  const unwritable = writingRefusal(file.path);
  const abilities = {
    list: reading.isSnapshot ? "snapshot" : "paged",
    marks: hasMarkers,
    ...(unwritable === undefined ? {} : { unwritable }),
  } as const;
  return {
    ...(found === undefined ? {} : { identity: found.identity }),
    epoch: found?.epoch ?? file.header().changeCounter,
    dialect: "sqlite",
    creates: {
      capabilities: capabilitiesOf({ isWritable: true }, abilities),
      unasked: false,
      ...(unwritable === undefined ? {} : { refuses: () => unwritable }),
      columnFor: (type, column) => columnType(declaredFor(type, column), false).type,
    },
    collections: new Map(
      [...tables].map(([name, table]) => [name, describeTable(table, abilities)]),
    ),
  };
}

async function openWriting({ file, patience }: Source, signal: AbortSignal): Promise<Writing> {
  try {
    return await whileBusy(() => file.write(), patience, signal);
  } catch (error) {
    throw failureOf(error, file.path);
  }
}

async function change(
  source: Source,
  signal: AbortSignal,
  run: (db: DatabaseSync) => void,
): Promise<void> {
  const writing = await openWriting(source, signal);
  try {
    await whileBusy(() => run(writing.db), source.patience, signal);
  } catch (error) {
    throw failureOf(error, source.file.path);
  } finally {
    writing.close();
  }
}
