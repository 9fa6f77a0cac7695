// Errors as the server really sends them.
import assert from "node:assert/strict";
import { withSchema } from "./server.ts";

/** What the server sends when a statement fails so; its words hold `hunter2`. */
export async function raised(state: string): Promise<unknown> {
  let caught: unknown;
  await withSchema("", async ({ client }) => {
    const details = `ERRCODE = '${state}', DETAIL = 'hunter2'`;
    const body = `BEGIN RAISE EXCEPTION 'hunter2' USING ${details}; END`;
    await client.query(`DO $$ ${body} $$`).catch((error: unknown) => (caught = error));
  });
  assert.ok(caught !== undefined);
  return caught;
}
