// The transforms of 000 as functions. Each is one of Syncline's own, which has a name of its own.
import { SyncError } from "../../core/errors.ts";
import { givenValue } from "../../core/given.ts";
import { compileTransform } from "../../core/mapping.ts";
import { ABSENT, type Value } from "../../core/state.ts";
import type { RecordView, TransformArgs } from "../../core/transform.ts";

interface Named {
  readonly name: string;
  readonly args?: TransformArgs;
}

/** A transform as a function of the value and its record. */
export type NamedFunction = (
  value: unknown,
  record?: { readonly [field: string]: unknown },
) => unknown;

const names = new WeakMap<object, Named>();

/** The named transform that a function stands for; undefined: it is somebody's own. */
export function namedAs(given: object): Named | undefined {
  return names.get(given);
}

function named(spec: Named): NamedFunction {
  const { over } = compileTransform(spec.args === undefined ? spec.name : spec);
  const call: NamedFunction = (value, record = {}) => {
    const from = givenValue(fromDate(value));
    if (from.kind === "refused") throw unfit(spec.name, from.reason);
    const result = over(from.value, viewOf(record));
    if (result.kind === "refused") throw unfit(spec.name, result.reason);
    return result.value === ABSENT ? undefined : result.value;
  };
  names.set(call, spec);
  return call;
}

/**
 * What records go through. Nothing is coerced: what a transform cannot take is refused with an
 * error, whose message has no data in it.
 */
export const CustomTransformations: {
  /** ISO 8601 in UTC from a date, a text or milliseconds; an empty text stays one. */
  readonly dateToISO: NamedFunction;
  /** `ISO_13485` and its like as `iso13485`; every other text in lower case. */
  readonly normalizeFramework: NamedFunction;
  /** The document of a JSON text; null where it is none. */
  readonly parseJSON: NamedFunction;
  /** `<type>-<value>`, the type from the record. A record without one is refused. */
  readonly generateId: NamedFunction;
  /** The texts of these fields of the record that are not empty, joined by blanks. */
  readonly concatenateFields: (fields: readonly string[]) => NamedFunction;
} = {
  dateToISO: named({ name: "dateToISO" }),
  normalizeFramework: named({ name: "normalizeFramework" }),
  parseJSON: named({ name: "parseJSON" }),
  generateId: named({ name: "generateId" }),
  concatenateFields: (fields) => named({ name: "concatenateFields", args: { fields } }),
};

/** The fields of a record that are values; those that are none are not there. */
export function viewOf(record: { readonly [field: string]: unknown }): RecordView {
  const view: { [field: string]: Value } = Object.create(null) as { [field: string]: Value };
  for (const [field, held] of Object.entries(record)) {
    const value = givenValue(fromDate(held));
    if (value.kind === "value" && value.value !== ABSENT) view[field] = value.value;
  }
  return view;
}

/** A moment of JavaScript's as its text; one that is none stays, and is no value. */
export function fromDate(given: unknown): unknown {
  const isMoment = given instanceof Date && !Number.isNaN(given.getTime());
  return isMoment ? given.toISOString() : given;
}

function unfit(name: string, reason: string): SyncError {
  return new SyncError("VALUE_UNREADABLE", `${name}: ${reason}`);
}
