// Records as long as a file may have them: what is written can be read again, and what could not be
// is refused before it is written.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Outcome, Shape } from "../../src/engine/replica.ts";
import { RECORD_CHARS_MAX } from "../../src/replicas/rows/records.ts";
import { creation, keyOf, move, never, shown, withRows, write } from "./rows-files.ts";

const IT: Shape = { collection: "it", key: ["id"], columns: ["id", "name"] };

const REFUSED = "refused VALUE_NOT_HELD";

/** How many characters a refused row would take with what is around it. */
function charsIn(outcome: Outcome | undefined): number {
  const message = outcome?.kind === "refused" ? outcome.error.message : "";
  return Number(/take (\d+) characters/.exec(message)?.[1]);
}

const FILES = {
  csv: "id,name\n1,a\n3,c\n",
  ndjson: '{"id":"1","name":"a"}\n{"id":"3","name":"c"}\n',
  json: '[\n  {"id":"1","name":"a"},\n  {"id":"3","name":"c"}\n]\n',
};

for (const format of ["csv", "ndjson", "json"] as const) {
  test(`${format}: the longest record is read again, and a longer one refused alone`, async () => {
    await withRows(
      { [`it.${format}`]: FILES[format] },
      async (replica, folder) => {
        const path = join(folder, `it.${format}`);
        const before = readFileSync(path);
        const create = (chars: number) => creation(keyOf("2"), ["2", "x".repeat(chars)]);
        const long = move(keyOf("3"), ["3", "c"], ["3", "y".repeat(RECORD_CHARS_MAX)]);
        const [made, moved] = await write(replica, IT, [create(RECORD_CHARS_MAX), long]);
        assert.deepEqual([shown(made), shown(moved)], [REFUSED, REFUSED]);
        const longest = RECORD_CHARS_MAX - (charsIn(made) - RECORD_CHARS_MAX);
        assert.deepEqual((await write(replica, IT, [create(longest + 1)])).map(shown), [REFUSED]);
        assert.deepEqual(readFileSync(path), before);
        assert.deepEqual((await write(replica, IT, [create(longest)])).map(shown), ["applied"]);
        const [row] = (await replica.read(IT, [keyOf("2")], never)).rows;
        assert.ok(row?.[1] === "x".repeat(longest));
      },
      { format },
    );
  });
}
