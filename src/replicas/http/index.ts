// HTTP APIs as replicas: an API is a system, a path that lists objects a collection.
import type { Replica } from "../../engine/replica.ts";
import { openApi } from "./api.ts";
import type { Opened } from "./collection.ts";
import { describe } from "./describe.ts";
import { list } from "./list.ts";
import { read } from "./read.ts";
import type { HttpOptions } from "./settings.ts";
import { changesSince, SINCE_START } from "./since.ts";
import { makeWriter } from "./writer.ts";

export type {
  Auth,
  BatchSettings,
  CollectionSettings,
  HttpOptions,
  Limits,
  OauthSettings,
  Packing,
  PageSettings,
  SinceSettings,
  TlsSettings,
  WriteSettings,
} from "./settings.ts";

/**
 * An API. Nothing is asked before somebody wants to know something. Throws CONFIG_INVALID for an
 * address, credentials or certificates that cannot be used.
 */
export async function httpReplica(options: HttpOptions): Promise<Replica> {
  const api = openApi(options);
  const on: Opened = { api, fields: new Map(), addresses: new Map(), tags: new Map() };
  return {
    name: options.name,
    describe: (signal) => describe(on, signal),
    list: (shape, after, signal) => list(on, shape, after, signal),
    read: (shape, keys, signal) => read(on, shape, keys, signal),
    changes: (shapes, cursor, signal) => changesSince(on, shapes, cursor, signal),
    // What was changed before the first look at it is not to be lost: all is told once.
    head: async () => SINCE_START,
    acknowledge: async () => undefined,
    marks: async (_, signal) => {
      signal.throwIfAborted();
      return [];
    },
    writer: async (signal) => {
      signal.throwIfAborted();
      return makeWriter(on);
    },
    forget: async () => undefined,
    close: async () => {
      api.transport.close();
      api.budget.close();
    },
  };
}
