// The demonstration's figures against those of the published data (counted here by other means),
// and their mirror image with the sides exchanged.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { all, figures, mirrored, one, sampleFolders, withoutIds } from "./demo-figures.ts";
import type { Figures, Sides, Step } from "./demo-figures.ts";
import { cliProcess, folderOf } from "./world.ts";
import { rowsOf } from "./scene.ts";

const NONE: Sides = { create: 0, update: 0, delete: 0 };

test("the demonstration tells setup.md's figures, and everything agrees at its end", (t) => {
  const folder = join(folderOf(t), "demo");
  const steps = demo(["--dir", folder, "--no-cities"]);
  const plan = figures(one(steps, "plan"), "mime_types");
  assert.deepEqual(plan, { ...plan, ...expectedPlan() });
  assert.deepEqual([plan.target.create, plan.withheld, plan.conflicts], [665, 1294, 527]);
  assert.equal(one(steps, "apply").exit, 4);
  const runs = all(steps, "run").map((step) => figures(step, "mime_types"));
  assert.equal(runs[0]?.unchanged, 1867);
  assert.equal(runs[1]?.conflicts, 530, "three rows were edited on both sides");
  assert.deepEqual([runs[2]?.source, runs[2]?.target], [NONE, NONE], "nothing to do");
  assert.equal(runs[3]?.target.create, 1294, "what was withheld is written back");
  const answers = all(steps, "resolve").map(({ summary }) => summary["answered"]);
  assert.deepEqual(answers, [1, 529]);
  const verified = all(steps, "verify").map(({ exit }) => exit);
  assert.deepEqual(verified, [0, 0]);
  assert.deepEqual(
    rowsOf(join(folder, "source.db"), "mime_types"),
    rowsOf(join(folder, "target.db"), "mime_types"),
  );
});

test("what README shows is what the demonstration prints", (t) => {
  const folder = join(folderOf(t), "demo");
  const { exit, stdout } = cliProcess(".", ["demo", "--no-cities", "--dir", folder]);
  assert.equal(exit, 0);
  const masked = (text: string) => text.replaceAll(/(Plan |apply )[\w-]{10,}/g, "$1…").trim();
  const printed = new Set(stdout.split("\n").map(masked));
  const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
  const blocks = [...readme.matchAll(/<!-- \w+:begin -->\n```\n([^]*?)\n```/g)];
  assert.equal(blocks.length, 2);
  for (const line of blocks.flatMap(([, block = ""]) => block.split("\n"))) {
    assert.ok(printed.has(masked(line)), `README shows what is not printed: ${line}`);
  }
});

test("with --swap every figure is mirrored", (t) => {
  const folder = folderOf(t);
  const own = sampleFolders(folder);
  const straight = demo(["--dir", join(folder, "straight"), ...own]);
  const swapped = demo(["--dir", join(folder, "swapped"), ...own, "--swap"]);
  assert.equal(straight.length, swapped.length);
  for (const [i, step] of straight.entries()) {
    const mirror = swapped[i];
    assert.ok(mirror !== undefined);
    assert.equal(step.exit, mirror.exit, step.line);
    assert.deepEqual(mirrored(step.summary), withoutIds(mirror.summary), step.line);
  }
  // The mirror of nothing proves nothing.
  const plan = figures(one(straight, "plan"), "entries");
  assert.ok(plan.target.create > 0 && plan.source.update > 0);
  assert.ok(plan.withheld > 0 && plan.conflicts > 0);
});

test("the cities of the world come over one-way, and the second run finds nothing to do", (t) => {
  const folder = join(folderOf(t), "demo");
  const own = sampleFolders(folderOf(t));
  const steps = demo(["--dir", folder, ...own, "--cities"]);
  const [load, update, again] = all(steps, "run")
    .slice(-3)
    .map((step) => figures(step, "cities"));
  assert.deepEqual(load?.target, { create: 154_249, update: 0, delete: 0 });
  assert.deepEqual(update?.target, { create: 22_975, update: 3192, delete: 7110 });
  assert.deepEqual(again?.target, NONE);
  assert.equal(again?.unchanged, 170_114);
});

/** The steps of `demo --json` in a process of its own. */
function demo(words: readonly string[]): readonly Step[] {
  const { exit, stdout, stderr } = cliProcess(".", ["demo", "--json", ...words]);
  assert.equal(exit, 0, stdout.slice(0, 2000) + stderr);
  return JSON.parse(stdout).result.steps;
}

type Db = { readonly [type: string]: { readonly [field: string]: unknown } };

/** What a plan over the three versions has to say, by a three-way comparison of our own. */
function expectedPlan(): Partial<Figures> {
  const require = createRequire(import.meta.url);
  const [base, source, target]: [Db, Db, Db] = [
    require("mime-db-base/db.json"),
    require("mime-db-latest/db.json"),
    require("mime-db-fork/db.json"),
  ];
  const [s, t] = [{ ...NONE }, { ...NONE }];
  let [conflicts, withheld] = [0, 0];
  const isSame = (a: Db[string] | undefined, b: Db[string] | undefined) => text(a) === text(b);
  for (const key of new Set([base, source, target].flatMap((db) => Object.keys(db)))) {
    const [b, now, then] = [base[key], source[key], target[key]];
    if (b === undefined) t.create += 1;
    else if (now === undefined && then === undefined) continue;
    else if (then === undefined && isSame(now, b)) withheld += 1;
    else if (now === undefined && isSame(then, b)) t.delete += 1;
    else if (now === undefined || then === undefined) conflicts += 1;
    else {
      const merged = FIELDS.map((field) =>
        text(now[field]) === text(b[field]) ? text(then[field]) : text(now[field]),
      );
      if (FIELDS.some((field, i) => text(now[field]) !== merged[i])) s.update += 1;
      if (FIELDS.some((field, i) => text(then[field]) !== merged[i])) t.update += 1;
    }
  }
  return { source: s, target: t, conflicts, withheld, rejected: 0 };
}

const FIELDS = ["source", "charset", "compressible", "extensions"];

function text(value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return JSON.stringify(value ?? null);
  }
  return JSON.stringify(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
