// Named transforms of numbers, times and texts that take arguments.

import { DAY_MS, daysOf, isoOfMs } from "./calendar.ts";
import { isList } from "./kinds.ts";
import { canonical } from "./logical.ts";
import { decimalOf, digitsOf, smallest } from "./numerals.ts";
import { isEnd, momentOf } from "./moments.ts";
import type { Value } from "./state.ts";
import { given, passing, refused } from "./transform.ts";
import type { Converter, Transform, TransformArgs, Transformed } from "./transform.ts";

/** The transforms of this file. */
export const VALUE_TRANSFORMS: readonly Transform[] = [
  { name: "timestamp", args: ["inputFormat", "outputFormat"], make: makeTimestamp },
  { name: "decimal", args: ["precision", "scale", "rounding"], make: makeDecimal },
  { name: "truncate", args: ["length"], make: makeTruncate },
  { name: "replace", args: ["from", "to"], make: makeReplace },
  { name: "split", args: ["separator"], make: makeSplit },
  { name: "join", args: ["separator"], make: makeJoin },
  { name: "emptyToNull", args: [], make: () => EMPTY_TO_NULL },
];

/** How a moment is written: as ISO 8601 text, as its date, or as a count since 1970. */
const MOMENT_FORMATS = ["ISO8601", "date", "unix", "unixMs", "unixUs"] as const;
type MomentFormat = (typeof MOMENT_FORMATS)[number];

/**
 * From one way to write a moment to another, everything in UTC. What a coarser way has no place for
 * is cut off: that is what the mapping asks for.
 */
function makeTimestamp(args: TransformArgs): Converter | string {
  const input = formatIn(args["inputFormat"] ?? "ISO8601");
  const output = formatIn(args["outputFormat"] ?? "ISO8601");
  const known = MOMENT_FORMATS.join(", ");
  if (input === undefined) return `'inputFormat' has to be one of ${known}`;
  if (output === undefined) return `'outputFormat' has to be one of ${known}`;
  const between =
    (from: MomentFormat, to: MomentFormat) =>
    (value: Value): Transformed => {
      const micros = microsOf(value, from);
      if (micros === undefined) return refused(`not a moment in the format ${from}`);
      return given(momentIn(micros, to));
    };
  return { over: passing(between(input, output)), back: passing(between(output, input)) };
}

function formatIn(word: Value): MomentFormat | undefined {
  return MOMENT_FORMATS.find((format) => format === word);
}

const UNITS = { unix: 1_000_000n, unixMs: 1000n, unixUs: 1n } as const;
/** Microseconds since 1970 up to the years ±275000, which every date here is within. */
const MICROS_MAX = 8_640_000_000_000_000_000n;

function microsOf(value: Value, format: MomentFormat): bigint | undefined {
  if (format === "ISO8601" || format === "date") {
    const moment = typeof value === "string" ? momentOf(value.trim()) : undefined;
    return moment === undefined || isEnd(moment) ? undefined : microsIn(moment);
  }
  const plain = typeof value === "string" ? canonical({ kind: "integer" }, value) : value;
  if (typeof plain === "number" && !Number.isInteger(plain)) return undefined;
  if (typeof plain !== "number" && typeof plain !== "bigint") return undefined;
  const micros = BigInt(plain) * UNITS[format];
  return micros > MICROS_MAX || micros < -MICROS_MAX ? undefined : micros;
}

const MOMENT = /^([+-]?\d{4,7})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?Z$/;

function microsIn(moment: string): bigint | undefined {
  const [, year, month, day, hour, minute, second, fraction = ""] = MOMENT.exec(moment) ?? [];
  if (year === undefined) return undefined;
  const date = { year: Number(year), month: Number(month), day: Number(day) };
  const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
  const ms = daysOf(date) * DAY_MS + seconds * 1000;
  return BigInt(ms) * 1000n + BigInt(fraction.padEnd(6, "0"));
}

function momentIn(micros: bigint, format: MomentFormat): Value {
  if (format === "ISO8601") {
    // The milliseconds by the calendar, the last three digits beside them.
    const text = isoOfMs(Number(floorOf(micros, 1000n)));
    const rest = micros - floorOf(micros, 1000n) * 1000n;
    const long = `${text.slice(0, -1)}${String(rest).padStart(3, "0")}Z`;
    return canonical({ kind: "instant" }, long) ?? long;
  }
  if (format === "date") {
    return isoOfMs(Number(floorOf(micros, 1000n))).replace(/T.*$/, "");
  }
  return smallest(floorOf(micros, UNITS[format]));
}

function floorOf(count: bigint, unit: bigint): bigint {
  const quotient = count / unit;
  return count % unit < 0n ? quotient - 1n : quotient;
}

/** Precision of a decimal, at most (I9). */
const PRECISION_MAX = 1000;
const ROUNDINGS = ["half-up", "half-even", "down", "refuse"] as const;
type Rounding = (typeof ROUNDINGS)[number];

/**
 * A number as a decimal with so many digits after the point. `precision` is the digits in all, as
 * in SQL; where it is not more than the scale it says nothing of the digits before the point.
 */
