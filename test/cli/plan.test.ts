// A plan is pure and exact: the same data give the same hash whatever their physical order, nothing
// is written, and apply does that plan or says what it left.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { assertEqualSides, inserts, rowsOf, sceneOf } from "./scene.ts";
import type { Scene } from "./scene.ts";

interface Plan {
  readonly id: string;
  readonly hash: string;
}

test("the same data give the same hash, in any physical order; one byte another", async (t) => {
  const scene = await driftedScene(t);
  const first = await hashOf(scene);
  assert.equal(await hashOf(scene), first);
  rewrite(join(scene.folder, "crm.db"));
  assert.equal(await hashOf(scene), first, "rows in another physical order");
  scene.sql("crm.db", "UPDATE customers SET name = 'Customer 2x' WHERE id = 'C-2'");
  assert.notEqual(await hashOf(scene), first);
  scene.sql("crm.db", "UPDATE customers SET name = 'Customer 2' WHERE id = 'C-2'");
  assert.equal(await hashOf(scene), first);
});

test("a plan leaves both databases byte for byte as they are, in both journal modes", async (t) => {
  for (const mode of ["DELETE", "WAL"]) {
    const scene = await driftedScene(t);
    for (const file of ["crm.db", "billing.db"]) pragma(join(scene.folder, file), mode);
    const before = filesOf(scene);
    assert.equal((await scene.run("plan")).exit, 0);
    assert.equal((await scene.run("plan", "--full", "--json")).exit, 0);
    assert.deepEqual(filesOf(scene), before, mode);
  }
});

test("a plan from before another run is refused: exit 5, nothing written", async (t) => {
  const scene = await driftedScene(t);
  const { id } = await planned(scene);
  scene.sql("billing.db", "UPDATE customers SET email = 'x' WHERE id = 'C-9'");
  assert.equal((await scene.run("run")).exit, 0);
  const before = scene.dumps();
  const { exit, stderr } = await scene.run("apply", id);
  assert.equal(exit, 5, stderr);
  assert.match(stderr, /^✗ PLAN_STALE/m);
  assert.equal(scene.dumps(), before);
});

test("a plan from before the mapping was edited is refused: exit 5", async (t) => {
  const scene = await driftedScene(t);
  const { hash } = await planned(scene);
  const file = join(scene.folder, "syncline.yaml");
  scene.configure(`${readFileSync(file, "utf8")}    mapping: [ { source: name, target: name } ]\n`);
  const before = scene.dumps();
  const { exit, stderr } = await scene.run("apply", hash.slice(0, 12));
  assert.equal(exit, 5, stderr);
  assert.equal(scene.dumps(), before);
});

test("rows that moved after the plan are left and listed, others written: exit 4", async (t) => {
  const scene = await driftedScene(t);
  const { id } = await planned(scene);
  // One of the planned updates finds another row than it was aimed at.
  scene.sql("billing.db", "UPDATE customers SET name = 'meanwhile' WHERE id = 'C-1'");
  const { exit, stdout } = await scene.run("apply", id);
  assert.equal(exit, 4, stdout);
  assert.match(stdout, /customers C-1 → target {2}stale/);
  assert.ok(!stdout.includes("C-11"), "only what moved is listed");
  const rows = rowsOf(join(scene.folder, "billing.db"));
  assert.ok(
    rows.some((row) => row.includes('"C-101"')),
    "the rest was written",
  );
  assert.ok(
    rows.some((row) => row.includes("meanwhile")),
    "what moved was left alone",
  );
});

test("--limit and --key make a trial run, and the next run does the rest", async (t) => {
  const scene = await driftedScene(t);
  const key = await scene.run("run", "--key", "C-101");
  assert.match(key.stdout, /1 write made/);
  const limit = await scene.run("run", "customers", "--limit", "2");
  assert.match(limit.stdout, /2 writes made/);
  assert.equal((await scene.run("run")).exit, 0);
  assertEqualSides(scene);
});

test("--allow-deletes lets withheld deletions pass, and changes the hash", async (t) => {
  const scene = sceneOf(t, 100);
  assert.equal((await scene.run("run")).exit, 0);
  scene.sql("billing.db", "DELETE FROM customers WHERE id <> 'C-1'");
  const withheld = await planned(scene);
  const { hash, id } = await planned(scene, "--allow-deletes");
  assert.notEqual(hash, withheld.hash);
  const few = await scene.run("plan", "--allow-deletes=98");
  assert.match(few.stdout, /99 deletions in source withheld/);
  assert.equal((await scene.run("apply", id)).exit, 0);
  assert.equal(rowsOf(join(scene.folder, "crm.db")).length, 1);
});

