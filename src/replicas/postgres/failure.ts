// PostgreSQL's SQLSTATE and what befalls a connection, in our words. Its messages may hold what was
// in a row: they are never passed on, nor is an error of the driver as it is.
import { DatabaseError } from "pg";
import { SyncError } from "../../core/errors.ts";
import type { ErrorCode } from "../../core/errors.ts";

/** The states that something is done about. */
export const STATE = {
  UNTRANSLATABLE: "22P05",
  NOT_NULL: "23502",
  FOREIGN_KEY: "23503",
  UNIQUE: "23505",
  CHECK: "23514",
  EXCLUSION: "23P01",
  RESTRICT: "23001",
  GENERATED_ALWAYS: "428C9",
  SERIALIZATION: "40001",
  DEADLOCK: "40P01",
  LOCK_NOT_AVAILABLE: "55P03",
  OBJECT_IN_USE: "55006",
  CANCELED: "57014",
  READ_ONLY: "25006",
  DENIED: "42501",
  TABLE_MISSING: "42P01",
  SCHEMA_MISSING: "3F000",
  COLUMN_MISSING: "42703",
  TYPE_DIFFERS: "42804",
  DATABASE_MISSING: "3D000",
  CANNOT_CONNECT_NOW: "57P03",
  DISK_FULL: "53100",
  TOO_MANY: "53300",
  DEPENDED_ON: "2BP01",
  NOT_SUPPORTED: "0A000",
  INTERNAL: "XX000",
} as const;

/** The connection is gone: what was under way on it is unknown. */
export class Lost extends Error {
  override readonly name = "Lost";

  constructor(cause: unknown) {
    super("the connection was lost", { cause });
  }
}

/** The SQLSTATE of an error that the server sent; undefined: it is none. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined;
}

/** Another session is in the way, or was served first: the same may well work in a moment. */
export function isPassing(error: unknown): boolean {
  switch (sqlState(error)) {
    case STATE.SERIALIZATION:
    case STATE.DEADLOCK:
    case STATE.LOCK_NOT_AVAILABLE:
    case STATE.OBJECT_IN_USE:
    case STATE.CANCELED:
      return true;
    default:
      return false;
  }
}

/**
 * What was asked for is more than the server can or may put together: values beyond 1 GB, memory,
 * files. Of a value that two long ones would have become it says only that it failed inside.
 */
export function isTooMuch(error: unknown): boolean {
  const state = sqlState(error) ?? "";
  return /^5[34]/.test(state) || state === STATE.INTERNAL;
}

/** A text has a character that the encoding of its database does not have. */
export function isUntranslatable(error: unknown): boolean {
  return sqlState(error) === STATE.UNTRANSLATABLE;
}

/** The server has ended the session: it is shut down, was killed or told to. */
export function isSessionsEnd(error: unknown): error is DatabaseError {
  const state = sqlState(error) ?? "";
  return state.startsWith("08") || state.startsWith("57P");
}

/** Nobody was there, or a server that takes no connections now: another one may be asked. */
export function isOutOfReach(error: unknown): boolean {
  if (error instanceof Lost) return error.cause === undefined || isOutOfReach(error.cause);
  const state = sqlState(error);
  if (state !== undefined) return state === STATE.CANNOT_CONNECT_NOW;
  const code = systemCode(error);
  return code === undefined ? isWordless(error) : !isDistrust(code);
}

/** The driver's own errors have neither a code nor a state. */
export function isWordless(error: unknown): boolean {
  return error instanceof Error && !("code" in error) && error.name === "Error";
}

/** The shape that was compiled is not the table's any more. */
export function isSchemaChange(error: unknown): boolean {
  const code = sqlState(error);
  return (
    code === STATE.TABLE_MISSING ||
    code === STATE.SCHEMA_MISSING ||
    code === STATE.COLUMN_MISSING ||
    code === STATE.TYPE_DIFFERS
  );
}

/** The whole failed: what that means, the place named, and what to do. Others are as they are. */
export function failureOf(error: unknown, place: string): unknown {
  if (error instanceof SyncError) return error;
  if (error instanceof DatabaseError) return stateFailure(error, place);
  if (error instanceof Lost) return lostFailure(error, place);
  const code = systemCode(error);
  return code === undefined ? error : networkFailure(code, place);
}

/** A batch whose end nobody heard. */
export function unknownOutcome(place: string): SyncError {
  return new SyncError("OUTCOME_UNKNOWN", `whether a batch landed in ${place} is unknown`, {
    where: place,
    hint: "Run again: what landed is recognised.",
  });
}

/** What the server said, without its words: they may hold data. */
export function described(error: unknown): string {
  const state = sqlState(error);
  if (state === undefined) return "";
  return ` (SQLSTATE ${state})`;
}

interface Meaning {
  readonly code: ErrorCode;
  readonly says: string;
  readonly hint: string;
}

const AGAIN = "Try again in a moment.";

