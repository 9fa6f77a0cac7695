// Values as texts, and back: one form for every logical type, from which exactly that value comes
// back. What people write otherwise (`t` for true, `1.50`) is understood as the type does.
import { bytesIn, documentText, textOfBytes } from "../../core/cell-text.ts";
import { formatJson, parseJson } from "../../core/json.ts";
import { JSON_NULL, digitsIn } from "../../core/state.ts";
import type { Value } from "../../core/state.ts";
import { canonical } from "../../core/values.ts";
import type { LogicalType } from "../../core/values.ts";

/** How the text of a field is read under a type. Absent: the text is the value. */
export function textReader(type: LogicalType): ((cell: Value) => Value | undefined) | undefined {
  switch (type.kind) {
    case "any":
      return undefined;
    case "text":
    case "named":
      return isUnbound(type) ? undefined : (cell) => canonical(type, cell);
    case "integer":
      return orNull(quickly(type, 0, isWide(type)));
    case "real":
      return orNull(quickly(type, 1, isUnbound(type)));
    case "bytes":
      return orNull((cell) => converted(type, cell, bytesIn));
    case "json":
      return orNull((cell) => converted(type, cell, parseJson));
    default:
      return orNull((cell) => canonical(type, cell));
  }
}

/** Programs that quote every field write NULL as "", which is no number, date or document. */
function orNull(read: (cell: Value) => Value | undefined): (cell: Value) => Value | undefined {
  return (cell) => (cell === "" ? null : read(cell));
}

function converted(
  type: LogicalType,
  cell: Value,
  parse: (text: string) => Value | undefined,
): Value | undefined {
  const value = typeof cell === "string" ? parse(cell) : cell;
  return value === undefined ? undefined : canonical(type, value);
}

/** A value as the text of a field; undefined: the type does not hold it. NULL is not asked. */
export function textToken(type: LogicalType, value: Value): string | undefined {
  const form = canonical(type, value);
  switch (typeof form) {
    case "string":
      return type.kind === "json" ? JSON.stringify(form) : form;
    case "number":
    case "boolean":
    case "bigint":
      return type.kind === "json" ? formatJson(form) : String(form);
    case "symbol":
      return form === JSON_NULL && type.kind !== "any" ? "null" : undefined;
    case "object":
      if (form === null) return undefined;
      // Without a type it would come back as a text that says something else.
      if (type.kind === "any" && digitsIn(form) === undefined) return undefined;
      return form instanceof Uint8Array ? textOfBytes(form) : documentText(form);
    default:
      return undefined;
  }
}

/** The plain way for all texts but those of which a quick look says what number they are. */
function quickly(type: LogicalType, pointsMax: number, isQuick: boolean) {
  if (!isQuick) return (cell: Value) => canonical(type, cell);
  return (cell: Value) =>
    typeof cell === "string" && isShortNumber(cell, pointsMax)
      ? Number(cell)
      : canonical(type, cell);
}

/** Up to fifteen digits, every decimal number is a double, and every double one such number. */
const SHORT_CHARS = 15;
const ZERO = 0x30;
const NINE = 0x39;
const POINT = 0x2e;

/** Digits, with a point between two of them where one may be, and no zeros in front. */
function isShortNumber(text: string, pointsMax: number): boolean {
  const { length } = text;
  if (length > SHORT_CHARS) return false;
  const start = text.charCodeAt(0) === 0x2d ? 1 : 0;
  const first = text.charCodeAt(start);
  if (!(first >= ZERO && first <= NINE)) return false;
  // Zero itself, and what begins with it, may be written in more ways.
  if (first === ZERO && (start === 1 || (length > 1 && text.charCodeAt(1) !== POINT))) return false;
  let points = 0;
  for (let at = start + 1; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code >= ZERO && code <= NINE) continue;
    if (code !== POINT || at === length - 1) return false;
    points += 1;
  }
  return points <= pointsMax;
}

const SHORT_END = 1e15;

/** Its bounds, if it has any, are beyond all short integers. */
function isWide({ min, max }: LogicalType & { readonly kind: "integer" }): boolean {
  return (min === undefined || min <= -SHORT_END) && (max === undefined || max >= SHORT_END);
}

/** No bounds: all that the kind holds. */
function isUnbound(type: LogicalType): boolean {
  return Object.keys(type).length === 1;
}
