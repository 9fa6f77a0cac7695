// What becomes of a conflict.
import { SyncError } from "../../core/errors.ts";
import type { Rival } from "../../core/policy.ts";
import { unite } from "../../core/union.ts";
import type { Value } from "../../core/state.ts";
import { isList, order } from "../../core/values.ts";
import { valueFrom, type DataConflict } from "./conflicts.ts";

/** When each side was changed: a date, milliseconds since 1970, or a text in ISO 8601. */
export interface ResolutionContext {
  readonly localTimestamp: Date | number | string;
  readonly remoteTimestamp: Date | number | string;
}

/** Settles a conflict: the value that both are to hold. */
export interface ConflictResolutionStrategy {
  resolve(conflict: DataConflict, context: ResolutionContext): unknown;
}

/**
 * Who wrote last wins. Of two that wrote at the same time the greater value does, so that every
 * place comes to the same. Throws CONFIG_INVALID for what is no moment.
 */
export class LastWriterWinsStrategy implements ConflictResolutionStrategy {
  resolve(conflict: DataConflict, context: ResolutionContext): unknown {
    const { field, localValue, remoteValue } = conflict;
    const local = msOf(context.localTimestamp, "localTimestamp");
    const remote = msOf(context.remoteTimestamp, "remoteTimestamp");
    if (local !== remote) return local > remote ? localValue : remoteValue;
    return order(valueFrom(localValue, field), valueFrom(remoteValue, field)) > 0
      ? localValue
      : remoteValue;
  }
}

/**
 * The union of two lists, in the order of values. With a base, what one of them removed stays
 * away. Throws `Merge array strategy requires array values`.
 */
export class MergeArrayStrategy implements ConflictResolutionStrategy {
  readonly #key: string | undefined;

  /** `key` is the property that tells objects in a list apart; without one, all of them does. */
  constructor({ key }: { readonly key?: string } = {}) {
    this.#key = key;
  }

  resolve({ field, localValue, remoteValue, baseValue }: DataConflict): unknown {
    const local = valueFrom(localValue, field);
    const remote = valueFrom(remoteValue, field);
    if (!isList(local) || !isList(remote)) {
      throw new SyncError("CONFIG_INVALID", "Merge array strategy requires array values");
    }
    const before: Value | undefined =
      baseValue === undefined ? undefined : valueFrom(baseValue, field);
    const rivals = [local, remote].map((value, side): Rival => {
      return { side, value, base: before, stamp: 0, first: false };
    });
    const united = unite(before, rivals, this.#key);
    if (united !== undefined) return united;
    const message = `Field '${field}': both sides changed one of its elements`;
    const hint = "Settle that by a rule of your own: no union holds both.";
    throw new SyncError("CONFIG_INVALID", message, { hint });
  }
}

/** A rule of your own. Both functions have to depend on nothing but what they are given. */
export interface ConflictRule {
  condition(conflict: DataConflict, context: ResolutionContext): boolean;
  resolution(conflict: DataConflict, context: ResolutionContext): unknown;
}

/** The first rule that is meant settles it; if none is, who wrote last wins. */
export class CustomRuleStrategy implements ConflictResolutionStrategy {
  readonly #rules: readonly ConflictRule[];
  readonly #otherwise = new LastWriterWinsStrategy();

  constructor(rules: readonly ConflictRule[]) {
    this.#rules = rules;
  }

  resolve(conflict: DataConflict, context: ResolutionContext): unknown {
    const rule = this.#rules.find((each) => each.condition(conflict, context));
    if (rule === undefined) return this.#otherwise.resolve(conflict, context);
    return rule.resolution(conflict, context);
  }
}

function msOf(moment: ResolutionContext["localTimestamp"], what: string): number {
  const ms = new Date(moment).getTime();
  if (!Number.isNaN(ms)) return ms;
  throw new SyncError("CONFIG_INVALID", `${what} is no moment`, {
    hint: "Give a date, milliseconds since 1970, or a text in ISO 8601.",
  });
}
