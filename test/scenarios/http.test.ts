// APIs as sources and targets through a configuration: mission scenarios 14, 15, 16 and 27, and
// what an API may do to those who trust it.
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

test("an API's rows come into a database, change there and go again", async (t) => {
  const { api, ...scene } = await httpScene(t, {
    api: { turning: "cursor", pageRows: 50 },
    collections: { customers: CUSTOMERS },
    pipeline: { source: "vendor.customers", target: "left.customers", mapping: SAME },
  });
  scene.sql("left", TABLE);
  api.add("customers", { key: ["id"] });
  for (let id = 1; id <= 230; id++) api.put("customers", customer(id, `n${id}`, id / 4));
  api.put("customers", customer(9007199254740993n, "big"));
  const first = await scene.say("run");
  assert.equal(first.exit, 0, `${first.error?.message}`);
  assert.equal(counts(first).target.create, 231);
  const rows = scene.rows("left", "SELECT id, name, amount FROM customers WHERE id < 4 ORDER BY 1");
  assert.deepEqual(rows, [
    { id: 1, name: "n1", amount: 0.25 },
    { id: 2, name: "n2", amount: 0.5 },
    { id: 3, name: "n3", amount: 0.75 },
  ]);
  const big = "SELECT CAST(max(id) AS TEXT) AS id FROM customers";
  assert.deepEqual(scene.rows("left", big), [{ id: "9007199254740993" }]);
  api.put("customers", customer(2, "changed", 1));
  api.remove("customers", 3);
  const second = await scene.say("run");
  assert.deepEqual(counts(second).target, { create: 0, update: 1, delete: 1 });
  assert.equal(counts(second).unchanged, 229);
  const now = "SELECT id, name FROM customers WHERE id < 4 ORDER BY 1";
  assert.deepEqual(scene.rows("left", now), [
    { id: 1, name: "n1" },
    { id: 2, name: "changed" },
  ]);
  assert.equal(writesIn(api.seen).length, 0, "a source is never written");
});

test("rows go to an API, one request each, and what it refuses is a letter", async (t) => {
  const { api, ...scene } = await httpScene(t, {
    api: { turning: "cursor", etags: true },
    collections: { customers: { ...CUSTOMERS, fields: { id: "integer" }, write: WRITE } },
    pipeline: { source: "left.customers", target: "vendor.customers", mapping: SAME },
  });
  api.add("customers", {
    key: ["id"],
    fields: ["id", "name", "amount"],
    refuses: ({ name }) => (name === "nobody" ? [422, "the name 'nobody' is taken"] : undefined),
  });
  api.put("customers", customer(0, "theirs"));
  scene.sql("left", TABLE);
  scene.sql("left", "INSERT INTO customers VALUES (1, 'a', 1.5), (2, 'nobody', 2), (3, 'c', NULL)");
  const first = await scene.say("run");
  assert.deepEqual(counts(first).target, { create: 2, update: 0, delete: 0 });
  assert.equal(first.exit, 4, "a letter waits");
  assert.deepEqual(api.all("customers").slice(1), [customer(1, "a", 1.5), customer(3, "c", null)]);
  const letters = await scene.say("letters");
  assert.deepEqual(
    letters.result.letters.map(({ shown, errors }) => [shown, errors]),
    [["2", ["POST /customers answered 422: the name '…' is taken"]]],
  );
  scene.sql(
    "left",
    "UPDATE customers SET name = 'yes' WHERE id = 2",
    "DELETE FROM customers WHERE id = 1",
  );
  api.seen.length = 0;
  const second = await scene.say("run");
  assert.equal(second.exit, 0, `${second.error?.message}`);
  assert.deepEqual(api.all("customers").slice(1), [customer(3, "c", null), customer(2, "yes", 2)]);
  assert.deepEqual(
    writesIn(api.seen)
      .map(({ method, path }) => `${method} ${path}`)
      .toSorted(),
    ["DELETE /customers/1", "POST /customers"],
  );
  api.seen.length = 0;
  assert.equal(counts(await scene.say("run")).unchanged, 2);
  assert.deepEqual(writesIn(api.seen), [], "nothing is written twice");
});

