// Every type of PostgreSQL there and back: read, remembered, written into another column of its
// type, and kept in SQLite in between.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { DatabaseSync } from "node:sqlite";
import { decodeValue, encodeValue } from "../../src/core/json.ts";
import { digitsIn } from "../../src/core/state.ts";
import type { Value } from "../../src/core/state.ts";
import { canonical, same, typeName } from "../../src/core/values.ts";
import type { LogicalType } from "../../src/core/values.ts";
import { readTable } from "../../src/replicas/postgres/catalogue.ts";
import type { Table } from "../../src/replicas/postgres/catalogue.ts";
import type { Codec } from "../../src/replicas/postgres/codec.ts";
import { ddlOf } from "../../src/replicas/postgres/ddl.ts";
import { openDatabase } from "../../src/replicas/postgres/connect.ts";
import type { Database } from "../../src/replicas/postgres/connect.ts";
import { quote, quoteTable } from "../../src/replicas/postgres/names.ts";
import { makeOut } from "../../src/replicas/postgres/out.ts";
import { asking, list } from "../../src/replicas/postgres/read.ts";
import { putEnd, putHeader, putTuple } from "../../src/replicas/postgres/tuples.ts";
import { makeCodec } from "../../src/replicas/sqlite/codec.ts";
import { columnType, declaredFor } from "../../src/replicas/sqlite/column-type.ts";
import { makeSchema } from "./server.ts";
import type { TestSchema } from "./server.ts";
import { TYPE_CASES } from "./type-cases.ts";
import type { TypeCase } from "./type-case.ts";

const { signal } = new AbortController();

for (const each of TYPE_CASES) {
  const suffix = each.since === undefined ? "" : ` since ${Math.floor(each.since / 10_000)}`;
  test(`${each.type}${suffix} is the same there and back`, async (context) => {
    const schema = await makeSchema();
    const database = openDatabase({ url: schema.url });
    try {
      const why = await lacking(schema, each);
      if (why === undefined) await thereAndBack({ schema, database, context }, each);
      else context.skip(why);
    } finally {
      await database.close();
      await schema.drop();
    }
  });
}

/** Why this server does not have a type. */
async function lacking({ client }: TestSchema, each: TypeCase): Promise<string | undefined> {
  const found = await client.query("SELECT current_setting('server_version_num')::int AS version");
  const { version } = found.rows[0] as { version: number };
  if (each.since !== undefined && version < each.since) return `PostgreSQL ${version} has it not`;
  if (each.extension === undefined) return undefined;
  if (each.extension === "xml") {
    const xml = "SELECT 1 FROM pg_catalog.pg_config WHERE setting ~ 'with-libxml'";
    return (await client.query(xml)).rows.length > 0 ? undefined : "built without libxml";
  }
  const there = "SELECT 1 FROM pg_catalog.pg_available_extensions WHERE name = $1";
  const { rows } = await client.query(there, [each.extension]);
  if (rows.length === 0) return `${each.extension} is not installed`;
  await client.query(`CREATE EXTENSION IF NOT EXISTS ${each.extension} SCHEMA public`);
  await client.query(`SET search_path = ${await schemaOf(client)}, public`);
  return undefined;
}

async function schemaOf(client: TestSchema["client"]): Promise<string> {
  const { rows } = await client.query("SELECT current_schema() AS name");
  return (rows[0] as { name: string }).name;
}

interface Place {
  readonly schema: TestSchema;
  readonly database: Database;
  readonly context: TestContext;
}

async function thereAndBack(place: Place, each: TypeCase): Promise<void> {
  const { schema, database } = place;
  const { client } = schema;
  if (each.before !== undefined) await client.query(each.before);
  await client.query(
    `CREATE TABLE here (id integer PRIMARY KEY, value ${each.type});
     CREATE TABLE there (LIKE here INCLUDING ALL)`,
  );
  for (const [id, [sql]] of each.values.entries()) {
    await client.query(`INSERT INTO here VALUES (${id}, ${sql})`);
  }
  await client.query(`INSERT INTO here VALUES (${each.values.length}, NULL)`);
  const table = await database.use(signal, (session) =>
    readTable(asking(session, signal), `${schema.name}.here`, []),
  );
  const codec = table.columns[1]?.codec ?? assert.fail("the column is not there");
  assert.deepEqual(withoutSchema(codec.type, schema.name), each.logical);
  const values = await readValues(database, schema, "here");
  const expected = [...each.values.map(([, form]) => form), null];
  for (const [index, value] of values.entries()) {
    assert.deepEqual(value, expected[index]);
    staysItself(codec, value);
    staysInSqlite(codec.type, value);
  }
  await writeValues(place, { table, name: "there" }, values);
  const { rows } = await client.query(
    `SELECT h.id FROM here h LEFT JOIN there t USING (id)
      WHERE t.id IS NULL OR ${textOf(each, "h")} IS DISTINCT FROM ${textOf(each, "t")}`,
  );
  assert.deepEqual(rows, [], "another value is stored than was read");
  await staysInMadeTable(place, codec.type, values);
}

