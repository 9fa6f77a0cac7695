import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { sceneOf } from "./scene.ts";

test("a system with another name is told, with what follows and what to do", async (t) => {
  const scene = sceneOf(t, 3);
  assert.equal((await scene.run("run")).exit, 0);
  scene.sql("billing.db", "DELETE FROM customers WHERE id = 'C-2'");
  const config = readFileSync(join(scene.folder, "syncline.yaml"), "utf8");
  scene.configure(
    config.replaceAll("crm:", "sales:").replaceAll("crm.customers", "sales.customers"),
  );
  const plan = await scene.run("plan");
  assert.match(plan.stdout, /remembers customers between billing and crm; .* billing and sales/);
  assert.match(plan.stdout, /comes back/);
  scene.configure(config);
  const { stdout } = await scene.run("plan");
  assert.doesNotMatch(stdout, /remembers customers/);
  assert.match(stdout, /1 delete/, "under its old name nothing is forgotten");
});
