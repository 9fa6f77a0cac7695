// Mission scenario 22: what happened to a row, what it was at a time, and the way back.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { SyncError } from "../../src/core/errors.ts";
import type { Env } from "../../src/engine/index.ts";
import { history, run, stateAt } from "../../src/engine/index.ts";
import { stampOf } from "../../src/core/stamp.ts";
import { loadConfig, openConfig } from "../../src/config/index.ts";
import { all, envOf, key, NEVER } from "../engine/scene.ts";
import { both, sceneOf, type Scene } from "./scene.ts";

const TABLE = "CREATE TABLE things (id TEXT PRIMARY KEY NOT NULL, name TEXT, n INTEGER)";

/** A row that changes five times: three times on the left, twice on the right. */
const CHANGES: readonly (readonly ["left" | "right", string])[] = [
  ["left", "UPDATE things SET name = 'one'"],
  ["right", "UPDATE things SET n = 2"],
  ["left", "UPDATE things SET name = 'three', n = 3"],
  ["right", "UPDATE things SET name = NULL"],
  ["left", "UPDATE things SET name = 'five'"],
];
const STATES = [
  { id: "x", name: "zero", n: 0 },
  { id: "x", name: "one", n: 0 },
  { id: "x", name: "one", n: 2 },
  { id: "x", name: "three", n: 3 },
  { id: "x", name: null, n: 3 },
  { id: "x", name: "five", n: 3 },
];

/** Makes the changes, a millisecond apart, and remembers a moment after each of them. */
async function changed(t: TestContext) {
  const clock = { now: Date.UTC(2026, 0, 1, 12) };
  const scene = sceneOf(t, { direction: "two-way" }, () => clock.now);
  both(scene, TABLE);
  scene.sql("left", "INSERT INTO things VALUES ('x', 'zero', 0)");
  const moments: string[] = [];
  const next = async (): Promise<void> => {
    const { exit, error } = await scene.say("run");
    assert.deepEqual([exit, error], [0, null]);
    moments.push(new Date(clock.now).toISOString());
    clock.now += 1;
  };
  await next();
  for (const [side, statement] of CHANGES) {
    scene.sql(side, statement);
    await next();
  }
  return { scene, moments };
}

test("22. five changes are listed with values, operation, time and author", async (t) => {
  const { scene, moments } = await changed(t);
  const { changes } = (await scene.say("history", "x")).result;
  const told = changes.map(({ kind, by, changes: of }) => [
    kind,
    by,
    of.map(({ field, from, to }) => `${field}: ${String(from)} -> ${String(to)}`),
  ]);
  assert.deepEqual(told, [
    ["update", "source", ["name: null -> five"]],
    ["update", "target", ["name: three -> null"]],
    ["update", "source", ["name: one -> three", "n: 2 -> 3"]],
    ["update", "target", ["n: 0 -> 2"]],
    ["update", "source", ["name: zero -> one"]],
    ["create", "source", ["id: undefined -> x", "name: undefined -> zero", "n: undefined -> 0"]],
  ]);
  assert.deepEqual(
    changes.map(({ at }) => at),
    moments.toReversed(),
  );
});

test("22. what the row was can be read at every time, also before there was one", async (t) => {
  const { scene, moments } = await changed(t);
  for (const [index, moment] of moments.entries()) {
    const said = await scene.say("history", "x", "--at", moment);
    assert.deepEqual(said.result.state, STATES[index]);
  }
  const before = await scene.say("history", "x", "--at", "2020-06-01T00:00:00Z");
  assert.equal(before.result.state, null);
});

