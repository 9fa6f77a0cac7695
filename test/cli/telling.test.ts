// What is told has to be so: output that did not arrive, advice that cannot help, a target that
// nobody may write, one file under two names.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, linkSync, mkdtempSync, openSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { configWith, inserts, rowsOf, sceneOf } from "./scene.ts";
import { cliInto, json } from "./world.ts";

const FULL = "/dev/full";
// Programs of the system, where there are any.
const [MOUNT, UMOUNT] = ["mount", "umount"] as const;
const ONE_WAY = "    source: crm.customers\n    target: billing.customers\n";
const TWO_WAY = `${ONE_WAY}    direction: two-way\n`;

test("output that finds no space is told and ends with 3; a reader that is gone is not", (t) => {
  const scene = sceneOf(t);
  if (!existsSync(FULL)) return t.skip("this system has no full device");
  for (const words of [["plan", "--json"], ["plan"], ["run"], ["--help"]]) {
    const { exit, stderr } = cliInto(scene.folder, words, openSync(FULL, "w"));
    assert.equal(exit, 3, `${words.join(" ")}: ${stderr}`);
    assert.match(stderr, /^✗ DISK_FULL\n  The output is not whole: there is no space left/m);
    assert.match(stderr, /with exit code 0/);
  }
  const script = `"$0" "$@" | head -c 1 >/dev/null; exit "\${PIPESTATUS[0]}"`;
  const { exit, stderr } = cliInto(scene.folder, ["status"], "pipe", ["bash", "-c", script]);
  assert.equal(exit, 0, stderr);
});

test("one-way, --restore is neither suggested nor accepted", async (t) => {
  const scene = sceneOf(t, 60, ONE_WAY);
  await scene.run("run");
  scene.sql("crm.db", "DELETE FROM customers");
  const run = await scene.run("run");
  assert.equal(run.exit, 4);
  assert.match(run.stdout, /Next: +syncline run --allow-deletes$/m);
  const restore = await scene.run("run", "--restore");
  assert.equal(restore.exit, 2);
  assert.match(
    restore.stderr,
    /--restore is not possible: customers is one-way[\s\S]*never written/,
  );
  scene.configure(configWith(`${ONE_WAY}    direction: two-way\n`));
  const both = await scene.run("run");
  assert.match(both.stdout, /--allow-deletes +syncline run --restore/);
});

test("drift that is kept waits for a person: exit 4 until it is answered", async (t) => {
  const scene = sceneOf(t, 5, `${ONE_WAY}    drift: keep\n    memory: full\n`);
  assert.equal((await scene.run("run")).exit, 0);
  scene.sql("billing.db", "UPDATE customers SET name = 'Eva' WHERE id = 'C-1'");
  for (let i = 0; i < 2; i++) {
    const { exit, stdout } = await scene.run("run");
    assert.equal(exit, 4, stdout);
    assert.match(stdout, /1 drifted entry waits for you[\s\S]*Next: +syncline conflicts/);
  }
  const { document } = await json(scene.folder, "run");
  assert.partialDeepStrictEqual(document.summary["pipelines"], {
    customers: { drift: 1, driftKept: 1 },
  });
  await scene.run("resolve", "--all", "--take", "source");
  assert.equal((await scene.run("run")).exit, 0);
  scene.configure(configWith(`${ONE_WAY}    memory: full\n`));
  scene.sql("billing.db", "UPDATE customers SET name = 'Eva' WHERE id = 'C-1'");
  const { exit, stdout } = await scene.run("run");
  assert.equal(exit, 0, stdout);
  assert.match(stdout, /1 drifted/);
});

test("validate and plan name a target that cannot be written, as run does", async (t) => {
  const scene = sceneOf(t, 2, ONE_WAY);
  const place = mkdtempSync(join(tmpdir(), "syncline-read-only-"));
  const mount = (...options: readonly string[]): boolean =>
    spawnSync(MOUNT, ["-t", "tmpfs", ...options, "tmpfs", place]).status === 0;
  const isMounted = mount();
  t.after(() => {
    if (isMounted) spawnSync(UMOUNT, [place]);
    rmSync(place, { recursive: true });
  });
  if (!isMounted) return t.skip("mounting a file system is not allowed here");
  scene.sql(join("..", place.slice(tmpdir().length), "billing.db"), CREATE);
  const configured = configWith(ONE_WAY);
  scene.configure(configured.replace("./billing.db", join(place, "billing.db")));
  assert.equal((await scene.run("validate")).exit, 0);
  assert.ok(mount("-o", "remount,ro"));
  for (const command of ["validate", "plan", "run"]) {
    const { exit, stderr } = await scene.run(command);
    assert.equal(exit, 3, stderr);
    assert.match(
      stderr,
      /REPLICA_READ_ONLY +syncline\.yaml:8:\d+\n.*billing\.db cannot be written/,
    );
  }
  // As a source nobody writes to it.
  scene.configure(
    configWith(ONE_WAY)
      .replace("./billing.db", "./other.db")
      .replace("./crm.db", join(place, "billing.db")),
  );
  scene.sql("other.db", CREATE);
  assert.equal((await scene.run("run")).exit, 0);
});

