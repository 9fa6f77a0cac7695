// A disk that fills up while a run writes: the target's, or the journal's. What was written before
// stays whole, and when there is room again the next run does the rest.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { assertEqualSides, configWith, rowsOf, sceneOf } from "./scene.ts";
import type { Scene } from "./scene.ts";
import { limitedCli } from "./world.ts";

const ROWS = 30_000;
const BLOCK_BYTES = 512;
// Programs of the system, where there are any.
const [MOUNT, UMOUNT] = ["mount", "umount"] as const;

test("a full disk under the target: exit 3, no page half applied, the rest later", async (t) => {
  const scene = wideScene(t);
  const small = smallDisk(t, 1);
  if (small === undefined) return;
  copyFileSync(join(scene.folder, "billing.db"), join(small.path, "billing.db"));
  scene.configure(PIPELINE.replace("./billing.db", join(small.path, "billing.db")));
  await failsThenFinishes(scene, join(small.path, "billing.db"), small.grow);
});

test("a full disk under the journal: exit 3, nothing lost, and the rest comes later", async (t) => {
  const scene = wideScene(t);
  const small = smallDisk(t, 1);
  if (small === undefined) return;
  scene.configure(
    PIPELINE.replace("version: 1", `version: 1\njournal: ${join(small.path, "journal.db")}`),
  );
  await failsThenFinishes(scene, join(scene.folder, "billing.db"), small.grow);
});

test("files that may not grow any more: exit 3, and the rest comes later", async (t) => {
  const scene = wideScene(t);
  const ran = limitedCli(scene.folder, ["run"], (600 * 1024) / BLOCK_BYTES);
  assert.equal(ran.exit, 3, ran.stdout + ran.stderr);
  assert.match(ran.stderr, /^✗ (DISK_FULL|REPLICA_UNAVAILABLE|JOURNAL_\w+)/m);
  isSound(join(scene.folder, "billing.db"));
  assert.equal((await scene.run("run")).exit, 0);
  assertEqualSides(scene);
});

async function failsThenFinishes(scene: Scene, target: string, grow: () => void): Promise<void> {
  const { exit, stdout, stderr } = await scene.run("run");
  assert.equal(exit, 3, stdout + stderr);
  assert.match(stderr, /^✗ DISK_FULL/m);
  isSound(target);
  assert.ok(rowsOf(target).length < ROWS);
  grow();
  const again = await scene.run("run");
  assert.equal(again.exit, 0, again.stdout + again.stderr);
  assert.deepEqual(rowsOf(target), rowsOf(join(scene.folder, "crm.db")));
}

/** A small file system of so many MB; undefined where nobody may mount one. */
function smallDisk(t: TestContext, megabytes: number): Small | undefined {
  const path = mkdtempSync(join(tmpdir(), "syncline-disk-"));
  const mount = (options: string) =>
    spawnSync(MOUNT, ["-t", "tmpfs", "-o", options, "tmpfs", path]);
  const isMounted = mount(`size=${megabytes}m`).status === 0;
  t.after(() => {
    if (isMounted) spawnSync(UMOUNT, [path]);
    rmSync(path, { recursive: true });
  });
  if (!isMounted) t.skip("mounting a small file system is not allowed here");
  return isMounted
    ? { path, grow: () => assert.equal(mount("remount,size=200m").status, 0) }
    : undefined;
}

interface Small {
  readonly path: string;
  readonly grow: () => void;
}

function isSound(path: string): void {
  const database = new DatabaseSync(path, { readOnly: true });
  assert.deepEqual(
    { ...database.prepare("PRAGMA integrity_check").get() },
    { integrity_check: "ok" },
  );
  database.close();
}

function wideScene(t: TestContext): Scene {
  const scene = sceneOf(t, 0);
  scene.sql(
    "crm.db",
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
     INSERT INTO customers SELECT 'C-' || i, 'Customer ' || i, printf('%040d', i) FROM n`,
  );
  return scene;
}

const PIPELINE = configWith(`    source: crm.customers
    target: billing.customers
    direction: two-way
`);
