// What a database says of itself, in the words of the contract.
import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeKey } from "../../src/core/key.ts";
import type { CollectionDescription, NewCollection } from "../../src/engine/replica.ts";
import { ddlOf, declaredFor } from "../../src/replicas/postgres/ddl.ts";
import { collectionName, tableName } from "../../src/replicas/postgres/names.ts";
import { postgresReplica } from "../../src/replicas/postgres/index.ts";
import { withSchema } from "./server.ts";
import type { TestSchema } from "./server.ts";

const { signal } = new AbortController();

type Found = ReadonlyMap<string, CollectionDescription>;

/** What is described in the schema, by the names of its tables. */
async function described(schema: TestSchema): Promise<Found> {
  const replica = await postgresReplica({ name: "pg", url: schema.url, markers: schema.ours });
  try {
    const { collections } = await replica.describe(signal);
    const mine = [...collections].filter(([name]) => name.startsWith(`${schema.name}.`));
    return new Map(mine.map(([name, each]) => [name.slice(schema.name.length + 1), each]));
  } finally {
    await replica.close();
  }
}

function of(found: Found, name: string): CollectionDescription {
  return found.get(name) ?? assert.fail(`${name} is not described`);
}

test("columns say their type, whether they may be left out, and who computes them", () =>
  withSchema(
    `CREATE DOMAIN needed AS integer NOT NULL; CREATE DOMAIN filled AS text DEFAULT 'x';
     CREATE TABLE t (
       id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
       twice integer GENERATED ALWAYS AS (2 * n) STORED,
       n integer NOT NULL DEFAULT 1,
       code varchar(3),
       "odd ""name""" needed,
       note filled,
       gone integer
     );
     ALTER TABLE t DROP COLUMN gone`,
    async (schema) => {
      const { fields } = of(await described(schema), "t");
      const said = fields.map((field) => [
        field.name,
        field.declared.replace(`${schema.name}.`, ""),
        ...["nullable", "hasDefault", "generated"].filter((claim) => field[claim as "nullable"]),
      ]);
      assert.deepEqual(said, [
        ["id", "integer", "hasDefault"],
        ["twice", "integer", "nullable", "generated"],
        ["n", "integer", "hasDefault"],
        ["code", "character varying(3)", "nullable"],
        ['odd "name"', "needed"],
        ["note", "filled", "nullable", "hasDefault"],
      ]);
    },
  ));

test("only what proves that two rows differ is a unique set", () =>
  withSchema(
    `CREATE TABLE t (
       a integer, b text COLLATE folds, c integer, d text, e integer,
       PRIMARY KEY (c, a), UNIQUE (d) INCLUDE (e), UNIQUE (e) DEFERRABLE, UNIQUE (b)
     );
     CREATE UNIQUE INDEX ON t (a) WHERE c > 0;
     CREATE UNIQUE INDEX ON t (lower(d));
     CREATE INDEX ON t (e, d)`.replace(
      "CREATE TABLE",
      `CREATE COLLATION folds (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
       CREATE TABLE`,
    ),
    async (schema) => {
      const found = of(await described(schema), "t");
      assert.deepEqual(found.key, ["c", "a"]);
      assert.deepEqual(found.uniqueSets, [["c", "a"], ["d"]]);
    },
  ));

test("a key that only the store can tell apart is none; one of citext says how it folds", () =>
  withSchema(
    `CREATE COLLATION folds (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
     CREATE TABLE folding (name text COLLATE folds PRIMARY KEY)`,
    async (schema) => {
      await schema.client.query("CREATE EXTENSION IF NOT EXISTS citext SCHEMA public");
      await schema.client.query("CREATE TABLE ignoring (id integer, name public.citext)");
      await schema.client.query("ALTER TABLE ignoring ADD PRIMARY KEY (id, name)");
      const found = await described(schema);
      assert.deepEqual(of(found, "folding").key, []);
      assert.deepEqual(of(found, "folding").uniqueSets, []);
      const { key, foldKey } = of(found, "ignoring");
      assert.deepEqual(key, ["id", "name"]);
      const fold = (name: string): string => foldKey?.(encodeKey([1, name]) ?? "") ?? "";
      assert.equal(fold("Ada"), fold("aDA"));
      assert.notEqual(fold("Ada"), fold("Adam"));
    },
  ));

