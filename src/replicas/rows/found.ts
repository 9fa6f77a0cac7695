// Types as they are found in a file: the narrowest of a few that all values of a column have.
import type { Value } from "../../core/state.ts";
import { canonical } from "../../core/values.ts";
import type { LogicalType } from "../../core/values.ts";
import { FOUND_RECORDS_MAX } from "./json.ts";
import type { Layout } from "./records.ts";
import { PartEnd } from "./text.ts";
import type { NextText } from "./text.ts";

/** Narrower ones first. Numbers with zeros in front and the like are texts: they name things. */
const CANDIDATES: readonly (readonly [LogicalType, RegExp])[] = [
  [{ kind: "boolean" }, /^(?:true|false)$/],
  [{ kind: "integer" }, /^(?:0|-?[1-9]\d{0,17})$/],
  [{ kind: "decimal" }, /^-?(?:0|[1-9]\d{0,30})(?:\.\d{1,30})?$/],
  [{ kind: "date" }, /^\d{4}-\d\d-\d\d$/],
  [{ kind: "instant" }, /^\d{4}-\d\d-\d\d[T ][\d:.]+ ?(?:Z|[+-]\d\d:?(?:\d\d)?)$/],
  [{ kind: "datetime" }, /^\d{4}-\d\d-\d\d[T ][\d:.]+$/],
  [{ kind: "uuid" }, /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i],
];

/** The types of the columns by the first records; columns without values are left out. */
export function foundTypes(
  layout: Layout,
  next: NextText,
): readonly (readonly [string, LogicalType])[] {
  const columns = layout.columns.map((_, at) => at);
  const left = columns.map(() => ({ candidates: CANDIDATES, isEmpty: true }));
  let seen = 0;
  try {
    for (const { rows } of layout.records(next, { columns, isRaw: false })) {
      for (const row of rows) {
        for (const [at, cell] of row.entries()) narrow(left[at], cell);
      }
      seen += rows.length;
      if (seen >= FOUND_RECORDS_MAX) break;
    }
  } catch (error) {
    if (!(error instanceof PartEnd)) throw error;
  }
  return layout.columns.flatMap((name, at) => {
    const of = left[at];
    if (of === undefined || of.isEmpty) return [];
    const [best] = of.candidates;
    return [[name, best?.[0] ?? layout.plainType] as const];
  });
}

function narrow(
  of: { candidates: typeof CANDIDATES; isEmpty: boolean } | undefined,
  cell: Value,
): void {
  if (of === undefined || cell === null || typeof cell === "symbol") return;
  of.isEmpty = false;
  if (of.candidates.length === 0) return;
  const text = typeof cell === "object" ? undefined : String(cell);
  of.candidates = of.candidates.filter(
    ([type, form]) => text !== undefined && form.test(text) && canonical(type, cell) !== undefined,
  );
}
