// Show 4: a plan is the same for the same world, writes to no side, and is applied as it was shown.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { dump } from "./dump.ts";
import { both, counts, sceneOf, type Scene } from "./scene.ts";

const TABLE = "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, n INTEGER)";
const ROWS = 1000;

const fill = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
  INSERT INTO things SELECT i, 'name ' || i, i * 7 FROM n`;

/** A thousand rows, agreed; then edits on both sides. */
async function edited(scene: Scene, ...pragmas: readonly string[]): Promise<void> {
  both(scene, TABLE, fill);
  for (const pragma of pragmas)
    for (const file of ["left", "right"] as const) outside(scene, file, pragma);
  const { exit, error } = await scene.say("run");
  assert.deepEqual([exit, error], [0, null]);
  scene.sql(
    "left",
    "UPDATE things SET name = 'left ' || id WHERE id % 10 = 0",
    "DELETE FROM things WHERE id % 100 = 1",
    "INSERT INTO things VALUES (5000, 'new', 1)",
  );
  scene.sql(
    "right",
    "UPDATE things SET n = -n WHERE id % 10 = 5",
    "UPDATE things SET name = 'right ' || id WHERE id % 50 = 0",
  );
}

/** A statement that cannot stand in a transaction. */
function outside(scene: Scene, file: "left" | "right", statement: string): void {
  const database = new DatabaseSync(join(scene.folder, `${file}.db`));
  database.exec(statement);
  database.close();
}

async function hashOf(scene: Scene): Promise<string> {
  const said = await scene.say("plan");
  assert.equal(said.exit, 0, JSON.stringify(said.error));
  return said.result.plans[0]?.hash ?? "";
}

/** The bytes of both databases and of everything that lies beside them. */
function bytes(scene: Scene): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const file of ["left.db", "right.db"]) {
    for (const beside of ["", "-wal", "-shm", "-journal"]) {
      const path = join(scene.folder, `${file}${beside}`);
      // The index of a write-ahead log holds its readers' locks and nothing else.
      if (beside === "-shm" || !existsSync(path)) continue;
      found.set(`${file}${beside}`, readFileSync(path).toString("base64"));
    }
  }
  return found;
}

test("planned twice, one hash; other bytes are another, and back is the first", async (t) => {
  const scene = sceneOf(t, { direction: "two-way" });
  await edited(scene);
  const first = await hashOf(scene);
  assert.equal(await hashOf(scene), first);
  scene.sql("left", "UPDATE things SET name = 'left 2O' WHERE id = 20");
  assert.notEqual(await hashOf(scene), first);
  scene.sql("left", "UPDATE things SET name = 'left 20' WHERE id = 20");
  assert.equal(await hashOf(scene), first);
});

test("rows that lie in another physical order make the same plan", async (t) => {
  const scene = sceneOf(t, { direction: "two-way", key: "id" });
  both(scene, "CREATE TABLE things (id INTEGER UNIQUE NOT NULL, name TEXT, n INTEGER)", fill);
  await scene.say("run");
  scene.sql("left", "UPDATE things SET name = 'left' WHERE id % 7 = 0");
  const first = await hashOf(scene);
  for (const file of ["left", "right"] as const) {
    scene.sql(
      file,
      "CREATE TABLE other AS SELECT * FROM things ORDER BY -((id * 7919) % 1009)",
      "DELETE FROM things",
      "INSERT INTO things (id, name, n) SELECT id, name, n FROM other",
      "DROP TABLE other",
    );
    outside(scene, file, "VACUUM");
  }
  assert.notEqual(scene.rows("left", "SELECT name FROM things")[0]?.["name"], "name 1");
  assert.equal(await hashOf(scene), first);
});

for (const mode of ["DELETE", "WAL"]) {
  test(`a plan writes to no side: files and dumps stay (journal_mode ${mode})`, async (t) => {
    const scene = sceneOf(t, { direction: "two-way" });
    await edited(scene, `PRAGMA journal_mode = ${mode}`);
    // The dumps stand outside: a program that reads may leave its own files beside a database.
    const dumped = [dump(scene, "left"), dump(scene, "right")];
    const before = bytes(scene);
    await hashOf(scene);
    const after = bytes(scene);
    assert.deepEqual([...after.keys()], [...before.keys()]);
    for (const [name, content] of before) assert.ok(after.get(name) === content, name);
    assert.deepEqual([dump(scene, "left"), dump(scene, "right")], dumped);
  });
}

test("a write-ahead log that another program holds open stays as it is", async (t) => {
  const scene = sceneOf(t, { direction: "two-way" });
  await edited(scene, "PRAGMA journal_mode = WAL");
  const other = new DatabaseSync(join(scene.folder, "left.db"));
  other.exec("PRAGMA wal_autocheckpoint = 0; UPDATE things SET name = 'in the log' WHERE id = 33");
  const before = bytes(scene);
  assert.ok(before.has("left.db-wal"));
  const said = await scene.say("plan", "--full");
  assert.ok(
    said.result.items.some(({ shown }) => shown === "33"),
    "what is in the log is seen",
  );
  assert.deepEqual([...bytes(scene)], [...before]);
  other.close();
});

test("a stale plan is refused with exit 5, and nothing is written", async (t) => {
  const scene = sceneOf(t, { direction: "two-way" });
  await edited(scene);
  const plan = await scene.say("plan");
  const { id } = plan.result.plans[0] ?? { id: "" };
  assert.equal((await scene.say("run")).exit, 4); // it has conflicts
  scene.sql("left", "UPDATE things SET n = 1 WHERE id = 2");
  const before = [dump(scene, "left"), dump(scene, "right")];
  const said = await scene.say("apply", id);
  assert.equal(said.exit, 5);
  assert.equal(said.error?.code, "PLAN_STALE");
  assert.deepEqual([dump(scene, "left"), dump(scene, "right")], before);
});

test("rows that moved after the plan are left and listed; all else is the plan's", async (t) => {
  const scene = sceneOf(t, { direction: "two-way" });
  both(scene, TABLE, fill);
  await scene.say("run");
  scene.sql("left", "UPDATE things SET name = 'left ' || id");
  const plan = await scene.say("plan");
  assert.equal(counts(plan).target.update, ROWS);
  scene.sql("right", "UPDATE things SET n = 0 WHERE id % 100 = 42");
  const moved = scene
    .rows("right", "SELECT id FROM things WHERE n = 0 ORDER BY id")
    .map(({ id }) => String(id));
  assert.equal(moved.length, ROWS / 100);
  const said = await scene.say("apply", plan.result.plans[0]?.id ?? "");
  assert.equal(said.exit, 4);
  const left = said.result.runs[0]?.left ?? [];
  assert.deepEqual(left.map(({ shown }) => shown).toSorted(), moved.toSorted());
  assert.deepEqual(
    new Set(left.map(({ why, side }) => `${side} ${why}`)),
    new Set(["target stale"]),
  );
  const rows = scene.rows("right");
  for (const { id, name, n } of rows) {
    const isMoved = moved.includes(String(id));
    assert.equal(name, isMoved ? `name ${String(id)}` : `left ${String(id)}`);
    assert.equal(n, isMoved ? 0 : Number(id) * 7);
  }
  assert.equal((await scene.say("run")).exit, 0);
  assert.equal(dump(scene, "left", "things"), dump(scene, "right", "things"));
});
