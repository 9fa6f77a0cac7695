// Every fault of the network and every class of SQLSTATE, by the command line: what is seen, how it
// ends, and that the next run loses nothing. docs/guide/postgres-faults.md is this table;
// UPDATE_GOLDEN=1 writes it anew: read the difference.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { NETWORK, STATES } from "./fault-cases.ts";
import type { FaultCase } from "./fault-cases.ts";
import { openFaultScene } from "./fault-scene.ts";
import type { Configured, FaultScene, Seen } from "./fault-scene.ts";

const GUIDE = join(import.meta.dirname, "../../docs/guide/postgres-faults.md");

test("each fault is told with what to do, and loses nothing", async (t) => {
  const scene = await openFaultScene(t);
  const tables: string[] = [];
  for (const cases of [NETWORK, STATES]) {
    const lines: string[] = [];
    for (const each of cases)
      await t.test(each.fault, async () => void lines.push(await lineOf(scene, each)));
    tables.push(HEAD + lines.join(""));
  }
  const [network = "", states = ""] = tables;
  const text = TEXT.replace("$network", () => network).replace("$states", () => states);
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(GUIDE, text);
  assert.equal(text, readFileSync(GUIDE, "utf8"));
});

async function lineOf(scene: FaultScene, { fault, begin, said }: FaultCase): Promise<string> {
  const here = await scene.edit();
  const end = await begin(scene, here);
  const seen = await seenOf(scene, said?.(scene), end);
  const then = await scene.recover();
  const { schema, role } = scene;
  const told = [seen.code && `\`${seen.code}\``, seen.message, seen.hint]
    .filter(Boolean)
    .join(": ");
  const masked = told
    .replaceAll(/127\.0\.0\.1:\d+\/[^ :,]+/g, "db:5432/billing")
    .replaceAll(role, "keeper")
    .replaceAll(schema.name, "public")
    .replaceAll(/\s+/g, " ");
  return `| ${fault} | ${masked || "nothing"} | ${seen.exit} | \`${then}\` |\n`;
}

async function seenOf(
  scene: FaultScene,
  said: Configured | undefined,
  end: (() => Promise<unknown>) | undefined,
): Promise<Seen> {
  try {
    return await scene.seen(said);
  } finally {
    await end?.();
  }
}

const HEAD = `| What goes wrong | What is seen | Exit | Enough afterwards |
|---|---|---|---|
`;

const TEXT = `# What goes wrong with PostgreSQL

Made by a test that brings each of these about, on both sides of which rows wait to be written: a
proxy between Syncline and the server does what networks do, and the server says what it says. After
each of them \`syncline run\` was enough for both sides to hold everything, or \`syncline retry\`
where a row had been refused. What is put off (exit 4) is tried again by the first run after the
time that \`syncline letters\` says; a run before that names it and ends with 4.

## The network

$network
## The server

By SQLSTATE. None of the server's words are passed on: they may hold what is in a row.

$states`;
