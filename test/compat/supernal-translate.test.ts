import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { problemsOf } from "../../src/core/problems.ts";
import { SyncError } from "../../src/core/index.ts";
import { configFrom, translate } from "../../src/compat/supernal/index.ts";
import type { SyncConfig, TranslateOptions } from "../../src/compat/supernal/index.ts";
import { guideConfig, lower } from "./guide-config.ts";

const BATCH: TranslateOptions = { part: "batch", env: {} };

test("the configuration of 000 is one of Syncline's, without its secrets", () => {
  const { input } = translate("requirements", guideConfig(), BATCH);
  assert.deepEqual(input, {
    version: 1,
    systems: {
      source: {
        type: "postgres",
        url: "postgres://${SOURCE_USERNAME}:${SOURCE_PASSWORD}@localhost:5432/compliance_db",
        ssl: { mode: "verify-full" },
      },
      target: {
        type: "http",
        url: "https://api.example.com/v1",
        auth: { type: "bearer", token: "${TARGET_API_KEY}" },
        collections: {
          records: {
            path: "/sync",
            fields: { id: "any", title: "any", framework: "any" },
            page: { by: "offset", size: 100 },
            write: { batch: { path: "/sync", size: 100 } },
          },
        },
      },
    },
    pipelines: {
      requirements: {
        source: 'source."requirements"',
        target: "target.records",
        key: ["id"],
        mapping: [
          { source: "requirement_id", target: "id" },
          { source: "title", target: "title" },
          { source: "compliance_framework", target: "framework", transform: lower },
        ],
        filters: [{ field: "status", operator: "in", values: ["active", "pending"] }],
        retry: { backoff: "exponential", first: "1000ms", cap: "300000ms", tries: 4 },
        drift: "keep",
      },
    },
  });
});

test("it is sound, with its credentials where they belong and nowhere else", () => {
  const config = configFrom("requirements", guideConfig(), BATCH);
  const source = config.systems.get("source");
  assert.equal(
    source?.type === "postgres" && source.url,
    "postgres://sync:hunter2%2F%40@localhost:5432/compliance_db",
  );
  assert.equal(config.links[0]?.name, "source+target");
  const { input, secrets } = translate("requirements", guideConfig(), BATCH);
  for (const part of [input, secrets]) {
    assert.ok(!/hunter2|sk-live/.test(inspect(part, { depth: 9, showHidden: true })));
  }
});

test("0A4: credentials may be names of the environment", () => {
  const source = {
    ...guideConfig().source,
    authentication: {
      type: "credentials",
      username: "${DB_USERNAME}",
      password: "${DB_PASSWORD}",
    },
  } as const;
  const env = { DB_USERNAME: "me", DB_PASSWORD: "a b" };
  const config = configFrom("r", guideConfig({ source }), { part: "batch", env });
  const opened = config.systems.get("source");
  assert.ok(opened?.type === "postgres");
  assert.equal(opened.url, "postgres://me:a%20b@localhost:5432/compliance_db");
  assert.deepEqual(
    refusals(guideConfig({ source }), { part: "batch", env: { DB_USERNAME: "x" } }),
    ["source.authentication.password: the environment has no DB_PASSWORD. Set it."],
  );
});

