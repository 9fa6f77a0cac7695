// What the replica suite is given: a schema of its own, looked at and edited by a connection of its
// own, and a replica that shows nothing but that schema, by the bare names of its tables.
import assert from "node:assert/strict";
import { smallest } from "../../src/core/numerals.ts";
import type { OwnRow, Value } from "../../src/core/state.ts";
import type { LogicalType } from "../../src/core/values.ts";
import type {
  Batch,
  CollectionDescription,
  NewCollection,
  Replica,
  Shape,
} from "../../src/engine/replica.ts";
import { postgresReplica } from "../../src/replicas/postgres/index.ts";
import { quote, quoteAll } from "../../src/replicas/postgres/names.ts";
import type { Subject, SuiteCollection } from "../../src/testing/replica-suite.ts";
import { makeSchema } from "./server.ts";
import type { TestSchema } from "./server.ts";

/** A schema with these tables. */
export async function openSubject(collections: readonly SuiteCollection[]): Promise<Subject> {
  const schema = await makeSchema();
  for (const collection of collections) await schema.client.query(statementOf(collection));
  const replicas: Replica[] = [];
  const open = async () => {
    const replica = await replicaOf(schema);
    replicas.push(replica);
    return inSchema(replica, schema.name);
  };
  const byName = new Map(collections.map((each) => [each.name, each]));
  return {
    replica: await open(),
    edit: async (name, key, row) => edit(schema, byName.get(name), key, row),
    look: async (name) => look(schema, byName.get(name)),
    reopen: open,
    copy: () => copyOf(schema),
    close: async () => {
      for (const each of replicas) await each.close();
      await schema.drop();
    },
  };
}