test("with onTrip: stop the guard stops before the first write: exit 5", async (t) => {
  const scene = sceneOf(t, 100);
  const file = join(scene.folder, "syncline.yaml");
  scene.configure(`${readFileSync(file, "utf8")}    guard: { onTrip: stop }\n`);
  assert.equal((await scene.run("run")).exit, 0);
  scene.sql("billing.db", "DELETE FROM customers");
  scene.sql("crm.db", ...inserts(1, 101));
  const before = scene.dumps();
  const { exit, stderr } = await scene.run("run");
  assert.equal(exit, 5, stderr);
  assert.match(stderr, /^✗ GUARD_STOPPED\n {2}.*100 of 100/m);
  assert.equal(scene.dumps(), before);
});

test("an unknown plan, run, pipeline or key is refused with the right ones: exit 2", async (t) => {
  const scene = await driftedScene(t);
  const cases: readonly (readonly [words: readonly string[], says: RegExp])[] = [
    [["apply", "nonsense"], /no plan "nonsense"/],
    [["rollback", "nonsense"], /No run begins with "nonsense"/],
    [["plan", "custmers"], /no pipeline "custmers"[^]*Did you mean "customers"/],
    [["blame", "C-999"], /ENTRY_UNKNOWN[^]*C-999/],
    [["conflicts", "--field", "emial"], /no field "emial"[^]*Did you mean "email"/],
    [["conflicts", "--why", "conflct"], /Did you mean "conflict"/],
    [["resolve", "--all"], /What is the answer/],
    [["resolve", "--all", "--base", "--delete"], /one answer only/],
    [["resolve", "--take", "source"], /Which questions/],
    [["resolve", "--all", "--take", "sorce"], /no side "sorce"[^]*Did you mean "source"/],
    [["resolve", "--all", "--value", "text"], /not JSON[^]*'"text"'/],
    [["plan", "--limit", "many"], /--limit takes a whole number above 0, not "many"/],
    [["run", "--limit", "2", "--restore"], /--restore cannot be tried with --limit[^]*--key/],
    [["plan", "--limit", "2", "--allow-deletes"], /--allow-deletes cannot be tried with --limit/],
    [["run", "--allow-deletes=3", "--restore"], /say the opposite/],
    [["run", "--trust", "crn"], /no system "crn"[^]*Did you mean "crm"/],
    [["history", "C-1", "--at", "soon"], /"soon" is no moment/],
    [["rollback"], /Name a run, or an entry and a moment/],
  ];
  const before = scene.dumps();
  for (const [words, says] of cases) {
    const { exit, stderr } = await scene.run(...words);
    assert.equal(exit, 2, `${words.join(" ")}\n${stderr}`);
    assert.match(stderr, says, words.join(" "));
  }
  assert.equal(scene.dumps(), before);
});

/** 100 agreed customers; ten were edited in the source, five in the target, one is new. */
async function driftedScene(t: Parameters<typeof sceneOf>[0]): Promise<Scene> {
  const scene = sceneOf(t, 100);
  assert.equal((await scene.run("run")).exit, 0);
  scene.sql("crm.db", "UPDATE customers SET name = name || '!' WHERE id LIKE 'C-1_' OR id = 'C-1'");
  scene.sql("billing.db", "UPDATE customers SET email = 'new' WHERE id LIKE 'C-_5'");
  scene.sql("crm.db", ...inserts(1, 101));
  return scene;
}

async function planned(scene: Scene, ...words: readonly string[]): Promise<Plan> {
  const { exit, stdout, stderr } = await scene.run("plan", "--json", ...words);
  assert.equal(exit, 0, stderr);
  return JSON.parse(stdout).result.plans[0];
}

async function hashOf(scene: Scene): Promise<string> {
  return (await planned(scene)).hash;
}

/** Digest of every file beside the databases, except the journal's. */
function filesOf(scene: Scene): readonly string[] {
  return readdirSync(scene.folder)
    .filter((name) => name.includes(".db"))
    .toSorted()
    .map((name) => {
      const bytes = readFileSync(join(scene.folder, name));
      return `${name} ${createHash("sha256").update(bytes).digest("hex")}`;
    });
}

/** Puts the same rows down in another order. */
function rewrite(path: string): void {
  const database = new DatabaseSync(path);
  database.exec(`
    CREATE TEMP TABLE copy AS SELECT * FROM customers;
    DELETE FROM customers;
    INSERT INTO customers SELECT * FROM copy ORDER BY email DESC, name;
  `);
  database.close();
}

function pragma(path: string, mode: string): void {
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA journal_mode = ${mode}`);
  database.close();
}
