// Tables that `createMissing` makes from the types of a source: what each type becomes there, and
// that its values come back.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { letters } from "../../src/engine/index.ts";
import { cli, folderOf } from "../cli/world.ts";
import { familyOf, letterOf, rowsOf, withConfig, writesIn } from "./pairing.ts";
import { placeOf } from "./pairing-places.ts";
import type { Dump, PairingTable, Place, PlaceKind } from "./pairing-places.ts";
import { makeSchema } from "./server.ts";
import type { TestSchema } from "./server.ts";

const GOLDEN = join(import.meta.dirname, "golden", "made.txt");
const isWriting = process.env["SYNCLINE_WRITE_GOLDEN"] === "1";
const SOURCES: readonly PlaceKind[] = ["PostgreSQL", "SQLite", "STRICT", "CSV", "NDJSON"];
const TARGETS = ["PostgreSQL", "SQLite"] as const;
type Target = (typeof TARGETS)[number];

const made = new Map<string, string>();
for (const source of SOURCES) {
  for (const target of TARGETS) {
    const title = `${source} in ${target}`;
    test(`${title}: a table is made for all types, and their values come back`, async (t) => {
      const folder = folderOf(t);
      const schema = await makeSchema();
      t.after(() => schema.drop());
      const text = await makeAndReturn(placeOf(source, folder, schema), target, { folder, schema });
      made.set(title, text);
      if (!isWriting) assert.equal(text, goldenOf(title));
      // A type of the same system is made as itself, or as one that holds all of it.
      if (source === target) assert.doesNotMatch(text, / [-x?~]$/m);
    });
  }
}

test("the golden lists are those of these sources and targets", () => {
  const all = [...made].map(([title, text]) => `## ${title}\n${text}`);
  const head = "What `createMissing` makes of each type; then the letters of pairings.txt.\n\n";
  if (isWriting) writeFileSync(GOLDEN, head + all.join("\n"));
  assert.equal(readFileSync(GOLDEN, "utf8"), head + all.join("\n"));
});

function goldenOf(title: string): string {
  const parts = readFileSync(GOLDEN, "utf8").split(/\n*^## /m);
  const part = parts.find((each) => each.startsWith(`${title}\n`)) ?? assert.fail(`no ${title}`);
  return `${part.slice(title.length + 1).trimEnd()}\n`;
}

/** A line for each type of the source: what it is made, and what became of its values. */
async function makeAndReturn(
  here: Place,
  target: Target,
  { folder, schema }: { readonly folder: string; readonly schema: TestSchema },
): Promise<string> {
  // Lists of bytes are the one type that SQLite has no column for.
  const columns = here.columns.filter(({ declared }) => {
    return target === "PostgreSQL" || declared !== "bytea[]";
  });
  const { ours, oursBack } = familyOf(0, [columns, rowsOf("a", columns)], [[], []]);
  await here.make([ours, oursBack]);
  const path = join(folder, "made.db");
  new DatabaseSync(path).close();
  const isOne = here.kind === target && target === "PostgreSQL";
  const name = isOne ? "here" : "there";
  const there =
    target === "SQLite"
      ? { type: "sqlite", path }
      : { type: "postgres", url: schema.url, schema: schema.name, markers: schema.ours };
  const systems = { here: here.system([ours, oursBack]), ...(isOne ? {} : { there }) };
  const mapping = ["id", ...columns.map((_, at) => `c${at}`)].map((name) => {
    return { source: name, target: name };
  });
  const forth = {
    source: "here.a0",
    target: `${name}.made`,
    key: "id",
    createMissing: true,
    mapping,
  };
  const config = { systems, pipelines: { forth } };
  const told = await withConfig(join(folder, "forth"), config, async (link) => {
    await writesIn(link);
    const found: string[] = [];
    for await (const { shown, errors } of letters(link, {})) {
      const [, at = ""] = shown.split("-");
      assert.match(errors.join("; "), new RegExp(`\\bc${at}\\b`), shown);
      found.push(shown);
    }
    return found;
  });
  // What was planned for a table that was not there is true of the one that is.
  assert.doesNotMatch((await cli(join(folder, "forth"), "plan")).stdout, /edited/);
  assert.equal(await withConfig(join(folder, "forth"), config, writesIn), 0);
  const back = { source: `${name}.made`, target: "here.c0", key: "id", mapping };
  await withConfig(join(folder, "back"), { systems, pipelines: { back } }, writesIn);
  const dumps = { from: await here.dump(ours), back: await here.dump(oursBack) };
  const types = target === "SQLite" ? madeInSqlite(path) : await madeInPostgres(schema);
  const to = toldOf(ours, told);
  return columns
    .map(({ declared }, at) => {
      const ids = ours.rows.flatMap((row) => (row.at === at ? row.id : []));
      const letter = letterOf(ids, at, { ...dumps, to });
      return `${declared || "-"} > ${types.get(`c${at}`) || "-"} ${letter}\n`;
    })
    .join("");
}

/** The rows that nobody said to be refused. */
function toldOf({ rows }: PairingTable, told: readonly string[]): Dump {
  const refused = new Set(told);
  return new Map(rows.filter(({ id }) => !refused.has(id)).map(({ id }) => [id, []]));
}

function madeInSqlite(path: string): ReadonlyMap<string, string> {
  const db = new DatabaseSync(path);
  const rows = db.prepare("SELECT name, type FROM pragma_table_info('made')").all();
  db.close();
  return new Map(rows.map(({ name, type }) => [String(name), String(type)]));
}

async function madeInPostgres({ client, name }: TestSchema): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type
       FROM pg_attribute WHERE attrelid = '${name}.made'::regclass AND attnum > 0`,
  );
  const list = rows as readonly { readonly name: string; readonly type: string }[];
  return new Map(list.map((row) => [row.name, row.type]));
}
