import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import { invoke } from "../../src/cli/program.ts";
import { Stopping } from "../../src/cli/stopping.ts";
import { Captured } from "../../src/cli/world.ts";
import { translate } from "../../src/compat/supernal/index.ts";
import type { BatchSyncResult, SyncConfig } from "../../src/compat/supernal/index.ts";
import { SECRET, sceneOf } from "./scene.ts";

const counts = ({ recordsProcessed, recordsSucceeded, recordsFailed }: BatchSyncResult) => [
  recordsProcessed,
  recordsSucceeded,
  recordsFailed,
];

test("scenario 11: 700 of 1000 requirements arrive, a hundred at a time", async (t) => {
  const { batches, config, api, sent } = await sceneOf(t, 1000);
  const result = await batches.runBatchSync("requirements", config());
  assert.deepEqual(counts(result), [700, 700, 0]);
  assert.deepEqual(result.errors, []);
  assert.equal(result.configName, "requirements");
  assert.ok(result.endTime >= result.startTime);
  assert.deepEqual(
    sent().map((list) => list.length),
    [100, 100, 100, 100, 100, 100, 100],
  );
  const rows = api.all("sync");
  assert.equal(rows.length, 700);
  assert.deepEqual({ ...rows.find(({ id }) => id === 12) }, framed(12));
  assert.ok(api.seen.every(({ headers }) => headers.authorization === `Bearer ${SECRET}`));
});

test("F0-6: a second batch sends nothing, and only what has changed", async (t) => {
  const { batches, config, sql, api, sent } = await sceneOf(t, 20);
  await batches.runBatchSync("requirements", config());
  const before = sent().length;
  assert.deepEqual(counts(await batches.runBatchSync("requirements", config())), [14, 14, 0]);
  assert.equal(sent().length, before);
  sql("UPDATE requirements SET title = 'New' WHERE requirement_id = 2");
  assert.deepEqual(counts(await batches.runBatchSync("requirements", config())), [14, 14, 0]);
  assert.deepEqual(sent().slice(before), [[{ ...framed(2), title: "New" }]]);
  assert.equal(api.all("sync").length, 14);
});

test("F0-5: what leaves the filter, or the source, leaves the target", async (t) => {
  const { batches, config, sql, api } = await sceneOf(t, 20);
  await batches.runBatchSync("requirements", config());
  sql("UPDATE requirements SET status = 'archived' WHERE requirement_id = 1");
  sql("DELETE FROM requirements WHERE requirement_id = 2");
  await batches.runBatchSync("requirements", config());
  assert.deepEqual(
    api
      .all("sync")
      .filter(({ id }) => Number(id) < 5)
      .map(({ id }) => id),
    [3, 4],
  );
});

test("scenario 14: bad records fail alone, are told by id, and are sent when mended", async (t) => {
  const broken = new Set([61]);
  const { batches, config, sql, sent } = await sceneOf(t, 0, {
    refuses: ({ id }) => (broken.has(Number(id)) ? [422, "no such requirement"] : undefined),
  });
  for (let n = 1; n <= 100; n++) {
    sql(`INSERT INTO requirements VALUES (${n}, 'R ${n}', 'GDPR', 'active')`);
  }
  sql("UPDATE requirements SET title = NULL WHERE requirement_id = 37");
  sql("UPDATE requirements SET title = 'bad' WHERE requirement_id IN (40, 41)");
  const mapping = config().mapping.map((line) =>
    line.target === "title" ? { ...line, validate: (value: unknown) => value !== "bad" } : line,
  );
  const result = await batches.runBatchSync("requirements", config({ mapping }));
  assert.deepEqual(counts(result), [100, 96, 4]);
  assert.deepEqual(sorted(result), [
    { batch: ["37"], error: "Required field 'title' is missing" },
    { batch: ["40", "41"], error: "Validation failed for field 'title'" },
    { batch: ["61"], error: "POST /sync/batch answered 422: no such requirement" },
  ]);
  const before = sent().length;
  broken.clear();
  sql("UPDATE requirements SET title = 'good' WHERE requirement_id IN (37, 40, 41, 61)");
  const mended = await batches.runBatchSync("requirements", config({ mapping }));
  assert.deepEqual(counts(mended), [100, 100, 0]);
  const ids = sent()
    .slice(before)
    .flat()
    .map(({ id }) => Number(id));
  assert.deepEqual(
    ids.toSorted((a, b) => a - b),
    [37, 40, 41, 61],
  );
});