test("22. a rollback is a new change that reaches both sides, and is itself undone", async (t) => {
  const { scene, moments } = await changed(t);
  const back = await scene.say("rollback", "--key", "x", "--to", moments[2] ?? "", "--apply");
  assert.equal(back.exit, 0, JSON.stringify(back.error));
  assert.deepEqual(scene.rows("left"), [STATES[2]]);
  assert.deepEqual(scene.rows("right"), [STATES[2]]);
  const { changes } = (await scene.say("history", "x")).result;
  assert.equal(changes.length, 7, "nothing of before is gone from the history");
  assert.match(changes[0]?.by ?? "", /^rollback/);
  const id = back.result.runs[0]?.id ?? "";
  const forward = await scene.say("rollback", id, "--apply");
  assert.equal(forward.exit, 0, JSON.stringify(forward.error));
  assert.deepEqual(scene.rows("left"), [STATES[5]]);
  assert.deepEqual(scene.rows("right"), [STATES[5]]);
  assert.equal((await scene.say("plan")).result.plans[0]?.writes, 0);
});

/** Runs the changes, one each hour, on a clock of the test. */
async function hourly(scene: Scene, kept: { readonly days?: number; readonly changes?: number }) {
  both(scene, TABLE);
  scene.sql("left", "INSERT INTO things VALUES ('x', 'zero', 0)");
  const pipeline = { source: "left.things", target: "right.things", direction: "two-way" } as const;
  scene.configure({ history: kept, pipelines: { things: pipeline } });
  const clock = { now: Date.UTC(2026, 0, 1) };
  // Ids of another life of the process are other ids.
  const env = (life: number): Env => ({ ...envOf(clock), id: uniqueId(life) });
  const moments: number[] = [];
  let life = 0;
  const next = async (): Promise<void> => {
    const opened = await open(scene, env((life += 1)));
    try {
      for (const link of opened.links) await run(link, {}, NEVER);
    } finally {
      await opened.close();
    }
    moments.push(clock.now);
    clock.now += 3_600_000;
  };
  await next();
  for (const [side, statement] of CHANGES) {
    scene.sql(side, statement);
    await next();
  }
  return { moments, env: env(99) };
}

const NOT_KEPT = "HISTORY_NOT_KEPT";

function uniqueId(life: number): () => string {
  let ids = 0;
  return () => `life-${String(life).padStart(3, "0")}-${String((ids += 1)).padStart(6, "0")}`;
}

async function open(scene: Scene, env: Env) {
  const config = await loadConfig(join(scene.folder, "syncline.yaml"), { env: {} });
  return openConfig(config, { access: "write", env });
}

async function readings(scene: Scene, { moments, env }: { moments: readonly number[]; env: Env }) {
  const opened = await open(scene, env);
  try {
    const [link] = opened.links;
    assert.ok(link);
    const of = { pipeline: "things", key: key("x") };
    const kept = await all(history(link, of));
    const states: unknown[] = [];
    for (const moment of moments) {
      try {
        const state = await stateAt(link, { ...of, at: stampOf(moment) });
        states.push(state && { ...state });
      } catch (error) {
        assert.ok(error instanceof SyncError);
        states.push(error.code);
      }
    }
    return { kept: kept.length, states };
  } finally {
    await opened.close();
  }
}

test("22. retention by days drops what is older, and keeps times inside it", async (t) => {
  const scene = sceneOf(t, {});
  // Two and a half hours are kept: the last three changes.
  const made = await hourly(scene, { days: 2.5 / 24 });
  const { kept, states } = await readings(scene, made);
  assert.equal(kept, 3);
  assert.deepEqual(states.slice(2), STATES.slice(2));
  assert.deepEqual(states.slice(0, 2), [NOT_KEPT, NOT_KEPT], "nobody is told a wrong state");
});

test("22. retention by count drops the oldest, and what is left is told as it was", async (t) => {
  const scene = sceneOf(t, {});
  const made = await hourly(scene, { changes: 2 });
  const { kept, states } = await readings(scene, made);
  assert.equal(kept, 2);
  assert.deepEqual(states.slice(3), STATES.slice(3));
  assert.deepEqual(states.slice(0, 3), [NOT_KEPT, NOT_KEPT, NOT_KEPT]);
});
