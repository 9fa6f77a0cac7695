import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeDataset } from "../../src/cli/demo/entries.ts";
import { sampleGoods } from "../../src/cli/demo/sample.ts";
import { figuresOf, Shell } from "../../src/cli/demo/shell.ts";
import { tellTwoWay } from "../../src/cli/demo/two-way.ts";
import { Page } from "../../src/cli/page.ts";
import { sampleOf } from "../../src/cli/sample.ts";
import { Stopping } from "../../src/cli/stopping.ts";
import { Captured } from "../../src/cli/world.ts";
import type { World } from "../../src/cli/world.ts";
import { rowsOf } from "./scene.ts";
import { cli, folderOf } from "./world.ts";

test("own data are found under any name, where there is one JSON file", async (t) => {
  const folder = folderOf(t);
  const versions = [
    [
      { id: 1, n: "a" },
      { id: 2, n: "b" },
      { id: 3, n: "c" },
    ],
    [
      { id: 1, n: "A" },
      { id: 2, n: "b" },
      { id: 4, n: "d" },
    ],
    [
      { id: 1, n: "aa" },
      { id: 2, n: "b" },
      { id: 3, n: "c" },
    ],
  ];
  for (const [i, version] of versions.entries()) {
    mkdirSync(join(folder, `v${i}`));
    writeFileSync(join(folder, `v${i}`, "mine.json"), JSON.stringify(version));
  }
  const words = ["demo", "--base", "v0", "--source", "v1", "--target", "v2", "--dir"];
  const { exit, stdout, stderr } = await cli(folder, ...words, "own");
  assert.equal(exit, 0, stderr);
  assert.doesNotMatch(stdout, /published data/);
  writeFileSync(join(folder, "v1", "other.json"), "[]");
  const several = await cli(folder, ...words, "again");
  assert.match(several.stderr, /v1 has no JSON of entries[\s\S]*There are 2 files: keep one/);
});

test("without the published data the story is told on a sample that has all of it", async (t) => {
  const folder = folderOf(t);
  const output = new Captured();
  const world: World = {
    stdout: output,
    stderr: output,
    env: {},
    cwd: folder,
    stopping: new Stopping(),
    now: Date.now,
  };
  const shell = new Shell(world, new Page(output, {}));
  const dataset = makeDataset("goods", ["id"], sampleGoods());
  await tellTwoWay(shell, folder, { dataset, isSample: true }, { isSwapped: false });
  const plan = shell.steps.find(({ line }) => line.startsWith("syncline plan"));
  assert.ok(plan !== undefined);
  const { source, target, conflicts, withheld } = figuresOf({ ...plan, result: {} }, "goods");
  assert.ok(target.create > 0 && target.update > 0 && source.update > 0);
  assert.ok(conflicts > 0 && withheld > 0);
  assert.deepEqual(
    rowsOf(join(folder, "source.db"), "goods"),
    rowsOf(join(folder, "target.db"), "goods"),
  );
});

test("a sample has some of every kind, in the order of the list, and counts all", async () => {
  const sample = await sampleOf(letters("aaaaaaabaaaacaab"), 6, (letter) => letter);
  assert.equal(sample.items.join(""), "aaabcb");
  assert.deepEqual(sample.counts, { a: 13, b: 2, c: 1 });
  assert.equal((await sampleOf(letters("aaaa"), 3, (letter) => letter)).items.join(""), "aaa");
  assert.deepEqual(await sampleOf(letters(""), 3, (letter) => letter), { items: [], counts: {} });
});

async function* letters(text: string): AsyncGenerator<string> {
  yield* text;
}
