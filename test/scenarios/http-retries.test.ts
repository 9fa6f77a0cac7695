// Mission scenario 15: when a write that an API puts off is tried again, on a clock that is the
// test's, and that nobody else waits for it [0A7, 2A4, F3-8].
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { compileLink, letters, run } from "../../src/engine/index.ts";
import type { Backoff, LetterView, Link, PipelineSettings } from "../../src/engine/index.ts";
import { httpReplica } from "../../src/replicas/http/index.ts";
import type { HttpOptions } from "../../src/replicas/http/index.ts";
import { sqliteReplica } from "../../src/replicas/sqlite/index.ts";
import { memoryJournal } from "../../src/testing/memory-journal.ts";
import { folderOf } from "../cli/world.ts";
import { all, envOf, NEVER } from "../engine/scene.ts";
import { finish, startApi } from "../replicas/http-server.ts";
import type { ApiRow, TestApi } from "../replicas/http-server.ts";

/** A request that wrote, and when it came. */
interface Sent {
  readonly api: string;
  readonly id: number;
  readonly at: number;
}

/** What an API answers instead of doing it. */
type Busy = readonly [status: number, headers?: { readonly [name: string]: string }];

interface World {
  /** ms; nothing but the test, and the waits of the APIs' replicas, moves it. */
  now: number;
  /** What is left to chance: in [0, 1). */
  random: number;
  /** By API and id: what it answers next. */
  readonly answers: Map<string, Busy[]>;
  readonly rows: (api: string) => readonly ApiRow[];
  /** Runs; returns what was sent meanwhile. */
  readonly run: () => Promise<readonly Sent[]>;
  readonly letters: () => Promise<readonly LetterView[]>;
}

const IDS = [1, 2, 3, 4, 5];
const START = Date.UTC(2026, 0, 1);

/** One table that goes to an API for each retry that is given, by name. */
async function worldOf(
  t: TestContext,
  retries: { readonly [api: string]: Partial<Backoff> },
  limits: HttpOptions["limits"] = {},
): Promise<World> {
  const sent: Sent[] = [];
  const world = { now: START, random: 0, answers: new Map<string, Busy[]>() };
  const path = join(folderOf(t), "left.db");
  const db = new DatabaseSync(path);
  db.exec("CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT)");
  for (const id of IDS) db.exec(`INSERT INTO customers VALUES (${id}, 'n${id}')`);
  db.close();
  const apis = new Map<string, TestApi>();
  for (const name of Object.keys(retries)) {
    const api = await startApi({
      turning: "cursor",
      fault: ({ method, body }, answer) => {
        if (method === "GET") return false;
        const id = Number(/"id":(\d)/.exec(body)?.[1]);
        sent.push({ api: name, id, at: world.now - START });
        const [status, headers = {}] = world.answers.get(`${name} ${id}`)?.shift() ?? [];
        if (status === undefined) return false;
        finish(answer, { status, text: "{}", headers });
        return true;
      },
    });
    t.after(() => api.close());
    api.add("customers", { key: ["id"], fields: ["id", "name"] });
    apis.set(name, api);
  }
  const clock = {
    now: () => world.now,
    random: () => world.random,
    sleep: async (ms: number) => void (world.now += ms),
  };
  const env = { ...envOf(world), ...clock };
  const settings = Object.entries(retries).map(([api, retry]) => pipelineTo(api, retry));
  const memory = memoryJournal();
  /** As a command does: what was opened for it is closed, and forgotten, with its end. */
  const opened = async <Result>(work: (link: Link) => Promise<Result>): Promise<Result> => {
    const replicas = new Map([["left", await sqliteReplica({ name: "left", path })]]);
    for (const [name, { url }] of apis) {
      const options = { limits: { concurrent: 1, ...limits }, collections: COLLECTIONS, ...clock };
      replicas.set(name, await httpReplica({ name, url, ...options }));
    }
    const journal = await memory.open("left+apis", "write");
    try {
      const link = { name: "left+apis", settings, replicas, journal, env };
      return await work(await compileLink(link, NEVER));
    } finally {
      for (const replica of replicas.values()) await replica.close();
      await journal.close();
    }
  };
  return Object.assign(world, {
    rows: (api: string) => apis.get(api)?.all("customers") ?? [],
    run: async () => {
      sent.length = 0;
      await opened((link) => run(link, {}, NEVER));
      return [...sent];
    },
    letters: () => opened((link) => all(letters(link, {}))),
  });
}

const COLLECTIONS: HttpOptions["collections"] = {
  customers: {
    items: "data.items",
    key: ["id"],
    fields: { id: { kind: "integer" }, name: { kind: "text" } },
    page: { by: "cursor", next: "next" },
    write: { compare: "server" },
  },
};

function pipelineTo(api: string, retry: Partial<Backoff>): PipelineSettings {
  const sides = [
    { name: "source", at: { system: "left", collection: "customers" } },
    { name: "target", at: { system: api, collection: "customers" } },
  ];
  return { name: api, sides, retry };
}

const idsOf = (sent: readonly Sent[]): readonly number[] => sent.map(({ id }) => id);
const dueOf = (found: readonly LetterView[]): readonly (number | undefined)[] =>
  found.map(({ due }) => (due === null ? undefined : Date.parse(due) - START));

