// Every type at once through the whole of the product: into tables made for it in SQLite and in
// another PostgreSQL schema, two-way, and nothing is left to do afterwards.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { cli, folderOf } from "../cli/world.ts";
import { makeSchema } from "./server.ts";

/** A column of each type, and two values for it. */
const COLUMNS: readonly (readonly [type: string, first: string, second: string])[] = [
  ["boolean", "true", "false"],
  ["smallint", "-32768", "32767"],
  ["bigint", "'-9223372036854775808'", "9007199254740993"],
  ["real", "0.1", "'NaN'"],
  ["double precision", "0.1", "1e300"],
  ["numeric(38,18)", "0.000000000000000001", "'99999999999999999999'"],
  ["text", "''", "'é😀 \"x\"'"],
  ["varchar(3)", "'😀é￿'", "'a  '"],
  ["char(5)", "'ab'", "''"],
  ["bytea", "'\\x00ff'", "'\\x'"],
  ["date", "'infinity'", "'0044-03-15 BC'"],
  ["timestamp", "'294276-12-31 23:59:59.999999'", "'2024-01-01 00:00:00.5'"],
  ["timestamptz", "'-infinity'", "'2024-03-31 02:30:00+02'"],
  ["time", "'24:00:00'", "'00:00:00.000001'"],
  ["timetz", "'10:00:00.5-05:30'", "'00:00+00'"],
  ["interval", "'1 year 2 mons -3 days 04:05:06.789'", "'0'"],
  ["json", `'{"a": [1, 2.50, null], "b": "\\u0001"}'`, "'null'"],
  ["jsonb", "'[0.12345678901234567890, 123456789012345678901]'", "'{}'"],
  ["uuid", "'ffffffff-ffff-ffff-ffff-ffffffffffff'", "'6BA7B8109DAD11D180B400C04FD430C8'"],
  ["integer[]", "'{{1,2},{3,NULL}}'", "'[0:1]={1,2}'"],
  ["text[]", "'{}'", `'{"",NULL,"a,b"}'`],
  ["mood", "'sad'", "'so, so'"],
  ["inet", "'10.0.0.1/8'", "'::1'"],
  ["tstzrange", "'[2024-01-01,2024-01-02)'", "'empty'"],
  ["bit(3)", "'101'", "'000'"],
  ["money", "'1.10'", "'-1.05'"],
  ["point", "'(0.1,-1e300)'", "'(1,2)'"],
  ["xid8", "'18446744073709551615'", "'0'"],
];

/** SQLite makes a NULL of it, and 20 digits do not fit there: these rows are refused by name. */
const NOT_IN_SQLITE: ReadonlySet<string> = new Set(["real", "numeric(38,18)", "xid8"]);

for (const target of ["SQLite", "PostgreSQL"] as const) {
  test(`all types go to ${target} and back, and rest there`, async (t) => {
    const folder = folderOf(t);
    const schema = await makeSchema();
    t.after(() => schema.drop());
    const held = COLUMNS.filter(([type]) => target === "PostgreSQL" || !NOT_IN_SQLITE.has(type));
    const columns = held.map(([type], at) => `c${at} ${type}`);
    await schema.client.query(
      `CREATE TYPE mood AS ENUM ('sad', 'so, so');
       CREATE TABLE everything (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), ${columns.join()})`,
    );
    const names = held.map((_, at) => `c${at}`).join();
    const rows = [held.map(([, first]) => first), held.map(([, , second]) => second)];
    const values = [...rows, held.map(() => "NULL")].map((row) => `(${row.join()})`);
    await schema.client.query(`INSERT INTO everything (${names}) VALUES ${values.join()}`);
    const to = target === "SQLite" ? "local.everything" : "remote.copied";
    writeFileSync(
      join(folder, "syncline.yaml"),
      `systems:
  local: { type: sqlite, path: ./local.db }
  remote: { type: postgres, url: "${schema.url}", schema: ${schema.name}, markers: ${schema.ours} }
pipelines:
  all: { source: remote.everything, target: ${to}, direction: two-way, createMissing: true }
`,
    );
    new DatabaseSync(join(folder, "local.db")).close();
    const run = async (exit: number, ...words: readonly string[]): Promise<string> => {
      const ran = await cli(folder, ...words);
      assert.equal(ran.exit, exit, `${words.join(" ")}: ${ran.stdout}${ran.stderr}`);
      return ran.stdout;
    };
    const shown = async (table: string) => {
      const texts = held.map((_, at) => `c${at}::text AS c${at}`).join();
      const sql = `SELECT id, ${texts} FROM ${table} ORDER BY id`;
      return (await schema.client.query(sql)).rows;
    };
    const before = await shown("everything");
    await run(0, "run");
    await run(0, "verify");
    assert.match(await run(0, "plan"), /[Nn]othing/);
    assert.deepEqual(await shown("everything"), before);
    // The other way: two rows give each other all that they hold.
    const [one, two, three] = before as readonly Row[];
    assert.ok(one !== undefined && two !== undefined && three !== undefined);
    const swap = (table: string): string =>
      `UPDATE ${table} SET (${names}) = (SELECT ${names} FROM others o WHERE o.id =
         CASE ${table}.id WHEN '${one["id"]}' THEN '${two["id"]}' ELSE '${one["id"]}' END)
       WHERE id IN ('${one["id"]}', '${two["id"]}')`;
    if (target === "PostgreSQL") {
      const others = "CREATE TEMP TABLE others AS SELECT * FROM copied";
      await schema.client.query(
        `${others}; ${swap("copied").replace("CASE", "(CASE").replace("END)", "END)::uuid)")}`,
      );
    } else {
      const db = new DatabaseSync(join(folder, "local.db"));
      db.exec(`CREATE TEMP TABLE others AS SELECT * FROM everything; ${swap("everything")}`);
      db.close();
    }
    assert.match(await run(0, "run"), /2 update/);
    const after = await shown("everything");
    for (const [at, row] of [two, one, three].entries()) assertAlike(after[at], row, held);
    assert.match(await run(0, "plan"), /[Nn]othing/);
    await run(0, "verify");
  });
}

type Row = { readonly [column: string]: string | null };

function assertAlike(row: Row | undefined, before: Row, held: typeof COLUMNS): void {
  for (const [at, [type]] of held.entries()) {
    const [found, was] = [row?.[`c${at}`] ?? null, before[`c${at}`] ?? null];
    // A document is what it says, however it is spelled.
    const isDocument = type.startsWith("json") && found !== null && was !== null;
    if (!isDocument) assert.equal(found, was, type);
    else assert.equal(plainly(found), plainly(was), type);
  }
}

function plainly(text: string): string {
  return text.replace(/\s+/g, "").replace(/(\.\d*?)0+(?=[,\]}])/g, "$1");
}
