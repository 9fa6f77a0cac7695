// Numbers as texts: what a double cannot hold is never squeezed through one.

import { exactNumber } from "./state.ts";
import type { ExactNumber } from "./state.ts";

/** Digits of one decimal, at most; what needs more is refused (I9). */
export const DECIMAL_DIGITS_MAX = 150_000;

const CANONICAL = /^(?:-(?!0$))?(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/;
const NUMERAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?$/;

/**
 * The one decimal text of a numeral: no exponent, no plus, no leading or trailing zeros, no
 * negative zero. undefined: the text is no numeral, or over DECIMAL_DIGITS_MAX.
 */
export function decimalOf(text: string): string | undefined {
  if (text.length <= DECIMAL_DIGITS_MAX && CANONICAL.test(text)) return text;
  const [, sign, whole = "", part = "", exponent = "0"] = NUMERAL.exec(text) ?? [];
  if (sign === undefined || whole.length + part.length === 0) return undefined;
  const digits = whole + part;
  const point = whole.length + Number(exponent);
  if (/^0*$/.test(digits)) return "0";
  if (Math.max(point, digits.length, digits.length - point) > DECIMAL_DIGITS_MAX) return undefined;
  const left = point > 0 ? digits.slice(0, point).padEnd(point, "0").replace(/^0+/, "") : "";
  const right =
    point < digits.length ? "0".repeat(Math.max(-point, 0)) + digits.slice(Math.max(point, 0)) : "";
  const fraction = right.replace(/0+$/, "");
  return (
    (sign === "-" ? "-" : "") + (left === "" ? "0" : left) + (fraction === "" ? "" : `.${fraction}`)
  );
}

/**
 * The decimal text of a finite number: whole ones exactly, others as short as JavaScript prints
 * them (0.1 is `0.1`), 1e-7 is `0.0000001`.
 */
export function decimalOfNumber(number: number): string {
  // Beyond the safe integers JavaScript prints rounded digits; stores compare all of them.
  if (Number.isInteger(number) && !Number.isSafeInteger(number)) return String(BigInt(number));
  return shortestOf(number);
}

/** The double that a numeral stands for. undefined: it has more digits than a double keeps. */
export function doubleOf(text: string): number | undefined {
  const decimal = decimalOf(text);
  if (decimal === undefined) return undefined;
  const double = Number(decimal);
  if (!Number.isFinite(double)) return undefined;
  // 1e23 is what people write for a double whose exact digits are 99999999999999991611392.
  return decimal === decimalOfNumber(double) || decimal === shortestOf(double) ? double : undefined;
}

function shortestOf(number: number): string {
  const text = String(number); // -0 prints as 0
  return text.includes("e") ? (decimalOf(text) ?? text) : text;
}

/** The whole number that a numeral stands for: a number when safe, else a bigint. */
export function integerOf(text: string): number | bigint | undefined {
  if (/^(?:0|-?[1-9]\d{0,14})$/.test(text)) return Number(text);
  const decimal = decimalOf(text);
  return decimal === undefined || decimal.includes(".") ? undefined : smallest(BigInt(decimal));
}

/** A bigint as a number when that is safe. */
export function smallest(integer: bigint): number | bigint {
  return integer >= Number.MIN_SAFE_INTEGER && integer <= Number.MAX_SAFE_INTEGER
    ? Number(integer)
    : integer;
}

/** Whole numbers up to here are integers of some store; beyond it they are doubles. */
const INTEGER_END = 2n ** 64n;

/**
 * The one form of a number that may be an integer or a double: a number where it is safe, a bigint
 * up to 64 bits, beyond that a double if its digits are those that a double stands for: 10^23 is,
 * 2^65 would come back as 36893488147419103000. -0 becomes 0.
 */
export function plain(value: number | bigint): number | bigint {
  if (typeof value === "number") {
    if (!Number.isInteger(value) || Number.isSafeInteger(value)) return value + 0;
    const integer = BigInt(value);
    return integer < INTEGER_END && integer > -INTEGER_END ? integer : value;
  }
  if (value < INTEGER_END && value > -INTEGER_END) return smallest(value);
  const real = Number(value);
  return Number.isFinite(real) && shortestOf(real) === String(value) ? real : value;
}

/** The decimal text of a finite number in that form: what it is compared and ordered by. */
export function decimalOfPlain(value: number | bigint): string {
  if (typeof value === "bigint") return String(value);
  return Math.abs(value) < Number(INTEGER_END) ? decimalOfNumber(value) : shortestOf(value);
}

/** Digits that an exponent may stand for in a document (I9): more than any double's. */
const EXPANDED_MAX = 400;

/**
 * The one form of a numeral in a document: a double where that has all its digits, else a whole
 * number, else an exact one. undefined: it is none, or too long.
 */
export function numberOf(text: string): number | bigint | ExactNumber | undefined {
  if (/^-?\d+$/.test(text)) return plain(BigInt(text));
  const decimal = decimalOf(text);
  if (decimal === undefined || decimal.length > text.length + EXPANDED_MAX) return undefined;
  // Whole numbers are not squeezed through a double: up to 64 bits it would have other digits.
  return decimal.includes(".")
    ? (doubleOf(decimal) ?? exactNumber(decimal))
    : plain(BigInt(decimal));
}

/** How many digits a decimal text has before and after its point. */
export function digitsOf(decimal: string): { readonly whole: number; readonly fraction: number } {
  const start = decimal.startsWith("-") ? 1 : 0;
  const point = decimal.indexOf(".");
  const end = point === -1 ? decimal.length : point;
  const isZero = end - start === 1 && decimal[start] === "0";
  return {
    whole: isZero ? 0 : end - start,
    fraction: point === -1 ? 0 : decimal.length - point - 1,
  };
}

/**
 * True if a decimal has no more digits than so many, of which `scale` are after the point: below
 * zero the last ones before it are zeros, above the precision the first ones after it.
 */
export function fitsDigits(decimal: string, precision: number, scale: number): boolean {
  if (decimal === "0") return true;
  const { whole, fraction } = digitsOf(decimal);
  if (fraction > Math.max(scale, 0) || whole > Math.max(precision - scale, 0)) return false;
  // Whole tens, hundreds, …: the digits of that many places are zeros.
  if (scale < 0) return decimal.endsWith("0".repeat(-scale));
  // A scale above the precision: that many places after the point are zeros.
  const zeros = "0".repeat(Math.max(scale - precision, 0));
  return zeros === "" || decimal.replace("-", "").startsWith(`0.${zeros}`);
}
