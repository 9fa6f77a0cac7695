// Code of users (triggers, checks) finds what it would find for any client of their role, and what
// stands in their schemas is never taken for ours.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import type { OwnRow, Value } from "../../src/core/state.ts";
import type { Replica } from "../../src/engine/replica.ts";
import { postgresReplica } from "../../src/replicas/postgres/index.ts";
import { batchOf, creation, move, never, packed, told, write, writeBatch } from "./scene.ts";
import { makeDatabase } from "./server.ts";
import type { TestDatabase } from "./server.ts";

/** A database whose users find `app` by themselves, made by these statements. */
async function openApp(
  t: TestContext,
  sql: string,
  path = "app",
): Promise<TestDatabase & { readonly replica: Replica }> {
  const database = await makeDatabase(t);
  const { client, url } = database;
  await client.query(`CREATE SCHEMA app; SET search_path = app, public; ${sql}`);
  const name = new URL(url).pathname.slice(1);
  await client.query(`ALTER DATABASE ${name} SET search_path = ${path}`);
  const replica = await postgresReplica({ name: "data", url });
  t.after(() => replica.close());
  return { ...database, replica };
}

const AUDITED = `
  CREATE TABLE people (id int PRIMARY KEY, name text UNIQUE);
  CREATE TABLE audit (what text, id int);
  CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO audit VALUES (TG_WHEN || ' ' || TG_OP, coalesce(NEW.id, OLD.id));
    RETURN coalesce(NEW, OLD); END $$;
  CREATE TRIGGER before BEFORE INSERT OR UPDATE OR DELETE ON people
    FOR EACH ROW EXECUTE FUNCTION note();
  CREATE TRIGGER behind AFTER INSERT OR UPDATE OR DELETE ON people
    FOR EACH ROW EXECUTE FUNCTION note()`;

test("a trigger that names a table without its schema works as for any client", async (t) => {
  const { replica, client } = await openApp(t, AUDITED);
  const columns = ["id", "name"];
  const outcomes = [
    ...(await write(replica, "app.people", columns, [creation(1, "a"), creation(2, "b")])),
    ...(await write(replica, "app.people", columns, [move([1, "a"], [1, "c"])])),
    ...(await write(replica, "app.people", columns, [move([2, "b"], null)])),
  ];
  assert.deepEqual(told(outcomes), [[1, "a"], [2, "b"], [1, "c"], null]);
  const { rows } = await client.query("SELECT what || ' ' || id AS line FROM audit ORDER BY 1");
  assert.deepEqual(
    rows.map(({ line }: { line: string }) => line),
    ["AFTER DELETE 2", "AFTER INSERT 1", "AFTER INSERT 2", "AFTER UPDATE 1"].concat([
      "BEFORE DELETE 2",
      "BEFORE INSERT 1",
      "BEFORE INSERT 2",
      "BEFORE UPDATE 1",
    ]),
  );
});

test("so does one on another table that waits for the end of the transaction", async (t) => {
  const { replica, client } = await openApp(
    t,
    `CREATE TABLE parents (id int PRIMARY KEY);
     CREATE TABLE audit (id int);
     CREATE TABLE children (id int PRIMARY KEY, parent int REFERENCES parents ON UPDATE CASCADE);
     CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       INSERT INTO audit VALUES (NEW.parent); RETURN NULL; END $$;
     CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON children DEFERRABLE INITIALLY DEFERRED
       FOR EACH ROW EXECUTE FUNCTION note();
     INSERT INTO parents VALUES (1); INSERT INTO children VALUES (1, 1)`,
  );
  const moved = await write(replica, "app.parents", ["id"], [move([1], [5])]);
  assert.deepEqual(told(moved), [[5]]);
  assert.deepEqual((await client.query("SELECT id FROM audit")).rows, [{ id: 5 }]);
});

/** A check that names a table without its schema, and lets only rows pass that come in this way. */
const CHECKED = (way: string): string => `
  CREATE TABLE words (word text PRIMARY KEY);
  INSERT INTO words VALUES ('a'), ('b'), ('c');
  CREATE FUNCTION known(what text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
    IF current_query() !~ '${way}' THEN RETURN false; END IF;
    RETURN what IS NULL OR EXISTS (SELECT 1 FROM words WHERE word = what); END $$;
  CREATE TABLE people (id int PRIMARY KEY, name text UNIQUE CHECK (known(name)))`;