const FIRST_MS = 1000;
const CAP_MS = 3500;

for (const [strategy, waits, jitter, random, share] of [
  ["exponential", [1000, 2000, 3500, 3500], 0, 0.5, 1],
  ["exponential", [1000, 2000, 3500, 3500], 0.4, 0.75, 0.9],
  ["linear", [1000, 2000, 3000, 3500], 0.4, 0, 0.6],
  ["fixed", [1000, 1000, 1000, 1000], 0, 0.5, 1],
] as const) {
  const chance = jitter === 0 ? "without jitter" : `with ${jitter} of jitter, chance ${random}`;
  test(`15: 503, 503, … 200: waits are ${strategy} ${chance}, up to the cap`, async (t) => {
    const retry = { strategy, firstMs: FIRST_MS, capMs: CAP_MS, jitter };
    const world = await worldOf(t, { vendor: retry });
    world.random = random;
    world.answers.set("vendor 2", [[503], [503], [503], [503]]);
    const first = await world.run();
    assert.deepEqual(idsOf(first), IDS);
    assert.ok(
      first.every(({ at }) => at === 0),
      "the others are not delayed",
    );
    assert.deepEqual(
      world.rows("vendor").map(({ id }) => id),
      [1, 3, 4, 5],
    );
    let due = 0;
    for (const [tries, wait] of waits.entries()) {
      due += wait * share;
      assert.deepEqual(dueOf(await world.letters()), [due], `after ${tries + 1} tries`);
      world.now = START + due - 1;
      assert.deepEqual(await world.run(), [], "not before its time");
      world.now = START + due;
      assert.deepEqual(await world.run(), [{ api: "vendor", id: 2, at: due }]);
    }
    assert.deepEqual(await world.letters(), []);
    assert.deepEqual(
      world.rows("vendor").map(({ id }) => id),
      [1, 3, 4, 5, 2],
    );
    world.now += 1e9;
    assert.deepEqual(await world.run(), [], "it landed once");
  });
}

const SHORT = { strategy: "fixed", firstMs: 500, capMs: 500, jitter: 0 } as const;
const LONG = { strategy: "fixed", firstMs: 5000, capMs: 5000, jitter: 0 } as const;

test("15: Retry-After counts where it is the longer wait; another target goes on", async (t) => {
  const world = await worldOf(t, { busy: SHORT, vendor: SHORT }, { waitMs: 1000 });
  world.answers.set("busy 3", [[429, { "retry-after": "2" }]]);
  world.answers.set("vendor 2", [[503], [503]]);
  const first = await world.run();
  assert.ok(
    first.every(({ at }) => at === 0),
    "nobody was waited for",
  );
  assert.deepEqual(
    first.filter(({ api }) => api === "busy").map(({ id }) => id),
    [1, 2, 3],
    "who asks to be left alone is",
  );
  assert.deepEqual(idsOf(first.filter(({ api }) => api === "vendor")), IDS);
  assert.deepEqual(dueOf(await world.letters()), [2000, 2000, 2000, 500]);
  world.now = START + 500;
  assert.deepEqual(await world.run(), [{ api: "vendor", id: 2, at: 500 }]);
  world.now = START + 1999;
  const second = await world.run();
  assert.deepEqual(second, [{ api: "vendor", id: 2, at: 1999 }]);
  world.now = START + 2000;
  const third = await world.run();
  assert.deepEqual(idsOf(third), [3, 4, 5]);
  assert.ok(third.every(({ api, at }) => api === "busy" && at === 2000));
  for (const api of ["busy", "vendor"]) {
    assert.deepEqual(
      world
        .rows(api)
        .map(({ id }) => id)
        .toSorted((a, b) => Number(a) - Number(b)),
      IDS,
    );
  }
});

test("15: Retry-After that is the shorter one makes no wait shorter", async (t) => {
  const world = await worldOf(t, { busy: LONG }, { waitMs: 1000 });
  world.answers.set("busy 5", [[429, { "retry-after": "2" }]]);
  assert.deepEqual(idsOf(await world.run()), IDS);
  assert.deepEqual(dueOf(await world.letters()), [5000]);
});

test("15: a short wait that an API asks for is waited in the run, once for all rows", async (t) => {
  const world = await worldOf(t, { busy: SHORT });
  world.answers.set("busy 2", [[429, { "retry-after": "2" }]]);
  const sent = await world.run();
  assert.deepEqual(
    sent.map(({ id, at }) => [id, at]),
    [
      [1, 0],
      [2, 0],
      [3, 2000],
      [4, 2000],
      [5, 2000],
    ],
  );
  assert.deepEqual(dueOf(await world.letters()), [4000], "counted from when its answer was taken");
});

test("15: an API that has everybody wait, and says how long, is asked then", async (t) => {
  const world = await worldOf(t, { busy: SHORT }, { waitMs: 1000 });
  for (const id of IDS) world.answers.set(`busy ${id}`, [[429, { "retry-after": "2" }]]);
  assert.deepEqual(idsOf(await world.run()), [1], "the others are not sent");
  assert.deepEqual(
    dueOf(await world.letters()),
    IDS.map(() => 2000),
  );
});
