import assert from "node:assert/strict";
import { test } from "node:test";
import { sceneOf } from "./scene.ts";

test("columns that join, change or go are told as that, and the file is not blamed", async (t) => {
  const scene = sceneOf(t, 2);
  assert.equal((await scene.run("run")).exit, 0);
  for (const database of ["crm.db", "billing.db"]) {
    scene.sql(database, "ALTER TABLE customers ADD COLUMN age INTEGER");
    scene.sql(database, "ALTER TABLE customers DROP COLUMN email");
  }
  const { stdout, stderr } = await scene.run("plan");
  const says = /other columns than at the last run: age joins, email is gone; what follows/;
  assert.match(stdout, says, stderr);
  assert.doesNotMatch(stdout, /configuration was edited/);
  assert.equal((await scene.run("run")).exit, 0);
  assert.doesNotMatch((await scene.run("plan")).stdout, /last run/);
});
