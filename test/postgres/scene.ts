// A schema with a replica of it, for tests of what is only PostgreSQL's.
import assert from "node:assert/strict";
import { encodeKey } from "../../src/core/key.ts";
import type { Key, OwnRow, Value } from "../../src/core/state.ts";
import type { Batch, Outcome, Replica, RowWrite, Shape, Writer } from "../../src/engine/replica.ts";
import { postgresReplica } from "../../src/replicas/postgres/index.ts";
import type { PostgresOptions } from "../../src/replicas/postgres/index.ts";
import { inSchema } from "./subject.ts";
import { withSchema } from "./server.ts";
import type { TestSchema } from "./server.ts";

/** A signal that nobody aborts. */
export const never: AbortSignal = new AbortController().signal;

/** Runs with a schema that these statements made, and a replica that sees nothing else. */
export async function withReplica(
  sql: string,
  run: (replica: Replica, schema: TestSchema) => Promise<void>,
  options: Partial<PostgresOptions> = {},
): Promise<void> {
  await withSchema(sql, async (schema) => {
    const { name, ours } = schema;
    // Its sessions are told from those of other tests by their name.
    const url = new URL(schema.url);
    url.searchParams.set("application_name", name);
    const whole = await postgresReplica({ name: "data", url: url.href, markers: ours, ...options });
    try {
      await run(inSchema(whole, name), schema);
    } finally {
      await whole.close();
    }
  });
}

/** The key of these values; they must have one. */
function keyOf(...values: readonly Value[]): Key {
  const key = encodeKey(values);
  assert.ok(key !== undefined);
  return key;
}

/** A row that is not there yet, by its first column. */
export function creation(...to: OwnRow): RowWrite {
  return { key: keyOf(first(to)), expected: { kind: "absent" }, to };
}

/** From one row to another, or to none, by the first column. */
export function move(from: OwnRow, to: OwnRow | null): RowWrite {
  return { key: keyOf(first(from)), expected: { kind: "row", row: from }, to };
}

function first(row: OwnRow): Value {
  const [value] = row;
  assert.ok(value !== undefined && typeof value !== "symbol");
  return value;
}

let batches = 0;

/** A batch under a new id. */
export function batchOf(
  collection: string,
  columns: readonly string[],
  writes: readonly RowWrite[],
): Batch {
  const shape: Shape = { collection, key: columns.slice(0, 1), columns };
  return { id: `batch ${batches++}`, link: "link", shape, writes, settled: [] };
}

/** The same batch, packed. All of its rows are new, and are taken. */
export async function packed(writer: Writer, batch: Batch): Promise<Batch> {
  const packer = await writer.packer?.(batch.shape, never);
  assert.ok(packer?.add(batch.writes.map(({ to }) => to ?? [])) === true);
  return { ...batch, packed: packer.end() };
}

/** Writes one batch with a writer of its own. */
export async function write(
  replica: Replica,
  collection: string,
  columns: readonly string[],
  writes: readonly RowWrite[],
): Promise<readonly Outcome[]> {
  return writeBatch(replica, batchOf(collection, columns, writes));
}

/** The same with a batch that is there already. */
export async function writeBatch(replica: Replica, batch: Batch): Promise<readonly Outcome[]> {
  const writer = await replica.writer(never);
  try {
    return await writer.write(batch, never);
  } finally {
    await writer.abort();
  }
}

/** Outcomes in few words: the row that was stored, or what was said instead. */
export function told(outcomes: readonly Outcome[]): readonly unknown[] {
  return outcomes.map((outcome) => {
    switch (outcome.kind) {
      case "applied":
        return outcome.row;
      case "stale":
        return ["stale", outcome.row];
      case "staged":
        return "staged";
      default:
        return `${outcome.kind} ${outcome.error.code}: ${outcome.error.message}`;
    }
  });
}