const CREATE = "CREATE TABLE customers (id TEXT PRIMARY KEY NOT NULL, name TEXT, email TEXT)";

test("one database under two names is recognised, whatever link leads to it", async (t) => {
  const scene = sceneOf(t);
  symlinkSync("crm.db", join(scene.folder, "symbolic.db"));
  linkSync(join(scene.folder, "crm.db"), join(scene.folder, "hard.db"));
  symlinkSync(".", join(scene.folder, "round"));
  for (const path of ["./symbolic.db", "./hard.db", "./round/crm.db"]) {
    scene.configure(configWith(ONE_WAY).replace("./billing.db", path));
    for (const words of [["validate"], ["validate", "--offline"], ["run"]]) {
      const { exit, stderr } = await scene.run(...words);
      assert.equal(exit, 2, path);
      assert.match(stderr, /The systems 'crm' and 'billing' are the same file/);
    }
  }
});

test("a folder as configuration is called one", async (t) => {
  const scene = sceneOf(t);
  const { exit, stderr } = await scene.run("plan", "-c", ".");
  assert.equal(exit, 2);
  assert.match(stderr, /\. is a folder, not a configuration[\s\S]*Name the file/);
});

test("where writes were left undone, nobody says that there was nothing to write", async (t) => {
  const scene = sceneOf(t, 2, ONE_WAY);
  await scene.run("run");
  scene.sql(
    "billing.db",
    "CREATE TRIGGER no BEFORE INSERT ON customers BEGIN SELECT RAISE(ABORT, 'no'); END",
  );
  scene.sql("crm.db", ...inserts(1, 9));
  const { exit, stdout } = await scene.run("run");
  assert.equal(exit, 4, stdout);
  assert.match(stdout, /⚠ nothing was written/);
  assert.match(stdout, /nothing written, 1 left undone/);
  assert.doesNotMatch(stdout, /✓|nothing to (write|do)/);
  assert.equal(rowsOf(join(scene.folder, "billing.db")).length, 2);
});

test("a plan that stops at the guard does not advise to apply it", async (t) => {
  const stopping = `${TWO_WAY}    guard: { deletes: { share: 0.1, floor: 0 }, onTrip: stop }\n`;
  const scene = sceneOf(t, 20, stopping);
  assert.equal((await scene.run("run")).exit, 0);
  scene.sql("crm.db", "DELETE FROM customers WHERE id < 'C-2'", "UPDATE customers SET name = 'x'");
  const { exit, stdout } = await scene.run("plan");
  assert.equal(exit, 0);
  assert.match(stdout, /customers stops at the guard .*would write nothing/);
  assert.match(stdout, /Next: {2}syncline plan --allow-deletes/);
  assert.equal((await scene.run("apply")).exit, 5);
  assert.equal((await scene.run("plan", "--allow-deletes")).exit, 0);
  assert.equal((await scene.run("apply")).exit, 0);
});

test("the way to answer names a side that there is", async (t) => {
  const sides = `    sides: { ours: crm.customers, theirs: billing.customers }
    direction: two-way
`;
  const scene = sceneOf(t, 3, sides);
  scene.sql("billing.db", "UPDATE customers SET name = 'Eva' WHERE id = 'C-1'");
  assert.equal((await scene.run("run")).exit, 4);
  const { stdout } = await scene.run("conflicts");
  assert.match(stdout, /resolve ID --take ours /);
});

test("a time that is far ahead is answered with what is", async (t) => {
  const scene = sceneOf(t, 3, TWO_WAY);
  assert.equal((await scene.run("run")).exit, 0);
  const now = await scene.run("history", "C-1", "--at", "now");
  assert.equal(now.exit, 0, now.stderr);
  for (const at of ["2099-01-01", "9999-12-31"]) {
    const { exit, stdout, stderr } = await scene.run("history", "C-1", "--at", at);
    assert.equal(exit, 0, stderr);
    assert.equal(stdout.split("\n").slice(1).join(), now.stdout.split("\n").slice(1).join());
  }
});