/** In a table that is made for the type in another PostgreSQL, as `createMissing` makes it. */
async function staysInMadeTable(
  place: Place,
  type: LogicalType,
  values: readonly Value[],
): Promise<void> {
  const { schema, database } = place;
  const id = { name: "id", type: { kind: "integer", min: 0, max: 99 }, nullable: false } as const;
  const fields = [id, { name: "value", type, nullable: true }];
  await schema.client.query(ddlOf({ name: "made", fields, key: ["id"] }, schema.name));
  const table = await database.use(signal, (session) =>
    readTable(asking(session, signal), `${schema.name}.made`, []),
  );
  assert.deepEqual(table.key, ["id"]);
  const made = table.columns[1]?.codec ?? assert.fail("the column is not there");
  const held = values.filter((value) => !hasZero(type, value));
  const forms = held.map((value) => {
    const form = canonical(made.type, value);
    return form === undefined ? assert.fail(`${typeName(made.type)} does not hold it`) : form;
  });
  await writeValues(place, { table, name: "made" }, forms);
  const back = await readValues(database, schema, "made");
  for (const [index, value] of held.entries()) {
    assert.ok(same(canonical(type, back[index] ?? null), value), `${typeName(type)} is not held`);
  }
}

/** jsonb, which is made for documents, is the only type that holds less than json does. */
function hasZero(type: LogicalType, value: Value): boolean {
  return type.kind === "json" && type.noZero !== true && value === "\0";
}

/** How PostgreSQL shows it, where what it shows says no more than what is equal to it. */
function textOf({ type }: TypeCase, table: string): string {
  const value = `${table}.value`;
  // Of json the same document may have many texts, and jsonb cannot hold U+0000.
  if (type === "json") return `replace(${value}::text, '\\u0000', '')::jsonb`;
  // 1.50 and 1.5 are one number, and so are 0 and -0.
  const isNumber = ["jsonb", "real", "positive"].includes(type) || type.startsWith("numeric");
  return isNumber ? value : `${value}::text`;
}

function withoutSchema(type: LogicalType, schema: string): LogicalType {
  if (type.kind === "list") return { kind: "list", of: withoutSchema(type.of, schema) };
  if (type.kind !== "named") return type;
  return { kind: "named", name: type.name.replace(`${schema}.`, "").replace("public.", "") };
}

async function readValues(
  database: Database,
  schema: TestSchema,
  table: string,
): Promise<readonly Value[]> {
  const columns = ["id", "value"];
  const shape = { collection: `${schema.name}.${table}`, key: ["id"], columns };
  const values: Value[] = [];
  for await (const page of list({ database, ours: [] }, shape, null, signal)) {
    for (const row of page.rows) values.push(row?.[1] ?? null);
  }
  return values;
}

function staysItself(codec: Codec, value: Value): void {
  const form = canonical(codec.type, value);
  assert.ok(form !== undefined && same(form, value), `not in its form: ${typeName(codec.type)}`);
  assert.deepEqual(decodeValue(encodeValue(value)), value, "the journal keeps something else");
  assert.ok(same(codec.store(value), value), "it says that it stores something else");
}

/** In a column that is made for the type, as `createMissing` makes it. */
function staysInSqlite(type: LogicalType, value: Value): void {
  const declared = declaredFor(type, { isKey: false });
  const column = columnType(declared, false);
  const codec = makeCodec(column, false);
  const own = canonical(column.type, value);
  const bound = own === undefined ? undefined : codec.write(own);
  if (bound === undefined) {
    assert.ok(isRefused(type, value), `SQLite's ${declared} refuses a ${typeName(type)}`);
    return;
  }
  const db = new DatabaseSync(":memory:");
  db.exec(`CREATE TABLE t (value ${declared})`);
  db.prepare("INSERT INTO t VALUES (?)").run(bound);
  const select = db.prepare("SELECT value FROM t");
  select.setReadBigInts(true);
  const stored = select.get()?.["value"] ?? null;
  db.close();
  const isInteger = typeof stored === "bigint";
  const small = isInteger && Number.isSafeInteger(Number(stored)) ? Number(stored) : stored;
  const back = codec.read === undefined ? small : codec.read(small);
  const form = canonical(type, back);
  assert.ok(form !== undefined && same(form, value), `SQLite's ${declared} keeps something else`);
}

/** What SQLite has no place for: refused by name, and nothing else is. */
function isRefused(type: LogicalType, value: Value): boolean {
  if (type.kind === "list") {
    const isOfBytes = type.of.kind === "bytes";
    return isOfBytes || JSON.stringify(encodeValue(value)).includes("$");
  }
  if (type.kind === "real") return Number.isNaN(value);
  // Its JSON column would make a double of it.
  return type.kind === "json" && (typeof value === "bigint" || digitsIn(value) !== undefined);
}

async function writeValues(
  { schema, database }: Place,
  { table, name }: { readonly table: Table; readonly name: string },
  values: readonly Value[],
): Promise<void> {
  const wires = table.columns.map((column) => column.codec);
  const out = makeOut();
  putHeader(out);
  for (const [id, value] of values.entries()) {
    assert.equal(putTuple(out, [id, value], wires), undefined);
  }
  putEnd(out);
  const bytes = out.bytes.subarray(0, out.at);
  const target = quoteTable({ schema: schema.name, table: name });
  await database.use(signal, async (session) => {
    if (wires.every((wire) => wire.isDirect)) {
      const copy = `COPY ${target} FROM STDIN (FORMAT binary)`;
      return session.copyIn(copy, [Buffer.from(bytes)], signal);
    }
    const columns = table.columns.map(({ name, codec }) => `${quote(name)} ${codec.staged}`);
    const assigned = table.columns.map(({ name, codec }) => codec.assign(quote(name)));
    await session.run(`CREATE TEMP TABLE stage (${columns.join(", ")})`, signal);
    const copy = "COPY pg_temp.stage FROM STDIN (FORMAT binary)";
    await session.copyIn(copy, [Buffer.from(bytes)], signal);
    const insert = `INSERT INTO ${target} SELECT ${assigned.join(", ")} FROM pg_temp.stage`;
    await session.run(`${insert}; DROP TABLE pg_temp.stage`, signal);
  });
}
