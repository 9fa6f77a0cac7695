// What a lens is made of, and everything about it that is refused before a row was seen.

import { SyncError } from "./errors.ts";
import { isExpression } from "./expression.ts";
import type { FilterSpec } from "./filter.ts";
import { givenValue } from "./given.ts";
import type { FieldParts } from "./lens-field.ts";
import type { LogicalType } from "./logical.ts";
import type { LookupSpec } from "./lookup.ts";
import { compileTransform, isOnlyToTarget, transformName } from "./mapping.ts";
import type { MappingSpec } from "./mapping.ts";
import { didYouMean } from "./nearest.ts";
import { overlap, parsePath } from "./path.ts";
import type { Path } from "./path.ts";
import { throwAll } from "./problems.ts";
import type { Value } from "./state.ts";
import type { Converter, TransformArgs } from "./transform.ts";

/** A field of the link. */
export interface LinkField {
  readonly name: string;
  /** Absent: not known, values travel as they are. */
  readonly type?: LogicalType;
  /** What becomes of ABSENT. Default: `null` for a path inside a document, else `keep`. */
  readonly absent?: "null" | "keep";
}

/** What a lens is made of. */
export interface LensSpec {
  readonly side: "source" | "target";
  readonly mapping: readonly MappingSpec[];
  /** Both ways: the source is written too, so every field needs a way back. */
  readonly direction: "one-way" | "two-way";
  /** This side's own key columns, in key order. */
  readonly key: readonly string[];
  /** This side's own columns with their types; absent: rows without a schema. */
  readonly columns?: ReadonlyMap<string, LogicalType>;
  /** Every field of the link, in order, without membership. Absent: the mapping's targets. */
  readonly fields?: readonly LinkField[];
  /** Only for the side that owns it: the last link field is then membership. */
  readonly filter?: FilterSpec;
  /** True on the other sides of a link with a filter: rows have a place for membership. */
  readonly hasMembership?: boolean;
}

/**
 * The parts of every field of a side. Throws all that is wrong with the mapping at once:
 * LENS_NO_INVERSE, or CONFIG_INVALID for paths, transforms and lines that get in each other's way.
 */
export function lensParts(spec: LensSpec, fields: readonly LinkField[]): readonly FieldParts[] {
  const problems: SyncError[] = [];
  const parts: FieldParts[] = [];
  for (const line of spec.mapping) {
    try {
      parts.push(partsOfLine(spec, fields, line));
    } catch (error) {
      // Collected, because a person wants to see every broken line at once.
      if (!(error instanceof SyncError)) throw error;
      problems.push(error);
    }
  }
  throwAll([...problems, ...collisions(parts)]);
  return parts;
}

function partsOfLine(spec: LensSpec, fields: readonly LinkField[], line: MappingSpec): FieldParts {
  const isColumn = (name: string): boolean => spec.columns?.has(name) ?? false;
  const isSource = spec.side === "source";
  const at = fields.findIndex((field) => field.name === line.target);
  const field = fields[at];
  if (field === undefined) {
    throw new SyncError("CONFIG_INVALID", `The link has no field '${line.target}'`, {
      hint: didYouMean(
        line.target,
        fields.map((each) => each.name),
      ),
    });
  }
  // Both paths are read on either side: a forbidden name is refused whoever is compiled first.
  const target = parsePath(line.target, isSource ? undefined : isColumn);
  const isConstant = isSource && line.constant !== undefined;
  const source =
    line.constant === undefined ? sourcePath(line, isSource ? isColumn : undefined) : target;
  const path = isConstant ? undefined : isSource ? source : target;
  const converter = isSource && !isConstant ? converterOf(line) : undefined;
  // The source of a one-way link is never written.
  const writable = !isSource || (spec.direction === "two-way" && !isOnlyToTarget(line));
  if (writable) checkWayBack(line, converter);
  // Both sides have to agree on it, whichever of them has the document.
  const isNested = source.steps.length > 0 || target.steps.length > 0;
  return {
    at,
    name: line.target,
    ownName: isSource ? line.source : line.target,
    path,
    converter,
    reads: [...readsOf(spec, line, converter), ...(isSource ? validateReads(spec, line) : [])],
    isExpressed: converter?.bind !== undefined || isExpression(line.validate),
    constant: isConstant ? checked(line, "constant") : undefined,
    required: isSource && line.required === true,
    validate: isSource ? line.validate : undefined,
    fallback: isSource ? checked(line, "default") : undefined,
    fallbackForNull: isSource && line.defaultForNull === true,
    absentIsNull: (field.absent ?? (isNested ? "null" : "keep")) === "null",
    ownType: path === undefined ? undefined : ownType(spec, path),
    linkType: field.type,
    writable,
  };
}

