// Numbers as texts that sort as the numbers do. A number is 0.d1d2d3… times ten to its exponent,
// with d1 > 0 and no zeros at the end. Its text is a letter for sign and exponent, the digits, and
// an end mark; below zero digits are nines' complements and the end mark is above every digit.
//
//   @ -Infinity   A -, exponent > 24   B..Y -, exponents 24..1   Z -, exponent <= 0   _ zero
//   ` +, exponent <= 0   a..x +, exponents 1..24   y +, exponent > 24   z Infinity

import { decimalOf, decimalOfNumber, smallest } from "./numerals.ts";

const LEAST = "@";
const ZERO = "_";
const GREATEST = "z";
const END = "\u0001";
const END_BELOW = "~";
const EXPONENT_MAX = 24;
/** Whole numbers up to here are integers of some store. */
const INTEGER_END = 2n ** 64n;
/** The letters of exponents 1 to 24 above zero; position 0 is for the extended small ones. */
const ABOVE = "`abcdefghijklmnopqrstuvwxy";
const BELOW = "ZYXWVUTSRQPONMLKJIHGFEDCBA";

/** The ordered text of a number; equal numbers have one text. undefined for NaN. */
export function encodeNumber(value: number | bigint): string | undefined {
  if (typeof value === "number") {
    // The common case by itself: a whole number that is safe and above zero.
    if (value > 0 && Number.isSafeInteger(value)) {
      const digits = String(value);
      return `${ABOVE[digits.length]}${value % 10 === 0 ? trimZeros(digits) : digits}${END}`;
    }
    if (value === 0) return ZERO;
    if (!Number.isFinite(value)) {
      return Number.isNaN(value) ? undefined : value > 0 ? GREATEST : LEAST;
    }
    return encodeDecimal(decimalOfNumber(value));
  }
  return encodeDecimal(String(value));
}

/** The ordered text of a numeral. undefined: it is none. */
export function encodeDecimal(text: string): string | undefined {
  if (text === "Infinity") return GREATEST;
  if (text === "-Infinity") return LEAST;
  const decimal = decimalOf(text);
  if (decimal === undefined || decimal === "0") return decimal && ZERO;
  const isBelow = decimal.startsWith("-");
  const [whole = "", part = ""] = (isBelow ? decimal.slice(1) : decimal).split(".");
  if (whole !== "0") return join(isBelow, whole.length, trimZeros(whole + part));
  const digits = part.replace(/^0+/, "");
  return join(isBelow, digits.length - part.length, digits);
}

/** A number out of `key` at `start`, and where the next component starts. */
export function decodeNumber(
  key: string,
  start: number,
): { readonly value: number | bigint | string; readonly next: number } {
  const letter = key.charAt(start);
  if (letter === ZERO) return { value: 0, next: start + 1 };
  if (letter === GREATEST) return { value: Infinity, next: start + 1 };
  if (letter === LEAST) return { value: -Infinity, next: start + 1 };
  const isBelow = letter <= "Z";
  const end = key.indexOf(isBelow ? END_BELOW : END, start);
  const body = key.slice(start + 1, end);
  const near = (isBelow ? BELOW : ABOVE).indexOf(letter);
  const { exponent, digits } = split(near, isBelow ? complement(body) : body);
  return { value: numberOf(isBelow ? "-" : "", digits, exponent), next: end + 1 };
}

/** True if a component that starts with this character is a number. */
export function startsNumber(letter: string): boolean {
  return letter >= LEAST && letter <= GREATEST;
}

function join(isBelow: boolean, exponent: number, digits: string): string {
  const near = exponent <= 0 ? 0 : Math.min(exponent, EXPONENT_MAX + 1);
  const body = `${extension(exponent)}${digits}`;
  return isBelow ? `${BELOW[near]}${complement(body)}${END_BELOW}` : `${ABOVE[near]}${body}${END}`;
}

/** How far an exponent is beyond its letter: a count of digits and the digits, in order. */
function extension(exponent: number): string {
  if (exponent > EXPONENT_MAX) return counted(exponent - EXPONENT_MAX);
  // Toward zero a greater distance is a smaller number.
  return exponent <= 0 ? complement(counted(-exponent)) : "";
}

function split(near: number, body: string): { exponent: number; digits: string } {
  if (near > 0 && near <= EXPONENT_MAX) return { exponent: near, digits: body };
  const toward = near === 0 ? complement(body) : body;
  const count = Number(toward.charAt(0));
  const distance = Number(toward.slice(1, count + 1));
  return {
    exponent: near === 0 ? -distance : EXPONENT_MAX + distance,
    digits: body.slice(count + 1),
  };
}

function numberOf(sign: string, digits: string, exponent: number): number | bigint | string {
  if (digits.length <= exponent) {
    const whole = sign + digits.padEnd(exponent, "0");
    return exponent <= 15 ? Number(whole) : wholeOf(BigInt(whole));
  }
  const decimal =
    exponent > 0
      ? `${sign}${digits.slice(0, exponent)}.${digits.slice(exponent)}`
      : `${sign}0.${"0".repeat(-exponent)}${digits}`;
  const number = Number(decimal);
  return decimalOfNumber(number) === decimal ? number : decimal;
}

/** Keys know only how much a number is: a double beyond 64 bits and its digits are one key. */
function wholeOf(whole: bigint): number | bigint {
  if (whole < INTEGER_END && whole > -INTEGER_END) return smallest(whole);
  const real = Number(whole);
  return Number.isFinite(real) && BigInt(real) === whole ? real : whole;
}

function counted(distance: number): string {
  const digits = String(distance);
  return `${digits.length}${digits}`;
}

function complement(digits: string): string {
  let out = "";
  for (let i = 0; i < digits.length; i++) out += String(57 - digits.charCodeAt(i)); // 57 is "9"
  return out;
}

function trimZeros(digits: string): string {
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === 48) end--; // 48 is "0"
  return end === digits.length ? digits : digits.slice(0, end);
}