test("references are told once, with what the store does", () =>
  withSchema(
    `CREATE TABLE parents (a integer, b integer, PRIMARY KEY (a, b)) PARTITION BY HASH (a);
     CREATE TABLE parents_0 PARTITION OF parents FOR VALUES WITH (MODULUS 2, REMAINDER 0);
     CREATE TABLE parents_1 PARTITION OF parents FOR VALUES WITH (MODULUS 2, REMAINDER 1);
     CREATE TABLE "other.table" (id integer PRIMARY KEY);
     CREATE TABLE children (
       id integer PRIMARY KEY, b integer, a integer, up integer REFERENCES children,
       o integer REFERENCES "other.table" ON DELETE SET NULL,
       FOREIGN KEY (b, a) REFERENCES parents (b, a) ON DELETE CASCADE
     )`.replace("PRIMARY KEY (a, b)) PARTITION", "PRIMARY KEY (a, b), UNIQUE (b, a)) PARTITION"),
    async (schema) => {
      const found = await described(schema);
      assert.deepEqual([...found.keys()], ["children", '"other.table"', "parents"]);
      const inSchema = (name: string): string => `${schema.name}.${name}`;
      assert.deepEqual(of(found, "children").references, [
        {
          columns: ["b", "a"],
          collection: inSchema("parents"),
          references: ["b", "a"],
          onDelete: "cascade",
        },
        {
          columns: ["o"],
          collection: inSchema('"other.table"'),
          references: ["id"],
          onDelete: "set-null",
        },
        {
          columns: ["up"],
          collection: inSchema("children"),
          references: ["id"],
          onDelete: "refuse",
        },
      ]);
    },
  ));

test("views are read and not written; triggers and rules have their names", () =>
  withSchema(
    `CREATE TABLE t (id integer PRIMARY KEY); CREATE VIEW v AS SELECT * FROM t;
     CREATE MATERIALIZED VIEW m AS SELECT * FROM t; CREATE UNIQUE INDEX ON m (id);
     CREATE FUNCTION act() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
     CREATE TRIGGER acts BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION act();
     CREATE TRIGGER sleeps BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION act();
     ALTER TABLE t DISABLE TRIGGER sleeps;
     CREATE RULE diverts AS ON DELETE TO t DO ALSO NOTIFY nobody`,
    async (schema) => {
      const found = await described(schema);
      const writable = [...found].map(([name, each]) => [name, each.capabilities.writable]);
      assert.deepEqual(writable, [
        ["m", false],
        ["t", true],
        ["v", false],
      ]);
      assert.deepEqual(of(found, "t").triggers, ["acts", "diverts"]);
      assert.deepEqual(of(found, "v").triggers, []);
      assert.deepEqual(of(found, "m").uniqueSets, [["id"]]);
    },
  ));

test("names of collections are taken apart as they were put together", () => {
  for (const [schema, table, name] of [
    ["public", "people", "public.people"],
    ["Odd.one", "people", '"Odd.one".people'],
    ["s", 'say "x" ', 's."say ""x"" "'],
    ["s", "ü-1", "s.ü-1"],
  ] as const) {
    assert.equal(collectionName({ schema, table }), name);
    assert.deepEqual(tableName(name), { schema, table });
  }
  for (const name of ["people", "a.b.c", ".x", 'a."b', 'a.""', "a b.c"]) {
    assert.equal(tableName(name), undefined);
  }
});

test("a table is made with quoted names and types that every server has", () => {
  const collection: NewCollection = {
    name: 'odd."ta""ble; DROP"',
    key: ["id"],
    fields: [
      { name: "id", type: { kind: "uuid" }, nullable: true },
      { name: 'a"b', type: { kind: "text", maxLength: 5 }, nullable: false },
      { name: "c", type: { kind: "named", name: "x; DROP TABLE y" }, nullable: true },
    ],
  };
  assert.equal(
    ddlOf(collection, "public"),
    [
      'CREATE TABLE "odd"."ta""ble; DROP" (',
      '  "id" uuid NOT NULL,',
      '  "a""b" varchar(5) NOT NULL,',
      '  "c" text,',
      '  PRIMARY KEY ("id")',
      ")",
    ].join("\n"),
  );
  assert.match(ddlOf({ ...collection, name: "bare" }, "my schema"), /^CREATE TABLE "my schema"\./);
  const declared = [
    declaredFor({ kind: "integer" }),
    declaredFor({ kind: "integer", min: 0, max: 2n ** 64n - 1n }),
    declaredFor({ kind: "integer", min: -1, max: 40_000 }),
    declaredFor({ kind: "decimal", precision: 2, scale: 4 }),
    declaredFor({ kind: "decimal", precision: 38, scale: 18 }),
    declaredFor({ kind: "decimal", precision: 2000, scale: 1 }),
    declaredFor({ kind: "text", maxLength: 20_000_000 }),
    declaredFor({ kind: "list", of: { kind: "named", name: "inet" } }),
    declaredFor({ kind: "list", of: { kind: "list", of: { kind: "text" } } }),
  ];
  assert.deepEqual(declared, [
    "bigint",
    "numeric",
    "integer",
    "numeric",
    "numeric(38,18)",
    "numeric",
    "text",
    "inet[]",
    "jsonb",
  ]);
});

test("a document and a list name nothing, and are no key", () =>
  withSchema(
    `CREATE TABLE documents (doc jsonb PRIMARY KEY, code text UNIQUE);
     CREATE TABLE lists (id int, tags text[], PRIMARY KEY (id, tags))`,
    async (schema) => {
      const found = await described(schema);
      assert.deepEqual(of(found, "documents").key, []);
      assert.deepEqual(of(found, "documents").uniqueSets, [["code"]]);
      assert.deepEqual(of(found, "lists").key, []);
    },
  ));
