// Show 9: that both sides agree is not taken from the product. (JSON is written in one form: sides
// that agree may spell a document in two ways.) After a messy story over two
// databases their dumps are made by another program and compared line by line, and `verify` has to
// say the same: also where they do not agree.
import assert from "node:assert/strict";
import { test } from "node:test";
import { dump, DUMPER } from "./dump.ts";
import { both, counts, sceneOf, type Scene } from "./scene.ts";

const TABLE = `CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, score REAL,
  amount DECIMAL(12, 2), day DATE, body BLOB, doc JSON, big INTEGER)`;
const ROWS = 200;

const fill = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
  INSERT INTO things SELECT i, 'näme ' || i, i / 3.0, i || '.25',
    date('2026-01-01', '+' || i || ' days'), randomblob(5), json_object('i', i),
    9007199254740993 + i FROM n`;

/** A small generator, so that a story repeats. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** One day on both sides: creates, updates, deletes, some of them of the same rows. */
function day(scene: Scene, roll: (below: number) => number): void {
  for (const side of ["left", "right"] as const) {
    const statements: string[] = [];
    for (let i = 0; i < 50; i++) {
      const id = 1 + roll(ROWS + 40);
      const edits = [
        `UPDATE things SET name = '${side} ${roll(1000)}' WHERE id = ${id}`,
        `UPDATE things SET score = ${roll(1000)} / 7.0, big = ${roll(9)}00000000000000${roll(9)}
          WHERE id = ${id}`,
        `UPDATE things SET body = x'00ff${String(roll(10))}0',
          doc = '{"a":"é","b":[${roll(9)},null]}' WHERE id = ${id}`,
        `UPDATE things SET day = NULL, amount = '${roll(100)}.5' WHERE id = ${id}`,
        `DELETE FROM things WHERE id = ${id}`,
        `INSERT OR IGNORE INTO things (id, name, doc)
          VALUES (${id}, '''; DROP TABLE "things"; --', 'null')`,
      ];
      statements.push(edits[roll(edits.length)] ?? "");
    }
    scene.sql(side, ...statements);
  }
}

for (const seed of [1, 2, 3]) {
  test(`after a messy story (seed ${seed}) both dumps by ${DUMPER} are the same`, async (t) => {
    const scene = sceneOf(t, { direction: "two-way", guard: { deletes: { floor: 200 } } });
    scene.sql("left", TABLE, fill);
    scene.sql("right", TABLE);
    await scene.say("run");
    const roll = dice(seed);
    for (let i = 0; i < 4; i++) {
      day(scene, roll);
      if (i % 2 === 1) await scene.say("plan");
      const said = await scene.say(...(i % 2 === 1 ? ["apply", "latest"] : ["run"]));
      assert.ok([0, 4].includes(said.exit), JSON.stringify(said.error));
    }
    const open = await scene.say("verify");
    const asked = (await scene.say("conflicts", "--limit", "10000")).result.questions;
    assert.ok(asked.length > 0, "a messy story leaves conflicts");
    assert.equal(open.exit, 4, "only open questions differ");
    const apart = linesApart(scene);
    const { different, onlySource, onlyTarget } = counts(open);
    assert.equal(different + onlySource + onlyTarget, apart.length);
    assert.deepEqual(apart, [...new Set(asked.map(({ shown }) => shown))].toSorted());
    const answer = await scene.say("resolve", "--all", "--take", "source");
    assert.equal(answer.exit, 0, JSON.stringify(answer));
    assert.equal((await scene.say("run")).exit, 0);
    const done = await scene.say("verify");
    assert.equal(done.exit, 0);
    assert.equal(dump(scene, "left", "things"), dump(scene, "right", "things"));
    assert.equal(counts(done).equal, dump(scene, "left", "things").trimEnd().split("\n").length);
  });
}

/** Ids on which the dumps differ, sorted. */
function linesApart(scene: Scene): readonly string[] {
  const left = linesById(dump(scene, "left", "things"));
  const right = linesById(dump(scene, "right", "things"));
  const ids = new Set([...left.keys(), ...right.keys()]);
  return [...ids].filter((id) => left.get(id) !== right.get(id)).toSorted();
}

function linesById(text: string): ReadonlyMap<string, string> {
  const lines = text.split("\n").filter((line) => line !== "");
  return new Map(lines.map((line) => [/\d+/.exec(line)?.[0] ?? "", line]));
}

test("verify finds what was changed behind its back, one row and one column of it", async (t) => {
  const scene = sceneOf(t, { direction: "two-way" });
  scene.sql("left", TABLE, fill);
  scene.sql("right", TABLE);
  await scene.say("run");
  assert.equal((await scene.say("verify")).exit, 0);
  scene.sql("right", "UPDATE things SET body = x'00' WHERE id = 77");
  scene.sql("left", "DELETE FROM things WHERE id = 78");
  scene.sql("right", "DELETE FROM things WHERE id = 79");
  const said = await scene.say("verify");
  assert.equal(said.exit, 1);
  assert.partialDeepStrictEqual(counts(said), {
    equal: ROWS - 3,
    different: 1,
    onlySource: 1,
    onlyTarget: 1,
  });
  assert.deepEqual(linesApart(scene), ["77", "78", "79"]);
  assert.partialDeepStrictEqual(said.result.differences, [
    { shown: "77", kind: "different", changes: [{ field: "body" }] },
    { shown: "78", kind: "onlyTarget" },
    { shown: "79", kind: "onlySource" },
  ]);
});

test("verify writes nothing", async (t) => {
  const scene = sceneOf(t, { direction: "two-way" });
  both(scene, TABLE);
  scene.sql("left", fill);
  const before = [dump(scene, "left"), dump(scene, "right")];
  await scene.say("verify");
  assert.deepEqual([dump(scene, "left"), dump(scene, "right")], before);
});
