// Columns whose names every object has already: to us they are names like any other.
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { json } from "./world.ts";
import { configWith, sceneOf } from "./scene.ts";

const COLUMNS = "constructor TEXT PRIMARY KEY, prototype TEXT, __proto__ TEXT, points INTEGER";
const PAIR = "    source: crm.cars\n    target: billing.cars\n    direction: two-way\n";

/** What the rows of `cars` hold in the column that no plain object can have under its name. */
function protosIn(file: string): readonly unknown[] {
  const database = new DatabaseSync(file, { readOnly: true });
  const rows = database.prepare('SELECT "__proto__" AS held FROM cars ORDER BY constructor').all();
  database.close();
  return rows.map(({ held }) => held);
}

for (const [what, pipeline] of [
  ["alone", PAIR],
  ["under a `*`", PAIR.replaceAll(".cars", ".*")],
  [
    "in a mapping",
    `${PAIR}    mapping:
      - { source: constructor, target: constructor }
      - { source: prototype, target: __proto__ }
      - { source: __proto__, target: prototype }
      - { source: points, target: points }
    conflicts: { fields: { __proto__: source-wins, constructor: manual } }
`,
  ],
] as const) {
  test(`columns called constructor, prototype and __proto__: ${what}`, async (t) => {
    const scene = sceneOf(t, 0);
    scene.configure(configWith(pipeline));
    for (const file of ["crm.db", "billing.db"]) scene.sql(file, `CREATE TABLE cars (${COLUMNS})`);
    scene.sql(
      "crm.db",
      "INSERT INTO cars VALUES ('Ferrari', 'p', 'q', 25), ('Lotus', 'r', 's', 1)",
    );
    const run = await scene.run("run");
    assert.equal(run.exit, 0, run.stderr);
    const isCrossed = pipeline.includes("mapping");
    assert.deepEqual(
      protosIn(join(scene.folder, "billing.db")),
      isCrossed ? ["p", "r"] : ["q", "s"],
    );
    scene.sql("crm.db", "UPDATE cars SET __proto__ = 'one', points = 2");
    scene.sql("billing.db", "UPDATE cars SET prototype = 'two', points = 3");
    await scene.run("run");
    const name = what === "under a `*`" ? "customers.cars" : "customers";
    for (const words of [
      ["conflicts", name],
      ["history", "Lotus", "-p", name],
      ["blame", "Lotus", "-p", name],
      ["resolve", "--all", "--take", "target", "-p", name],
      ["run", name],
      ["verify", name],
    ]) {
      const { exit, stderr } = await scene.run(...words);
      assert.equal(exit, 0, `${words.join(" ")}: ${stderr}`);
    }
    const at = new Date(Date.now() + 1000).toISOString();
    const state = await json(scene.folder, "history", "Lotus", "-p", name, "--at", at);
    const now: object = state.document.result["state"] ?? {};
    assert.deepEqual(Object.keys(now).toSorted(), [
      "__proto__",
      "constructor",
      "points",
      "prototype",
    ]);
    assert.equal(Object.hasOwn({}, "one"), false);
  });
}
