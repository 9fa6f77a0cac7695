// Several things may be wrong at once, and a person wants to see all of them, not the first.

import { SyncError } from "./errors.ts";

/**
 * Throws when the list is not empty: a single problem as it is, several as one SyncError that
 * carries the code and place of the first, and all of them for `problemsOf`.
 */
export function throwAll(problems: readonly SyncError[]): void {
  const all = asOne(problems);
  if (all !== undefined) throw all;
}

/** The same without throwing it. undefined: there are none. */
export function asOne(problems: readonly SyncError[]): SyncError | undefined {
  const first = problems[0];
  if (first === undefined || problems.length === 1) return first;
  return new SyncError(first.code, problems.map(inWords).join("\n"), {
    cause: new AggregateError(problems, `${problems.length} problems`),
  });
}

/** Every problem that an error stands for: itself, or all those that were thrown together. */
export function problemsOf(error: SyncError): readonly SyncError[] {
  if (!(error.cause instanceof AggregateError)) return [error];
  const inside = error.cause.errors.filter((each) => each instanceof SyncError);
  return inside.length === 0 ? [error] : inside.flatMap(problemsOf);
}

/** One problem in one line: where it is, what it is, and what to do. */
export function inWords(error: SyncError): string {
  const where = error.where === undefined ? "" : `${error.where}: `;
  const hint = error.hint === undefined ? "" : `. ${error.hint}`;
  return `${where}${error.message}${hint}`;
}
