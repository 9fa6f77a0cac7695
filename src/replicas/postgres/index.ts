// PostgreSQL databases as replicas.
import type { About, Description, Replica } from "../../engine/replica.ts";
import { readCatalogue } from "./catalogue.ts";
import { openDatabase } from "./connect.ts";
import type { ConnectOptions } from "./address.ts";
import { columnFor, ddlOf } from "./ddl.ts";
import { capabilitiesOf, describeTable } from "./describe.ts";
import { openDigester } from "./digests.ts";
import { readStanding } from "./identity.ts";
import { makeTables } from "./known.ts";
import { markersIn } from "./markers.ts";
import type { Markers } from "./markers.ts";
import { reach } from "./reach.ts";
import { lengthRefusal, tableName } from "./names.ts";
import { makingRefusal } from "./privileges.ts";
import { asking, list, read } from "./read.ts";
import type { Session } from "./session.ts";
import { changesSince, headSince } from "./since.ts";
import { makeWriter } from "./writer.ts";

export type { Timeouts } from "./timeouts.ts";
export type { SslMode, SslSettings } from "./tls.ts";

/** How a PostgreSQL database is opened. */
export interface PostgresOptions extends ConnectOptions {
  readonly name: string;
  /** Where tables are that are named without a schema. Default `public`. */
  readonly schema?: string;
  /**
   * The schema of what we leave in a database that we write; it is made when it is needed. False:
   * nothing of ours is left there, and a batch sent twice lands twice. Default `syncline`.
   */
  readonly markers?: string | false;
  /** A new id, unique for ever: the identity of a database whose server tells us none. */
  readonly id?: () => string;
}

const DEFAULTS = { schema: "public", markers: "syncline", id: () => crypto.randomUUID() } as const;

/**
 * A PostgreSQL database, 14 or newer. It is connected to when it is first asked for something;
 * reading leaves nothing in it. Throws CONFIG_INVALID when what is said is no address.
 */
export async function postgresReplica(options: PostgresOptions): Promise<Replica> {
  const settings = { ...DEFAULTS, ...options };
  const { name } = settings;
  const ours = settings.markers === false ? [] : [settings.markers];
  const tooLong = lengthRefusal([settings.schema, ...ours], name);
  if (tooLong !== undefined) throw tooLong;
  const database = openDatabase(options);
  const markers = settings.markers === false ? undefined : markersIn(settings.markers);
  const source = { database, ours, tables: makeTables(ours) };
  return {
    name,
    describe: (signal) =>
      database.use(signal, (session) => describe(session, { ours, markers }, signal)),
    about: (signal) => database.use(signal, (session) => about(session, signal)),
    list: (shape, after, signal) => list(source, shape, after, signal),
    read: (shape, keys, signal) => read(source, shape, keys, signal),
    digester: (spec, signal) => openDigester(source, spec, signal),
    reach: (deletions, signal) => reach(source, deletions, signal),
    changes: (shapes, cursor, signal) => changesSince(source, shapes, cursor, signal),
    head: (shapes, signal) => headSince(source, shapes, signal),
    acknowledge: async () => undefined,
    marks: async (link, signal) => {
      signal.throwIfAborted();
      if (markers === undefined) return [];
      return database.use(signal, (session) => markers.all(session, link, signal));
    },
    writer: async (signal) => {
      signal.throwIfAborted();
      return makeWriter({ database, ours, markers, id: settings.id });
    },
    ddl: (collection) => ddlOf(collection, settings.schema),
    create: (collection, signal) =>
      database.use(signal, async (session) => {
        await session.run(ddlOf(collection, settings.schema), signal);
      }),
    forget: async (link) => {
      const { signal } = new AbortController();
      await database.use(signal, async (session) => markers?.forget(session, link, signal));
    },
    close: () => database.close(),
  };
}

async function about(session: Session, signal: AbortSignal): Promise<About> {
  const [row] = await session.rows(
    `SELECT pg_catalog.current_setting('server_version'),
       pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) * 1000`,
    [],
    signal,
  );
  const [version, clock] = row ?? [];
  return { product: `PostgreSQL ${version}`, clockMs: Math.round(Number(clock)) };
}

interface Left {
  readonly ours: readonly string[];
  readonly markers: Markers | undefined;
}

async function describe(
  session: Session,
  { ours, markers }: Left,
  signal: AbortSignal,
): Promise<Description> {
  const catalogue = await readCatalogue(asking(session, signal), ours);
  const lacking = (await markers?.lacking(session, signal)) ?? [];
  const standing =
    (await markers?.standing(session, signal)) ?? (await readStanding(session, signal));
  const { identity, epoch } = standing;
  const marks = markers !== undefined;
  return {
    ...(identity === undefined ? {} : { identity }),
    epoch,
    isQualified: true,
    creates: {
      capabilities: capabilitiesOf("table", marks),
      unasked: false,
      columnFor,
      refuses: (name) => {
        const parts = tableName(name);
        return parts === undefined ? undefined : makingRefusal(catalogue, parts, lacking);
      },
    },
    collections: new Map(
      [...catalogue.tables].map(([name, table]) => [
        name,
        describeTable(table, { marks, catalogue, lacking }),
      ]),
    ),
  };
}
