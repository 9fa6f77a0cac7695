// The guide to a table and a CSV file, as it stands in docs/guide: its files are written, its
// statements executed, its commands run, and what they print is what the page says.
// UPDATE_GOLDEN=1 writes the outputs anew; read the difference before it is committed.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import type { Client } from "pg";
import { to as copyTo } from "pg-copy-streams";
import { invoke } from "../../src/cli/program.ts";
import { Stopping } from "../../src/cli/stopping.ts";
import { Captured } from "../../src/cli/world.ts";
import { folderOf } from "../cli/world.ts";
import { root } from "../house/tool.ts";
import { makeDatabase } from "./server.ts";

const PAGE = join(root, "docs/guide/postgres-and-csv.md");
/** A fenced block, with the comment before it that says what it is. */
const BLOCK = /(?:<!-- (?<what>[^>]*) -->\n)?```(?<language>\w*)\n(?<text>[^]*?)\n```/g;
/** The user of the page, and the one that is made for it: roles belong to the whole server. */
const ROLES = ["shop_sync", `syncline_test_${process.pid}_guide`] as const;

interface Reader {
  readonly folder: string;
  readonly url: string;
  readonly owner: Client;
  /** What the last command printed. */
  said: string;
}

test("the guide to a table and a CSV file is what happens", async (t) => {
  const page = readFileSync(PAGE, "utf8");
  const reader = await readerFor(t);
  let [happened, end] = ["", 0];
  try {
    for (const match of page.matchAll(BLOCK)) {
      const { what = "", language = "", text = "" } = match.groups ?? {};
      const block = match[0];
      happened += page.slice(end, match.index);
      end = match.index + block.length;
      const now = await doBlock(reader, what, language, text);
      happened += block.replace(`\n${text}\n`, () => `\n${now}\n`);
    }
    happened += page.slice(end);
    const ours = "SELECT nspname FROM pg_namespace WHERE nspname = 'syncline'";
    assert.deepEqual((await reader.owner.query(ours)).rows, [], "remove leaves nothing");
  } finally {
    await reader.owner.query(`DROP OWNED BY ${ROLES[1]} CASCADE; DROP ROLE ${ROLES[1]}`);
  }
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(PAGE, happened);
  assert.equal(happened, page);
});

test("its configuration has no more than ten lines", () => {
  const page = readFileSync(PAGE, "utf8");
  const [, yaml = ""] = /syncline\.yaml -->\n```yaml\n([^]*?)\n```/.exec(page) ?? [];
  const lines = yaml.split("\n").length;
  assert.ok(lines > 5 && lines <= 10, yaml);
});

async function readerFor(t: TestContext): Promise<Reader> {
  const { url, client } = await makeDatabase(t);
  const address = new URL(url);
  address.username = ROLES[1];
  return { folder: folderOf(t), url: address.href, owner: client, said: "" };
}

/** Does what a block says, and returns the block as it is now. */
async function doBlock(
  reader: Reader,
  what: string,
  language: string,
  text: string,
): Promise<string> {
  const [kind, name = ""] = what.split(": ");
  if (kind === "file") {
    const path = join(reader.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${text}\n`);
  } else if (what === "sql") {
    await reader.owner.query(text.replaceAll(...ROLES));
  } else if (kind === "sql") {
    // The statements that the last command has asked for.
    const grants = reader.said.match(/(?<=^ +(?:→ )?)GRANT [^;]*;/gm) ?? [];
    assert.ok(grants.length > 0, reader.said);
    for (const grant of grants) await reader.owner.query(grant);
  }
  if (language !== "console") return text;
  const blocks: string[] = [];
  for (const line of text.split("\n").filter((each) => each.startsWith("$ "))) {
    blocks.push(`${line}\n${await printed(reader, line.slice(2))}`.trimEnd());
  }
  return blocks.join("\n");
}

/** What a command line prints, without what is different each time. */
async function printed(reader: Reader, line: string): Promise<string> {
  const [program = "", ...words] = line.split(" ");
  if (program === "export") return "";
  if (program === "cat") {
    return readFileSync(join(reader.folder, words[0] ?? ""), "utf8").trimEnd();
  }
  if (program === "psql") {
    const [, sql = ""] = /'([^']*)'$/.exec(line) ?? [];
    const pieces = await reader.owner.query(copyTo(sql)).toArray();
    return Buffer.concat(pieces).toString("utf8").trimEnd();
  }
  assert.equal(program, "syncline", line);
  const output = new Captured();
  const world = {
    stdout: output,
    stderr: output,
    env: { SHOP_URL: reader.url },
    cwd: reader.folder,
    stopping: new Stopping(),
    now: Date.now,
  };
  const exit = await invoke(words, world);
  reader.said = output.text;
  const status = exit === 0 ? "" : `(exit ${exit})`;
  return masked(`${output.text.trimEnd()}\n${status}`.trimEnd(), reader);
}

function masked(text: string, { folder, url }: Reader): string {
  return text
    .replaceAll(`${folder}/`, "")
    .replaceAll(ROLES[1], ROLES[0])
    .replaceAll(new URL(url).pathname.slice(1), "shop")
    .replaceAll(/\b[0-9a-hjkmnp-tv-z]{26}\b/g, "01m8…")
    .replaceAll(/(Plan |syncline apply )[\w-]{10,43}/g, "$1Jnkbt29wVc")
    .replaceAll(/(?<=, in )\d[\d.]* m?s\b/g, "80 ms");
}
