// One connection to one server: encrypted as asked, of a version that will do, and set up so that
// nothing about it is inherited.
import { isIP } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { Client } from "pg";
import { SyncError } from "../../core/errors.ts";
import type { Address, ServerAddress } from "./address.ts";
import { Lost, isWordless } from "./failure.ts";
import { OUR_PATH } from "./search-path.ts";
import { Unfit, unfit } from "./servers.ts";
import type { SessionAttributes } from "./servers.ts";
import { makeSession } from "./session.ts";
import type { Session } from "./session.ts";
import type { Timeouts } from "./timeouts.ts";
import { securityOf } from "./tls.ts";
import type { Security } from "./tls.ts";

/** The oldest server that has what we use (INSERT … ON CONFLICT, MERGE, client checks). */
const VERSION_MIN = 140_000;
/** How long the server keeps a transaction in which nothing happens: our process may be gone. */
const IDLE_IN_TRANSACTION_MS = 300_000;
/** How often the server looks whether we are still there while it works for us. */
const CLIENT_CHECK_MS = 10_000;

/** Where one connection is made to, and how. */
export interface Target {
  readonly address: Address;
  readonly server: ServerAddress;
  /** What it has to be. */
  readonly wanted: SessionAttributes;
  readonly timeouts: Timeouts;
}

/** A connection that was made. */
export interface Connected {
  readonly session: Session;
  readonly client: Client;
}

/** Connects to one server. Throws Unfit where it is not what is wanted. */
export async function connect(target: Target, signal: AbortSignal): Promise<Connected> {
  const { address, server } = target;
  const ways = securityOf(server.host, address.ssl);
  for (const [at, security] of ways.entries()) {
    try {
      return await connectBy(target, security, signal);
    } catch (error) {
      if (!offersNoTls(error)) throw error;
      if (at === ways.length - 1) throw withoutTls(server);
    }
  }
  throw withoutTls(server);
}

async function connectBy(target: Target, security: Security, signal: AbortSignal) {
  const client = clientFor(target, security);
  // Without a listener an idle connection that is lost would end the process.
  client.on("error", () => undefined);
  try {
    await connected(client, signal);
    const { timeouts } = target;
    const [version, user] = await setUp(client, timeouts);
    if (version < VERSION_MIN) throw tooOld(target.server, version);
    await checkRole(client, target.wanted);
    const cancel = (processId: number) => cancelOver(target, security, processId);
    return { client, session: makeSession({ client, version, user, timeouts, cancel }) };
  } catch (error) {
    endQuietly(client);
    throw isWordless(error) && !offersNoTls(error) ? new Lost(error) : error;
  }
}

/** Only where it matters: what looks like PostgreSQL may not know what is asked here. */
async function checkRole(client: Client, wanted: SessionAttributes): Promise<void> {
  if (wanted === "any") return;
  const result = await client.query({
    text: `SELECT pg_catalog.pg_is_in_recovery(),
      pg_catalog.current_setting('default_transaction_read_only')`,
    rowMode: "array",
  });
  const [isStandby, readOnly]: readonly unknown[] = result.rows[0] ?? [];
  const why = unfit({ isStandby: isStandby === true, isReadOnly: readOnly === "on" }, wanted);
  if (why !== undefined) throw new Unfit(why);
}

function clientFor({ address, server, timeouts }: Target, security: Security): Client {
  const { database, user } = address;
  const { host, port, password, title } = server;
  return new Client({
    host: server.hostAddress ?? host,
    port,
    database,
    user,
    // Left undefined the driver would look for passwords by rules of its own.
    password: () => {
      if (password !== undefined) return password;
      throw new SyncError("REPLICA_DENIED", `${title} asks for a password`, {
        where: title,
        hint: "Put it into the URL as a variable, PGPASSWORD or a password file.",
      });
    },
    ssl: security.kind === "tls" ? named(security.options, server) : false,
    application_name: address.applicationName,
    connectionTimeoutMillis: timeouts.connectMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  });
}

/** What is connected to by its number is believed by its name. */
function named(options: ConnectionOptions, { host, hostAddress }: ServerAddress) {
  if (hostAddress === undefined || isIP(host) !== 0) return options;
  return { ...options, servername: host };
}

