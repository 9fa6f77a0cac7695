// A trading company of 13 tables that refer to each other, rings included, two-way between SQLite
// and PostgreSQL in every pairing, and compared by means outside the product.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { cli, folderOf } from "../cli/world.ts";
import { makeSchema } from "../postgres/server.ts";
import { makeDice } from "../../src/testing/world/dice.ts";
import { DUMPER } from "./dump.ts";
import { create, dumpSql, fill, TABLES } from "./northwind.ts";
import type { Dialect, Table } from "./northwind.ts";
import type { Said } from "./scene.ts";

/** A database with the company's tables, used as its own users use it. */
interface Store {
  readonly dialect: Dialect;
  /** As the configuration names it. */
  readonly system: object;
  /** Executes statements in one transaction. */
  readonly sql: (...statements: readonly string[]) => Promise<void>;
  readonly lines: (query: string) => Promise<readonly string[]>;
}

interface Scene {
  readonly left: Store;
  readonly right: Store;
  /** Runs a command line with --json, which must end so. */
  readonly say: (exit: number, ...words: readonly string[]) => Promise<Said>;
}

async function sceneOf(t: TestContext, pair: readonly [Dialect, Dialect]): Promise<Scene> {
  const folder = folderOf(t);
  const storeFor = async (dialect: Dialect, name: string): Promise<Store> =>
    dialect === "sqlite" ? sqliteIn(join(folder, `${name}.db`)) : postgresFor(t);
  const left = await storeFor(pair[0], "left");
  const right = await storeFor(pair[1], "right");
  const pipeline = {
    source: "left.*",
    target: "right.*",
    direction: "two-way",
  };
  const systems = { left: left.system, right: right.system };
  const config = JSON.stringify({ version: 1, systems, pipelines: { all: pipeline } });
  writeFileSync(join(folder, "syncline.yaml"), config);
  return {
    left,
    right,
    say: async (exit, ...words) => {
      const ran = await cli(folder, ...words, "--json");
      assert.equal(ran.exit, exit, `${words.join(" ")}: ${ran.stdout.slice(-1500)}${ran.stderr}`);
      return { ...(JSON.parse(ran.stdout) as Omit<Said, "exit">), exit: ran.exit }; // --json
    },
  };
}

function sqliteIn(path: string): Store {
  return {
    dialect: "sqlite",
    system: { type: "sqlite", path },
    sql: async (...statements) => {
      const database = new DatabaseSync(path);
      try {
        database.exec(["BEGIN", ...statements, "COMMIT"].join(";\n"));
      } finally {
        database.close();
      }
    },
    lines: async (query) => (DUMPER === "sqlite3" ? byProgram(path, query) : byNode(path, query)),
  };
}

function byProgram(path: string, query: string): readonly string[] {
  const { status, stdout, stderr } = spawnSync("sqlite3", ["-readonly", path, query], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  return stdout.split("\n").filter((line) => line !== "");
}

function byNode(path: string, query: string): readonly string[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database
      .prepare(query)
      .all()
      .map(({ line }) => String(line));
  } finally {
    database.close();
  }
}

async function postgresFor(t: TestContext): Promise<Store> {
  const schema = await makeSchema();
  const { client, url, name, ours } = schema;
  t.after(() => schema.drop());
  return {
    dialect: "postgres",
    system: { type: "postgres", url, schema: name, markers: ours },
    sql: async (...statements) => {
      await client.query(["BEGIN", ...statements, "COMMIT"].join(";\n"));
    },
    lines: async (query) => {
      const { rows } = await client.query(query);
      return rows.map(({ line }: { readonly line: string }) => line);
    },
  };
}

/** All rows of all tables. */
async function dump(store: Store, tables = TABLES): Promise<{ readonly [name: string]: unknown }> {
  const all: { [name: string]: unknown } = {};
  for (const table of tables) all[table.name] = await store.lines(dumpSql(store.dialect, table));
  return all;
}

async function both({ left, right }: Scene, statements: (dialect: Dialect) => readonly string[]) {
  for (const store of [left, right]) await store.sql(...statements(store.dialect));
}

/** Both sides hold this, verify agrees, and nothing is left to do. */
async function assertRest(scene: Scene, expected: object): Promise<void> {
  assert.deepEqual(await dump(scene.left), expected);
  assert.deepEqual(await dump(scene.right), expected);
  await scene.say(0, "verify");
  const plan = await scene.say(0, "plan");
  assert.deepEqual(
    plan.result.plans.map(({ writes }) => writes),
    [0],
  );
}

