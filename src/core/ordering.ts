// Greater and less between two values of one field, for filters and rules. Unlike the order of
// keys and of ties, it may have no answer: null, NaN and values of different kinds are neither
// greater nor less than each other.

import type { LogicalType } from "./logical.ts";
import { isEnd } from "./moments.ts";
import { encodeDecimal } from "./ordered-number.ts";
import type { Value } from "./state.ts";

/** Below 0, 0 or above 0; undefined: the two cannot be compared. */
export type Compare = (a: Value, b: Value) => number | undefined;

/**
 * How values of a type compare: numbers and decimals by size, dates and times by time, text by code
 * points (as UTF-8 bytes, `COLLATE "C"`). Without a type, numbers with numbers and texts with
 * texts.
 */
export function makeCompare(type?: LogicalType): Compare {
  switch (type?.kind) {
    case "decimal":
      return compareDecimals;
    case "instant":
    case "datetime":
    case "date":
      return compareMoments;
    default:
      return comparePlain;
  }
}

function comparePlain(a: Value, b: Value): number | undefined {
  if (typeof a === "string") return typeof b === "string" ? compareText(a, b) : undefined;
  const isNumbers = isNumber(a) && isNumber(b);
  if (!isNumbers || Number.isNaN(a) || Number.isNaN(b)) return undefined;
  return a < b ? -1 : a > b ? 1 : 0;
}

function isNumber(value: Value): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function compareDecimals(a: Value, b: Value): number | undefined {
  if (typeof a !== "string" || typeof b !== "string") return undefined;
  const [left, right] = [encodeDecimal(a), encodeDecimal(b)];
  if (left === undefined || right === undefined) return undefined;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** UTF-16 puts what is beyond U+FFFF (in two surrogates) before U+E000; UTF-8 does not. */
function compareText(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left === right) continue;
    return left >= 0xd800 && right >= 0xd800 ? lifted(left) - lifted(right) : left - right;
  }
  return a.length - b.length;
}

function lifted(unit: number): number {
  return unit < 0xe000 ? unit + 0x10000 : unit;
}

/**
 * Canonical texts of one kind compare by their letters, but for two things: the Z of `…:00Z` is
 * after the point of `…:00.5Z`, and years with a sign are not in the order of their letters.
 */
function compareMoments(a: Value, b: Value): number | undefined {
  if (typeof a !== "string" || typeof b !== "string") return undefined;
  if (a === b) return 0;
  const years = yearOf(a) - yearOf(b);
  if (Number.isNaN(years)) return undefined;
  if (years !== 0) return years;
  const [left, right] = [withoutYear(a), withoutYear(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function yearOf(moment: string): number {
  if (isEnd(moment)) return moment.startsWith("-") ? -Infinity : Infinity;
  return Number(moment.slice(0, yearEnd(moment)));
}

function withoutYear(moment: string): string {
  return moment.slice(yearEnd(moment), moment.endsWith("Z") ? -1 : undefined);
}

/** A sign belongs to the year. */
function yearEnd(moment: string): number {
  return moment.indexOf("-", 1);
}
