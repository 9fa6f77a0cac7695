// One thing that was looked at, and what is to be done about it.
import { SyncError } from "../../core/errors.ts";
import type { ErrorCode } from "../../core/errors.ts";
import { problemsOf } from "../../core/problems.ts";
import { EXIT, exitOf, syncErrorOf } from "../exit.ts";

/** What `doctor` itself finds, beside what fails with a code of its own. */
const FINDINGS = {
  NODE_TOO_OLD: "environment",
  VARIABLE_MISSING: "environment",
  SPACE_LOW: "environment",
  SECRET_READABLE: "ours",
  CLOCK_SKEW: "environment",
  SYSTEM_SLOW: "environment",
  MARKERS_OFF: "ours",
  JOURNAL_UNUSED: "ours",
  NOT_CHECKED: "ours",
  QUESTIONS_WAIT: "ours",
  LETTERS_WAIT: "ours",
  RETRIES_OVERDUE: "ours",
  RUN_INCOMPLETE: "ours",
  RUN_OLD: "ours",
} as const;

/** One of these, or a code of an error. */
type FindingCode = keyof typeof FINDINGS | ErrorCode;

/** One line of the report. */
export interface Check {
  /** What was looked at: `node`, `system`, `journal`, … */
  readonly check: string;
  /** Which one of several; null: there is one. */
  readonly of: string | null;
  readonly state: "ok" | "warning" | "failed";
  /** null: nothing was found. */
  readonly code: FindingCode | null;
  readonly text: string;
  /** What to do next; null: nothing. */
  readonly hint: string | null;
  /** Figures behind the text, for programs. */
  readonly facts?: { readonly [name: string]: unknown };
}

/** Which check it is, and of what. */
export interface Subject {
  readonly check: string;
  readonly of?: string;
  readonly facts?: Check["facts"];
}

/** Nothing is wrong. */
export function fine({ check, of, facts }: Subject, text: string): Check {
  const more = facts === undefined ? {} : { facts };
  return { check, of: of ?? null, state: "ok", code: null, text, hint: null, ...more };
}

/** What was found, and what to do about it. */
export interface Finding {
  readonly state?: "warning" | "failed";
  readonly code: FindingCode;
  readonly text: string;
  readonly hint: string;
}

/** Something was found: a warning, unless it is said to keep things from working. */
export function found({ check, of, facts }: Subject, finding: Finding): Check {
  const more = facts === undefined ? {} : { facts };
  return { check, of: of ?? null, state: "warning", ...finding, ...more };
}

/** Everything that an error stands for. */
export function failed(subject: Subject, error: SyncError): readonly Check[] {
  return problemsOf(error).map((problem) => {
    const where = problem.where === undefined ? "" : `${problem.where}: `;
    const { code, message, hint = "" } = problem;
    return found(subject, { state: "failed", code, text: `${where}${message}`, hint });
  });
}

/** Looks at one thing; what fails there is found there, and keeps nothing else from its turn. */
export async function looked(
  subject: Subject,
  signal: AbortSignal,
  look: () => Promise<readonly Check[]>,
): Promise<readonly Check[]> {
  signal.throwIfAborted();
  try {
    return await look();
  } catch (thrown) {
    signal.throwIfAborted();
    return failed(subject, syncErrorOf(thrown));
  }
}

/** 0: nothing failed; 3: only what is around us did; else 1. */
export function exitFor(checks: readonly Check[]): number {
  const failures = checks.filter(({ state }) => state === "failed");
  if (failures.length === 0) return EXIT.done;
  return failures.every(isAround) ? EXIT.environment : EXIT.failed;
}

function isAround({ code }: Check): boolean {
  if (code === null) return false;
  const own = Object.hasOwn(FINDINGS, code) ? FINDINGS[code as keyof typeof FINDINGS] : undefined;
  if (own !== undefined) return own === "environment";
  return exitOf(new SyncError(code as ErrorCode, "")) === EXIT.environment;
}
