// What `discover` proposes for two systems; and whatever it proposes, `validate` takes.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { beginningsOf, likeness, matched, wordsOf } from "../../src/cli/discover/names.ts";
import type { Proposal } from "../../src/cli/discover/proposal.ts";
import { narrowing } from "../../src/cli/discover/narrowing.ts";
import { MANUAL } from "../../src/cli/manual/manual.ts";
import type { LogicalType } from "../../src/core/values.ts";
import { cli, folderOf, json } from "./world.ts";

interface Place {
  readonly folder: string;
  readonly sql: (file: string, statements: string) => void;
}

function placeOf(t: TestContext): Place {
  const folder = folderOf(t);
  const sql = (file: string, statements: string): void => {
    const database = new DatabaseSync(join(folder, file));
    database.exec(statements);
    database.close();
  };
  return { folder, sql };
}

/** Writes a proposal into a file, which `validate` has to take, and returns it. */
async function proposed({ folder }: Place, ...words: readonly string[]): Promise<string> {
  const written = await cli(folder, "discover", ...words, "-o", "proposed.yaml");
  assert.equal(written.exit, 0, written.stderr);
  const taken = await cli(folder, "validate", "-c", "proposed.yaml");
  assert.equal(taken.exit, 0, taken.stderr);
  const text = readFileSync(join(folder, "proposed.yaml"), "utf8");
  for (const line of text.split("\n")) assert.ok([...line].length <= 100, line);
  return text;
}

const CRM = `CREATE TABLE tbl_Customer (customer_id INTEGER PRIMARY KEY, fullName TEXT NOT NULL,
  email TEXT, photo BLOB, notes TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, total DECIMAL(12, 4), "odd, name" TEXT,
  tax REAL);
CREATE TABLE "order lines" ("no" INTEGER PRIMARY KEY, item TEXT);
CREATE TABLE logs (at TEXT, line TEXT);
CREATE TABLE audit (id TEXT PRIMARY KEY, what TEXT);
CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT);
CREATE TABLE needy (id INTEGER PRIMARY KEY, label TEXT);
CREATE VIEW latest AS SELECT 1 AS one;`;
const BILLING = `CREATE TABLE customers (id INTEGER PRIMARY KEY, full_name TEXT NOT NULL,
  mail TEXT, photo TEXT);
CREATE TABLE Orders (id INTEGER PRIMARY KEY, total DECIMAL(10, 2), "odd, name" TEXT,
  tax AS (total * 0.1));
CREATE TABLE "Order Line" ("no" INTEGER PRIMARY KEY, item TEXT);
CREATE TABLE logs (at TEXT, line TEXT);
CREATE TABLE app_notes (id INTEGER PRIMARY KEY, body TEXT);
CREATE TABLE app_users (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE Notes_ (id INTEGER PRIMARY KEY, body TEXT);
CREATE TABLE "notes-" (id INTEGER PRIMARY KEY, body TEXT);
CREATE TABLE needy (id INTEGER PRIMARY KEY, label TEXT, region TEXT NOT NULL);`;

test("two databases: matches, keys and mappings with reasons, and what does not fit", async (t) => {
  const place = placeOf(t);
  place.sql("crm.db", CRM);
  place.sql("billing.db", BILLING);
  const text = await proposed(place, "crm.db", "billing.db");
  const file = join(import.meta.dirname, "golden/discover.yaml");
  if (process.env["UPDATE_GOLDEN"] !== undefined) writeFileSync(file, text);
  assert.equal(text, readFileSync(file, "utf8"));
  const printed = await cli(place.folder, "discover", "crm.db", "billing.db");
  assert.equal(printed.stdout, text);
});

