// A temporary table into which a batch is copied, and statements that bring from there into the
// table what is to be written: as many rows at once as there are.
import { ABSENT } from "../../core/state.ts";
import type { OwnRow } from "../../core/state.ts";
import type { ForeignKey } from "./catalogue.ts";
import type { Wire } from "./codec.ts";
import { EQUAL, quote, quoteTable, tableName } from "./names.ts";
import type { Session } from "./session.ts";
import type { Shaped } from "./shaped.ts";
import { POSITION, makeStaging } from "./staging.ts";
import type { StageRows } from "./staging.ts";
import { rowsIn } from "./tuples.ts";

/** Positions in a batch. */
export type Positions = readonly number[];

/** Rows of one shape on their way into a table, inside a transaction of the caller's. */
export interface Stage {
  /**
   * Takes writes over, each under its position, after the savepoint of STAGING. Returns those that
   * the table cannot hold; of the others a key that no row can have finds none.
   */
  readonly put: StageRows;
  /**
   * Rows that are there under the keys of these writes, locked until the transaction ends. Several
   * rows under one position: the key is not unique.
   */
  find(
    positions: Positions,
    lock: Lock,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<number, readonly OwnRow[]>>;
  /** Rows that the table's own `=` takes for these. */
  findFolded(positions: Positions, signal: AbortSignal): Promise<ReadonlyMap<number, OwnRow>>;
  /** Those of these rows whose reference leads neither into its table nor to one of them. */
  findLost(reference: ForeignKey, positions: Positions, signal: AbortSignal): Promise<Positions>;
  /**
   * Each returns how many rows it touched. `put`: the columns, by their places in the shape. They
   * mean the same whatever the search path is: code of the user's runs with them.
   */
  insert(put: Positions, positions: Positions, signal: AbortSignal): Promise<number>;
  update(put: Positions, positions: Positions, signal: AbortSignal): Promise<number>;
  remove(positions: Positions, signal: AbortSignal): Promise<number>;
  /** Takes rows away and puts them there again with what is put of each, at once. */
  replace(puts: readonly Put[], signal: AbortSignal): Promise<number>;
  /** For statements of others: writes as `s`, each with the row under its key as `t`. */
  readonly from: string;
}

/** What is put of one row: columns, by their places in the shape. */
interface Put {
  readonly at: number;
  readonly put: Positions;
}

/** `"key"`: other sessions may still refer to the rows. */
type Lock = "key" | "row";

/** Makes the temporary table of a shape. */
export async function makeStage(
  session: Session,
  shaped: Shaped,
  name: string,
  signal: AbortSignal,
): Promise<Stage> {
  const stage = `pg_temp.${quote(name)}`;
  await session.run(createSql(stage, shaped), signal);
  const { table, columns, keyColumns } = shaped;
  const tests = keyColumns.map(({ codec, name: key }, at) =>
    codec.lookup.test(`t.${quote(key)}`, `s.k${at}`),
  );
  const test = tests.join(" AND ");
  const target = `${table.from} t`;
  const wires: Wire[] = [POSITION, ...columns.map((column) => column.codec)];
  const select = columns
    .map(({ codec, name: column }) => codec.select(`t.${quote(column)}`))
    .join(", ");
  const names = (put: Positions) => put.map((at) => quote(columns[at]?.name ?? ""));
  const values = (put: Positions) => put.map((at) => columns[at]?.codec.assign(`s.c${at}`) ?? "");
  const rowsByPosition = async (sql: string, signal: AbortSignal) => {
    const found = new Map<number, OwnRow[]>();
    const pieces = session.copyOut(`COPY (${sql}) TO STDOUT (FORMAT binary)`, signal);
    for await (const rows of rowsIn(pieces, wires)) {
      for (const [at, ...row] of rows) {
        const known = found.get(Number(at));
        if (known === undefined) found.set(Number(at), [row]);
        else known.push(row);
      }
    }
    return found;
  };
  const copy = `COPY ${stage} FROM STDIN (FORMAT binary)`;
  return {
    put: makeStaging({ session, shaped, copy }),
    find: async (positions, lock, signal) => {
      const strength = lock === "row" ? "UPDATE" : "NO KEY UPDATE";
      const from = `${stage} s JOIN ${target} ON ${test}`;
      const rows = `SELECT s.at, ${select} FROM ${from} WHERE ${among(positions)}`;
      return rowsByPosition(`${rows} ORDER BY s.at FOR ${strength} OF t`, signal);
    },
    findFolded: async (positions, signal) => {
      const equal = keyColumns.map(({ codec, name: key }, at) =>
        codec.lookup.equal(`t.${quote(key)}`, codec.assign(`s.k${at}`)),
      );
      const from = `${stage} s JOIN ${target} ON ${equal.join(" AND ")}`;
      const rows = `SELECT s.at, ${select} FROM ${from} WHERE ${among(positions)}`;
      const found = await rowsByPosition(rows, signal);
      return new Map([...found].flatMap(([at, [row]]) => (row === undefined ? [] : [[at, row]])));
    },
    findLost: async (reference, positions, signal) => {
      const sql = lostSql(shaped, stage, reference, positions);
      if (sql === undefined) return [];
      return (await session.rows(sql, [], signal)).map(([at]) => Number(at));
    },
    insert: (put, positions, signal) => {
      const into = `INSERT INTO ${table.sql}`;
      const rows = `FROM ${stage} s WHERE ${among(positions)} ORDER BY s.at`;
      // A key that the store would count up by itself is ours to say here.
      const list = put.length === 0 ? "" : ` (${names(put).join(", ")}) OVERRIDING SYSTEM VALUE`;
      if (put.length > 0)
        return session.run(`${into}${list} SELECT ${values(put).join(", ")} ${rows}`, signal);
      return insertDefaults(session, into, positions.length, signal);
    },
    update: (put, positions, signal) => {
      const assigned = values(put);
      const sets = names(put).map((column, at) => `${column} = ${assigned[at]}`);
      const from = `FROM ${stage} s WHERE ${among(positions)} AND ${test}`;
      return session.run(`UPDATE ${target} SET ${sets.join(", ")} ${from}`, signal);
    },
    replace: (puts, signal) =>
      session.run(replaceSql(shaped, { stage, target, test }, puts), signal),
    remove: (positions, signal) => {
      const from = `USING ${stage} s WHERE ${among(positions)} AND ${test}`;
      return session.run(`DELETE FROM ${target} ${from}`, signal);
    },
    from: `${stage} s JOIN ${target} ON ${test}`,
  };
}

/**
 * Takes rows away and puts them there again in one statement, sorted so that the last one is gone
 * before the first one is back. What is not put keeps what it was, of all columns of the table.
 */
function replaceSql(
  { table, columns }: Shaped,
  { stage, target, test }: { readonly [part in "stage" | "target" | "test"]: string },
  puts: readonly Put[],
): string {
  const kept = table.columns.filter((column) => !column.generated);
  const values = kept.map((column) => {
    const index = columns.findIndex(({ name }) => name === column.name);
    const positions = puts.filter(({ put }) => put.includes(index)).map(({ at }) => at);
    const before = `(g.whole).${quote(column.name)}`;
    if (positions.length === 0) return before;
    const value = columns[index]?.codec.assign(`s.c${index}`) ?? before;
    return `CASE WHEN ${among(positions)} THEN ${value} ELSE ${before} END`;
  });
  const places = among(puts.map(({ at }) => at));
  // Not `t`: a column may be called that, and would be meant.
  const whole = `(t.*)::${table.sql}`;
  return `WITH g AS (DELETE FROM ${target} USING ${stage} s WHERE ${places} AND ${test}
      RETURNING s.at, ${whole} AS whole)
    INSERT INTO ${table.sql} (${kept.map(({ name }) => quote(name)).join(", ")})
      OVERRIDING SYSTEM VALUE
      SELECT ${values.join(", ")} FROM g JOIN ${stage} s ON s.at ${EQUAL} g.at ORDER BY g.at`;
}

/** The rows under these positions. They are our own numbers: nothing of anybody's data. */
export function among(positions: Positions, alias = "s"): string {
  return `${alias}.at ${EQUAL} ANY ('{${positions.join(",")}}'::pg_catalog.int4[])`;
}

/** The place of every column that can be put: those that the store computes cannot. */
export function putColumns({ columns }: Shaped, to: OwnRow): Positions {
  const put: number[] = [];
  for (const [at, column] of columns.entries()) {
    if (!column.generated && to[at] !== ABSENT) put.push(at);
  }
  return put;
}

/** undefined: this shape does not hold the reference, or not what it refers to. */
function lostSql(
  { table, columns }: Shaped,
  stage: string,
  { columns: own, references, equal, collection }: ForeignKey,
  positions: Positions,
): string | undefined {
  const valueOf = (alias: string, name: string): string | undefined => {
    const at = columns.findIndex((column) => column.name === name);
    return columns[at]?.codec.assign(`${alias}.c${at}`);
  };
  const values = own.map((name) => valueOf("s", name));
  const parent = tableName(collection);
  if (values.includes(undefined) || parent === undefined) return undefined;
  const isReferredTo = (parents: readonly (string | undefined)[]): string =>
    parents.map((parent, i) => `${parent} ${equal[i]} ${values[i]}`).join(" AND ");
  const there = isReferredTo(references.map((name) => `p.${quote(name)}`));
  const tests = [
    among(positions),
    ...values.map((value) => `${value} IS NOT NULL`),
    `NOT EXISTS (SELECT 1 FROM ${quoteTable(parent)} p WHERE ${there})`,
  ];
  if (collection === table.name) {
    const others = references.map((name) => valueOf("o", name));
    if (others.includes(undefined)) return undefined;
    const here = `${among(positions, "o")} AND ${isReferredTo(others)}`;
    tests.push(`NOT EXISTS (SELECT 1 FROM ${stage} o WHERE ${here})`);
  }
  return `SELECT s.at FROM ${stage} s WHERE ${tests.join(" AND ")}`;
}

async function insertDefaults(
  session: Session,
  into: string,
  count: number,
  signal: AbortSignal,
): Promise<number> {
  for (let i = 0; i < count; i++) await session.run(`${into} DEFAULT VALUES`, signal);
  return count;
}

function createSql(stage: string, { keyColumns, columns }: Shaped): string {
  const keys = keyColumns.map(({ codec }, at) => `k${at} ${codec.staged}`);
  const values = columns.map(({ codec }, at) => `c${at} ${codec.staged}`);
  const list = ["at pg_catalog.int4", ...keys, ...values].join(", ");
  return `CREATE TEMPORARY TABLE ${stage} (${list}) ON COMMIT DELETE ROWS`;
}
