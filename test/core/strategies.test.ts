import assert from "node:assert/strict";
import { test } from "node:test";
import { isSyncError } from "../../src/core/errors.ts";
import { didYouMean, nearest, parseStrategy, strategyWords } from "../../src/core/strategies.ts";

const PIPELINE = ["source", "target"];
const settle = () => null;

// Every word of the mission's table 6.1, system by system, and what it comes down to.
const WORDS: readonly (readonly [word: string, canonical: string, kind: string])[] = [
  ["source-wins", "source-wins", "wins"],
  ["local", "source-wins", "wins"],
  ["client-wins", "source-wins", "wins"],
  ["local-wins", "source-wins", "wins"],
  ["target-wins", "target-wins", "wins"],
  ["remote", "target-wins", "wins"],
  ["server-wins", "target-wins", "wins"],
  ["remote-wins", "target-wins", "wins"],
  ["latest", "latest", "latest"],
  ["latest-timestamp", "latest", "latest"],
  ["last-writer-wins", "latest", "latest"],
  ["last-write-wins", "latest", "latest"],
  ["newest", "latest", "latest"],
  ["version-based", "latest", "latest"],
  ["LastWriteWinsStrategy", "latest", "latest"],
  ["merge", "merge", "merge"],
  ["field-merge", "merge", "merge"],
  ["field-level-merge", "merge", "merge"],
  ["union", "union", "union"],
  ["merge-array", "union", "union"],
  ["MergeArrayStrategy", "union", "union"],
  ["custom", "custom", "custom"],
  ["customRules", "custom", "custom"],
  ["resolver", "custom", "custom"],
  ["onConflict", "custom", "custom"],
  ["manual", "manual", "manual"],
];

for (const [word, canonical, kind] of WORDS) {
  test(`the strategy ${word} is ${canonical}`, () => {
    const strategy = parseStrategy(word, PIPELINE, { by: "updated_at", settle });
    assert.equal(strategy.word, canonical);
    assert.equal(strategy.rule.kind, kind);
    if (strategy.rule.kind === "wins") {
      assert.equal(PIPELINE[strategy.rule.side], canonical.replace("-wins", ""));
    }
  });
}

test("every word that is offered is taken", () => {
  for (const word of strategyWords(["crm", "billing"])) {
    assert.ok(parseStrategy(word, ["crm", "billing"], { by: "clock", settle }).word.length > 0);
  }
});

test("words for the first and second side are offered only where there are two", () => {
  assert.ok(strategyWords(["a", "b"]).includes("local-wins"));
  assert.ok(!strategyWords(["a", "b", "c"]).includes("local-wins"));
});

test("a side is named with -wins or by its name alone, before any alias", () => {
  const sides = ["remote", "local", "merge"];
  assert.deepEqual(parseStrategy("local", sides).rule, { kind: "wins", side: 1 });
  assert.deepEqual(parseStrategy("remote-wins", sides).rule, { kind: "wins", side: 0 });
  assert.deepEqual(parseStrategy("merge-wins", sides).rule, { kind: "wins", side: 2 });
  assert.deepEqual(parseStrategy("merge", sides).rule, { kind: "merge" });
  assert.equal(parseStrategy("target-wins", ["crm", "billing"]).word, "billing-wins");
});

test("with three sides a word for two of them is refused, and their names are offered", () => {
  assert.throws(
    () => parseStrategy("source-wins", ["a", "b", "c"]),
    (error) =>
      isSyncError(error, "CONFIG_INVALID") && /a-wins, b-wins, c-wins/.test(error.hint ?? ""),
  );
});

test("an unknown strategy is refused with the nearest word", () => {
  assert.throws(
    () => parseStrategy("lastest", PIPELINE),
    (error) =>
      isSyncError(error, "CONFIG_INVALID") &&
      error.message.includes("'lastest'") &&
      error.hint === "Did you mean 'latest'?",
  );
});

test("latest takes a column, commit or clock, and is refused without one of the three", () => {
  const by = (given: string) => parseStrategy("newest", PIPELINE, { by: given }).by;
  assert.deepEqual(by("commit"), { kind: "commit" });
  assert.deepEqual(by("clock"), { kind: "clock" });
  assert.deepEqual(by("updated_at"), { kind: "column", column: "updated_at" });
  const column = { kind: "column", column: "commit" } as const;
  assert.deepEqual(parseStrategy("latest", PIPELINE, { by: column }).by, column);
  assert.throws(
    () => parseStrategy("latest", PIPELINE),
    (error) =>
      isSyncError(error, "CONFIG_INVALID") &&
      ["column", "commit", "clock"].every((word) => error.hint?.includes(word)),
  );
});

test("custom without a rule is refused, union takes the key of its objects", () => {
  assert.throws(() => parseStrategy("custom", PIPELINE), { code: "CONFIG_INVALID" });
  assert.deepEqual(parseStrategy("custom", PIPELINE, { settle }).rule, { kind: "custom", settle });
  assert.deepEqual(parseStrategy("union", PIPELINE).rule, { kind: "union" });
  assert.deepEqual(parseStrategy("union", PIPELINE, { key: "id" }).rule, {
    kind: "union",
    key: "id",
  });
});

test("the nearest word is few edits away, capitals and hyphens aside, or there is none", () => {
  const words = ["greater_than", "less_than", "equals", "in"];
  assert.equal(nearest("greaterthan", words), "greater_than");
  assert.equal(nearest("less-than", words), "less_than");
  assert.equal(nearest("EQUALS", words), "equals");
  assert.equal(nearest("eqauls", words), "equals");
  assert.equal(nearest("ni", words), "in");
  assert.equal(
    nearest("ni", ["nx", "in"]),
    "nx",
    "a swap is one edit, and the first of equals is taken",
  );
  assert.equal(nearest("in_", ["in", "in_"]), "in_");
  assert.equal(nearest("something", words), undefined);
  assert.equal(nearest("x".repeat(100_000), words), undefined);
  assert.equal(didYouMean("something", words), "Known are: greater_than, less_than, equals, in.");
  assert.equal(didYouMean("something", []), "There is none.");
});
