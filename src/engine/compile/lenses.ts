// The sides of a pipeline made ready: the type of every field, and a lens for each side.
import { SyncError } from "../../core/errors.ts";
import { expressionsIn, filterColumns, type FilterSpec } from "../../core/filter.ts";
import type { LogicalType } from "../../core/logical.ts";
import { compileLens, type Lens, type LensSpec, type LinkField } from "../../core/lens.ts";
import { isConverted, isOnlyToTarget, type MappingSpec } from "../../core/mapping.ts";
import { didYouMean } from "../../core/nearest.ts";
import { parsePath } from "../../core/path.ts";
import { ABSENT } from "../../core/state.ts";
import type { OwnRow } from "../../core/state.ts";
import { typeName } from "../../core/values.ts";
import type { Draft, DraftSide } from "./draft.ts";
import { fieldsByName } from "./fields.ts";
import { keyColumn } from "./check-draft.ts";
import { isOneKey, unified } from "./unified-type.ts";
import { attempt, elsewhere, whereIs, whereIsLine, whereIsSide } from "./where.ts";

/** The type of every field of the link, in order. Adds TYPES_DIFFER where there can be none. */
export function fieldTypes(draft: Draft, problems: SyncError[]): readonly LogicalType[] {
  return draft.fields.map((field) => {
    const held = draft.sides.flatMap((side) => {
      const type = heldType(side, field);
      return type === undefined ? [] : [{ side, type }];
    });
    // The side whose names the fields have says first what they are.
    held.sort((a, b) => Number(b.side.role === "target") - Number(a.side.role === "target"));
    const types = held.map(({ type }) => type);
    const type = unified(types);
    const isKey = draft.key.includes(field);
    const odd = isKey ? types.find((each) => !isOneKey(types[0] ?? each, each)) : undefined;
    if (type !== undefined && odd === undefined) return type;
    problems.push(typesDiffer(draft, field, held));
    return { kind: "any" };
  });
}

/** The type of the column that holds a field as it is; undefined: none does. */
function heldType(side: DraftSide, field: string): LogicalType | undefined {
  const line = side.lines.find((each) => each.target === field);
  if (line === undefined) return undefined;
  const columns = fieldsByName(side.description);
  if (side.role === "target") return columns.get(line.target)?.type;
  if (isConverted(line) || line.constant !== undefined) return undefined;
  return columns.get(line.source)?.type;
}

function typesDiffer(
  draft: Draft,
  field: string,
  held: readonly { readonly side: DraftSide; readonly type: LogicalType }[],
): SyncError {
  const { settings, origin } = draft;
  const [first] = settings.sides;
  const line = held.flatMap(({ side }) => side.lines).find((each) => each.target === field);
  const isKey = draft.key.includes(field);
  const each = held.map(({ side, type }) => `${typeName(type)} in ${side.settings.at.system}`);
  const message = `The ${isKey ? "key " : ""}field '${field}' is ${each.join(" and ")}`;
  const hint = isKey
    ? "Keys are compared as they are: give both columns one type."
    : howToPair(held);
  const where =
    line === undefined || first === undefined
      ? whereIs(origin, "mapping")
      : whereIsLine(origin, settings, first, line);
  return new SyncError("TYPES_DIFFER", message, { where, hint });
}

/**
 * A text may be JSON, or a store's own way to write a list: a mapping has to say which is meant.
 */
function howToPair(
  held: readonly { readonly side: DraftSide; readonly type: LogicalType }[],
): string {
  const kinds = held.map(({ type }) => type.kind);
  if (!kinds.includes("list") || !kinds.includes("text")) {
    return "No value of one is a value of the other: map it with a transform, or take it out.";
  }
  const isToText = held.some(({ side, type }) => side.role === "target" && type.kind === "text");
  const transform = isToText ? "stringifyJSON" : "parseJSON";
  return `If the text is JSON, map it with \`transform: ${transform}\`; or take it out.`;
}

/**
 * What is read of a side besides its mapped columns: for the filter, and for the time of a change.
 */
interface AlsoRead {
  readonly filter?: FilterSpec;
  readonly columns: readonly string[];
}

/** What a lens is made of besides its side. */
export interface LensParts {
  readonly types: readonly LogicalType[];
  readonly also: AlsoRead;
  readonly problems: SyncError[];
}

/**
 * The lens of one side. Adds all that is wrong with it, line by line, and then returns undefined.
 */
export function lensOf(draft: Draft, side: DraftSide, parts: LensParts): Lens | undefined {
  const { types, also, problems } = parts;
  const { origin, settings } = draft;
  const columns = new Map(side.description.fields.map((field) => [field.name, field.type]));
  const sparse = new Set(side.description.fields.flatMap((each) => (each.sparse ? each.name : [])));
  const fields = draft.fields.map((name, i): LinkField => {
    const field = withType(name, types[i]);
    // What a row lacks is NULL to sides that know nothing else.
    return sparse.has(plainColumn(side, name) ?? "") ? { ...field, absent: "null" } : field;
  });
  const key = draft.key.map((field) => keyColumn(side, field));
  const spec: LensSpec = {
    side: side.role,
    mapping: side.lines,
    direction: side.isWritten ? "two-way" : "one-way",
    key,
    columns,
    fields,
  };
  const before = problems.length;
  const extra = extraColumns(draft, side, also, problems);
  for (const line of side.lines) {
    const where = whereIsLine(origin, settings, side.settings, line);
    attempt(
      problems,
      (error) => (error.code === "COLUMN_MISSING" ? columnPlace(where, side, line) : where),
      () => {
        if (isUnwritten(where) && isMissing(line, side)) throw notOnBoth(draft, side, line);
        return compileLens({ ...spec, mapping: [line], key: [] });
      },
    );
  }
  if (problems.length > before) return undefined;
  const where = whereIsSide(origin, settings, side.settings, "mapping");
  const lens = attempt(problems, where, () => compileLens(spec));
  if (lens === undefined) return undefined;
  const whole = withColumns(lens, extra);
  problems.push(...brokenColumns(draft, side, whole.columns));
  return whole;
}

