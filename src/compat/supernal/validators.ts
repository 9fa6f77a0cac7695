// Whether a SyncConfig can be run, as far as can be seen without opening anything.
import { SyncError } from "../../core/errors.ts";
import { inWords } from "../../core/problems.ts";
import type { SourceType, SyncConfig } from "./sync-config.ts";
import { problemsIn, type TranslateOptions } from "./translated.ts";

/** What a validator found. */
export interface ValidationResult {
  readonly isValid: boolean;
  /** In words, with what to do about each; without secrets. */
  readonly errors: readonly string[];
}

/** Looks at configurations with one type of source. */
export interface ConfigValidator {
  validate(config: SyncConfig): ValidationResult;
}

/** The validators that are built in, by type of source; there is none for `webhook` yet. */
export function builtInValidators(
  options: TranslateOptions = {},
): ReadonlyMap<SourceType, ConfigValidator> {
  const validator: ConfigValidator = {
    validate: (config) => {
      // Anything at all, where no compiler has looked at it.
      const name = (config as SyncConfig | undefined)?.name ?? "pipeline";
      const errors = problemsIn(name, config, { ...options, part: "batch" }).map(wordsOf);
      return { isValid: errors.length === 0, errors };
    },
  };
  return new Map((["database", "api", "file"] as const).map((type) => [type, validator]));
}

/** A message that begins with its place need not be told it. */
function wordsOf(problem: SyncError): string {
  const { code, message, where = "", hint } = problem;
  if (!message.startsWith(where)) return inWords(problem);
  return inWords(new SyncError(code, message, hint === undefined ? {} : { hint }));
}
