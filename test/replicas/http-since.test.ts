// What an API says was changed since a moment, and what must not be lost between two of them
// (mission scenario 26).
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import type { Cursor, FeedPage, Replica, Shape } from "../../src/engine/replica.ts";
import type { CollectionSettings, SinceSettings } from "../../src/replicas/http/index.ts";
import { startApi } from "./http-server.ts";
import type { ApiOptions, TestApi } from "./http-server.ts";
import { never, replicaOf } from "./http-subject.ts";

const IT: Shape = { collection: "it", key: ["id"], columns: ["id", "name"] };
const SINCE: SinceSettings = { param: "updated_since", field: "updated_at", overlap: 60 };

async function given(
  t: TestContext,
  since: SinceSettings = SINCE,
  options: ApiOptions = { turning: "offset", pageRows: 10 },
): Promise<{ readonly api: TestApi; readonly replica: Replica }> {
  const api = await startApi(options);
  t.after(() => api.close());
  api.add("it", { key: ["id"] });
  const it: CollectionSettings = {
    items: "data.items",
    key: ["id"],
    fields: { id: { kind: "integer" } },
    page: { by: "offset", more: "pagination.hasMore" },
    since,
  };
  const replica = await replicaOf(api, { collections: { it } });
  t.after(() => replica.close());
  return { api, replica };
}

const START = Date.parse("2026-01-01T00:00:00Z");
const row = (id: number, seconds: number, more: object = {}) => ({
  id,
  name: `n${id}`,
  updated_at: new Date(START + seconds * 1000).toISOString(),
  ...more,
});

interface Pulled {
  readonly ids: readonly (number | string)[];
  readonly cursor: Cursor | undefined;
}

async function pull(replica: Replica, cursor: Cursor | undefined): Promise<Pulled> {
  const pages: FeedPage[] = [];
  for await (const page of replica.changes([IT], cursor, never)) pages.push(page);
  assert.ok(pages.every(({ isNow }) => isNow === true));
  const ids = pages.flatMap(({ keys, rows }) =>
    keys.map((_, at) => (rows[at] === null ? "gone" : Number(rows[at]?.[0]))),
  );
  return { ids, cursor: pages.at(-1)?.cursor ?? cursor };
}

test("what was changed is told, and so much of what was before that nothing is lost", async (t) => {
  const { api, replica } = await given(t);
  for (let id = 0; id < 25; id++) api.put("it", row(id, 1000));
  const head = await replica.head?.([IT], never);
  const first = await pull(replica, head);
  assert.equal(first.ids.length, 25);
  api.put("it", row(30, 1000), row(31, 950), row(32, 2000));
  const second = await pull(replica, first.cursor);
  const news = new Set(second.ids);
  assert.ok(
    [30, 31, 32].every((id) => news.has(id)),
    "one moment, and one committed late",
  );
  const third = await pull(replica, second.cursor);
  assert.deepEqual(third.ids, [32]);
  assert.equal(api.seen.at(-1)?.query.get("updated_since"), "2026-01-01T00:32:20.000Z");
});

test("a pull that breaks off begins where it began", async (t) => {
  const { api, replica } = await given(t, SINCE, { turning: "offset", pageRows: 1000 });
  for (let id = 0; id < 2500; id++) api.put("it", row(id, id));
  const cursors: Cursor[] = [];
  for await (const page of replica.changes([IT], "{}", never)) cursors.push(page.cursor);
  assert.equal(cursors.length, 3);
  assert.deepEqual(cursors.slice(0, 2), ["{}", "{}"]);
  assert.notEqual(cursors[2], "{}");
});

test("what changes while pages are turned is asked for again by the API's clock", async (t) => {
  const { api, replica } = await given(t);
  let date = START + 100_000;
  api.options.fault = (_, answer) => {
    answer.setHeader("date", new Date(date).toUTCString());
    return false;
  };
  api.put("it", row(1, 0), row(2, 5000));
  const first = await pull(replica, undefined);
  date += 1_000_000;
  await pull(replica, first.cursor);
  assert.equal(api.seen.at(-1)?.query.get("updated_since"), "2026-01-01T00:00:40.000Z");
});

test("deletions are told where the API marks them", async (t) => {
  const { api, replica } = await given(t, { ...SINCE, deleted: "deleted_at" });
  api.put(
    "it",
    row(1, 0, { deleted_at: null }),
    row(2, 0, { deleted_at: "2026-01-01" }),
    row(3, 0),
  );
  assert.deepEqual((await pull(replica, undefined)).ids, [1, "gone", 3]);
});

test("moments are written and read in every form that was said", async (t) => {
  const cases = [
    ["seconds", 1767226000, "1767225940"],
    ["milliseconds", 1767226000500, "1767225940500"],
    ["iso", "2026-01-01T00:06:40.500001Z", "2026-01-01T00:05:40.500Z"],
    ["iso", "2026-01-01 00:06:40", "2026-01-01T00:05:40.000Z"],
    ["iso", "2026-01-01T01:06:40+01:00", "2026-01-01T00:05:40.000Z"],
  ] as const;
  for (const [format, updated_at, asked] of cases) {
    const { api, replica } = await given(t, { ...SINCE, format });
    api.put("it", { id: 1, name: "a", updated_at });
    const { cursor } = await pull(replica, undefined);
    await pull(replica, cursor);
    assert.equal(api.seen.at(-1)?.query.get("updated_since"), asked);
  }
});

test("a row without a moment, and a cursor that is none of ours, are refused", async (t) => {
  const { api, replica } = await given(t);
  api.put("it", { id: 1, name: "a", updated_at: null });
  await assert.rejects(pull(replica, undefined), /a row without a moment in 'updated_at'/);
  for (const cursor of ["", "7", "null", '{"it":"x"}']) {
    await assert.rejects(pull(replica, cursor), { code: "CURSOR_LOST" });
  }
});
