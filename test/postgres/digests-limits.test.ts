// Ranges that the server cannot put together, because it is not allowed what that takes: they are
// read row by row, at the moment of the others.
import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeKey } from "../../src/core/key.ts";
import type { Digester, DigestSpec } from "../../src/engine/index.ts";
import { isTooMuch } from "../../src/replicas/postgres/failure.ts";
import { postgresReplica } from "../../src/replicas/postgres/index.ts";
import { raised } from "./raised.ts";
import { never } from "./scene.ts";
import { withSchema } from "./server.ts";

const ROWS = 20_000;
const COLUMNS = ["id", "v"];
const MADE = `CREATE TABLE t (id int PRIMARY KEY, v text);
  INSERT INTO t SELECT i, 'v' || i FROM generate_series(1, ${ROWS}) i`;

async function fieldsOf(url: string, collection: string): Promise<DigestSpec["fields"]> {
  const replica = await postgresReplica({ name: "data", url, markers: false });
  try {
    const { collections } = await replica.describe(never);
    const found = collections.get(collection)?.fields ?? [];
    return found.map((field) => ({ column: field.name, type: field.type }));
  } finally {
    await replica.close();
  }
}

/** A digester of a user whose statements may not leave the memory of a few ranges. */
async function limited(run: (digester: Digester) => Promise<void>): Promise<void> {
  await withSchema(MADE, async ({ client, name, url }) => {
    const role = `${name}_role`;
    await client.query(
      `CREATE ROLE ${role} LOGIN; GRANT USAGE ON SCHEMA ${name} TO ${role};
       GRANT SELECT ON t TO ${role};
       ALTER ROLE ${role} SET work_mem = '256kB'; ALTER ROLE ${role} SET temp_file_limit = 0`,
    );
    const address = new URL(url);
    address.username = role;
    // The catalogue is read without the limits: how much of it there is depends on the server.
    const fields = await fieldsOf(url, `${name}.t`);
    const replica = await postgresReplica({ name: "data", url: address.href, markers: false });
    try {
      const shape = { collection: `${name}.t`, key: ["id"], columns: COLUMNS };
      const spec = { shape, fields, salt: "endsheregonehere" };
      const digester = await replica.digester?.(spec, never);
      assert.ok(digester);
      // It is of a moment before this.
      await client.query("INSERT INTO t VALUES (0, 'later')");
      try {
        await run(digester);
      } finally {
        await digester.close();
      }
    } finally {
      await replica.close();
      await client.query(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`);
    }
  });
}

async function countOf(digester: Digester): Promise<number> {
  let count = 0;
  for await (const page of digester.list(null, null)) count += page.keys.length;
  return count;
}

test("ranges end where the server may not go on, and rows are read", async () => {
  await limited(async (digester) => {
    const ranges = [];
    for await (const batch of digester.ranges(1)) ranges.push(...batch);
    assert.ok(ranges.length < ROWS && ranges.every(({ to }) => to !== null), `${ranges.length}`);
    assert.equal(await countOf(digester), ROWS);
    // What is within the limits is digested after that.
    const [whole] = (await digester.between(null, [null])) ?? [];
    assert.ok(whole?.rows === ROWS && whole.digest !== undefined);
  });
});

test("ranges whose bounds are too many for the server are not digested, and rows are", async () => {
  await limited(async (digester) => {
    const bounds = Array.from({ length: ROWS }, (_, at) => encodeKey([at + 1]) ?? "");
    assert.equal(await digester.between(null, bounds), undefined);
    assert.equal(await countOf(digester), ROWS);
    const [whole] = (await digester.between(null, [null])) ?? [];
    assert.ok(whole?.rows === ROWS && whole.digest !== undefined);
  });
});

test("what is too much is told from what went wrong", async () => {
  const expected = { "54000": true, "53200": true, "53100": true, "53400": true, XX000: true };
  for (const [state, is] of Object.entries({ ...expected, XX001: false, "57014": false })) {
    assert.equal(isTooMuch(await raised(state)), is, state);
  }
});
