// The one document that `--json` prints, whatever happened (design: "Faces").
import { ERROR_CODES, SyncError } from "../core/errors.ts";
import { problemsOf } from "../core/problems.ts";
import { ABSENT, JSON_NULL, digitsIn } from "../core/state.ts";

/** A longer document is refused: who needs more asks for one pipeline, or reads text. */
const DOCUMENT_CHARACTERS_MAX = 256 * 1024 * 1024;
/** A list that is longer than this does not become part of a document. */
const DOCUMENT_ITEMS_MAX = 1_000_000;

/** What the document says besides its version. */
export interface Said {
  readonly command: string;
  readonly ok: boolean;
  readonly summary: object;
  readonly result: object | null;
  readonly error: SyncError | null;
}

/** The document as text, with a line end. */
export async function documentOf(said: Said): Promise<string> {
  const document = {
    schemaVersion: "1.0",
    command: said.command,
    ok: said.ok,
    summary: said.summary,
    result: await collected(said.result),
    error: said.error === null ? null : errorObject(said.error),
  };
  const text = JSON.stringify(document, jsonValue);
  if (text.length > DOCUMENT_CHARACTERS_MAX) throw tooLong();
  return `${text}\n`;
}

/** One value as a line of JSON, with the line's end. */
export function jsonLine(value: object): string {
  return `${JSON.stringify(value, jsonValue)}\n`;
}

/**
 * An error for programs: they branch on `code`, and `problems` has all of them where several are.
 */
function errorObject(error: SyncError): object {
  const problems = problemsOf(error);
  const where = error.where ?? problems[0]?.where ?? null;
  const first = { ...problemObject(error), where, retry: error.retry };
  return problems.length < 2 ? first : { ...first, problems: problems.map(problemObject) };
}

function problemObject(error: SyncError): object {
  return {
    code: error.code,
    message: error.message,
    where: error.where ?? null,
    hint: error.hint ?? null,
    exit: ERROR_CODES[error.code].exit,
  };
}

/** AsyncIterables at the top of a result become arrays. */
async function collected(result: object | null): Promise<object | null> {
  if (result === null || Array.isArray(result)) return result;
  const whole: { [name: string]: unknown } = {};
  for (const [name, value] of Object.entries(result)) {
    whole[name] = isAsyncIterable(value) ? await listOf(value) : value;
  }
  return whole;
}

async function listOf(items: AsyncIterable<unknown>): Promise<readonly unknown[]> {
  const list: unknown[] = [];
  for await (const item of items) {
    list.push(item);
    if (list.length > DOCUMENT_ITEMS_MAX) throw tooLong();
  }
  return list;
}

function tooLong(): SyncError {
  return new SyncError("LIMIT_EXCEEDED", "The result is too long for one JSON document.", {
    hint: "Name one pipeline, filter, or leave out --json: text has no such limit.",
  });
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/** What JSON has no word for is spelt as core/json.ts spells it: an object with one name. */
function jsonValue(_: string, value: unknown): unknown {
  switch (typeof value) {
    case "bigint":
      return { $i: String(value) };
    case "number":
      return Number.isFinite(value) ? value : { $n: String(value) };
    case "symbol":
      return value === ABSENT ? { $a: 0 } : value === JSON_NULL ? { $j: 0 } : null;
    case "object": {
      const digits = digitsIn(value);
      if (digits !== undefined) return { $d: digits };
      return value instanceof Uint8Array ? { $b: Buffer.from(value).toString("base64") } : value;
    }
    default:
      return value;
  }
}
