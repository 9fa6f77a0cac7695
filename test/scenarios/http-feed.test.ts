// An API that tells what was changed, read on from where it was read to (mission scenario 26).
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { loadConfig, openConfig } from "../../src/config/index.ts";
import { runFeed } from "../../src/engine/feed.ts";
import { httpScene } from "./http-scene.ts";

const NEVER = new AbortController().signal;
const START = Date.parse("2026-01-01T00:00:00Z");

test("26: rows of one moment, and late ones, come with the next pull", async (t) => {
  const { api, ...scene } = await httpScene(t, {
    api: { turning: "offset", pageRows: 10 },
    collections: {
      customers: {
        items: "data.items",
        key: "id",
        fields: { id: "integer", updated_at: "timestamp" },
        page: { by: "offset", more: "pagination.hasMore" },
        since: { param: "updated_since", field: "updated_at", overlap: 120, deleted: "deleted" },
      },
    },
    pipeline: {
      source: "vendor.customers",
      target: "left.customers",
      mapping: [
        { source: "id", target: "id" },
        { source: "name", target: "name" },
      ],
    },
  });
  scene.sql("left", "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT)");
  api.add("customers", { key: ["id"] });
  const put = (id: number, minute: number, name = `n${id}`, deleted = false) => {
    const updated_at = new Date(START + minute * 60_000).toISOString();
    api.put("customers", { id, name, updated_at, deleted });
  };
  const names = () => scene.rows("left", "SELECT id, name FROM customers ORDER BY id");
  for (let id = 0; id < 35; id++) put(id, 10);
  const pull = async () => {
    const config = await loadConfig(join(scene.folder, "syncline.yaml"), { cwd: scene.folder });
    const opened = await openConfig(config, { access: "write" });
    try {
      const [link] = opened.links;
      assert.ok(link !== undefined);
      api.seen.length = 0;
      await runFeed(link, {}, NEVER);
    } finally {
      await opened.close();
    }
    return api.seen.filter(({ query }) => query.has("updated_since")).length;
  };
  assert.equal((await scene.say("run")).exit, 0);
  assert.equal(names().length, 35);
  await pull();
  // 25 rows share one moment, a page ends among them, and the first of them was seen before.
  for (let id = 100; id < 125; id++) put(id, 10);
  put(5, 11, "changed");
  put(6, 11, "n6", true);
  assert.ok((await pull()) > 2);
  assert.equal(names().length, 35 + 25 - 1);
  assert.deepEqual(names()[5], { id: 5, name: "changed" });
  put(200, 9, "committed late");
  put(201, 30);
  await pull();
  assert.deepEqual(names().slice(-2), [
    { id: 200, name: "committed late" },
    { id: 201, name: "n201" },
  ]);
  assert.equal(await pull(), 1, "what is known is not read by its keys");
  assert.ok(api.seen.every(({ path }) => path === "/customers"));
});
