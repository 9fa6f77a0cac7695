// What goes wrong between us and an API, brought about on real connections.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { SyncError } from "../../src/core/errors.ts";
import type { OwnRow } from "../../src/core/state.ts";
import type { Replica, Shape } from "../../src/engine/replica.ts";
import type { CollectionSettings, HttpOptions } from "../../src/replicas/http/index.ts";
import { finish, startApi } from "./http-server.ts";
import type { ApiOptions, Fault, TestApi } from "./http-server.ts";
import { keyOf, never, replicaOf } from "./http-subject.ts";

const IT: Shape = { collection: "it", key: ["id"], columns: ["id", "name"] };
const FIELDS = { id: { kind: "integer" }, name: { kind: "text" } } as const;
const COLLECTION: CollectionSettings = {
  items: "data.items",
  key: ["id"],
  fields: FIELDS,
  page: { by: "cursor", next: "next", size: 2 },
};

interface Given {
  readonly api: TestApi;
  readonly replica: Replica;
  /** How long was waited, each time, in ms. */
  readonly waits: number[];
}

async function given(
  t: TestContext,
  options: ApiOptions,
  more: Partial<HttpOptions> & { readonly collection?: CollectionSettings } = {},
): Promise<Given> {
  const api = await startApi({ turning: "cursor", ...options });
  t.after(() => api.close());
  api.add("it", { key: ["id"] });
  for (const id of [1, 2, 3]) api.put("it", { id, name: `n${id}` });
  const waits: number[] = [];
  const { collection = COLLECTION, ...rest } = more;
  const replica = await replicaOf(api, {
    collections: { it: collection },
    sleep: async (ms) => void waits.push(ms),
    random: () => 1,
    ...rest,
  });
  t.after(() => replica.close());
  return { api, replica, waits };
}

async function rowsOf(replica: Replica, shape: Shape = IT): Promise<readonly (OwnRow | null)[]> {
  const rows: (OwnRow | null)[] = [];
  for await (const page of replica.list(shape, null, never)) rows.push(...page.rows);
  return rows;
}

const ALL = [
  [1, "n1"],
  [2, "n2"],
  [3, "n3"],
];

/** A fault of the second request: the first one finds the fields. */
function onSecond(fault: Fault): Fault {
  let count = 0;
  return (seen, answer, work) => ++count === 2 && fault(seen, answer, work);
}

const breaks = (fault: Fault): ApiOptions => ({ fault: onSecond(fault) });

test("an answer that breaks off, or never comes, is asked for again", async (t) => {
  const faults: readonly Fault[] = [
    (_, answer) => answer.destroy() !== undefined,
    (_, answer) => {
      answer.writeHead(200, { "content-type": "application/json", "content-length": 1000 });
      answer.write('{"data":');
      answer.destroy();
      return true;
    },
    (_, answer, work) => {
      const packed = gzipSync(work().text);
      answer.writeHead(200, { "content-encoding": "gzip", "content-length": packed.length });
      answer.write(packed.subarray(0, 20));
      setImmediate(() => answer.destroy());
      return true;
    },
    () => true,
    (_, answer) => {
      answer.writeHead(200, { "content-length": 1000 });
      return answer.write("{");
    },
    (_, answer) => finish(answer, { status: 503, text: "{}" }) === undefined,
    (_, answer) => finish(answer, { status: 500, text: "" }) === undefined,
  ];
  for (const [at, fault] of faults.entries()) {
    const { replica, waits } = await given(t, breaks(fault), { limits: { answerMs: 1000 } });
    assert.deepEqual(await rowsOf(replica), ALL, `fault ${at}`);
    assert.equal(waits[0], 250, `fault ${at}`);
  }
});

test("an API that says when it is ready is asked then, and not for ever", async (t) => {
  const busy = breaks((_, answer) => {
    finish(answer, { status: 429, text: "{}", headers: { "retry-after": "7" } });
    return true;
  });
  const { replica, waits } = await given(t, busy, { now: () => 0 });
  assert.deepEqual(await rowsOf(replica), ALL);
  assert.ok(waits.includes(7000), String(waits));
  const always = (status: number): ApiOptions => ({
    fault: (_, answer) => {
      finish(answer, { status, text: "{}", headers: { "retry-after": "3600" } });
      return true;
    },
  });
  const other = await given(t, always(503));
  await assert.rejects(rowsOf(other.replica), { code: "REPLICA_UNAVAILABLE", retry: "later" });
  assert.deepEqual(other.waits, [], "an hour is not waited");
  const closed = await given(t, always(429), { now: () => 0 });
  await assert.rejects(rowsOf(closed.replica), { code: "REPLICA_UNAVAILABLE" });
  await assert.rejects(rowsOf(closed.replica), { code: "REPLICA_UNAVAILABLE" });
  assert.deepEqual([closed.api.seen.length, closed.waits], [1, []], "nor is it asked in it");
  const down = await given(t, { fault: (_, answer) => answer.destroy() !== undefined });
  await assert.rejects(rowsOf(down.replica), { code: "REPLICA_UNAVAILABLE" });
  assert.deepEqual(down.waits, [250, 500, 1000, 2000], "it is tried again four times");
});

