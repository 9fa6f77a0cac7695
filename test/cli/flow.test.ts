// What a person sees: one session from first meeting to rollback, against a golden file. Ids,
// hashes and times are masked. UPDATE_GOLDEN=1 writes the file anew: read the difference.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Scene } from "./scene.ts";
import { configWith, inserts, sceneOf } from "./scene.ts";

const GOLDEN = join(import.meta.dirname, "golden/flow.txt");

test("a session looks as it always did", async (t) => {
  const scene = sceneOf(t, 60);
  scene.configure(CONFIG);
  const session = new Session(scene);
  await session.runs(["validate"], ["status"], ["run"]);
  scene.sql(
    "crm.db",
    "UPDATE customers SET name = 'Ada' WHERE id = 'C-1'",
    "UPDATE customers SET email = 'a@x.org' WHERE id = 'C-2'",
    "UPDATE customers SET email = NULL WHERE id = 'C-5'",
    "UPDATE customers SET name = 'E' || char(27) || '[31m' || char(10) || 'vil' WHERE id = 'C-7'",
    "DELETE FROM customers WHERE id IN ('C-3', 'C-8')",
    ...inserts(1, 61),
  );
  scene.sql(
    "billing.db",
    "UPDATE customers SET email = 'b@y.org' WHERE id = 'C-2'",
    "UPDATE customers SET name = 'Zed' WHERE id = 'C-4'",
    "UPDATE customers SET email = 'kept' WHERE id = 'C-8'",
    "DELETE FROM customers WHERE CAST(substr(id, 3) AS INTEGER) BETWEEN 31 AND 60",
  );
  await session.runs(["plan"], ["apply"], ["conflicts", "--limit", "5"], ["letters"]);
  await session.runs(["status"], ["verify"]);
  await session.runs(["resolve", await idOf(scene, "C-2"), "--take", "target", "--author", "ada"]);
  await session.runs(
    ["resolve", "--all", "--key", "C-8", "--policy", "source-wins", "--author", "ada"],
    ["resolve", "--all", "--key", "C-5", "--value", '"c5@new.org"', "--author", "ada"],
    ["run", "--restore"],
    ["verify"],
    ["history", "C-2"],
    ["blame", "C-2"],
    ["run"],
  );
  scene.sql("billing.db", "UPDATE customers SET name = 'Oops' WHERE id = 'C-9'");
  await session.runs(["run"]);
  const { stdout } = await scene.run("runs", "--limit", "1", "--json");
  const id: string = JSON.parse(stdout).result.runs[0].id;
  await session.runs(["rollback", id], ["rollback", id, "--apply"], ["verify"]);
  await session.runs(["remove", "customers"], ["remove", "customers", "--yes"], ["status"]);

  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(GOLDEN, session.text);
  assert.equal(session.text, readFileSync(GOLDEN, "utf8"));
});

const CONFIG = configWith(`    source: crm.customers
    target: billing.customers
    direction: two-way
    validation:
      - { field: email, type: required, config: { errorMessage: An address is needed } }
`);

/** Command lines and what they printed. */
class Session {
  text = "";
  readonly #scene: Scene;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  async runs(...lines: readonly (readonly string[])[]): Promise<void> {
    for (const words of lines) {
      const { exit, stdout, stderr } = await this.#scene.run(...words);
      const shown = words.map((word) => (/[^\w-]/.test(word) ? `'${word}'` : word));
      const status = exit === 0 ? "" : `[exit ${exit}]\n`;
      this.text += masked(`$ syncline ${shown.join(" ")}\n${stdout}${stderr}${status}\n`);
    }
  }
}

function masked(text: string): string {
  return text
    .replaceAll(/\b[0-9a-hjkmnp-tv-z]{26}\b/g, "RUN")
    .replaceAll(/(Plan |syncline apply )[\w-]{10,43}/g, "$1PLAN")
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z( *)/g, (_, gap) =>
      gap === "" ? "TIME" : "TIME  ",
    )
    .replaceAll(/(?<=in |done {2})\d[\d.]* m?s\b/g, "SOME ms");
}

async function idOf(scene: Scene, key: string): Promise<string> {
  const { stdout } = await scene.run("conflicts", "--key", key, "--json");
  return JSON.parse(stdout).result.questions[0].id;
}
