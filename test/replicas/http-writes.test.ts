// What becomes of writes to an API whose answers are lost, late, odd or refusals.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Shape } from "../../src/engine/replica.ts";
import { IT, given, methods, told } from "./http-given.ts";
import { finish } from "./http-server.ts";
import type { ApiOptions, ApiRow, Fault } from "./http-server.ts";
import { creation, keyOf, move, never, write } from "./http-subject.ts";

/** Does what is asked, and says nothing of it. */
const loses =
  (...which: readonly string[]): Fault =>
  ({ method }, answer, work) => {
    if (!which.includes(method)) return false;
    work();
    return answer.destroy() !== undefined;
  };

test("a write whose answer is lost is looked for, and not sent again", async (t) => {
  const api: ApiOptions = { fault: loses("POST", "PATCH", "DELETE") };
  const { api: on, replica } = await given(t, {}, { api });
  on.put("it", { id: 2, name: "b", more: null }, { id: 3, name: "c", more: null });
  const outcomes = await write(replica, IT, [
    creation(1, "a"),
    move([2, "b"], [2, "B"]),
    move([3, "c"], null),
  ]);
  assert.deepEqual(told(outcomes), [[1, "a"], [2, "B"], null]);
  const writes = methods(on.seen).filter((each) => !each.startsWith("GET"));
  assert.deepEqual(writes.toSorted(), ["DELETE /it/3", "PATCH /it/2", "POST /it"]);
});

test("a write that never arrives is unknown, and one whose look fails as well", async (t) => {
  const silent: Fault = ({ method }) => method !== "GET";
  const { api, replica } = await given(
    t,
    {},
    { api: { fault: silent }, options: { limits: { answerMs: 1000, retries: 0 } } },
  );
  const writes = [creation(1, "a")];
  assert.deepEqual(told(await write(replica, IT, writes)), [
    "unknown OUTCOME_UNKNOWN: POST /it was not answered in time",
  ]);
  let posts = 0;
  api.options.fault = ({ method }, answer) => {
    if (method === "POST") posts += 1;
    return posts > 0 && answer.destroy() !== undefined;
  };
  assert.deepEqual(told(await write(replica, IT, writes)), [
    "unknown OUTCOME_UNKNOWN: POST /it broke off: the connection was closed",
  ]);
  assert.equal(posts, 1);
});

test("what an API remembers is sent again under its name, and lands once", async (t) => {
  let lost = 2;
  const names: unknown[] = [];
  const fault: Fault = ({ method, headers }, answer, work) => {
    if (method === "GET") return false;
    names.push(headers["idempotency-key"]);
    if (lost-- <= 0) return false;
    work();
    return answer.destroy() !== undefined;
  };
  let stored = 0;
  const { api, replica } = await given(
    t,
    { idempotent: true, compare: "server" },
    { api: { remembers: true, fault } },
  );
  api.add("it", { key: ["id"], store: (row) => ({ ...row, more: (stored += 1) }) });
  assert.deepEqual(told(await write(replica, IT, [creation(1, "a")])), [[1, "a"]]);
  assert.equal(names.length, 3);
  assert.deepEqual(new Set(names).size, 1, "one name for one write");
  assert.equal(stored, 1);
  const again = { ...creation(2, "b"), again: "earlier.0" };
  await write(replica, IT, [again]);
  await write(replica, IT, [{ ...again, key: keyOf(3), to: [3, "c"] }]);
  assert.equal(names[3], names[4], "a write that is repeated keeps the name it had");
  assert.notEqual(names[0], names[3]);
});

test("somebody who was faster is not overwritten, and their row comes back", async (t) => {
  const { api, replica } = await given(t, { compare: "server" }, { api: { etags: true } });
  api.put("it", { id: 1, name: "a", more: null });
  await replica.read(IT, [keyOf(1)], never);
  assert.deepEqual(told(await write(replica, IT, [move([1, "a"], [1, "b"])])), [[1, "b"]]);
  api.seen.length = 0;
  assert.deepEqual(told(await write(replica, IT, [move([1, "b"], [1, "c"])])), [[1, "c"]]);
  assert.deepEqual(methods(api.seen), ["PATCH /it/1"], "its ETag was remembered");
  api.put("it", { id: 1, name: "theirs", more: null });
  api.seen.length = 0;
  const late = await write(replica, IT, [move([1, "c"], [1, "d"]), creation(2, "x")]);
  assert.deepEqual(told(late), [
    ["stale", [1, "theirs"]],
    [2, "x"],
  ]);
  assert.ok(methods(api.seen).includes("PATCH /it/1"), "the API compared");
  assert.equal(api.all("it")[0]?.["name"], "theirs");
  api.put("it", { id: 5, name: "there", more: null });
  assert.deepEqual(told(await write(replica, IT, [creation(5, "mine")])), [
    ["stale", [5, "there"]],
  ]);
});

