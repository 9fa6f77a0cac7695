// Ctrl-C on a real process: once it ends after the page in hand, twice at once; whatever was
// written stays, and the next run goes on from there.
import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { assertEqualSides, rowsOf, sceneOf } from "./scene.ts";
import type { Scene } from "./scene.ts";
import { startCli } from "./world.ts";

const ROWS = 60_000;

test("Ctrl-C once ends after the page in hand, says so, and the next run goes on", async (t) => {
  const scene = longScene(t);
  const { exit, stdout, stderr } = await interrupted(scene, 1);
  assert.equal(exit, 130, stdout + stderr);
  assert.match(stderr, /Stopping after the page in hand/);
  assert.match(stdout, /Stopped as asked/);
  await goesOn(scene);
});

test("of deletions that a stopped run has not judged it does not say that they were", async (t) => {
  const scene = longScene(t);
  scene.sql("crm.db", "INSERT INTO customers (id, name) VALUES ('A-1', 'x'), ('A-2', 'y')");
  scene.sql("billing.db", "INSERT INTO customers (id, name) VALUES ('A-1', 'x'), ('A-2', 'y')");
  assert.equal((await scene.run("run", "--limit", "2")).exit, 0);
  scene.sql("crm.db", "DELETE FROM customers WHERE id LIKE 'A-%'");
  const { exit, stdout, stderr } = await interrupted(scene, 1);
  assert.equal(exit, 130, stdout + stderr);
  assert.match(stdout, /2 deletions held until the guard has seen all of them/);
  assert.doesNotMatch(stdout, /--allow-deletes|--restore|not released/);
  await goesOn(scene);
});

test("Ctrl-C twice ends at once, and nothing is half applied", async (t) => {
  const scene = longScene(t);
  const { exit, stdout, stderr } = await interrupted(scene, 2);
  assert.equal(exit, 130, stdout + stderr);
  await goesOn(scene);
});

test("SIGTERM ends the same way, with 143", async (t) => {
  const scene = longScene(t);
  const { exit, stderr } = await interrupted(scene, 1, "SIGTERM");
  assert.equal(exit, 143, stderr);
  await goesOn(scene);
});

test("Ctrl-C while a plan is applied: it is applied again from there", async (t) => {
  const scene = longScene(t);
  await scene.run("plan");
  const { exit, stdout, stderr } = await interrupted(scene, 1, "SIGINT", "apply");
  assert.equal(exit, 130, stdout + stderr);
  const words = /`syncline (apply \S+)` goes on/.exec(stdout)?.[1]?.split(" ");
  assert.ok(words, stdout);
  await goesOn(scene, words);
});

/** Interrupts a run while it writes. */
async function interrupted(
  scene: Scene,
  times: number,
  signal: NodeJS.Signals = "SIGINT",
  command = "run",
): Promise<{ readonly exit: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = startCli(scene.folder, [command]);
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (part: Buffer) => (stdout += part.toString()));
  child.stderr.on("data", (part: Buffer) => (stderr += part.toString()));
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const target = join(scene.folder, "billing.db");
  const before = statSync(target).size;
  while (isRunning() && written(target) <= before) await nextTurn();
  assert.ok(isRunning(), `the run was over before it could be interrupted\n${stdout}${stderr}`);
  child.kill(signal);
  if (times > 1) {
    while (isRunning() && !stderr.includes("Stopping")) await nextTurn();
    child.kill(signal);
  }
  return { exit: await ended, stdout, stderr };
}

/** Size of a database and of its write-ahead log. */
function written(path: string): number {
  return statSync(path).size + (existsSync(`${path}-wal`) ? statSync(`${path}-wal`).size : 0);
}

async function goesOn(scene: Scene, words: readonly string[] = ["run"]): Promise<void> {
  const target = join(scene.folder, "billing.db");
  const half = rowsOf(target).length;
  assert.ok(half < ROWS, "the interrupted run did all of its work");
  const { exit, stdout, stderr } = await scene.run(...words);
  assert.equal(exit, 0, stdout + stderr);
  assert.equal(rowsOf(target).length, ROWS);
  assertEqualSides(scene);
}

function longScene(t: TestContext): Scene {
  const scene = sceneOf(t, 0);
  const source = new DatabaseSync(join(scene.folder, "crm.db"));
  source.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
    INSERT INTO customers SELECT 'C-' || i, 'Customer ' || i, 'c' || i || '@example.org' FROM n`);
  source.close();
  return scene;
}
