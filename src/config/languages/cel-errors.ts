// What the expression language says is wrong, in our words and without any row's data.
import { SyncError } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import { BASE } from "./cel-environment.ts";

interface CelError {
  readonly code: string;
  readonly summary: string;
  readonly range?: { readonly start: number };
}

function isCelError(error: unknown): error is CelError {
  return error instanceof Error && "summary" in error && "code" in error;
}

/** What is wrong with an expression itself. Anything else is thrown on as it is. */
export function wrongIn(error: unknown): SyncError {
  if (!isCelError(error)) throw error;
  const message = `The expression is wrong here: ${plainly(error.summary)}`;
  const { range } = error;
  const hint = suggestion(error);
  return new SyncError("EXPRESSION_INVALID", message, {
    ...(hint === undefined ? {} : { hint }),
    ...(range === undefined ? {} : { character: range.start }),
  });
}

/** A function whose name is nearly that of a known one. */
function suggestion({ code, summary }: CelError): string | undefined {
  if (code !== "no_matching_overload") return undefined;
  const name = /'(?:[^'()]*\.)?(\w+)\(/.exec(summary)?.[1] ?? "";
  const known = new Set(BASE.getDefinitions().functions.map((each) => each.name));
  if (known.has(name)) return undefined;
  const meant = nearest(name, known);
  return meant === undefined ? undefined : `Did you mean '${meant}'?`;
}

/** Why an expression could not be worked out over a row. */
export function reasonOf(error: unknown): string {
  if (!isCelError(error)) return "it fails"; // by its size: a text that is too long for the engine
  const isAboutTypes = TOLD.has(error.code);
  return isAboutTypes ? plainly(error.summary) : error.code.replaceAll("_", " ");
}

/** Errors whose words hold types and names of ours, never what a row holds. */
const TOLD: ReadonlySet<string> = new Set([
  "no_such_overload",
  "no_matching_overload",
  "division_by_zero",
  "modulo_by_zero",
  "invalid_timestamp",
  "invalid_logical_operand",
  "invalid_condition_type",
]);

function plainly(summary: string): string {
  return summary
    .replaceAll(/dyn<([^<>]*)>/g, "$1")
    .replaceAll("google.protobuf.Timestamp", "timestamp")
    .replaceAll("google.protobuf.Duration", "duration")
    .replaceAll("holdsPattern", "matches")
    .replace(/^found no matching overload for '(.*)'$/, "there is no '$1'")
    .replace(/^no such overload: (.*)$/, "there is no '$1'")
    .replace(/^Unexpected token: EOF$/, "it ends too early")
    .replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}
