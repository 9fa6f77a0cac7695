// Digests that the server makes: of values of every type they are those of the values as they are
// read, or there is none.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { OwnRow } from "../../src/core/state.ts";
import { digestForm, makeRangeBytes } from "../../src/engine/index.ts";
import type { DigestField, Digester, RangeDigest, Replica } from "../../src/engine/index.ts";
import { postgresReplica } from "../../src/replicas/postgres/index.ts";
import { makeSchema, withSchema } from "./server.ts";
import { TYPE_CASES } from "./type-cases.ts";
import type { TypeCase } from "./type-case.ts";

const NEVER = new AbortController().signal;
const SALT = "endsheregonehere";
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Types whose values the server writes in other words than we do. */
const UNDIGESTED: ReadonlySet<string> = new Set(
  [
    "xid",
    "xid8",
    "timetz",
    "interval",
    "interval(0)",
    "json",
    "jsonb",
    "int2vector",
    "tags",
  ].concat(TYPE_CASES.flatMap(({ type }) => (type.endsWith("[]") ? [type] : []))),
);
/** Of others, values with a digest that no other side has: years of five digits, or BC. */
const isFar = ({ type }: TypeCase, sql: string): boolean =>
  /^(?:date|timestamp)/.test(type) && /BC'|'\d{5,}-/.test(sql);

test("a value of every type has the digest of what is read, or none", async () => {
  const none: string[] = [];
  for (const each of TYPE_CASES) {
    // Those that not every server has.
    if (each.extension !== undefined || each.since !== undefined) continue;
    const schema = await makeSchema();
    const replica = await postgresReplica({ name: "data", url: schema.url, markers: false });
    try {
      if (each.before !== undefined) await schema.client.query(each.before);
      await schema.client.query(`CREATE TABLE t (id int PRIMARY KEY, v ${each.type})`);
      const inserts = each.values.map(([sql], id) => `INSERT INTO t VALUES (${id}, ${sql})`);
      await schema.client.query(inserts.join("; "));
      const collection = `${schema.name}.t`;
      const digests = await digestsOf(replica, collection, ["id"], 1);
      if (digests === undefined) {
        none.push(each.type);
        continue;
      }
      const known = await knownDigests(replica, collection, ["id"]);
      for (const [id, [sql]] of each.values.entries()) {
        const is: string = digests[id]?.digest === known[id] ? "the digest" : "another one";
        assert.equal(is, isFar(each, sql) ? "another one" : "the digest", `${each.type} ${sql}`);
      }
    } finally {
      await replica.close();
      await schema.drop();
    }
  }
  const unexpected = none.filter((type) => !UNDIGESTED.has(type));
  assert.deepEqual(unexpected, []);
  assert.ok(none.includes("jsonb") && none.includes("interval"), none.join());
});

async function fieldsOf(replica: Replica, collection: string): Promise<readonly DigestField[]> {
  const described = (await replica.describe(NEVER)).collections.get(collection);
  return (described?.fields ?? []).map(({ name, type }) => ({ column: name, type }));
}

async function openDigester(
  replica: Replica,
  collection: string,
  key: readonly string[],
): Promise<Digester | undefined> {
  const fields = await fieldsOf(replica, collection);
  const shape = { collection, key, columns: fields.map(({ column }) => column) };
  return replica.digester?.({ shape, fields, salt: SALT }, NEVER);
}

async function digestsOf(
  replica: Replica,
  collection: string,
  key: readonly string[],
  rowsMax: number,
): Promise<readonly RangeDigest[] | undefined> {
  const digester = await openDigester(replica, collection, key);
  if (digester === undefined) return undefined;
  const ranges: RangeDigest[] = [];
  for await (const batch of digester.ranges(rowsMax)) ranges.push(...batch);
  await digester.close();
  return ranges;
}

