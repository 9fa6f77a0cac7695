// How fast the SQLite replica reads and writes: 1 M rows of 10 columns, against the same statements
// without the replica. Own CPU is what to look at: wall time belongs to the disk.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { encodeKey } from "../src/core/key.ts";
import type { OwnRow } from "../src/core/state.ts";
import { PAGE_ROWS_MAX } from "../src/engine/replica.ts";
import type { RowWrite, Shape } from "../src/engine/replica.ts";
import { sqliteReplica } from "../src/replicas/sqlite/index.ts";

/** Microseconds of our own CPU per row. */
export interface SqliteFigures {
  readonly rows: number;
  readonly plainRead: number;
  readonly replicaRead: number;
  readonly plainInsert: number;
  readonly replicaInsert: number;
  readonly replicaUpdate: number;
}

const COLUMNS = ["id", "a", "b", "c", "d", "e", "f", "g", "h", "i"];
const DDL = `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c TEXT, d INTEGER, e REAL,
  f TEXT, g INTEGER, h TEXT, i TEXT)`;
const SHAPE: Shape = { collection: "t", key: ["id"], columns: COLUMNS };

/** Measures once; medians over rounds are the caller's. */
export async function benchSqliteReplica(rows: number): Promise<SqliteFigures> {
  const folder = mkdtempSync(join(tmpdir(), "syncline-bench-"));
  const signal = new AbortController().signal;
  try {
    const plainInsert = perRow(rows, () => insertPlainly(join(folder, "plain.db"), rows));
    const path = join(folder, "replica.db");
    makeTable(path);
    const replica = await sqliteReplica({ name: "bench", path });
    const replicaInsert = await perRowAsync(rows, () => write(replica, rows, newRow, signal));
    const plainRead = perRow(rows, () => readPlainly(path));
    const replicaRead = await perRowAsync(rows, async () => {
      for await (const page of replica.list(SHAPE, null, signal)) void page;
    });
    const replicaUpdate = await perRowAsync(rows, () => write(replica, rows, changedRow, signal));
    await replica.close();
    return { rows, plainRead, replicaRead, plainInsert, replicaInsert, replicaUpdate };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function makeTable(path: string): void {
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA journal_mode = WAL; ${DDL}`);
  db.close();
}

function rowOf(id: number, name = `name ${id}`): OwnRow {
  const text = "0123456789abcdef";
  return [id, name, `${text}${id}`, text, id * 7, id / 3, text + text, id % 100, "x", `${text}.`];
}

function newRow(id: number): RowWrite {
  return { key: encodeKey([id]) ?? "", expected: { kind: "absent" }, to: rowOf(id) };
}

function changedRow(id: number): RowWrite {
  const expected = { kind: "row" as const, row: rowOf(id) };
  return { key: encodeKey([id]) ?? "", expected, to: rowOf(id, `other ${id}`) };
}

type Opened = Awaited<ReturnType<typeof sqliteReplica>>;

async function write(
  replica: Opened,
  rows: number,
  makeWrite: (id: number) => RowWrite,
  signal: AbortSignal,
): Promise<void> {
  const writer = await replica.writer(signal);
  let before: string[] = [];
  for (let start = 1; start <= rows; start += PAGE_ROWS_MAX) {
    const count = Math.min(PAGE_ROWS_MAX, rows - start + 1);
    const writes = Array.from({ length: count }, (_, index) => makeWrite(start + index));
    const id = `${makeWrite.name}-${start}`;
    const batch = { id, link: "bench", shape: SHAPE, writes, settled: before };
    const outcomes = await writer.write(batch, signal);
    if (outcomes.some((each) => each.kind !== "applied")) throw new Error("a row was not taken");
    before = [id];
  }
  await writer.finish(signal);
}

function insertPlainly(path: string, rows: number): void {
  makeTable(path);
  const db = new DatabaseSync(path);
  const tuples = Array.from({ length: 10 }, () => `(${COLUMNS.map(() => "?").join()})`).join();
  const insert = db.prepare(`INSERT INTO t VALUES ${tuples}`);
  for (let start = 1; start <= rows; start += PAGE_ROWS_MAX) {
    db.exec("BEGIN IMMEDIATE");
    for (let at = start; at < start + PAGE_ROWS_MAX; at += 10) {
      const values = Array.from({ length: 10 }, (_, index) => rowOf(at + index)).flat();
      insert.run(...(values as (string | number)[]));
    }
    db.exec("COMMIT");
  }
  db.close();
}

function readPlainly(path: string): void {
  const db = new DatabaseSync(path, { readOnly: true, returnArrays: true });
  const page = db.prepare(`SELECT * FROM t WHERE id > ? ORDER BY id LIMIT ${PAGE_ROWS_MAX}`);
  for (let last = 0; ;) {
    const rows = page.all(last) as unknown as number[][];
    const end = rows.at(-1)?.[0];
    if (end === undefined) break;
    last = end;
  }
  db.close();
}

function perRow(rows: number, run: () => void): number {
  const before = process.cpuUsage();
  run();
  return micros(before) / rows;
}

async function perRowAsync(rows: number, run: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await run();
  return micros(before) / rows;
}

function micros(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