test("the reasons are data, and nothing is written where nobody asked for it", async (t) => {
  const place = placeOf(t);
  place.sql("crm.db", CRM);
  place.sql("billing.db", BILLING);
  const { exit, document } = await json(place.folder, "discover", "crm.db", "billing.db");
  assert.equal(exit, 0);
  const result: Proposal & { readonly yaml: string; readonly file: null } =
    document.result as never;
  assert.equal(result.file, null);
  const customers = result.pipelines.find(({ name }) => name === "customers");
  assert.equal(customers?.reason, "they have the same name without 'tbl'");
  assert.deepEqual(customers.key, ["id"]);
  assert.deepEqual(
    customers.mapping.map(({ source, target }) => `${source} ${target}`),
    ["customer_id id", "fullName full_name"],
  );
  const photo = customers.unmapped.find(({ name, side }) => name === "photo" && side === "source");
  assert.match(photo?.why ?? "", /it would be refused: .* is text in billing and bytes in crm/);
  assert.match(customers.decide.join(), /one-way, where .* or two-way/);
  const needy = result.pipelines.find(({ name }) => name === "needy");
  assert.match(needy?.refused ?? "", /needs a value for 'region'/);
  const note = result.unmatched.find(({ name }) => name === "crm.note");
  assert.match(note?.why ?? "", /it could be .*notes-.*, and not only one is possible/);
  assert.equal((await cli(place.folder, "validate")).exit, 2, "a file was written");
});

test("a key that cannot be one key leaves the pipeline out, with that as the reason", async (t) => {
  const place = placeOf(t);
  place.sql("crm.db", "CREATE TABLE a (id BLOB PRIMARY KEY); CREATE TABLE b (id TEXT PRIMARY KEY)");
  place.sql("our.db", "CREATE TABLE a (id TEXT PRIMARY KEY); CREATE TABLE b (id TEXT PRIMARY KEY)");
  const { document } = await json(place.folder, "discover", "crm.db", "our.db");
  const result: Proposal = document.result as never;
  assert.match(result.pipelines.find(({ name }) => name === "a")?.refused ?? "", /bytes/);
  assert.equal(result.pipelines.find(({ name }) => name === "b")?.refused, null);
});

test("names that would be placeholders in a configuration stay names", async (t) => {
  const place = placeOf(t);
  for (const name of ["crm.db", "our.db"]) {
    place.sql(name, 'CREATE TABLE a (id INTEGER PRIMARY KEY, "${HOME}" TEXT)');
  }
  const text = await proposed(place, "crm.db", "our.db");
  assert.ok(text.includes('{ source: "$${HOME}", target: "$${HOME}" }'), text);
});

test("a file that is there is never overwritten", async (t) => {
  const place = placeOf(t);
  for (const name of ["crm.db", "billing.db"]) {
    place.sql(name, "CREATE TABLE customers (id INTEGER PRIMARY KEY)");
  }
  writeFileSync(join(place.folder, "mine.yaml"), "# mine\n");
  const { exit, stderr } = await cli(
    place.folder,
    "discover",
    "crm.db",
    "billing.db",
    "-o",
    "mine.yaml",
  );
  assert.equal(exit, 2);
  assert.match(stderr, /mine\.yaml is there already/);
  assert.equal(readFileSync(join(place.folder, "mine.yaml"), "utf8"), "# mine\n");
});

