// The catalogue in the words of the contract, and the way back: statements that make a table.
import { SyncError } from "../../core/errors.ts";
import { decodeKey, encodeKey } from "../../core/key.ts";
import type { Key, Value } from "../../core/state.ts";
import type { Capabilities, CollectionDescription, NewCollection } from "../../engine/replica.ts";
import type { Table } from "./catalogue.ts";
import { SINCE_KINDS } from "./since.ts";
import { storedForm } from "./codec.ts";
import { quote, quoteAll } from "./names.ts";
import { declaredFor } from "./column-type.ts";

/** How a database is read and written, as far as it is the same for all its tables. */
export interface Abilities {
  readonly list: "snapshot" | "paged";
  readonly marks: boolean;
  /** Why the file cannot be written. Absent: it can. */
  readonly unwritable?: SyncError;
}

/** What a table or view promises. */
export function describeTable(table: Table, abilities: Abilities): CollectionDescription {
  const codecs = new Map(table.columns.map((column) => [column.name, column.codec]));
  const foldKey = keyFolding(table);
  return {
    name: table.name,
    capabilities: capabilitiesOf(table, abilities),
    fields: table.columns.map((column) => ({
      name: column.name,
      type: column.type,
      declared: column.declared,
      nullable: !column.notNull && column.name !== table.rowidColumn,
      hasDefault: column.hasDefault || column.name === table.rowidColumn,
      generated: column.generated,
    })),
    key: table.key,
    uniqueSets: table.uniqueSets.map((each) => each.columns),
    references: table.references,
    triggers: table.triggers,
    ...(table.ripples.length === 0 ? {} : { ripples: table.ripples }),
    ...(table.isWritable ? {} : { isDerived: true }),
    ...(table.isWritable && abilities.unwritable ? { unwritable: abilities.unwritable } : {}),
    ...(table.broken === undefined ? {} : { broken: brokenAs(table.name, table.broken) }),
    ...(foldKey === undefined ? {} : { foldKey }),
    store: (column, value) => {
      const codec = codecs.get(column);
      return codec === undefined ? value : storedForm(codec, value);
    },
  };
}

function brokenAs(name: string, why: string): SyncError {
  return new SyncError("REPLICA_UNAVAILABLE", `${name} cannot be read: ${why}`, {
    where: name,
    hint: "Put back what it is made of, or take it out of the pipeline.",
  });
}

/** What a table or view can do. */
export function capabilitiesOf(
  { isWritable }: Pick<Table, "isWritable">,
  { list, marks, unwritable }: Abilities,
): Capabilities {
  return {
    log: false,
    sinceColumns: SINCE_KINDS,
    list,
    compareAndSet: "row",
    returns: true,
    marks,
    commits: "page",
    writable: isWritable && unwritable === undefined,
  };
}

/** The statement that makes a table, with every name quoted. */
export function ddlOf({ name, fields, key }: NewCollection): string {
  const [only] = key;
  const keyTypes = key.map((each) => fields.find((field) => field.name === each)?.type.kind);
  const isRowid = key.length === 1 && keyTypes[0] === "integer";
  const columns = fields.map((field) => {
    const isKey = key.includes(field.name);
    const type = declaredFor(field.type, { ...field, isKey });
    const notNull = field.nullable && !isKey ? "" : " NOT NULL";
    const primary = isRowid && field.name === only ? " PRIMARY KEY" : "";
    return `  ${quote(field.name)}${type === "" ? "" : ` ${type}`}${notNull}${primary}`;
  });
  if (!isRowid && key.length > 0) columns.push(`  PRIMARY KEY (${quoteAll(key)})`);
  return `CREATE TABLE ${quote(name)} (\n${columns.join(",\n")}\n)`;
}

const FOLDS: ReadonlyMap<string, (text: string) => string> = new Map([
  // SQLite folds the letters of ASCII and no others.
  ["NOCASE", (text: string) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())],
  ["RTRIM", (text: string) => text.replace(/ +$/, "")],
]);

/** How the primary key takes two keys for one; undefined: it tells them apart exactly. */
function keyFolding(table: Table): ((key: Key) => string) | undefined {
  const primary = table.uniqueSets.find((each) => each.isPrimary);
  const folds = primary?.collations.map((collation) => FOLDS.get(collation)) ?? [];
  if (!folds.some((fold) => fold !== undefined)) return undefined;
  return (key) => {
    const values = decodeKey(key).map((value, index): Value => {
      const fold = folds[index];
      return fold !== undefined && typeof value === "string" ? fold(value) : value;
    });
    return encodeKey(values) ?? key;
  };
}