test("0A7: a write that is put off is tried maxRetries + 1 times, each at its time", async (t) => {
  let now = Date.UTC(2026, 0, 1);
  const { batches, config, sent } = await sceneOf(t, 1, {
    refuses: () => [503, "busy"],
    options: { now: () => now },
  });
  const sync: SyncConfig["sync"] = {
    mode: "batch",
    retryPolicy: { maxRetries: 2, backoffStrategy: "linear", initialDelay: 1000 },
  };
  const tries: (readonly [sent: number, error: string | undefined])[] = [];
  for (const waitMs of [0, 1, 1000, 2000, 2000, 60_000]) {
    now += waitMs;
    const before = sent().length;
    const { errors } = await batches.runBatchSync("requirements", config({ sync }));
    tries.push([sent().length - before, errors[0]?.error]);
  }
  const busy = "POST /sync/batch answered 503: busy";
  const later = `${busy} (it is tried again)`;
  assert.deepEqual(
    tries.map(([count]) => count),
    [1, 0, 1, 1, 0, 0],
  );
  assert.equal(tries[0]?.[1], later);
  assert.match(tries.at(-1)?.[1] ?? "", /^POST \/sync\/batch answered 503: busy/);
  assert.notEqual(tries.at(-1)?.[1], later);
});

test("last-writer-wins: an edit in the target stays until the source changes it", async (t) => {
  const { batches, config, sql, api } = await sceneOf(t, 3);
  const titleOf = (id: number) => api.all("sync").find((row) => row["id"] === id)?.["title"];
  await batches.runBatchSync("requirements", config());
  api.put("sync", { ...framed(2), title: "edited there" });
  assert.deepEqual(counts(await batches.runBatchSync("requirements", config())), [3, 3, 0]);
  assert.equal(titleOf(2), "edited there");
  sql("UPDATE requirements SET title = 'later' WHERE requirement_id = 2");
  assert.deepEqual(counts(await batches.runBatchSync("requirements", config())), [3, 3, 0]);
  assert.equal(titleOf(2), "later");
});

test("source-wins: an edit in the target is undone", async (t) => {
  const { batches, config, api } = await sceneOf(t, 3);
  const conflictResolution = { strategy: "source-wins" };
  await batches.runBatchSync("requirements", config({ conflictResolution }));
  api.put("sync", { ...framed(2), title: "edited there" });
  const result = await batches.runBatchSync("requirements", config({ conflictResolution }));
  assert.deepEqual(counts(result), [3, 3, 0]);
  assert.equal(api.all("sync").find(({ id }) => id === 2)?.["title"], "Requirement 2");
});

test("too many deletions wait, with the ids, until somebody lets them pass", async (t) => {
  const { batches, config, sql, api } = await sceneOf(t, 100);
  await batches.runBatchSync("requirements", config());
  sql("DELETE FROM requirements WHERE requirement_id > 20");
  const result = await batches.runBatchSync("requirements", config());
  assert.deepEqual(counts(result), [70, 14, 56]);
  assert.equal(result.errors.length, 1);
  assert.equal(result.errors[0]?.batch.length, 56);
  assert.match(result.errors[0]?.error ?? "", /^Its deletion is withheld: .*allowDeletes/);
  assert.equal(api.all("sync").length, 70);
  const allowed = await batches.runBatchSync("requirements", config(), { allowDeletes: true });
  assert.deepEqual(counts(allowed), [70, 70, 0]);
  assert.equal(api.all("sync").length, 14);
});

test("what fails as a whole is in the result, without a secret", async (t) => {
  const { batches, config, sql, api } = await sceneOf(t, 3);
  await api.close();
  const result = await batches.runBatchSync("requirements", config());
  assert.deepEqual(counts(result), [0, 0, 0]);
  assert.equal(result.errors.length, 1);
  assert.deepEqual(result.errors[0]?.batch, []);
  assert.match(result.errors[0]?.error ?? "", /^Batch sync failed: .*GET \/sync was refused/);
  assert.ok(!inspect(result, { depth: 9 }).includes(SECRET));
  sql("DROP TABLE requirements");
  const [gone] = (await batches.runBatchSync("requirements", config())).errors;
  assert.match(gone?.error ?? "", /^Batch sync failed: .*requirements/);
});

