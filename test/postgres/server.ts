// A PostgreSQL server for the tests of one process, and schemas on it that are theirs alone. With
// SYNCLINE_TEST_POSTGRES_URL it is that server, on which nothing but these schemas is touched.
import { after } from "node:test";
import type { TestContext } from "node:test";
import { Client } from "pg";
import { startServer } from "./start.ts";
import type { TestServer } from "./start.ts";

let shared: Promise<TestServer> | undefined;
// Here and not where it is started: inside a test it would be that test's own hook.
after(async () => (await shared)?.stop());

/** The address of the server that all tests of this process share. */
export async function serverUrl(): Promise<string> {
  const given = process.env["SYNCLINE_TEST_POSTGRES_URL"];
  if (given !== undefined && given !== "") return given;
  shared ??= startServer();
  return (await shared).url;
}

/** A schema that is a test's own. */
export interface TestSchema {
  readonly url: string;
  readonly name: string;
  /** Where a replica under test keeps what it leaves in a database. */
  readonly ours: string;
  /** A superuser's connection whose search path is the schema. */
  readonly client: Client;
  drop(): Promise<void>;
}

let count = 0;

/** Makes a schema on the shared server. */
export async function makeSchema(): Promise<TestSchema> {
  const url = await serverUrl();
  const name = `syncline_test_${process.pid}_${Date.now().toString(36)}_${count++}`;
  const ours = `${name}_ours`;
  const client = new Client({ connectionString: url, application_name: "syncline tests" });
  await client.connect();
  await client.query(`CREATE SCHEMA ${name}; SET search_path = ${name}`);
  return {
    url,
    name,
    ours,
    client,
    drop: async () => {
      await client.query(
        `SET client_min_messages = warning;
         DROP SCHEMA ${name} CASCADE; DROP SCHEMA IF EXISTS ${ours} CASCADE`,
      );
      await client.end();
    },
  };
}

/** Runs with a schema that these statements made, and drops it afterwards. */
export async function withSchema(
  sql: string,
  run: (schema: TestSchema) => Promise<void>,
): Promise<void> {
  const schema = await makeSchema();
  try {
    if (sql !== "") await schema.client.query(sql);
    await run(schema);
  } finally {
    await schema.drop();
  }
}

/** Makes a database of a test's own on the shared server, which goes with the test. */
export async function makeDatabase(t: TestContext): Promise<TestDatabase> {
  const url = new URL(await serverUrl());
  const name = `syncline_test_${process.pid}_${Date.now().toString(36)}_${count++}`;
  const server = new Client({ connectionString: url.href });
  await server.connect();
  await server.query(`CREATE DATABASE ${name} TEMPLATE template0`);
  url.pathname = `/${name}`;
  const client = new Client({ connectionString: url.href });
  await client.connect();
  t.after(async () => {
    await client.end();
    await server.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await server.end();
  });
  return { url: url.href, client };
}

/** A database that is a test's own, and a superuser's connection to it. */
export interface TestDatabase {
  readonly url: string;
  readonly client: Client;
}
