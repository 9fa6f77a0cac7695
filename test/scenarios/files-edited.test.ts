// Mission scenario 25: files as sources, edited while they are read.
import assert from "node:assert/strict";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { run, type Link, type Replica } from "../../src/engine/index.ts";
import { folderOf } from "../cli/world.ts";
import { withLink } from "../torture/deed.ts";
import { execute, rowsIn } from "./tables.ts";

const never = new AbortController().signal;
const ROWS = 3000;

type Format = "csv" | "ndjson" | "json";
type Row = { readonly id: number; readonly name: string; readonly n: number };

/** The same rows in each format, one a line. */
const TEXTS: { readonly [format in Format]: (rows: readonly Row[]) => string } = {
  csv: (rows) => `id,name,n\n${rows.map(({ id, name, n }) => `${id},${name},${n}\n`).join("")}`,
  ndjson: (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join(""),
  json: (rows) => `[\n${rows.map((row) => JSON.stringify(row)).join(",\n")}\n]\n`,
};

const rowsWith = (name: string): readonly Row[] =>
  Array.from({ length: ROWS }, (_, id) => ({ id, name: `${name} ${id}`, n: id % 7 }));

/** Counts every row that is written. */
const COUNTING = [
  "CREATE TABLE writes (id INTEGER)",
  "CREATE TRIGGER i AFTER INSERT ON things BEGIN INSERT INTO writes VALUES (new.id); END",
  "CREATE TRIGGER u AFTER UPDATE ON things BEGIN INSERT INTO writes VALUES (new.id); END",
  "CREATE TRIGGER d AFTER DELETE ON things BEGIN INSERT INTO writes VALUES (old.id); END",
];

/** The same link, which calls somebody before its first write. */
function interrupted(link: Link, interrupt: () => void): Link {
  let isDone = false;
  const around = (inner: Replica): Replica => ({
    ...inner,
    writer: async (signal) => {
      const writer = await inner.writer(signal);
      return {
        ...writer,
        write: async (batch, writeSignal) => {
          if (!isDone) interrupt();
          isDone = true;
          return await writer.write(batch, writeSignal);
        },
      };
    },
  });
  const pipelines = link.pipelines.map((pipeline) => ({
    ...pipeline,
    sides: pipeline.sides.map((side) => ({ ...side, replica: around(side.replica) })),
  }));
  return { ...link, pipelines };
}

for (const format of ["csv", "ndjson", "json"] as const) {
  test(`25. ${format} edited during a run: one version is read, later only changes`, async (t) => {
    const folder = folderOf(t);
    const path = join(folder, `things.${format}`);
    const config = `systems:
  files: { type: rows, path: ., format: ${format} }
  copy: { type: sqlite, path: ./copy.db }
pipelines:
  things: { source: files.things, target: copy.things }
`;
    writeFileSync(join(folder, "syncline.yaml"), config);
    execute(
      join(folder, "copy.db"),
      "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, n INTEGER)",
      ...COUNTING,
    );
    const before = rowsWith("before");
    writeFileSync(path, TEXTS[format](before));
    // In place, half of it: what an editor or an upload does.
    const torn = TEXTS[format](rowsWith("torn"));
    await withLink(folder, (link) =>
      run(
        interrupted(link, () => writeFileSync(path, torn.slice(0, torn.length / 2))),
        {},
        never,
      ),
    );
    assert.deepEqual(rowsIn(join(folder, "copy.db")), before);

    const after = before.map((row) => (row.id % 100 === 0 ? { ...row, n: row.n + 1 } : row));
    writeFileSync(path, TEXTS[format](after));
    execute(join(folder, "copy.db"), "DELETE FROM writes");
    const other = join(folder, "other");
    writeFileSync(other, TEXTS[format](rowsWith("other")));
    await withLink(folder, (link) =>
      run(
        interrupted(link, () => renameSync(other, path)),
        {},
        never,
      ),
    );
    assert.deepEqual(rowsIn(join(folder, "copy.db")), after);
    const written = rowsIn(join(folder, "copy.db"), "SELECT id FROM writes ORDER BY id");
    assert.deepEqual(
      written,
      after.filter(({ id }) => id % 100 === 0).map(({ id }) => ({ id })),
    );
  });
}
