// JSON and NDJSON files declare no columns: what their rows show, and what the journal remembers
// where they show nothing any more.
import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { cli, folderOf } from "../cli/world.ts";
import { execute, rowsIn } from "./tables.ts";

type Format = "json" | "ndjson";
type Row = { readonly [name: string]: unknown };

const TEXTS: { readonly [format in Format]: (rows: readonly Row[]) => string } = {
  json: (rows) => `${JSON.stringify(rows)}\n`,
  ndjson: (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join(""),
};

/** A folder with a file of these rows, a table, and a pipeline between them. */
function sceneOf(t: TestContext, format: Format, pipeline: string, rows?: readonly Row[]) {
  const folder = folderOf(t);
  const path = join(folder, `t.${format}`);
  const database = join(folder, "db.db");
  writeFileSync(
    join(folder, "syncline.yaml"),
    `systems:
  db: { type: sqlite, path: ./db.db }
  files: { type: rows, path: ., format: ${format} }
pipelines:
  t: { ${pipeline} }
`,
  );
  execute(database, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)");
  const put = (of: readonly Row[]) => writeFileSync(path, TEXTS[format](of));
  if (rows !== undefined) put(rows);
  return {
    folder,
    put,
    sql: (...statements: readonly string[]) => execute(database, ...statements),
    inFile: () => {
      const text = readFileSync(path, "utf8");
      return JSON.parse(format === "json" ? text : `[${text.trim().replaceAll("\n", ",")}]`);
    },
    inTable: () => rowsIn(database, "SELECT * FROM t ORDER BY id"),
    run: async (...words: readonly string[]) => {
      const { exit, stdout, stderr } = await cli(folder, "run", ...words);
      return { exit, said: stdout + stderr };
    },
  };
}

const ADA = { id: 1, name: "Ada" };
const BOB = { id: 2, name: "Bob" };

for (const format of ["json", "ndjson"] as const) {
  for (const more of ["", ", direction: two-way"]) {
    const kind = `${format}${more === "" ? "" : ", two-way"}`;
    test(`the only row of a file is deleted, and the pipeline goes on (${kind})`, async (t) => {
      const scene = sceneOf(t, format, `source: files.t, target: db.t${more}`, [ADA]);
      assert.equal((await scene.run()).exit, 0);
      scene.put([]);
      const emptied = await scene.run();
      assert.equal(emptied.exit, 0, emptied.said);
      assert.deepEqual(scene.inTable(), []);
      assert.equal((await scene.run()).exit, 0, "it stays empty");
      assert.equal((await cli(scene.folder, "verify")).exit, 0);
      scene.put([BOB]);
      assert.equal((await scene.run()).exit, 0);
      assert.deepEqual(scene.inTable(), [BOB]);
    });

    test(`a file that is emptied of several rows is asked about (${kind})`, async (t) => {
      const scene = sceneOf(t, format, `source: files.t, target: db.t${more}`, [ADA, BOB]);
      assert.equal((await scene.run()).exit, 0);
      scene.put([]);
      const held = await scene.run();
      assert.notEqual(held.exit, 0, held.said);
      assert.match(held.said, /lists no row at all/);
      assert.deepEqual(scene.inTable(), [ADA, BOB]);
      assert.equal((await scene.run("--allow-deletes")).exit, 0);
      assert.deepEqual(scene.inTable(), []);
    });

    test(`the last row of a file is deleted by us, and another one comes (${kind})`, async (t) => {
      const scene = sceneOf(t, format, `source: db.t, target: files.t${more}`);
      scene.sql("INSERT INTO t VALUES (1, 'Ada')");
      assert.equal((await scene.run()).exit, 0);
      scene.sql("DELETE FROM t");
      assert.equal((await scene.run()).exit, 0);
      assert.deepEqual(scene.inFile(), []);
      const idle = await scene.run();
      assert.equal(idle.exit, 0, idle.said);
      scene.sql("INSERT INTO t VALUES (2, 'Bob')");
      const next = await scene.run();
      assert.equal(next.exit, 0, next.said);
      assert.deepEqual(scene.inFile(), [BOB]);
      assert.doesNotMatch(next.said, /edited|other columns/);
    });
  }

  test(`a file that never had a row takes the columns of the table (${format})`, async (t) => {
    const pipeline = "source: db.t, target: files.t, direction: two-way";
    const scene = sceneOf(t, format, pipeline, []);
    scene.sql("INSERT INTO t VALUES (1, 'Ada')");
    const ran = await scene.run();
    assert.equal(ran.exit, 0, ran.said);
    assert.deepEqual(scene.inFile(), [ADA]);
  });

  test(`the same file as a source holds no row (${format})`, async (t) => {
    const scene = sceneOf(t, format, "source: files.t, target: db.t", []);
    const ran = await scene.run();
    assert.equal(ran.exit, 0, ran.said);
    scene.put([ADA]);
    const next = await scene.run();
    assert.equal(next.exit, 0, next.said);
    assert.deepEqual(scene.inTable(), [ADA]);
    assert.doesNotMatch(next.said, /edited|other columns/);
  });

  test(`the last member of a name goes: its value does, and it is told (${format})`, async (t) => {
    const rows = [ADA, { id: 2, name: "Bob" }];
    const scene = sceneOf(t, format, "source: files.t, target: db.t", rows);
    assert.equal((await scene.run()).exit, 0);
    scene.put([{ id: 1 }, { id: 2 }]);
    const ran = await scene.run();
    assert.equal(ran.exit, 0, ran.said);
    assert.match(ran.said, /no row of files\.t has name any more/);
    assert.deepEqual(scene.inTable(), [
      { id: 1, name: null },
      { id: 2, name: null },
    ]);
    assert.doesNotMatch((await scene.run()).said, /any more/, "it is told once");
    scene.put([{ id: 1, name: "Ada" }, { id: 2 }]);
    assert.equal((await scene.run()).exit, 0);
    assert.deepEqual(scene.inTable()[0], ADA);
  });
}

test("a `*` leaves out files that have shown no column, and says so", async (t) => {
  const scene = sceneOf(t, "json", "source: files.*, target: db.*", [ADA]);
  writeFileSync(join(scene.folder, "fresh.json"), "[]");
  const ran = await scene.run();
  assert.equal(ran.exit, 0, ran.said);
  assert.match(ran.said, /leaves out files\.fresh for now: no row there shows a column yet/);
  assert.deepEqual(scene.inTable(), [ADA]);
  scene.put([]);
  assert.equal((await scene.run()).exit, 0, "what was seen once is no fresh file");
  assert.deepEqual(scene.inTable(), []);
});

test("no table is modelled on a file that has shown no column", async (t) => {
  const scene = sceneOf(t, "json", "source: files.t, target: db.u, createMissing: true", []);
  const ran = await scene.run();
  assert.equal(ran.exit, 2, ran.said);
  assert.match(ran.said, /no row of files\.t shows a column yet/);
});

test("a JSON file without even a bracket is cut off, and deletes nothing", async (t) => {
  const scene = sceneOf(t, "json", "source: files.t, target: db.t", [ADA]);
  assert.equal((await scene.run()).exit, 0);
  writeFileSync(join(scene.folder, "t.json"), "");
  const ran = await scene.run();
  assert.equal(ran.exit, 2, ran.said);
  assert.deepEqual(scene.inTable(), [ADA]);
});

test("an object of objects is emptied, stays one, and is filled again", async (t) => {
  const scene = sceneOf(t, "json", "source: files.t, target: db.t, direction: two-way");
  const path = join(scene.folder, "t.json");
  const settings = readFileSync(join(scene.folder, "syncline.yaml"), "utf8");
  const keyed = settings.replace(
    "format: json }",
    "format: json, collections: { t: { key: id } } }",
  );
  writeFileSync(join(scene.folder, "syncline.yaml"), keyed);
  writeFileSync(path, '{"1": {"name": "Ada"}}\n');
  assert.equal((await scene.run()).exit, 0);
  writeFileSync(path, "{}\n");
  const emptied = await scene.run();
  assert.equal(emptied.exit, 0, emptied.said);
  assert.deepEqual(scene.inTable(), []);
  scene.sql("INSERT INTO t VALUES (2, 'Bob')");
  assert.equal((await scene.run()).exit, 0);
  assert.deepEqual(scene.inFile(), { "2": { name: "Bob" } });
});

test("an object of objects is not written under a key that is not its names", async (t) => {
  const scene = sceneOf(t, "json", "source: db.t, target: files.t");
  const text = '{"1": {"id": 1, "name": "Ada"}}\n';
  writeFileSync(join(scene.folder, "t.json"), text);
  scene.sql("INSERT INTO t VALUES (2, 'Bob')");
  const ran = await scene.run();
  assert.equal(ran.exit, 2, ran.said);
  assert.match(ran.said, /files\.t needs a value for 'key'/);
  assert.equal(readFileSync(join(scene.folder, "t.json"), "utf8"), text);
});

test("a column that joins a table waits until the JSON file declares it", async (t) => {
  const scene = sceneOf(t, "json", "source: db.t, target: files.t");
  scene.sql("INSERT INTO t VALUES (1, 'Ada')");
  assert.equal((await scene.run()).exit, 0);
  scene.sql("ALTER TABLE t ADD COLUMN age INTEGER", "UPDATE t SET age = 36");
  const refused = await scene.run();
  assert.equal(refused.exit, 2, refused.said);
  assert.match(refused.said, /db\.t has 'age', and files\.t does not have 'age'/);
  assert.match(refused.said, /Declare it \(systems\.files\.collections\.t\.columns\)/);
  const path = join(scene.folder, "syncline.yaml");
  const settings = readFileSync(path, "utf8");
  const declared = "format: json, collections: { t: { columns: { age: integer } } } }";
  writeFileSync(path, settings.replace("format: json }", declared));
  const ran = await scene.run();
  assert.equal(ran.exit, 0, ran.said);
  assert.deepEqual(scene.inFile(), [{ ...ADA, age: 36 }]);
});

for (const emptied of ["", "\n"]) {
  test(`a CSV without a header is emptied (${JSON.stringify(emptied)}), and filled`, async (t) => {
    const folder = folderOf(t);
    const [path, database] = [join(folder, "t.csv"), join(folder, "db.db")];
    const configured = (name: string): void =>
      writeFileSync(
        join(folder, "syncline.yaml"),
        `version: 1
systems:
  db: { type: sqlite, path: ./db.db }
  files: { type: rows, path: ., format: csv, header: false }
pipelines:
  t:
    source: db.t
    target: files.t
    direction: two-way
    key: column 1
    mapping: [{ source: id, target: column 1 }, { source: name, target: ${name} }]
`,
      );
    configured("column 3");
    execute(database, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)");
    writeFileSync(path, "1,x,Ada\n");
    assert.equal((await cli(folder, "run")).exit, 0);
    writeFileSync(path, emptied);
    const { exit, stderr } = await cli(folder, "run");
    assert.equal(exit, 0, stderr);
    assert.deepEqual(rowsIn(database, "SELECT * FROM t"), []);
    execute(database, "INSERT INTO t VALUES (2, 'Bob')");
    assert.equal((await cli(folder, "run")).exit, 0);
    assert.equal(readFileSync(path, "utf8"), "2,,Bob\n");
    assert.equal((await cli(folder, "verify")).exit, 0);
    writeFileSync(path, emptied);
    rmSync(join(folder, ".syncline"), { recursive: true });
    configured("name");
    const wrong = await cli(folder, "run");
    assert.equal(wrong.exit, 2, wrong.stdout);
    assert.match(
      wrong.stderr,
      /COLUMN_MISSING.*[^]*does not say which column is 'name'[^]*declare/,
    );
  });
}