test("every command works on the journal of a batch, by what it was translated to", async (t) => {
  const { batches, config, folder, api } = await sceneOf(t, 3, {
    refuses: ({ id }) => (id === 2 ? [422, "no such requirement"] : undefined),
  });
  const whole = config();
  await batches.runBatchSync("requirements", whole);
  const journal = "journals/requirements.db";
  const { input } = translate("requirements", whole, { part: "batch", journal });
  const program = `export default ${written(input)};`;
  writeFileSync(join(folder, "syncline.config.js"), program);
  assert.ok(!program.includes(SECRET));
  const say = async (...words: readonly string[]) => {
    const [stdout, stderr] = [new Captured(), new Captured()];
    const env = { TARGET_API_KEY: SECRET };
    const world = { stdout, stderr, env, cwd: folder, stopping: new Stopping(), now: Date.now };
    const exit = await invoke([...words, "-c", "syncline.config.js"], world);
    return { exit, text: stdout.text + stderr.text };
  };
  const letters = await say("letters");
  assert.equal(letters.exit, 0, letters.text);
  assert.match(letters.text, /refused {2}WRITE_REFUSED {2}requirements {2}2 → target/);
  const verified = await say("verify", "--json");
  assert.match(verified.text, /"equal":2,/, verified.text);
  assert.equal(api.all("sync").length, 2);
});

/** As a program: functions are their text. */
function written(value: unknown): string {
  if (typeof value === "function") return Function.prototype.toString.call(value);
  if (Array.isArray(value)) return `[${value.map(written).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(
    ([key, of]) => `${JSON.stringify(key)}: ${written(of)}`,
  );
  return `{ ${entries.join(", ")} }`;
}

test("records without a key are counted, and hold nobody up", async (t) => {
  const { batches, config, sql, api } = await sceneOf(t, 3);
  sql("CREATE TABLE loose AS SELECT * FROM requirements");
  sql("CREATE UNIQUE INDEX by_id ON loose (requirement_id)");
  sql("INSERT INTO loose VALUES (NULL, 'a', 'GDPR', 'active'), (NULL, 'b', 'GDPR', 'active')");
  const source: SyncConfig["source"] = {
    type: "database",
    connection: { path: "compliance.db", table: "loose" },
    authentication: { type: "none" },
  };
  const result = await batches.runBatchSync("requirements", config({ source }));
  assert.deepEqual(counts(result), [5, 3, 2]);
  assert.deepEqual(result.errors, [{ batch: [], error: "2 records have no key" }]);
  assert.equal(api.all("sync").length, 3);
});

test("0B8: two configurations run at once, each with a journal of its own", async (t) => {
  const { batches, config, folder, api } = await sceneOf(t, 10);
  api.add("titles", { key: ["id"] });
  const target: SyncConfig["target"] = {
    endpoint: `${api.url}/titles`,
    authentication: { type: "none" },
    collection: { write: { batch: { path: "/titles/batch", results: "results" } } },
  };
  const [one, two] = await Promise.all([
    batches.runBatchSync("one", config()),
    batches.runBatchSync("two", config({ target, filters: [] })),
  ]);
  assert.deepEqual(
    [counts(one), counts(two)],
    [
      [7, 7, 0],
      [10, 10, 0],
    ],
  );
  const journals = readdirSync(join(folder, "journals")).filter((file) => file.endsWith(".db"));
  assert.deepEqual(journals.toSorted(), ["one.db", "two.db"]);
});

test("a file and an API are sources as well", async (t) => {
  const { batches, config, folder, api } = await sceneOf(t, 0);
  mkdirSync(join(folder, "in"));
  const lines = ["requirement_id,title,compliance_framework,status", "1,A,GDPR,active"];
  writeFileSync(join(folder, "in/list.csv"), [...lines, "2,B,SOC_2,archived", ""].join("\n"));
  const file: SyncConfig["source"] = {
    type: "file",
    connection: { path: "in/list.csv" },
    authentication: { type: "none" },
  };
  assert.deepEqual(counts(await batches.runBatchSync("file", config({ source: file }))), [1, 1, 0]);
  assert.equal(api.all("sync").length, 1);

  api.add("requirements", { key: ["requirement_id"] });
  const status = "active";
  for (const requirement_id of [3, 4, 5]) {
    const row = { requirement_id, title: "T", compliance_framework: "GDPR", status };
    api.put("requirements", row);
  }
  api.add("from-api", { key: ["id"] });
  const whole = config({
    source: {
      type: "api",
      connection: { url: `${api.url}/requirements` },
      authentication: { type: "bearer", token: "a-token" },
    },
    target: {
      endpoint: `${api.url}/from-api`,
      authentication: { type: "none" },
      collection: { write: { batch: { path: "/from-api/batch", results: "results" } } },
    },
  });
  assert.deepEqual(counts(await batches.runBatchSync("api", whole)), [3, 3, 0]);
  assert.equal(api.all("from-api").length, 3);
});

function framed(id: number) {
  return { id, title: `Requirement ${id}`, framework: "iso_13485" };
}

function sorted({ errors }: BatchSyncResult) {
  return errors.toSorted((a, b) => ((a.batch[0] ?? "") < (b.batch[0] ?? "") ? -1 : 1));
}