/** Columns that are read, and cannot be: each told at the line that reads it. */
function brokenColumns(
  { origin, settings }: Draft,
  side: DraftSide,
  columns: readonly string[],
): readonly SyncError[] {
  const known = fieldsByName(side.description);
  return columns.flatMap((column) => {
    const broken = known.get(column)?.broken;
    if (broken === undefined) return [];
    const line = side.lines.find((each) => (each[side.role] ?? "") === column);
    if (line === undefined)
      return [elsewhere(broken, whereIsSide(origin, settings, side.settings))];
    const where = whereIsLine(origin, settings, side.settings, line);
    return [elsewhere(broken, columnPlace(where, side, line))];
  });
}

/** True for the place of a line that nobody wrote: it has no place of its own. */
function isUnwritten(where: string): boolean {
  return !where.endsWith("]");
}

function isMissing(line: MappingSpec, side: DraftSide): boolean {
  return !fieldsByName(side.description).has(side.role === "target" ? line.target : line.source);
}

/** Without a mapping a column that one side lacks would silently not be copied: it is refused. */
function notOnBoth(draft: Draft, side: DraftSide, line: MappingSpec): SyncError {
  const name = side.role === "target" ? line.target : line.source;
  const other = draft.sides.find((each) => each !== side && !isMissing(line, each));
  const has = other === undefined ? "" : `${atOf(other)} has '${name}', and `;
  const { system, collection } = side.settings.at;
  const add =
    side.description.openColumns === undefined
      ? "Add the column"
      : `Declare it (systems.${system}.collections.${collection}.columns)`;
  const hint = `${add}, or write a \`mapping\` of the columns that you want.`;
  return new SyncError("COLUMN_MISSING", `${has}${atOf(side)} does not have '${name}'`, { hint });
}

/** A side's collection as a configuration names it. */
function atOf({ settings }: DraftSide): string {
  return `${settings.at.system}.${settings.at.collection}`;
}

function withType(name: string, type: LogicalType | undefined): LinkField {
  return type === undefined ? { name } : { name, type };
}

function columnPlace(where: string, side: DraftSide, line: MappingSpec): string {
  if (isUnwritten(where)) return where;
  const isNamed = side.role === "target" || line.constant !== undefined;
  return `${where}.${isNamed ? "target" : "source"}`;
}

function extraColumns(
  draft: Draft,
  side: DraftSide,
  also: AlsoRead,
  problems: SyncError[],
): readonly string[] {
  const known = fieldsByName(side.description);
  const names = new Set<string>();
  for (const [i, part] of partsOf(also.filter).entries()) {
    const said = new Set(expressionsIn(part).flatMap((each) => each.reads("row")));
    for (const name of filterColumns(part, (column) => known.has(column))) {
      // What an expression lacks it says itself, with the character.
      if (said.has(name) && !known.has(name)) continue;
      names.add(name);
      if (known.has(name)) continue;
      const where = whereIs(draft.origin, "filters", i, "field");
      const message = `The filter reads '${name}', which ${atOf(side)} does not have`;
      const hint = didYouMean(name, known.keys());
      problems.push(new SyncError("COLUMN_MISSING", message, { where, hint }));
    }
  }
  return [...names, ...also.columns];
}

/** The conditions of a filter that were written as a list, so that each has its own place. */
export function partsOf(filter: FilterSpec | undefined): readonly FilterSpec[] {
  if (filter === undefined) return [];
  return filter.kind === "and" ? filter.of : [filter];
}

/** The same lens over rows that hold more columns than it looks at. */
function withColumns(lens: Lens, extra: readonly string[]): Lens {
  const columns = [...new Set([...lens.columns, ...extra])];
  const added = columns.length - lens.columns.length;
  if (added === 0) return lens;
  const blanks: OwnRow = Array.from({ length: added }, () => ABSENT);
  return {
    ...lens,
    columns,
    back(row, own) {
      const to = lens.back(row, own);
      // An old row keeps what it holds there; a new one leaves it to the store.
      return own === null && !("kind" in to) ? [...to, ...blanks] : to;
    },
  };
}

/** True if a side is never written in a field that it carries. */
export function isOnlyRead(side: DraftSide, field: string): boolean {
  const line = side.lines.find((each) => each.target === field);
  if (line === undefined || side.role === "target") return false;
  return isOnlyToTarget(line);
}

/** The column that holds a field of the link as it is, or undefined. */
export function plainColumn(side: DraftSide, field: string): string | undefined {
  const line = side.lines.find((each) => each.target === field);
  if (line === undefined) return undefined;
  const name = side.role === "target" ? line.target : line.source;
  if (side.role === "source" && (isConverted(line) || line.constant !== undefined))
    return undefined;
  const known = fieldsByName(side.description);
  const { column, steps } = parsePath(name, (each) => known.has(each));
  return steps.length === 0 ? column : undefined;
}
