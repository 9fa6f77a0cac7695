// A database with requirements, and an API on this machine that takes them.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { TestContext } from "node:test";
import { BatchSyncManager } from "../../src/compat/supernal/index.ts";
import type { BatchSyncOptions, SyncConfig } from "../../src/compat/supernal/index.ts";
import { folderOf } from "../cli/world.ts";
import { startApi, type ApiOptions, type TestApi } from "../replicas/http-server.ts";

/** How the API refuses records. */
export type Refuses = NonNullable<Parameters<TestApi["add"]>[1]["refuses"]>;

/** A folder with `compliance.db`, an API with the collection `sync`, and batches between them. */
export interface Scene {
  readonly folder: string;
  readonly api: TestApi;
  readonly batches: BatchSyncManager;
  /** Bodies of the lists of records that the API was sent, in their order. */
  readonly sent: () => readonly (readonly { readonly [field: string]: unknown }[])[];
  readonly sql: (statement: string) => void;
  /** The configuration, with these parts in the place of its own. */
  readonly config: (parts?: Partial<SyncConfig>) => SyncConfig;
}

/** Makes a scene with so many requirements, of ten of which seven are active or pending. */
export async function sceneOf(
  t: TestContext,
  requirements: number,
  of: {
    readonly api?: ApiOptions;
    readonly refuses?: Refuses;
    readonly options?: BatchSyncOptions;
  } = {},
): Promise<Scene> {
  const folder = folderOf(t);
  const database = new DatabaseSync(join(folder, "compliance.db"));
  t.after(() => database.close());
  database.exec(TABLE);
  const insert = database.prepare("INSERT INTO requirements VALUES (?, ?, ?, ?)");
  database.exec("BEGIN");
  for (let n = 1; n <= requirements; n++) insert.run(...requirement(n));
  database.exec("COMMIT");
  const api = await startApi({ turning: "offset", ...of.api });
  t.after(() => api.close());
  const { refuses } = of;
  api.add("sync", { key: ["id"], ...(refuses === undefined ? {} : { refuses }) });
  return {
    folder,
    api,
    batches: new BatchSyncManager({ folder: join(folder, "journals"), cwd: folder, ...of.options }),
    sent: () => {
      const lists = api.seen.filter(({ path }) => path === "/sync/batch");
      return lists.map(({ body }) => JSON.parse(body) as { readonly [field: string]: unknown }[]);
    },
    sql: (statement) => database.exec(statement),
    config: (parts) => ({ ...configOf(api.url), ...parts }),
  };
}

const TABLE = `CREATE TABLE requirements (
  requirement_id INTEGER PRIMARY KEY, title TEXT, compliance_framework TEXT, status TEXT)`;

const STATUSES = ["active", "pending", "active", "archived", "active"];

function requirement(n: number): [number, string, string, string] {
  const status = n % 10 < 7 ? (STATUSES[(n % 10) % 3] ?? "active") : "archived";
  return [n, `Requirement ${n}`, "ISO_13485", status];
}

function configOf(url: string): SyncConfig {
  return {
    source: {
      type: "database",
      connection: { path: "compliance.db", table: "requirements" },
      authentication: { type: "none" },
    },
    target: {
      endpoint: `${url}/sync`,
      authentication: { type: "api-key", apiKey: SECRET },
      collection: { write: { batch: { path: "/sync/batch", results: "results" } } },
    },
    sync: {
      mode: "hybrid",
      frequency: "*/15 * * * *",
      batchSize: 100,
      retryPolicy: { maxRetries: 3, backoffStrategy: "exponential", initialDelay: 1000 },
    },
    mapping: [
      { source: "requirement_id", target: "id" },
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
}

/** What the API knows us by. */
export const SECRET = "sk-live-5b1f0c77";
