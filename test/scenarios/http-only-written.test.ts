// APIs that take rows and show none: what is known of them is what the journal remembers.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import type { HttpCollectionInput, PipelineInput } from "../../src/config/index.ts";
import { unlinkSync } from "node:fs";
import { join } from "node:path";
import type { ApiOptions, Seen } from "../replicas/http-server.ts";
import { httpScene } from "./http-scene.ts";
import type { HttpScene } from "./http-scene.ts";

const PIPELINE: PipelineInput = {
  source: "left.things",
  target: "vendor.things",
  filters: { field: "state", operator: "in", values: ["on"] },
  mapping: [
    { source: "id", target: "id", transform: "t-${value}" },
    { source: "name", target: "name" },
  ],
};
const EACH: HttpCollectionInput = {
  list: "none",
  key: "id",
  fields: { id: "text", name: "text" },
  write: { create: "PUT" },
};

async function onlyWritten(
  t: TestContext,
  { api, ...collection }: Partial<HttpCollectionInput> & { readonly api?: ApiOptions } = {},
): Promise<HttpScene> {
  const scene = await httpScene(t, {
    ...(api && { api }),
    collections: { things: { ...EACH, ...collection } },
    pipeline: PIPELINE,
  });
  scene.api.add("things", { key: ["id"], fields: ["id", "name"] });
  scene.sql("left", "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, state TEXT)");
  return scene;
}

const put = (scene: HttpScene, ...rows: readonly string[]): void => {
  scene.sql("left", `INSERT INTO things VALUES ${rows.join(", ")}`);
};
const sent = (seen: readonly Seen[]) =>
  seen.map(({ method, path }) => `${method} ${path}`).toSorted();
const held = ({ api }: HttpScene) => api.all("things").map(({ id, name }) => [id, name]);

/** What one run sends. */
async function run(scene: HttpScene): Promise<readonly string[]> {
  scene.api.seen.length = 0;
  const ran = await scene.say("run");
  assert.equal(ran.exit, 0, `${ran.error?.message}`);
  return sent(scene.api.seen);
}

test("rows are told to an API that shows none, each once, and never asked", async (t) => {
  const scene = await onlyWritten(t, { api: { answers: "nothing" } });
  put(scene, "(1, 'a', 'on')", "(2, 'b', 'on')", "(3, 'c', 'off')");
  assert.deepEqual(await run(scene), ["PUT /things/t-1", "PUT /things/t-2"]);
  assert.deepEqual(held(scene), [
    ["t-1", "a"],
    ["t-2", "b"],
  ]);
  assert.deepEqual(await run(scene), []);
  scene.sql(
    "left",
    "UPDATE things SET name = 'edited' WHERE id = 1",
    "UPDATE things SET state = 'on' WHERE id = 3",
    "DELETE FROM things WHERE id = 2",
  );
  assert.deepEqual(await run(scene), [
    "DELETE /things/t-2",
    "PATCH /things/t-1",
    "PUT /things/t-3",
  ]);
  assert.deepEqual(held(scene), [
    ["t-1", "edited"],
    ["t-3", "c"],
  ]);
  scene.sql("left", "UPDATE things SET state = 'off' WHERE id = 3");
  assert.deepEqual(await run(scene), ["DELETE /things/t-3"]);
  assert.deepEqual(await run(scene), []);
});

test("what it means is said with every plan and run, and nothing is verified", async (t) => {
  const scene = await onlyWritten(t);
  put(scene, "(1, 'a', 'on')");
  const notes = (await scene.say("plan")).result.plans.flatMap((plan) => plan.notes);
  assert.deepEqual(
    notes.map(({ code }) => code),
    ["ONLY_WRITTEN"],
  );
  assert.deepEqual(scene.api.seen, [], "a plan asks it for nothing either");
  const validated = await scene.say("validate");
  assert.equal(validated.exit, 0, `${validated.error?.message}`);
  assert.match(JSON.stringify(validated.result), /only written/);
  await run(scene);
  const verified = await scene.say("verify");
  assert.equal(verified.exit, 2);
  const says = "things cannot be verified: vendor.things is only written, and shows nothing";
  assert.equal(verified.error?.message, says);
});

test("rows go together where the API creates or replaces them so", async (t) => {
  const batch = { path: "/things/batch", items: "items", results: "results", size: 2 };
  const scene = await onlyWritten(t, { api: { answers: "nothing" }, write: { batch } });
  put(scene, "(1, 'a', 'on')", "(2, 'b', 'on')", "(3, 'c', 'on')");
  assert.deepEqual(await run(scene), ["POST /things/batch", "POST /things/batch"]);
  scene.sql("left", "UPDATE things SET name = 'edited' WHERE id = 1");
  assert.deepEqual(await run(scene), ["POST /things/batch"]);
  assert.deepEqual(await run(scene), []);
  assert.deepEqual(held(scene), [
    ["t-1", "edited"],
    ["t-2", "b"],
    ["t-3", "c"],
  ]);
});