test("who edits between our look and our write is seen by the ETag", async (t) => {
  let looks = 0;
  const { api, replica } = await given(t, {}, { api: { etags: true } });
  api.put("it", { id: 1, name: "a", more: null });
  await replica.read(IT, [keyOf(1)], never);
  api.options.fault = (seen, answer, work) => {
    if (seen.method !== "GET" || (looks += 1) > 1) return false;
    finish(answer, work());
    api.put("it", { id: 1, name: "theirs", more: null });
    return true;
  };
  assert.deepEqual(told(await write(replica, IT, [move([1, "a"], [1, "b"])])), [
    ["stale", [1, "theirs"]],
  ]);
});

test("a conflict that is none of ours waits", async (t) => {
  const { api, replica } = await given(t, {});
  api.add("it", { key: ["id"], refuses: () => [409, "its parent is missing"] });
  assert.deepEqual(told(await write(replica, IT, [creation(1, "a")])), [
    "later CONSTRAINT: POST /it answered 409: its parent is missing",
  ]);
});

test("each refusal is one row's, and an API that is gone is nobody's", async (t) => {
  const { api, replica } = await given(t, {}, { options: { limits: { concurrent: 1 } } });
  api.add("it", {
    key: ["id"],
    refuses: ({ name }) =>
      name === "bad" ? [422, "no"] : name === "denied" ? [403, "no"] : undefined,
  });
  const outcomes = await write(replica, IT, [
    creation(1, "a"),
    creation(2, "bad"),
    creation(3, "denied"),
    creation(4, "d"),
  ]);
  assert.deepEqual(told(outcomes), [
    [1, "a"],
    "refused WRITE_REFUSED: POST /it answered 422: no",
    "refused WRITE_REFUSED: POST /it answered 403: no",
    [4, "d"],
  ]);
  let count = 0;
  api.options.fault = ({ method }, answer) => {
    count += method === "POST" ? 1 : 0;
    if (count < 2) return false;
    finish(answer, { status: 401, text: '{"error":"expired"}' });
    return true;
  };
  const half = await write(replica, IT, [creation(5, "e"), creation(6, "f"), creation(7, "g")]);
  assert.deepEqual(
    half.map(({ kind }) => kind),
    ["applied", "later", "later"],
  );
  assert.equal(count, 2, "nothing else is tried");
  await assert.rejects(write(replica, IT, [creation(8, "h")]), { code: "REPLICA_DENIED" });
  await api.close();
  await assert.rejects(write(replica, IT, [creation(9, "i")]), { code: "REPLICA_UNAVAILABLE" });
});

test("an API that is busy three times in a row is left alone", async (t) => {
  const fault: Fault = ({ method }, answer) => {
    if (method !== "POST") return false;
    finish(answer, { status: 503, text: "{}", headers: { "retry-after": "3" } });
    return true;
  };
  const { api, replica } = await given(
    t,
    {},
    { api: { fault }, options: { limits: { concurrent: 1 } } },
  );
  await replica.describe(never);
  const writes = [1, 2, 3, 4, 5].map((id) => creation(id, "n"));
  await assert.rejects(write(replica, IT, writes), { code: "REPLICA_UNAVAILABLE", retry: "later" });
  assert.equal(api.seen.filter(({ method }) => method === "POST").length, 3);
});

test("a gateway's silence and a server's failure are looked into", async (t) => {
  const statuses = [500, 502, 202];
  const done = new Map<number, boolean>();
  const fault: Fault = ({ method, body }, answer, work) => {
    if (method !== "POST") return false;
    const id = Number(/"id":(\d)/.exec(body)?.[1]);
    if (done.get(id) === true) work();
    finish(answer, { status: statuses[id % 3] ?? 0, text: "" });
    return true;
  };
  const { replica } = await given(t, {}, { api: { fault } });
  for (const id of [0, 1, 2]) done.set(id, true);
  const outcomes = await write(
    replica,
    IT,
    [0, 1, 2, 3, 4, 5].map((id) => creation(id, "n")),
  );
  assert.deepEqual(told(outcomes), [
    [0, "n"],
    [1, "n"],
    [2, "n"],
    "later REPLICA_UNAVAILABLE: POST /it answered 500",
    "unknown OUTCOME_UNKNOWN: POST /it answered 502",
    "unknown OUTCOME_UNKNOWN: POST /it answered 202",
  ]);
});