test("a check does where rows are copied straight in, one by one and packed", async (t) => {
  const { replica, client } = await openApp(t, CHECKED(String.raw`^COPY "app"\."people"`));
  const columns = ["id", "name"];
  const writer = await replica.writer(never);
  const first = batchOf("app.people", columns, [creation(1, "a")]);
  const second = { ...batchOf("app.people", columns, [creation(2, "b")]), shape: first.shape };
  const third = { ...batchOf("app.people", columns, [creation(3, "c")]), shape: first.shape };
  const outcomes = [
    ...(await writer.write(first, never)),
    ...(await writer.write(second, never)),
    ...(await writer.write(await packed(writer, third), never)),
  ];
  await writer.finish(never);
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ["applied", "applied", "applied"],
  );
  assert.equal((await client.query("SELECT * FROM people")).rowCount, 3);
});

test("a check does where rows are put, and where they pass values on in a ring", async (t) => {
  const { replica } = await openApp(t, CHECKED("."));
  const columns = ["id", "name"];
  await write(replica, "app.people", columns, [creation(1, "a"), creation(2, "b")]);
  const ring = [move([1, "a"], [1, "b"]), move([2, "b"], [2, "a"])];
  const outcomes = await write(replica, "app.people", columns, ring);
  assert.deepEqual(told(outcomes), [
    [1, "b"],
    [2, "a"],
  ]);
});

test("what the search path spells is read as ever, also in the middle of writing", async (t) => {
  const { replica } = await openApp(
    t,
    `CREATE TABLE things (id int PRIMARY KEY, made regclass, note text);
     INSERT INTO things VALUES (1, 'app.things', 'a')`,
  );
  const columns = ["id", "made", "note"];
  const change = [move([1, "app.things", "a"], [1, "app.things", "b"])];
  assert.deepEqual(told(await write(replica, "app.things", columns, change)), [
    [1, "app.things", "b"],
  ]);
  const other = [creation(2, "app.things", "c")];
  assert.deepEqual(told(await write(replica, "app.things", columns, other)), [
    [2, "app.things", "c"],
  ]);
});

/** A twin of every operator, function and type of pg_catalog that raises when it is used. */
const HOSTILE = `
  CREATE SCHEMA hostile;
  DO $do$ DECLARE each record; BEGIN
    FOR each IN SELECT o.oid, o.oprname, o.oprresult::regtype AS made,
        CASE WHEN o.oprleft <> 0 THEN o.oprleft::regtype END AS l, o.oprright::regtype AS r
      FROM pg_operator o JOIN pg_type t ON t.oid = o.oprresult
      LEFT JOIN pg_type lt ON lt.oid = o.oprleft JOIN pg_type rt ON rt.oid = o.oprright
      WHERE o.oprnamespace = 'pg_catalog'::regnamespace AND t.typtype = 'b' AND rt.typtype = 'b'
        AND coalesce(lt.typtype, 'b') = 'b' AND o.oprname <> '=>'
    LOOP
      EXECUTE format('CREATE FUNCTION hostile.trap_%s(%s) RETURNS %s LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION ''operator %s''; END $$', each.oid,
        concat_ws(', ', each.l, each.r), each.made, replace(each.oprname, '%', '%%'));
      EXECUTE format('CREATE OPERATOR hostile.%s (%s RIGHTARG = %s, FUNCTION = hostile.trap_%s)',
        each.oprname, 'LEFTARG = ' || each.l || ',', each.r, each.oid);
    END LOOP;
    FOR each IN SELECT p.proname, p.proargtypes, p.prorettype::regtype AS made, p.proretset
      FROM pg_proc p JOIN pg_type t ON t.oid = p.prorettype
      WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f' AND t.typtype = 'b'
        AND p.provariadic = 0 AND NOT EXISTS (SELECT FROM unnest(p.proargtypes) AS a (oid)
          JOIN pg_type at ON at.oid = a.oid WHERE at.typtype <> 'b')
    LOOP
      EXECUTE format('CREATE FUNCTION hostile.%I(%s) RETURNS %s %s LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION ''function''; END $$', each.proname,
        array_to_string(each.proargtypes::regtype[], ', '),
        CASE WHEN each.proretset THEN 'SETOF' END, each.made);
    END LOOP;
    FOR each IN SELECT typname FROM pg_type
      WHERE typnamespace = 'pg_catalog'::regnamespace AND typtype IN ('b', 'r')
        AND typcategory <> 'A'
    LOOP
      EXECUTE format('CREATE TYPE hostile.%I AS (trap pg_catalog.text)', each.typname);
    END LOOP;
  END $do$`;

