// A configuration with everything in it that the guide of 000 has in its own.
import type { SyncConfig } from "../../src/compat/supernal/index.ts";

/** The configuration, with these parts in the place of its own. Its key is left as it is. */
export function guideConfig(parts: Partial<SyncConfig> = {}): SyncConfig {
  return {
    source: {
      type: "database",
      connection: { host: "localhost", port: 5432, database: "compliance_db", ssl: true },
      authentication: { type: "credentials", username: "sync", password: "hunter2/@" },
    },
    target: {
      endpoint: "https://api.example.com/v1/sync",
      authentication: { type: "api-key", apiKey: "sk-live-1" },
    },
    sync: {
      mode: "hybrid",
      frequency: "*/15 * * * *",
      batchSize: 100,
      retryPolicy: { maxRetries: 3, backoffStrategy: "exponential", initialDelay: 1000 },
    },
    mapping: [
      { source: "requirement_id", target: "id" },
      { source: "title", target: "title" },
      { source: "compliance_framework", target: "framework", transform: lower },
    ],
    filters: [{ field: "status", operator: "in", values: ["active", "pending"] }],
    conflictResolution: { strategy: "last-writer-wins", customRules: [] },
    ...parts,
  };
}

/** A function that nobody but its caller knows. */
export const lower = (value: string): string => value.toLowerCase();
