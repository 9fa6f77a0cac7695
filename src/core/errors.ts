// What can fail as a whole. Expected failures of one entry are values, not errors; they carry the
// same codes, so that people and programs branch on one vocabulary.

/** When the same call may succeed: by itself, after the sides were read again, or never. */
export type Retry = "later" | "after-resync" | "never";

/** What a program should do about a code, and how a command ends on it. */
export interface CodeFacts {
  readonly retry: Retry;
  /** 1 failed, 2 usage or configuration, 3 environment, 4 a person is needed, 5 refused: unsafe. */
  readonly exit: 1 | 2 | 3 | 4 | 5;
  readonly summary: string;
}

/** Every code of Syncline. Add a code here and nowhere else, next to its kin. */
export const ERROR_CODES = {
  // Configuration and command line.
  USAGE: { retry: "never", exit: 2, summary: "The command line is not understood." },
  CONFIG_INVALID: { retry: "never", exit: 2, summary: "The configuration is not valid." },
  CONFIG_UNKNOWN_KEY: { retry: "never", exit: 2, summary: "The configuration has an unknown key." },
  CONFIG_NOT_BUILT: { retry: "never", exit: 2, summary: "This setting is not built yet." },
  CONFIG_NOT_FOUND: { retry: "never", exit: 2, summary: "There is no configuration file." },
  COLLECTION_MISSING: { retry: "never", exit: 2, summary: "A collection does not exist." },
  COLUMN_MISSING: { retry: "never", exit: 2, summary: "A mapped column does not exist." },
  KEY_NOT_UNIQUE: { retry: "never", exit: 2, summary: "The key is not unique in its collection." },
  TYPES_DIFFER: { retry: "never", exit: 2, summary: "No type holds what both columns hold." },
  LENS_NO_INVERSE: { retry: "never", exit: 2, summary: "A two-way field has no way back." },
  FILTER_INVALID: { retry: "never", exit: 2, summary: "A filter is not understood." },
  EXPRESSION_INVALID: { retry: "never", exit: 2, summary: "An expression is not understood." },
  RULE_INVALID: { retry: "never", exit: 2, summary: "A validation rule is not understood." },
  REFERENCES_CYCLE: { retry: "never", exit: 2, summary: "References form a ring." },
  PLAN_UNKNOWN: { retry: "never", exit: 2, summary: "The journal holds no such plan." },
  RUN_UNKNOWN: { retry: "never", exit: 2, summary: "The journal holds no such run." },
  ENTRY_UNKNOWN: { retry: "never", exit: 2, summary: "The journal holds no such entry." },
  QUESTION_UNKNOWN: { retry: "never", exit: 2, summary: "There is no such open question." },
  ANSWER_INVALID: { retry: "never", exit: 2, summary: "That answer does not fit the question." },
  HISTORY_NOT_KEPT: { retry: "never", exit: 2, summary: "The journal keeps no history for this." },

  // The world around: replicas, the journal's file, the disk.
  REPLICA_UNAVAILABLE: { retry: "later", exit: 3, summary: "A replica cannot be reached now." },
  REPLICA_NOT_A_DATABASE: { retry: "never", exit: 3, summary: "A file is not a database." },
  REPLICA_DENIED: { retry: "never", exit: 3, summary: "A replica does not let its user in." },
  REPLICA_READ_ONLY: { retry: "never", exit: 3, summary: "A replica cannot be written." },
  CURSOR_LOST: { retry: "after-resync", exit: 3, summary: "A feed forgot what comes next." },
  LIST_FAILED: { retry: "later", exit: 3, summary: "A listing broke off; it proves nothing." },
  JOURNAL_LOCKED: { retry: "later", exit: 3, summary: "Another program holds the journal." },
  JOURNAL_READ_ONLY: { retry: "never", exit: 3, summary: "The journal cannot be written." },
  JOURNAL_NEWER: { retry: "never", exit: 3, summary: "A newer program wrote the journal." },
  JOURNAL_CORRUPT: { retry: "never", exit: 3, summary: "The journal cannot be read." },
  OUTPUT_LOST: { retry: "later", exit: 3, summary: "What was to be printed did not arrive." },
  DISK_FULL: { retry: "later", exit: 3, summary: "There is no space left." },

  // Refused for safety: nothing was written.
  JOURNAL_REPLACED: { retry: "never", exit: 5, summary: "The journal is of another life." },
  IDENTITY_CHANGED: { retry: "never", exit: 5, summary: "A replica is not the one it was." },
  EPOCH_WENT_BACK: { retry: "never", exit: 5, summary: "A replica was restored from an old copy." },
  PLAN_STALE: { retry: "after-resync", exit: 5, summary: "The plan is of another state." },
  GUARD_STOPPED: { retry: "never", exit: 5, summary: "The guard stopped too many deletions." },

  // One entry: these are mostly carried by outcomes and letters.
  KEY_MISSING: { retry: "never", exit: 4, summary: "A row has no key." },
  KEY_INVALID: { retry: "never", exit: 4, summary: "A key column holds what names nothing." },
  KEY_FOLDS: { retry: "never", exit: 4, summary: "Two keys become one on the other side." },
  VALUE_NOT_HELD: { retry: "never", exit: 4, summary: "The other side cannot hold a value." },
  VALUE_UNREADABLE: { retry: "never", exit: 4, summary: "A value does not fit its column's type." },
  RULE_BROKEN: { retry: "never", exit: 4, summary: "A validation rule is broken." },
  CONSTRAINT: { retry: "later", exit: 4, summary: "A constraint of the other side forbids it." },
  LINK_MISSING: { retry: "later", exit: 4, summary: "What the row refers to is not there yet." },
  ANSWER_OUTDATED: { retry: "after-resync", exit: 4, summary: "What was asked about has moved." },
  WRITE_REFUSED: { retry: "never", exit: 4, summary: "The other side refused a write." },
  OUTCOME_UNKNOWN: {
    retry: "after-resync",
    exit: 4,
    summary: "Whether a write landed is unknown.",
  },

  // The course of a run.
  KEY_ORDER: { retry: "never", exit: 1, summary: "A listing is not in ascending key order." },
  LIMIT_EXCEEDED: { retry: "never", exit: 1, summary: "Something is over its named limit." },
  JSON_INVALID: { retry: "never", exit: 1, summary: "A text is not JSON." },
  ABORTED: { retry: "later", exit: 1, summary: "The work was stopped before its end." },
  INTERNAL: { retry: "never", exit: 1, summary: "Syncline contradicts itself: a bug." },
} as const satisfies { readonly [code: string]: CodeFacts };

