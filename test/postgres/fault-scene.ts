// A pipeline between SQLite and PostgreSQL by way of a proxy, on which faults are tried one after
// the other: before each of them both sides are edited, and after it everything must be there.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { cli, folderOf, json } from "../cli/world.ts";
import type { Document } from "../cli/world.ts";
import { startProxy } from "./proxy.ts";
import type { Proxy } from "./proxy.ts";
import { makeSchema } from "./server.ts";
import type { TestSchema } from "./server.ts";

/** What a person sees of one fault. */
export interface Seen {
  readonly exit: number;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** The scene of a fault. */
export interface FaultScene {
  readonly schema: TestSchema;
  readonly proxy: Proxy;
  /** A user of the server who may do what the pipeline needs, and nothing more. */
  readonly role: string;
  /** Runs with a fault, and says what is seen of it. `said`: changes to the configuration. */
  seen(said?: Configured): Promise<Seen>;
  /** Edits both sides so that each has something to be written; what the new names here are. */
  edit(): Promise<string>;
  /** What is enough, without the fault, for both sides to hold all that was edited. */
  recover(): Promise<"run" | "retry">;
}

/** What `run --json` says of entries that were left, and `letters --json` of why. */
interface Runs {
  readonly runs: readonly {
    readonly left: readonly { readonly why: string; readonly message: string }[];
  }[];
}
interface Letters {
  readonly letters: readonly { readonly code: string; readonly due: string | null }[];
}

/** What a fault says in the configuration. */
export interface Configured {
  readonly timeouts?: { readonly [name: string]: number };
  readonly database?: string;
  readonly user?: string;
}

const ROWS = 8;
const TABLE = "CREATE TABLE customers (id integer PRIMARY KEY, name text, note text)";
const ROLE_GRANTS = (role: string, { name, ours }: TestSchema): string =>
  `GRANT USAGE ON SCHEMA ${name}, ${ours} TO ${role};
   GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${name}, ${ours} TO ${role}`;

/** Both sides in agreement. */
export async function openFaultScene(t: TestContext): Promise<FaultScene> {
  const folder = folderOf(t);
  const schema = await makeSchema();
  const proxy = await startProxy(schema.url);
  const { client, name, ours } = schema;
  const role = `${name}_role`;
  t.after(async () => {
    await proxy.close();
    await client.query(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`);
    await schema.drop();
  });
  const configure = ({ timeouts = {}, database, user }: Configured = {}) => {
    const url = new URL(proxy.url);
    url.searchParams.set("application_name", name);
    if (database !== undefined) url.pathname = `/${database}`;
    if (user !== undefined) url.username = user;
    const billing = { type: "postgres", url: url.href, schema: name, markers: ours, timeouts };
    const customers = {
      source: "crm.customers",
      target: "billing.customers",
      direction: "two-way",
      guard: { deletes: { floor: 1000 } },
    };
    const systems = { crm: { type: "sqlite", path: "./crm.db" }, billing };
    const config = { version: 1, systems, pipelines: { customers } };
    writeFileSync(join(folder, "syncline.yaml"), JSON.stringify(config)); // JSON is YAML
  };
  const db = new DatabaseSync(join(folder, "crm.db"));
  t.after(() => db.close());
  db.exec(TABLE);
  await client.query(TABLE);
  const expected = new Map<number, string>();
  for (let id = 1; id <= ROWS; id++) {
    db.prepare("INSERT INTO customers VALUES (?, 'first', NULL)").run(id);
    expected.set(id, "first");
  }
  let round = 0;
  const scene: FaultScene = {
    schema,
    proxy,
    role,
    seen: async (said) => {
      configure(said);
      const { exit, stdout, stderr } = await cli(folder, "run", "--json");
      proxy.judge = () => "pass";
      assert.ok(!(stdout + stderr).includes("hunter2"), "none of the server's words is passed on");
      const { error, result } = JSON.parse(stdout) as Document;
      if (error !== null) return { ...error, hint: error.hint ?? "" };
      const [left] = (result as unknown as Runs).runs.flatMap((each) => each.left);
      const { letters } = (await json(folder, "letters")).document.result as unknown as Letters;
      const code = letters[0]?.code ?? left?.why ?? "";
      return { exit, code, message: left?.message ?? "", hint: "" };
    },
    edit: async () => {
      round += 1;
      const [here, there] = [`here ${round}`, `there ${round}`];
      const [made, came] = [1000 + round, 2000 + round];
      db.exec(`UPDATE customers SET name = '${here}' WHERE id IN (1, 2);
        INSERT INTO customers VALUES (${made}, '${here}', NULL);
        DELETE FROM customers WHERE id = ${1998 + round}`);
      await client.query(`UPDATE customers SET name = '${there}' WHERE id IN (3, 4);
        INSERT INTO customers VALUES (${came}, '${there}', NULL);
        DELETE FROM customers WHERE id = ${998 + round}`);
      for (const id of [1, 2, made]) expected.set(id, here);
      for (const id of [3, 4, came]) expected.set(id, there);
      expected.delete(1998 + round);
      expected.delete(998 + round);
      return here;
    },
    recover: async () => {
      configure();
      await sleep(await untilDue(folder));
      const first = await cli(folder, "run", "--json");
      const isEnough = first.exit === 0;
      const last = isEnough ? first : await cli(folder, "retry", "--json");
      assert.equal(last.exit, 0, first.stdout + last.stdout + last.stderr);
      const all = "SELECT id, name FROM customers ORDER BY id";
      const here = db.prepare(all).all();
      const rows = [...expected].map(([id, text]) => ({ id, name: text }));
      rows.sort((a, b) => a.id - b.id);
      assert.deepEqual(
        here.map((row) => ({ ...row })),
        rows,
      );
      assert.deepEqual((await client.query(all)).rows, rows);
      return isEnough ? "run" : "retry";
    },
  };
  await scene.recover();
  await client.query(`CREATE ROLE ${role} LOGIN; ${ROLE_GRANTS(role, schema)}`);
  return scene;
}

/** How long the last of what was put off waits (ms): a run that comes before leaves it. */
async function untilDue(folder: string): Promise<number> {
  const { letters } = (await json(folder, "letters")).document.result as unknown as Letters;
  const times = letters.map(({ due }) => (due === null ? 0 : Date.parse(due) - Date.now()));
  return Math.max(0, ...times);
}
