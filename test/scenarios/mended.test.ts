// Bad rows that a person mends, in the letters or where they are: each of them arrives, and nothing
// is written twice. What was written is counted by triggers.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PipelineInput } from "../../src/config/index.ts";
import { assertAllTold, EVERY, GOOD, KINDS, plant, TABLE, VALIDATION } from "./planted.ts";
import { counts, sceneOf, type Scene } from "./scene.ts";

/** So many that each kind of rule is broken by rows of both sorts. `BAD_ROWS=100000` for more. */
const ROWS = Number(process.env["BAD_ROWS"] ?? 2_200);

const CASES: readonly (readonly [name: string, pipeline: PipelineInput])[] = [
  ["two-way: an edit mends the row where it comes from", { direction: "two-way" }],
  ["one-way: an edit is what the target gets", { memory: "full" }],
  ["one-way, digests: rows are mended in the source alone", {}],
];

/** From here on every write to a table leaves a line. */
function count(scene: Scene, file: "left" | "right"): void {
  scene.sql(
    file,
    "CREATE TABLE written (id INTEGER)",
    ...["INSERT", "UPDATE"].map(
      (event) => `CREATE TRIGGER written_${event} AFTER ${event} ON things
         BEGIN INSERT INTO written VALUES (NEW.id); END`,
    ),
  );
}

/** How often each of the rows that were written was written. */
function written(scene: Scene, file: "left" | "right"): ReadonlyMap<number, number> {
  const rows = scene.rows(file, "SELECT id, count(*) AS n FROM written GROUP BY id ORDER BY id");
  return new Map(rows.map(({ id, n }) => [Number(id), Number(n)]));
}

const once = (ids: Iterable<number>) => new Map([...ids].map((id) => [id, 1]));

/** What makes a bad row a good one, as `FIELD=VALUE`. */
function fieldsOf(id: number, broken: readonly number[]): readonly string[] {
  return broken.map((kind) => {
    const column = KINDS[kind]?.[1] ?? assert.fail();
    return `${column}=${column === "code" ? `c${id}` : GOOD[column]}`;
  });
}

for (const [name, pipeline] of CASES) {
  test(`bad rows of every kind are mended and replayed, nothing twice (${name})`, async (t) => {
    const scene = sceneOf(t, { ...pipeline, validation: VALIDATION });
    scene.sql("left", TABLE);
    scene.sql("right", TABLE);
    count(scene, "right");
    const planted = plant(scene, ROWS);
    const ids = Array.from({ length: ROWS }, (_, i) => i + 1);
    const good = ids.filter((id) => !planted.has(id));
    assert.equal((await scene.say("run")).exit, 4);
    assertAllTold((await scene.say("letters", "--limit", "1000000")).result.letters, planted);
    assert.deepEqual(written(scene, "right"), once(good));

    // Every other one is mended where it is, the rest in the letters, where they can be.
    const isDigest = pipeline.memory !== "full" && pipeline.direction !== "two-way";
    const edited = [...planted.keys()].filter((id) => !isDigest && (id / EVERY) % 2 === 1);
    const mended = [...planted.keys()].filter((id) => !edited.includes(id));
    for (const id of mended) {
      const sets = (planted.get(id) ?? []).map((kind) => {
        const column = KINDS[kind]?.[1] ?? assert.fail();
        return `${column} = '${column === "code" ? `c${id}` : GOOD[column]}'`;
      });
      scene.sql("left", `UPDATE things SET ${sets.join(", ")} WHERE id = ${id}`);
    }
    count(scene, "left");
    for (const id of edited) {
      const words = fieldsOf(id, planted.get(id) ?? []);
      const said = await scene.say("letters", "edit", String(id), ...words);
      assert.equal(said.exit, 0, JSON.stringify(said.error));
    }
    assert.equal((await scene.say("letters", "test")).exit, 0);
    assert.deepEqual(written(scene, "right"), once([...good, ...edited].sort((a, b) => a - b)));
    const replayed = await scene.say("letters", "replay");
    assert.equal(replayed.exit, 0, JSON.stringify(replayed.summary));
    assert.deepEqual(written(scene, "right"), once(ids));
    const isWritten = pipeline.direction === "two-way";
    assert.deepEqual(written(scene, "left"), once(isWritten ? edited : []));

    const last = await scene.say("run");
    assert.deepEqual([last.exit, counts(last).rejected], [0, 0]);
    assert.deepEqual((await scene.say("letters")).result.letters, []);
    assert.deepEqual(written(scene, "right"), once(ids));
    assert.deepEqual(written(scene, "left"), once(isWritten ? edited : []));
    const whole = Object.entries(GOOD).map(([column, value]) => `${column} = '${value}'`);
    const bad = `SELECT id FROM things WHERE NOT (${whole.join(" AND ")} AND code = 'c' || id)`;
    assert.deepEqual(scene.rows("right", bad), []);
    // A source that is never written differs where a person said something else, and nowhere else.
    const verified = counts(await scene.say("verify"));
    assert.equal(verified.different, isWritten ? 0 : edited.length);
    assert.equal(verified.equal, isWritten ? ROWS : ROWS - edited.length);
    t.diagnostic(`${ROWS} rows, ${edited.length} edited, ${mended.length} mended and replayed`);
  });
}
