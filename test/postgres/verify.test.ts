// Verify between PostgreSQL and others by digests: what it says is what it says by rows.
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { compileLink, run, verify } from "../../src/engine/index.ts";
import type { Link, PipelineSettings, Replica, VerifyView } from "../../src/engine/index.ts";
import { postgresReplica } from "../../src/replicas/postgres/index.ts";
import { sqliteReplica } from "../../src/replicas/sqlite/index.ts";
import { memoryJournal } from "../../src/testing/memory-journal.ts";
import { envOf } from "../engine/scene.ts";
import { temporaryFolder } from "../replicas/sqlite-files.ts";
import { makeSchema, withSchema } from "./server.ts";
import type { TestSchema } from "./server.ts";

const NEVER = new AbortController().signal;

const TABLE = `CREATE TABLE people (id bigint PRIMARY KEY, name text, score double precision,
  born date, seen timestamptz, fine boolean, body bytea, amount numeric)`;
const SQLITE_TABLE = `CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, score REAL, born TEXT,
  seen TEXT, fine BOOLEAN, body BLOB, amount DECIMAL)`;
const COLUMNS = ["name", "score", "born", "seen", "fine", "body", "amount"] as const;

interface Deed {
  readonly side: "sqlite" | "postgres";
  readonly id: number;
  readonly column: (typeof COLUMNS)[number] | "delete" | "run";
  readonly value: number;
}

/** By column, values as both databases read them. */
const VALUES: { readonly [column in (typeof COLUMNS)[number]]: readonly (string | null)[] } = {
  name: ["a", "A", "", "endshere", "😀 ' \\ \n", null],
  score: ["0.1", "-0", "1e300", "5e-324", "12345.678", null],
  born: ["2026-01-01", "0001-01-01", "10000-01-01", null],
  seen: ["2026-01-01T10:00:00Z", "2026-01-01T10:00:00.5Z", "2026-01-01 12:00:00+02", null],
  fine: ["1", "0", null],
  body: ["00ff", "", "61", null],
  amount: ["1.5", "1.50", "-2", "100", null],
};

const deeds: fc.Arbitrary<readonly Deed[]> = fc.array(
  fc.record({
    side: fc.constantFrom("sqlite", "postgres"),
    id: fc.integer({ min: -3, max: 6 }),
    column: fc.constantFrom(...COLUMNS, ...COLUMNS, "delete", "run"),
    value: fc.nat(10),
  }),
  { minLength: 1, maxLength: 25 },
);

/** A link between a table of both, in the order that is asked for. */
async function linked(
  schema: TestSchema,
  path: string,
  order: readonly ("sqlite" | "postgres")[],
): Promise<{ readonly link: Link; readonly close: () => Promise<void> }> {
  const postgres = await postgresReplica({ name: "postgres", url: schema.url, markers: false });
  const sqlite = await sqliteReplica({ name: "sqlite", path });
  const replicas = new Map<string, Replica>([
    ["postgres", postgres],
    ["sqlite", sqlite],
  ]);
  const journal = await memoryJournal().open("link", "write");
  const names = ["source", "target"];
  const settings: PipelineSettings = {
    name: "people",
    direction: "two-way",
    guard: { floor: 1000, share: 1 },
    sides: order.map((system, at) => ({
      name: names[at] ?? "",
      at: { system, collection: system === "sqlite" ? "people" : `${schema.name}.people` },
    })),
  };
  const env = envOf({ now: Date.UTC(2026, 0, 1) });
  const all = { name: "link", settings: [settings], replicas, journal, env };
  const link = await compileLink(all, NEVER);
  return { link, close: async () => void (await Promise.all([postgres.close(), sqlite.close()])) };
}