const BY_STATE: { readonly [state: string]: Meaning } = {
  [STATE.DENIED]: {
    code: "REPLICA_DENIED",
    says: "does not allow this to its user",
    hint:
      "Ask its owner to GRANT what is missing: SELECT to read, INSERT, UPDATE and DELETE " +
      "to write; BYPASSRLS where policies hide rows.",
  },
  [STATE.READ_ONLY]: {
    code: "REPLICA_READ_ONLY",
    says: "is read-only",
    hint: "It may be a standby: name the primary, or make it the source of a one-way pipeline.",
  },
  [STATE.DATABASE_MISSING]: {
    code: "REPLICA_UNAVAILABLE",
    says: "has no such database",
    hint: "Check the name of the database in the URL.",
  },
  [STATE.DISK_FULL]: {
    code: "DISK_FULL",
    says: "has no space left",
    hint: "Make room and run again: nothing of the batch was kept.",
  },
  [STATE.TOO_MANY]: {
    code: "REPLICA_UNAVAILABLE",
    says: "has no connection left",
    hint: "Wait, end other programs' connections or raise max_connections.",
  },
  [STATE.SCHEMA_MISSING]: {
    code: "COLLECTION_MISSING",
    says: "has no such schema",
    hint: "CREATE SCHEMA first: Syncline makes tables, and no schemas for them.",
  },
  [STATE.TABLE_MISSING]: {
    code: "COLLECTION_MISSING",
    says: "lost a table while it was used",
    hint: "Run `syncline validate`: its tables are not what they were.",
  },
  [STATE.COLUMN_MISSING]: {
    code: "COLUMN_MISSING",
    says: "lost a column while it was used",
    hint: "Run `syncline validate`: its tables are not what they were.",
  },
};

/** By the first two characters, which name a class. */
const BY_CLASS: { readonly [start: string]: Meaning } = {
  "08": { code: "REPLICA_UNAVAILABLE", says: "cannot be reached", hint: AGAIN },
  "28": {
    code: "REPLICA_DENIED",
    says: "does not let its user in",
    hint: "Check the user and the password, and pg_hba.conf on the server.",
  },
  "40": { code: "REPLICA_UNAVAILABLE", says: "gave way to another session", hint: AGAIN },
  "53": { code: "REPLICA_UNAVAILABLE", says: "has no resources left", hint: AGAIN },
  "55": { code: "REPLICA_UNAVAILABLE", says: "is held by another session", hint: AGAIN },
  "57": { code: "REPLICA_UNAVAILABLE", says: "ended the statement or the session", hint: AGAIN },
  "58": {
    code: "REPLICA_UNAVAILABLE",
    says: "has trouble with its files",
    hint: "Look at the server's log.",
  },
  XX: {
    code: "REPLICA_UNAVAILABLE",
    says: "failed inside",
    hint: "Look at the server's log: its data may be damaged.",
  },
};

function stateFailure(error: DatabaseError, place: string): SyncError {
  const state = error.code ?? "";
  const meaning = BY_STATE[state] ?? BY_CLASS[state.slice(0, 2)];
  const says = meaning?.says ?? "did not do what was asked";
  const code = meaning?.code ?? "REPLICA_UNAVAILABLE";
  const hint = meaning?.hint ?? "The server's log says more.";
  return new SyncError(code, `${place} ${says}${described(error)}`, { where: place, hint });
}

function lostFailure(error: Lost, place: string): unknown {
  const { cause } = error;
  if (cause instanceof SyncError) {
    return new SyncError("REPLICA_UNAVAILABLE", `${place}: ${cause.message}`, {
      where: place,
      hint: cause.hint ?? AGAIN,
    });
  }
  if (cause instanceof DatabaseError) return stateFailure(cause, place);
  const code = systemCode(cause);
  if (code !== undefined) return networkFailure(code, place);
  return new SyncError("REPLICA_UNAVAILABLE", `the connection to ${place} was lost`, {
    where: place,
    hint: AGAIN,
  });
}

/** The codes of Node and OpenSSL, which name no secrets. */
function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

const NETWORK: { readonly [code: string]: readonly [says: string, hint: string] } = {
  ECONNREFUSED: ["refuses connections", "Is the server running, and are host and port right?"],
  ENOENT: ["has no socket there", "Is the server running, and is the path of its socket right?"],
  ENOTFOUND: ["has a host name that nobody knows", "Check the host."],
  EAI_AGAIN: ["has a host name that cannot be looked up now", AGAIN],
  ETIMEDOUT: ["does not answer", "Check host, port and firewalls."],
  ECONNRESET: ["closed the connection", AGAIN],
  EPIPE: ["closed the connection", AGAIN],
  EHOSTUNREACH: ["cannot be reached", "Check host and network."],
  ENETUNREACH: ["cannot be reached", "Check host and network."],
};

/** A server is there, and is not believed. */
function isDistrust(code: string): boolean {
  return NETWORK[code] === undefined && /CERT|TLS|SSL|ISSUER|SIGNATURE|CRL/.test(code);
}

const CERTIFICATE =
  "Give the authority's certificate with sslrootcert, or say in sslmode what is to be trusted.";

function networkFailure(code: string, place: string): SyncError {
  const known = NETWORK[code];
  const isTls = isDistrust(code);
  const says = known?.[0] ?? (isTls ? "has a certificate that is not trusted" : "failed");
  const hint = known?.[1] ?? (isTls ? CERTIFICATE : AGAIN);
  return new SyncError("REPLICA_UNAVAILABLE", `${place} ${says} (${code})`, { where: place, hint });
}
