import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { encodeKey } from "../../src/core/key.ts";
import type { Key, OwnRow, Value } from "../../src/core/state.ts";
import type { Batch, Outcome, Page, Replica, RowWrite, Shape } from "../../src/engine/replica.ts";
import { sqliteReplica } from "../../src/replicas/sqlite/index.ts";
import type { SqliteOptions } from "../../src/replicas/sqlite/index.ts";

/** A signal that nobody aborts. */
export const never: AbortSignal = new AbortController().signal;

/** A fresh folder; whoever asks for it removes it. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "syncline-sqlite-"));
}

/** Runs with a database that these statements made, and removes it afterwards. */
export async function withDatabase(
  sql: string,
  run: (path: string) => Promise<void> | void,
): Promise<void> {
  const folder = temporaryFolder();
  try {
    const path = join(folder, "data.db");
    const db = new DatabaseSync(path);
    db.exec(sql);
    db.close();
    await run(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same with a replica of it. */
export async function withReplica(
  sql: string,
  run: (replica: Replica, path: string) => Promise<void>,
  options: Partial<SqliteOptions> = {},
): Promise<void> {
  await withDatabase(sql, async (path) => {
    const replica = await sqliteReplica({ name: "data", path, ...options });
    try {
      await run(replica, path);
    } finally {
      await replica.close();
    }
  });
}

/** The name, size and content of every file in a folder. */
export function contentsOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => {
      const bytes = readFileSync(join(folder, name));
      return [name, `${bytes.length} ${createHash("sha256").update(bytes).digest("hex")}`];
    }),
  );
}

/** Everything the database answers, by a connection of its own. */
export function query(path: string, sql: string): unknown[][] {
  if (!existsSync(path)) return [];
  const db = new DatabaseSync(path, { returnArrays: true, readBigInts: true });
  try {
    const rows = db.prepare(sql).all() as unknown as unknown[][];
    return rows.map((row) => row.map((each) => (typeof each === "bigint" ? Number(each) : each)));
  } finally {
    db.close();
  }
}

export function run(path: string, sql: string): void {
  const db = new DatabaseSync(path);
  try {
    db.exec(sql);
  } finally {
    db.close();
  }
}

export function keyOf(...values: readonly Value[]): Key {
  return encodeKey(values) ?? "";
}

export function creation(key: Key, to: OwnRow): RowWrite {
  return { key, expected: { kind: "absent" }, to };
}

export function move(key: Key, row: OwnRow, to: OwnRow | null): RowWrite {
  return { key, expected: { kind: "row", row }, to };
}

/** Writes one batch with a writer of its own. */
export async function write(
  replica: Replica,
  shape: Shape,
  writes: readonly RowWrite[],
  more: Partial<Batch> = {},
): Promise<readonly Outcome[]> {
  const writer = await replica.writer(never);
  try {
    return await writer.write(
      { id: "batch", link: "link", shape, writes, settled: [], ...more },
      never,
    );
  } finally {
    await writer.finish(never);
  }
}

export async function pagesOf(replica: Replica, shape: Shape): Promise<readonly Page[]> {
  const pages: Page[] = [];
  for await (const page of replica.list(shape, null, never)) pages.push(page);
  return pages;
}

export async function rowsOf(replica: Replica, shape: Shape): Promise<readonly (OwnRow | null)[]> {
  return (await pagesOf(replica, shape)).flatMap((page) => page.rows);
}

/** What an outcome comes to in one line. */
export function shown(outcome: Outcome | undefined): string {
  if (outcome === undefined) return "nothing";
  return "error" in outcome ? `${outcome.kind} ${outcome.error.code}` : outcome.kind;
}

/** The message of a refusal. */
export function messageOf(outcome: Outcome | undefined): string {
  return outcome !== undefined && "error" in outcome ? outcome.error.message : "";
}