async function play(schema: TestSchema, db: DatabaseSync, deed: Deed): Promise<void> {
  const { side, id, column, value } = deed;
  if (column === "run") return;
  if (column === "delete") {
    if (side === "sqlite") db.prepare("DELETE FROM people WHERE id = ?").run(id);
    else await schema.client.query("DELETE FROM people WHERE id = $1", [id]);
    return;
  }
  const values = VALUES[column];
  const given = values[value % values.length] ?? null;
  if (side === "sqlite") {
    const bound = column === "body" && given !== null ? Buffer.from(given, "hex") : given;
    const sql = `INSERT INTO people (id, ${column}) VALUES (?, ?)
      ON CONFLICT DO UPDATE SET ${column} = excluded.${column}`;
    db.prepare(sql).run(id, bound);
    return;
  }
  const bound = column === "body" && given !== null ? `\\x${given}` : given;
  const sql = `INSERT INTO people (id, ${column}) VALUES ($1, $2)
    ON CONFLICT (id) DO UPDATE SET ${column} = excluded.${column}`;
  await schema.client.query(sql, [id, bound]);
}

/** What was found, without how. */
function foundBy({ pipelines, differences }: VerifyView): unknown {
  const { ranges, descended, ...counts } = pipelines["people"] ?? { ranges: 0, descended: 0 };
  assert.ok((descended ?? 0) <= (ranges ?? 0));
  return { counts, differences };
}

for (const order of [
  ["sqlite", "postgres"],
  ["postgres", "sqlite"],
] as const) {
  test(`${order.join(" and ")}: digests find what rows find`, async () => {
    const folder = temporaryFolder();
    const path = join(folder, "people.db");
    const db = new DatabaseSync(path);
    db.exec(SQLITE_TABLE);
    const schema = await makeSchema();
    await schema.client.query(TABLE);
    const { link, close } = await linked(schema, path, order);
    let equal = 0;
    try {
      await fc.assert(
        fc.asyncProperty(deeds, fc.boolean(), async (story, isSettled) => {
          db.exec("DELETE FROM people");
          await schema.client.query("DELETE FROM people");
          for (const deed of story) {
            await play(schema, db, deed);
            if (deed.column === "run") await run(link, {}, NEVER);
          }
          if (isSettled) await run(link, {}, NEVER);
          const byRanges = await verify(link, {}, NEVER);
          const byRows = await verify(link, { byRows: true }, NEVER);
          assert.deepEqual(foundBy(byRanges), foundBy(byRows));
          const counts = byRanges.pipelines["people"];
          assert.equal(counts?.ranges, 1);
          if (counts.descended === 0) equal += counts.equal;
        }),
        { numRuns: 60 },
      );
      assert.ok(equal > 0, "some ranges were equal by their digests");
    } finally {
      await close();
      db.close();
      rmSync(folder, { recursive: true, force: true });
      await schema.drop();
    }
  });
}

test("a table is compared with its equal on the same server without reading a row", async () => {
  const made = `CREATE TABLE one (id bigint PRIMARY KEY, v text);
    INSERT INTO one SELECT i, 'v' || i FROM generate_series(1, 5000) i;
    CREATE TABLE two (id int PRIMARY KEY, v varchar(9));
    INSERT INTO two SELECT * FROM one`;
  await withSchema(made, async (schema) => {
    const replica = await postgresReplica({ name: "data", url: schema.url, markers: false });
    const journal = await memoryJournal().open("link", "write");
    const at = (table: string) => ({ system: "data", collection: `${schema.name}.${table}` });
    const sides = [
      { name: "source", at: at("one") },
      { name: "target", at: at("two") },
    ];
    const settings: PipelineSettings = { name: "people", direction: "one-way", sides };
    const env = envOf({ now: Date.UTC(2026, 0, 1) });
    const replicas = new Map([["data", replica]]);
    const all = { name: "link", settings: [settings], replicas, journal, env };
    try {
      const link = await compileLink(all, NEVER);
      const equal = (await verify(link, {}, NEVER)).pipelines["people"];
      assert.partialDeepStrictEqual(equal, { equal: 5000, ranges: 6, descended: 0 });
      await schema.client.query(
        "DELETE FROM two WHERE id = 10; UPDATE one SET v = '' WHERE id = 4000",
      );
      await schema.client.query("INSERT INTO one VALUES (6000, 'new')");
      const { pipelines, differences } = await verify(link, {}, NEVER);
      const counts = { equal: 4998, different: 1, onlySource: 2, ranges: 6, descended: 3 };
      assert.partialDeepStrictEqual(pipelines["people"], counts);
      assert.deepEqual(
        differences.map(({ shown }) => shown),
        ["10", "4000", "6000"],
      );
    } finally {
      await replica.close();
    }
  });
});
