// Every type of one system beside every type of another: what goes there and back is the same, or
// it is refused by name, or its store is known to round or trim it; and then both are at rest.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { folderOf } from "../cli/world.ts";
import { makeSchema } from "./server.ts";
import { POSTGRES_COLUMNS, sampleOf } from "./pairing-columns.ts";
import { placeOf } from "./pairing-places.ts";
import type { PlaceKind } from "./pairing-places.ts";
import {
  WIDTH,
  backAgain,
  crossed,
  familyOf,
  firstCycle,
  makePairing,
  rowsOf,
  secondCycle,
  tableOf,
} from "./pairing.ts";

const GOLDEN = join(import.meta.dirname, "golden", "pairings.txt");
const isWriting = process.env["SYNCLINE_WRITE_GOLDEN"] === "1";

const LEGEND = `What becomes of values of a row's type in a column of the other type, and back;
between two systems a second letter says the same of the column's values in the row's type:
  =  all come back as they were     ~  the column keeps some in its own way
  -  some are refused by name       x  all are     ?  some are refused on their way back
  .  refused when the configuration loads
`;

const PAIRS: readonly (readonly [PlaceKind, PlaceKind])[] = [
  ["PostgreSQL", "SQLite"],
  ["PostgreSQL", "STRICT"],
  ["PostgreSQL", "CSV"],
  ["PostgreSQL", "NDJSON"],
  ["PostgreSQL", "JSON"],
  ["SQLite", "CSV"],
  ["SQLite", "NDJSON"],
  ["SQLite", "JSON"],
  ["STRICT", "NDJSON"],
  ["CSV", "NDJSON"],
  ["CSV", "JSON"],
  ["PostgreSQL", "PostgreSQL"],
  ["SQLite", "SQLite"],
  ["STRICT", "STRICT"],
  ["CSV", "CSV"],
  ["NDJSON", "NDJSON"],
  ["JSON", "JSON"],
];

for (const [one, other] of PAIRS) {
  const title = `${one} beside ${other}`;
  test(`${title}: the same there and back, or refused by name, and at rest`, async (t) => {
    const folder = folderOf(t);
    const schema = await makeSchema();
    t.after(() => schema.drop());
    const whole = placeOf(one, folder, schema);
    // Of PostgreSQL with itself one type of each kind: the others are beside themselves below. And
    // JSON is NDJSON with commas.
    const isSample = one === other || (one === "PostgreSQL" && other === "JSON");
    const here = isSample ? { ...whole, columns: sampleOf(whole.columns) } : whole;
    const there = one === other ? here : placeOf(other, folder, schema);
    const pairing = await makePairing(folder, [here, there], crossed(here, there));
    const forth = await firstCycle(pairing);
    await secondCycle(pairing, forth);
    await backAgain(pairing);
    const table = await tableOf(pairing);
    if (isWriting) written.set(title, table);
    else assert.equal(table, goldenOf(title));
    if (one === other) assertOwnTypesKeep(table);
  });
}

test("each type of PostgreSQL beside itself keeps all its values", async (t) => {
  const folder = folderOf(t);
  const schema = await makeSchema();
  t.after(() => schema.drop());
  const place = placeOf("PostgreSQL", folder, schema);
  const all = POSTGRES_COLUMNS;
  const family = familyOf(0, [all, rowsOf("a", all)], [all, []]);
  const pairing = await makePairing(folder, [place, place], [family]);
  assert.equal(pairing.held[0]?.length, all.length);
  await secondCycle(pairing, await firstCycle(pairing));
  await backAgain(pairing);
  const was = await place.dump(family.ours);
  assert.equal(was.size, 1 + rowsOf("a", all).length);
  assert.deepEqual(await place.dump(family.oursBack), was);
});

const written = new Map<string, string>();
test("the golden tables are those of these pairings", () => {
  if (isWriting) {
    const all = [...written].map(([title, table]) => `\n## ${title}\n${table}`);
    writeFileSync(GOLDEN, LEGEND + all.join(""));
  }
  const titles = [...readFileSync(GOLDEN, "utf8").matchAll(/^## (.*)$/gm)].map(
    ([, title]) => title,
  );
  assert.deepEqual(
    titles,
    PAIRS.map(([one, other]) => `${one} beside ${other}`),
  );
});

function goldenOf(title: string): string {
  const parts = readFileSync(GOLDEN, "utf8").split(/^## /m);
  const part = parts.find((each) => each.startsWith(`${title}\n`));
  return part?.slice(title.length + 1).replace(/\n\n$/, "\n") ?? assert.fail(`no ${title}`);
}

/** A type beside itself refuses nothing, and changes nothing. */
function assertOwnTypesKeep(table: string): void {
  const rows = table.trimEnd().split("\n").slice(1);
  for (const [at, row] of rows.entries()) {
    const cells = row.slice(WIDTH).trim().split(/ +/);
    assert.equal(cells[at], "=", row);
  }
}
