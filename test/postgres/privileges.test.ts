// Users who may not do everything: each is told what is missing, and no row is taken for absent.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Client } from "pg";
import { SyncError } from "../../src/core/errors.ts";
import { postgresReplica } from "../../src/replicas/postgres/index.ts";
import { cli, folderOf } from "../cli/world.ts";
import { creation, never, told, withReplica, write } from "./scene.ts";
import { makeDatabase, withSchema } from "./server.ts";
import type { TestSchema } from "./server.ts";
import { startServer } from "./start.ts";
import { inSchema } from "./subject.ts";

const PEOPLE = ["id", "name"];
const TABLE = "CREATE TABLE people (id int PRIMARY KEY, name text)";

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof SyncError) return `${error.code}: ${error.message} | ${error.hint}`;
    throw error;
  }
  return assert.fail("nothing went wrong");
}

async function asRole(
  grants: string,
  run: (
    replica: Awaited<ReturnType<typeof postgresReplica>>,
    schema: TestSchema,
    role: string,
  ) => Promise<void>,
  markers: "markers" | "none" = "markers",
): Promise<void> {
  await withSchema(`${TABLE}; INSERT INTO people VALUES (1, 'a')`, async (schema) => {
    const { client, name, ours } = schema;
    const role = `${name}_role`;
    await client.query(`CREATE ROLE ${role} LOGIN`);
    const url = new URL(schema.url);
    url.username = role;
    const left = markers === "markers" ? ours : (false as const);
    const replica = await postgresReplica({ name: "data", url: url.href, markers: left });
    try {
      await client.query(`GRANT USAGE ON SCHEMA ${name} TO ${role}`);
      await client.query(grants.replaceAll("$role", role).replaceAll("$schema", name));
      await run(inSchema(replica, name), schema, role);
    } finally {
      await replica.close();
      await client.query(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`);
    }
  });
}

const WRITING = "GRANT SELECT, INSERT, UPDATE, DELETE ON people TO $role";

test("a user who may not write is told the GRANT that helps", async () => {
  await asRole(
    "GRANT SELECT, UPDATE ON people TO $role",
    async (replica, { name }, role) => {
      assert.equal((await replica.describe(never)).collections.size, 1);
      assert.equal(
        await codeOf(write(replica, "people", PEOPLE, [creation(2, "b")])),
        `REPLICA_DENIED: ${role} may not write ${name}.people | ` +
          `GRANT INSERT, DELETE ON "${name}"."people" TO "${role}";`,
      );
    },
    "none",
  );
});

test("a user who may not read is told so", async () => {
  await asRole("SELECT 1", async (replica) => {
    const shape = { collection: "people", key: ["id"], columns: ["id"] };
    const said = await codeOf(replica.read(shape, [creation(1).key], never));
    assert.match(said, /^REPLICA_DENIED: .* \| .*GRANT/);
  });
});

test("where we may make no schema the GRANT is told, one that was made is used", async () => {
  await asRole(WRITING, async (replica, { client, ours }, role) => {
    const writing = () => write(replica, "people", PEOPLE, [creation(2, "b")]);
    assert.match(await codeOf(writing()), /^REPLICA_DENIED: .*GRANT CREATE ON DATABASE .*markers/);
    await client.query(`CREATE SCHEMA ${ours} AUTHORIZATION ${role}`);
    assert.deepEqual(told(await writing()), [[2, "b"]]);
    assert.equal((await replica.marks("link", never)).length, 1);
  });
});

test("what another user keeps is in no way, and shared by the GRANT that is told", async () => {
  await asRole(WRITING, async (replica, { url, name, ours }) => {
    const owner = await postgresReplica({ name: "data", url, markers: ours });
    await write(inSchema(owner, name), "people", PEOPLE, [creation(2, "b")]);
    await owner.close();
    assert.equal((await replica.describe(never)).collections.size, 1);
    assert.deepEqual(await replica.marks("link", never), []);
    await replica.forget("link");
    const said = await codeOf(write(replica, "people", PEOPLE, [creation(3, "c")]));
    const grants = /GRANT USAGE ON .*?;\nGRANT .*?;/.exec(said)?.[0];
    assert.ok(grants !== undefined, said);
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(grants);
    await client.end();
    const outcomes = await write(replica, "people", PEOPLE, [creation(3, "c")]);
    assert.deepEqual(told(outcomes), [[3, "c"]]);
    // Its tables are the other user's to drop.
    await replica.forget("link");
  });
});

test("what proves our writes may stand beside tables of others and leaves them alone", async () => {
  await withSchema(`${TABLE}; CREATE TABLE links (id int PRIMARY KEY)`, async (schema) => {
    const { client, name, url } = schema;
    const replica = await postgresReplica({ name: "data", url, markers: name });
    const inside = inSchema(replica, name);
    const ours = `SELECT relname FROM pg_class WHERE relnamespace = '${name}'::regnamespace
      AND relkind = 'r' ORDER BY relname COLLATE "C"`;
    const tables = async () => (await client.query(ours)).rows.map(({ relname }) => relname);
    await write(inside, "people", PEOPLE, [creation(2, "b")]);
    const left = ["_syncline_links", "_syncline_markers", "_syncline_store", "links", "people"];
    assert.deepEqual(await tables(), left);
    const { collections } = await inside.describe(never);
    assert.deepEqual([...collections.keys()], ["links", "people"]);
    await client.query("DROP TABLE links, people");
    await replica.forget("link");
    assert.deepEqual(await tables(), [], "and the schema, which we did not make, is there");
    await replica.close();
  });
});

test("rows that a policy hides are an error, and never absent", async () => {
  const policy = `ALTER TABLE people ENABLE ROW LEVEL SECURITY;
    CREATE POLICY hidden ON people USING (id > 1)`;
  await asRole(`${WRITING}; ${policy}`, async (replica, { client, name }, role) => {
    const shape = { collection: "people", key: ["id"], columns: ["id", "name"] };
    const read = () => replica.read(shape, [creation(1).key], never);
    assert.match(await codeOf(read()), /^REPLICA_DENIED: .*BYPASSRLS/);
    // It shows before anything is read.
    const broken = async () => {
      const { collections } = await replica.describe(never);
      const error = collections.get("people")?.broken;
      return error && `${error.code}: ${error.message} | ${error.hint}`;
    };
    assert.equal(
      await broken(),
      `REPLICA_DENIED: policies of ${name}.people may hide rows from ${role}, which would look ` +
        `deleted | ALTER ROLE "${role}" BYPASSRLS;`,
    );
    await client.query(`ALTER ROLE ${role} BYPASSRLS`);
    assert.equal(await broken(), undefined);
    assert.deepEqual((await read()).rows, [[1, "a"]]);
    // Owners see everything, unless they themselves are to be bound.
    await client.query(`ALTER ROLE ${role} NOBYPASSRLS; ALTER TABLE people OWNER TO ${role}`);
    assert.equal(await broken(), undefined);
    await client.query("ALTER TABLE people FORCE ROW LEVEL SECURITY");
    assert.match(String(await broken()), /^REPLICA_DENIED/);
    assert.match(await codeOf(read()), /^REPLICA_DENIED/);
  });
});

test("a view over rows that a policy hides from its owner is an error as well", async () => {
  const policy = `ALTER TABLE people ENABLE ROW LEVEL SECURITY;
    CREATE POLICY hidden ON people USING (id > 1);
    CREATE VIEW seen AS SELECT * FROM people; GRANT CREATE ON SCHEMA $schema TO $role;
    ALTER VIEW seen OWNER TO $role`;
  await asRole(`${WRITING}; ${policy}`, async (replica) => {
    const shape = { collection: "seen", key: ["id"], columns: ["id", "name"] };
    const said = await codeOf(replica.read(shape, [creation(1).key], never));
    assert.match(said, /^REPLICA_DENIED: .*BYPASSRLS/);
  });
});

test("a database that is read-only refuses writes and is read", async () => {
  await withReplica(`${TABLE}; INSERT INTO people VALUES (1, 'a')`, async (_, schema) => {
    const { client, name, ours } = schema;
    const role = `${name}_reader`;
    await client.query(`CREATE ROLE ${role} LOGIN SUPERUSER;
      ALTER ROLE ${role} SET default_transaction_read_only = on`);
    const url = new URL(schema.url);
    url.username = role;
    const whole = await postgresReplica({ name: "data", url: url.href, markers: ours });
    const replica = inSchema(whole, name);
    const shape = { collection: "people", key: ["id"], columns: ["id", "name"] };
    try {
      assert.deepEqual((await replica.read(shape, [creation(1).key], never)).rows, [[1, "a"]]);
      const said = await codeOf(write(replica, "people", PEOPLE, [creation(2, "b")]));
      assert.match(said, /^REPLICA_READ_ONLY: /);
    } finally {
      await whole.close();
      await client.query(`DROP ROLE ${role}`);
    }
  });
});

test("validate tells the statements that are missing, and with them all works", async (t) => {
  const { url, client } = await makeDatabase(t);
  const role = `syncline_test_${process.pid}_granted`;
  await client.query(`CREATE SCHEMA shop; CREATE TABLE shop.people (id int PRIMARY KEY, name text);
    CREATE VIEW shop.v AS SELECT * FROM shop.people; INSERT INTO shop.people VALUES (1, 'a');
    REVOKE ALL ON SCHEMA public FROM PUBLIC; CREATE ROLE ${role} LOGIN;
    DO $$ BEGIN EXECUTE 'REVOKE TEMPORARY ON DATABASE ' || current_database() || ' FROM PUBLIC';
    END $$`);
  const folder = folderOf(t);
  const address = new URL(url);
  address.username = role;
  writeFileSync(join(folder, "people.csv"), "id,name\n1,a\n2,b\n");
  const validated = async (pipeline: string) => {
    const systems = {
      shop: { type: "postgres", url: address.href, schema: "shop" },
      files: { type: "rows", path: ".", format: "csv" },
    };
    const text = `systems: ${JSON.stringify(systems)}\npipelines:\n  people: { ${pipeline} }\n`;
    writeFileSync(join(folder, "syncline.yaml"), text);
    const { stdout, stderr } = await cli(folder, "validate");
    return stdout + stderr;
  };
  const granted = async (pipeline: string, ...grants: readonly RegExp[]) => {
    const said = await validated(pipeline);
    assert.match(said, /REPLICA_DENIED {2}syncline\.yaml:3:\d+\n/);
    const told = [...said.matchAll(/(?<=^ +(?:→ )?)GRANT [^;]*;/gm)].map(([grant]) => grant);
    assert.equal(told.length, grants.length, said);
    for (const [i, grant] of grants.entries()) assert.match(told[i] ?? "", grant);
    for (const grant of told) await client.query(grant);
  };
  try {
    const leading = "source: shop.people, target: files.copy";
    await granted(leading, /^GRANT USAGE ON SCHEMA "shop"/, /^GRANT SELECT ON "shop"."people"/);
    assert.match(await validated(leading), /1 pipeline valid/);
    const both = "source: files.people, target: shop.people";
    await granted(
      both,
      /^GRANT INSERT, UPDATE, DELETE ON "shop"."people"/,
      /^GRANT TEMPORARY ON DATABASE/,
      /^GRANT CREATE ON DATABASE/,
    );
    assert.match(await validated(both), /1 pipeline valid/);
    assert.equal((await cli(folder, "run")).exit, 0);
    const { rows } = await client.query("SELECT id, name FROM shop.people ORDER BY id");
    assert.deepEqual(rows.at(-1), { id: 2, name: "b" });
    const making = "source: files.people, target: shop.more, key: id, createMissing: true";
    await granted(making, /^GRANT USAGE, CREATE ON SCHEMA "shop"/);
    assert.match(await validated(making), /1 pipeline valid/);
    assert.equal((await cli(folder, "run")).exit, 0);
    const nowhere = "source: files.people, target: shop.nil.more, key: id, createMissing: true";
    assert.match(await validated(nowhere), /COLLECTION_MISSING[^]*CREATE SCHEMA "nil";/);
    const view = "source: files.people, target: shop.v, key: id";
    assert.match(
      await validated(view),
      /REPLICA_READ_ONLY[^]*shop\.v is a view[^]*Write to a table/,
    );
    await client.query(`ALTER ROLE ${role} SET default_transaction_read_only = on`);
    assert.match(await validated(both), /REPLICA_READ_ONLY[^]*read-only[^]*standby/);
    assert.match(await validated(making.replace("more", "other")), /REPLICA_READ_ONLY/);
  } finally {
    await client.query(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`);
  }
});

test("a user who may stage nothing is told the GRANT that helps", async () => {
  const server = await startServer();
  const url = new URL(server.url);
  url.username = "staging";
  const replica = await postgresReplica({ name: "data", url: url.href, markers: false });
  try {
    const client = new Client({ connectionString: server.url });
    await client.connect();
    await client.query(`REVOKE TEMPORARY ON DATABASE postgres FROM PUBLIC; ${TABLE};
      CREATE ROLE staging LOGIN; GRANT SELECT, INSERT, UPDATE, DELETE ON people TO staging`);
    const writing = () => write(replica, "public.people", PEOPLE, [creation(1, "a")]);
    const said = await codeOf(writing());
    const grant = /GRANT TEMPORARY ON DATABASE "postgres" TO "staging";/.exec(said)?.[0];
    assert.ok(grant !== undefined, said);
    await client.query(grant);
    assert.deepEqual(told(await writing()), [[1, "a"]]);
    await client.end();
  } finally {
    await replica.close();
    await server.stop();
  }
});

test("a column that may not be read is named where it is mapped, with its GRANT", async (t) => {
  const { client, url } = await makeDatabase(t);
  const role = `${new URL(url).pathname.slice(1)}_reader`;
  await client.query(`CREATE ROLE ${role} LOGIN; ${TABLE}; ALTER TABLE people ADD secret text;
    INSERT INTO people VALUES (1, 'Ann', 'x'); GRANT SELECT (id, name) ON people TO ${role}`);
  const reader = new URL(url);
  reader.username = role;
  try {
    const folder = folderOf(t);
    const configured = (mapping: string): void =>
      writeFileSync(
        join(folder, "syncline.yaml"),
        `version: 1
systems:
  data: { type: postgres, url: "${reader.href}" }
  files: { type: rows, path: ., format: csv }
pipelines:
  people: { source: data.public.people, target: files.people${mapping} }
`,
      );
    configured("");
    for (const words of [["validate"], ["plan"], ["run"]]) {
      const { exit, stderr } = await cli(folder, ...words);
      assert.equal(exit, 3, words.join());
      assert.match(stderr, /REPLICA_DENIED {2}syncline\.yaml:6:\d+/);
      assert.match(stderr, /may not read "secret" of public\.people/);
      assert.match(stderr, /GRANT SELECT \("secret"\) ON "public"\."people" TO /);
    }
    configured(", mapping: [{ source: id, target: id }, { source: name, target: name }]");
    const { exit, stderr } = await cli(folder, "run");
    assert.equal(exit, 0, stderr);
    assert.equal(readFileSync(join(folder, "people.csv"), "utf8"), "id,name\n1,Ann\n");
  } finally {
    await client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  }
});
