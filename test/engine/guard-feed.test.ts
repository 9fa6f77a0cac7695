// The guard over live feeds: deletions that come a few at a time are counted over an hour.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runFeed } from "../../src/engine/feed.ts";
import type { RunView } from "../../src/engine/index.ts";
import { crowd, NEVER, PEOPLE, person, personId, sceneOf, wrote, type Scene } from "./scene.ts";

const GUARD = { share: 0, floor: 3, cap: 100 };
const MINUTE_MS = 60_000;
const COLLECTION = { ...PEOPLE, isOrdered: true };

async function agreed(guard: object = GUARD, pageRows = 1000): Promise<Scene> {
  const scene = await sceneOf({
    pageRows,
    collections: { crm: [COLLECTION], billing: [COLLECTION] },
    pipeline: { guard },
  });
  crowd(scene, 20, "crm", "billing");
  await scene.run();
  return scene;
}

const feed = (scene: Scene, options: Parameters<typeof runFeed>[1] = {}): Promise<RunView> =>
  runFeed(scene.link, options, NEVER);

function lose(scene: Scene, ...people: readonly number[]): void {
  for (const index of people) scene.put("crm", personId(index), null);
}

const left = (scene: Scene): number => Object.keys(scene.people("billing")).length;

test("many small deletions within the hour trip like one big one, and pass later", async () => {
  const scene = await agreed();
  for (const index of [0, 1, 2]) {
    lose(scene, index);
    assert.deepEqual((await feed(scene)).guards, []);
  }
  lose(scene, 3);
  const view = await feed(scene);
  assert.deepEqual(view.guards, [
    { pipeline: "people", side: "target", deletions: 1, known: 17, limit: 3, passed: 3 },
  ]);
  assert.equal(view.waits, true);
  assert.equal(left(scene), 17);
  await scene.reopen();
  scene.clock.now += 30 * MINUTE_MS;
  assert.equal((await feed(scene)).guards.length, 1, "a restart forgets nothing");
  scene.clock.now += 31 * MINUTE_MS;
  const later = await feed(scene);
  assert.deepEqual([later.guards, wrote(later, "target").delete], [[], 1]);
  assert.equal(left(scene), 16);
});

test("each side has its own hour", async () => {
  const scene = await agreed();
  lose(scene, 0, 1, 2);
  await feed(scene);
  for (const index of [10, 11, 12]) scene.put("billing", personId(index), null);
  const view = await feed(scene);
  assert.deepEqual([view.guards, wrote(view, "source").delete], [[], 3]);
});

test("what a person lets pass does not count, and neither does what a listing proves", async () => {
  const scene = await agreed();
  lose(scene, 0, 1, 2, 3, 4, 5);
  assert.equal((await feed(scene, { allowDeletes: 6 })).guards.length, 0);
  assert.equal(left(scene), 14);
  lose(scene, 6, 7, 8);
  await scene.run();
  assert.equal(left(scene), 11);
  lose(scene, 9, 10, 11);
  assert.equal((await feed(scene)).guards.length, 0);
  assert.equal(left(scene), 8);
});

test("a clock that went back a day makes nobody wait for a day", async () => {
  const scene = await agreed();
  scene.clock.now += 24 * 60 * MINUTE_MS;
  lose(scene, 0, 1, 2);
  await feed(scene);
  scene.clock.now -= 24 * 60 * MINUTE_MS;
  lose(scene, 3);
  assert.equal((await feed(scene)).guards.length, 0);
});

test("with onTrip: stop a page that would delete too much is not written at all", async () => {
  const scene = await agreed({ ...GUARD, onTrip: "stop" });
  lose(scene, 0, 1);
  await feed(scene);
  assert.equal(left(scene), 18);
  scene.put("crm", "new", person("New"));
  lose(scene, 2, 3);
  const before = scene.people("billing");
  for (let i = 0; i < 2; i++) {
    await assert.rejects(feed(scene), (error: Error & { code?: string }) => {
      assert.equal(error.code, "GUARD_STOPPED");
      assert.match(error.message, /would delete 2 of 18 .* target after 2 within the hour/);
      return true;
    });
    assert.deepEqual(scene.people("billing"), before);
    assert.deepEqual(await scene.questions(), [], "nothing of it was decided");
  }
  const view = await feed(scene, { allowDeletes: true });
  assert.deepEqual(wrote(view, "target"), { create: 1, update: 0, delete: 2 });
  assert.deepEqual(scene.people("billing"), scene.people("crm"));
});

test("with onTrip: stop pages are weighed together, up to the one that trips", async () => {
  const scene = await agreed({ ...GUARD, onTrip: "stop" }, 2);
  lose(scene, 0, 1, 2, 3);
  scene.put("crm", "new", person("New"));
  await assert.rejects(feed(scene), { code: "GUARD_STOPPED" });
  assert.deepEqual(
    (await scene.questions()).map(({ shown, why }) => [shown, why]),
    [
      [personId(0), "withheld"],
      [personId(1), "withheld"],
    ],
  );
  assert.equal(left(scene), 20, "nothing passes while it is stopped");
  await feed(scene, { allowDeletes: 4 });
  assert.deepEqual(scene.people("billing"), scene.people("crm"));
});

test("with onTrip: stop a feed that may delete less than what waits stops at once", async () => {
  const scene = await agreed();
  lose(scene, 0, 1, 2, 3);
  assert.equal((await feed(scene)).guards.length, 1);
  await scene.reopen({ guard: { ...GUARD, onTrip: "stop" } });
  scene.put("crm", "new", person("New"));
  await assert.rejects(feed(scene), { code: "GUARD_STOPPED" });
  assert.equal(left(scene), 20);
  await feed(scene, { restore: true });
  assert.deepEqual(scene.people("billing"), scene.people("crm"));
  assert.equal(left(scene), 21);
});
