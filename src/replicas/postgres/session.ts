// One connection: statements in text, bulk data in binary, each with an end: a signal that cancels
// what runs, and a limit on how long nothing may come back.
import { setTimeout as wait } from "node:timers/promises";
import type { Client } from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import { SyncError } from "../../core/errors.ts";
import { sendBundle } from "./bundle.ts";
import type { Bundle } from "./bundle.ts";
import { Lost, isSessionsEnd, sqlState } from "./failure.ts";
import type { Timeouts } from "./timeouts.ts";

/** A value as PostgreSQL spells it. */
type Cell = string | null;

/** A value that is bound. */
type Bound = string | number | boolean | null | Uint8Array | readonly string[];

/** Bytes sent before the server has taken them. */
const SEND_BYTES_MAX = 1 << 16;

/** A connection that is somebody's own until it is given back. */
export interface Session {
  /** 150004 for 15.4. */
  readonly version: number;
  readonly user: string;
  /** It cannot be used any more. */
  readonly isLost: boolean;
  /** A transaction is open, in which a failure would end all that follows. */
  readonly isInTransaction: boolean;
  /** The rows of one statement. */
  rows(sql: string, values: readonly Bound[], signal: AbortSignal): Promise<readonly Cell[][]>;
  /** Statements one after the other; how many rows the last one touched. */
  run(sql: string, signal: AbortSignal): Promise<number>;
  /** What `COPY … TO STDOUT` sends, in pieces of any size. Left early, it is cancelled. */
  copyOut(sql: string, signal: AbortSignal): AsyncIterable<Buffer>;
  /** Sends all this to `COPY … FROM STDIN`. */
  copyIn(sql: string, pieces: Iterable<Buffer>, signal: AbortSignal): Promise<void>;
  /** A transaction in one go: committed when this returns. */
  bundle(bundle: Bundle, signal: AbortSignal): Promise<void>;
  /** Ends it, whatever goes on. */
  destroy(): void;
}

/** A client that is connected, and what the rest of a session needs. */
export interface SessionParts {
  readonly client: Client;
  readonly version: number;
  readonly user: string;
  readonly timeouts: Timeouts;
  /** Cancels what runs under a process id of the server, over a connection of its own. */
  readonly cancel: (processId: number) => Promise<void>;
}

/** A session on a connected client. */
export function makeSession(parts: SessionParts): Session {
  const { client, timeouts } = parts;
  const state: State = { lost: undefined, parts };
  const lose = (error: Error) => {
    state.lost ??= error;
  };
  client.on("error", lose);
  client.on("end", () => lose(new Error("the connection was closed")));
  const answerMs = timeouts.statementMs === 0 ? 0 : timeouts.statementMs + timeouts.graceMs;
  return {
    version: parts.version,
    user: parts.user,
    get isLost() {
      return state.lost !== undefined;
    },
    get isInTransaction() {
      return client.getTransactionStatus() === "T";
    },
    rows: async (text, values, signal) => {
      const query = { text, values: [...values], rowMode: "array" as const, types: AS_TEXT };
      const result = await within(state, answerMs, signal, () => client.query(query));
      return result.rows as Cell[][]; // in array mode, and no parser changes a cell
    },
    run: async (text, signal) => {
      const result: unknown = await within(state, answerMs, signal, () => client.query(text));
      return countIn(result);
    },
    copyOut: (text, signal) => copyOut(state, text, signal),
    copyIn: (text, pieces, signal) =>
      within(state, answerMs, signal, () => copyIn(client, text, pieces)),
    bundle: (bundle, signal) => within(state, answerMs, signal, () => sendBundle(client, bundle)),
    destroy: () => destroy(state, new Error("given up")),
  };
}

interface State {
  /** Why it cannot be used any more. */
  lost: Error | undefined;
  readonly parts: SessionParts;
}

const AS_TEXT = { getTypeParser: () => (text: string) => text };

function countIn(result: unknown): number {
  const last: unknown = Array.isArray(result) ? result.at(-1) : result;
  const isCounted = typeof last === "object" && last !== null && "rowCount" in last;
  return isCounted && typeof last.rowCount === "number" ? last.rowCount : 0;
}

