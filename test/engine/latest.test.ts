import assert from "node:assert/strict";
import { test } from "node:test";
import { everywhere, person, sceneOf } from "./scene.ts";

for (const untold of ["n/a", null]) {
  test(`latest: a row whose time is ${String(untold)} is later than none`, async () => {
    const conflicts = { strategy: "latest", by: "city" } as const;
    const scene = await sceneOf({ pipeline: { conflicts } });
    everywhere(scene, "ann", person("Ann", 30, "2024-01-01T00:00:00Z"));
    everywhere(scene, "bo", person("Bo", 30, "2024-01-01T00:00:00Z"));
    await scene.run();
    scene.put("crm", "ann", { name: "told", city: "2025-01-01T00:00:00Z" });
    scene.put("billing", "ann", { name: "untold", city: untold });
    scene.put("crm", "bo", { name: "untold", city: untold });
    await scene.run();
    assert.equal(scene.people("billing")["ann"]?.["name"], "told");
    assert.equal(scene.people("billing")["bo"]?.["name"], "untold", "alone it is an edit like any");
  });
}