/** Types of keys, with three values each, in their order. */
const KEYS: readonly (readonly [type: string, ...values: readonly Value[]])[] = [
  ["text", "a", "b", "c"],
  ["text COLLATE app.folding", "a", "b", "c"],
  ["public.citext", "a", "b", "c"],
  ["char(3)", "a", "b", "c"],
  ["name", "a", "b", "c"],
  ["integer", 1, 2, 3],
  ["uuid", ...[1, 2, 3].map((n) => `00000000-0000-4000-8000-00000000000${n}`)],
  ["bytea", Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)],
  ["date", "2024-01-01", "2024-01-02", "2024-01-03"],
  ["timestamptz", "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z", "2024-01-03T00:00:00Z"],
  ["interval", "P1D", "P2D", "P3D"],
  ["inet", "10.0.0.1/32", "10.0.0.2/32", "10.0.0.3/32"],
  ["bit(2)", "01", "10", "11"],
  ['"char"', "a", "b", "c"],
  ["int4range", "[1,2)", "[2,3)", "[3,4)"],
  ["app.mood", "a", "b", "c"],
  ["app.moody", "a", "b", "c"],
];

test("what users call as PostgreSQL calls its own is never used by us", async (t) => {
  const { replica, client } = await openApp(
    t,
    `CREATE EXTENSION citext SCHEMA public;
     CREATE COLLATION folding (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
     CREATE TYPE mood AS ENUM ('a', 'b', 'c'); CREATE DOMAIN moody AS mood;
     ${KEYS.map(
       ([type], at) => `CREATE TABLE t${at} (k ${type} PRIMARY KEY, u text UNIQUE, place point,
         list integer[], doc jsonb, span int4range, seen interval);`,
     ).join("\n")}
     ${HOSTILE}`,
    "hostile, app, public, pg_catalog",
  );
  const columns = ["k", "u", "place", "list", "doc", "span", "seen"];
  for (const [at, [type, a = null, b = null, c = null]] of KEYS.entries()) {
    await t.test(type, async () => {
      const row = (k: Value, u: string): OwnRow => [k, u, "(1,2)", [1], { a: 1 }, "[1,2)", "P1M"];
      const table = `app.t${at}`;
      const whole = [row(a, "x"), row(b, "y"), row(c, "z")];
      const made = batchOf(
        table,
        columns,
        whole.map((each) => creation(...each)),
      );
      assert.deepEqual(told(await writeBatch(replica, made)), whole);
      const ring = [move(row(a, "x"), row(a, "y")), move(row(b, "y"), row(b, "x"))];
      const turned = told(await write(replica, table, columns, ring));
      assert.deepEqual(turned, [row(a, "y"), row(b, "x")]);
      const gone = told(await write(replica, table, columns, [move(row(c, "z"), null)]));
      assert.deepEqual(gone, [null]);
      const { rows } = await client.query(`SELECT pg_catalog.count(*) AS n FROM app.t${at}`);
      assert.deepEqual(rows, [{ n: "2" }]);
    });
  }
});

for (const [type, child, parent] of [
  ["citext", "ANN", "ann"],
  ["ltree", "a.b", "a.b"],
  ["text COLLATE folding", "ANN", "ann"],
] as const) {
  test(`references of ${type} are compared as the store compares them`, async (t) => {
    const { replica } = await openApp(
      t,
      `CREATE EXTENSION citext SCHEMA public; CREATE EXTENSION ltree SCHEMA public;
       CREATE COLLATION folding (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
       CREATE TABLE parents (id ${type} PRIMARY KEY);
       INSERT INTO parents VALUES ('${parent}');
       CREATE TABLE children (id int PRIMARY KEY, parent ${type} REFERENCES parents)`,
      "app, public",
    );
    const rows = [creation(1, child), creation(2, "none"), creation(3, parent)];
    const outcomes = await write(replica, "app.children", ["id", "parent"], rows);
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ["applied", "later", "applied"],
    );
  });
}
