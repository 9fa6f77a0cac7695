// Columns that tell what changed in PostgreSQL: of every type that grows, beside transactions that
// are long under way, and by the command.
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { Client } from "pg";
import type { Cursor, Overlap, Replica, Shape } from "../../src/engine/replica.ts";
import { cli, folderOf } from "../cli/world.ts";
import { never, withReplica } from "./scene.ts";
import { makeSchema } from "./server.ts";
import type { TestSchema } from "./server.ts";

const MINUTE: Overlap = { kind: "time", ms: 60_000 };

function by(column: string, overlap: Overlap): Shape {
  return { collection: "t", key: ["id"], columns: ["id"], since: { column, overlap } };
}

async function told(replica: Replica, shape: Shape, cursor: Cursor | undefined) {
  const ids: unknown[] = [];
  let last = cursor;
  for await (const page of replica.changes([shape], cursor, never)) {
    ids.push(...page.rows.map((row) => row?.[0]));
    last = page.cursor;
  }
  return { ids, cursor: last };
}

/** A type, values in their order, and an overlap that reaches from the last to the one before. */
const TYPES: readonly (readonly [type: string, values: readonly string[], overlap: Overlap])[] = [
  [
    "timestamptz",
    ["2024-01-02 03:03:29.999999+00", "2024-01-02 04:03:30+01", "2024-01-02 03:04:30Z"],
    MINUTE,
  ],
  ["timestamp(0)", ["2024-01-02 03:03:29", "2024-01-02 03:03:30", "2024-01-02 03:04:30"], MINUTE],
  ["timestamp", ["0044-03-15 BC", "2024-01-02 03:04:29.000001", "2024-01-02 03:05:29"], MINUTE],
  ["date", ["2024-02-28", "2024-02-29", "2024-03-01"], { kind: "time", ms: 86_400_000 }],
  ["smallint", ["-32768", "-32767", "-32767"], { kind: "number", count: 0 }],
  ["integer", ["1", "90", "100"], { kind: "number", count: 10 }],
  [
    "bigint",
    ["9223372036854775796", "9223372036854775797", "9223372036854775807"],
    { kind: "number", count: 10 },
  ],
  [
    "numeric(30,4)",
    ["1.0001", "12345678901234567890.1234", "12345678901234567890.6234"],
    { kind: "number", count: 0.5 },
  ],
  ["double precision", ["1e-7", "0.1", "0.3"], { kind: "number", count: 0.2 }],
];

for (const [type, values, overlap] of TYPES) {
  test(`a column of ${type} tells`, async () => {
    await withReplica(
      `CREATE TABLE t (id int PRIMARY KEY, at ${type})`,
      async (replica, schema) => {
        const { client } = schema;
        const shape = by("at", overlap);
        const start = await replica.head?.([shape], never);
        assert.deepEqual((await told(replica, shape, start)).ids, []);
        for (const [id, value] of values.entries()) {
          await client.query("INSERT INTO t VALUES ($1, $2)", [id, value]);
        }
        await client.query("INSERT INTO t VALUES (9, NULL)");
        assert.deepEqual((await told(replica, shape, start)).ids, [0, 1, 2]);
        const head = await replica.head?.([shape], never);
        const again = await told(replica, shape, head);
        assert.deepEqual(again.ids, [1, 2]);
        assert.equal(again.cursor, head, "the same, whoever says it");
      },
    );
  });
}

test("what never ends hides nothing: infinity, NaN, and days that are still to come", async () => {
  const sql = `CREATE TABLE t (id int PRIMARY KEY, at timestamptz, n float8, d date, l timestamp);
    INSERT INTO t VALUES (1, 'infinity', 'NaN', 'infinity', 'infinity'),
      (2, '2999-01-01', 'Infinity', '2999-01-01', '2999-01-01'),
      (3, now(), 5, now(), now() AT TIME ZONE 'UTC')`;
  await withReplica(sql, async (replica, { client }) => {
    for (const [column, overlap] of [
      ["at", MINUTE],
      ["n", { kind: "number", count: 1 }],
      ["d", MINUTE],
      ["l", MINUTE],
    ] as const) {
      const shape = by(column, overlap);
      const head = await replica.head?.([shape], never);
      await client.query("INSERT INTO t VALUES (4, now(), 5, now(), now() AT TIME ZONE 'UTC')");
      const { ids, cursor } = await told(replica, shape, head);
      assert.deepEqual(new Set(ids), new Set([1, 2, 3, 4]), column);
      await client.query("UPDATE t SET id = 5 WHERE id = 4");
      assert.ok((await told(replica, shape, cursor)).ids.includes(5), column);
      await client.query("DELETE FROM t WHERE id > 3");
    }
  });
});

