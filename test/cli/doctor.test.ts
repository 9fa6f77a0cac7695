import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { Check } from "../../src/cli/doctor/check.ts";
import { exitFor } from "../../src/cli/doctor/check.ts";
import { spaceCheck } from "../../src/cli/doctor/journal.ts";
import { nodeCheck } from "../../src/cli/doctor/surroundings.ts";
import { MANUAL } from "../../src/cli/manual/manual.ts";
import { invoke } from "../../src/cli/program.ts";
import { Stopping } from "../../src/cli/stopping.ts";
import { Captured } from "../../src/cli/world.ts";
import { sqliteJournal } from "../../src/journals/sqlite/index.ts";
import { configWith, sceneOf } from "./scene.ts";
import type { Scene } from "./scene.ts";
import { cliAt, json } from "./world.ts";

/** What a doctor's visit came to. */
interface Visit {
  readonly exit: number;
  readonly checks: readonly Check[];
  /** `check of` of what was found, with its code. */
  readonly findings: { readonly [subject: string]: string };
}

async function visit(scene: Scene, ...words: readonly string[]): Promise<Visit> {
  const { exit, document } = await json(scene.folder, "doctor", ...words);
  const checks: readonly Check[] = document.result["checks"] ?? [];
  assert.equal(document.ok, exit === 0);
  return { exit, checks, findings: findingsOf(checks) };
}

function findingsOf(checks: readonly Check[]): Visit["findings"] {
  const found = checks.filter(({ state }) => state !== "ok");
  for (const { hint, code } of found) assert.ok(hint !== null && hint !== "" && code !== null);
  return Object.fromEntries(
    found.map(({ check, of, code }) => [of === null ? check : `${check} ${of}`, String(code)]),
  );
}

test("all is well: every check is told, nothing is found, and nothing is changed", async (t) => {
  const scene = sceneOf(t);
  const before = scene.dumps();
  const first = await visit(scene);
  assert.equal(first.exit, 0);
  assert.deepEqual(first.findings, { "journal .syncline/journal.db": "JOURNAL_UNUSED" });
  assert.ok(!existsSync(join(scene.folder, ".syncline")), "a journal was made");
  assert.equal(scene.dumps(), before);

  await scene.run("run");
  const { exit, checks, findings } = await visit(scene);
  assert.equal(exit, 0);
  assert.deepEqual(findings, {});
  const names = checks.map(({ check, of }) => (of === null ? check : `${check} ${of}`));
  assert.deepEqual(names, [
    "node",
    "configuration syncline.yaml",
    "environment",
    "secrets",
    "journal .syncline/journal.db",
    "lock",
    "space",
    "waiting customers",
    "last-run customers",
    ...["crm", "billing"].flatMap((of) => [`system ${of}`, `rights ${of}`, `markers ${of}`]),
    "pipeline customers",
  ]);
  const { stdout } = await scene.run("doctor");
  assert.match(stdout, /^✓ system crm {2}SQLite 3\.\d+\.\d+, answered in \d+ m?s$/m);
  assert.match(stdout, /^✓ rights crm {2}1 collection: 1 may be read, 1 written$/m);
  assert.match(stdout, /customers may be read and written, billing\.customers may be read and wr/);
  assert.match(stdout, /^✓ last-run customers {2}last complete run \d+ seconds? ago$/m);
  assert.match(stdout, /^16 checks: 16 ok\.$/m);
});

const MANY = `version: 1
systems:
  crm: { type: sqlite, path: ./crm.db }
  billing: { type: sqlite, path: ./billing.db }
  gone: { type: sqlite, path: ./gone.db }
  shop: { type: postgres, url: "\${SHOP_URL}" }
pipelines:
  customers: { source: crm.customers, target: billing.customers }
  lost: { source: crm.customers, target: gone.customers }
  sold: { source: crm.customers, target: shop.customers }
`;

test("what fails keeps nothing else from being looked at; only around us: exit 3", async (t) => {
  const scene = sceneOf(t);
  scene.configure(MANY);
  const away = await visit(scene);
  assert.deepEqual(away.findings, {
    "environment SHOP_URL": "VARIABLE_MISSING",
    "journal .syncline/journal.db": "JOURNAL_UNUSED",
    "system gone": "REPLICA_UNAVAILABLE",
    "system shop": "VARIABLE_MISSING",
    "pipeline lost": "NOT_CHECKED",
    "pipeline sold": "NOT_CHECKED",
  });
  assert.equal(away.exit, 3);
  const whole = away.checks.find(({ check, of }) => check === "pipeline" && of === "customers");
  assert.equal(whole?.state, "ok");

  scene.sql("billing.db", "ALTER TABLE customers RENAME COLUMN email TO mail");
  scene.configure(MANY.replace("billing.customers }", "billing.customers, mapping: [MAP] }"));
  const map = "{ source: id, target: id }, { source: email, target: email }";
  scene.configure(readFileSync(join(scene.folder, "syncline.yaml"), "utf8").replace("MAP", map));
  const more = await visit(scene);
  assert.equal(more.findings["pipeline customers"], "COLUMN_MISSING");
  assert.equal(more.findings["system gone"], "REPLICA_UNAVAILABLE");
  assert.equal(more.exit, 1);
});

