// Problems at places become one error that says them all.
import { SyncError } from "../core/errors.ts";
import { problemsOf, throwAll } from "../core/problems.ts";
import { locate, spot, type Config } from "./config.ts";
import type { Place, Problem } from "./tree.ts";

/** A problem at the path of a setting. */
export function invalidAt(where: string, message: string, hint?: string): SyncError {
  return new SyncError("CONFIG_INVALID", message, hint === undefined ? { where } : { where, hint });
}

/** Gives errors whose `where` is the path of a setting the place of that setting in the file. */
export function atPlaces(
  problems: readonly SyncError[],
  of: Pick<Config, "shownAs" | "places" | "texts">,
): readonly Problem[] {
  return problems.flatMap(problemsOf).map((error) => {
    const { code, hint, cause, where: path = "", character } = error;
    const inside = character === undefined ? undefined : of.texts.get(path)?.(character);
    const at = inside ?? locate(of, path);
    // Where there is no place inside the text, its character is said.
    const isSaid = character !== undefined && character > 0 && inside === undefined;
    const message = isSaid ? `${error.message} (character ${character + 1})` : error.message;
    return { code, at, path, message, cause, ...(hint === undefined ? {} : { hint }) };
  });
}

/**
 * Throws when there are problems: all at once, in the order of the file. Of several about the same
 * setting only the first is told, since the others mostly follow from it.
 */
export function throwProblems(
  file: string,
  problems: readonly Problem[],
  filled: ReadonlyMap<string, string> = new Map(),
): void {
  throwAll(toldProblems(file, problems, filled));
}

/** The same as a list, each with its place in the file. */
export function toldProblems(
  file: string,
  problems: readonly Problem[],
  filled: ReadonlyMap<string, string> = new Map(),
): readonly SyncError[] {
  const told = new Set<string>();
  const first = problems.filter(({ path, at }) => {
    const name = path === "" ? `${at?.line}:${at?.column}` : path;
    if (told.has(name)) return false;
    told.add(name);
    return true;
  });
  first.sort((a, b) => orderOf(a.at, b.at));
  return first.map(({ code, at, path, message, hint, cause }) => {
    // In a program the path is the place; most messages begin with it.
    const where = spot(file, at, message.includes(path) ? "" : path);
    return new SyncError(code, asWritten(message, filled), {
      where,
      ...(hint === undefined ? {} : { hint: asWritten(hint, filled) }),
      ...(cause === undefined ? {} : { cause }),
    });
  });
}

/** Puts placeholders back where a message holds what they were filled with: it may be a secret. */
function asWritten(text: string, filled: ReadonlyMap<string, string>): string {
  let shown = text;
  for (const [value, placeholder] of filled) shown = shown.replaceAll(value, () => placeholder);
  return shown;
}

function orderOf(a: Place | undefined, b: Place | undefined): number {
  if (a === undefined || b === undefined) return 0;
  if (a.file !== b.file) return (a.file ?? "") < (b.file ?? "") ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