test("views tell by their columns as well, and two pipelines by a column each", async () => {
  const sql = `CREATE TABLE base (id int PRIMARY KEY, at timestamptz, seq bigserial);
    CREATE VIEW t AS SELECT * FROM base;
    INSERT INTO base VALUES (1, '2024-01-01'), (2, '2024-01-02')`;
  await withReplica(sql, async (replica, { client }) => {
    const shapes = [by("at", MINUTE), by("seq", { kind: "number", count: 0 })];
    const head = await replica.head?.(shapes, never);
    await client.query(`INSERT INTO base VALUES (3, '2020-01-01');
      INSERT INTO base VALUES (4, '2024-01-03', 1)`);
    const [at, seq] = shapes;
    assert.ok(at !== undefined && seq !== undefined);
    assert.deepEqual((await told(replica, at, head)).ids, [2, 4]);
    assert.deepEqual((await told(replica, seq, head)).ids, [2, 3]);
  });
});

test("more rows than a page are told once each, those without key by name", async () => {
  const sql = `CREATE TABLE t (id int, at bigint);
    INSERT INTO t SELECT i, i FROM generate_series(1, 2500) i;
    INSERT INTO t VALUES (NULL, 7)`;
  await withReplica(sql, async (replica) => {
    const shape = by("at", { kind: "number", count: 0 });
    const pages = [];
    for await (const page of replica.changes([shape], undefined, never)) pages.push(page);
    const ids = pages.flatMap((page) => page.rows.map((row) => row?.[0]));
    assert.deepEqual(
      ids,
      Array.from({ length: 2500 }, (_, i) => i + 1),
    );
    assert.deepEqual(
      pages.flatMap((page) => page.unkeyed?.map(({ code }) => code) ?? []),
      ["KEY_MISSING"],
    );
    assert.deepEqual((await told(replica, shape, pages.at(-1)?.cursor)).ids, [2500]);
    // Left in the middle, nothing of it stays in the way.
    for await (const page of replica.changes([shape], undefined, never)) {
      assert.ok(page.keys.length > 0);
      break;
    }
    assert.equal((await told(replica, shape, pages[0]?.cursor)).ids.length, 1502);
  });
});

interface Scene {
  readonly schema: TestSchema;
  readonly run: (...words: readonly string[]) => Promise<string>;
  readonly names: () => readonly unknown[];
}

async function sceneOf(t: TestContext): Promise<Scene> {
  const folder = folderOf(t);
  const schema = await makeSchema();
  t.after(() => schema.drop());
  await schema.client.query(`CREATE TABLE people (id int PRIMARY KEY, name text,
    updated_at timestamptz NOT NULL DEFAULT now());
    CREATE INDEX ON people (updated_at)`);
  const path = join(folder, "hub.db");
  const db = new DatabaseSync(path);
  db.exec("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT)");
  db.close();
  writeFileSync(
    join(folder, "syncline.yaml"),
    `systems:
  crm: { type: postgres, url: "${schema.url}", schema: ${schema.name}, markers: ${schema.ours} }
  hub: { type: sqlite, path: ./hub.db }
pipelines:
  people:
    source: crm.people
    target: hub.people
    mapping: [ { source: id, target: id }, { source: name, target: name } ]
    since: { field: updated_at, overlap: 5m, full: 1d }
`,
  );
  return {
    schema,
    run: async (...words) => {
      const { exit, stdout, stderr } = await cli(folder, ...words);
      assert.equal(exit, 0, stdout + stderr);
      return stdout;
    },
    names: () => {
      const hub = new DatabaseSync(path, { readOnly: true });
      try {
        return hub
          .prepare("SELECT name FROM people ORDER BY name")
          .all()
          .map((row) => row["name"]);
      } finally {
        hub.close();
      }
    },
  };
}

test("a long transaction: committed late it comes in time, or with everything", async (t) => {
  const { schema, run, names } = await sceneOf(t);
  await schema.client.query("INSERT INTO people VALUES (1, 'ann')");
  await run("run");
  // It began before the others, and says so; it is committed after them.
  const slow = new Client({ connectionString: schema.url });
  await slow.connect();
  await slow.query(
    `SET search_path = ${schema.name}; BEGIN; INSERT INTO people VALUES (2, 'slow')`,
  );
  await schema.client.query("INSERT INTO people VALUES (3, 'fast')");
  const said = await run("run");
  assert.match(said, /only what changed by updated_at was compared; rows that are gone, /);
  assert.deepEqual(names(), ["ann", "fast"]);
  await slow.query("COMMIT");
  await slow.end();
  await run("run");
  assert.deepEqual(names(), ["ann", "fast", "slow"]);
  // Longer than the overlap: nothing tells of it, and everything finds it.
  const late = "(SELECT max(updated_at) FROM people) - interval '5 minutes 1 second'";
  await schema.client.query(`INSERT INTO people VALUES (4, 'late', ${late})`);
  await schema.client.query("DELETE FROM people WHERE id = 3");
  await run("run");
  assert.deepEqual(names(), ["ann", "fast", "slow"]);
  const plan = await run("plan");
  assert.match(plan, /nothing to write/);
  const whole = await run("plan", "--everything");
  assert.match(whole, /2 writes/);
  assert.doesNotMatch(whole, /only what changed/);
  await run("run", "--everything");
  assert.deepEqual(names(), ["ann", "late", "slow"]);
});
