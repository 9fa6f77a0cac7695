import assert from "node:assert/strict";
import { test } from "node:test";
import { SyncError } from "../../src/core/errors.ts";
import type { Page, Replica } from "../../src/engine/index.ts";
import {
  crowd,
  NEVER,
  NOTHING,
  PEOPLE,
  person,
  personId,
  sceneOf,
  wrote,
  type Scene,
} from "./scene.ts";

/** What becomes of the pages of billing's listing. */
type Listing = (pages: AsyncIterable<Page>) => AsyncIterable<Page>;

async function listed(
  collection: Partial<typeof PEOPLE> = {},
): Promise<Scene & { listing: Listing }> {
  const wrap = (replica: Replica): Replica =>
    replica.name === "billing"
      ? {
          ...replica,
          list: (shape, after, signal) => all.listing(replica.list(shape, after, signal)),
        }
      : replica;
  const collections = { billing: [{ ...PEOPLE, ...collection }] };
  const scene = await sceneOf({
    collections,
    wrap,
    pageRows: 10,
    pipeline: { guard: { floor: 1000 } },
  });
  const listing: Listing = (pages) => pages;
  const all = Object.assign(scene, { listing });
  crowd(all, 30, "crm", "billing");
  await all.run();
  return all;
}

const untouched = async (scene: Scene, error: object): Promise<void> => {
  const before = [scene.people("crm"), scene.people("billing")];
  await assert.rejects(scene.run(), error);
  await assert.rejects(scene.plan(), error);
  assert.deepEqual([scene.people("crm"), scene.people("billing")], before);
};

test("a listing that fails in its middle ends the run and decides no deletion", async () => {
  const scene = await listed();
  scene.listing = async function* failing(pages) {
    for await (const page of pages) {
      yield page;
      throw new SyncError("LIST_FAILED", "the line went dead");
    }
  };
  await untouched(scene, { code: "LIST_FAILED" });
  scene.listing = (pages) => pages;
  assert.equal((await scene.run()).waits, false);
});

test("a listing that ends before its end decides no deletion", async () => {
  const scene = await listed();
  scene.listing = async function* short(pages) {
    for await (const page of pages) {
      yield page;
      return;
    }
  };
  await untouched(scene, { code: "LIST_FAILED", message: /ended before its end/ });
});

test("what a run had decided before it failed is finished by the next one", async () => {
  const scene = await listed();
  scene.put("crm", personId(1), { name: "early" });
  scene.put("crm", personId(25), { name: "late" });
  scene.listing = async function* failing(pages) {
    let count = 0;
    for await (const page of pages) {
      if ((count += 1) > 2) throw new SyncError("LIST_FAILED", "the line went dead");
      yield page;
    }
  };
  await assert.rejects(scene.run(), { code: "LIST_FAILED" });
  scene.listing = (pages) => pages;
  await scene.run();
  assert.deepEqual(scene.people("billing"), scene.people("crm"));
});

test("a listing out of key order stops the cycle before anything is decided about it", async () => {
  const scene = await listed();
  scene.listing = async function* turned(pages) {
    const kept = [];
    for await (const page of pages) kept.push(page);
    yield* [kept[1], kept[0], kept[2]].filter((page) => page !== undefined);
  };
  await untouched(scene, { code: "KEY_ORDER" });
});

test("a key that two rows have is refused by name", async () => {
  const scene = await listed();
  scene.listing = async function* doubled(pages) {
    for await (const page of pages) {
      const { keys, rows } = page;
      yield { ...page, keys: [...keys, ...keys.slice(-1)], rows: [...rows, ...rows.slice(-1)] };
    }
  };
  await untouched(scene, { code: "KEY_NOT_UNIQUE", message: /p009/ });
});

test("a key that is chosen and not unique is refused", async () => {
  await assert.rejects(sceneOf({ pipeline: { key: ["name"] } }), { code: "KEY_NOT_UNIQUE" });
});

test("absent from a listing in pages: it is read again before it counts as gone", async () => {
  const scene = await listed({ capabilities: { list: "paged" } });
  scene.listing = async function* missing(pages) {
    for await (const page of pages) {
      const at = page.keys.findIndex((_, index) => page.rows[index]?.[0] === personId(5));
      const without = <T>(list: readonly T[]) => list.filter((_, index) => index !== at);
      yield { ...page, keys: without(page.keys), rows: without(page.rows) };
    }
  };
  const view = await scene.run();
  assert.deepEqual(wrote(view, "source"), NOTHING, "it is there when it is read by its key");
  scene.put("billing", personId(5), null);
  const gone = await scene.run();
  assert.deepEqual(wrote(gone, "source"), { create: 0, update: 0, delete: 1 });
});

