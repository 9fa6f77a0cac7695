// Files on either side of a pipeline, used as a person uses them: by the command line and an
// editor.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { cli, folderOf } from "../cli/world.ts";
import { execute, rowsIn } from "./tables.ts";

const HEADER = '\ufeffid;"Name";Remark;Born\r\n';
const BOB = '2;"Bob; the second";"kept ""as it is"""';

test("a CSV and a table agree both ways; what nobody changed stays byte for byte", async (t) => {
  const folder = folderOf(t);
  mkdirSync(join(folder, "exports"));
  const csv = join(folder, "exports", "people.csv");
  writeFileSync(
    join(folder, "syncline.yaml"),
    `systems:
  crm: { type: sqlite, path: ./crm.db }
  exports: { type: rows, path: ./exports, format: csv }
pipelines:
  people:
    source: crm.people
    target: exports.people
    direction: two-way
    mapping:
      - { source: id, target: id }
      - { source: name, target: Name }
      - { source: born, target: Born }
`,
  );
  execute(
    join(folder, "crm.db"),
    "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, born DATE)",
    "INSERT INTO people VALUES (1, 'Ada', '1815-12-10'), (2, 'Bob; the second', NULL)",
  );
  writeFileSync(csv, `${HEADER}${BOB};\r\n\r\n 7;x;odd;y\r\n`);
  const said = async (...words: readonly string[]) => {
    const { exit, stdout } = await cli(folder, ...words, "--json");
    return { exit, document: JSON.parse(stdout) as { summary: { pipelines: object } } };
  };
  assert.equal((await said("run")).exit, 4, "the line without a whole number as its key waits");
  assert.equal(
    readFileSync(csv, "utf8"),
    `${HEADER}1;Ada;;1815-12-10\r\n${BOB};\r\n\r\n 7;x;odd;y\r\n`,
  );
  const edited = readFileSync(csv, "utf8")
    .replace("1;Ada;;", '1;"Ada ""Countess""";new;')
    .replace("\r\n\r\n 7;x;odd;y", "");
  writeFileSync(csv, edited);
  execute(join(folder, "crm.db"), "UPDATE people SET born = '1900-01-01' WHERE id = 2");
  assert.equal((await said("plan")).exit, 0);
  assert.equal((await said("apply")).exit, 0);
  assert.equal((await said("verify")).exit, 0);
  assert.equal(
    readFileSync(csv, "utf8"),
    `${HEADER}1;"Ada ""Countess""";new;1815-12-10\r\n${BOB};1900-01-01\r\n`,
  );
  assert.deepEqual(rowsIn(join(folder, "crm.db"), "SELECT * FROM people ORDER BY id"), [
    { id: 1, name: 'Ada "Countess"', born: "1815-12-10" },
    { id: 2, name: "Bob; the second", born: "1900-01-01" },
  ]);
});

const SYSTEMS = "systems:\n  db: { type: sqlite, path: ./db.db }\n";

const TENTH = '{"id":10,"name":"a","amount":12.5,"doc":{"x":[1]}}';

test("a missing file is made when something is written to it, in each format", async (t) => {
  const folder = folderOf(t);
  const formats = ["csv", "ndjson", "json"] as const;
  const systems = formats.map((each) => `  ${each}: { type: rows, path: ., format: ${each} }\n`);
  const pipelines = formats.map((each) => `  to_${each}: { source: db.t, target: ${each}.t }\n`);
  writeFileSync(
    join(folder, "syncline.yaml"),
    [SYSTEMS, ...systems, "pipelines:\n", ...pipelines].join(""),
  );
  execute(
    join(folder, "db.db"),
    "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, amount DECIMAL, doc JSON)",
    `INSERT INTO t VALUES (10, 'a', 12.50, '{"x":[1]}'), (9, NULL, NULL, NULL)`,
  );
  assert.equal((await cli(folder, "run")).exit, 0);
  assert.equal(
    readFileSync(join(folder, "t.csv"), "utf8"),
    'id,name,amount,doc\n9,,,\n10,a,12.5,"{""x"":[1]}"\n',
  );
  assert.equal(
    readFileSync(join(folder, "t.ndjson"), "utf8"),
    `{"id":9,"name":null,"amount":null}\n${TENTH}\n`,
  );
  assert.deepEqual(JSON.parse(readFileSync(join(folder, "t.json"), "utf8")), [
    { id: 9, name: null, amount: null },
    { id: 10, name: "a", amount: 12.5, doc: { x: [1] } },
  ]);
  assert.equal((await cli(folder, "verify")).exit, 0);
  assert.match((await cli(folder, "plan")).stdout, /nothing to write/);
});

/** A folder with a CSV of these lines, and a pipeline between it and a table. */
function pairOf(t: TestContext, lines: readonly string[], more = "") {
  const folder = folderOf(t);
  writeFileSync(
    join(folder, "syncline.yaml"),
    `systems:
  db: { type: sqlite, path: ./db.db }
  files: { type: rows, path: ., format: csv }
pipelines:
  t: { source: files.t, target: db.t${more} }
`,
  );
  execute(join(folder, "db.db"), "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)");
  const put = (text: readonly string[]) => {
    writeFileSync(join(folder, "t.csv"), `${["id,n", ...text].join("\n")}\n`);
  };
  put(lines);
  const rows = () => rowsIn(join(folder, "db.db"), "SELECT id, n FROM t ORDER BY id");
  return { folder, put, rows };
}

