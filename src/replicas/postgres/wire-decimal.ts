// Decimals in PostgreSQL's binary format: groups of four digits, where the first of them stands, a
// sign and how many digits are shown after the point.
import { decimalOf } from "../../core/numerals.ts";
import type { Value } from "../../core/state.ts";
import type { LogicalType } from "../../core/values.ts";
import type { Wire } from "./codec.ts";
import { putInt16, putLength } from "./out.ts";
import type { Out } from "./out.ts";
import { int16At, uint16At, writingText } from "./wire-number.ts";

/** Digits before and after the point, at most. */
const WHOLE_DIGITS_MAX = 131_072;
const FRACTION_DIGITS_MAX = 16_383;

/** Decimals: groups of four digits. */
export function decimalWire(type: LogicalType): Wire {
  const fits = writingText(type, writeDecimal);
  const short = shortWriter(type);
  return {
    read: readDecimal,
    write: (value, out) => {
      if (typeof value === "string" && short(value, out)) return undefined;
      if (typeof value === "string" && value.length > FRACTION_DIGITS_MAX && isTooLong(value)) {
        return "has more digits than numeric holds";
      }
      return fits(value, out);
    },
  };
}

const NEGATIVE = 0x4000;
const SPECIALS: ReadonlyMap<number, string> = new Map([
  [0xc000, "NaN"],
  [0xd000, "Infinity"],
  [0xf000, "-Infinity"],
]);
const PADDED: readonly string[] = Array.from({ length: 10_000 }, (_, group) =>
  String(group).padStart(4, "0"),
);

function readDecimal(bytes: Buffer, at: number): string {
  const count = uint16At(bytes, at);
  const weight = int16At(bytes, at + 2);
  const sign = uint16At(bytes, at + 4);
  if (sign > NEGATIVE) return SPECIALS.get(sign) ?? "NaN";
  if (count === 0) return "0";
  const start = at + 8;
  let text = sign === NEGATIVE ? "-" : "";
  if (weight < 0) text += "0";
  else text += String(uint16At(bytes, start));
  for (let group = 1; group <= weight; group++) {
    text += group < count ? PADDED[uint16At(bytes, start + group * 2)] : "0000";
  }
  if (count <= weight + 1) return text;
  text += ".";
  for (let group = weight + 1; group < 0; group++) text += "0000";
  for (let group = Math.max(weight + 1, 0); group < count; group++) {
    text += PADDED[uint16At(bytes, start + group * 2)];
  }
  let end = text.length;
  while (text.charCodeAt(end - 1) === ZERO) end--;
  return text.slice(0, text.charCodeAt(end - 1) === POINT ? end - 1 : end);
}

const ZERO = 48;
const POINT = 46;

function isTooLong(value: string): boolean {
  const decimal = decimalOf(value) ?? value;
  const point = decimal.indexOf(".");
  const whole = point === -1 ? decimal.length : point;
  const fraction = point === -1 ? 0 : decimal.length - point - 1;
  const sign = decimal.startsWith("-") ? 1 : 0;
  return whole - sign > WHOLE_DIGITS_MAX || fraction > FRACTION_DIGITS_MAX;
}

const SIGNS: ReadonlyMap<Value, number> = new Map<Value, number>([
  ["NaN", 0xc000],
  ["Infinity", 0xd000],
  ["-Infinity", 0xf000],
]);

function writeDecimal(text: string, out: Out): void {
  const special = SIGNS.get(text);
  if (special !== undefined) return putNumeric(out, [], { weight: 0, sign: special, scale: 0 });
  const isBelow = text.startsWith("-");
  const point = text.indexOf(".");
  const whole = text.slice(isBelow ? 1 : 0, point === -1 ? text.length : point);
  const fraction = point === -1 ? "" : text.slice(point + 1);
  const groups: number[] = [];
  const first = whole.length % 4;
  if (first > 0) groups.push(Number(whole.slice(0, first)));
  for (let at = first; at < whole.length; at += 4) groups.push(Number(whole.slice(at, at + 4)));
  let weight = groups.length - 1;
  for (let at = 0; at < fraction.length; at += 4) {
    groups.push(Number(fraction.slice(at, at + 4).padEnd(4, "0")));
  }
  let start = 0;
  while (groups[start] === 0) start++;
  weight -= start;
  let end = groups.length;
  while (end > start && groups[end - 1] === 0) end--;
  const used = groups.slice(start, end);
  putNumeric(out, used, {
    weight: used.length === 0 ? 0 : weight,
    sign: isBelow ? NEGATIVE : 0,
    scale: fraction.length,
  });
}