test("a write without an answer is sent again, and not taken for made", async (t) => {
  let isBroken = true;
  const scene = await onlyWritten(t, {
    api: {
      fault: ({ path }, answer, work) => {
        if (!isBroken || path === "/things/t-3") return false;
        if (path === "/things/t-1") work(); // it lands, and nobody hears of it
        answer.destroy();
        return true;
      },
    },
  });
  put(scene, "(1, 'a', 'on')", "(2, 'b', 'on')", "(3, 'c', 'on')");
  const ran = await scene.say("run");
  assert.equal(ran.exit, 4);
  assert.deepEqual(
    ran.result.runs.flatMap(({ left }) => left.map(({ shown, why }) => `${shown} ${why}`)),
    ["1 unknown", "2 unknown"],
  );
  assert.ok(scene.api.seen.every(({ method }) => method === "PUT"));
  assert.deepEqual(
    new Set(held(scene).map(([id]) => id)),
    new Set(["t-1", "t-3"]),
    "the second is not there, and not taken for made",
  );
  isBroken = false;
  assert.deepEqual(await run(scene), ["PUT /things/t-1", "PUT /things/t-2"]);
  assert.equal(held(scene).length, 3);
  assert.deepEqual(await run(scene), []);
});

test("a row that is gone when it is changed is made again", async (t) => {
  const scene = await onlyWritten(t);
  put(scene, "(1, 'a', 'on')");
  await run(scene);
  scene.api.remove("things", "t-1");
  assert.deepEqual(await run(scene), [], "nobody sees that");
  scene.sql("left", "UPDATE things SET name = 'edited' WHERE id = 1");
  assert.deepEqual(await run(scene), ["PATCH /things/t-1", "PUT /things/t-1"]);
  assert.deepEqual(held(scene), [["t-1", "edited"]]);
});

test("what the API refuses is a letter, and so is a row that it will not give up", async (t) => {
  const scene = await onlyWritten(t, { write: { create: "PUT", delete: "none" } });
  put(scene, "(1, 'a', 'on')");
  await run(scene);
  scene.sql("left", "DELETE FROM things");
  scene.api.seen.length = 0;
  assert.equal((await scene.say("run")).exit, 4);
  assert.deepEqual(scene.api.seen, []);
  const { letters } = (await scene.say("letters")).result;
  assert.equal(letters.length, 1);
});

test("what is in a row's way is waited for, and nobody looks what it is", async (t) => {
  const scene = await onlyWritten(t);
  let isTaken = true;
  scene.api.add("things", {
    key: ["id"],
    fields: ["id", "name"],
    refuses: ({ id }) => (isTaken && id === "t-1" ? [409, "not now"] : undefined),
  });
  put(scene, "(1, 'a', 'on')", "(2, 'b', 'on')");
  const ran = await scene.say("run");
  assert.equal(ran.exit, 4);
  assert.deepEqual(
    ran.result.runs.flatMap(({ left }) => left.map(({ shown, why }) => `${shown} ${why}`)),
    ["1 later"],
  );
  assert.ok(scene.api.seen.every(({ method }) => method === "PUT"));
  isTaken = false;
  scene.api.seen.length = 0;
  assert.equal((await scene.say("retry")).exit, 0);
  assert.deepEqual(new Set(sent(scene.api.seen)), new Set(["PUT /things/t-1"]));
  assert.deepEqual(new Set(held(scene).map(([id]) => id)), new Set(["t-1", "t-2"]));
});

test("with another journal every row is sent once more, and none is doubled", async (t) => {
  const scene = await onlyWritten(t);
  put(scene, "(1, 'a', 'on')", "(2, 'b', 'on')");
  await run(scene);
  unlinkSync(join(scene.folder, ".syncline", "journal.db"));
  assert.deepEqual(await run(scene), ["PUT /things/t-1", "PUT /things/t-2"]);
  assert.equal(held(scene).length, 2);
});

test("a field that the mapping gets later is told of every row", async (t) => {
  const scene = await onlyWritten(t);
  put(scene, "(1, 'a', 'on')", "(2, 'b', 'on')");
  await run(scene);
  const { mapping = [] } = PIPELINE;
  scene.configure({
    systems: {
      left: { type: "sqlite", path: "left.db" },
      vendor: {
        type: "http",
        url: scene.api.url,
        collections: { things: { ...EACH, fields: { ...EACH.fields, state: "text" } } },
      },
    },
    pipelines: {
      things: { ...PIPELINE, mapping: [...mapping, { source: "state", target: "state" }] },
    },
  });
  assert.deepEqual(await run(scene), ["PATCH /things/t-1", "PATCH /things/t-2"]);
  assert.deepEqual(
    scene.api.all("things").map(({ id, name, state }) => [id, name, state]),
    [
      ["t-1", "a", "on"],
      ["t-2", "b", "on"],
    ],
  );
  assert.deepEqual(await run(scene), []);
});

test("many rows are remembered page by page", async (t) => {
  const batch = { path: "/things/batch", items: "items", results: "results", size: 1000 };
  const scene = await onlyWritten(t, { write: { batch } });
  scene.sql(
    "left",
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2300)
     INSERT INTO things SELECT i, 'n' || i, 'on' FROM n`,
  );
  assert.equal((await run(scene)).length, 3);
  assert.equal(held(scene).length, 2300);
  scene.sql("left", "UPDATE things SET name = 'edited' WHERE id IN (7, 2299)");
  assert.deepEqual(await run(scene), ["POST /things/batch"]);
  assert.deepEqual(
    held(scene).filter(([, name]) => name === "edited"),
    [
      ["t-7", "edited"],
      ["t-2299", "edited"],
    ],
  );
  assert.deepEqual(await run(scene), []);
});