/**
 * Waits for an answer. Aborted, it cancels what runs and waits for its end: nothing is in progress
 * when this returns.
 */
async function within<T>(
  state: State,
  limitMs: number,
  signal: AbortSignal,
  start: () => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  throwIfLost(state);
  let cancelling: AbortController | undefined;
  let cancelled: Promise<void> | undefined;
  const onAbort = () => {
    cancelling = new AbortController();
    cancelled = cancel(state, cancelling.signal);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  const timer = limitMs === 0 ? undefined : setTimeout(() => destroy(state, silent()), limitMs);
  try {
    return await start();
  } catch (error) {
    signal.throwIfAborted();
    // The server says why it ends a session, and then does.
    if (isSessionsEnd(error)) destroy(state, error);
    if (state.lost !== undefined) throw lostBy(state, error);
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    cancelling?.abort();
    // It must not hit the next statement.
    await cancelled;
  }
}

async function cancel(state: State, settled: AbortSignal): Promise<void> {
  const { client, cancel: send, timeouts } = state.parts;
  // The driver keeps it from its types.
  const { processID } = client as unknown as { processID: number | null };
  const isSent = send(processID ?? 0).then(
    () => true,
    () => false,
  );
  const patience = wait(timeouts.graceMs, undefined, { signal: settled }).then(
    () => "over" as const,
    () => "settled" as const,
  );
  if (!(await isSent) || (await patience) === "over") destroy(state, silent());
}

function destroy(state: State, error: Error): void {
  state.lost ??= error;
  // The driver has no other way to end a connection that does not answer.
  const { connection } = state.parts.client as unknown as {
    connection: { stream: { destroy(error: Error): void } };
  };
  connection.stream.destroy(error);
}

function silent(): SyncError {
  return new SyncError("REPLICA_UNAVAILABLE", "the server did not answer in time");
}

function throwIfLost(state: State): void {
  if (state.lost !== undefined) throw lostBy(state, state.lost);
}

function lostBy(state: State, error: unknown): Error {
  if (error instanceof Lost) return error;
  const cause = state.lost ?? error;
  state.lost ??= error instanceof Error ? error : new Error(String(error));
  return new Lost(cause);
}

async function* copyOut(state: State, sql: string, signal: AbortSignal): AsyncIterable<Buffer> {
  signal.throwIfAborted();
  throwIfLost(state);
  const { client, timeouts } = state.parts;
  const stream = client.query(copyTo(sql));
  const pieces = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>; // it is a byte stream
  let isOver = false;
  try {
    for (;;) {
      const piece = await within(state, timeouts.silenceMs, signal, () => pieces.next());
      if (piece.done === true) break;
      yield piece.value;
    }
    isOver = true;
  } catch (error) {
    // The server has ended it by itself.
    isOver = sqlState(error) !== undefined;
    throw error;
  } finally {
    // What is left of it would have to be read first: another connection costs less.
    if (!isOver) destroy(state, new Error("a listing was left early"));
  }
}

async function copyIn(client: Client, sql: string, pieces: Iterable<Buffer>): Promise<void> {
  const stream = client.query(copyFrom(sql, { highWaterMark: SEND_BYTES_MAX }));
  let own: unknown;
  await new Promise<void>((resolve, reject) => {
    // What we broke off with says more than the server's answer to that.
    stream.once("error", (error) => reject(asError(own ?? error)));
    stream.once("finish", resolve);
    void send(stream, pieces).catch((error: unknown) => {
      own = error;
      stream.destroy(asError(error));
    });
  });
}

async function send(stream: NodeJS.WritableStream, pieces: Iterable<Buffer>): Promise<void> {
  for (const piece of pieces) {
    if (stream.write(piece)) continue;
    await new Promise<void>((resolve) => {
      stream.once("drain", resolve);
      // Without it a stream that failed would be waited for for ever.
      stream.once("close", resolve);
      stream.once("error", () => resolve());
    });
    if (!stream.writable) return;
  }
  stream.end();
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