function sourcePath(line: MappingSpec, isColumn?: (name: string) => boolean): Path {
  if (line.source !== "") return parsePath(line.source, isColumn);
  throw new SyncError("CONFIG_INVALID", `Field '${line.target}' has no source`, {
    hint: "Give `source`, or a `constant`.",
  });
}

function converterOf(line: MappingSpec): Converter | undefined {
  if (line.lookup === undefined) {
    return line.transform === undefined ? undefined : compileTransform(line.transform);
  }
  if (line.transform === undefined) {
    return compileTransform({ name: "map", args: lookupArgs(line.lookup) });
  }
  throw new SyncError("CONFIG_INVALID", `Field '${line.target}' has a transform and a lookup`, {
    hint: "Keep one of them, or give a function that does both.",
  });
}

/** A lookup is the transform `map` in another place. */
function lookupArgs({ table, otherwise }: LookupSpec): TransformArgs {
  return otherwise === undefined ? { table } : { table, otherwise };
}

function checkWayBack(line: MappingSpec, converter: Converter | undefined): void {
  if (converter === undefined || converter.back !== undefined) return;
  const what =
    line.transform === undefined
      ? "its lookup makes one value of several"
      : `its transform '${transformName(line.transform)}' cannot be undone`;
  throw new SyncError("LENS_NO_INVERSE", `Field '${line.target}' has no way back: ${what}`, {
    hint:
      "Give a transform that goes both ways, say `only: to-target` for this field, or make the " +
      "pipeline `direction: one-way`.",
  });
}

function readsOf(
  spec: LensSpec,
  line: MappingSpec,
  converter: Converter | undefined,
): readonly string[] {
  const { reads = [] } = converter ?? {};
  if (reads !== "all") {
    return reads.map(
      (name) => parsePath(name, (column) => spec.columns?.has(column) ?? false).column,
    );
  }
  if (spec.columns !== undefined) return [...spec.columns.keys()];
  throw new SyncError("CONFIG_INVALID", `Field '${line.target}': its transform reads the record`, {
    hint: "Here columns are not known beforehand: say which it reads, `reads: [column, …]`.",
  });
}

/** A check by function may look at the whole record, if it takes one. */
function validateReads(spec: LensSpec, { validate }: MappingSpec): readonly string[] {
  if (validate === undefined) return [];
  if (isExpression(validate)) return validate.reads("value");
  return validate.length > 1 ? [...(spec.columns?.keys() ?? [])] : [];
}

function checked(line: MappingSpec, which: "constant" | "default"): Value | undefined {
  const raw = line[which];
  if (raw === undefined) return undefined;
  const value = givenValue(raw);
  if (value.kind === "value") return value.value;
  throw new SyncError(
    "CONFIG_INVALID",
    `The ${which} of field '${line.target}' is ${value.reason}, which is no value`,
  );
}

function ownType(spec: LensSpec, path: Path): LogicalType | undefined {
  const type = spec.columns?.get(path.column);
  if (path.steps.length === 0) return type;
  if (type === undefined || type.kind === "json" || type.kind === "any") return undefined;
  throw new SyncError(
    "CONFIG_INVALID",
    `The path '${path.text}' leads into column '${path.column}', ` +
      `which holds ${type.kind}, not JSON`,
  );
}

/** Two fields that would write the same place: one of them could never be written on its own. */
function collisions(parts: readonly FieldParts[]): readonly SyncError[] {
  const problems: SyncError[] = [];
  for (const [i, { at, name }] of parts.entries()) {
    if (!parts.slice(0, i).some((other) => other.at === at)) continue;
    const message = `Two lines of the mapping have the target '${name}'`;
    problems.push(new SyncError("CONFIG_INVALID", message));
  }
  if (problems.length > 0) return problems;
  const written = parts.filter((each) => each.writable && each.path !== undefined);
  for (const [i, { path, name }] of written.entries()) {
    for (const other of written.slice(0, i)) {
      if (path === undefined || other.path === undefined || !overlap(path, other.path)) continue;
      const message = `Fields '${other.name}' and '${name}' both write '${path.text}'`;
      problems.push(
        new SyncError("CONFIG_INVALID", message, {
          hint: "Let one of them say `only: to-target`.",
        }),
      );
    }
  }
  return problems;
}
