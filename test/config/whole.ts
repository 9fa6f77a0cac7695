// A configuration that has every key that works.
import { defineConfig } from "../../src/config/index.ts";
import type {
  FileInput,
  FilterInput,
  HttpInput,
  MappingInput,
  RuleInput,
} from "../../src/config/index.ts";

/** A function for the places that only a program can fill. */
export const same = (value: unknown): unknown => value;

const FILTER: FilterInput = {
  field: "a",
  operator: "in",
  value: 1,
  values: [1],
  and: [{ not: { field: "b", operator: "exists" } }],
  or: [{ field: "b", operator: "exists" }],
};

const LINE: MappingInput = {
  source: "a",
  target: "b",
  transform: { name: "map", args: { table: {} } },
  lookup: { table: { x: 1 }, otherwise: "keep" },
  required: true,
  default: 1,
  defaultValue: 2,
  defaultForNull: false,
  only: "to-target",
  constant: null,
  validate: "value > 1",
};

const RULES: readonly RuleInput[] = [
  { field: "b", type: "range", config: { errorMessage: "no", min: 1, max: 2 } },
  { field: "b", type: "type", config: { expectedType: "number" } },
  { field: "b", type: "custom", config: { allowedValues: [1] } },
  { field: "b", type: "format", config: { pattern: "^a+$" } },
  { field: "b", type: "format", config: { format: "email" } },
  { field: "b", type: "crossField", config: { operator: "less_than", other: "c" } },
  { field: "b", type: "unique", config: { with: ["c"] } },
  { field: "b", type: "custom", config: { expression: "value > 1" } },
  { field: "b", type: "custom", config: { validate: "known" } },
];

const FILE: FileInput = {
  delimiter: ";",
  quote: "'",
  header: true,
  null: "NULL",
  newline: "crlf",
  encoding: "windows-1252",
  types: "found",
};

/** One API for each of the forms that a configuration tells apart. */
const HTTP: { readonly [name: string]: HttpInput } = {
  vendor: {
    type: "http",
    url: "https://api.example.com/v1",
    auth: { type: "bearer", token: "t" },
    headers: { "X-Client": "c" },
    tls: { ca: "./ca.crt", cert: "./own.crt", key: "./own.key", servername: "api" },
    secure: true,
    compression: "gzip",
    limits: {
      perSecond: 1,
      concurrent: 1,
      connectMs: 1,
      answerMs: 1,
      answerBytes: 1,
      retries: 1,
      waitMs: 1,
      pages: 1,
    },
    collections: {
      customers: {
        path: "/c",
        params: { a: "b" },
        items: "data.items",
        key: ["id"],
        fields: { id: "integer", updated_at: "timestamp" },
        readonly: ["updated_at"],
        item: "/c/{id}",
        unwrap: "data",
        find: { param: "ids", size: 10 },
        page: { by: "cursor", param: "after", next: "data.next", size: 100, sizeParam: "n" },
        sorted: false,
        since: {
          param: "since",
          field: "updated_at",
          overlap: 60,
          format: "iso",
          deleted: "gone",
        },
        write: {
          create: "POST",
          update: "PATCH",
          delete: "DELETE",
          compare: "server",
          idempotent: true,
          idempotencyHeader: "X-Id",
          batch: {
            path: "/c/batch",
            method: "POST",
            size: 10,
            items: "items",
            results: "results",
            status: "status",
            error: "error",
            row: "row",
          },
        },
      },
    },
  },
  second: {
    type: "http",
    url: "https://api.example.com/v2",
    auth: { type: "basic", username: "u", password: "p" },
    collections: {
      a: { page: { by: "page", param: "p", start: 0, more: "more", size: 1, sizeParam: "n" } },
      b: { page: { by: "offset", param: "o", more: "more", size: 1, sizeParam: "n" } },
      c: { path: "/c", list: "none", key: ["id"], write: { create: "PUT" } },
    },
  },
  third: {
    type: "http",
    url: "https://api.example.com/v3",
    auth: { type: "api-key", key: "k", header: "X-Key", param: "key" },
    collections: {
      a: { page: { by: "link", next: "next", size: 1, sizeParam: "n" } },
      b: {
        page: {
          by: "keyset",
          param: ["a"],
          field: ["id"],
          inclusive: true,
          size: 1,
          sizeParam: "n",
        },
      },
    },
  },
  fourth: {
    type: "http",
    url: "https://api.example.com/v4",
    auth: {
      type: "oauth2",
      tokenUrl: "https://id.example.com/token",
      clientId: "c",
      clientSecret: "s",
      scope: "all",
      params: { audience: "a" },
      send: "body",
    },
    collections: { a: {} },
  },
};

/** Everything that can be written, typed. It need not make sense: only its shape is looked at. */
export const WHOLE = defineConfig({
  version: 1,
  journal: "./journal.db",
  history: { days: 30, changes: 10_000 },
  systems: {
    crm: { type: "sqlite", path: "./crm.db", markers: true },
    billing: {
      type: "postgres",
      url: "postgres://db.example.com/billing",
      schema: "sales",
      markers: "ours",
      ssl: { mode: "verify-ca", rootCert: "./root.crt", cert: "./own.crt", key: "./own.key" },
      timeouts: { connectMs: 1, statementMs: 0, lockMs: 1, silenceMs: 1, graceMs: 1, idleMs: 1 },
    },
    exports: {
      type: "rows",
      path: "./exports",
      format: "csv",
      ...FILE,
      collections: { customers: { key: "id", columns: { id: "integer" }, ...FILE } },
    },
    ...HTTP,
  },
  transforms: { twice: "value * 2" },
  validators: { known: "value != null" },
  pipelines: {
    customers: {
      source: "crm.a",
      target: "crm.b",
      sides: {
        crm: "crm.customers",
        copy: {
          at: "crm.copy",
          mapping: [LINE],
          follows: true,
          since: { field: "at", overlap: "5m" },
        },
      },
      direction: "one-way",
      key: ["id"],
      sync: { mode: "manual" },
      mapping: [LINE],
      filters: [FILTER],
      whenFilteredOut: "keep",
      validation: RULES,
      conflicts: {
        strategy: "merge",
        by: "clock",
        fields: { b: "union" },
        deletes: "ask",
        keys: { b: "id" },
      },
      guard: { deletes: { share: 0.5, floor: 1, cap: 9 }, onTrip: "stop" },
      initial: "merge",
      drift: "keep",
      extra: "delete",
      createMissing: true,
      memory: "full",
      since: { field: "at", overlap: 10, full: "1d" },
      retry: { backoff: "linear", first: "30s", cap: "1h", jitter: 0.2, tries: 5 },
      batchSize: 100,
      throttlePerSecond: 50,
    },
  },
});