/** The digest of each row that is listed, by itself. */
async function knownDigests(
  replica: Replica,
  collection: string,
  key: readonly string[],
): Promise<readonly (string | undefined)[]> {
  const fields = await fieldsOf(replica, collection);
  const columns = fields.map(({ column }) => column);
  const forms = fields.map(({ type }, at) => ({ at, form: digestForm(type) }));
  const make = makeRangeBytes(forms, SALT);
  const rows: OwnRow[] = [];
  for await (const page of replica.list({ collection, key, columns }, null, NEVER)) {
    rows.push(...page.rows.filter((row) => row !== null));
  }
  return rows.map((row) => {
    const bytes = make([row]);
    return bytes === undefined ? undefined : sha256(bytes);
  });
}

/** Which keys the server finds ranges of: by an index in our order, or not at all. */
const KEYS: readonly (readonly [ddl: string, key: readonly string[], isDigested: boolean])[] = [
  ["id int PRIMARY KEY", ["id"], true],
  ["id uuid PRIMARY KEY", ["id"], true],
  ["id bytea PRIMARY KEY", ["id"], true],
  ['id text COLLATE "C" PRIMARY KEY', ["id"], true],
  ['id text COLLATE "und-x-icu" PRIMARY KEY', ["id"], false],
  ['a text COLLATE "C", b bigint, PRIMARY KEY (a, b)', ["a", "b"], true],
  ["a int, b int, PRIMARY KEY (a, b)", ["b", "a"], false],
  ["id int UNIQUE", ["id"], true],
  ["id int", ["id"], false],
  ["id int); CREATE INDEX ON t (id", ["id"], false],
  ["id date PRIMARY KEY", ["id"], false],
  ["id numeric PRIMARY KEY", ["id"], false],
  ["id int, other int, UNIQUE (id)", ["id", "other"], false],
];

test("ranges are found by an index in the order of our keys, or not at all", async () => {
  for (const [ddl, key, isDigested] of KEYS) {
    await withSchema(`CREATE TABLE t (${ddl})`, async (schema) => {
      const replica = await postgresReplica({ name: "data", url: schema.url, markers: false });
      try {
        const found = await digestsOf(replica, `${schema.name}.t`, key, 10);
        assert.equal(found !== undefined, isDigested, `${ddl} by ${key.join()}`);
        if (isDigested)
          assert.deepEqual(
            found?.map(({ to, rows }) => [to, rows]),
            [[null, 0]],
          );
      } finally {
        await replica.close();
      }
    });
  }
});

test("a table of which a row has no key is read: it would be in no range", async () => {
  const made = "CREATE TABLE t (id int UNIQUE, v text); INSERT INTO t VALUES (1, 'a')";
  await withSchema(made, async (schema) => {
    const replica = await postgresReplica({ name: "data", url: schema.url, markers: false });
    try {
      const found = await digestsOf(replica, `${schema.name}.t`, ["id"], 10);
      assert.deepEqual(
        found?.map(({ rows }) => rows),
        [1],
      );
      await schema.client.query("INSERT INTO t VALUES (NULL, 'b')");
      assert.equal(await digestsOf(replica, `${schema.name}.t`, ["id"], 10), undefined);
    } finally {
      await replica.close();
    }
  });
});

test("columns and schemas with odd names are digested as others are", async () => {
  const made = `CREATE TABLE "t"" ; --" ("k0" int PRIMARY KEY, "r" text, "c1""'" text, "d" int);
    INSERT INTO "t"" ; --" VALUES (1, 'x', 'y', 2), (2, NULL, '', NULL)`;
  await withSchema(made, async (schema) => {
    const replica = await postgresReplica({ name: "data", url: schema.url, markers: false });
    try {
      const collection = `${schema.name}."t"" ; --"`;
      const digests = await digestsOf(replica, collection, ["k0"], 1);
      const known = await knownDigests(replica, collection, ["k0"]);
      assert.deepEqual(
        digests?.slice(0, 2).map(({ digest }) => digest),
        known,
      );
    } finally {
      await replica.close();
    }
  });
});
