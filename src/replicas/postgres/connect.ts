// Connections to one database: made when they are needed, kept for a while, ended with the replica.
import type { Client } from "pg";
import { SyncError, assert } from "../../core/errors.ts";
import { addressOf } from "./address.ts";
import type { Address, ConnectOptions, ServerAddress } from "./address.ts";
import { connect } from "./connection.ts";
import type { Connected } from "./connection.ts";
import { failureOf } from "./failure.ts";
import { firstFit } from "./servers.ts";
import type { SessionAttributes } from "./servers.ts";
import type { Session } from "./session.ts";
import { TIMEOUTS } from "./timeouts.ts";
import type { Timeouts } from "./timeouts.ts";

/**
 * Connections to one database, and where it has several servers, to one of them: the first that
 * will do. Another one may lag behind it, and what was read there would not fit.
 */
export interface Database {
  /** `host:port/database`, for messages; as long as none is taken, of all its servers. */
  readonly title: string;
  /** Runs with a connection. What the server or the network did not do is a SyncError. */
  use<T>(signal: AbortSignal, run: (session: Session) => Promise<T>): Promise<T>;
  /** A connection that is the caller's until `giveBack`. */
  take(signal: AbortSignal): Promise<Session>;
  /** `asNew`: nothing of the caller's is left in it, no transaction, no setting, no table. */
  giveBack(session: Session, state: "as-new" | "used"): void;
  close(): Promise<void>;
}

const CONNECTIONS_MAX = 32;
const KEPT_MAX = 2;

interface Kept {
  readonly session: Session;
  readonly timer: NodeJS.Timeout;
}

/** Connects to nothing yet. Throws CONFIG_INVALID for an address that is none. */
export function openDatabase(options: ConnectOptions): Database {
  const address = addressOf(options);
  const { connectMs } = address;
  const said = connectMs === undefined ? {} : { connectMs };
  const timeouts = { ...TIMEOUTS, ...said, ...options.timeouts };
  const place = makePlace(address, timeouts);
  const clients = new Map<Session, Client>();
  const kept: Kept[] = [];
  let isOpen = true;

  const end = (session: Session) => {
    const client = clients.get(session);
    clients.delete(session);
    session.destroy();
    // Its socket is destroyed: this only tells the driver that it is meant.
    void client?.end().catch(() => undefined);
  };
  const take = async (signal: AbortSignal): Promise<Session> => {
    assert(isOpen, "a database was used after its end");
    signal.throwIfAborted();
    for (let last = kept.pop(); last !== undefined; last = kept.pop()) {
      clearTimeout(last.timer);
      if (!last.session.isLost) return last.session;
      end(last.session);
    }
    if (clients.size >= CONNECTIONS_MAX) {
      throw new SyncError("LIMIT_EXCEEDED", `more than ${CONNECTIONS_MAX} connections are in use`, {
        where: address.title,
      });
    }
    const { session, client } = await place.connect(signal);
    clients.set(session, client);
    return session;
  };
  const giveBack = (session: Session, state: "as-new" | "used") => {
    if (state === "used" || session.isLost || !isOpen || kept.length >= KEPT_MAX) {
      end(session);
      return;
    }
    const timer = setTimeout(() => {
      kept.splice(
        kept.findIndex((each) => each.session === session),
        1,
      );
      end(session);
    }, timeouts.idleMs);
    timer.unref();
    kept.push({ session, timer });
  };
  return {
    get title() {
      return place.title();
    },
    take: async (signal) => {
      try {
        return await take(signal);
      } catch (error) {
        throw failureOf(error, place.title());
      }
    },
    giveBack,
    use: async (signal, run) => {
      let session: Session | undefined;
      let state: "as-new" | "used" = "used";
      try {
        session = await take(signal);
        const result = await run(session);
        state = "as-new";
        return result;
      } catch (error) {
        signal.throwIfAborted();
        throw failureOf(error, place.title());
      } finally {
        if (session !== undefined) giveBack(session, state);
      }
    },
    close: async () => {
      isOpen = false;
      for (const { session, timer } of kept.splice(0)) {
        clearTimeout(timer);
        end(session);
      }
    },
  };
}

/** Where connections are made to. */
interface Place {
  readonly title: () => string;
  readonly connect: (signal: AbortSignal) => Promise<Connected>;
}

/** The server that was taken first is the one for all that follows. */
function makePlace(address: Address, timeouts: Timeouts): Place {
  let chosen: ServerAddress | undefined;
  const title = () => chosen?.title ?? address.title;
  const connectTo = async (signal: AbortSignal): Promise<Connected> => {
    const wanted =
      chosen === undefined
        ? { servers: address.servers, attributes: address.attributes, title: title() }
        : { servers: [chosen], attributes: lasting(address.attributes), title: title() };
    const { server, connection } = await firstFit(
      wanted,
      (to, role) => connect({ address, server: to, wanted: role, timeouts }, signal),
      signal,
    );
    chosen ??= server;
    if (chosen === server) return connection;
    // Another connection was there first, and took another server.
    connection.session.destroy();
    void connection.client.end().catch(() => undefined);
    return connectTo(signal);
  };
  return { title, connect: connectTo };
}

/** What is asked of a server that was taken once. */
function lasting(attributes: SessionAttributes): SessionAttributes {
  return attributes === "prefer-standby" ? "any" : attributes;
}
