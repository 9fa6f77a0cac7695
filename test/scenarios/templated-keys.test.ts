// Targets that call their rows otherwise than the source does: `req-1` for 1. Mission scenario 11.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import type { PipelineInput } from "../../src/config/index.ts";
import type { ApiOptions, Seen } from "../replicas/http-server.ts";
import { httpScene } from "./http-scene.ts";
import type { HttpScene } from "./http-scene.ts";
import { counts, sceneOf } from "./scene.ts";

const PIPELINE: PipelineInput = {
  source: "left.requirements",
  target: "vendor.requirements",
  filters: { field: "status", operator: "in", values: ["active", "pending"] },
  mapping: [
    { source: "requirement_id", target: "id", transform: "req-${value}" },
    { source: "title", target: "title" },
    { source: "compliance_framework", target: "framework", transform: "lower" },
  ],
};
const TABLE =
  "CREATE TABLE requirements (requirement_id INTEGER PRIMARY KEY, title TEXT, " +
  "compliance_framework TEXT, status TEXT)";
const THOUSAND = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
  INSERT INTO requirements SELECT i, 'Title ' || i, 'ISO-' || i, CASE
    WHEN i % 10 < 5 THEN 'active' WHEN i % 10 < 7 THEN 'pending' ELSE 'archived' END FROM n`;
const writesIn = (seen: readonly Seen[]) => seen.filter(({ method }) => method !== "GET");

async function requirements(
  t: TestContext,
  over: { readonly api?: ApiOptions; readonly pipeline?: PipelineInput; readonly each?: true } = {},
): Promise<HttpScene> {
  const batch = { path: "/requirements/batch", items: "items", results: "results" };
  const scene = await httpScene(t, {
    ...(over.api && { api: over.api }),
    collections: {
      requirements: {
        items: "data.items",
        key: "id",
        fields: { id: "text", title: "text", framework: "text" },
        find: { param: "ids", size: 100 },
        write: over.each ? {} : { compare: "none", batch },
      },
    },
    pipeline: { ...PIPELINE, ...over.pipeline },
  });
  scene.api.add("requirements", { key: ["id"], fields: ["id", "title", "framework"] });
  scene.sql("left", TABLE);
  return scene;
}

const idsOf = ({ api }: HttpScene) =>
  api.all("requirements").map(({ id }) => (typeof id === "string" ? id : ""));

test("scenario 11: 700 of 1000 rows go to an API as req-<n>, in batches of 100", async (t) => {
  const scene = await requirements(t);
  const { api } = scene;
  scene.sql("left", THOUSAND);
  const ran = await scene.say("run");
  assert.equal(ran.exit, 0, `${ran.error?.message}`);
  assert.deepEqual(counts(ran).target, { create: 700, update: 0, delete: 0 });
  assert.deepEqual([counts(ran).rejected, counts(ran).conflicts], [0, 0]);
  const expected = scene
    .rows(
      "left",
      `SELECT 'req-' || requirement_id AS id, title, lower(compliance_framework) AS framework
       FROM requirements WHERE status IN ('active', 'pending')`,
    )
    .map((row) => JSON.stringify(row))
    .toSorted();
  assert.equal(expected.length, 700);
  assert.deepEqual(
    api
      .all("requirements")
      .map(({ id, title, framework }) => JSON.stringify({ id, title, framework }))
      .toSorted(),
    expected,
  );
  const sizes = writesIn(api.seen).map(({ path, body }) => {
    assert.equal(path, "/requirements/batch");
    return (JSON.parse(body) as { readonly items: readonly unknown[] }).items.length;
  });
  assert.deepEqual(sizes, [100, 100, 100, 100, 100, 100, 100]);

  api.seen.length = 0;
  assert.equal(counts(await scene.say("run")).unchanged, 700);
  assert.deepEqual(writesIn(api.seen), [], "nothing is written twice");
  const verified = await scene.say("verify");
  assert.equal(verified.exit, 0, `${verified.error?.message}`);
});

test("an edit and a deletion reach the row that is called after their own", async (t) => {
  const scene = await requirements(t, { each: true });
  const { api } = scene;
  scene.sql(
    "left",
    `INSERT INTO requirements SELECT value, 't' || value, 'GDPR', 'active'
     FROM json_each('[1, 2, 9, 10, 11, 100]')`,
  );
  assert.equal(counts(await scene.say("run")).target.create, 6);
  scene.sql(
    "left",
    "UPDATE requirements SET title = 'edited' WHERE requirement_id = 10",
    "DELETE FROM requirements WHERE requirement_id = 9",
  );
  api.seen.length = 0;
  const ran = await scene.say("run");
  assert.equal(ran.exit, 0, `${ran.error?.message}`);
  assert.deepEqual(counts(ran).target, { create: 0, update: 1, delete: 1 });
  assert.deepEqual(
    writesIn(api.seen)
      .map(({ method, path }) => `${method} ${path}`)
      .toSorted(),
    ["DELETE /requirements/req-9", "PATCH /requirements/req-10"],
  );
  assert.deepEqual(idsOf(scene).toSorted(), ["req-1", "req-10", "req-100", "req-11", "req-2"]);
  assert.equal(api.all("requirements").find(({ id }) => id === "req-10")?.["title"], "edited");
});

test("a row that is changed or deleted in the target is put back under its name", async (t) => {
  const scene = await requirements(t, { each: true });
  const { api } = scene;
  scene.sql(
    "left",
    "INSERT INTO requirements VALUES (1, 'a', 'X', 'active'), (2, 'b', 'Y', 'active')",
  );
  await scene.say("run");
  api.put("requirements", { id: "req-1", title: "theirs", framework: "x" });
  api.remove("requirements", "req-2");
  const ran = await scene.say("run");
  assert.equal(counts(ran).drift, 2);
  assert.deepEqual(
    api.all("requirements").map(({ id, title }) => [id, title]),
    [
      ["req-1", "a"],
      ["req-2", "b"],
    ],
  );
});

const STRANGERS = ["foo", "req-", "req-01", "req-x", "REQ-1", "req-1 ", "req-1.0", "1", "req--0"];

test("rows that are called otherwise are nobody's: they are counted and left alone", async (t) => {
  const scene = await requirements(t, {
    each: true,
    pipeline: { ...PIPELINE, extra: "delete", guard: { deletes: { floor: 1000 } } },
  });
  const { api } = scene;
  scene.sql("left", "INSERT INTO requirements VALUES (1, 'a', 'X', 'active')");
  for (const id of STRANGERS) api.put("requirements", { id, title: "theirs", framework: "f" });
  // Called like one of ours: extra, and with `extra: delete` it goes.
  api.put("requirements", { id: "req-7", title: "extra", framework: "f" });
  const ran = await scene.say("run");
  assert.equal(ran.exit, 0, `${ran.error?.message}`);
  assert.deepEqual(counts(ran).target, { create: 1, update: 0, delete: 1 });
  assert.equal(counts(ran).extra, STRANGERS.length);
  assert.deepEqual(idsOf(scene).toSorted(), [...STRANGERS, "req-1"].toSorted());
  for (const row of api.all("requirements")) {
    if (row["id"] !== "req-1") assert.equal(row["title"], "theirs");
  }
  const again = await scene.say("run");
  assert.deepEqual(counts(again).target, { create: 0, update: 0, delete: 0 });
  assert.equal(counts(again).extra, STRANGERS.length);
  const verified = await scene.say("verify");
  assert.equal(verified.exit, 1, "as with every row that only the target has");
});

test("a first meeting takes the rows for the same that are called after each other", async (t) => {
  const scene = await requirements(t, { each: true });
  const { api } = scene;
  scene.sql(
    "left",
    "INSERT INTO requirements VALUES (1, 'a', 'X', 'active'), (2, 'b', 'Y', 'active')",
  );
  api.put("requirements", { id: "req-2", title: "b", framework: "y" });
  api.put("requirements", { id: "req-1", title: "old", framework: "x" });
  const ran = await scene.say("run");
  assert.deepEqual(counts(ran).target, { create: 0, update: 1, delete: 0 });
  assert.equal(api.all("requirements").find(({ id }) => id === "req-1")?.["title"], "a");
});

test("a person names an entry by its own key, whatever its row is called", async (t) => {
  const scene = await requirements(t, { each: true, pipeline: { ...PIPELINE, memory: "full" } });
  scene.sql("left", "INSERT INTO requirements VALUES (1, 'a', 'X', 'active')");
  await scene.say("run");
  const history = await scene.say("history", "1");
  assert.equal(history.exit, 0, `${history.error?.message}`);
  assert.match(JSON.stringify(history.result), /req-1/);
  const wrong = await scene.say("history", "req-1");
  assert.equal(wrong.exit, 2);
});

test("another template is another name: new rows come, and those of before are left", async (t) => {
  const scene = await requirements(t, { each: true });
  scene.sql("left", "INSERT INTO requirements VALUES (1, 'a', 'X', 'active')");
  await scene.say("run");
  const [first, ...mapping] = PIPELINE.mapping ?? [];
  assert.ok(first);
  scene.configure({
    systems: {
      left: { type: "sqlite", path: "left.db" },
      vendor: {
        type: "http",
        url: scene.api.url,
        collections: {
          requirements: {
            items: "data.items",
            key: "id",
            fields: { id: "text", title: "text", framework: "text" },
            write: {},
          },
        },
      },
    },
    pipelines: {
      things: { ...PIPELINE, mapping: [{ ...first, transform: "r-${value}" }, ...mapping] },
    },
  });
  const ran = await scene.say("run");
  assert.equal(ran.exit, 0, `${ran.error?.message}`);
  assert.deepEqual(idsOf(scene).toSorted(), ["r-1", "req-1"]);
  assert.equal(counts(ran).extra, 1);
});

test("a database may be the target, whatever the order of its keys, and be made for it", (t) => {
  return databaseTarget(t);
});

async function databaseTarget(t: TestContext): Promise<void> {
  const scene = sceneOf(t, {
    ...PIPELINE,
    target: "right.requirements",
    createMissing: true,
  });
  scene.sql("left", TABLE, THOUSAND);
  scene.sql("right", "CREATE TABLE others (id INTEGER PRIMARY KEY)");
  const ran = await scene.say("run");
  assert.equal(ran.exit, 0, `${ran.error?.message}`);
  assert.equal(counts(ran).target.create, 700);
  scene.sql("right", "INSERT INTO requirements VALUES ('foo', 'theirs', 'f')");
  scene.sql(
    "left",
    "UPDATE requirements SET title = 'edited' WHERE requirement_id = 1000",
    "DELETE FROM requirements WHERE requirement_id = 10",
  );
  const again = await scene.say("run");
  assert.equal(again.exit, 0, `${again.error?.message}`);
  assert.deepEqual(counts(again).target, { create: 0, update: 1, delete: 1 });
  assert.deepEqual([counts(again).unchanged, counts(again).extra], [698, 1]);
  const rows = scene.rows(
    "right",
    "SELECT id, title FROM requirements WHERE id IN ('req-10', 'req-1000', 'foo') ORDER BY id",
  );
  assert.deepEqual(rows, [
    { id: "foo", title: "theirs" },
    { id: "req-1000", title: "edited" },
  ]);
  const type = "SELECT type FROM pragma_table_info('requirements') WHERE name = 'id'";
  assert.deepEqual(scene.rows("right", type), [{ type: "TEXT" }]);
}
