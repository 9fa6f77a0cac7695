// The guide to day two, as it stands in docs/guide: its files are written, its statements executed,
// its commands run, and what they print is what the page says. UPDATE_GOLDEN=1 writes the outputs
// anew; read the difference before it is committed.
import assert from "node:assert/strict";
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { root } from "../house/tool.ts";
import { cliAt, folderOf } from "./world.ts";

const PAGE = join(root, "docs/guide/day-two.md");
/** A fenced block, with the comment before it that says what it is. */
const BLOCK = /(?:<!-- (?<what>[^>]*) -->\n)?```(?<language>\w*)\n(?<text>[^]*?)\n```/g;
/** The page's time: each command is a minute after the one before. */
const BEGAN_MS = Date.UTC(2026, 0, 5, 9);
const MINUTE_MS = 60_000;

interface Reader {
  readonly folder: string;
  now: number;
}

test("the guide to day two is what happens", async (t) => {
  const page = readFileSync(PAGE, "utf8");
  const reader: Reader = { folder: folderOf(t), now: BEGAN_MS };
  let [happened, end] = ["", 0];
  for (const match of page.matchAll(BLOCK)) {
    const { what = "", language = "", text = "" } = match.groups ?? {};
    const block = match[0];
    happened += page.slice(end, match.index);
    end = match.index + block.length;
    const now = await doBlock(reader, { what, language, text });
    happened += block.replace(`\n${text}\n`, () => `\n${now}\n`);
  }
  happened += page.slice(end);
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(PAGE, happened);
  assert.equal(happened, page);
});

interface Block {
  readonly what: string;
  readonly language: string;
  readonly text: string;
}

/** Does what a block says, and returns the block as it is now. */
async function doBlock(reader: Reader, { what, language, text }: Block): Promise<string> {
  const [kind, name = ""] = what.split(": ");
  if (kind === "file") writeFileSync(join(reader.folder, name), `${text}\n`);
  if (kind === "sql") execute(join(reader.folder, name), text);
  if (language !== "console") return text;
  const blocks: string[] = [];
  for (const line of text.split("\n").filter((each) => each.startsWith("$ "))) {
    blocks.push(`${line}\n${await printed(reader, line.slice(2))}`.trimEnd());
  }
  return blocks.join("\n");
}

/** What a command line prints, without what is different each time. */
async function printed(reader: Reader, line: string): Promise<string> {
  const [program = "", ...words] = wordsOf(line);
  const [first = "", second = ""] = words.map((word) => join(reader.folder, word));
  if (program === "rm") {
    for (const ending of ["", "-wal", "-shm"]) rmSync(`${first}${ending}`, { force: true });
    return "";
  }
  if (program === "cp") {
    copyFileSync(first, second);
    return "";
  }
  if (program === "sqlite3") return rowsOf(first, words[1] ?? "");
  assert.equal(program, "syncline", line);
  reader.now += MINUTE_MS;
  const { exit, stdout, stderr } = await cliAt(() => reader.now, reader.folder, ...words);
  const status = exit === 0 ? "" : `(exit ${exit})`;
  return masked(`${(stdout + stderr).trimEnd()}\n${status}`.trimEnd(), reader);
}

function execute(path: string, statements: string): void {
  const database = new DatabaseSync(path);
  database.exec(statements);
  database.close();
}

/** Rows as the command `sqlite3` prints them. */
function rowsOf(path: string, sql: string): string {
  const database = new DatabaseSync(path, { readOnly: true });
  const rows = database.prepare(sql).all();
  database.close();
  return rows.map((row) => Object.values(row).join("|")).join("\n");
}

/** A line taken apart at blanks, quotes kept together. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

function masked(text: string, { folder }: Reader): string {
  return text
    .replaceAll(`${folder}/`, "")
    .replaceAll(/\b[0-9a-hjkmnp-tv-z]{26}\b/g, "01m8…")
    .replaceAll(/(Plan |syncline apply )[\w-]{10,43}/g, "$1Jnkbt29wVc")
    .replaceAll(/(?<=, in )\d[\d.]* m?s\b/g, "80 ms")
    .replaceAll(/(?<=answered in )\d[\d.]* m?s\b/g, "8 ms")
    .replaceAll(/(?<=Node )\d+\.\d+\.\d+/g, "26.1.0")
    .replaceAll(/(?<=SQLite )\d+\.\d+\.\d+/g, "3.53.0")
    .replaceAll(/(?<=readable, )\d[\d.]* [KMGT]iB/g, "180 KiB")
    .replaceAll(/\d[\d.]* [KMGT]iB(?= free)/g, "90 GiB")
    .replaceAll(/^q[\w-]{10}(?=  )/gm, "q3f2a91c04d");
}
