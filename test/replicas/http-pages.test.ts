// Listings page by page: rows that show twice or not at all, APIs that go round in circles, and
// rows that share what a page goes by (mission scenario 26).
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import fc from "fast-check";
import type { OwnRow } from "../../src/core/state.ts";
import type { Page, Replica, Shape } from "../../src/engine/replica.ts";
import { nextLink } from "../../src/replicas/http/pages.ts";
import type { CollectionSettings, HttpOptions } from "../../src/replicas/http/index.ts";
import { finish, startApi } from "./http-server.ts";
import type { ApiOptions, Fault, TestApi } from "./http-server.ts";
import { keyOf, never, replicaOf } from "./http-subject.ts";

const IT: Shape = { collection: "it", key: ["id"], columns: ["id", "name"] };

async function given(
  t: TestContext,
  settings: CollectionSettings,
  options: ApiOptions = {},
  more: Partial<HttpOptions> = {},
): Promise<{ readonly api: TestApi; readonly replica: Replica }> {
  const api = await startApi(options);
  t.after(() => api.close());
  api.add("it", { key: ["id"] });
  const it = {
    items: "data.items",
    fields: { id: { kind: "integer" }, name: { kind: "text" } },
    ...settings,
  } as const;
  const replica = await replicaOf(api, { collections: { it }, ...more });
  t.after(() => replica.close());
  return { api, replica };
}

async function pagesOf(replica: Replica, shape = IT): Promise<readonly Page[]> {
  const pages: Page[] = [];
  for await (const page of replica.list(shape, null, never)) pages.push(page);
  return pages;
}

async function rowsOf(replica: Replica, shape = IT): Promise<readonly (OwnRow | null)[]> {
  return (await pagesOf(replica, shape)).flatMap(({ rows }) => rows);
}

/** Answers with these pages, one after the other, whatever is asked. */
const inPages =
  (...pages: readonly (readonly unknown[])[]): Fault =>
  ({ query }, answer) => {
    const at = Number(query.get("page") ?? 1) - 1;
    finish(answer, { status: 200, text: JSON.stringify({ data: { items: pages[at] ?? [] } }) });
    return true;
  };

const BY_PAGE: CollectionSettings = { key: ["id"], page: { by: "page" } };
const row = (id: number, name = `n${id}`) => ({ id, name });

test("every way to turn pages reads every row once, whatever size was asked for", async (t) => {
  const ways = [
    ["page", { by: "page", size: 10, start: 1 }],
    ["offset", { by: "offset", size: 10 }],
    ["offset", { by: "offset", more: "pagination.hasMore" }],
    ["cursor", { by: "cursor", next: "next", size: 3 }],
    ["link", { by: "link", size: 2 }],
    ["body-link", { by: "link", next: "next" }],
    ["keyset", { by: "keyset", size: 7 }],
  ] as const;
  for (const [turning, page] of ways) {
    for (const count of [0, 1, 4, 5, 12]) {
      const { api, replica } = await given(t, { key: ["id"], page }, { turning, pageRows: 4 });
      for (let id = 0; id < count; id++) api.put("it", row(id));
      const ids = (await rowsOf(replica)).map((each) => each?.[0]);
      assert.deepEqual(
        ids,
        Array.from({ length: count }, (_, id) => id),
        `${page.by} ${count}`,
      );
    }
  }
});

test("a row that moved to a later page shows once, as it was seen last", async (t) => {
  const fault = inPages([row(3), row(1)], [row(1, "newer"), row(2)]);
  const { replica } = await given(t, BY_PAGE, { fault });
  assert.deepEqual(await rowsOf(replica), [
    [1, "newer"],
    [2, "n2"],
    [3, "n3"],
  ]);
});

test("two rows of one key in one page end a listing", async (t) => {
  const { replica } = await given(t, BY_PAGE, { fault: inPages([row(1), row(1, "b")]) });
  await assert.rejects(rowsOf(replica), { code: "KEY_NOT_UNIQUE" });
});

test("what a listing passed by is not taken for gone: it is read by its key", async (t) => {
  const skips: Fault = ({ path, query }, answer, work) => {
    if (path !== "/it" || query.get("offset") === null) return false;
    finish(answer, { ...work(), text: work().text.replace('{"id":5,"name":"n5"},', "") });
    return true;
  };
  const settings: CollectionSettings = {
    key: ["id"],
    page: { by: "offset", more: "pagination.hasMore" },
  };
  const { api, replica } = await given(t, settings, { turning: "offset", fault: skips });
  for (let id = 0; id < 10; id++) api.put("it", row(id));
  const pages = await pagesOf(replica);
  assert.ok(pages.every(({ covers }) => covers?.proof === "paged"));
  assert.ok(!pages.some(({ keys }) => keys.includes(keyOf(5))));
  const read = await replica.read(IT, [keyOf(5), keyOf(10)], never);
  assert.deepEqual(read.rows, [[5, "n5"], null]);
});

