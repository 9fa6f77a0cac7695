// Names that PostgreSQL would cut off, and say so to nobody.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ddlOf } from "../../src/replicas/postgres/ddl.ts";
import { postgresReplica } from "../../src/replicas/postgres/index.ts";
import { never } from "./scene.ts";
import { serverUrl } from "./server.ts";

const LONGEST = "n".repeat(63);
const LONG = `${"é".repeat(31)}nn`;

const collection = (name: string, column: string) => ({
  name,
  fields: [{ name: column, type: { kind: "text" }, nullable: false } as const],
  key: [column],
});

test("a table or a column whose name would be cut off is not made", () => {
  assert.match(ddlOf(collection(LONGEST, LONGEST), "public"), /CREATE TABLE/);
  const says = { code: "CONFIG_INVALID", message: /is longer than 63 bytes, which is all/ };
  assert.throws(() => ddlOf(collection(LONG, "id"), "public"), says);
  assert.throws(() => ddlOf(collection("t", LONG), "public"), says);
  assert.throws(() => ddlOf(collection(`${LONG}.t`, "id"), "public"), says);
});

test("nor is a schema used, and the refusal comes before anything is written", async (t) => {
  const url = await serverUrl();
  const says = { code: "CONFIG_INVALID", where: "data" };
  await assert.rejects(postgresReplica({ name: "data", url, markers: LONG }), says);
  await assert.rejects(postgresReplica({ name: "data", url, schema: LONG }), says);
  const replica = await postgresReplica({ name: "data", url, markers: LONGEST });
  t.after(() => replica.close());
  const { creates } = await replica.describe(never);
  assert.equal(creates?.refuses?.(`public.${LONG}`)?.code, "CONFIG_INVALID");
  assert.equal(creates?.refuses?.(`public.${LONGEST}`), undefined);
});
