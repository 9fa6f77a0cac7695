// How the fields of one side are called, and what they become, on the other. What is left unsaid is
// filled in here; lens.ts makes functions of it.

import { SyncError } from "./errors.ts";
import { isExpression } from "./expression.ts";
import type { Expression } from "./expression.ts";
import { givenValue } from "./given.ts";
import type { Around } from "./key-template.ts";
import type { LookupSpec } from "./lookup.ts";
import { didYouMean } from "./nearest.ts";
import type { Value } from "./state.ts";
import type {
  Converter,
  FunctionPair,
  RecordView,
  TransformArgs,
  TransformFunction,
} from "./transform.ts";
import { chained, convertByExpression } from "./transform-chain.ts";
import { convertByFunction } from "./transform-function.ts";
import { TEMPLATE_HOLE, TRANSFORMS } from "./transforms.ts";

/** One line of a mapping. */
export interface MappingSpec {
  /** A column or a path of the source. Not read where there is a `constant`. */
  readonly source: string;
  /** A column or a path of the target; the link field has this name. */
  readonly target: string;
  readonly transform?: TransformSpec;
  readonly lookup?: LookupSpec;
  /** Checked before and after the transform; null and ABSENT are missing. */
  readonly required?: boolean;
  /** Stands in for ABSENT before the transform, and for null only with `defaultForNull`. */
  readonly default?: Value;
  readonly defaultForNull?: boolean;
  /** The source is never written in this field. */
  readonly only?: "to-target";
  /** Every row has this value in the target; implies `only: to-target`. */
  readonly constant?: Value;
  /** Holds for the value that comes out of the transform; null and ABSENT are not looked at. */
  readonly validate?: ValidateSpec;
}

/** A check of one value: its row is rejected where the answer is no. */
export type ValidateSpec = Expression | ((value: Value, record: RecordView) => unknown);

/**
 * A named transform (or a template such as `req-${value}`), one with arguments, functions, an
 * expression, or several of these, one after the other.
 */
export type TransformSpec =
  | string
  | { readonly name: string; readonly args?: TransformArgs }
  | TransformFunction
  | FunctionPair
  | Expression
  | readonly TransformSpec[];

/** The names of a link's fields, in their order (membership not included). */
export function linkFields(mapping: readonly MappingSpec[]): readonly string[] {
  return mapping.map((line) => line.target);
}

/** True if the source only gives this field and never takes it back. */
export function isOnlyToTarget(line: MappingSpec): boolean {
  return line.only === "to-target" || line.constant !== undefined;
}

/** A mapping that changes nothing: the same names on both sides. */
export function sameNames(columns: readonly string[]): readonly MappingSpec[] {
  return columns.map((column) => ({ source: column, target: column }));
}

/**
 * The mapping with the key columns of the source that it does not mention in front, under their own
 * names: without them a target row could not be created. Throws CONFIG_INVALID where another line
 * already has that name.
 */
export function completeMapping(
  mapping: readonly MappingSpec[],
  sourceKey: readonly string[],
): readonly MappingSpec[] {
  const missing = sourceKey.filter((column) => lineOfKey(mapping, column) === undefined);
  for (const column of missing) {
    if (!mapping.some((line) => line.target === column)) continue;
    throw new SyncError("CONFIG_INVALID", `The key column '${column}' is not mapped`, {
      hint: `Another line has the target '${column}': map the key by a line of its own.`,
    });
  }
  return [...sameNames(missing), ...mapping];
}

/** What the key is called on the target. Key columns that are not mapped keep their names. */
export function targetKey(
  mapping: readonly MappingSpec[],
  sourceKey: readonly string[],
): readonly string[] {
  return sourceKey.map((column) => lineOfKey(mapping, column)?.target ?? column);
}

/** The line that carries a key column. A plain one is preferred to a transformed one. */
export function lineOfKey(
  mapping: readonly MappingSpec[],
  column: string,
): MappingSpec | undefined {
  const lines = mapping.filter((line) => line.constant === undefined && line.source === column);
  return lines.find((line) => !isConverted(line)) ?? lines[0];
}

/** True if a line does more than to rename. */
export function isConverted(line: MappingSpec): boolean {
  return line.transform !== undefined || line.lookup !== undefined;
}

/** The texts around a value that is all a transform puts there; undefined: it does more. */
export function textsAround(transform: TransformSpec): Around | undefined {
  return compileTransform(transform).around;
}

/** What a transform is called in messages. */
export function transformName(spec: TransformSpec): string {
  if (typeof spec === "string") return spec;
  if (typeof spec === "function") {
    // JavaScript calls an arrow function after the property that holds it.
    return spec.name === "" || spec.name === "transform" ? "a function" : spec.name;
  }
  if (isList(spec)) return spec.map(transformName).join(", ");
  if (isExpression(spec)) return spec.asWritten;
  return spec.name ?? "a function";
}

/** `Array.isArray` does not tell read-only lists apart. */
function isList(spec: TransformSpec): spec is readonly TransformSpec[] {
  return Array.isArray(spec);
}

/**
 * Makes a transform ready. Throws CONFIG_INVALID for an unknown name or arguments that do not fit.
 */
export function compileTransform(spec: TransformSpec): Converter {
  if (typeof spec === "function") return convertByFunction({ over: spec });
  if (isList(spec)) return chainOf(spec);
  if (isExpression(spec)) return convertByExpression(spec);
  if (typeof spec === "object" && "over" in spec) return convertByFunction(spec);
  const { name, args = {} } = typeof spec === "string" ? parseShort(spec) : spec;
  const transform = TRANSFORMS.get(name);
  if (transform === undefined) {
    throw new SyncError("CONFIG_INVALID", `The transform '${name}' is not known`, {
      hint: didYouMean(name, TRANSFORMS.keys()),
    });
  }
  for (const [arg, given] of Object.entries(args)) {
    if (!transform.args.includes(arg)) {
      throw new SyncError("CONFIG_UNKNOWN_KEY", `The transform '${name}' takes no '${arg}'`, {
        hint: didYouMean(arg, transform.args),
      });
    }
    const value = givenValue(given);
    if (value.kind === "value") continue;
    throw new SyncError("CONFIG_INVALID", `The '${arg}' of '${name}' has ${value.reason} in it`);
  }
  const made = transform.make(args);
  if (typeof made !== "string") return made;
  throw new SyncError("CONFIG_INVALID", `The transform '${name}' is not complete: ${made}`);
}

/** Transforms in one chain, at most (I9). */
const CHAIN_LENGTH_MAX = 20;

function chainOf(specs: readonly TransformSpec[]): Converter {
  if (specs.length > 0 && specs.length <= CHAIN_LENGTH_MAX && !specs.some(isList)) {
    return chained(specs.map(compileTransform));
  }
  throw new SyncError(
    "CONFIG_INVALID",
    `A list of transforms has 1 to ${CHAIN_LENGTH_MAX} of them, and no list in it`,
  );
}

function parseShort(spec: string): { readonly name: string; readonly args?: TransformArgs } {
  return spec.includes(TEMPLATE_HOLE)
    ? { name: "template", args: { template: spec } }
    : { name: spec };
}
