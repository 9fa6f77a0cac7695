// Where in a configuration something is: dotted paths, as its author would write them.
import { SyncError } from "../../core/errors.ts";
import { problemsOf } from "../../core/problems.ts";
import type { MappingSpec } from "../../core/mapping.ts";
import type { PipelineSettings, SideSettings } from "../settings.ts";

/** The path of a key below another path; names that are not words stand in brackets. */
export function pathTo(path: string, key: string | number): string {
  if (typeof key === "number") return `${path}[${key}]`;
  if (!/^[\p{L}_][\p{L}\p{N}_-]*$/u.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** The path of a pipeline, or of a setting in it. */
export function whereIs(pipeline: string, ...keys: readonly (string | number)[]): string {
  return keys.reduce<string>(pathTo, pathTo("pipelines", pipeline));
}

/** True for `source` and `target`, which share one mapping; false for `sides`. */
export function isPair(settings: Pick<PipelineSettings, "sides">): boolean {
  const [source, target, ...more] = settings.sides;
  return source?.name === "source" && target?.name === "target" && more.length === 0;
}

/** The path of a side, or of a setting that belongs to it. */
export function whereIsSide(
  pipeline: string,
  settings: PipelineSettings,
  side: SideSettings,
  ...keys: readonly (string | number)[]
): string {
  if (!isPair(settings)) return whereIs(pipeline, "sides", side.name, ...keys);
  return keys.length === 0 ? whereIs(pipeline, side.name) : whereIs(pipeline, ...keys);
}

/** The path of a line of a mapping; of the mapping as a whole for a line that nobody wrote. */
export function whereIsLine(
  pipeline: string,
  settings: PipelineSettings,
  side: SideSettings,
  line: MappingSpec,
): string {
  const index = (side.mapping ?? settings.mapping)?.indexOf(line) ?? -1;
  const keys = index < 0 ? ["mapping"] : ["mapping", index];
  return whereIsSide(pipeline, settings, side, ...keys);
}

/**
 * What a function returns. When it throws SyncErrors they are added to the problems with the place
 * that they lack, and the result is undefined: other settings are still looked at.
 */
export function attempt<T>(
  problems: SyncError[],
  where: string | ((error: SyncError) => string),
  work: () => T,
): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    for (const problem of problemsOf(error)) {
      problems.push(placed(problem, typeof where === "string" ? where : where(problem)));
    }
    return undefined;
  }
}

/** The same problem at a place, unless it has one. */
function placed(problem: SyncError, where: string): SyncError {
  return problem.where === undefined ? elsewhere(problem, where) : problem;
}

/** The same problem at this place, whatever place it had. */
export function elsewhere(problem: SyncError, where: string): SyncError {
  const { code, message, hint, character, cause } = problem;
  return new SyncError(code, message, {
    where,
    ...(character === undefined ? {} : { character }),
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  });
}
