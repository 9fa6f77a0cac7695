// One record through a mapping, as a run would do it.
import { SyncError } from "../../core/errors.ts";
import { givenValue } from "../../core/given.ts";
import { compileTransform } from "../../core/mapping.ts";
import { parsePath, valueAt, withValueAt, type Path } from "../../core/path.ts";
import { ABSENT, type Value } from "../../core/state.ts";
import type { Converter, RecordView } from "../../core/transform.ts";
import { isList, isObject } from "../../core/values.ts";
import { fromDate, namedAs, viewOf } from "./custom-transformations.ts";
import { refuseInherited } from "./inherited.ts";
import type { FieldMapping } from "./sync-config.ts";

/** A record as JavaScript holds it. */
export interface DataRecord {
  readonly [field: string]: unknown;
}

/** Applies mappings to single records, outside of any run. */
export class DataTransformer {
  /**
   * What the target would be sent: only what is mapped. Throws VALUE_UNREADABLE with everything
   * that is wrong, without the record's data, and CONFIG_INVALID for a mapping that cannot be.
   */
  transform(data: DataRecord, mappings: readonly FieldMapping[]): DataRecord {
    const record = viewOf(data);
    const errors: string[] = [];
    let made: Value = {};
    for (const line of mappings) {
      const result = valueOf(line, data, record);
      if (result.kind === "wrong") {
        errors.push(result.error);
        continue;
      }
      if (result.value === ABSENT) continue;
      const { column, steps } = refuseInherited(parsePath(line.target));
      const next: Value | undefined = withValueAt(made, [column, ...steps], result.value);
      if (next === undefined) errors.push(broken(line, "another line has a value in its way"));
      else made = next;
    }
    if (errors.length === 0) return plain(made) as DataRecord; // it began as an object
    throw new SyncError("VALUE_UNREADABLE", `Transformation errors: ${errors.join(", ")}`);
  }
}

type Result =
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "wrong"; readonly error: string };

function valueOf(line: FieldMapping, data: DataRecord, record: RecordView): Result {
  const { target, required, defaultValue, validate } = line;
  const path = refuseInherited(parsePath(line.source, (name) => Object.hasOwn(data, name)));
  const found = held(data, path);
  if (found.kind === "wrong") return wrong(broken(line, found.error));
  let { value } = found;
  if (value === ABSENT && defaultValue !== undefined) value = defaultValue;
  if (required === true && isNothing(value)) return wrong(missing(target));
  const over = converterOf(line)?.over(value, record);
  if (over?.kind === "refused") return wrong(broken(line, over.reason));
  if (over !== undefined) ({ value } = over);
  if (required === true && isNothing(value)) return wrong(missing(target));
  if (validate !== undefined && !isNothing(value) && !passes(validate, value)) {
    return wrong(`Validation failed for field '${target}'`);
  }
  return { kind: "value", value };
}

function held(data: DataRecord, { column, steps }: Path): Result {
  if (!Object.hasOwn(data, column)) return { kind: "value", value: ABSENT };
  const value = givenValue(fromDate(data[column]));
  if (value.kind === "refused") return wrong(`it holds ${value.reason}, which is no value`);
  return { kind: "value", value: valueAt(value.value, steps) };
}

function converterOf({ transform }: FieldMapping): Converter | undefined {
  if (transform === undefined) return undefined;
  const named = typeof transform === "function" ? namedAs(transform) : undefined;
  return compileTransform(named ?? transform);
}

function passes(validate: NonNullable<FieldMapping["validate"]>, value: Value): boolean {
  try {
    const answer: unknown = validate(value);
    return Boolean(answer) && !(answer instanceof Promise);
  } catch {
    return false;
  }
}

function isNothing(value: Value): boolean {
  return value === null || value === ABSENT;
}

const wrong = (error: string): Result => ({ kind: "wrong", error });
const missing = (target: string): string => `Required field '${target}' is missing`;
const broken = ({ source }: FieldMapping, why: string): string =>
  `Error transforming field '${source}': ${why}`;

/** With the prototypes that JavaScript's own objects have. */
function plain(value: Value): unknown {
  if (isList(value)) return value.map(plain);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}
