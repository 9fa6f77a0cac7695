// Files that others touch while they are read or written, and what stays of them.
import assert from "node:assert/strict";
import {
  chmodSync,
  lstatSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { OwnRow } from "../../src/core/state.ts";
import type { Shape } from "../../src/engine/replica.ts";
import { SNAPSHOTS_MAX } from "../../src/replicas/rows/snapshot.ts";
import { keyOf, move, never, put, rowsOf, shown, withRows, write } from "./rows-files.ts";

const IT: Shape = { collection: "it", key: ["id"], columns: ["id", "name"] };

test("a file that somebody is writing is read when they are done", async () => {
  let naps = 0;
  const touched: string[] = [];
  const options = {
    now: () => {
      // Between the first look at the file and the copy of it.
      if (touched.length > 0 && naps < 3) put(touched[0] ?? "", `id,name\n1,${naps}\n`);
      return Date.now();
    },
    sleep: async () => void (naps += 1),
  };
  await withRows(
    { "it.csv": "id,name\n1,a\n" },
    async (replica, folder) => {
      touched.push(join(folder, "it.csv"));
      assert.deepEqual(await rowsOf(replica, IT), [["1", "2"]]);
      assert.equal(naps, 3);
      naps = -1000;
      put(touched[0] ?? "", "id,name\n1,z\n");
      await assert.rejects(rowsOf(replica, IT), { code: "LIST_FAILED" });
      assert.equal(naps, SNAPSHOTS_MAX - 1000);
    },
    options,
  );
});

test("what was touched within the same tick may be touched again, and is waited for", async () => {
  let naps = 0;
  const options = { sleep: async () => void (naps += 1), now: () => time };
  let time = Date.now();
  await withRows(
    {},
    async (replica, folder) => {
      writeFileSync(join(folder, "it.csv"), "id,name\n1,a\n");
      time = statSync(join(folder, "it.csv")).mtimeMs + 5;
      await assert.rejects(rowsOf(replica, IT), { code: "LIST_FAILED" });
      assert.equal(naps, SNAPSHOTS_MAX);
      time += 100;
      assert.deepEqual(await rowsOf(replica, IT), [["1", "a"]]);
    },
    options,
  );
});

test("who edits before finishing, or while it is merged, is not overwritten", async () => {
  await withRows({ "it.csv": "id,name\n1,a\n2,b\n3,c\n" }, async (replica, folder) => {
    const path = join(folder, "it.csv");
    const writer = await replica.writer(never);
    const digestOf = (row: OwnRow): string => {
      // The file has been opened: another one takes its place.
      if (row[1] === "c") put(path, "id,name\n1,theirs\n2,b\n3,also theirs\n");
      return typeof row[1] === "string" ? row[1] : "";
    };
    await writer.write(
      {
        id: "x",
        link: "l",
        shape: IT,
        writes: [
          move(keyOf("1"), ["1", "a"], ["1", "ours"]),
          move(keyOf("2"), ["2", "b"], ["2", "ours"]),
          { key: keyOf("3"), expected: { kind: "digest", digest: "c", digestOf }, to: ["3", "o"] },
        ],
        settled: [],
      },
      never,
    );
    const outcomes = await writer.finish(never);
    assert.deepEqual(outcomes.map(shown), ["stale", "applied", "stale"]);
    assert.deepEqual(outcomes[0], { kind: "stale", row: ["1", "theirs"] });
    const text = "id,name\n1,theirs\n2,ours\n3,also theirs\n";
    assert.equal(readFileSync(path, "utf8"), text);
  });
});

test("links are followed, the mode stays, and what a killed program left goes", async () => {
  await withRows({ "real.txt": "id,name\n1,a\n" }, async (replica, folder) => {
    const real = join(folder, "real.txt");
    chmodSync(real, 0o640);
    symlinkSync("real.txt", join(folder, "it.csv"));
    const host = hostname().replaceAll(/[^\w.]/g, "_");
    const left = `.real.txt.syncline-${host}-999999999-${crypto.randomUUID()}`;
    writeFileSync(join(folder, left), "half");
    const writes = [move(keyOf("1"), ["1", "a"], ["1", "b"])];
    assert.deepEqual((await write(replica, IT, writes)).map(shown), ["applied"]);
    assert.ok(lstatSync(join(folder, "it.csv")).isSymbolicLink());
    assert.equal(readFileSync(real, "utf8"), "id,name\n1,b\n");
    assert.equal(statSync(real).mode & 0o777, 0o640);
    assert.deepEqual(readdirSync(folder).toSorted(), ["it.csv", "real.txt"]);
  });
});
