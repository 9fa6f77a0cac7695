// A shape compiled against a table: SQL for its columns and its key, and the way of rows and keys
// between PostgreSQL and the engine.
import { SyncError } from "../../core/errors.ts";
import { decodeKey, makeKeyEncoder, showKey } from "../../core/key.ts";
import type { Key, OwnRow, Value } from "../../core/state.ts";
import { same } from "../../core/values.ts";
import type { Shape } from "../../engine/replica.ts";
import { columnOf } from "./catalogue.ts";
import type { Column, Table } from "./catalogue.ts";
import { quote } from "./names.ts";
import { TEXT_SQL } from "./ordered.ts";
import { makeOut } from "./out.ts";

/** A table as one shape sees it. */
export interface Shaped {
  readonly table: Table;
  readonly columns: readonly Column[];
  readonly keyColumns: readonly Column[];
  /** Where the key's columns stand in a row. */
  readonly keyAt: readonly number[];
  /** The shape's columns as a list in SQL, each in the type in which it travels. */
  readonly select: string;
  /** The key as a list in SQL, in the order of our keys. */
  readonly order: string;
  /** The same by an index, where none of these tests finds a row. */
  readonly byIndex?: { readonly unless: readonly string[]; readonly order: string };
  /** Rows after a key: takes one text for each of the key's columns. */
  readonly after: (texts: readonly string[]) => string;
  /** What `after` takes for a key. */
  readonly afterTexts: (key: Key) => readonly string[];
  /** A key's values as they are bound for `lookup`; undefined: no row here can have such a key. */
  readonly bindKey: (key: Key) => readonly string[] | undefined;
  /** The key of a row that was read. undefined: a part of it names nothing. */
  readonly keyOf: (row: OwnRow) => Key | undefined;
}

/** Compiles a shape. Throws COLUMN_MISSING. */
export function shapeTable(table: Table, shape: Shape): Shaped {
  const columns = shape.columns.map((name) => columnOf(table, name));
  const keyColumns = shape.key.map((name) => columnOf(table, name));
  const keyAt = shape.key.map((name) => shape.columns.indexOf(name));
  const types = keyColumns.map((column) => column.codec.type);
  const encode = makeKeyEncoder(types);
  const [onlyAt = 0] = keyAt;
  const one: Value[] = [null];
  const ordered = keyColumns.map(orderedBy);
  const byIndex = orderByIndex(table, keyColumns);
  return {
    table,
    columns,
    keyColumns,
    keyAt,
    select: columns.map(selected).join(", "),
    order: ordered.join(", "),
    ...(byIndex === undefined ? {} : { byIndex }),
    after: (texts) => {
      const bound = texts.map(
        (text, at) => `${text}::${keyColumns[at]?.codec.orderedAs ?? TEXT_SQL}`,
      );
      return `(${ordered.join(", ")}) > (${bound.join(", ")})`;
    },
    afterTexts: (key) =>
      decodeKey(key, types).map((value, at) => keyColumns[at]?.codec.orderedText(value) ?? ""),
    bindKey: (key) => {
      const values = decodeKey(key, types);
      // A text that means a value of this type and is not its own form names no row.
      if (values.length !== types.length || encode(values) !== key) return undefined;
      const out = makeOut(64);
      const isHeld = keyColumns.every(({ codec }, at) => {
        const value = values[at] ?? null;
        if (codec.lookup.isHeld?.(value) === false) return false;
        // What is stored otherwise than it is said is the key of another row.
        return codec.write(value, out) === undefined && same(codec.store(value), value);
      });
      return isHeld
        ? keyColumns.map(({ codec }, at) => codec.lookup.input(values[at] ?? null))
        : undefined;
    },
    keyOf: (row) => {
      if (keyAt.length > 1) return encode(keyAt.map((at) => row[at] ?? null));
      one[0] = row[onlyAt] ?? null;
      return encode(one);
    },
  };
}

/** A column as it is read. */
export function selected({ name, codec }: Column): string {
  return codec.select(quote(name));
}

/** Two rows where there may be one. */
export function notUnique(
  { table, keyColumns }: Pick<Shaped, "table" | "keyColumns">,
  key: Key,
): SyncError {
  const names = keyColumns.map((column) => column.name).join(", ");
  const message = `two rows of ${table.name} have the same ${names}: ${showKey(key)}`;
  return new SyncError("KEY_NOT_UNIQUE", message, {
    where: table.name,
    hint: "Name columns under `key:` whose values tell every row apart, or mend the rows.",
  });
}

function orderedBy(column: Column): string {
  return column.codec.ordered(selected(column));
}

/** Only what stands first can be looked for without reading everything. */
function orderByIndex(table: Table, [first, ...rest]: readonly Column[]): Shaped["byIndex"] {
  const unless = first?.codec.misplaced?.(selected(first));
  if (first === undefined || unless === undefined) return undefined;
  if (!table.uniqueSets.some(({ columns }) => columns[0] === first.name)) return undefined;
  return { unless, order: [selected(first), ...rest.map(orderedBy)].join(", ") };
}
