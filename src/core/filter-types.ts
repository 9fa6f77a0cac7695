// A filter against the types of the columns that it reads.

import { SyncError } from "./errors.ts";
import type { FilterSpec, PartOperator } from "./filter.ts";
import { canonical, typeName, whyNot } from "./logical.ts";
import type { LogicalType } from "./logical.ts";
import { kindOf } from "./kinds.ts";
import { didYouMean } from "./nearest.ts";
import { parsePath } from "./path.ts";
import type { Value } from "./state.ts";

/**
 * The filter with every literal in the canonical form of its column. Throws FILTER_INVALID for what
 * can never hold (a number against text), COLUMN_MISSING for a column that is not there.
 */
export function checkFilterTypes(
  spec: FilterSpec,
  types: ReadonlyMap<string, LogicalType>,
): FilterSpec {
  switch (spec.kind) {
    case "and":
    case "or":
      return { kind: spec.kind, of: spec.of.map((part) => checkFilterTypes(part, types)) };
    case "not":
      return { kind: "not", of: checkFilterTypes(spec.of, types) };
    case "expression":
      return spec; // it looks at the types by itself when it is bound
    default: {
      const type = typeOf(spec.field, types);
      return type === undefined ? spec : checkTest(spec, type);
    }
  }
}

type Test = Exclude<FilterSpec, { readonly kind: "and" | "or" | "not" | "expression" }>;

/** undefined: a place inside a document, which may hold anything. */
function typeOf(field: string, types: ReadonlyMap<string, LogicalType>): LogicalType | undefined {
  const { column, steps } = parsePath(field, (name) => types.has(name));
  const type = types.get(column);
  if (type === undefined) {
    throw new SyncError("COLUMN_MISSING", `The filter reads '${field}': no such column`, {
      hint: didYouMean(column, types.keys()),
    });
  }
  const holdsAnything = type.kind === "json" || type.kind === "any";
  if (steps.length > 0 && !holdsAnything) {
    throw invalid(field, `is a path into a column that holds ${type.kind}, not JSON`);
  }
  return holdsAnything ? undefined : type;
}

function checkTest(spec: Test, type: LogicalType): FilterSpec {
  const { field } = spec;
  switch (spec.kind) {
    case "presence":
      return spec;
    case "compare":
      return { ...spec, value: literal(field, spec.value, type) };
    case "among":
      return { ...spec, values: spec.values.map((value) => literal(field, value, type)) };
    case "between":
      return {
        ...spec,
        from: literal(field, spec.from, type),
        to: literal(field, spec.to, type),
      };
    case "part":
      checkHasParts(field, spec.operator, type);
      return spec;
  }
}

const WITHOUT_PARTS: ReadonlySet<LogicalType["kind"]> = new Set([
  "boolean",
  "integer",
  "real",
  "decimal",
  "bytes",
]);

function checkHasParts(field: string, operator: PartOperator, type: LogicalType): void {
  if (!WITHOUT_PARTS.has(type.kind)) return;
  throw invalid(field, `holds ${typeName(type)}, and '${operator}' looks into text`);
}

/**
 * Only a literal of the column's own kind is taken: "7" is no number, and 7 no text. What has no
 * order of greater and less (booleans, bytes) is refused with it: bounds are numbers or texts.
 */
function literal(field: string, value: Value, type: LogicalType): Value {
  if (value === null) return value;
  if (!isOfKind(type, value)) {
    throw invalid(field, `holds ${typeName(type)} and is compared with ${kindOf(value)}`);
  }
  // An integer may well be compared with 1.5, and text with more than its column holds.
  if (type.kind === "integer") return value;
  const wide: LogicalType =
    type.kind === "text" || type.kind === "decimal" ? { kind: type.kind } : type;
  const form = canonical(wide, value);
  if (form !== undefined) return form;
  throw invalid(field, `is compared with a value that ${whyNot(wide, value) ?? "does not fit"}`);
}

function isOfKind(type: LogicalType, value: Value): boolean {
  const isNumber = typeof value === "number" || typeof value === "bigint";
  switch (type.kind) {
    case "integer":
    case "real":
      return isNumber;
    case "decimal":
      return isNumber || typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    case "bytes":
      return value instanceof Uint8Array;
    default:
      return typeof value === "string";
  }
}

function invalid(field: string, why: string): SyncError {
  return new SyncError("FILTER_INVALID", `The filter's field '${field}' ${why}`);
}