/** One of the codes above. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** What may accompany a SyncError besides its code and message. */
export interface ErrorDetails {
  /** What to do next, as a sentence for a person. */
  readonly hint?: string;
  /** What it is about: `file:line:column`, a collection, a pipeline. Never an entry's data. */
  readonly where?: string;
  /** Where `where` is a text: characters from its start to what is wrong. */
  readonly character?: number;
  readonly cause?: unknown;
}

/** Something failed as a whole. The message says what happened to which thing. */
export class SyncError extends Error {
  override readonly name = "SyncError";
  readonly code: ErrorCode;
  readonly retry: Retry;
  readonly hint: string | undefined;
  readonly where: string | undefined;
  readonly character: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, "cause" in details ? { cause: details.cause } : undefined);
    this.code = code;
    this.retry = ERROR_CODES[code].retry;
    this.hint = details.hint;
    this.where = details.where;
    this.character = details.character;
  }
}

/** Something that cannot be was: a bug of ours or of a replica that breaks its contract. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** Holds what must be true whatever happens outside. Throws AssertionError when it is not. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** True for a SyncError; with codes, only for one that carries one of them. */
export function isSyncError(error: unknown, ...codes: readonly ErrorCode[]): error is SyncError {
  return error instanceof SyncError && (codes.length === 0 || codes.includes(error.code));
}

/** True for a text that is one of our codes, as read back from a journal or a document. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}

/** The exit code of a command that ends on this error. An unforeseen error is 1. */
export function exitCodeOf(error: unknown): 1 | 2 | 3 | 4 | 5 {
  return error instanceof SyncError ? ERROR_CODES[error.code].exit : 1;
}