test("extra: delete reads again what a listing in pages missed and nobody remembers", async () => {
  const collections = { crm: [{ ...PEOPLE, capabilities: { list: "paged" as const } }] };
  let passes: string | undefined = personId(5);
  const wrap = (replica: Replica): Replica =>
    replica.name === "crm"
      ? {
          ...replica,
          list: async function* missing(shape, after, signal) {
            for await (const page of replica.list(shape, after, signal)) {
              const keeps = page.rows.map((row) => row?.[0] !== passes);
              const kept = <T>(list: readonly T[]) => list.filter((_, index) => keeps[index]);
              yield { ...page, keys: kept(page.keys), rows: kept(page.rows) };
            }
          },
        }
      : replica;
  const pipeline = { direction: "one-way", extra: "delete", guard: { floor: 1000 } } as const;
  const scene = await sceneOf({ collections, wrap, pipeline });
  crowd(scene, 30, "crm", "billing");
  const first = await scene.run();
  assert.deepEqual(wrote(first, "target"), NOTHING, "it is there when it is read by its key");
  scene.put("crm", personId(6), null);
  passes = undefined;
  const gone = await scene.run();
  assert.deepEqual(wrote(gone, "target"), { create: 0, update: 0, delete: 1 });
});

test("a row that was inserted behind a listing in pages is not created twice", async () => {
  const scene = await listed({ capabilities: { list: "paged" } });
  scene.put("crm", "zed", person("Zed"));
  scene.listing = async function* late(pages) {
    for await (const page of pages) {
      if (page.covers?.to === null) scene.put("billing", "zed", person("Zed", 31));
      yield page;
    }
  };
  await scene.run();
  scene.listing = (pages) => pages;
  await scene.run();
  const asked = await scene.questions();
  assert.deepEqual(
    asked.map(({ shown, field }) => [shown, field]),
    [["zed", "age"]],
  );
});

test("rows without a key are named and left alone; all others go on", async () => {
  const named = { ...PEOPLE, uniqueSets: [["name"]] };
  const collections = { crm: [named], billing: [named] };
  const scene = await sceneOf({ collections, pipeline: { key: ["name"] } });
  scene.put("crm", "a", { name: "Ann", age: 1 });
  scene.put("crm", "b", { name: null, age: 2 });
  const view = await scene.run();
  assert.equal(view.summary.pipelines["people"]?.rejected, 1);
  assert.match(view.notes[0]?.text ?? "", /source: people, row 2 has no key/);
  assert.equal(view.waits, true);
  assert.equal(wrote(view, "target").create, 1);
});

test("two keys that the other side takes for one are both rejected by name", async () => {
  const collection = { ...PEOPLE, foldKey: (name: string) => name.toLowerCase() };
  const scene = await sceneOf({ collections: { billing: [collection] } });
  scene.put("crm", "Ann", person("one"));
  scene.put("crm", "ann", person("two"));
  scene.put("crm", "bo", person("Bo"));
  for (let i = 0; i < 2; i++) {
    const view = await scene.run();
    assert.equal(view.summary.pipelines["people"]?.rejected, 2);
    assert.deepEqual(Object.keys(scene.people("billing")), ["bo"]);
  }
  const letters = await scene.letters();
  assert.deepEqual(
    letters.map(({ shown, code }) => [shown, code]),
    [
      ["Ann", "KEY_FOLDS"],
      ["ann", "KEY_FOLDS"],
    ],
  );
  scene.put("crm", "ann", null);
  const view = await scene.run();
  assert.equal(view.waits, false);
  assert.equal(scene.people("billing")["Ann"]?.["name"], "one");
});

test("a stopped run is over when it returns: nothing is written afterwards", async () => {
  const scene = await listed();
  for (let i = 0; i < 30; i++) scene.put("crm", personId(i), { city: "Oslo" });
  const { run } = await import("../../src/engine/index.ts");
  const stop = new AbortController();
  scene.listing = async function* stopping(pages) {
    for await (const page of pages) {
      stop.abort(new SyncError("ABORTED", "enough"));
      yield page;
    }
  };
  await assert.rejects(run(scene.link, {}, stop.signal), { code: "ABORTED" });
  const position = scene.replica("billing").position();
  await new Promise((done) => setImmediate(done));
  assert.equal(scene.replica("billing").position(), position);
  scene.listing = (pages) => pages;
  await run(scene.link, {}, NEVER);
  assert.deepEqual(scene.people("billing"), scene.people("crm"));
});
