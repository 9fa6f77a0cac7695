// What replicas note beside a marker: rows that their store did not keep as they were told, with
// the columns they were told in. A later mapping reads others, or the same in another order.
import { encodeValues, reviveValues } from "../core/json.ts";
import { ABSENT } from "../core/state.ts";
import type { OwnRow } from "../core/state.ts";
import { same } from "../core/values.ts";
import type { Batch, Mark, Outcome } from "./replica.ts";

type Stored = NonNullable<Mark["stored"]>;

/**
 * Of the writes of a batch that were applied, those whose stored row is not what was told, for
 * `Mark.stored`. undefined: none.
 */
export function storedOtherwise(
  { shape, writes }: Pick<Batch, "shape" | "writes">,
  outcomes: readonly (Outcome | undefined)[],
): Stored | undefined {
  const rows: { readonly at: number; readonly row: OwnRow }[] = [];
  for (let at = 0; at < writes.length; at++) {
    const [to, outcome] = [writes[at]?.to ?? null, outcomes[at]];
    if (outcome?.kind !== "applied" || to === null) continue;
    const { row } = outcome;
    if (row === to || row === undefined || row === null) continue;
    if (!isAsTold(to, row)) rows.push({ at, row });
  }
  return rows.length === 0 ? undefined : { columns: shape.columns, rows };
}

/** Columns that were left to the store may hold anything. */
function isAsTold(to: OwnRow, row: OwnRow): boolean {
  return to.every((value, i) => value === ABSENT || same(value, row[i]));
}

/** As it is kept in a text column, for `storedFrom`. */
export function storedText(stored: Stored | undefined): string {
  if (stored === undefined) return "";
  const rows = stored.rows.map(({ at, row }) => `[${at},${encodeValues(row)}]`);
  return `{"columns":${JSON.stringify(stored.columns)},"rows":[${rows.join(",")}]}`;
}

/** What `storedText` made a text of. */
export function storedFrom(text: string): Stored | undefined {
  if (!text.startsWith("{")) return undefined;
  const { columns, rows } = JSON.parse(text) as {
    readonly columns: readonly string[];
    readonly rows: readonly (readonly [number, unknown])[];
  };
  return { columns, rows: rows.map(([at, row]) => ({ at, row: reviveValues(row) as OwnRow })) };
}
