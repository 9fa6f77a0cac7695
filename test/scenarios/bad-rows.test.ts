// Bad rows among many: each is set aside with all that is wrong with it, and nothing else is.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAllTold, EVERY, GOOD, plant, TABLE, VALIDATION } from "./planted.ts";
import { counts, sceneOf } from "./scene.ts";

/** `BAD_ROWS=100000` for more. */
const ROWS = Number(process.env["BAD_ROWS"] ?? 6_000);

for (const memory of ["digest", "full"] as const) {
  test(`bad rows of every kind become letters with every error (${memory})`, async (t) => {
    const scene = sceneOf(t, { validation: VALIDATION, memory, createMissing: true });
    scene.sql("left", TABLE);
    scene.sql("right", TABLE);
    const planted = plant(scene, ROWS);
    const ran = await scene.say("run");
    assert.equal(ran.exit, 4);
    assert.equal(counts(ran).rejected, planted.size);
    t.diagnostic(`${ROWS} rows, ${planted.size} of them bad`);

    const said = (await scene.say("letters", "--limit", "1000000")).result.letters;
    const letters = assertAllTold(said, planted);
    const doubled = [...letters.values()].flat().filter((error) => /\d+ and \d+ hold/.test(error));
    assert.ok(doubled.length > 1, "both rows are named");

    const good = `SELECT count(*) AS n FROM things WHERE id % ${EVERY} <> 0`;
    assert.deepEqual(scene.rows("right", good), [{ n: ROWS - planted.size }]);
    assert.equal(counts(await scene.say("run")).target.create, 0, "a second run adds nothing");

    const whole = Object.entries(GOOD).map(([column, value]) => `${column} = '${value}'`);
    scene.sql(
      "left",
      `UPDATE things SET ${whole.join(", ")}, code = 'c' || id WHERE id % ${EVERY} = 0`,
    );
    const healed = await scene.say("run");
    assert.equal(healed.exit, 0, JSON.stringify(healed.summary));
    assert.equal((await scene.say("verify")).exit, 0);
    const { target } = counts(await scene.say("run"));
    assert.deepEqual(target, { create: 0, update: 0, delete: 0 });
  });
}
