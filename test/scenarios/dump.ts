// Dumps by means outside the product: the `sqlite3` program where there is one, else node:sqlite in
// a process of its own.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Scene } from "./scene.ts";

/** What makes the dumps here. */
export const DUMPER: "sqlite3" | "node:sqlite" =
  spawnSync("sqlite3", ["--version"]).status === 0 ? "sqlite3" : "node:sqlite";

/** Every table of a database, or one, as text. Throws when the program that dumps it fails. */
export function dump(scene: Scene, file: "left" | "right", table?: string): string {
  const path = join(scene.folder, `${file}.db`);
  return DUMPER === "sqlite3" ? dumpByProgram(path, table) : dumpByNode(path, table);
}

function dumpByProgram(path: string, table: string | undefined): string {
  const command = table === undefined ? ".dump --newlines" : `SELECT * FROM "${table}" ORDER BY 1`;
  const said = ["-readonly", "-quote", path, command];
  return output("sqlite3", said);
}

const BY_NODE = `
  import { DatabaseSync } from "node:sqlite";
  const [path, table] = process.argv.slice(1);
  const database = new DatabaseSync(path, { readOnly: true });
  const all = "SELECT name, sql FROM sqlite_schema ORDER BY name";
  const tables = table ? [{ name: table }] : database.prepare(all).all();
  for (const { name, sql } of tables) {
    console.log(sql ?? name);
    if (sql !== undefined && !/^CREATE TABLE/i.test(sql ?? "")) continue;
    const rows = database.prepare('SELECT * FROM "' + name.replaceAll('"', '""') + '" ORDER BY 1');
    rows.setReadBigInts(true);
    rows.setReturnArrays(true);
    const hex = (bytes) => "x" + Buffer.from(bytes).toString("hex");
    const shown = (value) => value instanceof Uint8Array ? hex(value) : typeof value + " " + value;
    for (const row of rows.iterate()) console.log(row.map(shown).join("|"));
  }`;

function dumpByNode(path: string, table: string | undefined): string {
  const given = table === undefined ? [path] : [path, table];
  return output(process.execPath, ["--input-type=module", "--eval", BY_NODE, "--", ...given]);
}

function output(command: string, given: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, given, {
    encoding: "utf8",
    maxBuffer: 1024 ** 3,
  });
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`);
  return stdout;
}