test("nobody listening, and a host that there is not, are told with what to check", async (t) => {
  const { api, replica } = await given(t, {}, { limits: { retries: 0 } });
  await api.close();
  await assert.rejects(rowsOf(replica), (error: unknown) => {
    assert.ok(error instanceof SyncError);
    assert.equal(error.code, "REPLICA_UNAVAILABLE");
    assert.equal(error.message, "GET /it was refused: nobody listens there");
    assert.match(error.hint ?? "", /url/);
    return true;
  });
});

test("what is no list of JSON rows is refused in words, without what it says", async (t) => {
  const deep = `${"[".repeat(40_000)}${"]".repeat(40_000)}`;
  const cases: readonly (readonly [
    string | Buffer,
    { readonly [name: string]: string },
    RegExp,
  ])[] = [
    ["<html>canary-7</html>", { "content-type": "text/html" }, /no JSON but text\/html/],
    ['{"data":{"items":[{"id":1', {}, /no JSON/],
    ["", {}, /no JSON/],
    [deep, {}, /no JSON/],
    ['{"data":{"items":{}}}', {}, /no list of rows under 'data.items'/],
    ['{"data":"canary-7"}', {}, /no list of rows/],
    [Buffer.from([0x7b, 0xff, 0x7d]), {}, /not text in UTF-8/],
    ["plain", { "content-encoding": "gzip" }, /not what its Content-Encoding says \(gzip\)/],
    ["plain", { "content-encoding": "compress" }, /packed in a way that we do not know/],
    [gzipSync(Buffer.alloc(3_000_000)), { "content-encoding": "gzip" }, /longer than 100000 bytes/],
    [brotliCompressSync(Buffer.alloc(3_000_000)), { "content-encoding": "br" }, /longer than/],
    ['{"data":{"items":[]}}'.padEnd(200_000), {}, /longer than 100000 bytes/],
  ];
  for (const [body, headers, says] of cases) {
    const fault: Fault = (_, answer) => {
      answer.writeHead(200, { "content-type": "application/json", ...headers });
      answer.end(body);
      return true;
    };
    const limits = { answerBytes: 100_000 };
    const { replica } = await given(t, { fault }, { limits });
    await assert.rejects(rowsOf(replica), (error: unknown) => {
      assert.ok(error instanceof SyncError);
      assert.match(error.message, says);
      assert.ok(!/canary/.test(`${error.message} ${error.hint}`));
      return true;
    });
  }
});

test("answers come packed in any way that we say we understand", async (t) => {
  const ways = {
    gzip: gzipSync,
    br: brotliCompressSync,
    zstd: zstdCompressSync,
    deflate: deflateSync,
  };
  for (const [encoding, pack] of Object.entries(ways)) {
    const fault: Fault = (seen, answer, work) => {
      assert.ok(String(seen.headers["accept-encoding"]).includes(encoding));
      answer.writeHead(200, { "content-encoding": encoding });
      answer.end(pack(work().text));
      return true;
    };
    const { replica } = await given(t, { fault });
    assert.deepEqual(await rowsOf(replica), ALL);
  }
});

test("statuses that no patience helps end a listing at once, each with its code", async (t) => {
  const cases = [
    [401, "REPLICA_DENIED"],
    [403, "REPLICA_DENIED"],
    [404, "COLLECTION_MISSING"],
    [400, "LIST_FAILED"],
    [422, "LIST_FAILED"],
  ] as const;
  for (const [status, code] of cases) {
    const fault: Fault = (_, answer) => {
      finish(answer, { status, text: '{"error":{"message":"not so"}}' });
      return true;
    };
    const { api, replica } = await given(t, { fault });
    const message = `GET /it answered ${status}: not so`;
    await assert.rejects(rowsOf(replica), { code, message });
    assert.equal(api.seen.length, 1);
  }
});

