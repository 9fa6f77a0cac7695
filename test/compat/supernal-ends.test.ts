import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import {
  BatchSyncManager,
  CustomTransformations,
  SyncConfigurationManager,
  translate,
} from "../../src/compat/supernal/index.ts";
import type { SyncConfig } from "../../src/compat/supernal/index.ts";
import { guideConfig } from "./guide-config.ts";

const { source, target, sync } = guideConfig();
const NONE = { type: "none" } as const;

const inputOf = (parts: Partial<SyncConfig>) =>
  translate("r", guideConfig(parts), { part: "batch", env: {} }).input;

const sourceOf = (connection: SyncConfig["source"]["connection"]) =>
  inputOf({ source: { ...source, connection, authentication: NONE } }).systems["source"];

const targetOf = (parts: Partial<SyncConfig["target"]>) =>
  inputOf({ target: { ...target, ...parts } }).systems["target"];

test("a server's address is written as addresses are", () => {
  assert.deepEqual(sourceOf({ host: "::1", port: 1, database: "a b", ssl: false }), {
    type: "postgres",
    url: "postgres://[::1]:1/a%20b",
    ssl: { mode: "disable" },
  });
});

test("a path and a server are one too many, and so are two addresses", () => {
  assert.throws(
    () => sourceOf({ path: "a.db", host: "h" }),
    /source\.connection has a path and a host/,
  );
  const api = (connection: SyncConfig["source"]["connection"]) => () =>
    inputOf({ source: { type: "api", connection, authentication: NONE } });
  assert.throws(api({}), /has to have a `url`, or an `endpoint`/);
  const both = { url: "https://h.example/a", endpoint: "https://h.example/b" };
  assert.throws(api(both), /has to have a `url`, or an `endpoint`/);
  assert.throws(api({ url: "https://h.example/a#b" }), /is not of the form/);
});

test("what an endpoint is told goes before what is usual", () => {
  const batch = { path: "/many", size: 7, results: "done" };
  const told = targetOf({
    endpoint: "https://h.example/v1/sync?tenant=a",
    collection: { items: "rows", write: { compare: "none", batch } },
  });
  assert.ok(told?.type === "http");
  assert.deepEqual(told.collections["records"], {
    path: "/sync",
    params: { tenant: "a" },
    fields: { id: "any", title: "any", framework: "any" },
    page: { by: "offset", size: 100 },
    items: "rows",
    write: { compare: "none", batch },
  });
});

test("an API key goes into the header that is named", () => {
  const authentication = { type: "api-key", apiKey: "k", header: "X-Key" } as const;
  const told = targetOf({ authentication });
  assert.deepEqual(told?.type === "http" && told.auth, {
    type: "api-key",
    key: "${TARGET_API_KEY}",
    header: "X-Key",
  });
});

test("waits are fixed unless something is said, and never longer than the longest", () => {
  const retryPolicy = { maxRetries: 0, initialDelay: 600_000 };
  assert.deepEqual(inputOf({ sync: { ...sync, retryPolicy } }).pipelines["r"]?.retry, {
    backoff: "fixed",
    first: "600000ms",
    cap: "600000ms",
    tries: 1,
  });
});

test("a path in the target is a document, and our own transforms keep their names", () => {
  const fields = ["first", "last"];
  const { systems, pipelines } = inputOf({
    mapping: [
      { source: "n", target: "id" },
      { source: "n", target: "meta.n", transform: CustomTransformations.parseJSON },
      { source: "n", target: "x", transform: CustomTransformations.concatenateFields(fields) },
    ],
  });
  const told = systems["target"];
  const { records } = told?.type === "http" ? told.collections : {};
  assert.deepEqual(records?.fields, { id: "any", meta: "json", x: "any" });
  assert.deepEqual(
    pipelines["r"]?.mapping?.map(({ transform }) => transform),
    [undefined, { name: "parseJSON" }, { name: "concatenateFields", args: { fields } }],
  );
});

test("words that settle edits of two sides are refused, each by its name", () => {
  for (const strategy of ["manual", "target-wins", "merge", "union"]) {
    assert.throws(
      () => inputOf({ conflictResolution: { strategy } }),
      new RegExp(`'${strategy}' settles edits of two sides`),
    );
  }
});

test("the name of a variable is no secret, and is shown", () => {
  const manager = new SyncConfigurationManager({ env: { KEY: "sk-1" } });
  const authentication = { type: "api-key", apiKey: "${KEY}" } as const;
  manager.addSyncConfiguration("r", guideConfig({ target: { ...target, authentication } }));
  const shown = inspect(manager.getSyncConfiguration("r"), { depth: 9 });
  assert.ok(shown.includes("${KEY}") && !shown.includes("sk-1"), shown);
});

test("0B4: schedules are refused by name until there are some", () => {
  const batches = new BatchSyncManager();
  assert.throws(
    () => batches.scheduleBatchSync("r", guideConfig({ sync: { ...sync, mode: "real-time" } })),
    /^SyncError: Batch sync requires batch or hybrid mode$/,
  );
  assert.throws(
    () => batches.scheduleBatchSync("r", guideConfig()),
    /Batch sync 'r' cannot be scheduled: no schedule is built yet/,
  );
  assert.throws(() => batches.cancelBatchSync("r"), /Batch sync 'r' is not scheduled/);
});
