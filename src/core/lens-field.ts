// One link field of one side: how it is read from the side's own row, and written into it.

import { isExpression } from "./expression.ts";
import { makeIsForm } from "./forms.ts";
import { canonical, whyNot } from "./logical.ts";
import type { LogicalType } from "./logical.ts";
import type { ValidateSpec } from "./mapping.ts";
import { valueAt, withValueAt } from "./path.ts";
import type { Path } from "./path.ts";
import { ABSENT } from "./state.ts";
import type { FieldIndex, OwnRow, Value } from "./state.ts";
import type { Converter, RecordView, Transformed } from "./transform.ts";
import { given, refused } from "./transform.ts";
import { same } from "./values.ts";

/** What a field of a side is made of, before columns have positions. */
export interface FieldParts {
  readonly at: FieldIndex;
  /** The name of the link field, and what this side calls it: for messages. */
  readonly name: string;
  readonly ownName: string;
  /** undefined: a constant, which is in no column. */
  readonly path: Path | undefined;
  readonly converter: Converter | undefined;
  /** Columns that the converter reads besides its own. */
  readonly reads: readonly string[];
  /** An expression is among what reads them. */
  readonly isExpressed: boolean;
  readonly constant: Value | undefined;
  readonly required: boolean;
  /** What the value has to be like that comes out. */
  readonly validate: ValidateSpec | undefined;
  readonly fallback: Value | undefined;
  readonly fallbackForNull: boolean;
  readonly absentIsNull: boolean;
  readonly ownType: LogicalType | undefined;
  readonly linkType: LogicalType | undefined;
  /** The side is written in this field. */
  readonly writable: boolean;
}

/** One row being read: what went wrong in it, and the row by column names once somebody asks. */
export interface Reading {
  readonly own: OwnRow;
  readonly errors: string[];
  record: RecordView | undefined;
}

/** A field ready for use. */
export interface LensField {
  readonly at: FieldIndex;
  /** Where its column is, or the root of its path; -1: it has none. */
  readonly column: number;
  readonly parts: FieldParts;
  /** The value in link terms; what went wrong is added to the errors of the reading. */
  readonly read: (reading: Reading) => Value;
  /** Puts a value in link terms into a row in own terms; a text says why it cannot. */
  readonly write: (to: Value[], value: Value) => string | undefined;
}

/** True where reading is no more than looking at a column, so that no function has to be called. */
export function isPick(parts: FieldParts): boolean {
  return isForm(parts) && !mustConvert(parts);
}

/** True where reading changes no more than the type of a column's value. */
export function isForm(parts: FieldParts): boolean {
  return (
    parts.path !== undefined &&
    parts.path.steps.length === 0 &&
    parts.converter === undefined &&
    parts.fallback === undefined &&
    parts.validate === undefined &&
    !parts.required &&
    !parts.absentIsNull
  );
}

/** True where writing is no more than putting the value into a column. */
export function isPut(parts: FieldParts): boolean {
  return isPutIfFitting(parts) && !mustFit(parts.ownType, parts.linkType);
}

/** The same where the column may refuse it, or keep it in another form. */
export function isPutIfFitting({ path, converter, writable }: FieldParts): boolean {
  return writable && path !== undefined && path.steps.length === 0 && converter === undefined;
}

/** Makes the functions of one field. `recordOf` gives the row by names, once per reading. */
export function compileField(parts: FieldParts, scope: FieldScope): LensField {
  const column = scope.columns.indexOf(parts.path?.column ?? "");
  return {
    at: parts.at,
    column,
    parts,
    read: compileRead(parts, column, scope),
    write: compileWrite(parts, column),
  };
}

/** Where a field is read: the columns of every row. */
export interface FieldScope {
  readonly columns: readonly string[];
  readonly types: ReadonlyMap<string, LogicalType> | undefined;
  readonly recordOf: (reading: Reading) => RecordView;
}

