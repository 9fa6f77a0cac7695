// What one machine has otherwise is in effect for every command, and is said where one looks at it.
import assert from "node:assert/strict";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { rowsOf, sceneOf } from "./scene.ts";

test("syncline.local.yaml is in effect, and validate says so", async (t) => {
  const scene = sceneOf(t);
  const [billing, mine] = [join(scene.folder, "billing.db"), join(scene.folder, "mine.db")];
  copyFileSync(billing, mine);
  const before = rowsOf(billing);
  const said = await scene.run("validate");
  assert.doesNotMatch(said.stdout, /goes before/);
  writeFileSync(
    join(scene.folder, "syncline.local.yaml"),
    "systems: { billing: { path: ./mine.db } }\n",
  );
  for (const words of [["validate"], ["validate", "--offline"]]) {
    const { stdout } = await scene.run(...words);
    assert.match(stdout, /^syncline\.local\.yaml goes before syncline\.yaml\.$/m);
    const { result } = JSON.parse((await scene.run(...words, "--json")).stdout);
    assert.equal(result.local, "syncline.local.yaml");
  }
  scene.sql("crm.db", "INSERT INTO customers (id, name) VALUES ('C-99', 'Ada')");
  assert.equal((await scene.run("run")).exit, 0);
  assert.match(rowsOf(mine).join(), /Ada/);
  assert.deepEqual(rowsOf(billing), before);
});
