// Which of several servers of one database is taken: libpq's target_session_attrs.
import { SyncError } from "../../core/errors.ts";
import { failureOf, isOutOfReach } from "./failure.ts";

/** What a server has to be, in libpq's words. */
export const SESSION_ATTRIBUTES = [
  "any",
  "read-write",
  "read-only",
  "primary",
  "standby",
  "prefer-standby",
] as const;

/** One of them. */
export type SessionAttributes = (typeof SESSION_ATTRIBUTES)[number];

/** What a server says of itself. */
export interface Role {
  /** It follows another one. */
  readonly isStandby: boolean;
  /** Its transactions are read-only unless they say otherwise. */
  readonly isReadOnly: boolean;
}

/** Why a server will not do, as what it is; undefined: it will. */
export function unfit(
  { isStandby, isReadOnly }: Role,
  attributes: SessionAttributes,
): string | undefined {
  switch (attributes) {
    case "any":
    case "prefer-standby":
      return undefined;
    case "read-write":
      if (isStandby) return "is a standby";
      return isReadOnly ? "is read-only" : undefined;
    case "read-only":
      return isStandby || isReadOnly ? undefined : "can be written";
    case "primary":
      return isStandby ? "is a standby" : undefined;
    case "standby":
      return isStandby ? undefined : "is no standby";
  }
}

/** A server that is there, and is not what was asked for. */
export class Unfit extends Error {
  override readonly name = "Unfit";
}

/** A server that was taken. */
export interface Chosen<Server, Connection> {
  readonly server: Server;
  readonly connection: Connection;
}

/**
 * Connects to the first server that will do. One that is out of reach or not what was asked for is
 * passed by; whatever else is wrong with one is thrown, as libpq does: a password that is refused
 * is no reason to try it elsewhere.
 */
export async function firstFit<Server extends { readonly title: string }, Connection>(
  { servers, attributes, title }: Wanted<Server>,
  connect: (server: Server, attributes: SessionAttributes) => Promise<Connection>,
  signal: AbortSignal,
): Promise<Chosen<Server, Connection>> {
  const passed: Passed[] = [];
  for (const wanted of roundsOf(attributes)) {
    passed.length = 0;
    for (const server of servers) {
      try {
        return { server, connection: await connect(server, wanted) };
      } catch (error) {
        signal.throwIfAborted();
        const isPassedBy = error instanceof Unfit || isOutOfReach(error);
        if (!isPassedBy) throw failureOf(error, server.title);
        passed.push({ server, error });
      }
    }
  }
  throw noneOf(passed, { attributes, title });
}

/** Where a database may be, and which of its servers will do. */
export interface Wanted<Server> {
  readonly servers: readonly Server[];
  readonly attributes: SessionAttributes;
  /** All of them, for messages. */
  readonly title: string;
}

interface Passed {
  readonly server: { readonly title: string };
  readonly error: unknown;
}

function roundsOf(attributes: SessionAttributes): readonly SessionAttributes[] {
  return attributes === "prefer-standby" ? ["standby", "any"] : [attributes];
}

function noneOf(
  passed: readonly Passed[],
  { attributes, title }: Omit<Wanted<unknown>, "servers">,
): unknown {
  const isUnfit = passed.some(({ error }) => error instanceof Unfit);
  const [only, ...others] = passed;
  if (only !== undefined && others.length === 0 && !isUnfit) return only.error;
  const each = passed.map(({ server, error }) => saying(server.title, error));
  const says =
    attributes === "any" || attributes === "prefer-standby"
      ? "has no server that answers"
      : `has no server that is ${attributes}, as target_session_attrs asks`;
  return new SyncError("REPLICA_UNAVAILABLE", `${title} ${says}: ${each.join("; ")}`, {
    where: title,
    hint: isUnfit
      ? "Name one that is, or ask for another kind with target_session_attrs."
      : "Are the servers running, and are hosts and ports right?",
  });
}

/** What is the matter with one, by its name. */
function saying(title: string, error: unknown): string {
  if (error instanceof Unfit) return `${title} ${error.message}`;
  const failure = failureOf(error, title);
  return failure instanceof SyncError ? failure.message : `${title} failed`;
}
