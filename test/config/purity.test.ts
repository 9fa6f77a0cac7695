// Functions that depend on more than what they are given are refused when the configuration loads;
// those that do not are left alone.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { loadConfig } from "../../src/config/index.ts";
import { impurityOf, type GivenFunction } from "../../src/config/purity.ts";
import { problemsOf } from "../../src/core/problems.ts";
import type { SyncError } from "../../src/core/errors.ts";

type Row = { readonly [column: string]: never };

const helped = () => Date.now();
const today = () => new Date();
let count = 0;
const everyG = /a/g;
const seen = new Set<unknown>();

const REFUSED: readonly (readonly [given: unknown, why: RegExp])[] = [
  [(v: string) => v + Date.now(), /reads the clock \(Date\.now\)/],
  [(v: string) => v + new Date().toISOString(), /the clock \(new Date\)/],
  [(v: string) => v + String(new Date()), /the clock \(new Date\)/],
  [(v: string) => v + Date(), /the clock \(Date\)/],
  [(v: string) => (v === "never" ? Math.random() : v), /randomness \(Math\.random\)/],
  [(v: string) => (v === "never" ? performance.now() : v), /the clock \(performance\)/],
  [(v: string) => (v === "never" ? process.hrtime() : v), /the clock \(process\)/],
  [(v: string) => (v === "never" ? randomUUID() : v), /randomness \(crypto\)/],
  [(v: string) => v + helped(), /the clock \(Date\.now\)/],
  [(v: string) => v + today().getFullYear(), /the clock \(new Date\)/],
  [(_: string, row: Row) => (row["at"] === "42" ? today() : 1), /the clock/],
  [
    (v: string) => {
      try {
        return v + helped();
      } catch {
        return v;
      }
    },
    /the clock/,
  ],
  [(v: string) => [v, ++count], /answers differently/],
  [(v: string) => everyG.test(v), /answers differently/],
  [(v: string) => !seen.has(v) && seen.add(v).size > 0, /answers differently/],
  [(base: unknown, rivals: readonly Row[]) => (rivals.length > 1 ? helped() : base), /the clock/],
];

const LEFT_ALONE: readonly unknown[] = [
  (v: string) => v.trim().toUpperCase(),
  (v: string) => new Date(v).toISOString(),
  (v: string) => new Date("2026-01-31").getTime() - new Date(v).getTime(),
  (v: string) => Date.parse(v) + Date.UTC(2026, 0),
  (v: string) => [v, `Date.now()`, "Math.random()", "new Date"], // Date.now() /* new Date */
  (v: { readonly Date: (x: number) => number }) => v.Date(1),
  (_: unknown, row: Row) => Object.keys(row).length,
  (_: unknown, row: Row) => `${row["first"]} ${row["last"]}`,
  (_: unknown, rivals: readonly { readonly value: unknown }[]) => rivals[0]?.value,
  async (v: string) => Promise.reject(new Error(v)),
  () => {
    throw new Error("always");
  },
  String,
  Number,
];

for (const [given, why] of REFUSED) {
  test(`refused: ${String(given).replaceAll(/\s+/g, " ")}`, () => {
    assert.match(impurityOf(given as GivenFunction) ?? "", why);
  });
}
for (const given of LEFT_ALONE) {
  test(`left alone: ${String(given).replaceAll(/\s+/g, " ")}`, () => {
    assert.equal(impurityOf(given as GivenFunction), undefined);
  });
}

test("clock and randomness are as they were afterwards", () => {
  const all = (): readonly unknown[] =>
    [performance, crypto, Math, Date, globalThis].map((of) =>
      ["now", "randomUUID", "random", "Date"].map((name) => Reflect.get(of, name) as unknown),
    );
  const before = all();
  impurityOf((v: string) => v + helped());
  assert.deepEqual(all(), before);
  assert.equal(Object.hasOwn(performance, "now"), false);
  assert.ok(new Date() instanceof Date);
});

test("a configuration with such functions is refused, each at its place", async () => {
  const folder = mkdtempSync(join(tmpdir(), "syncline-purity-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(
    join(folder, "a.config.ts"),
    `const clock = { read: () => Date.now() };
     export default {
       systems: { a: { type: "sqlite", path: "a.db" }, b: { type: "sqlite", path: "b.db" } },
       transforms: { stamped: (v: unknown) => [v, clock.read()] },
       validators: { lucky: () => Math.random() > 0.5 },
       pipelines: { p: { source: "a.t", target: "b.t", mapping: [
         { source: "id", target: "id" },
         { source: "n", target: "n", transform: (v: string) => v.trim() },
         { source: "a", target: "a", transform: { over: String, back: () => new Date() } },
       ] } },
     };`,
  );
  await assert.rejects(loadConfig("a.config.ts", { cwd: folder }), (error: SyncError) => {
    const problems = problemsOf(error);
    assert.deepEqual(problems.map(({ code, message }) => `${code} ${message}`).toSorted(), [
      "CONFIG_INVALID pipelines.p.mapping[2].transform.back reads the clock (new Date)",
      "CONFIG_INVALID transforms.stamped reads the clock (Date.now)",
      "CONFIG_INVALID validators.lucky reads randomness (Math.random)",
    ]);
    assert.match(problems[0]?.hint ?? "", /from a column/);
    return true;
  });
});
