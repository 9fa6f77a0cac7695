// Edits that the demonstration makes itself, and says so: in the first text column that is no key.
import { parseJson } from "../../core/json.ts";
import { same } from "../../core/values.ts";
import type { Cell, Column, Dataset } from "./entries.ts";
import { positionOf } from "./place.ts";
import type { Changes, Row, Rows } from "./place.ts";

const ROWS_EDITED = 3;

/** The same rows, edited differently on two sides. */
export interface RivalEdits {
  readonly column: string;
  readonly values: readonly [Cell, Cell];
  readonly first: Changes;
  readonly second: Changes;
}

/** Rival edits of rows that both sides hold alike; undefined: there are none. */
export function fieldEdits(source: Rows, target: Rows, dataset: Dataset): RivalEdits | undefined {
  const column = editedColumn(dataset);
  if (column === undefined) return undefined;
  const alike = [...source].filter(([key, row]) => {
    const other = target.get(key);
    return (
      other !== undefined && dataset.columns.every((each, i) => isSame(each, row[i], other[i]))
    );
  });
  const values: readonly [Cell, Cell] = rivalValues(column);
  const chosen = alike.slice(0, ROWS_EDITED).map(([, row]) => row);
  if (chosen.length === 0) return undefined;
  const editsTo = (to: Cell) => edited(dataset, chosen, column, to);
  return { column: column.name, values, first: editsTo(values[0]), second: editsTo(values[1]) };
}

/** A few edits on one side, for a run that is small enough to be looked at. */
export function tidyEdits(
  rows: Rows,
  dataset: Dataset,
): { readonly column: string; readonly changes: Changes } {
  const column = editedColumn(dataset);
  if (column === undefined) return { column: "nothing", changes: NO_CHANGES };
  const [, , to] = VALUES[column.type];
  const last = [...rows.values()].slice(-ROWS_EDITED);
  return { column: column.name, changes: edited(dataset, last, column, to) };
}

const NO_CHANGES: Changes = { deleted: [], inserted: [], updated: [] };

function edited(dataset: Dataset, rows: readonly Row[], column: Column, to: Cell): Changes {
  const position = positionOf(dataset, column.name);
  return { ...NO_CHANGES, updated: rows.map((row) => row.with(position, to)) };
}

/** Documents are spelt differently in different databases. */
function isSame({ type }: Column, one: Cell = null, other: Cell = null): boolean {
  if (type !== "JSON" || typeof one !== "string" || typeof other !== "string") return one === other;
  return same(parseJson(one), parseJson(other));
}

const VALUES: { readonly [type in Column["type"]]: readonly [Cell, Cell, Cell] } = {
  TEXT: ["checked by hand", "imported", "tidied up"],
  INTEGER: [1001, 1002, 1003],
  REAL: [0.25, 0.75, 0.5],
  BOOLEAN: [1, 0, 1],
  JSON: ['["checked"]', '["imported"]', '["tidied"]'],
};

function rivalValues(column: Column): readonly [Cell, Cell] {
  const [first, second] = VALUES[column.type];
  return [first, second];
}

/** A text is what people edit; without one, any column that is no key and no yes or no. */
function editedColumn({ columns, key }: Dataset): Column | undefined {
  const rest = columns.filter(({ name, type }) => !key.includes(name) && type !== "BOOLEAN");
  return rest.find(({ type }) => type === "TEXT") ?? rest[0];
}