const KEEP_ALIVE_MS = 30_000;

async function connected(client: Client, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const onAbort = () => endQuietly(client);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await client.connect();
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof Error && error.message === "timeout expired" ? noAnswer() : error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
  signal.throwIfAborted();
}

function endQuietly(client: Client): void {
  const { connection } = client as unknown as {
    connection: { stream: { destroy(error?: Error): void } };
  };
  // Somebody may have taken the driver's way of ending, which waits for the server.
  void client.end().catch(() => undefined);
  connection.stream.destroy();
}

/** Whatever the meaning of texts and the end of waiting depend on is said, not inherited. */
async function setUp(client: Client, timeouts: Timeouts): Promise<readonly [number, string]> {
  const settings: { readonly [name: string]: string } = {
    search_path: OUR_PATH,
    client_encoding: "UTF8",
    datestyle: "ISO, YMD",
    intervalstyle: "iso_8601",
    timezone: "UTC",
    extra_float_digits: "3",
    bytea_output: "hex",
    standard_conforming_strings: "on",
    xmloption: "content",
    default_transaction_isolation: "read committed",
    default_transaction_deferrable: "off",
    // Rows that a policy hides would look deleted (I7): the server says so instead.
    row_security: "off",
    // Compiling a statement takes longer than any of ours gains by it.
    jit: "off",
    statement_timeout: String(timeouts.statementMs),
    lock_timeout: String(timeouts.lockMs),
    idle_in_transaction_session_timeout: String(IDLE_IN_TRANSACTION_MS),
    // A writer may wait long for its next page.
    idle_session_timeout: "0",
    client_min_messages: "warning",
  };
  const calls = Object.entries(settings).map(([name, value]) => setting(name, value));
  // A listing is one transaction: it ends by its silence. Servers before 17 do not know of it.
  const whole = setting("transaction_timeout", "0");
  const serverVersion = "pg_catalog.current_setting('server_version_num')::pg_catalog.int4";
  calls.push(`CASE WHEN ${serverVersion} OPERATOR(pg_catalog.>=) 170000 THEN ${whole} END`);
  // Other systems refuse it.
  const check = setting("client_connection_check_interval", String(CLIENT_CHECK_MS));
  calls.push(`CASE WHEN pg_catalog.version() OPERATOR(pg_catalog.~) 'linux' THEN ${check} END`);
  const number = "pg_catalog.current_setting('server_version_num')";
  const result = await client.query({
    // The search path is the users' until this was said.
    text: `SELECT ${number}, current_user::pg_catalog.text, ${calls.join(", ")}`,
    rowMode: "array",
  });
  const [version, user]: readonly unknown[] = result.rows[0] ?? [];
  return [Number(version), String(user)];
}

function setting(name: string, value: string): string {
  return `pg_catalog.set_config('${name}', '${value}', false)`;
}

/** As a statement of another session: so it is encrypted as everything else is. */
async function cancelOver(target: Target, security: Security, processId: number): Promise<void> {
  const client = clientFor(target, security);
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("SELECT pg_catalog.pg_cancel_backend($1)", [processId]);
  } finally {
    endQuietly(client);
  }
}

/** The driver says it only in words. */
function offersNoTls(error: unknown): boolean {
  return error instanceof Error && error.message === "The server does not support SSL connections";
}

function withoutTls({ title }: ServerAddress): SyncError {
  return new SyncError("REPLICA_UNAVAILABLE", `${title} offers no TLS`, {
    where: title,
    hint: "Turn it on there, or say sslmode=disable where the network can be trusted.",
  });
}

function noAnswer(): Error {
  return Object.assign(new Error("no answer"), { code: "ETIMEDOUT" });
}

function tooOld({ title }: ServerAddress, version: number): SyncError {
  const name = Math.floor(version / 10_000);
  return new SyncError("REPLICA_UNAVAILABLE", `${title} is PostgreSQL ${name}`, {
    where: title,
    hint: "Syncline needs PostgreSQL 14 or newer.",
  });
}
