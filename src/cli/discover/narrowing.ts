// Which values of one type another one does not take, in words.
import type { LogicalType } from "../../core/values.ts";
import { typeName } from "../../core/values.ts";

/** What of `from` is refused by `to`, value by value; undefined: nothing is known of any. */
export function narrowing(from: LogicalType, to: LogicalType): string | undefined {
  if (to.kind === "any") return undefined;
  if (from.kind === "any") return `what is no ${typeName(to)} is refused`;
  if (from.kind === "text" && to.kind === "text") return shorter(from, to);
  if (from.kind === "bytes" && to.kind === "bytes") {
    return isBelow(to.maxLength, from.maxLength)
      ? `more than ${to.maxLength} bytes are refused`
      : undefined;
  }
  if (to.kind === "integer") return toInteger(from, to);
  if (to.kind === "decimal") return toDecimal(from, to);
  if (to.kind === "text" && to.maxLength !== undefined) {
    return `what is longer than ${to.maxLength} as text is refused`;
  }
  return from.kind === "text" && to.kind !== "text"
    ? `text that is no ${typeName(to)} is refused`
    : undefined;
}

type Of<Kind extends LogicalType["kind"]> = Extract<LogicalType, { readonly kind: Kind }>;

function shorter(from: Of<"text">, to: Of<"text">): string | undefined {
  if (to.values !== undefined) {
    const missing = (from.values ?? []).filter((value) => to.values?.includes(value) === false);
    if (from.values !== undefined && missing.length === 0) return undefined;
    return `only its ${to.values.length} words are taken`;
  }
  if (isBelow(to.maxLength, from.maxLength)) {
    return `more than ${to.maxLength} characters are refused`;
  }
  if (isBelow(to.maxBytes, from.maxBytes)) return `more than ${to.maxBytes} bytes are refused`;
  return undefined;
}

function toInteger(from: LogicalType, to: Of<"integer">): string | undefined {
  if (from.kind === "boolean") return undefined;
  if (from.kind !== "integer") return "only whole numbers are taken";
  const isLower = to.min !== undefined && (from.min === undefined || from.min < to.min);
  const isHigher = to.max !== undefined && (from.max === undefined || from.max > to.max);
  if (!isLower && !isHigher) return undefined;
  return `only ${to.min ?? "…"} to ${to.max ?? "…"} are taken`;
}

function toDecimal(from: LogicalType, to: Of<"decimal">): string | undefined {
  if (to.precision === undefined) return undefined;
  const whole = to.precision - (to.scale ?? 0);
  if (from.kind === "decimal" && from.precision !== undefined) {
    const fits =
      (from.scale ?? 0) <= (to.scale ?? 0) && from.precision - (from.scale ?? 0) <= whole;
    if (fits) return undefined;
  }
  return `only what fits ${typeName(to)} is taken`;
}

function isBelow(limit: number | undefined, other: number | undefined): boolean {
  return limit !== undefined && (other === undefined || limit < other);
}