test("a folder of files, as a source and as a target", async (t) => {
  const place = placeOf(t);
  mkdirSync(join(place.folder, "exports"));
  writeFileSync(join(place.folder, "exports/Customers.csv"), "id,name,since\n1,Ada,2024-01-15\n");
  place.sql("crm.db", "CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT)");
  const there = await proposed(place, "exports", "crm.db");
  assert.match(there, /exports: \{ type: rows, path: \.\/exports, format: csv \}/);
  assert.match(there, /source: exports\.Customers\n {4}target: crm\.customer\n/);
  assert.match(there, /# not mapped: since of the source: crm\.customer has no column/);
  const folder = await cli(place.folder, "discover", "crm.db", "exports", "-o", "back.yaml");
  assert.equal(folder.exit, 0, folder.stderr);
  const back = await cli(place.folder, "validate", "-c", "back.yaml");
  assert.equal(back.exit, 0, back.stderr);
});

test("an empty target: its tables are made, in databases because they are asked for", async (t) => {
  const place = placeOf(t);
  place.sql("crm.db", CRM);
  place.sql("empty.db", "PRAGMA user_version = 1");
  const text = await proposed(place, "crm.db", "empty.db");
  assert.match(text, /target: empty\.orders\n {4}direction: one-way\n {4}createMissing: true/);
  assert.match(text, /# crm\.logs of the source: .*, and it has no key/);
  mkdirSync(join(place.folder, "files"));
  const made = await cli(place.folder, "discover", "crm.db", "files", "-o", "files.yaml");
  assert.equal(made.exit, 0, made.stderr);
  assert.equal((await cli(place.folder, "validate", "-c", "files.yaml")).exit, 0);
  assert.doesNotMatch(readFileSync(join(place.folder, "files.yaml"), "utf8"), /createMissing/);
});

const CANARY = "s3cret-canary";

test("systems of a configuration by name: as they are written, without secrets", async (t) => {
  const place = placeOf(t);
  place.sql("one.db", "CREATE TABLE customers (id INTEGER PRIMARY KEY)");
  place.sql("two.db", "CREATE TABLE customer (id INTEGER PRIMARY KEY)");
  const api = `{ type: http, url: "http://127.0.0.1:9/", limits: { retries: 0 },
    auth: { type: bearer, token: ${CANARY} }, collections: { customers: { key: id } } }`;
  writeFileSync(
    join(place.folder, "syncline.yaml"),
    `version: 1
systems:
  crm: { type: sqlite, path: one.db, markers: false }
  billing: { type: sqlite, path: two.db }
  api: ${api}
pipelines:
  any: { source: crm.customers, target: billing.customer }
`,
  );
  const text = await proposed(place, "crm", "billing");
  assert.match(text, /^ {2}crm: {5}\{ type: sqlite, path: one\.db, markers: false \}$/m);
  const away = await cli(place.folder, "discover", "api", "billing");
  assert.notEqual(away.exit, 0);
  assert.doesNotMatch(away.stdout + away.stderr, new RegExp(CANARY));
  const typo = await cli(place.folder, "discover", "crm", "biling");
  assert.match(typo.stderr, /no file, folder or system "biling"\.\n.*Did you mean "billing"\?/);
  mkdirSync(join(place.folder, "other"));
  const elsewhere = await cli(
    place.folder,
    "discover",
    "crm",
    "billing",
    "-o",
    "other/proposed.yaml",
  );
  assert.equal(elsewhere.exit, 2);
  assert.match(elsewhere.stderr, /is a system of a file in another folder/);
});

test("paths are relative to the proposed file, and two of one name are told apart", async (t) => {
  const place = placeOf(t);
  for (const folder of ["here", "there", "config"]) mkdirSync(join(place.folder, folder));
  place.sql("here/shop.db", "CREATE TABLE a (id INTEGER PRIMARY KEY)");
  place.sql("there/shop.db", "CREATE TABLE a (id INTEGER PRIMARY KEY)");
  const { exit, stderr } = await cli(
    place.folder,
    "discover",
    "here/shop.db",
    "there/shop.db",
    "-o",
    "config/syncline.yaml",
  );
  assert.equal(exit, 0, stderr);
  const text = readFileSync(join(place.folder, "config/syncline.yaml"), "utf8");
  assert.match(text, /source: \{ type: sqlite, path: \.\.\/here\/shop\.db \}/);
  const taken = await cli(place.folder, "validate", "-c", "config/syncline.yaml");
  assert.equal(taken.exit, 0, taken.stderr);
});

test("what cannot be looked at, or does not fit, is refused with what to do", async (t) => {
  const place = placeOf(t);
  place.sql("crm.db", "CREATE TABLE customers (id INTEGER PRIMARY KEY)");
  place.sql("other.db", "CREATE TABLE planets (id INTEGER PRIMARY KEY)");
  writeFileSync(join(place.folder, "note.txt"), "no database, and long enough to be looked at");
  const cases: readonly (readonly [from: string, to: string, exit: number, says: RegExp])[] = [
    ["crm.db", "gone.db", 2, /There is no file, folder or system "gone\.db"/],
    ["crm.db", "https://api.example.com", 2, /does not say which collections/],
    ["crm.db", "crm.db", 2, /Source and target are the same/],
    ["crm.db", "note.txt", 3, /REPLICA_NOT_A_DATABASE/],
    ["crm.db", "other.db", 2, /No table of crm fits one of other\.\n(?:.*\n)*.*no table of that/],
  ];
  for (const [from, to, exit, says] of cases) {
    const ran = await cli(place.folder, "discover", from, to);
    assert.equal(ran.exit, exit, `${to}: ${ran.stderr}`);
    assert.match(ran.stderr, says);
    assert.equal(ran.stdout, "");
  }
});

test("a folder that is not there is told, and none is made", async (t) => {
  const place = placeOf(t);
  place.sql("crm.db", "CREATE TABLE a (id INTEGER PRIMARY KEY)");
  place.sql("other.db", "CREATE TABLE a (id INTEGER PRIMARY KEY)");
  const ran = await cli(place.folder, "discover", "crm.db", "other.db", "-o", "gone/new.yaml");
  assert.equal(ran.exit, 2);
  assert.match(ran.stderr, /gone\/new\.yaml cannot be written: ENOENT/);
});

test("names are alike by capitals, joints, plurals and prefixes, and only by those", () => {
  const prefixes = [["crm"]];
  const cases: readonly (readonly [a: string, b: string, rank: number | undefined])[] = [
    ["orders", "orders", 0],
    ["Orders", "orders", 1],
    ["orderLines", "order_lines", 2],
    ["HTTPRequest", "http-request", 2],
    ["customer", "customers", 3],
    ["category", "Categories", 3],
    ["box", "boxes", 3],
    ["address", "addresses", 3],
    ["crm_customer", "Customers", 4],
    ["customers", "CrmCustomer", 4],
    ["status", "statu", undefined],
    ["order_items", "items", undefined],
    ["news", "new", 3],
    ["a", "as", undefined],
    ["crm", "crm_customers", undefined],
  ];
  for (const [a, b, rank] of cases) {
    assert.equal(likeness(a, b, prefixes)?.rank, rank, `${a} ${b}`);
    assert.equal(likeness(b, a, prefixes)?.rank, rank, `${b} ${a}`);
  }
  assert.deepEqual(wordsOf("HTTPRequest2Log_v3"), ["http", "request2", "log", "v3"]);
  const shared = beginningsOf(["app_users", "app_notes", "order_items", "order_notes", "orders"]);
  assert.ok(shared.some((words) => words.join() === "app"));
  assert.ok(!shared.some((words) => words.join() === "order"), "orders is a table of its own");
});

test("a name is in one pair at most, and the surest pair is made first", () => {
  const like = (a: string, b: string) => likeness(a, b);
  const sure = matched(["customer", "customers"], ["customers"], like);
  assert.deepEqual(
    sure.pairs.map(({ a, b }) => [a, b]),
    [["customers", "customers"]],
  );
  const unclear = matched(["note"], ["notes", "Notes"], (a, b) => {
    const found = likeness(a, b);
    return found && { ...found, rank: 3 };
  });
  assert.deepEqual(unclear.pairs, []);
  assert.deepEqual(unclear.unclear, [{ of: "note", several: ["notes", "Notes"] }]);
});

test("what a type does not take is said", () => {
  const text = (maxLength?: number): LogicalType =>
    maxLength === undefined ? { kind: "text" } : { kind: "text", maxLength };
  const cases: readonly (readonly [
    from: LogicalType,
    to: LogicalType,
    says: RegExp | undefined,
  ])[] = [
    [text(), text(), undefined],
    [text(), text(50), /more than 50 characters/],
    [text(40), text(50), undefined],
    [text(), { kind: "text", values: ["a", "b"] }, /only its 2 words/],
    [{ kind: "text", values: ["a"] }, { kind: "text", values: ["a", "b"] }, undefined],
    [{ kind: "integer" }, { kind: "integer", min: -10, max: 10 }, /only -10 to 10/],
    [{ kind: "integer", min: 0, max: 9 }, { kind: "integer", min: -10, max: 10 }, undefined],
    [{ kind: "real" }, { kind: "integer" }, /only whole numbers/],
    [{ kind: "boolean" }, { kind: "integer", min: 0, max: 1 }, undefined],
    [{ kind: "decimal" }, { kind: "decimal", precision: 10, scale: 2 }, /decimal\(10,2\)/],
    [
      { kind: "decimal", precision: 8, scale: 2 },
      { kind: "decimal", precision: 10, scale: 2 },
      undefined,
    ],
    [text(), { kind: "date" }, /text that is no date/],
    [{ kind: "any" }, { kind: "uuid" }, /what is no uuid/],
    [{ kind: "uuid" }, text(20), /longer than 20/],
    [{ kind: "bytes" }, { kind: "bytes", maxLength: 4 }, /more than 4 bytes/],
    [{ kind: "date" }, { kind: "any" }, undefined],
  ];
  for (const [from, to, says] of cases) {
    const told = narrowing(from, to);
    if (says === undefined) assert.equal(told, undefined);
    else assert.match(told ?? "", says);
  }
});

test("init points to discover", () => {
  assert.match(MANUAL.find(({ name }) => name === "init")?.text ?? "", /`syncline discover`/);
});