/** What people do on the left, and at the same time on the right. */
const FIRST: { readonly left: readonly string[]; readonly right: readonly string[] } = {
  left: [
    "UPDATE products SET category = 3 WHERE id IN (1, 2, 3) AND category <> 1",
    // A ring of new rows, and what refers to it.
    "INSERT INTO departments VALUES (7, 'Department 7', NULL)",
    "INSERT INTO employees VALUES (61, 'Employee 61', 'x61', 60, 7)",
    "UPDATE departments SET head = 61 WHERE id = 7",
    "INSERT INTO orders VALUES (301, 'C-1', 61, 1, '2026-11-26', 1.5)",
    "INSERT INTO order_details VALUES (301, 1, 2, 3.25), (301, 2, 1, 0.5)",
    // Keys changed: of a parent and of those that refer to it.
    "INSERT INTO territories VALUES ('T-new', 1, 'Territory 1')",
    "UPDATE employee_territories SET territory = 'T-new' WHERE territory = 'T-1'",
    "DELETE FROM territories WHERE code = 'T-1'",
    // Unique values swapped.
    "UPDATE products SET sku = 'none' WHERE id = 10",
    "UPDATE products SET sku = 'sku-10' WHERE id = 11",
    "UPDATE products SET sku = 'sku-11' WHERE id = 10",
    // Rows moved to other parents, and rows deleted with what refers to them.
    "UPDATE employees SET reports_to = 60 WHERE id <= 5",
    "UPDATE departments SET head = NULL WHERE head = 1",
    "DELETE FROM employees WHERE id = 1",
    "DELETE FROM orders WHERE id = 5",
  ],
  right: [
    // A key changed that others follow.
    "UPDATE customers SET code = 'C-new' WHERE code = 'C-7'",
    "UPDATE departments SET name = 'none' WHERE id = 2",
    "UPDATE departments SET name = 'Department 2' WHERE id = 3",
    "UPDATE departments SET name = 'Department 3' WHERE id = 2",
    "DELETE FROM suppliers WHERE id = 10",
    "DELETE FROM shippers WHERE id = 4",
    "INSERT INTO categories VALUES (13, 'Category 13', 12)",
    "UPDATE categories SET parent = 13 WHERE id = 3",
    "UPDATE products SET category = 13 WHERE id = 20",
    "UPDATE orders SET freight = 7.25 WHERE id = 10",
    "DELETE FROM order_details WHERE order_id = 11",
    "INSERT INTO order_details VALUES (11, 5, 1, 9.99)",
    // Products that belonged there are changed by the store.
    "DELETE FROM categories WHERE id = 1",
  ],
};

/** Afterwards the ring goes from the other side, and a new ring comes with all that it needs. */
const SECOND: typeof FIRST = {
  left: [
    "INSERT INTO customers VALUES ('C-41', 'Customer 41', 41)",
    "INSERT INTO contacts VALUES (41, 'C-41', 'Contact 41')",
    "INSERT INTO orders VALUES (302, 'C-41', NULL, 2, '2026-11-27', NULL)",
  ],
  right: [
    "UPDATE orders SET employee = NULL WHERE employee = 61",
    "UPDATE departments SET head = NULL WHERE id = 7",
    "DELETE FROM employees WHERE id = 61",
    "DELETE FROM departments WHERE id = 7",
  ],
};

const ALL_GONE = [
  "UPDATE departments SET head = NULL",
  "UPDATE employees SET reports_to = NULL",
  "UPDATE categories SET parent = NULL",
  "UPDATE customers SET contact = NULL",
  ...(
    "order_details orders employee_territories territories regions employees departments " +
    "products categories suppliers shippers contacts customers"
  )
    .split(" ")
    .map((table) => `DELETE FROM ${table}`),
];

const DICE = makeDice(26);
const FILL = fill(() => DICE.next());
const PAIRS: readonly (readonly [Dialect, Dialect])[] = [
  ["sqlite", "postgres"],
  ["postgres", "sqlite"],
  ["postgres", "postgres"],
];

for (const pair of PAIRS) {
  const title = pair.join(" and ");
  test(`10. a company in ${title} is loaded, changed on both sides and deleted`, async (t) => {
    const scene = await sceneOf(t, pair);
    // Somebody who does everything in one place.
    const one = sqliteIn(join(folderOf(t), "one.db"));
    await one.sql(...create("sqlite"), ...FILL);
    await both(scene, (dialect) => create(dialect));
    await scene.left.sql(...FILL);
    const loaded = await scene.say(0, "run");
    assert.deepEqual(loaded.result.runs[0]?.left, []);
    await assertRest(scene, await dump(one));
    for (const { left, right } of [FIRST, SECOND]) {
      await scene.left.sql(...left);
      await scene.right.sql(...right);
      await one.sql(...left, ...right);
      const said = await scene.say(0, "run");
      assert.deepEqual(said.result.runs[0]?.left, []);
      await assertRest(scene, await dump(one));
    }
    await scene.right.sql(...ALL_GONE);
    await one.sql(...ALL_GONE);
    await scene.say(0, "run", "--allow-deletes");
    await assertRest(scene, await dump(one));
    assert.deepEqual((await dump(one))["employees"], []);
  });
}

