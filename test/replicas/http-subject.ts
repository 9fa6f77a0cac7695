// What the replica suite is given: an API of its own for each test.
import assert from "node:assert/strict";
import { encodeKey } from "../../src/core/key.ts";
import { jsonToken } from "../../src/core/json-cells.ts";
import { canonical } from "../../src/core/values.ts";
import { readJson } from "../../src/core/json.ts";
import type { Key, OwnRow, Value } from "../../src/core/state.ts";
import type { Batch, Outcome, Replica, RowWrite, Shape } from "../../src/engine/replica.ts";
import { httpReplica } from "../../src/replicas/http/index.ts";
import type {
  CollectionSettings,
  HttpOptions,
  PageSettings,
  WriteSettings,
} from "../../src/replicas/http/index.ts";
import type { Subject, SuiteCollection } from "../../src/testing/replica-suite.ts";
import { jsonReader, cellOf } from "../../src/core/json-cells.ts";
import { startApi } from "./http-server.ts";
import type { ApiOptions, ApiRow, TestApi } from "./http-server.ts";

/** A signal that nobody aborts. */
export const never: AbortSignal = new AbortController().signal;

/** One way in which an API is read and written. */
export interface Style {
  readonly api: ApiOptions;
  readonly page?: PageSettings;
  readonly write: WriteSettings;
  readonly settings?: Partial<CollectionSettings>;
}

/** An API with these collections, and a replica of it. */
export async function httpSubject(
  style: Style,
  collections: readonly SuiteCollection[],
): Promise<Subject> {
  const api = await startApi(style.api);
  const named: { [name: string]: CollectionSettings } = {};
  for (const [at, collection] of collections.entries()) {
    const path = `c${at}`;
    const fields = collection.fields.map(({ name }) => name);
    const sparse = collection.fields
      .filter(({ type }) => type.kind === "json")
      .map(({ name }) => name);
    api.add(path, { key: collection.key, fields, sparse });
    named[collection.name] = {
      path: `/${path}`,
      items: "data.items",
      key: collection.key,
      fields: Object.fromEntries(collection.fields.map(({ name, type }) => [name, type])),
      write:
        style.write.batch === undefined
          ? style.write
          : { ...style.write, batch: { ...style.write.batch, path: `/${path}/batch` } },
      ...(style.page === undefined ? {} : { page: style.page }),
      ...style.settings,
    };
  }
  const pathOf = (name: string) => {
    const at = collections.findIndex((each) => each.name === name);
    assert.ok(at >= 0);
    return { path: `c${at}`, collection: collections[at] };
  };
  const open = () => replicaOf(api, { collections: named });
  const replicas = [await open()];
  const [replica] = replicas;
  assert.ok(replica !== undefined);
  return {
    replica,
    edit: async (name, key, row) => {
      const { path, collection } = pathOf(name);
      if (row === null) api.remove(path, ...key);
      else api.put(path, jsonOf(collection, row));
    },
    look: async (name) => {
      const { path, collection } = pathOf(name);
      return api
        .all(path)
        .map((row) =>
          (collection?.fields ?? []).map(
            ({ name: field, type }): Value => jsonReader(type)(cellOf(row, field)) ?? null,
          ),
        );
    },
    reopen: async () => {
      const again = await open();
      replicas.push(again);
      return again;
    },
    close: async () => {
      for (const each of replicas) await each.close();
      await api.close();
    },
  };
}

function jsonOf(
  collection: SuiteCollection | undefined,
  row: { readonly [column: string]: Value },
): ApiRow {
  const members = (collection?.fields ?? []).flatMap(({ name, type }) => {
    const token = jsonToken(type, row[name] ?? null);
    assert.ok(token !== undefined && canonical(type, row[name] ?? null) !== undefined);
    return token === "" ? [] : [[name, readJson(token) ?? null] as const];
  });
  return Object.fromEntries(members);
}

/** A replica of an API, that never waits. */
export async function replicaOf(
  api: Pick<TestApi, "url">,
  options: Partial<HttpOptions> & Pick<HttpOptions, "collections">,
): Promise<Replica> {
  return httpReplica({ name: "vendor", url: api.url, sleep: async () => undefined, ...options });
}

export function keyOf(...values: readonly Value[]): Key {
  return encodeKey(values) ?? "";
}

export function creation(...to: OwnRow): RowWrite {
  return {
    key: keyOf(...to.slice(0, 1).map((value) => value ?? null)),
    expected: { kind: "absent" },
    to,
  };
}

export function move(from: OwnRow, to: OwnRow | null): RowWrite {
  return { key: keyOf(from[0] ?? null), expected: { kind: "row", row: from }, to };
}

let batches = 0;

/** Writes one batch with a writer of its own. */
export async function write(
  replica: Replica,
  shape: Shape,
  writes: readonly RowWrite[],
  more: Partial<Batch> = {},
): Promise<readonly Outcome[]> {
  const writer = await replica.writer(never);
  const batch = { id: `batch ${batches++}`, link: "link", shape, writes, settled: [], ...more };
  try {
    return await writer.write(batch, never);
  } finally {
    await writer.abort();
  }
}
