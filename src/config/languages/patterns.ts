// Regular expressions of a configuration, on an engine that goes through a text once: nothing that
// a person writes, and nothing that a row holds, makes it go back (RE2).
import { RE2JS, RE2JSException } from "re2js";
import { SyncError } from "../../core/errors.ts";
import type { Pattern } from "../../core/expression.ts";

/** Characters of one pattern, at most (I9). */
export const PATTERN_LENGTH_MAX = 1000;
/** Instructions that a pattern may come to: `a{1000}` is a thousand (I9). */
const PATTERN_PROGRAM_MAX = 10_000;

/** Makes a pattern ready. Throws RULE_INVALID, without a place, for what the engine cannot read. */
export function makePattern(asWritten: string): Pattern {
  if (asWritten.length > PATTERN_LENGTH_MAX) {
    throw invalid(`A pattern is longer than ${PATTERN_LENGTH_MAX} characters`);
  }
  const compiled = compile(asWritten);
  if (compiled.programSize() > PATTERN_PROGRAM_MAX) {
    throw invalid(`The pattern comes to more than ${PATTERN_PROGRAM_MAX} steps`, "Repeat less.");
  }
  return { asWritten, test: (text) => compiled.test(text) };
}

function compile(text: string): RE2JS {
  try {
    return RE2JS.compile(RE2JS.translateRegExp(text));
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const why = error.message.replace(/^error parsing regexp: /, "");
    throw invalid(
      `The pattern cannot be read: ${why}`,
      "Patterns are those of RE2: nothing looks ahead or behind, and nothing refers back.",
    );
  }
}

function invalid(message: string, hint?: string): SyncError {
  return new SyncError("RULE_INVALID", message, hint === undefined ? {} : { hint });
}
