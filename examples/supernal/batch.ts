// What a guide for Supernal Coding does, in its order: a configuration is added, read and changed,
// one record is tried, and a batch delivers all of them. Run it with
// `node --conditions=syncline-source` in a checkout, or plainly where the package is installed.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BatchSyncManager,
  ConflictDetector,
  DataTransformer,
  LastWriterWinsStrategy,
  SyncConfigurationManager,
  type SyncConfig,
} from "syncline/compat/supernal";
import { startEndpoint } from "./endpoint.ts";
import { makeRequirements } from "./requirements.ts";

const folder = mkdtempSync(join(tmpdir(), "syncline-supernal-"));
const env = { SUPERNAL_API_KEY: "sk-example" };
const endpoint = await startEndpoint(env.SUPERNAL_API_KEY);

const complianceSync: SyncConfig = {
  source: await makeRequirements(folder),
  target: {
    endpoint: endpoint.url,
    authentication: { type: "api-key", apiKey: "${SUPERNAL_API_KEY}" },
  },
  sync: {
    mode: "hybrid",
    frequency: "*/15 * * * *",
    batchSize: 100,
    retryPolicy: { maxRetries: 3, backoffStrategy: "exponential", initialDelay: 1000 },
  },
  mapping: [
    {
      source: "requirement_id",
      target: "id",
      required: true,
      transform: (value: number) => `req-${value}`,
    },
    { source: "title", target: "title", required: true },
    {
      source: "compliance_framework",
      target: "framework",
      transform: (value: string) => value.toLowerCase(),
    },
  ],
  filters: [{ field: "status", operator: "in", values: ["active", "pending"] }],
  conflictResolution: { strategy: "last-writer-wins", customRules: [] },
};

const configurations = new SyncConfigurationManager({ env });
configurations.addSyncConfiguration("compliance-sync", complianceSync);
configurations.updateSyncConfiguration("compliance-sync", {
  sync: { retryPolicy: { maxRetries: 5 } },
});
console.log("configurations:", configurations.listConfigurations());
const config = configurations.getSyncConfiguration("compliance-sync") ?? complianceSync;
console.log("sync:", config.sync);

const record = { requirement_id: 7, title: "Design control", compliance_framework: "ISO_13485" };
console.log("one record:", new DataTransformer().transform(record, config.mapping));

const [conflict] = new ConflictDetector().detectConflicts({ title: "Ours" }, { title: "Theirs" });
if (conflict !== undefined) {
  const moments = { localTimestamp: 1, remoteTimestamp: 2 };
  const title = new LastWriterWinsStrategy().resolve(conflict, moments);
  console.log("conflict:", conflict.type, "->", title);
}

const batches = new BatchSyncManager({ folder: join(folder, "journals"), env });
const result = await batches.runBatchSync("compliance-sync", config);
const { recordsProcessed, recordsSucceeded, recordsFailed, errors } = result;
console.log("batch:", { recordsProcessed, recordsSucceeded, recordsFailed, errors });
console.log("lists:", endpoint.lists.join(" "));
console.log("delivered:", endpoint.held.size, endpoint.held.get("req-7"));

const again = await batches.runBatchSync("compliance-sync", config);
console.log("again:", again.recordsSucceeded, "of", again.recordsProcessed);
console.log("lists sent:", endpoint.lists.length);
await endpoint.close();
rmSync(folder, { recursive: true });
