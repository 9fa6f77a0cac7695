// Mission scenario 23: a source that is larger than what a process may hold goes through it, no
// faster than its pipeline may write, and every row is counted [F0-1, F0-2, 2C10].
// SYNCLINE_TEST_ROWS=2000000 makes it the 2 GB of the mission.
import assert from "node:assert/strict";
import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { loadConfig, openConfig } from "../../src/config/index.ts";
import { run } from "../../src/engine/index.ts";
import { folderOf } from "../cli/world.ts";
import { envOf, NEVER } from "../engine/scene.ts";
import { measured } from "./peak.ts";

/** Together they are more than the limit. */
const ROWS = Number(process.env["SYNCLINE_TEST_ROWS"] ?? 200_000);
const ROW_CHARS = 1000;
/** What a process may hold of rows, whatever its source weighs, beside what it is itself. */
const LIMIT_MB = 128;
/** So many rows that weigh nothing have it start all its threads: what it takes then is itself. */
const LIGHT = { rows: 10_000, chars: 10 };

const TABLE = "CREATE TABLE things (id INTEGER PRIMARY KEY, note TEXT)";

/** Rows of a table, and how long their notes are; no two are alike. */
interface Size {
  readonly rows: number;
  readonly chars: number;
}

function inDatabase<Result>(
  folder: string,
  file: string,
  work: (db: DatabaseSync) => Result,
): Result {
  const db = new DatabaseSync(join(folder, `${file}.db`));
  try {
    return work(db);
  } finally {
    db.close();
  }
}

const inSqlite = (folder: string, { rows, chars }: Size): void =>
  inDatabase(folder, "left", (db) => {
    db.exec(TABLE);
    const ids = `n (id) AS (VALUES (1) UNION ALL SELECT id + 1 FROM n WHERE id < ${rows})`;
    const note = `printf('%08d', id) || printf('%.*c', ${chars - 8}, 'x')`;
    db.exec(`WITH RECURSIVE ${ids} INSERT INTO things SELECT id, ${note} FROM n`);
  });

function inCsv(folder: string, { rows, chars }: Size): void {
  const file = openSync(join(folder, "things.csv"), "w");
  writeSync(file, "id,note\n");
  const rest = "x".repeat(chars - 8);
  for (let id = 1; id <= rows; id += 1000) {
    let text = "";
    for (let at = id; at < id + 1000 && at <= rows; at++) {
      text += `${at},${String(at).padStart(8, "0")}${rest}\n`;
    }
    writeSync(file, text);
  }
  closeSync(file);
}

const SYSTEMS = {
  sqlite: "left: { type: sqlite, path: ./left.db }",
  csv: `left: { type: rows, path: ., format: csv,
          collections: { things: { key: id, columns: { id: integer, note: text } } } }`,
} as const;

function folderWith(t: TestContext, source: keyof typeof SYSTEMS, size: Size, more = ""): string {
  const folder = folderOf(t);
  writeFileSync(
    join(folder, "syncline.yaml"),
    `systems:
  ${SYSTEMS[source]}
  right: { type: sqlite, path: ./right.db }
pipelines:
  things: { source: left.things, target: right.things${more} }
`,
  );
  ({ sqlite: inSqlite, csv: inCsv })[source](folder, size);
  inDatabase(folder, "right", (db) => db.exec(`PRAGMA journal_mode = WAL; ${TABLE}`));
  return folder;
}

const sums = (folder: string) =>
  inDatabase(folder, "right", (db) => {
    const sql =
      "SELECT count(*) AS rows, min(id) AS first, max(id) AS last, sum(length(note)) AS chars";
    return { ...db.prepare(`${sql} FROM things`).get() };
  });

const created = (stdout: string): unknown => {
  const { summary } = JSON.parse(stdout) as {
    readonly summary: { readonly pipelines: { readonly things: { readonly target: unknown } } };
  };
  return summary.pipelines.things.target;
};

for (const source of ["sqlite", "csv"] as const) {
  test(`23: ${ROWS} rows of a kilobyte from ${source} leave a process within its limit`, (t) => {
    const overheadMb = measured(folderWith(t, source, LIGHT), "run").peakMb;
    const large = folderWith(t, source, { rows: ROWS, chars: ROW_CHARS });
    const { stdout, peakMb } = measured(large, "run", "--json");
    assert.deepEqual(created(stdout), { create: ROWS, update: 0, delete: 0 });
    const chars = ROWS * ROW_CHARS;
    assert.deepEqual(sums(large), { rows: ROWS, first: 1, last: ROWS, chars });
    t.diagnostic(
      `${Math.round(peakMb)} MB, of which ${Math.round(overheadMb)} MB whatever the rows`,
    );
    assert.ok(chars / 1e6 > LIMIT_MB, "the source is larger than the limit");
    assert.ok(peakMb - overheadMb < LIMIT_MB, `${peakMb} MB, and itself ${overheadMb} MB`);
  });
}

for (const source of ["sqlite", "csv"] as const) {
  test(`23: rows from ${source} are written no faster than they may be, and all`, async (t) => {
    const [rows, most] = [2345, 500];
    const more = `, throttlePerSecond: ${most}`;
    const folder = folderWith(t, source, { rows, chars: 20 }, more);
    const clock = { now: 0 };
    const seen: (readonly [seconds: number, rows: number])[] = [];
    const env = {
      ...envOf(clock),
      now: () => clock.now,
      // Whoever waits for its turn is counted on, by means outside the product.
      sleep: async (ms: number) => {
        seen.push([clock.now / 1000, Number(sums(folder)["rows"])]);
        clock.now += ms;
      },
    };
    const config = await loadConfig(join(folder, "syncline.yaml"));
    const opened = await openConfig(config, { access: "write", env });
    try {
      const [link] = opened.links;
      assert.ok(link);
      const view = await run(link, {}, NEVER);
      assert.equal(view.summary.pipelines["things"]?.sides["target"]?.create, rows);
    } finally {
      await opened.close();
    }
    assert.ok(clock.now <= 1000 * Math.ceil(rows / most), "nor much slower");
    assert.ok(seen.length >= Math.ceil(rows / most) - 1);
    for (const [seconds, count] of seen) {
      assert.ok(count <= most * (Math.floor(seconds) + 1), `${count} rows in ${seconds} s`);
    }
    assert.equal(sums(folder)["rows"], rows);
  });
}
