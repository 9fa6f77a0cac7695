// What an API's answers and silences mean, in our words. No address beyond its path, no header, and
// of a body only what an API says of an error.
import { readJson } from "../../core/json.ts";
import { SyncError } from "../../core/errors.ts";
import type { ErrorCode } from "../../core/errors.ts";
import type { Value } from "../../core/state.ts";
import { isList, isObject } from "../../core/values.ts";

/** Who is asked for what, as messages say it: `vendor: GET /v1/customers/{id}`. */
export interface Call {
  readonly system: string;
  readonly shown: string;
}

/** An error about one call. */
export function failed(
  code: ErrorCode,
  { system, shown }: Call,
  says: string,
  more: { readonly hint?: string; readonly cause?: unknown } = {},
): SyncError {
  return new SyncError(code, `${shown} ${says}`, { where: system, ...more });
}

/** What a connection's own error means. Its text may hold what was sent: only its code is told. */
export function connectionFailure(call: Call, error: unknown): SyncError {
  const code = codeOf(error);
  const hint = HINTS.find(([codes]) => codes.test(code))?.[1] ?? "Nothing was lost. Run again.";
  const what = WORDS[code] ?? `broke off (${code})`;
  return failed("REPLICA_UNAVAILABLE", call, what, { hint });
}

const WORDS: { readonly [code: string]: string } = {
  ECONNREFUSED: "was refused: nobody listens there",
  ENOTFOUND: "found no such host",
  EAI_AGAIN: "found no answer to the name of its host",
  ECONNRESET: "broke off: the connection was closed",
  EPIPE: "broke off: the connection was closed",
  CONNECT_TIMEOUT: "found no connection in time",
  ANSWER_TIMEOUT: "was not answered in time",
  TRUNCATED: "was answered in part: the connection was closed",
};

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN)$/, "Check `url`, and that the API is running."],
  [
    /CERT|SIGNATURE|ALTNAME|SELF_SIGNED|ISSUER/,
    "Its certificate is not believed: name its authority under `tls: { ca: … }`, or the name it " +
      "was made for under `servername`.",
  ],
  [/^(?:ERR_SSL|EPROTO)/, "Is it `http:` rather than `https:`?"],
  [/^CONNECT_TIMEOUT$/, "Check `url`; `limits: { connectMs: … }` waits longer."],
  [
    /^ANSWER_TIMEOUT$/,
    "`limits: { answerMs: … }` waits longer; a smaller page is answered sooner.",
  ],
];

function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") {
    return error.code;
  }
  return error instanceof Error ? error.name : "unknown";
}

/** An error of a connection that we ended. */
export class TimedOut extends Error {
  override readonly name = "TimedOut";
  readonly code: "CONNECT_TIMEOUT" | "ANSWER_TIMEOUT" | "TRUNCATED";

  constructor(code: TimedOut["code"]) {
    super(code);
    this.code = code;
  }
}

/** What a status means for a request that only reads. */
export function statusFailure(call: Call, status: number, reason: string): SyncError {
  const says = `answered ${status}${reason}`;
  switch (true) {
    case status === 401 || status === 407:
      return failed("REPLICA_DENIED", call, says, {
        hint: "Check `auth`: the API does not take it.",
      });
    case status === 403:
      return failed("REPLICA_DENIED", call, says, {
        hint: "It knows who asks, and does not allow this: check what the credentials may do.",
      });
    case status === 404 || status === 410:
      return failed("COLLECTION_MISSING", call, says, {
        hint: "Check `url` and the collection's `path`.",
      });
    case status === 429 || status >= 500:
      return failed("REPLICA_UNAVAILABLE", call, says, {
        hint: "Nothing was decided from it. Run again later.",
      });
    case status >= 300 && status < 400:
      return failed("REPLICA_UNAVAILABLE", call, `${says}, a redirection`, {
        hint: "Write the address that it leads to as `url`, if that is the API.",
      });
    default:
      return failed("LIST_FAILED", call, says, {
        hint: "Check the collection's `path`, `params`, `page` and `since`.",
      });
  }
}

/** Characters of an API's own words, at most. */
const REASON_CHARS_MAX = 200;
const MEMBERS = ["message", "detail", "title", "error", "error_description", "reason", "code"];

/**
 * What an API says is wrong, as `: words`, or nothing. What is secret, and what a row holds, is
 * not repeated from it.
 */
export function reasonIn(text: string, hidden: readonly string[]): string {
  const words = wordsOf(readJson(text), 0);
  if (words === undefined) return "";
  let shown = words;
  const longest = hidden.filter((each) => each.length > 2).sort((a, b) => b.length - a.length);
  for (const each of longest) shown = shown.replaceAll(each, "…");
  shown = shown.replaceAll(/[\p{C}\s]+/gu, " ").trim();
  const short = shown.length > REASON_CHARS_MAX ? `${shown.slice(0, REASON_CHARS_MAX)}…` : shown;
  return short === "" ? "" : `: ${short}`;
}

function wordsOf(value: Value | undefined, depth: number): string | undefined {
  if (typeof value === "string") return value;
  if (depth > 3) return undefined;
  if (isList(value)) {
    const all = value.slice(0, 5).flatMap((each) => wordsOf(each, depth + 1) ?? []);
    return all.length === 0 ? undefined : all.join("; ");
  }
  if (!isObject(value)) return undefined;
  for (const name of [...MEMBERS, "errors"]) {
    const words = Object.hasOwn(value, name) ? wordsOf(value[name], depth + 1) : undefined;
    if (words !== undefined) return words;
  }
  return undefined;
}

/** Every text in a row's values that a message may not repeat. */
export function textsIn(values: readonly Value[]): readonly string[] {
  return values.flatMap((value): readonly string[] => {
    if (typeof value === "string") return [value];
    if (typeof value === "number" || typeof value === "bigint") return [String(value)];
    if (isList(value)) return textsIn(value);
    return isObject(value) ? textsIn(Object.values(value)) : [];
  });
}