/** What a dump and its way back do: the rows of a test's schema and of what is ours beside it. */
async function copyOf({ client, name, ours }: TestSchema): Promise<() => Promise<void>> {
  const { rows } = await client.query<{ sql: string; copy: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS sql,
       quote_ident(schemaname || '.' || tablename) AS copy
       FROM pg_tables WHERE schemaname IN ($1, $2)`,
    [name, ours],
  );
  for (const { sql, copy } of rows) {
    await client.query(`CREATE TEMPORARY TABLE ${copy} AS TABLE ${sql}`);
  }
  return async () => {
    await client.query(`TRUNCATE ${rows.map(({ sql }) => sql).join(", ")}`);
    for (const { sql, copy } of rows) {
      await client.query(`INSERT INTO ${sql} OVERRIDING SYSTEM VALUE TABLE pg_temp.${copy}`);
    }
  };
}

/** A replica of the whole database that keeps what is its own beside a test's schema. */
async function replicaOf(schema: TestSchema): Promise<Replica> {
  return postgresReplica({ name: "data", url: schema.url, markers: schema.ours });
}

/** The same replica seen from inside one schema, whose names need no quotes. */
export function inSchema(replica: Replica, schema: string): Replica {
  const outside = (name: string) => `${schema}.${/^[^\s".]+$/.test(name) ? name : quote(name)}`;
  const inside = (name: string) => {
    const bare = name.slice(schema.length + 1);
    return bare.startsWith('"') ? bare.slice(1, -1).replaceAll('""', '"') : bare;
  };
  const shapes = new Map<Shape, Shape>();
  const shapeOutside = (shape: Shape): Shape => {
    const known = shapes.get(shape) ?? { ...shape, collection: outside(shape.collection) };
    shapes.set(shape, known);
    return known;
  };
  const describedInside = (each: CollectionDescription): CollectionDescription => ({
    ...each,
    name: inside(each.name),
    references: each.references.map((reference) => ({
      ...reference,
      collection: inside(reference.collection),
    })),
  });
  const newOutside = (each: NewCollection) => ({ ...each, name: outside(each.name) });
  return {
    ...replica,
    describe: async (signal) => {
      const description = await replica.describe(signal);
      const own = [...description.collections.values()].filter((each) =>
        each.name.startsWith(`${schema}.`),
      );
      const collections = own.map(describedInside).map((each) => [each.name, each] as const);
      return { ...description, collections: new Map(collections) };
    },
    list: (shape, after, signal) => replica.list(shapeOutside(shape), after, signal),
    read: (shape, keys, signal) => replica.read(shapeOutside(shape), keys, signal),
    async *changes(shapes, cursor, signal) {
      for await (const page of replica.changes(shapes.map(shapeOutside), cursor, signal)) {
        yield { ...page, collection: inside(page.collection) };
      }
    },
    head: async (shapes, signal) =>
      (await replica.head?.(shapes.map(shapeOutside), signal)) ?? assert.fail("there is one"),
    digester: async (spec, signal) =>
      replica.digester?.({ ...spec, shape: shapeOutside(spec.shape) }, signal),
    reach: async function* (deletions, signal) {
      const referring = deletions.referring.map(shapeOutside);
      const outer = { ...deletions, shape: shapeOutside(deletions.shape), referring };
      for await (const page of replica.reach?.(outer, signal) ?? []) {
        yield page.map((each) => ({ ...each, collection: inside(each.collection) }));
      }
    },
    writer: async (signal) => {
      const writer = await replica.writer(signal);
      return {
        ...writer,
        packer: async (shape, packSignal) => writer.packer?.(shapeOutside(shape), packSignal),
        write: (batch: Batch, writeSignal) =>
          writer.write({ ...batch, shape: shapeOutside(batch.shape) }, writeSignal),
      };
    },
    ddl: (each) => replica.ddl?.(newOutside(each)) ?? "",
    create: async (each, signal) => replica.create?.(newOutside(each), signal),
  };
}

const DECLARED: { readonly [kind in LogicalType["kind"]]?: string } = {
  integer: "bigint",
  real: "double precision",
  text: "text",
  boolean: "boolean",
  bytes: "bytea",
  decimal: "numeric",
  json: "jsonb",
};

const ACTIONS = {
  refuse: "NO ACTION",
  cascade: "CASCADE",
  "set-null": "SET NULL",
  "set-default": "SET DEFAULT",
} as const;

function statementOf({ name, fields, key, uniqueSets, references }: SuiteCollection): string {
  const parts = [
    ...fields.map((field) => {
      const declared = DECLARED[field.type.kind];
      assert.ok(declared !== undefined, `no type for ${field.type.kind}`);
      return `${quote(field.name)} ${declared}${field.nullable ? "" : " NOT NULL"}`;
    }),
    `PRIMARY KEY (${quoteAll(key)})`,
    ...(uniqueSets ?? []).map((set) => `UNIQUE (${quoteAll(set)})`),
    ...(references ?? []).map(
      (each) =>
        `FOREIGN KEY (${quoteAll(each.columns)})
         REFERENCES ${quote(each.collection)} (${quoteAll(each.references)})
         ON DELETE ${ACTIONS[each.onDelete]}`,
    ),
  ];
  return `CREATE TABLE ${quote(name)} (${parts.join(", ")})`;
}

async function edit(
  { client }: TestSchema,
  collection: SuiteCollection | undefined,
  key: readonly Value[],
  row: { readonly [column: string]: Value } | null,
): Promise<void> {
  assert.ok(collection !== undefined);
  const name = quote(collection.name);
  if (row === null) {
    const test = collection.key.map((column, at) => `${quote(column)} = $${at + 1}`).join(" AND ");
    await client.query(`DELETE FROM ${name} WHERE ${test}`, key.map(plain));
    return;
  }
  const columns = collection.fields.map((field) => field.name);
  const places = columns.map((_, at) => `$${at + 1}`).join(", ");
  const others = columns.filter((column) => !collection.key.includes(column));
  const sets = others.map((column) => `${quote(column)} = excluded.${quote(column)}`).join(", ");
  const action = sets === "" ? "NOTHING" : `UPDATE SET ${sets}`;
  await client.query(
    `INSERT INTO ${name} (${quoteAll(columns)}) VALUES (${places})
       ON CONFLICT (${quoteAll(collection.key)}) DO ${action}`,
    columns.map((column) => plain(row[column] ?? null)),
  );
}

function plain(value: Value): string | null {
  if (value === null) return null;
  assert.ok(typeof value === "string" || typeof value === "number" || typeof value === "bigint");
  return String(value);
}

async function look(
  { client }: TestSchema,
  collection: SuiteCollection | undefined,
): Promise<readonly OwnRow[]> {
  assert.ok(collection !== undefined);
  const columns = collection.fields.map((field) => `${quote(field.name)}::text`);
  const text = `SELECT ${columns.join(", ")} FROM ${quote(collection.name)}`;
  const { rows } = await client.query<(string | null)[]>({ text, rowMode: "array" });
  return rows.map((row) =>
    collection.fields.map((field, at): Value => {
      const cell = row[at] ?? null;
      return cell !== null && field.type.kind === "integer" ? smallest(BigInt(cell)) : cell;
    }),
  );
}