const INVOICES =
  "CREATE TABLE invoices (id integer PRIMARY KEY, " +
  "order_id integer REFERENCES orders (id) ON DELETE CASCADE)";

for (const pair of PAIRS) {
  const title = pair.join(" and ");
  test(`10. what ${title} would take along outside the plan is withheld`, async (t) => {
    const scene = await sceneOf(t, pair);
    await both(scene, (dialect) => create(dialect));
    await scene.left.sql(...FILL);
    await scene.right.sql(INVOICES);
    await scene.say(0, "run");
    await scene.left.sql("DELETE FROM orders WHERE id IN (20, 21, 22, 23)");
    await scene.right.sql(
      // In a table that no pipeline knows, and in one where it has just been put.
      "INSERT INTO invoices VALUES (1, 20)",
      "INSERT INTO order_details SELECT 21, max(product) + 1, 1, 1 FROM order_details" +
        " WHERE order_id = 21 HAVING max(product) < 80",
      "UPDATE customers SET contact = NULL WHERE code = 'C-3'",
    );
    const plan = await scene.say(0, "plan");
    const notes = plan.result.plans[0]?.notes.filter(({ code }) => code === "CASCADE_WITHHELD");
    assert.match(JSON.stringify(notes), /rows of (?:[\w.]*\.)?invoices refer/);
    assert.match(JSON.stringify(notes), /rows of (?:[\w.]*\.)?order_details refer/);
    await scene.say(4, "run");
    const orders = "SELECT CAST(id AS text) AS line FROM orders WHERE id BETWEEN 20 AND 23";
    assert.deepEqual((await scene.right.lines(`${orders} ORDER BY id`)).toSorted(), ["20", "21"]);
    const invoices = "SELECT CAST(order_id AS text) AS line FROM invoices";
    assert.deepEqual(await scene.right.lines(invoices), ["20"]);
    const news = "SELECT 'there' AS line FROM order_details WHERE order_id = 21";
    assert.deepEqual(await scene.right.lines(news), ["there"], "what was new is still there");

    await scene.say(0, "run", "--allow-deletes");
    assert.deepEqual(await scene.right.lines(orders), []);
    assert.deepEqual(await scene.right.lines(invoices), [], "a person allowed it");
    await scene.say(0, "run");
    await assertRest(scene, await dump(scene.left));
  });
}

/** Neither of two rows can do without the other one. */
const TEAMS: readonly Table[] = [
  {
    name: "teams",
    columns: { id: "integer", lead: "integer!", name: "text" },
    key: ["id"],
    references: [{ columns: ["lead"], table: "members", to: ["id"], isDeferred: true }],
  },
  {
    name: "members",
    columns: { id: "integer", team: "integer!" },
    key: ["id"],
    references: [{ columns: ["team"], table: "teams", to: ["id"], isDeferred: true }],
  },
  { name: "rooms", columns: { id: "integer", name: "text" }, key: ["id"] },
];
const TEAM = ["INSERT INTO teams VALUES (1, 1, 'one')", "INSERT INTO members VALUES (1, 1)"];

for (const pair of PAIRS) {
  const title = pair.join(" and ");
  test(`10. a ring of ${title} in which nothing may be NULL is left by name`, async (t) => {
    const scene = await sceneOf(t, pair);
    await both(scene, (dialect) => create(dialect, TEAMS));
    await both(scene, () => TEAM);
    await scene.say(0, "run");
    await scene.left.sql(
      "INSERT INTO teams VALUES (2, 2, 'two')",
      "INSERT INTO members VALUES (2, 2)",
      "UPDATE teams SET name = 'first' WHERE id = 1",
      "INSERT INTO rooms VALUES (1, 'red')",
    );
    const said = await scene.say(4, "run");
    const left = said.result.runs[0]?.left ?? [];
    assert.deepEqual(
      left.map(({ shown, side, why }) => [shown, side, why]),
      [
        ["2", "target", "later"],
        ["2", "target", "later"],
      ],
    );
    const { letters } = (await scene.say(0, "letters")).result;
    assert.equal(letters.length, 2);
    for (const { errors } of letters) assert.match(errors.join(), /(?:teams|members).*refer/);
    // What is there already goes on, and so does everything else.
    const teams = await scene.right.lines("SELECT name AS line FROM teams");
    assert.deepEqual(teams, ["first"]);
    assert.deepEqual(await scene.right.lines("SELECT name AS line FROM rooms"), ["red"]);
    // Once somebody has put them in, they are found equal.
    await scene.right.sql(
      "INSERT INTO teams VALUES (2, 2, 'two')",
      "INSERT INTO members VALUES (2, 2)",
    );
    await scene.say(0, "run");
    assert.deepEqual(await dump(scene.left, TEAMS), await dump(scene.right, TEAMS));
    await scene.say(0, "verify");
  });
}
