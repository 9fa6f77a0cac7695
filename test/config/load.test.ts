import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { loadConfig } from "../../src/config/index.ts";
import type { Config } from "../../src/config/index.ts";
import { SyncError } from "../../src/core/errors.ts";
import { inWords, problemsOf } from "../../src/core/problems.ts";

const folder = mkdtempSync(join(tmpdir(), "syncline-load-"));
after(() => rmSync(folder, { recursive: true, force: true }));

type Files = { readonly [name: string]: string | Uint8Array };

const SYSTEMS = `
systems:
  crm: { type: sqlite, path: ./crm.db }
  hub: { type: sqlite, path: ../hub.db }
`;

/** Loads a text as /etc/sync/sync.yaml, beside other files. */
function load(text: string | Uint8Array, files: Files = {}, env = {}): Promise<Config> {
  const all: Files = { "sync.yaml": text, ...files };
  const readFile = (path: string): Uint8Array => {
    const file = all[path.replace("/etc/sync/", "")];
    if (file === undefined) throw Object.assign(new Error(path), { code: "ENOENT" });
    return typeof file === "string" ? new TextEncoder().encode(file) : file;
  };
  return loadConfig("sync.yaml", { cwd: "/etc/sync", env, readFile });
}

async function refusal(text: string | Uint8Array, files: Files = {}, env = {}): Promise<string> {
  try {
    await load(text, files, env);
  } catch (error) {
    if (error instanceof SyncError) return problemsOf(error).map(inWords).join("\n");
    throw error;
  }
  return "";
}

test("what is not said has its default, and paths are relative to the file", async () => {
  const config = await load(`${SYSTEMS}pipelines: { people: { source: crm.a, target: hub.b } }`);
  assert.equal(config.file, "/etc/sync/sync.yaml");
  assert.equal(config.journal, "/etc/sync/.syncline/journal.db");
  assert.deepEqual(
    [...config.systems],
    [
      ["crm", { type: "sqlite", path: "/etc/sync/crm.db", markers: true }],
      ["hub", { type: "sqlite", path: "/etc/hub.db", markers: true }],
    ],
  );
  assert.deepEqual(config.links, [
    {
      name: "crm+hub",
      systems: ["crm", "hub"],
      pipelines: [
        {
          name: "people",
          sides: [
            { name: "source", at: { system: "crm", collection: "a" } },
            { name: "target", at: { system: "hub", collection: "b" } },
          ],
        },
      ],
    },
  ]);
});

test("pipelines between the same systems form one link, whichever way they go", async () => {
  const config = await load(`
systems:
  a: { type: sqlite, path: a.db }
  b: { type: sqlite, path: b.db }
  c: { type: sqlite, path: c.db }
pipelines:
  one: { source: b.x, target: a.x }
  two: { source: c.x, target: b.x }
  three: { source: a.y, target: b.y }
  four: { sides: { c: c.z, a: a.z, b: b.z }, direction: two-way }
`);
  assert.deepEqual(
    config.links.map((link) => [link.name, link.pipelines.map((pipeline) => pipeline.name)]),
    [
      ["a+b", ["one", "three"]],
      ["b+c", ["two"]],
      ["a+b+c", ["four"]],
    ],
  );
});

test("names of tables may be anything between double quotes", async () => {
  const names = {
    'crm."order ""x""; DROP"': 'order "x"; DROP',
    'crm."a.b"': "a.b",
    "crm.main.people": "people",
    'crm.main."a.b"': "a.b",
    '"crm".people': "people",
    "crm.Straße": "Straße",
  };
  for (const [written, collection] of Object.entries(names)) {
    const source = JSON.stringify(written);
    const config = await load(`${SYSTEMS}pipelines: { p: { source: ${source}, target: hub.t } }`);
    assert.equal(config.links[0]?.pipelines[0]?.sides[0]?.at.collection, collection, written);
  }
});

