// Two databases kept in agreement by a program: configuration in TypeScript, a plan, exactly that
// plan, a conflict and its answer. Run it with `node --conditions=syncline-source` in a checkout,
// or plainly where the package is installed.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { loadConfig, openConfig } from "syncline/config";
import { applyPlan, makePlan, planItems, questions, resolve, run, verify } from "syncline/engine";

const folder = mkdtempSync(join(tmpdir(), "syncline-example-"));
const signal = AbortSignal.timeout(60_000);

for (const name of ["crm", "billing"]) {
  const db = new DatabaseSync(join(folder, `${name}.db`));
  db.exec("CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT)");
  if (name === "crm")
    db.exec("INSERT INTO customers VALUES (1, 'Ada', 'ada@old.io'), (2, 'Bo', NULL)");
  db.close();
}
const file = join(folder, "syncline.yaml");
writeFileSync(
  file,
  `version: 1
systems:
  crm: { type: sqlite, path: ./crm.db }
  billing: { type: sqlite, path: ./billing.db }
pipelines:
  customers: { source: crm.customers, target: billing.customers, direction: two-way }
`,
);

const opened = await openConfig(await loadConfig(file), { access: "write" }, signal);
const [link] = opened.links;
if (link === undefined) throw new Error("the configuration has one link");

const first = await run(link, {}, signal);
console.log("first run:", first.summary.pipelines["customers"]?.sides);

edit("crm", "UPDATE customers SET email = 'ada@x.io' WHERE id = 1");
edit("billing", "UPDATE customers SET email = 'ada@y.io', name = 'Ada L.' WHERE id = 1");
const plan = await makePlan(link, {}, signal);
for await (const item of planItems(link, plan.id)) {
  console.log("planned:", item.shown, item.writes, item.questions.length, "question");
}
await applyPlan(link, plan.id, {}, signal);

for await (const question of questions(link, {})) {
  console.log("asked:", question.shown, question.field, question.held);
}
const choice = { kind: "side", side: "target" } as const;
const answer = await resolve(link, { filter: {}, choice, author: "example" }, signal);
console.log("answered:", answer.answered, "confirmed:", answer.confirmed);

const { pipelines } = await verify(link, {}, signal);
console.log("verified:", pipelines["customers"]);
await opened.close();

function edit(name: string, sql: string): void {
  const db = new DatabaseSync(join(folder, `${name}.db`));
  db.exec(sql);
  db.close();
}
