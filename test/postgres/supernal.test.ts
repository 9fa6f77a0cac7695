import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { BatchSyncManager } from "../../src/compat/supernal/index.ts";
import type { SyncConfig } from "../../src/compat/supernal/index.ts";
import { folderOf } from "../cli/world.ts";
import { startApi } from "../replicas/http-server.ts";
import { withSchema } from "./server.ts";

const ROWS = `CREATE TABLE requirements (
  requirement_id integer PRIMARY KEY, title text NOT NULL, framework text, status text);
INSERT INTO requirements
SELECT n, 'R ' || n, 'GDPR', CASE WHEN n % 10 < 7 THEN 'active' ELSE 'archived' END
FROM generate_series(1, 100) AS n`;

test("scenario 11: a table in Postgres goes to an API, by host, port and user", async (t) => {
  const api = await startApi({ turning: "offset" });
  t.after(() => api.close());
  api.add("sync", { key: ["id"] });
  const folder = folderOf(t);
  await withSchema(ROWS, async ({ url, name, client }) => {
    const { hostname, port, pathname, username, password } = new URL(url);
    const config: SyncConfig = {
      source: {
        type: "database",
        connection: {
          host: hostname,
          port: Number(port === "" ? 5432 : port),
          database: pathname.slice(1),
          table: `${name}.requirements`,
          ssl: false,
        },
        authentication: {
          type: "credentials",
          username: decodeURIComponent(username),
          // A server that trusts this machine does not ask for it.
          password: password === "" ? "not asked for" : decodeURIComponent(password),
        },
      },
      target: {
        endpoint: `${api.url}/sync`,
        authentication: { type: "none" },
        collection: { write: { batch: { path: "/sync/batch", results: "results" } } },
      },
      sync: { mode: "batch", retryPolicy: { maxRetries: 3, initialDelay: 1000 } },
      mapping: [
        { source: "requirement_id", target: "id" },
        { source: "title", target: "title" },
        { source: "framework", target: "framework", transform: "normalizeFramework" },
      ],
      filters: [{ field: "status", operator: "in", values: ["active", "pending"] }],
      conflictResolution: { strategy: "last-writer-wins" },
    };
    const batches = new BatchSyncManager({ folder: join(folder, "journals") });
    const first = await batches.runBatchSync("requirements", config);
    assert.deepEqual(first.errors, []);
    assert.deepEqual([first.recordsProcessed, first.recordsSucceeded], [70, 70]);
    assert.deepEqual(api.all("sync").find(({ id }) => id === 12)?.["framework"], "gdpr");
    await client.query("UPDATE requirements SET status = 'archived' WHERE requirement_id = 12");
    await batches.runBatchSync("requirements", config);
    assert.equal(api.all("sync").length, 69);
  });
});