test("15: an API that is busy delays one row, as long as it says", async (t) => {
  let time = Date.parse("2026-01-01T00:00:00Z");
  const answers = new Map([
    ["2", [503, 503]],
    ["3", [429]],
  ]);
  const { api, ...scene } = await httpScene(
    t,
    {
      api: {
        turning: "cursor",
        fault: ({ method, body }, answer) => {
          const id = /"id":(\d)/.exec(body)?.[1] ?? "";
          const status = method === "POST" ? answers.get(id)?.shift() : undefined;
          if (status === undefined) return false;
          const after: { readonly [name: string]: string } =
            status === 429 ? { "retry-after": "120" } : {};
          finish(answer, { status, text: "{}", headers: after });
          return true;
        },
      },
      collections: {
        customers: { ...CUSTOMERS, fields: { id: "integer" }, write: { compare: "server" } },
      },
      system: { limits: { concurrent: 1, waitMs: 1000 } },
      pipeline: { source: "left.customers", target: "vendor.customers", mapping: SAME },
    },
    () => time,
  );
  api.add("customers", { key: ["id"], fields: ["id", "name", "amount"] });
  api.put("customers", customer(0, "theirs"));
  scene.sql("left", TABLE);
  scene.sql("left", "INSERT INTO customers VALUES (1, 'a', 1), (2, 'b', 2), (4, 'd', 4)");
  const run = async () => {
    api.seen.length = 0;
    await scene.say("run");
    return writesIn(api.seen).map(({ body }) => Number(/"id":(\d)/.exec(body)?.[1]));
  };
  assert.deepEqual(await run(), [1, 2, 4], "the others are not delayed");
  assert.deepEqual(await run(), [], "it is not due yet");
  time += 1_000;
  assert.deepEqual(await run(), [2], "the first wait is up to a second");
  time += 900;
  assert.deepEqual(await run(), [], "the second is longer");
  time += 1_100;
  assert.deepEqual(await run(), [2]);
  assert.deepEqual(
    api.all("customers").map(({ id }) => id),
    [0, 1, 4, 2],
  );
});

test("27: no more than three requests are under way, and what is sent is packed", async (t) => {
  let now = 0;
  let most = 0;
  const { api, ...scene } = await httpScene(t, {
    api: {
      turning: "cursor",
      fault: async ({ method }) => {
        if (method !== "POST") return false;
        most = Math.max(most, (now += 1));
        for (let n = 0; n < 5; n++) await new Promise(setImmediate);
        now -= 1;
        return false;
      },
    },
    collections: {
      customers: {
        ...CUSTOMERS,
        fields: { id: "integer" },
        write: {
          compare: "server",
          batch: { path: "/customers/batch", size: 5, items: "items", results: "results" },
        },
      },
    },
    system: { compression: "gzip", limits: { concurrent: 3 } },
    pipeline: { source: "left.customers", target: "vendor.customers", mapping: SAME },
  });
  api.add("customers", { key: ["id"], fields: ["id", "name", "amount"] });
  api.put("customers", customer(0, "theirs"));
  scene.sql("left", TABLE);
  scene.sql(
    "left",
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150)
     INSERT INTO customers SELECT i, 'n' || i, i FROM n`,
  );
  assert.equal(counts(await scene.say("run")).target.create, 150);
  assert.equal(api.all("customers").length, 151);
  assert.equal(writesIn(api.seen).length, 30);
  assert.equal(most, 3);
  assert.ok(writesIn(api.seen).every(({ headers }) => headers["content-encoding"] === "gzip"));
});

test("14: what a rule rejects and what the API refuses are letters, the rest lands", async (t) => {
  const { api, ...scene } = await httpScene(t, {
    collections: {
      customers: { ...CUSTOMERS, fields: { id: "integer" }, write: { compare: "server" } },
    },
    pipeline: {
      source: "left.customers",
      target: "vendor.customers",
      mapping: SAME,
      validation: [
        { field: "amount", type: "range", config: { min: 0, errorMessage: "too little" } },
      ],
    },
    api: { turning: "cursor" },
  });
  let isTaken = true;
  api.add("customers", {
    key: ["id"],
    fields: ["id", "name", "amount"],
    refuses: ({ id }) => (id === 61 && isTaken ? [422, "name is taken"] : undefined),
  });
  api.put("customers", customer(0, "theirs"));
  scene.sql("left", TABLE);
  scene.sql(
    "left",
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
     INSERT INTO customers SELECT i, 'n' || i, CASE i WHEN 37 THEN -1 ELSE i END FROM n`,
  );
  const first = await scene.say("run");
  assert.equal(counts(first).target.create, 98);
  assert.equal(first.exit, 4);
  const { letters } = (await scene.say("letters")).result;
  assert.deepEqual(letters.map(({ shown }) => shown).toSorted(), ["37", "61"]);
  assert.match(JSON.stringify(letters), /422: name is taken/);
  scene.sql("left", "UPDATE customers SET amount = 37 WHERE id = 37");
  scene.sql("left", "UPDATE customers SET name = 'free' WHERE id = 61");
  isTaken = false;
  api.seen.length = 0;
  assert.equal(counts(await scene.say("run")).target.create, 2);
  const sent = writesIn(api.seen).map(({ body }) => Number(/"id":(\d+)/.exec(body)?.[1]));
  assert.deepEqual(new Set(sent), new Set([37, 61]), "exactly those two");
});
