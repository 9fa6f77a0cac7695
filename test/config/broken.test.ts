// Broken configurations and the exact words in which each is refused. `UPDATE_GOLDEN=1` writes the
// messages anew; read the difference before it is committed.
import assert from "node:assert/strict";
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { loadConfig, openConfig } from "../../src/config/index.ts";
import { ERROR_CODES, exitCodeOf, SyncError } from "../../src/core/errors.ts";
import { inWords, problemsOf } from "../../src/core/problems.ts";

const golden = join(import.meta.dirname, "golden");
const folder = mkdtempSync(join(tmpdir(), "syncline-broken-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const SCHEMAS = {
  "crm.db": `
    CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, status TEXT, updated_at TEXT);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER, total NUMERIC NOT NULL);
    CREATE TABLE people (id INTEGER PRIMARY KEY, age INTEGER);
    CREATE TABLE log (line TEXT);
    CREATE TABLE photos (id INTEGER PRIMARY KEY, taken BLOB) STRICT;`,
  "billing.db": `
    CREATE TABLE customers (id INTEGER PRIMARY KEY, full_name TEXT, status TEXT);
    CREATE TABLE people (id INTEGER PRIMARY KEY, age INTEGER);
    CREATE TABLE log (line TEXT);
    CREATE TABLE photos (id INTEGER PRIMARY KEY, taken INTEGER) STRICT;`,
};
for (const [file, schema] of Object.entries(SCHEMAS)) {
  const database = new DatabaseSync(join(folder, file));
  database.exec(schema);
  database.close();
}

const names = readdirSync(golden).filter((name) => name.endsWith(".yaml"));

for (const name of names) {
  test(`${name} is refused in the words of its golden file`, async () => {
    copyFileSync(join(golden, name), join(folder, name));
    const error = await refusalOf(name);
    const words = problemsOf(error).map((problem) => `${problem.code} ${inWords(problem)}\n`);
    const expected = join(golden, name.replace(/\.yaml$/, ".txt"));
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(expected, words.join(""));
    assert.equal(words.join(""), readFileSync(expected, "utf8"));
    assert.equal(exitCodeOf(error), 2);
  });
}

test("there are as many broken configurations as were promised, and each says where", () => {
  assert.ok(names.length >= 15);
  const place = new RegExp(`^(${Object.keys(ERROR_CODES).join("|")}) \\S+\\.yaml(:\\d+:\\d+)?: .`);
  for (const name of names) {
    const words = readFileSync(join(golden, name.replace(/\.yaml$/, ".txt")), "utf8");
    assert.match(words, place);
    assert.doesNotMatch(words, /hunter2/); // what stands in a refused value may be a secret
  }
});

async function refusalOf(name: string): Promise<SyncError> {
  try {
    const config = await loadConfig(name, { cwd: folder, env: { TOKEN: "hunter2" } });
    const opened = await openConfig(config, { access: "read" });
    await opened.close();
  } catch (error) {
    if (error instanceof SyncError) return error;
    throw error;
  }
  return assert.fail(`${name} was accepted`);
}