test("a redirection is followed on the same host, and to no other", async (t) => {
  const stolen: string[] = [];
  const thief = createServer((request, answer) => {
    stolen.push(JSON.stringify(request.headers));
    answer.end('{"data":{"items":[]}}');
  });
  await new Promise<void>((resolve) => thief.listen(0, "127.0.0.1", resolve));
  t.after(() => thief.close());
  const { port } = thief.address() as AddressInfo; // it listens
  let place = "";
  const fault: Fault = ({ path }, answer) => {
    if (path !== "/it") return false;
    answer.writeHead(307, { location: place });
    answer.end();
    return true;
  };
  const auth = { type: "bearer", token: "canary-7" } as const;
  const { api, replica } = await given(t, { fault }, { auth });
  api.add("moved", { key: ["id"] });
  api.put("moved", { id: 9, name: "there" });
  place = "/moved";
  assert.deepEqual(await rowsOf(replica), [[9, "there"]]);
  for (const other of [`http://127.0.0.1:${port}/it`, `//localhost:${port}/it`]) {
    place = other;
    await assert.rejects(rowsOf(replica), (error: unknown) => {
      assert.ok(error instanceof SyncError);
      assert.match(error.message, /leads to another host/);
      assert.ok(!`${error.message}${error.hint}`.includes("canary"));
      return true;
    });
  }
  place = "/it";
  await assert.rejects(rowsOf(replica), /answered 307, a redirection/);
  assert.deepEqual(stolen, []);
});

test("an address that comes from data is asked on the API's own host only", async (t) => {
  const links = [
    "http://169.254.169.254/latest/meta-data",
    "http://2130706433/it",
    "//10.0.0.1/it",
    "https://127.0.0.1/it",
    "http://user:canary@127.0.0.1/it",
    "file:///etc/passwd",
    "http://[::ffff:127.0.0.1]/it",
    "javascript:1",
    "http://",
  ];
  for (const next of links) {
    const fault: Fault = (_, answer) => {
      finish(answer, { status: 200, text: JSON.stringify({ data: { items: [{ id: 1 }] }, next }) });
      return true;
    };
    const collection = { ...COLLECTION, page: { by: "link", next: "next" } } as const;
    const { api, replica } = await given(t, { fault }, { collection });
    await assert.rejects(rowsOf(replica), /not on the API's own host/);
    assert.equal(api.seen.length, 2, "the fields, and the first page");
  }
});

test("what has not changed is not sent again", async (t) => {
  let texts = 0;
  const fault: Fault = (seen, answer, work) => {
    const reply = work();
    texts += reply.text.length;
    finish(answer, reply);
    return true;
  };
  const { api, replica } = await given(t, { etags: true, fault });
  assert.deepEqual(await rowsOf(replica), ALL);
  texts = 0;
  assert.deepEqual(await rowsOf(replica), ALL);
  assert.equal(texts, 0, "every page was answered 304");
  api.put("it", { id: 2, name: "other" });
  assert.deepEqual((await rowsOf(replica))[1], [2, "other"]);
});

test("a time of change alone is believed only a minute after it", async (t) => {
  const modified = Date.parse("2026-01-01T00:00:00Z");
  for (const [later, conditional] of [
    [59_000, 0],
    [60_000, 2],
  ] as const) {
    const fault: Fault = (_, answer, work) => {
      const date = new Date(modified + later).toUTCString();
      const headers = { "last-modified": new Date(modified).toUTCString(), date };
      finish(answer, { ...work(), headers });
      return true;
    };
    const { api, replica } = await given(t, { fault });
    await rowsOf(replica);
    api.seen.length = 0;
    await rowsOf(replica);
    const asked = api.seen.filter(({ headers }) => headers["if-modified-since"] !== undefined);
    assert.equal(asked.length, conditional);
  }
});

test("whoever stops us has nothing under way when we return", async (t) => {
  const stopping = new AbortController();
  const fault: Fault = () => {
    stopping.abort(new Error("enough"));
    return true;
  };
  const { replica } = await given(t, { fault });
  await assert.rejects(replica.read(IT, [keyOf(1)], stopping.signal), { message: "enough" });
});

test("a host is asked as often a second as was said, by all of its systems together", async (t) => {
  let time = 1000;
  const { api, replica, waits } = await given(
    t,
    {},
    {
      limits: { perSecond: 4, concurrent: 1 },
      now: () => time,
    },
  );
  const other = await replicaOf(api, {
    collections: { it: COLLECTION },
    now: () => time,
    sleep: async (ms) => void waits.push(ms),
  });
  t.after(() => other.close());
  await replica.read(IT, [keyOf(1)], never);
  await other.read(IT, [keyOf(1)], never);
  assert.deepEqual(waits, [250, 500, 750]);
  time += 10_000;
  await replica.read(IT, [keyOf(2)], never);
  assert.equal(waits.length, 3, "what was not used is not saved up, and nothing is owed");
});