test("short forms and long ones say the same", async () => {
  const pipeline = async (text: string) =>
    (await load(`${SYSTEMS}pipelines: { p: { source: crm.t, target: hub.t, ${text} } }`)).links[0]
      ?.pipelines[0];
  assert.deepEqual((await pipeline("key: id"))?.key, ["id"]);
  assert.deepEqual((await pipeline("key: [a, b]"))?.key, ["a", "b"]);
  assert.deepEqual((await pipeline("conflicts: manual"))?.conflicts, { strategy: "manual" });
  const one = await pipeline("filters: { field: a, operator: is_null }");
  const list = await pipeline("filters: [ { field: a, operator: is_null } ]");
  assert.deepEqual(one?.filters, { kind: "presence", field: "a", operator: "is_null" });
  assert.deepEqual(list?.filters, { kind: "and", of: [one.filters] });
  assert.equal((await pipeline("filters: []"))?.filters, undefined);
  const guard = await pipeline("guard: { deletes: { floor: 3 }, onTrip: stop }");
  assert.deepEqual(guard?.guard, { floor: 3, onTrip: "stop" });
});

test("big numbers, nulls and lists are taken as they are written", async () => {
  const config = await load(`${SYSTEMS}
pipelines:
  p:
    source: crm.t
    target: hub.t
    filters: [ { field: a, operator: in, values: [9007199254740993, 1.5, null, true, "7"] } ]
    mapping:
      - { target: b, constant: null }
      - { source: c, target: c, defaultValue: [1, { x: null }] }
`);
  const [pipeline] = config.links[0]?.pipelines ?? [];
  assert.deepEqual(pipeline?.filters, {
    kind: "and",
    of: [
      {
        kind: "among",
        field: "a",
        operator: "in",
        values: [9007199254740993n, 1.5, null, true, "7"],
      },
    ],
  });
  const [constant, second] = pipeline?.mapping ?? [];
  assert.deepEqual(constant, { source: "", target: "b", constant: null });
  assert.equal(JSON.stringify(second?.default), '[1,{"x":null}]');
});

test("placeholders are filled from the environment and files, and may have defaults", async () => {
  const text = `
systems:
  crm: { type: sqlite, path: "\${FOLDER}/\${NAME:-crm}.db", markers: "\${MARKERS}" }
  hub: { type: sqlite, path: "\${file:secrets/hub}$\${x}" }
pipelines:
  p:
    source: crm.t
    target: hub.t
    guard: { deletes: { share: "\${SHARE:-0.5}" } }
    mapping: [ { source: a, target: b, transform: "\${value}-x" } ]
`;
  const env = { FOLDER: "/data", NAME: "", MARKERS: "false" };
  const config = await load(text, { "secrets/hub": "/srv/hub.db\n" }, env);
  assert.deepEqual(config.systems.get("crm"), {
    type: "sqlite",
    path: "/data/crm.db",
    markers: false,
  });
  const hub = config.systems.get("hub");
  assert.equal(hub?.type === "sqlite" && hub.path, "/srv/hub.db${x}");
  const [pipeline] = config.links[0]?.pipelines ?? [];
  assert.equal(pipeline?.guard?.share, 0.5);
  assert.equal(pipeline.mapping?.[0]?.transform, "${value}-x");
});

test("what a placeholder was filled with is in no message", async () => {
  const pipelines = `pipelines:
  a: { source: "\${SECRET}.t", target: hub.t }
  b: { source: crm.t, target: hub.t, conflicts: "\${SECRET}" }
  c: { source: "crm.\${SECRET} x", target: hub.t }
  d: { source: crm.t, target: hub.t, direction: "\${SECRET}" }
  e: { source: crm.t, target: hub.t, guard: { deletes: { floor: "\${SECRET}" } } }
  f: { source: crm.t, target: hub.t, initial: "\${file:secret}" }
`;
  const words = await refusal(SYSTEMS + pipelines, { secret: "s3cret-file" }, { SECRET: "s3cret" });
  assert.equal(words.split("\n").length, 6);
  assert.doesNotMatch(words, /s3cret/);
  assert.match(words, /\$\{SECRET\}/);
  // What is as short as this is no secret, and would be found in half the words.
  const short = await refusal(
    `${SYSTEMS}pipelines: { a: { source: "\${X}.t", target: hub.t } }`,
    {},
    { X: "a" },
  );
  assert.match(short, /There is no system 'a'/);
});

test("JSON is read as it stands, and so is a file with Windows line ends and a mark", async () => {
  const config = { systems: { crm: { type: "sqlite", path: "a.db" } }, pipelines: {} };
  const pipelines = { p: { source: "crm.a", target: "crm.b" } };
  const json = JSON.stringify({ ...config, pipelines });
  assert.equal((await load(json)).links[0]?.name, "crm");
  const text = `\uFEFF${SYSTEMS}pipelines:\n  p: { source: crm.a, target: crm.b, sorce: x }\n`;
  const words = await refusal(text.replaceAll("\n", "\r\n"));
  assert.match(words, /^sync\.yaml:6:38: the key 'sorce'/);
});