function makeDecimal(args: TransformArgs): Converter | string {
  const { precision, scale = 2, rounding = "half-up" } = args;
  const mode = ROUNDINGS.find((word) => word === rounding);
  if (!isCount(scale)) return `'scale' has to be a whole number from 0 to ${PRECISION_MAX}`;
  if (precision !== undefined && (!isCount(precision) || precision === 0)) {
    return `'precision' has to be a whole number from 1 to ${PRECISION_MAX}`;
  }
  if (mode === undefined) return `'rounding' has to be one of ${ROUNDINGS.join(", ")}`;
  const whole = precision !== undefined && precision > scale ? precision - scale : undefined;
  const over = (value: Value): Transformed => {
    const decimal = canonical(
      { kind: "decimal" },
      typeof value === "string" ? value.trim() : value,
    );
    if (typeof decimal !== "string" || digitless(decimal)) return refused("not a number");
    const rounded = roundTo(decimal, scale, mode);
    if (rounded === undefined) return refused(`more than ${scale} digits after the point`);
    if (whole === undefined || digitsOf(rounded).whole <= whole) return given(rounded);
    return refused(`more than ${whole} digits before the point`);
  };
  return { over: passing(over), back: given };
}

function isCount(value: Value): value is number {
  const isWhole = typeof value === "number" && Number.isInteger(value);
  return isWhole && value >= 0 && value <= PRECISION_MAX;
}

/** NaN and infinities are decimals of some stores. */
function digitless(decimal: string): boolean {
  return !/\d/.test(decimal);
}

/** The decimal at that scale; undefined: it would be another number, and that is refused. */
function roundTo(decimal: string, scale: number, mode: Rounding): string | undefined {
  const { fraction } = digitsOf(decimal);
  if (fraction <= scale) return decimal;
  if (mode === "refuse") return undefined;
  const isNegative = decimal.startsWith("-");
  const digits = BigInt(decimal.replace("-", "").replace(".", ""));
  const unit = 10n ** BigInt(fraction - scale);
  const [quotient, rest] = [digits / unit, digits % unit];
  const isOdd = quotient % 2n === 1n;
  const isHalf = rest * 2n === unit;
  const goesUp = mode !== "down" && (rest * 2n > unit || (isHalf && (mode === "half-up" || isOdd)));
  const text = String(goesUp ? quotient + 1n : quotient).padStart(scale + 1, "0");
  const point = text.length - scale;
  const unsigned = scale === 0 ? text : `${text.slice(0, point)}.${text.slice(point)}`;
  return decimalOf(`${isNegative ? "-" : ""}${unsigned}`);
}

/** The first characters of a text; half a character is never left. */
function makeTruncate({ length }: TransformArgs): Converter | string {
  if (typeof length !== "number" || !Number.isSafeInteger(length) || length < 1) {
    return "'length' has to be a whole number from 1";
  }
  return onText((text) =>
    text.length <= length
      ? text
      : Array.from(text.slice(0, length * 2))
          .slice(0, length)
          .join(""),
  );
}

/** Every occurrence of one text becomes another. */
function makeReplace({ from, to = "" }: TransformArgs): Converter | string {
  if (typeof from !== "string" || from === "") return "'from' has to be a text that is not empty";
  if (typeof to !== "string") return "'to' has to be text";
  return onText((text) => text.replaceAll(from, () => to));
}

function makeSplit(args: TransformArgs): Converter | string {
  const separator = separatorIn(args);
  if (separator === undefined) return "'separator' has to be a text that is not empty";
  return { over: passing(splitBy(separator)), back: passing(joinBy(separator)) };
}

function makeJoin(args: TransformArgs): Converter | string {
  const separator = separatorIn(args);
  if (separator === undefined) return "'separator' has to be a text that is not empty";
  return { over: passing(joinBy(separator)), back: passing(splitBy(separator)) };
}

function separatorIn({ separator = "," }: TransformArgs): string | undefined {
  return typeof separator === "string" && separator !== "" ? separator : undefined;
}

/** An empty text is a list of none. */
function splitBy(separator: string): (value: Value) => Transformed {
  return (value) => {
    if (typeof value !== "string") return refused("not text");
    return given(value === "" ? [] : value.split(separator));
  };
}

/** A list whose texts would not come apart again as they were is refused. */
function joinBy(separator: string): (value: Value) => Transformed {
  return (value) => {
    if (!isList(value)) return refused("not a list");
    const texts = value.filter((item) => typeof item === "string");
    if (texts.length < value.length) return refused("a list of more than texts");
    const isPlain = texts.every((text) => !text.includes(separator));
    if (!isPlain || (texts.length === 1 && texts[0] === "")) {
      return refused("a list with a text that the separator would take apart");
    }
    return given(texts.join(separator));
  };
}

/** NULL for a text that says nothing; there is no way back to it. */
const EMPTY_TO_NULL: Converter = {
  over: passing((value) => given(typeof value === "string" && value.trim() === "" ? null : value)),
};

/** Many texts become one: there is no way back. */
function onText(change: (text: string) => string): Converter {
  return {
    over: passing((value) =>
      typeof value === "string" ? given(change(value)) : refused("not text"),
    ),
  };
}