test("an invalid configuration leaves Node, secrets and the journal to be seen", async (t) => {
  const scene = sceneOf(t);
  await scene.run("run");
  scene.configure("version: 1\nsytems: {}\npipelines: { a: { sorce: x.y } }\n");
  const { exit, checks, findings } = await visit(scene);
  assert.equal(exit, 1);
  assert.equal(findings["configuration syncline.yaml"], "CONFIG_UNKNOWN_KEY");
  assert.equal(findings["systems"], "NOT_CHECKED");
  const fine = checks.filter(({ state }) => state === "ok").map(({ check }) => check);
  assert.deepEqual(fine, ["node", "environment", "secrets", "journal", "lock", "space"]);
  const none = await json(scene.folder, "doctor", "-c", "none.yaml");
  assert.equal(none.exit, 1);
  assert.match(JSON.stringify(none.document.result), /CONFIG_NOT_FOUND/);
});

const CANARY = "s3cret-canary";
const SECRETS = `version: 1
systems:
  crm: { type: sqlite, path: ./crm.db }
  api:
    type: http
    url: "http://127.0.0.1:9/"
    auth: { type: bearer, token: ${CANARY} }
    limits: { retries: 0 }
    collections: { customers: { key: id, fields: { id: text, name: text } } }
  shop: { type: postgres, url: "postgres://syncline:${CANARY}@127.0.0.1:9/shop" }
  late: { type: postgres, url: "postgres://syncline:\${LATE_PASSWORD}@127.0.0.1:9/late" }
  kept: { type: postgres, url: "\${file:key}" }
pipelines:
  customers: { source: crm.customers, target: api.customers }
  others: { source: crm.customers, target: shop.customers }
  later: { source: crm.customers, target: late.customers }
  last: { source: crm.customers, target: kept.customers }
`;

test("secrets that every user can read are told by their settings, and never shown", async (t) => {
  const scene = sceneOf(t);
  const file = join(scene.folder, "syncline.yaml");
  scene.configure(SECRETS);
  writeFileSync(join(scene.folder, "key"), `postgres://syncline:${CANARY}@127.0.0.1:9/kept\n`);
  for (const each of [file, join(scene.folder, "key")]) chmodSync(each, 0o644);
  const env = { LATE_PASSWORD: CANARY };
  const asked = async (...words: readonly string[]): Promise<string> => {
    const [stdout, stderr] = [new Captured(), new Captured()];
    const stopping = new Stopping();
    const world = { stdout, stderr, env, cwd: scene.folder, stopping, now: Date.now };
    await invoke(["doctor", ...words], world);
    assert.doesNotMatch(stdout.text + stderr.text, new RegExp(CANARY));
    return stdout.text;
  };
  const text = await asked();
  assert.match(text, /^⚠ secrets syncline\.yaml .*systems\.api\.auth\.token.*SECRET_READABLE$/m);
  assert.match(text, /systems\.shop\.url/);
  assert.doesNotMatch(text, /systems\.late\.url/, "the file does not hold this one");
  assert.match(text, /→ chmod 600 syncline\.yaml, or take them from \$\{NAME\}/);
  assert.match(text, /^⚠ secrets key .*SECRET_READABLE\n {2}→ chmod 600 key$/m);
  assert.match(text, /^✗ system shop .*REPLICA_UNAVAILABLE$/m);
  await asked("--json");
  for (const each of [file, join(scene.folder, "key")]) chmodSync(each, 0o600);
  const local = join(scene.folder, "syncline.local.yaml");
  writeFileSync(local, `systems: { crm: { path: ./crm.db } }\n`);
  chmodSync(local, 0o644);
  assert.match(await asked(), /^⚠ secrets syncline\.local\.yaml .*SECRET_READABLE$/m);
  chmodSync(local, 0o600);
  assert.match(await asked(), /^✓ secrets {2}no stranger can read them$/m);
});

