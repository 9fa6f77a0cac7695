// Where two states of one record differ.
import { SyncError } from "../../core/errors.ts";
import { givenValue } from "../../core/given.ts";
import { ABSENT, type Value } from "../../core/state.ts";
import { isList, isObject, kindOf, same } from "../../core/values.ts";
import { fromDate } from "./custom-transformations.ts";
import type { DataRecord } from "./data-transformer.ts";

/** One field that both sides hold differently. */
export interface DataConflict {
  readonly field: string;
  readonly localValue: unknown;
  readonly remoteValue: unknown;
  readonly type: "type_mismatch" | "array_conflict" | "object_conflict" | "value_conflict";
  /** What both had seen before; not there: nobody knows. */
  readonly baseValue?: unknown;
}

/** Finds fields that two states of a record hold differently. */
export class ConflictDetector {
  /**
   * The fields that differ, in their order; with a base, only those that both sides changed. The
   * order of names in an object is no difference. Throws CONFIG_INVALID for what is no value.
   */
  detectConflicts(local: DataRecord, remote: DataRecord, base?: DataRecord): DataConflict[] {
    const fields = new Set([...Object.keys(local), ...Object.keys(remote)]);
    return [...fields].flatMap((field): DataConflict[] => {
      const ours = heldIn(local, field);
      const theirs = heldIn(remote, field);
      if (same(ours, theirs)) return [];
      const before = base === undefined ? undefined : heldIn(base, field);
      if (before !== undefined && (same(ours, before) || same(theirs, before))) return [];
      return [
        {
          field,
          localValue: own(local, field),
          remoteValue: own(remote, field),
          type: typeOf(ours, theirs),
          ...(base === undefined ? {} : { baseValue: own(base, field) }),
        },
      ];
    });
  }
}

/** A value as the engine has it. Throws CONFIG_INVALID for what is none. */
export function valueFrom(given: unknown, what: string): Value {
  const value = givenValue(fromDate(given));
  if (value.kind === "value") return value.value;
  throw new SyncError("CONFIG_INVALID", `${what} holds ${value.reason}, which is no value`);
}

function heldIn(record: DataRecord, field: string): Value {
  return Object.hasOwn(record, field) ? valueFrom(record[field], `Field '${field}'`) : ABSENT;
}

function own(record: DataRecord, field: string): unknown {
  return Object.hasOwn(record, field) ? record[field] : undefined;
}

function typeOf(ours: Value, theirs: Value): DataConflict["type"] {
  if (kindOf(ours) !== kindOf(theirs)) return "type_mismatch";
  if (isList(ours)) return "array_conflict";
  return isObject(ours) ? "object_conflict" : "value_conflict";
}