test("an API that goes round in a circle is noticed", async (t) => {
  const same = await given(t, BY_PAGE, { turning: "all" });
  same.api.put("it", row(1));
  await assert.rejects(rowsOf(same.replica), /answered the same page again/);
  let count = 0;
  const fault: Fault = (_, answer) => {
    const text = JSON.stringify({
      data: { items: [row((count += 1) % 5)] },
      next: `c${count % 5}`,
    });
    finish(answer, { status: 200, text });
    return true;
  };
  const circle = await given(t, { key: ["id"], page: { by: "cursor", next: "next" } }, { fault });
  await assert.rejects(rowsOf(circle.replica), /answered the same page again/);
  assert.ok(count < 30);
  const endless: Fault = (_, answer) => {
    const text = JSON.stringify({ data: { items: [row((count += 1))] }, next: `c${count}` });
    finish(answer, { status: 200, text });
    return true;
  };
  const more = { limits: { pages: 50 } };
  const page = { by: "cursor", next: "next" } as const;
  const other = await given(t, { key: ["id"], page }, { fault: endless }, more);
  await assert.rejects(rowsOf(other.replica), { code: "LIMIT_EXCEEDED" });
});

/** Rows by their time, from one on; `limit` at most. */
const byTime =
  (rows: () => readonly { readonly id: number; readonly at: string }[], isAfter: boolean): Fault =>
  ({ query }, answer) => {
    const [at, id] = [query.get("at") ?? "", Number(query.get("id") ?? -1)];
    const size = Number(query.get("limit"));
    const found = rows().filter((each) => {
      if (isAfter) return each.at > at || (each.at === at && each.id > id);
      return each.at >= at;
    });
    const text = JSON.stringify({ data: { items: found.slice(0, size) } });
    finish(answer, { status: 200, text });
    return true;
  };

test("26: rows that share one moment across the edge of a page are all read", async (t) => {
  const rows = Array.from({ length: 3600 }, (_, id) => {
    // 25 of them in one moment, and a page ends among them.
    const minute = id >= 990 && id < 1015 ? 990 : id;
    return { id, name: `n${id}`, at: new Date(minute * 60_000).toISOString() };
  });
  const both = ["at", "id"];
  const ways: readonly CollectionSettings[] = [
    { key: ["id"], page: { by: "keyset", param: both, field: both, size: 100 } },
    { key: ["id"], page: { by: "keyset", param: "at", field: "at", size: 100, inclusive: true } },
  ];
  for (const [n, settings] of ways.entries()) {
    const { replica } = await given(t, settings, { fault: byTime(() => rows, n === 0) });
    const ids = (await rowsOf(replica)).map((each) => each?.[0]);
    assert.deepEqual(
      ids,
      rows.map(({ id }) => id),
    );
  }
  const crowded = rows.map((each) => ({ ...each, at: "2026-01-01T00:00:00Z" }));
  const { replica } = await given(t, ways[1] ?? {}, { fault: byTime(() => crowded, false) });
  await assert.rejects(rowsOf(replica), /ends where it began/);
  await assert.rejects(
    given(t, { key: ["id"], page: { by: "keyset", param: "at", field: "at" } }),
    { code: "CONFIG_INVALID", message: /would be lost between two pages/ },
  );
});

test("rows that come in the order of their keys are handed on as they come", async (t) => {
  const { api, replica } = await given(
    t,
    { key: ["id"], sorted: true, page: { by: "offset", more: "pagination.hasMore" } },
    { turning: "offset", pageRows: 1000 },
  );
  for (let id = 0; id < 5000; id++) api.put("it", row(id));
  let first = 0;
  let count = 0;
  for await (const page of replica.list(IT, null, never)) {
    first ||= api.seen.length;
    count += page.keys.length;
  }
  assert.equal(count, 5000);
  assert.ok(first < 5, "the first page is there before the last one was asked for");
});

test("the next page of a Link header is found among whatever else stands there", () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['<https://a/x?page=2>; rel="next"', "https://a/x?page=2"],
    ['<a>; rel="prev", <b>; title="x, <c>; rel=next"; rel="last next"', "b"],
    ["<a>; rel=next", "a"],
    ['<a>;rel="NEXT"', "a"],
    ['<a>; rel="nextish"', undefined],
    ["<a>; rel=prev", undefined],
    ["", undefined],
    ["garbage <<<>>> ;;; rel=next", undefined],
  ];
  for (const [header, link] of cases) assert.equal(nextLink(header), link, header);
  const evil = `<a${";".repeat(8000)}${' x="'.repeat(2000)}`;
  assert.equal(nextLink(evil), undefined);
  fc.assert(fc.property(fc.string(), (text) => nextLink(text) !== null));
});

test("names, rows and keys of any kind are rows like any other", async (t) => {
  const first = '{"id":1,"name":"a","__proto__":{"x":1},"constructor":2}';
  const odd = `{"data":{"items":[${first},7,null,{"name":"b"}]}}`;
  const fault: Fault = (_, answer) => finish(answer, { status: 200, text: odd }) === undefined;
  const { replica } = await given(t, { key: ["id"] }, { fault });
  const shape: Shape = { ...IT, columns: ["id", "name", "__proto__", "constructor"] };
  const pages = await pagesOf(replica, shape);
  assert.deepEqual(
    pages.flatMap(({ rows }) => rows),
    [[1, "a", { x: 1 }, 2]],
  );
  assert.equal(Object.hasOwn(Object.prototype, "x"), false);
  assert.deepEqual(
    pages.flatMap(({ unkeyed = [] }) => unkeyed.map(({ code }) => code)),
    ["ROW_BROKEN", "ROW_BROKEN", "KEY_MISSING"],
  );
});