function compileRead(parts: FieldParts, column: number, scope: FieldScope): LensField["read"] {
  const { path, constant, required, fallback, name } = parts;
  const { recordOf } = scope;
  const converter = boundConverter(parts, scope);
  const isValid = compileValidate(parts, scope);
  if (path === undefined) return () => constant ?? null;
  const { steps } = path;
  const isNested = steps.length > 0;
  const into = mustConvert(parts) ? parts.linkType : undefined;

  function fail(reading: Reading, message: string): null {
    reading.errors.push(message);
    return null;
  }

  return function read(reading) {
    let value = reading.own[column] ?? null;
    if (isNested) value = valueAt(value, steps);
    const isMissing = value === ABSENT || (value === null && parts.fallbackForNull);
    if (isMissing && fallback !== undefined) value = fallback;
    if (required && isNothing(value)) return fail(reading, missing(name));
    if (converter !== undefined) {
      const over = converter.over(value, recordOf(reading), reading.own);
      if (over.kind === "refused") return fail(reading, transforming(parts, over.reason));
      value = over.value;
      if (required && isNothing(value)) return fail(reading, missing(name));
    }
    if (into !== undefined) {
      const converted = canonical(into, value);
      if (converted === undefined) {
        return fail(reading, transforming(parts, whyNot(into, value) ?? "does not fit"));
      }
      value = converted;
    }
    if (isValid !== undefined && !isNothing(value) && !isValid(value, reading)) {
      return fail(reading, `Validation failed for field '${name}'`);
    }
    return parts.absentIsNull && value === ABSENT ? null : value;
  };
}

/** What reads a row by position is told where its columns are. */
function boundConverter(
  { converter, ownType, linkType }: FieldParts,
  { columns, types }: FieldScope,
): Converter | undefined {
  if (converter?.bind === undefined) return converter;
  return converter.bind({
    columns,
    from: ownType,
    to: linkType,
    ...(types === undefined ? {} : { types }),
  });
}

function compileValidate(
  { validate, linkType }: FieldParts,
  { columns, types, recordOf }: FieldScope,
): ((value: Value, reading: Reading) => boolean) | undefined {
  if (validate === undefined) return undefined;
  if (isExpression(validate)) {
    const scope = { columns, value: { type: linkType }, gives: "answer" } as const;
    const evaluate = validate.bind(types === undefined ? scope : { ...scope, types });
    return (value, { own }) => {
      const answer = evaluate(own, value);
      return answer.kind === "value" && answer.value === true;
    };
  }
  return (value, reading) => {
    try {
      const answer = validate(value, recordOf(reading));
      // A promise is no answer, whatever it will say.
      return Boolean(answer) && !(answer instanceof Promise);
    } catch {
      return false; // a check that fails has not found the value good
    }
  };
}

function compileWrite(parts: FieldParts, column: number): LensField["write"] {
  const { path, converter, ownType } = parts;
  const isChecked = mustFit(ownType, parts.linkType);
  const isFitting = isChecked && isPutIfFitting(parts) ? makeIsForm(ownType) : undefined;
  return function write(to, value) {
    if (isFitting?.(value) === true) {
      to[column] = value;
      return undefined;
    }
    if (path === undefined || !parts.writable) return undefined;
    const back: Transformed =
      converter === undefined ? given(value) : (converter.back?.(value) ?? NO_WAY_BACK);
    if (back.kind === "refused") return back.reason;
    const fitting = isChecked ? canonical(ownType, back.value) : back.value;
    if (fitting === undefined) return isChecked ? whyNot(ownType, back.value) : undefined;
    if (path.steps.length === 0) {
      to[column] = fitting;
      return undefined;
    }
    const document = withValueAt(to[column] ?? null, path.steps, fitting);
    if (document === undefined) return "a part of its path is neither an object nor a list";
    to[column] = document;
    return undefined;
  };
}

const NO_WAY_BACK = refused("its transform cannot be undone");

/** A value of another type than the link's is brought into that type's canonical form. */
function mustConvert(parts: FieldParts): boolean {
  const { ownType, linkType } = parts;
  if (linkType === undefined) return false;
  return parts.converter !== undefined || ownType?.kind !== linkType.kind;
}

/** A document is looked at in any case: a loosely typed store may hold what is none. */
function mustFit(own: LogicalType | undefined, link: LogicalType | undefined): own is LogicalType {
  return own !== undefined && (own.kind === "json" || !isSameType(own, link));
}

function isSameType(a: LogicalType, b: LogicalType | undefined): boolean {
  if (a.kind !== b?.kind) return false;
  const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
  return (
    left.size === right.size && [...left].every(([name, bound]) => same(right.get(name), bound))
  );
}

function isNothing(value: Value): boolean {
  return value === null || value === ABSENT;
}

function missing(name: string): string {
  return `Required field '${name}' is missing`;
}

function transforming(parts: FieldParts, reason: string): string {
  return `Error transforming field '${parts.ownName}': ${reason}`;
}