test("what nobody told of stays, in a PATCH and in a PUT", async (t) => {
  for (const update of ["PATCH", "PUT"] as const) {
    const readonly = ["made"];
    const { api, replica } = await given(t, { update }, { collection: { readonly } });
    const row: ApiRow = { id: 1, name: "a", more: { big: 9007199254740993n, list: [1] }, made: 7 };
    api.put("it", row);
    await write(replica, IT, [move([1, "a"], [1, "b"])]);
    const sent = api.seen.at(-1)?.body ?? "";
    if (update === "PATCH") assert.equal(sent, '{"name":"b"}');
    else assert.equal(sent, '{"id":1,"more":{"big":9007199254740993,"list":[1]},"name":"b"}');
    api.seen.length = 0;
    api.put("it", { ...row, name: "b" });
    await write(replica, IT, [move([1, "b"], [1, "b"])]);
    if (update === "PATCH") assert.deepEqual(methods(api.seen), ["GET /it/1"], "nothing differs");
  }
});

test("ids that the API makes are its own: rows are known by a field that keeps ours", async (t) => {
  const stray = await given(t, {});
  let ids = 100;
  const withId = (row: ApiRow): ApiRow => ({ ...row, id: (ids += 1) });
  stray.api.add("it", { key: ["id"], store: withId });
  const [refused] = await write(stray.replica, IT, [creation(1, "a")]);
  assert.ok(refused?.kind === "refused");
  assert.match(refused.error.hint ?? "", /keys of its own.*item/s);

  const shape: Shape = { collection: "it", key: ["ref"], columns: ["ref", "name"] };
  const { api, replica } = await given(
    t,
    {},
    { collection: { key: ["ref"], item: "/it/{id}", fields: { ref: { kind: "text" } } } },
  );
  api.add("it", { key: ["id"] });
  api.options.fault = ({ method, path, body }, answer) => {
    if (method !== "POST" || path !== "/it") return false;
    const row = { ...(JSON.parse(body) as ApiRow), id: (ids += 1) };
    api.put("it", row);
    finish(answer, { status: 201, text: JSON.stringify(row) });
    return true;
  };
  api.put("it", { id: 7, ref: "x", name: "theirs" });
  assert.deepEqual(told(await write(replica, shape, [creation("y", "a")])), [["y", "a"]]);
  const moves = [move(["y", "a"], ["y", "b"]), move(["x", "theirs"], null)];
  assert.deepEqual(told(await write(replica, shape, moves)), [["y", "b"], null]);
  assert.deepEqual(
    api.all("it").map(({ ref, name }) => [ref, name]),
    [["y", "b"]],
  );
  const page = await replica.read(shape, [keyOf("y"), keyOf("x")], never);
  assert.deepEqual(page.rows, [["y", "b"], null]);
});

test("a row that gets another key is created there and deleted here", async (t) => {
  const { api, replica } = await given(t, {});
  const renames = [{ ...move([1, "a"], [2, "a"]) }];
  api.put("it", { id: 1, name: "a", more: null }, { id: 2, name: "a", more: null });
  assert.deepEqual(told(await write(replica, IT, renames)), [[2, "a"]]);
  assert.deepEqual(
    api.all("it").map(({ id }) => id),
    [2],
  );
  api.put("it", { id: 1, name: "a", more: null }, { id: 2, name: "another", more: null });
  assert.deepEqual(told(await write(replica, IT, renames)), [
    "later CONSTRAINT: POST /it was not sent: another row has the new key of this one",
  ]);
});

test("no key leads to another address than that of its row", async () => {
  const { api, replica } = await given(
    undefined,
    { create: "PUT" },
    {
      collection: { fields: { id: { kind: "text" }, name: { kind: "text" } } },
    },
  );
  try {
    const odd = fc.oneof(
      fc.constantFrom(
        "",
        ".",
        "..",
        "../it",
        "%2e%2e",
        "a/b",
        "a?b=1",
        "a#b",
        "\r\nX: 1",
        "@",
        "//x",
      ),
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }),
    );
    await fc.assert(
      fc.asyncProperty(odd, async (id) => {
        if (!id.isWellFormed()) return;
        api.add("it", { key: ["id"], fields: ["id", "name"] });
        const [outcome] = await write(replica, IT, [creation(id, "a")]);
        const isPart = !["", ".", ".."].includes(id);
        assert.equal(outcome?.kind, isPart ? "applied" : "refused");
        const held = [...(api.rows.get("it") ?? [])];
        assert.deepEqual(held, isPart ? [[id, { id, name: "a" }]] : []);
        const gone = await write(replica, IT, [move([id, "a"], null)]);
        assert.equal(gone[0]?.kind, isPart ? "applied" : "stale");
        assert.equal(api.rows.get("it")?.size, 0);
      }),
      { numRuns: 200 },
    );
  } finally {
    await replica.close();
    await api.close();
  }
});