test("a journal that another program writes is a warning that names its holder", async (t) => {
  const scene = sceneOf(t);
  await scene.run("run");
  const path = join(scene.folder, ".syncline/journal.db");
  const journal = await sqliteJournal({ path, program: "another program" });
  const writer = await journal.open("billing+crm", "write");
  try {
    const { exit, checks, findings } = await visit(scene);
    assert.equal(exit, 0);
    assert.deepEqual(findings, { lock: "JOURNAL_LOCKED" });
    const lock = checks.find(({ check }) => check === "lock");
    assert.match(lock?.text ?? "", /another program \(process \d+, since /);
  } finally {
    await writer.close();
    await journal.close();
  }
  assert.deepEqual((await visit(scene)).findings, {}, "the lock was kept");
});

test("a journal that is newer, or none at all, keeps the systems from nothing", async (t) => {
  const scene = sceneOf(t);
  await scene.run("run");
  const path = join(scene.folder, ".syncline/journal.db");
  const database = new DatabaseSync(path);
  database.exec("INSERT INTO migration VALUES (9999, 'later', 'syncline 9', 0)");
  database.close();
  const newer = await visit(scene);
  assert.deepEqual(newer.findings, { "journal .syncline/journal.db": "JOURNAL_NEWER" });
  assert.equal(newer.exit, 3);
  assert.equal(newer.checks.at(-1)?.check, "pipeline");
  rmSync(join(scene.folder, ".syncline"), { recursive: true });
  mkdirSync(join(scene.folder, ".syncline"));
  writeFileSync(path, "this is no database, however long one reads in it");
  const corrupt = await visit(scene);
  assert.deepEqual(corrupt.findings, { "journal .syncline/journal.db": "JOURNAL_CORRUPT" });
  assert.equal(corrupt.checks.at(-1)?.state, "ok");
});

test("what waits is told: questions, letters, and retries whose time has passed", async (t) => {
  const scene = sceneOf(t, 3, "    source: crm.customers\n    target: billing.customers\n");
  scene.sql(
    "billing.db",
    "DROP TABLE customers",
    "CREATE TABLE names (name TEXT PRIMARY KEY)",
    "INSERT INTO names VALUES ('Customer 1'), ('Customer 2')",
    "CREATE TABLE customers (id TEXT PRIMARY KEY, name TEXT REFERENCES names, email TEXT)",
  );
  const began = Date.now();
  await cliAt(() => began, scene.folder, "run");
  const now = await doctorAt(scene, began + 1);
  assert.deepEqual(now, { "waiting customers": "LETTERS_WAIT" });
  const later = await doctorAt(scene, began + 86_400_000);
  assert.deepEqual(later, { "waiting customers": "RETRIES_OVERDUE" });
  const old = await doctorAt(scene, began + 30 * 86_400_000);
  assert.equal(old["last-run customers"], "RUN_OLD");
});

test("an open question is told, and a run that did not come to its end", async (t) => {
  const scene = sceneOf(t);
  await scene.run("run");
  scene.sql("crm.db", "UPDATE customers SET name = 'A' WHERE id = 'C-1'");
  scene.sql("billing.db", "UPDATE customers SET name = 'B' WHERE id = 'C-1'");
  await scene.run("run");
  assert.deepEqual((await visit(scene)).findings, { "waiting customers": "QUESTIONS_WAIT" });
  const path = join(scene.folder, ".syncline/journal.db");
  const journal = await sqliteJournal({ path });
  const writer = await journal.open("billing+crm", "write");
  const run = { id: "r1", kind: "run", started: Date.now(), finished: null };
  // It came to this pipeline, and no further.
  const summary = JSON.stringify({ pipelines: { customers: {} } });
  await writer.commit({ runs: [{ ...run, status: "stopped", summary }] });
  await writer.close();
  await journal.close();
  const { findings, exit } = await visit(scene);
  assert.equal(findings["last-run customers"], "RUN_INCOMPLETE");
  assert.equal(exit, 0);
});

test("markers that were switched off are told", async (t) => {
  const scene = sceneOf(t);
  const text = configWith("    source: crm.customers\n    target: billing.customers\n");
  scene.configure(text.replace("./billing.db }", "./billing.db, markers: false }"));
  await scene.run("run");
  assert.deepEqual((await visit(scene)).findings, { "markers billing": "MARKERS_OFF" });
});

test("an old Node and a full disk are failures of what is around", () => {
  assert.equal(nodeCheck("26.1.0", ">=24").state, "ok");
  const old = nodeCheck("22.9.0", ">=24");
  assert.deepEqual([old.state, old.code], ["failed", "NODE_TOO_OLD"]);
  assert.equal(exitFor([old]), 3);
  const mib = 1 << 20;
  assert.equal(spaceCheck(2000 * mib).state, "ok");
  assert.deepEqual(spaceCheck(500 * mib).code, "SPACE_LOW");
  const full = spaceCheck(3 * mib);
  assert.deepEqual([full.state, full.code], ["failed", "DISK_FULL"]);
  assert.match(full.text, /^3\.0 MiB free/);
  assert.equal(exitFor([old, full]), 3);
  assert.equal(exitFor([spaceCheck(500 * mib)]), 0);
});

test("the help says what the exit codes mean", () => {
  const text = MANUAL.find(({ name }) => name === "doctor")?.text ?? "";
  assert.match(text, /Exit 0.*Exit 3.*Exit 1/);
});

async function doctorAt(scene: Scene, now: number): Promise<Visit["findings"]> {
  const { stdout } = await cliAt(() => now, scene.folder, "doctor", "--json");
  return findingsOf(JSON.parse(stdout).result.checks);
}