for (const more of ["", ", direction: two-way", ", memory: full"]) {
  const kind = more === "" ? "" : ` (${more.slice(2)})`;
  test(`a line that cannot be read is no deletion; once it is mended, one is${kind}`, async (t) => {
    const { folder, put, rows } = pairOf(t, ["1,1", "2,2", "3,3"], more);
    assert.equal((await cli(folder, "run")).exit, 0);
    put(["1,1", "3;3", "4,4"]);
    const ran = await cli(folder, "run");
    assert.equal(ran.exit, 4, ran.stderr);
    assert.match(ran.stdout + ran.stderr, /t\.csv:3 has 1 field where there should be 2/);
    assert.deepEqual(
      rows(),
      [1, 2, 3, 4].map((id) => ({ id, n: id })),
    );
    assert.match((await cli(folder, "letters")).stdout, /may be on a line that cannot be read/);
    put(["1,1", "3,33", "4,4"]);
    const mended = await cli(folder, "run");
    assert.equal(mended.exit, 0, mended.stdout + mended.stderr);
    assert.deepEqual(rows(), [
      { id: 1, n: 1 },
      { id: 3, n: 33 },
      { id: 4, n: 4 },
    ]);
    assert.match((await cli(folder, "letters")).stdout, /no letters|nothing|No /i);
  });
}

test("a value that does not fit waits by name, and is no edit of its row", async (t) => {
  const { folder, put, rows } = pairOf(t, ["1,1", "2,2"], ", direction: two-way");
  assert.equal((await cli(folder, "run")).exit, 0);
  put(["1,one", "2,22"]);
  assert.equal((await cli(folder, "run")).exit, 4);
  assert.deepEqual(rows(), [
    { id: 1, n: 1 },
    { id: 2, n: 22 },
  ]);
  assert.match((await cli(folder, "letters")).stdout, /'n' is not a whole number/);
  assert.equal(readFileSync(join(folder, "t.csv"), "utf8"), "id,n\n1,one\n2,22\n");
});

test("a file that was there and is gone is no deletion of all its rows", async (t) => {
  const folder = folderOf(t);
  writeFileSync(
    join(folder, "syncline.yaml"),
    `systems:
  db: { type: sqlite, path: ./db.db }
  files: { type: rows, path: ., format: csv }
pipelines:
  t: { source: db.t, target: files.t, direction: two-way }
`,
  );
  execute(
    join(folder, "db.db"),
    "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)",
    "INSERT INTO t VALUES (1, 1), (2, 2)",
  );
  assert.equal((await cli(folder, "run")).exit, 0);
  const path = join(folder, "t.csv");
  renameSync(path, `${path}.away`);
  const { exit, stderr } = await cli(folder, "run");
  assert.equal(exit, 2, stderr);
  assert.match(stderr, /COLLECTION_MISSING.*'t'.*files/s);
  assert.equal(rowsIn(join(folder, "db.db"), "SELECT * FROM t").length, 2);
  renameSync(`${path}.away`, path);
  assert.equal((await cli(folder, "run")).exit, 0);
});

const lineFor = (name: string): string => `      - { source: ${name}, target: ${name} }\n`;

test("a JSON object without a member holds NULL there, and is not written for it", async (t) => {
  const folder = folderOf(t);
  writeFileSync(
    join(folder, "syncline.yaml"),
    `systems:
  db: { type: sqlite, path: ./db.db }
  files: { type: rows, path: ., format: json }
pipelines:
  t:
    source: files.t
    target: db.t
    direction: two-way
    mapping:
${["id", "name", "size", "tags"].map(lineFor).join("")}`,
  );
  execute(
    join(folder, "db.db"),
    "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, size DECIMAL, tags JSON)",
  );
  const path = join(folder, "t.json");
  const text = `[
  { "id": 2, "name": "b", "size": 1.50, "note": "ours alone" },
  { "tags": ["x", 12345678901234567890], "id": 1 }
]
`;
  writeFileSync(path, text);
  assert.equal((await cli(folder, "run")).exit, 0);
  assert.equal(readFileSync(path, "utf8"), text);
  assert.deepEqual(rowsIn(join(folder, "db.db"), "SELECT * FROM t ORDER BY id"), [
    { id: 1, name: null, size: null, tags: '["x",12345678901234567890]' },
    { id: 2, name: "b", size: 1.5, tags: null },
  ]);
  for (const word of ["verify", "plan"]) {
    const { exit, stdout } = await cli(folder, word);
    assert.equal(exit, 0);
    assert.match(stdout, /2 entries equal|nothing to write/);
  }
  execute(
    join(folder, "db.db"),
    "UPDATE t SET name = 'a' WHERE id = 1",
    "UPDATE t SET tags = '[1]' WHERE id = 2",
    "INSERT INTO t VALUES (3, NULL, 2.25, NULL)",
  );
  assert.equal((await cli(folder, "run")).exit, 0);
  assert.equal(
    readFileSync(path, "utf8"),
    `[
  { "id": 2, "name": "b", "size": 1.50, "note": "ours alone", "tags": [1] },
  { "tags": ["x", 12345678901234567890], "id": 1, "name": "a" },
  {
    "id": 3,
    "name": null,
    "size": 2.25
  }
]
`,
  );
  assert.equal((await cli(folder, "verify")).exit, 0);
});
