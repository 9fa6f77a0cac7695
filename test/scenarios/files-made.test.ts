// What is made for a source: files that are to be as later runs find them, and tables that hold all
// that their source holds.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { cli, folderOf } from "../cli/world.ts";
import { execute, rowsIn } from "./tables.ts";

/** A folder with this configuration. */
function sceneOf(t: TestContext, files: string, pipeline: string) {
  const folder = folderOf(t);
  writeFileSync(
    join(folder, "syncline.yaml"),
    `systems:
  db: { type: sqlite, path: ./db.db }
  copy: { type: sqlite, path: ./copy.db }
  files: { type: rows, path: ., ${files} }
pipelines:
  t: { ${pipeline}, createMissing: true }
`,
  );
  for (const file of ["db.db", "copy.db"]) execute(join(folder, file));
  return {
    put: (text: string) => writeFileSync(join(folder, "t.csv"), text),
    sql: (...statements: readonly string[]) => execute(join(folder, "db.db"), ...statements),
    typesIn: (file: string) =>
      rowsIn(join(folder, file), "SELECT name, type FROM pragma_table_info('t')"),
    rows: (file: string) => rowsIn(join(folder, file), "SELECT * FROM t ORDER BY 1"),
    run: async (...words: readonly string[]) => {
      const { exit, stdout, stderr } = await cli(folder, ...(words.length > 0 ? words : ["run"]));
      return { exit, said: stdout + stderr };
    },
  };
}

for (const format of ["csv", "ndjson", "json"]) {
  for (const more of ["", ", direction: two-way"]) {
    test(`a made file is the file that the next run finds (${format}${more})`, async (t) => {
      const declared = "collections: { t: { key: id, columns: { day: date } } }";
      const scene = sceneOf(
        t,
        `format: ${format}, ${declared}`,
        `source: db.t, target: files.t${more}`,
      );
      scene.sql(
        `CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(10), amount DECIMAL(10,2),
          at DATETIME, ok BOOLEAN, doc JSON, bytes BLOB, loose, day TEXT)`,
        `INSERT INTO t VALUES (1, 'a', 12.5, '2024-01-01 10:00:00', 1, '{"a":1}', x'00ff', 5,
          '2024-01-01')`,
        "INSERT INTO t (id) VALUES (2)",
      );
      const first = await scene.run();
      assert.equal(first.exit, 0, first.said);
      const next = await scene.run();
      assert.equal(next.exit, 0, next.said);
      assert.match(next.said, /nothing to write/);
      assert.doesNotMatch(next.said, /edited|other columns/);
      assert.equal((await scene.run("verify")).exit, 0);
    });
  }
}

const LONG = "0.1234567890123456789";

test("a table that is made for long numbers holds all their digits", async (t) => {
  const columns = "{ id: integer, price: decimal }";
  const files = `format: csv, collections: { t: { key: id, columns: ${columns} } }`;
  const scene = sceneOf(t, files, "source: files.t, target: db.t, direction: two-way");
  scene.put(`id,price\n1,${LONG}\n2,12.50\n3,NaN\n`);
  const ran = await scene.run();
  assert.equal(ran.exit, 0, ran.said);
  assert.deepEqual(scene.typesIn("db.db"), [
    { name: "id", type: "INTEGER" },
    { name: "price", type: "TEXT" },
  ]);
  assert.deepEqual(scene.rows("db.db"), [
    { id: 1, price: LONG },
    { id: 2, price: "12.5" },
    { id: 3, price: "NaN" },
  ]);
  assert.doesNotMatch((await scene.run("plan")).said, /edited|other columns/);
  assert.equal((await scene.run("verify")).exit, 0);
});

test("decimals of another SQLite stay what they are, as a key too", async (t) => {
  const scene = sceneOf(t, "format: csv", "source: db.t, target: copy.t");
  scene.sql(
    "CREATE TABLE t (code DECIMAL(6,2) PRIMARY KEY NOT NULL, price NUMERIC(18, 4))",
    "INSERT INTO t VALUES (1.5, 12.25)",
  );
  const ran = await scene.run();
  assert.equal(ran.exit, 0, ran.said);
  assert.deepEqual(scene.typesIn("copy.db"), [
    { name: "code", type: "DECIMAL(6,2)" },
    { name: "price", type: "NUMERIC(18, 4)" },
  ]);
  assert.deepEqual(scene.rows("copy.db"), [{ code: 1.5, price: 12.25 }]);
  assert.equal((await scene.run("verify")).exit, 0);
});

test("a key of long decimals is one of numbers too, so that it names the same rows", async (t) => {
  const files = "format: csv, collections: { t: { key: id, columns: { id: decimal } } }";
  const scene = sceneOf(t, files, "source: files.t, target: db.t");
  scene.put("id,name\n1.50,a\n");
  const ran = await scene.run();
  assert.equal(ran.exit, 0, ran.said);
  assert.deepEqual(scene.typesIn("db.db"), [
    { name: "id", type: "DECIMAL" },
    { name: "name", type: "TEXT" },
  ]);
  assert.deepEqual(scene.rows("db.db"), [{ id: 1.5, name: "a" }]);
});

test("a NaN that no number of SQLite holds is refused, and it is said what holds it", async (t) => {
  const files = "format: csv, collections: { t: { key: id, columns: { id: integer, x: real } } }";
  const scene = sceneOf(t, files, "source: files.t, target: db.t");
  scene.put("id,x\n1,NaN\n2,0.5\n");
  const ran = await scene.run();
  assert.equal(ran.exit, 4, ran.said);
  assert.match(ran.said, /t\.x is not held by SQLite as a number: a TEXT column would hold it/);
  scene.sql("DROP TABLE t", "CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT)");
  assert.equal((await scene.run("run", "--allow-deletes")).exit, 0);
  assert.deepEqual(scene.rows("db.db"), [
    { id: 1, x: "NaN" },
    { id: 2, x: "0.5" },
  ]);
});