/** What is refused, and the words. */
const REFUSED: readonly (readonly [what: string, config: unknown, says: readonly string[]])[] = [
  [
    "real time",
    guideConfig({ sync: { ...guideConfig().sync, mode: "real-time" } }),
    ["sync.mode: real-time is not built yet. Use batch, hybrid for now."],
  ],
  [
    "a webhook",
    guideConfig({ source: { ...guideConfig().source, type: "webhook" } }),
    ["source.type: webhook is not built yet. Use database, api, file for now."],
  ],
  [
    "F0-5: an operator that nobody knows",
    guideConfig({ filters: [{ field: "status", operator: "greater_then", value: 1 }] }),
    ["filters[0].operator cannot be 'greater_then'. Did you mean 'greater_than'?"],
  ],
  [
    "a filter without its values",
    guideConfig({ filters: [{ field: "status", operator: "in" }] }),
    ["filters[0]: The filter's 'in' on 'status' takes a list, 'values'"],
  ],
  [
    "F0-12: a target that changes every object",
    guideConfig({
      mapping: [...guideConfig().mapping, { source: "title", target: "__proto__.x" }],
    }),
    [
      "mapping[3].target: The path '__proto__.x' leads through '__proto__'. " +
        "Write column.name, or /column/name where names have dots.",
    ],
  ],
  [
    "F0-12: a target that is what every object has",
    guideConfig({
      mapping: [...guideConfig().mapping, { source: "title", target: "constructor" }],
    }),
    [
      "mapping[3].target: The path 'constructor' leads through what every object inherits. " +
        "Choose another name.",
    ],
  ],
  [
    "a function on the key that nobody can undo",
    guideConfig({
      mapping: [
        { source: "requirement_id", target: "id", transform: (v: string) => `${v.length}` },
      ],
    }),
    [
      "mapping[0].transform: mapping[0] changes the key by a function, which has no way back. " +
        "Write a template, transform: 'req-${value}'; or leave the key as it is, and map its " +
        "source to another field as well.",
    ],
  ],
  [
    "no line for the key",
    guideConfig({ mapping: [{ source: "title", target: "title" }] }),
    [
      "key: No line of the mapping has the target 'id'. Name the targets of the lines that tell " +
        "records apart: key: 'id', or a list.",
    ],
  ],
  [
    "F0-15: a transform that nobody knows",
    guideConfig({
      mapping: [
        { source: "a", target: "id" },
        { source: "b", target: "b", transform: "normaliseFramework" },
      ],
    }),
    [
      "mapping[1].transform: The transform 'normaliseFramework' is not known. " +
        "Did you mean 'normalizeFramework'?",
    ],
  ],
  [
    "a function that reads the clock",
    guideConfig({
      mapping: [
        { source: "a", target: "id" },
        { source: "b", target: "b", transform: () => Date.now() },
      ],
    }),
    [
      "mapping[1].transform reads the clock (Date.now). A function may depend on nothing but " +
        "what it is given: else a plan shows what no run does, and every run writes again. " +
        "Take such a value from a column, or let the store set it.",
    ],
  ],
  [
    "rules for conflicts that cannot be",
    guideConfig({
      conflictResolution: {
        strategy: "last-writer-wins",
        customRules: [{ condition: () => true, resolution: () => 1 }],
      },
    }),
    [
      "conflictResolution.customRules: Rules of your own settle edits of two sides, and a " +
        "SyncConfig only writes its target. Say 'last-writer-wins' or 'source-wins', or write a " +
        "pipeline with `direction: two-way` in a configuration of Syncline's.",
    ],
  ],
  [
    "a word for conflicts that nobody knows",
    guideConfig({ conflictResolution: { strategy: "last-writer-win" } }),
    [
      "conflictResolution.strategy: The strategy 'last-writer-win' is not known. " +
        "Did you mean 'last-writer-wins'?",
    ],
  ],
  [
    "a password that is none",
    guideConfig({
      source: {
        ...guideConfig().source,
        authentication: { type: "credentials", username: "me", password: 12345 as never },
      },
    }),
    ["source.authentication.password has to be a text that is not empty"],
  ],
  [
    "a password in an address",
    guideConfig({
      target: { endpoint: "https://me:hunter2@h.example/v1", authentication: { type: "none" } },
    }),
    ["target.endpoint has a user or a password in it. Say who asks under `authentication`."],
  ],
  [
    "credentials for a file",
    guideConfig({
      source: {
        type: "file",
        connection: { path: "a.csv" },
        authentication: { type: "bearer", token: "t" },
      },
    }),
    ["source.authentication: A file asks nobody who they are. Write { type: 'none' }."],
  ],
  [
    "a file of another kind",
    guideConfig({
      source: { type: "file", connection: { path: "a.xls" }, authentication: { type: "none" } },
    }),
    ["source.connection.path is no file we read. Its name ends with .csv, .json, .ndjson."],
  ],
  [
    "a wrong word under what is ours",
    guideConfig({
      target: { ...guideConfig().target, collection: { page: { by: "pages" as "page" } } },
    }),
    ["target.collection.page.by cannot be 'pages'. Did you mean 'page'?"],
  ],
  [
    "another name than it has",
    { ...guideConfig(), name: "other" },
    ["name: The configuration calls itself 'other', and is 'r' here. Take `name` out."],
  ],
];

for (const [what, config, says] of REFUSED) {
  test(`refused by name: ${what}`, () => {
    const told = refusals(config as SyncConfig, BATCH);
    assert.deepEqual(told, says);
    assert.ok(!/hunter2|12345/.test(told.join()));
  });
}

test("what only a schedule or a live part would do is refused, unless a batch is asked for", () => {
  assert.deepEqual(refusals(guideConfig(), { env: {} }), [
    "sync.mode: the live part of hybrid is not built yet. `runBatchSync` runs its batch once, " +
      "whenever you call it.",
    "sync.frequency: no schedule is built yet. `runBatchSync` runs its batch once, whenever you " +
      "call it.",
  ]);
  const { frequency: _, ...sync } = guideConfig().sync;
  assert.deepEqual(refusals(guideConfig({ sync: { ...sync, mode: "batch" } }), { env: {} }), []);
});

test("a function on the key that is a template is one", () => {
  const mapping = [
    { source: "requirement_id", target: "id", transform: (value: string) => `req-${value}` },
  ];
  const { input } = translate("r", guideConfig({ mapping }), BATCH);
  assert.deepEqual(input.pipelines["r"]?.mapping, [
    {
      source: "requirement_id",
      target: "id",
      transform: { name: "template", args: { template: "req-${value}" } },
    },
  ]);
});

function refusals(config: SyncConfig, options: TranslateOptions): readonly string[] {
  try {
    configFrom("r", config, options);
    return [];
  } catch (error) {
    assert.ok(error instanceof SyncError, String(error));
    return problemsOf(error).map(({ where, message, hint }) => {
      const place = where === undefined || where === "r" || message.startsWith(where) ? "" : where;
      const says = hint === undefined ? message : `${message}. ${hint}`;
      return place === "" ? says : `${place}: ${says}`;
    });
  }
}
