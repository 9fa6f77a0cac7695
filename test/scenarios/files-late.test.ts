// Members of JSON objects that are met late in a file: beyond the records by which a quick look
// finds columns, and beyond the bytes of one.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { FOUND_RECORDS_MAX } from "../../src/replicas/rows/json.ts";
import { cli, folderOf } from "../cli/world.ts";
import { execute, rowsIn } from "./tables.ts";

type Row = { readonly [name: string]: unknown };

const MANY: readonly Row[] = Array.from({ length: FOUND_RECORDS_MAX + 5 }, (_, id) => ({ id }));
/** More of these than a look at the beginning of a file takes in. */
const LONG: readonly Row[] = Array.from({ length: 18 }, (_, id) => ({ id, x: "x".repeat(1e6) }));

const textOf = (format: string, rows: readonly Row[]): string => {
  const lines = rows.map((row) => JSON.stringify(row));
  return format === "json" ? `[\n${lines.join(",\n")}\n]\n` : `${lines.join("\n")}\n`;
};

function sceneOf(t: TestContext, format: string, more: string, columns: string) {
  const folder = folderOf(t);
  writeFileSync(
    join(folder, "syncline.yaml"),
    `systems:
  db: { type: sqlite, path: ./db.db }
  files: { type: rows, path: ., format: ${format} }
pipelines:
  t: { source: files.t, target: db.t${more} }
`,
  );
  execute(join(folder, "db.db"), `CREATE TABLE t (id INTEGER PRIMARY KEY, ${columns})`);
  const path = join(folder, `t.${format}`);
  return {
    folder,
    path,
    put: (rows: readonly Row[]) => writeFileSync(path, textOf(format, rows)),
    late: () => rowsIn(join(folder, "db.db"), "SELECT id, late FROM t WHERE late IS NOT NULL"),
    run: async () => {
      const { exit, stdout, stderr } = await cli(folder, "run");
      return { exit, said: stdout + stderr };
    },
  };
}

for (const format of ["ndjson", "json"]) {
  for (const [name, rows, columns] of [
    ["10,000 records", MANY, "late TEXT"],
    ["16 MiB", LONG, "x TEXT, late TEXT"],
  ] as const) {
    const last = { id: -1, late: "here" };
    test(`a member met after ${name} is carried from the first run on (${format})`, async (t) => {
      const scene = sceneOf(t, format, "", columns);
      scene.put([...rows, last]);
      const ran = await scene.run();
      assert.equal(ran.exit, 0, ran.said);
      assert.deepEqual(scene.late(), [last]);
    });
  }

  test(`a member that joins late is told like a column that joins (${format})`, async (t) => {
    const scene = sceneOf(t, format, "", "late TEXT");
    scene.put(MANY);
    assert.equal((await scene.run()).exit, 0);
    scene.put([...MANY, { id: -1, late: "here" }]);
    const ran = await scene.run();
    assert.equal(ran.exit, 0, ran.said);
    assert.match(ran.said, /other columns than at the last run: late joins/);
    assert.deepEqual(scene.late(), [{ id: -1, late: "here" }]);
  });

  test(`a member that the table lacks is refused by name, however late (${format})`, async (t) => {
    const scene = sceneOf(t, format, "", "late TEXT");
    scene.put([...MANY, { id: -1, later: "here" }]);
    const ran = await scene.run();
    assert.equal(ran.exit, 2, ran.said);
    assert.match(ran.said, /files\.t has 'later', and db\.t does not have 'later'/);
  });

  test(`a rewrite of the file keeps members that nothing maps (${format})`, async (t) => {
    const more =
      ", direction: two-way, mapping: [{ source: id, target: id }, { source: late, target: late }]";
    const scene = sceneOf(t, format, more, "late TEXT");
    const last = { id: 77_777, late: "here", other: { kept: [1.0, "as it is"] } };
    scene.put([...MANY, last]);
    const ran = await scene.run();
    assert.equal(ran.exit, 0, ran.said);
    execute(
      join(scene.folder, "db.db"),
      "UPDATE t SET late = 'moved' WHERE id = 77777",
      "DELETE FROM t WHERE id = 5",
    );
    assert.equal((await scene.run()).exit, 0);
    const rows = MANY.filter(({ id }) => id !== 5);
    const text = textOf(format, [...rows, { ...last, late: "moved" }]);
    assert.equal(readFileSync(scene.path, "utf8"), text);
  });
}

for (const format of ["csv", "ndjson", "json"]) {
  test(`a row that no file holds as one record waits, and ends nothing (${format})`, async (t) => {
    const folder = folderOf(t);
    writeFileSync(
      join(folder, "syncline.yaml"),
      `systems:
  db: { type: sqlite, path: ./db.db }
  files: { type: rows, path: ., format: ${format} }
pipelines:
  t: { source: db.t, target: files.t }
`,
    );
    execute(
      join(folder, "db.db"),
      "CREATE TABLE t (id INTEGER PRIMARY KEY, doc TEXT)",
      "INSERT INTO t VALUES (1, 'a'), (2, printf('%.*c', 17000000, 'x')), (3, 'c')",
    );
    for (const time of ["first", "second"]) {
      const ran = await cli(folder, "run");
      assert.equal(ran.exit, 4, `${time}: ${ran.stdout}${ran.stderr}`);
      assert.match(readFileSync(join(folder, `t.${format}`), "utf8"), /a.*c/s);
    }
    const { stdout } = await cli(folder, "letters");
    assert.match(stdout, /VALUE_NOT_HELD/);
    assert.match(stdout, /would take 170\d+ characters, and a record of a file holds 16777216/);
    execute(join(folder, "db.db"), "UPDATE t SET doc = 'b' WHERE id = 2");
    assert.equal((await cli(folder, "run")).exit, 0);
    assert.equal((await cli(folder, "verify")).exit, 0);
  });
}
