// An API that others edit while it is read and written.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { HttpCollectionInput, MappingInput } from "../../src/config/index.ts";
import { finish } from "../replicas/http-server.ts";
import type { Seen } from "../replicas/http-server.ts";
import { httpScene } from "./http-scene.ts";
import { counts } from "./scene.ts";

const CUSTOMERS: HttpCollectionInput = {
  items: "data.items",
  key: "id",
  page: { by: "cursor", next: "next", size: 50 },
};
const WRITE = { create: "POST", update: "PATCH", delete: "DELETE" } as const;
const SAME: readonly MappingInput[] = ["id", "name", "amount"].map((name) => ({
  source: name,
  target: name,
}));
const TABLE = "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, amount NUMERIC)";

const customer = (id: number | bigint, name: string | null, amount: number | null = null) => ({
  id,
  name,
  amount,
});
const writesIn = (seen: readonly Seen[]) => seen.filter(({ method }) => method !== "GET");

test("both ways, with an API whose ETags see who was faster", async (t) => {
  const { api, ...scene } = await httpScene(t, {
    api: { turning: "cursor", etags: true },
    collections: { customers: { ...CUSTOMERS, fields: { id: "integer" }, write: WRITE } },
    pipeline: {
      source: "left.customers",
      target: "vendor.customers",
      direction: "two-way",
      mapping: SAME,
      conflicts: "merge",
    },
  });
  api.add("customers", { key: ["id"], fields: ["id", "name", "amount"] });
  for (const id of [1, 2, 3]) api.put("customers", customer(id, `n${id}`, id));
  scene.sql("left", TABLE, "INSERT INTO customers VALUES (4, 'mine', 4)");
  assert.equal((await scene.say("run")).exit, 0);
  assert.equal(api.all("customers").length, 4);
  scene.sql(
    "left",
    "UPDATE customers SET name = 'left' WHERE id = 1",
    "DELETE FROM customers WHERE id = 2",
  );
  api.put("customers", customer(1, "n1", 100));
  api.remove("customers", 3);
  // Somebody edits between our look and our write: the API says so, and the edit is folded.
  let edits = 0;
  const edited = { ...api.options };
  edited.fault = ({ method, path }) => {
    if (method === "PATCH" && path === "/customers/1" && (edits += 1) === 1) {
      api.put("customers", customer(1, "n1", 101));
    }
    return false;
  };
  Object.assign(api.options, edited);
  const second = await scene.say("run");
  assert.equal(second.exit, 0, `${second.error?.message}`);
  const both = [customer(1, "left", 101), customer(4, "mine", 4)];
  assert.deepEqual(api.all("customers"), both);
  assert.deepEqual(scene.rows("left", "SELECT id, name, amount FROM customers ORDER BY 1"), both);
  api.seen.length = 0;
  await scene.say("run");
  assert.deepEqual(writesIn(api.seen), [], "it has come to rest");
});

test("rows that a page passed by are not deleted, nor any by a listing that fails", async (t) => {
  const { api, ...scene } = await httpScene(t, {
    api: { turning: "offset", pageRows: 10 },
    collections: {
      customers: { ...CUSTOMERS, page: { by: "offset", more: "pagination.hasMore" } },
    },
    system: { limits: { retries: 0 } },
    pipeline: { source: "vendor.customers", target: "left.customers", mapping: SAME },
  });
  api.add("customers", { key: ["id"] });
  for (let id = 0; id < 40; id++) api.put("customers", customer(id, `n${id}`));
  scene.sql("left", TABLE);
  await scene.say("run");
  // A row of the first page goes while pages are turned: what follows moves up, and one is missed.
  let isFirst = true;
  api.options.fault = ({ query }) => {
    if (query.get("offset") !== "10") return false;
    if (isFirst) api.remove("customers", 0);
    isFirst = false;
    return false;
  };
  const moved = await scene.say("run");
  assert.deepEqual(counts(moved).target, { create: 0, update: 0, delete: 0 });
  api.options.fault = ({ query }, answer) => {
    if (query.get("offset") !== "20") return false;
    finish(answer, { status: 500, text: "{}" });
    return true;
  };
  const failed = await scene.say("run");
  assert.equal(failed.exit, 3);
  assert.equal(failed.error?.code, "REPLICA_UNAVAILABLE");
  api.options.fault = () => false;
  assert.deepEqual(counts(await scene.say("run")).target, { create: 0, update: 0, delete: 1 });
  assert.equal(scene.rows("left", "SELECT id FROM customers").length, 39);
});
