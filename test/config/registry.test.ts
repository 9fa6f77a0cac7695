// Transforms and validators of a configuration's own, used as a person uses them.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { cli, folderOf } from "../cli/world.ts";
import { execute, rowsIn } from "../scenarios/tables.ts";

const SYSTEMS = `
  left: { type: sqlite, path: ./left.db }
  right: { type: sqlite, path: ./right.db }`;

function folderWith(t: TestContext, rows: string): string {
  const folder = folderOf(t);
  const table = "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, size INTEGER, kind TEXT)";
  execute(join(folder, "left.db"), table, `INSERT INTO things VALUES ${rows}`);
  execute(join(folder, "right.db"), table);
  return folder;
}

interface Document {
  readonly result: { readonly letters: readonly { readonly errors: readonly string[] }[] };
  readonly error: { readonly message: string } | null;
}

async function said(folder: string, ...words: readonly string[]) {
  const { exit, stdout } = await cli(folder, ...words, "--json");
  return { exit, document: JSON.parse(stdout) as Document };
}

const RIGHT = "SELECT id, name, size, kind FROM things ORDER BY id";

test("a program adds transforms and validators by name, as functions", async (t) => {
  const folder = folderWith(t, "(1, 'Ada L', 3, 'a'), (2, 'Bob', 4, 'b'), (3, 'Eve', 5, 'c')");
  writeFileSync(
    join(folder, "syncline.config.mjs"),
    `export default {
      systems: {
        left: { type: "sqlite", path: "./left.db" },
        right: { type: "sqlite", path: "./right.db" },
      },
      transforms: {
        slug: (value) => value.toLowerCase().replaceAll(" ", "-"),
        labelled: { over: (value, row) => row.kind + ":" + value, reads: ["kind"] },
        shout: "value.upperAscii()",
      },
      validators: {
        odd: (value) => value % 2 === 1 || "it is even",
        short: "size(value) <= 5",
      },
      pipelines: {
        things: {
          source: "left.things",
          target: "right.things",
          mapping: [
            { source: "id", target: "id" },
            { source: "name", target: "name", transform: ["trim", "slug", "labelled"] },
            { source: "size", target: "size", validate: (value, row) => row.kind !== "c" },
            { source: "kind", target: "kind", transform: "shout", validate: "value < 'Z'" },
          ],
          validation: [
            { field: "size", type: "custom", config: { validate: "odd", errorMessage: "Odd" } },
            { field: "kind", type: "custom", config: { validate: "short" } },
            {
              field: "kind",
              type: "custom",
              config: { validate: (value, row) => row.size !== 4 || "not with a size of 4" },
            },
          ],
        },
      },
    };\n`,
  );
  const config = ["-c", "syncline.config.mjs"];
  assert.equal((await said(folder, "run", ...config)).exit, 4);
  assert.deepEqual(rowsIn(join(folder, "right.db"), RIGHT), [
    { id: 1, name: "a:ada-l", size: 3, kind: "A" },
  ]);
  const { document } = await said(folder, "letters", ...config);
  assert.deepEqual(
    document.result.letters.map(({ errors }) => errors),
    [
      ["Odd: it is even", "Field 'kind' breaks its rule: not with a size of 4"],
      ["Validation failed for field 'size'"],
    ],
  );
});

test("a YAML adds them as expressions, and refuses what nobody has named", async (t) => {
  const folder = folderWith(t, "(1, ' Ada ', 3, 'a'), (2, 'Bob', NULL, 'b'), (3, NULL, 5, 'c')");
  const config = (rule: string): void =>
    writeFileSync(
      join(folder, "syncline.yaml"),
      `systems:${SYSTEMS}
transforms: { shout: "value.upperAscii() + '!'" }
validators: { small: "value < row.id + 4" }
pipelines:
  things:
    source: left.things
    target: right.things
    filters:
      - kind != 'x'
      - { or: [ "size > 0", { field: name, operator: equals, value: Bob } ] }
    mapping:
      - { source: id, target: id }
      - { source: name, target: name, transform: [ trim, shout ] }
      - { source: size, target: size }
      - { source: kind, target: kind, transform: "value + string(row.size)", default: z }
    validation: [ { field: size, type: custom, config: { validate: ${rule} } } ]
`,
    );
  config("smal");
  const broken = await said(folder, "validate");
  assert.equal(broken.exit, 2);
  assert.match(broken.document.error?.message ?? "", /validator 'smal'/);
  config("small");
  assert.equal((await said(folder, "run")).exit, 4);
  assert.deepEqual(rowsIn(join(folder, "right.db"), RIGHT), [
    { id: 1, name: "ADA!", size: 3, kind: "a3" },
    { id: 3, name: null, size: 5, kind: "c5" },
  ]);
  const { document } = await said(folder, "letters");
  assert.deepEqual(
    document.result.letters.map(({ errors }) => errors),
    [["Error transforming field 'kind': there is no 'string(null)'"]],
  );
});

test("a row that a filter has no answer for is heard of, and never slips in or out", async (t) => {
  const folder = folderWith(t, "(1, 'x', 1, 'a'), (2, NULL, 1, 'a'), (3, NULL, 1, 'b')");
  writeFileSync(
    join(folder, "syncline.yaml"),
    `systems:${SYSTEMS}
pipelines:
  things:
    source: left.things
    target: right.things
    filters: [ "kind == 'a'", "name.size() > 0" ]
`,
  );
  assert.equal((await said(folder, "run")).exit, 4);
  assert.deepEqual(rowsIn(join(folder, "right.db"), "SELECT id FROM things"), [{ id: 1 }]);
  const { document } = await said(folder, "letters");
  // The third row is outside whatever its name would be.
  assert.deepEqual(
    document.result.letters.map(({ errors }) => errors),
    [["The filter cannot be worked out: there is no 'null.size()'"]],
  );
  execute(join(folder, "left.db"), "UPDATE things SET name = 'y' WHERE id = 2");
  assert.equal((await said(folder, "run")).exit, 0);
  assert.deepEqual(rowsIn(join(folder, "right.db"), "SELECT id FROM things ORDER BY id"), [
    { id: 1 },
    { id: 2 },
  ]);
});
