// Values of rows as the expression language knows them, and back. What would lose something that
// decides is refused: then the expression cannot be worked out, and says so.
import { Optional } from "@marcbachmann/cel-js";
import { givenValue } from "../../core/given.ts";
import { isList, isObject } from "../../core/kinds.ts";
import type { LogicalType } from "../../core/logical.ts";
import { isEnd } from "../../core/moments.ts";
import { smallest } from "../../core/numerals.ts";
import { ABSENT, digitsIn, JSON_NULL } from "../../core/state.ts";
import type { Value } from "../../core/state.ts";
import { given, refused, type Transformed } from "../../core/transform.ts";

const TIMESTAMP = "google.protobuf.Timestamp";

/** What a column of a type is in an expression; any of them may be null, hence `dyn<…>`. */
export function celType(type: LogicalType | undefined): string {
  switch (type?.kind) {
    case "boolean":
      return "dyn<bool>";
    case "integer":
      return "dyn<int>";
    case "real":
    case "decimal":
      return "dyn<double>";
    case "text":
    case "uuid":
    case "date":
    case "time":
    case "offset-time":
    case "duration":
      return "dyn<string>";
    case "instant":
    case "datetime":
      return `dyn<${TIMESTAMP}>`;
    case "bytes":
      return "dyn<bytes>";
    default:
      return "dyn";
  }
}

/** Brings values of a column into the language; undefined: there is no such value in it. */
export function intoCel(type: LogicalType | undefined): (value: Value) => unknown {
  switch (type?.kind) {
    case "integer":
      return (value) => (typeof value === "number" ? BigInt(value) : plainly(value));
    case "decimal":
      return (value) => (typeof value === "string" ? Number(value) : plainly(value));
    case "instant":
      return (value) => momentOf(value, "");
    case "datetime":
      return (value) => momentOf(value, "Z");
    default:
      return plainly;
  }
}

function momentOf(value: Value, zone: string): unknown {
  if (typeof value !== "string") return plainly(value);
  const date = new Date(isEnd(value) ? Number.NaN : `${value}${zone}`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Documents become maps, so that no name in them can be anything but a name. */
function plainly(value: Value): unknown {
  if (typeof value !== "object" || value === null) {
    return value === ABSENT || value === JSON_NULL ? null : value;
  }
  if (value instanceof Uint8Array) return value;
  if (isList(value)) return value.map(plainly);
  if (isObject(value)) {
    return new Map(Object.entries(value).map(([name, each]) => [name, plainly(each)]));
  }
  const digits = digitsIn(value);
  return digits === undefined ? undefined : Number(digits);
}

/** What an expression gave, as a value of ours. */
export function fromCel(result: unknown, type: LogicalType | undefined): Transformed {
  const value = givenValue(unfolded(result, type));
  return value.kind === "value" ? given(value.value) : refused(`it gave ${value.reason}`);
}

function unfolded(result: unknown, type: LogicalType | undefined): unknown {
  if (typeof result === "bigint") return smallest(result);
  if (typeof result !== "object" || result === null) return result;
  if (result instanceof Date) return momentText(result, type);
  if (result instanceof Optional) {
    return result.hasValue() ? unfolded(result.value(), type) : null;
  }
  if (isDuration(result)) return durationText(result);
  if (Array.isArray(result)) return result.map((each: unknown) => unfolded(each, undefined));
  if (result instanceof Map) return objectOf(result);
  // What an expression itself writes as {…} is plain; everything else is refused by its class.
  const isPlain = Object.getPrototypeOf(result) === Object.prototype;
  return isPlain ? objectOf(new Map(Object.entries(result))) : result;
}

function objectOf(entries: ReadonlyMap<unknown, unknown>): unknown {
  const object: { [name: string]: unknown } = Object.create(null);
  for (const [name, each] of entries) object[String(name)] = unfolded(each, undefined);
  return object;
}

/** Without a zone where the column has none; as a date where it is one, at its first moment. */
function momentText(date: Date, type: LogicalType | undefined): string {
  const text = date.toISOString();
  if (type?.kind === "datetime") return text.slice(0, -1);
  return type?.kind === "date" && text.endsWith("T00:00:00.000Z") ? text.slice(0, -14) : text;
}

interface Duration {
  readonly seconds: bigint;
  readonly nanos: number;
}

/** The package does not export the class. */
function isDuration(result: object): result is Duration {
  return Object.prototype.toString.call(result) === "[object google.protobuf.Duration]";
}

function durationText({ seconds: whole, nanos }: Duration): string {
  const total = whole * 1_000_000_000n + BigInt(nanos);
  const size = total < 0n ? -total : total;
  const fraction = String(size % 1_000_000_000n)
    .padStart(9, "0")
    .replace(/0+$/, "");
  const seconds = `${size / 1_000_000_000n}${fraction === "" ? "" : `.${fraction}`}`;
  return `PT${total < 0n ? "-" : ""}${seconds}S`;
}
