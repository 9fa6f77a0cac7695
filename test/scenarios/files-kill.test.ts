// A program that writes files is killed before and after each of its effects: between the rename of
// a file and the journal's commit there is no marker, only the rows as they are. The next run goes
// on, nothing is lost, nothing is doubled, and nobody is asked.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { run } from "../../src/engine/index.ts";
import type { Death } from "../../src/testing/lethal.ts";
import { cli, folderOf } from "../cli/world.ts";
import { asked, unrestIn, withLink } from "../torture/deed.ts";
import type { Order } from "../torture/victim.ts";

const VICTIM = resolve(import.meta.dirname, "../torture/victim.ts");
const ROWS = 40;

/** Both ways, and one way with digests, into files that were there and into one that was not. */
const CONFIG = `systems:
  db: { type: sqlite, path: ./db.db }
  files: { type: rows, path: ./files, format: csv }
pipelines:
  both: { source: db.both, target: files.both, direction: two-way }
  copied: { source: db.copied, target: files.copied }
  made: { source: db.copied, target: files.made }
`;

function execute(folder: string, ...statements: readonly string[]): void {
  const database = new DatabaseSync(join(folder, "db.db"));
  try {
    for (const statement of statements) database.exec(statement);
  } finally {
    database.close();
  }
}

/** Agreed, and then edited on both sides. */
async function prepare(folder: string): Promise<void> {
  mkdirSync(join(folder, "files"));
  writeFileSync(join(folder, "syncline.yaml"), CONFIG);
  for (const table of ["both", "copied"]) {
    const fill = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
      INSERT INTO ${table} SELECT i, 'name ' || i, i / 4.0 FROM n`;
    execute(folder, `CREATE TABLE ${table} (id INTEGER PRIMARY KEY, name TEXT, x REAL)`, fill);
  }
  const ran = await cli(folder, "run", "both");
  assert.equal(ran.exit, 0, ran.stderr);
  assert.equal((await cli(folder, "run", "copied")).exit, 0);
  execute(
    folder,
    "UPDATE both SET name = 'left ' || id WHERE id % 5 = 0",
    "DELETE FROM both WHERE id = 7",
    "INSERT INTO both VALUES (1000, 'new left', NULL)",
    "UPDATE copied SET x = -1 WHERE id % 3 = 0",
    "DELETE FROM copied WHERE id = 8",
  );
  const csv = join(folder, "files", "both.csv");
  const lines = readFileSync(csv, "utf8").split("\n");
  const edited = lines
    .filter((line) => !line.startsWith("9,"))
    .map((line) => line.replace(/,(\d+)$/, ",$1.5"));
  writeFileSync(csv, [...edited.slice(0, -1), "2000,new right,3", ""].join("\n"));
}

/** Everything that is there, but for the order of lines. */
async function found(folder: string): Promise<readonly string[]> {
  const database = new DatabaseSync(join(folder, "db.db"), { readOnly: true });
  try {
    const tables = ["both", "copied"].map((table) =>
      JSON.stringify(database.prepare(`SELECT * FROM ${table} ORDER BY id`).all()),
    );
    const files = readdirSync(join(folder, "files")).flatMap((name) => [
      name,
      ...readFileSync(join(folder, "files", name), "utf8")
        .split("\n")
        .toSorted(),
    ]);
    return [...tables, ...files, ...(await withLink(folder, asked))];
  } finally {
    database.close();
  }
}

function victim(folder: string, death?: Death) {
  const order: Order = { folder, deed: "run", grain: "effect", ...(death && { death }) };
  const given = ["--conditions=syncline-source", VICTIM, JSON.stringify(order)];
  return spawnSync(process.execPath, given, { encoding: "utf8" });
}

test("killed around every effect, files come to what an undisturbed run makes", async (t) => {
  const folder = folderOf(t);
  const start = join(folder, "start");
  mkdirSync(start);
  await prepare(start);
  const calm = join(folder, "calm");
  cpSync(start, calm, { recursive: true });
  const { stdout, stderr, status } = victim(calm);
  assert.equal(status, 0, stderr);
  const effects = JSON.parse(stdout.split("\n")[1] ?? "") as readonly string[];
  const finishes = effects.filter((name) => name === "files finish");
  assert.equal(finishes.length, 1, effects.join());
  const expected = await found(calm);
  assert.deepEqual(await unrestIn(calm), []);
  // Those at which a file changes, and the commit after it; staging is the same every time.
  const first = effects.indexOf("files write");
  const deaths = effects.flatMap((name, at): Death[] => {
    const isNear = /finish|create/.test(`${effects[at - 1]} ${name}`) || at === first;
    if (!isNear) return [];
    return (["before", "after"] as const).map((when) => ({ effect: at + 1, when }));
  });
  t.diagnostic(`${effects.length} effects, ${deaths.length} kills`);
  for (const death of deaths) {
    const place = join(folder, `${death.when} ${death.effect}`);
    cpSync(start, place, { recursive: true });
    const killed = victim(place, death);
    assert.equal(killed.signal, "SIGKILL", killed.stderr);
    const name = `${death.when} ${death.effect}: ${effects[death.effect - 1]}`;
    await withLink(place, (link) => run(link, {}, new AbortController().signal));
    assert.deepEqual(await found(place), expected, name);
    assert.deepEqual(await unrestIn(place), [], name);
    assert.deepEqual(await found(place), expected, name);
  }
});
