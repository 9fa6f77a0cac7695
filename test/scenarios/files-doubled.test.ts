// Objects in which one name comes twice: a parser keeps the last, and nobody knows which was meant.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { cli, folderOf } from "../cli/world.ts";
import { execute, rowsIn } from "./tables.ts";

const MANY = Array.from({ length: 20 }, (_, at) => `"m${at}":{}`).join();
const DOUBLED = [
  ['{"id":2,"name":"x","name":"y"}', "name"],
  ['{"id":2,"name":"y","doc":{"a":1,"b":{"a":2},"a":3}}', "a"],
  [`{"id":2,"doc":{${MANY},"m3":1}}`, "m3"],
  ['{"id":2,"name":"10:30","n\\u0061me":"y"}', "name"],
] as const;

for (const [at, [text, name]] of DOUBLED.entries()) {
  test(`a record with two members of one name is named, never merged (${at + 1})`, async (t) => {
    const folder = folderOf(t);
    writeFileSync(
      join(folder, "syncline.yaml"),
      `systems:
  db: { type: sqlite, path: ./db.db }
  files: { type: rows, path: ., format: ndjson }
pipelines:
  t: { source: files.t, target: db.t, direction: two-way }
`,
    );
    const database = join(folder, "db.db");
    execute(database, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, doc JSON)");
    const path = join(folder, "t.ndjson");
    const first = '{"id":1,"name":"at 10:30","doc":{"id":{"name":[{"id":"a:b"},{"id":1}]}}}';
    writeFileSync(path, `${first}\n${text}\n`);
    const ran = await cli(folder, "run");
    const said = ran.stdout + ran.stderr;
    assert.equal(ran.exit, 4, said);
    assert.match(said, new RegExp(`t\\.ndjson:2 has two members '${name}'`));
    const rows = () => rowsIn(database, "SELECT id, name FROM t ORDER BY id");
    assert.deepEqual(rows(), [{ id: 1, name: "at 10:30" }]);
    execute(database, "UPDATE t SET name = 'moved' WHERE id = 1");
    await cli(folder, "run");
    const moved = first.replace("at 10:30", "moved");
    assert.equal(readFileSync(path, "utf8"), `${moved}\n${text}\n`, "it stays as it is");
    writeFileSync(path, `${moved}\n{"id":2,"name":"y"}\n`);
    const mended = await cli(folder, "run");
    assert.equal(mended.exit, 0, mended.stdout + mended.stderr);
    assert.deepEqual(rows(), [
      { id: 1, name: "moved" },
      { id: 2, name: "y" },
    ]);
  });
}
