// An API with one collection, and a replica that writes it, for tests of what becomes of writes.
import type { TestContext } from "node:test";
import type { Outcome, Replica, Shape } from "../../src/engine/replica.ts";
import type {
  CollectionSettings,
  HttpOptions,
  WriteSettings,
} from "../../src/replicas/http/index.ts";
import { startApi } from "./http-server.ts";
import type { ApiOptions, Seen, TestApi } from "./http-server.ts";
import { replicaOf } from "./http-subject.ts";

export const IT: Shape = { collection: "it", key: ["id"], columns: ["id", "name"] };
const FIELDS = { id: { kind: "integer" }, name: { kind: "text" } } as const;

interface Given {
  readonly api: TestApi;
  readonly replica: Replica;
}

export async function given(
  t: TestContext | undefined,
  writing: WriteSettings,
  more: {
    readonly api?: ApiOptions;
    readonly options?: Partial<HttpOptions>;
    readonly collection?: Partial<CollectionSettings>;
  } = {},
): Promise<Given> {
  const api = await startApi(more.api);
  t?.after(() => api.close());
  api.add("it", { key: ["id"], fields: ["id", "name", "more"] });
  const replica = await replicaOf(api, {
    collections: {
      it: { items: "data.items", key: ["id"], fields: FIELDS, write: writing, ...more.collection },
    },
    ...more.options,
  });
  t?.after(() => replica.close());
  return { api, replica };
}

/** Outcomes in few words. */
export function told(outcomes: readonly Outcome[]): readonly unknown[] {
  return outcomes.map((outcome) => {
    switch (outcome.kind) {
      case "applied":
        return outcome.row;
      case "stale":
        return ["stale", outcome.row];
      case "staged":
        return "staged";
      default:
        return `${outcome.kind} ${outcome.error.code}: ${outcome.error.message}`;
    }
  });
}

export const methods = (seen: readonly Seen[]) =>
  seen.map(({ method, path }) => `${method} ${path}`);
