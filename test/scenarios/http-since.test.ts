// A run over an API that tells what was changed: only that is looked at, until everything is.
import assert from "node:assert/strict";
import { test } from "node:test";
import { httpScene } from "./http-scene.ts";

const START = Date.parse("2026-01-01T00:00:00Z");

test("with `since: true` a run asks an API for what was changed, and no more", async (t) => {
  const { api, ...scene } = await httpScene(t, {
    api: { turning: "offset", pageRows: 10 },
    collections: {
      customers: {
        items: "data.items",
        key: "id",
        fields: { id: "integer", updated_at: "timestamp" },
        page: { by: "offset", more: "pagination.hasMore" },
        since: { param: "updated_since", field: "updated_at", overlap: 120 },
      },
    },
    pipeline: {
      source: "vendor.customers",
      target: "left.customers",
      mapping: [
        { source: "id", target: "id" },
        { source: "name", target: "name" },
      ],
      since: true,
    },
  });
  scene.sql("left", "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT)");
  api.add("customers", { key: ["id"] });
  const put = (id: number, minute: number, name: string) => {
    const updated_at = new Date(START + minute * 60_000).toISOString();
    api.put("customers", { id, name, updated_at });
  };
  /** How often the API was asked for what was changed. */
  const run = async (...words: readonly string[]) => {
    api.seen.length = 0;
    assert.equal((await scene.say("run", ...words)).exit, 0);
    return api.seen.filter(({ query }) => query.has("updated_since")).length;
  };
  const count = () => scene.rows("left", "SELECT id FROM customers").length;
  for (let id = 0; id < 25; id++) put(id, id, `n${id}`);
  assert.equal(await run(), 0);
  // Where the API stands is known when it has told once.
  assert.equal(await run(), 0);
  put(3, 25, "changed");
  api.remove("customers", 4);
  assert.equal(await run(), 1);
  assert.deepEqual(scene.rows("left", "SELECT name FROM customers WHERE id = 3"), [
    { name: "changed" },
  ]);
  assert.equal(count(), 25);
  assert.equal(await run("--everything"), 0);
  assert.equal(count(), 24);
});