test("anchors and aliases stand for what they name", async () => {
  const config = await load(`${SYSTEMS}
pipelines:
  p: { source: crm.a, target: hub.a, guard: &guard { deletes: { floor: 7 } } }
  q: { source: crm.b, target: hub.b, guard: *guard }
`);
  assert.deepEqual(
    config.links[0]?.pipelines.map((each) => each.guard),
    [{ floor: 7 }, { floor: 7 }],
  );
  assert.match(
    await refusal(`${SYSTEMS}pipelines: *none`),
    /no anchor is called 'none'|Unresolved/,
  );
  assert.match(await refusal("systems: &s { crm: *s }"), /goes over the limit/);
});

test("files that are made to exhaust a reader are refused before they are read", async () => {
  const deep = ["[".repeat(50_000), "{a: ".repeat(50_000), "- ".repeat(50_000)];
  for (const text of deep)
    assert.match(await refusal(text), /limit of 100000 values and 64 levels/);
  assert.match(await refusal("x".repeat(1024 * 1024 + 1)), /is longer than 1048576 bytes/);
  assert.match(await refusal(Uint8Array.of(0x61, 0x3a, 0xff)), /is not text in UTF-8/);
  assert.match(await refusal("--- {}\n--- {}\n"), /a second document begins here/);
});

test("a file that is not there, or no file, is named with what to do", async () => {
  await assert.rejects(loadConfig("none.yaml", { cwd: folder }), {
    code: "CONFIG_NOT_FOUND",
    message: "There is no configuration none.yaml",
    hint: "Write one with `syncline init`, or name it with `-c FILE`.",
  });
  await assert.rejects(loadConfig(".", { cwd: folder }), {
    code: "CONFIG_NOT_FOUND",
    message: ". is a folder, not a configuration",
  });
  await assert.rejects(loadConfig("none.ts", { cwd: folder }), {
    code: "CONFIG_NOT_FOUND",
    message: "There is no configuration none.ts",
  });
});

test("a program is checked as a text is, by paths, and may hold functions", async () => {
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  write(
    "good.config.ts",
    `const path: string = "./crm.db";
     const over = (v: unknown) => v;
     export default {
       systems: { crm: { type: "sqlite", path } },
       pipelines: {
         p: {
           source: "crm.a",
           target: "crm.b",
           direction: "two-way",
           drift: undefined,
           conflicts: { fields: { tags: () => undefined } },
           mapping: [
             { source: "id", target: "id" },
             { source: "a", target: "b", transform: { over, back: over } },
           ],
         },
       },
     };`,
  );
  const config = await loadConfig("good.config.ts", { cwd: folder });
  const [pipeline] = config.links[0]?.pipelines ?? [];
  assert.equal(typeof pipeline?.conflicts?.fields?.["tags"], "function");
  assert.equal(typeof pipeline?.mapping?.[1]?.transform, "object");
  const crm = config.systems.get("crm");
  assert.equal(crm?.type === "sqlite" && crm.path, join(folder, "crm.db"));

  write(
    "bad.config.ts",
    `export const config = {
       systems: { crm: { type: "sqlite", path: () => "x" } },
       pipelines: { p: { source: "crm.a", target: "crm.b", sorce: 1, key: new Date(0) } },
     };`,
  );
  await assert.rejects(loadConfig("bad.config.ts", { cwd: folder }), (error: SyncError) => {
    assert.deepEqual(problemsOf(error).map(inWords), [
      "bad.config.ts: pipelines.p.key cannot be an object of a class",
      "bad.config.ts: systems.crm.path must be a text, not a function",
      "bad.config.ts: pipelines.p.sorce: the key 'sorce' is not known in pipelines.p. " +
        "Did you mean 'source'?",
    ]);
    return true;
  });

  write("broken.config.ts", "export default {");
  write("silent.config.ts", "export {};");
  await assert.rejects(loadConfig("broken.config.ts", { cwd: folder }), { code: "CONFIG_INVALID" });
  await assert.rejects(loadConfig("silent.config.ts", { cwd: folder }), {
    message: "silent.config.ts exports no configuration",
  });
});
