// The guide to HTTP APIs, as it stands in docs/guide: its files are written, its commands run
// against an API, and what they print is what the page says. UPDATE_GOLDEN=1 writes the outputs
// anew; read the difference before it is committed.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { parse } from "yaml";
import { invoke } from "../../src/cli/program.ts";
import { Stopping } from "../../src/cli/stopping.ts";
import { Captured } from "../../src/cli/world.ts";
import { CONFIG_SHAPE } from "../../src/config/schema.ts";
import { taggedAs } from "../../src/config/shape.ts";
import type { Shape } from "../../src/config/shape.ts";
import { readJson } from "../../src/core/json.ts";
import { isList, isObject } from "../../src/core/values.ts";
import { folderOf } from "../cli/world.ts";
import { root } from "../house/tool.ts";
import { at } from "../../src/replicas/http/place.ts";
import { startApi } from "../replicas/http-server.ts";
import type { TestApi } from "../replicas/http-server.ts";

const PAGE = join(root, "docs/guide/http.md");
/** A fenced block, with the comment before it that says what it is. */
const BLOCK = /(?:<!-- (?<what>[^>]*) -->\n)?```(?<language>\w*)\n(?<text>[^]*?)\n```/g;
/** What the page calls the API's address. */
const ADDRESS = "https://api.example.com/v1";

interface Reader {
  readonly folder: string;
  api: TestApi;
}

test("the guide to HTTP APIs is what happens", async (t) => {
  const page = readFileSync(PAGE, "utf8");
  const reader = await readerFor(t);
  t.after(() => reader.api.close());
  let [happened, end] = ["", 0];
  for (const match of page.matchAll(BLOCK)) {
    const { what = "", language = "", text = "" } = match.groups ?? {};
    const [block] = match;
    happened += page.slice(end, match.index);
    end = match.index + block.length;
    const now = await doBlock(reader, what, { language, text });
    happened += block.replace(`\n${text}\n`, () => `\n${now}\n`);
  }
  happened += page.slice(end);
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(PAGE, happened);
  assert.equal(happened, page);
});

test("its tables have every key of an API, of a collection and of its writes", () => {
  const page = readFileSync(PAGE, "utf8");
  const named = new Set([...page.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name));
  const systems = keysOf(CONFIG_SHAPE)["systems"];
  assert.ok(systems?.kind === "map" && systems.of.kind === "tagged");
  const http = keysOf(taggedAs(systems.of, "http"));
  const collection = http["collections"];
  assert.ok(collection?.kind === "map");
  const each = keysOf(collection.of);
  for (const key of Object.keys({ ...http, ...each, ...keysOf(each["write"]) })) {
    assert.ok(named.has(key), `${key} is in no table`);
  }
});

function keysOf(shape: Shape | undefined): { readonly [key: string]: Shape } {
  assert.ok(shape?.kind === "object");
  const { keys } = shape;
  const known = Object.entries(keys).flatMap(([key, of]) =>
    "shape" in of ? [[key, of.shape]] : [],
  );
  return Object.fromEntries(known) as { readonly [key: string]: Shape };
}

async function readerFor(t: TestContext): Promise<Reader> {
  const api = await startApi({ turning: "cursor", etags: true });
  api.add("customers", {
    key: ["id"],
    fields: ["id", "name", "email", "updated_at"],
    refuses: ({ email }) =>
      email === "taken@example.org" ? [422, "taken@example.org is somebody else's"] : undefined,
  });
  return { folder: folderOf(t), api };
}

async function doBlock(
  reader: Reader,
  what: string,
  { language, text }: { readonly language: string; readonly text: string },
): Promise<string> {
  const { api, folder } = reader;
  if (what === "api") {
    const items = at(readJson(text) ?? null, "data.items");
    assert.ok(isList(items));
    for (const item of items) if (isObject(item)) api.put("customers", item);
  } else if (what.startsWith("api: ") && language === "json") {
    reader.api = await anotherApi(what.slice("api: ".length), text);
  } else if (what === "sql") execute(folder, text);
  else if (what.startsWith("file: ")) {
    assert.ok(parse(text) !== null);
    writeFileSync(join(folder, what.slice("file: ".length)), `${text}\n`);
  } else if (what === "api: stopped") await api.close();
  if (language !== "console") return text;
  const blocks: string[] = [];
  for (const line of text.split("\n").filter((each) => each.startsWith("$ "))) {
    blocks.push(`${line}\n${await printed(reader, line.slice(2))}`.trimEnd());
  }
  return blocks.join("\n");
}

/** An API of its own with one collection. */
async function anotherApi(name: string, text: string): Promise<TestApi> {
  const api = await startApi({});
  api.add(name, { key: ["id"], fields: ["id", "title", "framework"] });
  const items = at(readJson(text) ?? null, "data.items");
  assert.ok(isList(items));
  for (const item of items) if (isObject(item)) api.put(name, item);
  return api;
}

function execute(folder: string, sql: string): void {
  const database = new DatabaseSync(join(folder, "crm.db"));
  database.exec(sql);
  database.close();
}

/** What a command line prints, without what is different each time. */
async function printed({ folder, api }: Reader, line: string): Promise<string> {
  const [program = "", ...words] = line.split(" ");
  if (program === "sqlite3") {
    const [, sql = ""] = /"([^"]*)"$/.exec(line) ?? [];
    execute(folder, sql);
    return "";
  }
  assert.equal(program, "syncline", line);
  const output = new Captured();
  const env = { VENDOR_URL: api.url, VENDOR_TOKEN: "a-secret-token" };
  const stopping = new Stopping();
  const world = { stdout: output, stderr: output, env, cwd: folder, stopping, now: Date.now };
  const exit = await invoke(words, world);
  assert.ok(!output.text.includes(env.VENDOR_TOKEN));
  const status = exit === 0 ? "" : `(exit ${exit})`;
  return `${output.text.trimEnd()}\n${status}`
    .trimEnd()
    .replaceAll(`${folder}/`, "")
    .replaceAll(api.url, ADDRESS)
    .replaceAll(/\b[0-9a-hjkmnp-tv-z]{26}\b/g, "01m8…")
    .replaceAll(/(Plan |syncline apply )[\w-]{10,43}/g, "$1Jnkbt29wVc")
    .replaceAll(/(?<=, in )\d[\d.]* m?s\b/g, "80 ms");
}
