// What a value of a field has to be like: the rules of the configuration, and what each side that
// is written can hold.
import type { SyncError } from "../../core/errors.ts";
import { makeIsHeld } from "../../core/forms.ts";
import { whyNot, type LogicalType } from "../../core/logical.ts";
import { compileRules, type RuledField, type RuleSpec, type UniqueRule } from "../../core/rules.ts";
import { ABSENT } from "../../core/state.ts";
import type { FieldIndex, Row, Value } from "../../core/state.ts";
import type { Draft, DraftSide } from "./draft.ts";
import { fieldsByName } from "./fields.ts";
import { isOnlyRead, plainColumn } from "./lenses.ts";
import { sameBounds } from "./unified-type.ts";
import { attempt, whereIs } from "./where.ts";

/** Everything that is checked of a value before it is agreed. */
export interface Checks {
  /** All that is wrong with one value, in words; empty: fine. */
  readonly broken: (field: FieldIndex, value: Value) => readonly string[];
  readonly rejects: (field: FieldIndex, value: Value) => boolean;
  /** The fields of which a value can be rejected; empty: nothing ever is. */
  readonly fields: readonly FieldIndex[];
  /** What a row breaks that no single value does; absent: there is no such rule. */
  readonly across?: (row: Row) => readonly string[];
  readonly unique: readonly UniqueRule[];
  /** The rules alone, without what a side can hold. */
  readonly rules: Pick<Checks, "rejects" | "fields" | "across">;
}

/** Everything that is wrong with a row, in words: by field, then what is over several of them. */
export function brokenIn(checks: Checks, row: Row): readonly string[] {
  const errors: string[] = [];
  for (const field of checks.fields) {
    const value = row[field];
    if (value === undefined || !checks.rejects(field, value)) continue;
    errors.push(...checks.broken(field, value));
  }
  if (checks.across !== undefined) errors.push(...checks.across(row));
  return errors;
}

/** Makes the checks of a pipeline ready. Adds every rule that does not fit its field. */
export function checksOf(
  draft: Draft,
  types: readonly LogicalType[],
  problems: SyncError[],
): Checks {
  const { settings, origin, fields } = draft;
  const ruled = fields.map((name, i): RuledField => {
    const type = types[i];
    return type === undefined ? { name } : { name, type };
  });
  const specs: RuleSpec[] = [];
  for (const [i, spec] of (settings.validation ?? []).entries()) {
    const where = whereIs(origin, "validation", i);
    const rules = attempt(problems, where, () => compileRules([spec], ruled));
    if (rules !== undefined) specs.push(spec);
  }
  const rules = compileRules(specs, ruled);
  const limits = fields.map((field, i) => limitsOf(draft, field, types[i]));
  const ruledFields = [...fields.keys()].filter((field) =>
    specs.some((spec) => spec.field === fields[field]),
  );
  const across = rules.across === undefined ? {} : { across: rules.across };
  return {
    fields: [...fields.keys()].filter(
      (field) => (limits[field]?.length ?? 0) > 0 || ruledFields.includes(field),
    ),
    broken: (field, value) => [
      ...rules.broken(field, value),
      ...(limits[field] ?? []).flatMap(({ why }) => why(value) ?? []),
    ],
    rejects: (field, value) => {
      if (rules.rejects(field, value)) return true;
      const all = limits[field] ?? NO_LIMITS;
      for (let at = 0; at < all.length; at++) if (all[at]?.holds(value) === false) return true;
      return false;
    },
    ...across,
    unique: rules.unique,
    rules: { fields: ruledFields, rejects: rules.rejects, ...across },
  };
}

/** What a side can hold. */
interface Limit {
  readonly holds: (value: Value) => boolean;
  /** Why it does not hold a value, in words, or undefined. */
  readonly why: (value: Value) => string | undefined;
}

const NO_LIMITS: readonly Limit[] = [];

function limitsOf(draft: Draft, field: string, type: LogicalType | undefined): readonly Limit[] {
  return draft.sides.flatMap((side) => {
    if (!side.isWritten || isOnlyRead(side, field)) return [];
    const limit = limitOf(draft, side, { field, type });
    return limit === undefined ? [] : [limit];
  });
}

function limitOf(
  draft: Draft,
  side: DraftSide,
  { field, type }: { readonly field: string; readonly type: LogicalType | undefined },
): Limit | undefined {
  // What a transform makes of a value shows when it is written: then it is refused there.
  const name = plainColumn(side, field);
  const column = name === undefined ? undefined : fieldsByName(side.description).get(name);
  if (column === undefined) return undefined;
  const isBound = type === undefined || !sameBounds(column.type, type);
  const needsValue = !column.nullable && mayBeNull(draft, side, field);
  if (!isBound && !needsValue) return undefined;
  const at = `${side.settings.at.system}.${side.settings.at.collection}`;
  const fits = makeIsHeld(column.type);
  return {
    holds: (value) => {
      if (value === ABSENT) return true;
      return value === null ? !needsValue : !isBound || fits(value);
    },
    why: (value) => {
      if (value === ABSENT) return undefined;
      if (value === null) {
        return needsValue ? `Field '${field}' is empty, and ${at} needs a value there` : undefined;
      }
      const why = isBound ? whyNot(column.type, value) : undefined;
      return why === undefined ? undefined : `Field '${field}' ${why} (${at})`;
    },
  };
}

/** False where no other side could ever bring a NULL: then nobody has to look for one. */
function mayBeNull(draft: Draft, side: DraftSide, field: string): boolean {
  if (draft.key.includes(field)) return false;
  return draft.sides.some((other) => {
    if (other === side || !other.leads) return false;
    const column = fieldsByName(other.description).get(plainColumn(other, field) ?? "");
    return column?.nullable !== false;
  });
}
