// Every command's document, over one small story in which each of them has something to say.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { MANUAL } from "../../src/cli/manual/manual.ts";
import { inserts, sceneOf } from "./scene.ts";
import { folderOf, json } from "./world.ts";
import type { Document } from "./world.ts";

test("every command prints one document of one form, and its exit code fits", async (t) => {
  const scene = sceneOf(t, 10);
  const seen = new Set<string>();
  const says = async (exit: number, ...words: readonly string[]): Promise<Look> => {
    const told = await json(scene.folder, ...words);
    checkForm(told.document, words[0] ?? "");
    assert.equal(told.exit, exit, `${words.join(" ")}: ${JSON.stringify(told.document.error)}`);
    seen.add(words[0] ?? "");
    return (path) => at(told.document, path);
  };

  assert.equal((await says(0, "validate"))("summary.pipelines"), 1);
  assert.equal((await says(0, "validate", "--offline"))("summary.isOffline"), true);
  assert.equal((await says(0, "run"))("summary.pipelines.customers.unchanged"), 10);

  scene.sql("crm.db", ...inserts(2, 11), "UPDATE customers SET name = 'A' WHERE id = 'C-1'");
  scene.sql("billing.db", "UPDATE customers SET name = 'B' WHERE id = 'C-1'");
  scene.sql("billing.db", "UPDATE customers SET email = 'new' WHERE id = 'C-2'");
  const plan = await says(10, "plan", "--exit-code");
  const figures = "summary.pipelines.customers";
  assert.deepEqual(plan(`${figures}.target`), { create: 2, update: 0, delete: 0 });
  assert.deepEqual(plan(`${figures}.source`), { create: 0, update: 1, delete: 0 });
  assert.equal(plan(`${figures}.conflicts`), 1);
  assert.equal(plan("result.items.length"), 4);
  const planId = String(plan("result.plans.0.id"));
  assert.equal(plan(`${figures}.planId`), planId);

  const applied = await says(4, "apply", planId);
  assert.equal(applied("result.runs.0.planId"), planId);
  const runId = String(applied("result.runs.0.id"));
  assert.equal((await says(0, "status"))("summary.pipelines.customers.conflicts"), 1);
  const asked = await says(0, "conflicts");
  assert.deepEqual(asked("summary"), { total: 1, shown: 1, byWhy: { conflict: 1 } });
  assert.equal(asked("result.questions.0.base"), "Customer 1");
  const held = { source: { value: "A" }, target: { value: "B" } };
  assert.deepEqual(asked("result.questions.0.held"), held);
  assert.equal((await says(4, "verify"))("summary.pipelines.customers.open"), 1);
  const answer = await says(
    0,
    "resolve",
    String(asked("result.questions.0.id")),
    "--take",
    "target",
  );
  assert.deepEqual(answer("summary"), { answered: 1, confirmed: 1, left: 0 });
  assert.equal((await says(0, "verify"))("summary.pipelines.customers.equal"), 12);

  assert.equal((await says(0, "history", "C-1"))("result.changes.0.changes.0.to"), "B");
  assert.equal((await says(0, "history", "C-1", "--at", "now"))("result.state.name"), "B");
  assert.equal((await says(0, "blame", "C-1"))("result.fields.1.value"), "B");
  assert.equal((await says(0, "runs", "--limit", "1"))("result.runs.length"), 1);
  const done = await says(0, "runs");
  assert.deepEqual(done(`result.runs.1.${figures}.target`), { create: 2, update: 0, delete: 0 });
  assert.equal((await says(0, "letters"))("summary.total"), 0);
  assert.equal((await says(0, "retry"))("summary.tried"), 0);
  const undone = await says(0, "rollback", runId);
  assert.deepEqual(undone(`${figures}.target`), { create: 0, update: 1, delete: 2 });
  assert.equal((await says(0, "remove", "customers"))("summary.isRemoved"), false);
  assert.equal((await says(0, "remove", "customers", "--yes"))("summary.isRemoved"), true);
  assert.equal((await says(0, "init", "--dir", folderOf(t)))("summary.kept"), 0);
  assert.equal((await says(0, "completion", "bash"))("summary.shell"), "bash");
  assert.equal((await says(0, "doctor"))("summary.failed"), 0);
  const looked = await says(0, "discover", "crm.db", "billing.db");
  assert.equal(looked("summary.pipelines"), 1);
  seen.add("demo"); // demo.test.ts
  assert.deepEqual([...seen].toSorted(), MANUAL.map(({ name }) => name).toSorted());
});

test("a failure is the same document, with code, message, hint and place", async (t) => {
  const scene = sceneOf(t);
  scene.configure("version: 1\nsytems: {}\n");
  const { exit, document } = await json(scene.folder, "plan");
  checkForm(document, "plan");
  assert.equal(exit, 2);
  assert.equal(document.ok, false);
  assert.equal(document.error?.exit, 2);
  assert.match(document.error.where ?? "", /syncline\.yaml:\d+:\d+/);
  const missing = await json(scene.folder, "status", "-c", join(scene.folder, "other.yaml"));
  assert.equal(missing.document.error?.code, "CONFIG_NOT_FOUND");
});

function checkForm(document: Document, command: string): void {
  const names = ["schemaVersion", "command", "ok", "summary", "result", "error"];
  assert.deepEqual(Object.keys(document), names);
  assert.equal(document.schemaVersion, "1.0");
  assert.equal(document.command, command);
  assert.equal(typeof document.ok, "boolean");
  assert.equal(typeof document.summary, "object");
  assert.notEqual(document.summary, null);
  assert.equal(document.error === null, document.ok);
}

/** Looks into a document by a dotted path. */
type Look = (path: string) => unknown;

function at(document: unknown, path: string): unknown {
  return path.split(".").reduce((value: unknown, name) => {
    assert.ok(typeof value === "object" && value !== null, `nothing at ${path}`);
    return (value as { readonly [name: string]: unknown })[name]; // arrays have names, too
  }, document);
}
