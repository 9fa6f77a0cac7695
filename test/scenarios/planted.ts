// Bad rows of every kind among many good ones, and what has to be said of them.
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { PipelineInput } from "../../src/config/index.ts";
import type { Scene } from "./scene.ts";

/** One in so many. */
export const EVERY = 100;

/** How each kind of rule is broken. */
export const KINDS: readonly (readonly [
  rule: object,
  column: string,
  bad: string | number | null,
])[] = [
  [{ field: "name", type: "required" }, "name", null],
  [{ field: "extra", type: "type", config: { expectedType: "string" } }, "extra", 5],
  [{ field: "email", type: "format", config: { format: "email" } }, "email", "nobody"],
  [
    { field: "mail2", type: "format", config: { pattern: "^(a+)+$" } },
    "mail2",
    "a".repeat(40) + "!",
  ],
  [{ field: "age", type: "range", config: { min: 0, max: 150 } }, "age", 151],
  [{ field: "city", type: "length", config: { max: 8 } }, "city", "Llanfairpwllgwyngyll"],
  [{ field: "born", type: "date", config: { min: "1900-01-01" } }, "born", "1899-12-31"],
  [{ field: "status", type: "custom", config: { allowedValues: ["on", "off"] } }, "status", "??"],
  [
    { field: "till", type: "crossField", config: { operator: "greater_or_equal", other: "since" } },
    "till",
    "1000-01-01",
  ],
  [{ field: "total", type: "custom", config: { expression: "value == row.net + 1" } }, "total", 7],
  [{ field: "code", type: "unique" }, "code", ""],
];

/** What breaks no rule, but for `code`, which is one row's. */
export const GOOD: { readonly [column: string]: string | number } = {
  name: "Ada",
  extra: "x",
  email: "ada@example.org",
  mail2: "aaa",
  age: 36,
  city: "London",
  born: "1915-12-10",
  status: "on",
  since: "2024-01-01",
  till: "2024-01-02",
  net: 1,
  total: 2,
};

/** The table on both sides. */
export const TABLE = `CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, extra, email TEXT,
  mail2 TEXT, age INTEGER, city TEXT, born TEXT, status TEXT, since TEXT, till TEXT, net INTEGER,
  total INTEGER, code TEXT)`;

const COLUMNS = [...Object.keys(GOOD), "code"];

/** Plants bad rows that break one to three rules each; returns which, by id. */
export function plant(scene: Scene, rows: number): ReadonlyMap<number, readonly number[]> {
  const planted = new Map<number, readonly number[]>();
  const database = new DatabaseSync(join(scene.folder, "left.db"));
  const holes = COLUMNS.map(() => "?").join(", ");
  const insert = database.prepare(
    `INSERT INTO things (id, ${COLUMNS.join(", ")}) VALUES (?, ${holes})`,
  );
  const unique = KINDS.length - 1;
  let doubled = 0;
  database.exec("BEGIN");
  for (let id = 1; id <= rows; id++) {
    const row: { [column: string]: string | number | null } = { ...GOOD, code: `c${id}` };
    if (id % EVERY === 0) {
      const nth = id / EVERY;
      const kinds = [nth, nth * 3 + 1, nth * 7 + 2].slice(0, 1 + (nth % 3));
      const broken = [...new Set(kinds.map((kind) => kind % KINDS.length))].sort((a, b) => a - b);
      for (const kind of broken) {
        const [, column, bad] = KINDS[kind] ?? assert.fail();
        row[column] = kind === unique ? `doubled ${doubled++ >> 1}` : bad;
      }
      planted.set(id, broken);
    }
    insert.run(id, ...COLUMNS.map((column) => row[column] ?? null));
  }
  // Whoever is left without a twin gets one.
  if (doubled % 2 === 1) {
    const twin = [...planted].find(([, broken]) => !broken.includes(unique)) ?? assert.fail();
    database.exec(`UPDATE things SET code = 'doubled ${doubled >> 1}' WHERE id = ${twin[0]}`);
    planted.set(twin[0], [...twin[1], unique]);
  }
  database.exec("COMMIT");
  database.close();
  return planted;
}

/** What is said of each kind, as its author wrote it. */
const SAID = KINDS.map(([rule]) => {
  const { field, type } = rule as { readonly field: string; readonly type: string };
  return `${field} breaks its ${type}`;
});

/** The rules of the pipeline. */
export const VALIDATION = KINDS.map(([rule], kind) => {
  const { config = {}, ...rest } = rule as { field: string; type: string; config?: object };
  return { ...rest, config: { ...config, errorMessage: SAID[kind] } };
}) as NonNullable<PipelineInput["validation"]>;

/** Every bad row is in letters with everything that is wrong with it, and no other row is. */
export function assertAllTold(
  letters: readonly { readonly shown: string; readonly errors: readonly string[] }[],
  planted: ReadonlyMap<number, readonly number[]>,
): ReadonlyMap<string, readonly string[]> {
  const told = new Map<string, string[]>();
  for (const { shown, errors } of letters) {
    told.set(shown, [...(told.get(shown) ?? []), ...errors]);
  }
  assert.deepEqual(
    [...told.keys()].map(Number).sort((a, b) => a - b),
    [...planted.keys()],
  );
  for (const [id, broken] of planted) {
    const errors = told.get(String(id)) ?? [];
    const found = SAID.map((said) => errors.filter((error) => error.includes(said)).length > 0);
    assert.deepEqual(
      found,
      SAID.map((_, kind) => broken.includes(kind)),
      `${id}: ${errors.join("; ")}`,
    );
  }
  return told;
}
