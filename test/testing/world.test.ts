import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { drawScript } from "../../src/testing/world/draw.ts";
import type { Script } from "../../src/testing/world/script.ts";
import { playScript } from "../../src/testing/world/world.ts";

const SEEDS = 400;
const PLAIN_SEEDS = 150;
const CRASHED_SEEDS = 6;

test("what broke once never breaks again", async () => {
  for (const file of globSync(join(import.meta.dirname, "../regressions/*.json"))) {
    const { script } = JSON.parse(readFileSync(file, "utf8")) as { readonly script: Script };
    const { violations } = await playScript(script);
    assert.deepEqual([...violations], [], file);
  }
});

test("random schedules come to rest, and no edit is lost", async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { violations } = await playScript(drawScript(seed));
    assert.deepEqual([...violations], [], `npm run simulate -- --from ${seed} --trace`);
  }
});

test("a process that dies at any boundary of effects leaves nothing broken", async () => {
  for (let seed = 1; seed <= CRASHED_SEEDS; seed++) {
    const script = drawScript(seed, { faults: "none", steps: 3 });
    const { boundaries } = await playScript(script);
    for (let crashAt = 1; crashAt <= boundaries; crashAt++) {
      const { violations } = await playScript({ ...script, crashAt });
      assert.deepEqual([...violations], [], `seed ${seed}, boundary ${crashAt} of ${boundaries}`);
    }
  }
});

test("the fast way past quiet rows ends like the plain way", async () => {
  // Stamps, markers and positions count effects, which have another order there.
  const plainly = (end: string) =>
    end.replaceAll(/77\d{13}|r\d+-\d+\.\d+|(?<=\\"a\\":\\")\d+/g, "-");
  for (let seed = 1; seed <= PLAIN_SEEDS; seed++) {
    const script = drawScript(seed, { faults: "none" });
    const [fast, plain] = [await playScript(script), await playScript(script, { isPlain: true })];
    assert.equal(plainly(fast.end), plainly(plain.end), `seed ${seed}`);
  }
});

test("the same seed tells the same story", async () => {
  for (let seed = 1; seed <= PLAIN_SEEDS; seed++) {
    const script = drawScript(seed);
    const [once, again] = [
      await playScript(script, { isTraced: true }),
      await playScript(script, { isTraced: true }),
    ];
    assert.equal(once.trace, again.trace, `seed ${seed}`);
  }
});