function putNumeric(
  out: Out,
  groups: readonly number[],
  { weight, sign, scale }: { weight: number; sign: number; scale: number },
): void {
  putLength(out, 8 + groups.length * 2);
  putInt16(out, groups.length);
  putInt16(out, weight);
  putInt16(out, sign);
  putInt16(out, scale);
  for (const group of groups) putInt16(out, group);
}

/** Twelve digits before the point and eight after it: what amounts of money and the like have. */
const SHORT_WHOLE = 12;
const SHORT_FRACTION = 8;
const MINUS = 45;
const groupsOfShort = new Int32Array(5);

/** Writes a canonical form that is short; false: the plain way has to look at it. */
function shortWriter(type: LogicalType): (text: string, out: Out) => boolean {
  const { precision = 1000, scale = 1000 } = type.kind === "decimal" ? type : {};
  const isUnbounded = type.kind === "decimal" && type.precision === undefined;
  if (!isUnbounded && (scale < 0 || scale > precision)) return () => false;
  const wholeMax = Math.min(SHORT_WHOLE, isUnbounded ? SHORT_WHOLE : precision - scale);
  const fractionMax = Math.min(SHORT_FRACTION, scale);
  return (text, out) => {
    const isBelow = text.charCodeAt(0) === MINUS;
    const start = isBelow ? 1 : 0;
    let at = start;
    const whole = digitsFrom(text, at, SHORT_WHOLE);
    at = digitsEnd;
    const digits = at - start;
    if (digits === 0 || (text.charCodeAt(start) === ZERO && (digits > 1 || isBelow))) return false;
    if (digits > wholeMax && whole > 0) return false;
    let fraction = 0;
    let shown = 0;
    if (at < text.length) {
      if (text.charCodeAt(at) !== POINT || text.charCodeAt(text.length - 1) === ZERO) return false;
      fraction = digitsFrom(text, at + 1, SHORT_FRACTION);
      shown = digitsEnd - at - 1;
      if (shown === 0 || shown > fractionMax || digitsEnd !== text.length) return false;
      fraction *= 10 ** (SHORT_FRACTION - shown);
    }
    putShort(out, { whole, fraction, shown, isBelow });
    return true;
  };
}

/** Where the digits ended that were read last: an object for each number would cost. */
let digitsEnd = 0;

function digitsFrom(text: string, from: number, max: number): number {
  let number = 0;
  let at = from;
  for (; at < text.length && at - from < max; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) break;
    number = number * 10 + digit;
  }
  digitsEnd = at;
  return number;
}

interface Short {
  readonly whole: number;
  /** As if it had all its digits. */
  readonly fraction: number;
  readonly shown: number;
  readonly isBelow: boolean;
}

function putShort(out: Out, { whole, fraction, shown, isBelow }: Short): void {
  const groups = groupsOfShort;
  groups[0] = Math.floor(whole / 1e8);
  groups[1] = Math.floor(whole / 1e4) % 1e4;
  groups[2] = whole % 1e4;
  groups[3] = Math.floor(fraction / 1e4);
  groups[4] = fraction % 1e4;
  let first = 0;
  while (first < 5 && groups[first] === 0) first++;
  let end = 5;
  while (end > first && groups[end - 1] === 0) end--;
  putLength(out, 8 + (end - first) * 2);
  putInt16(out, end - first);
  putInt16(out, end === first ? 0 : 2 - first);
  putInt16(out, isBelow ? NEGATIVE : 0);
  putInt16(out, shown);
  for (let group = first; group < end; group++) putInt16(out, groups[group] as number);
}
