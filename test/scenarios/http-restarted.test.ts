// Mission scenario 16: retries that are pending outlive their process, and run at the time that
// was kept with them, once. Every process here is a real one, on a clock that the test gives it;
// the API counts what it is asked [F0-11].
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { test } from "node:test";
import type { HttpCollectionInput } from "../../src/config/index.ts";
import { finish } from "../replicas/http-server.ts";
import { httpScene } from "./http-scene.ts";

const MAIN = resolve(import.meta.dirname, "../../src/cli/main.ts");
const START = Date.UTC(2026, 0, 1);
const WAIT_MS = 600_000;

const COLLECTION: HttpCollectionInput = {
  items: "data.items",
  key: "id",
  fields: { id: "integer" },
  write: {},
};

const COLLECTIONS = { first: COLLECTION, second: COLLECTION };

/** Starts a command line whose clock stands at a time. */
function startAt(now: number, cwd: string, ...words: readonly string[]): ChildProcess {
  const clock = `data:text/javascript,${encodeURIComponent(`Date.now = () => ${now};`)}`;
  const line = ["--import", clock, "--conditions=syncline-source", MAIN, ...words];
  const stdio = ["ignore", "pipe", "pipe"] as const;
  return spawn(process.execPath, line, {
    cwd,
    env: { PATH: process.env["PATH"] },
    stdio: [...stdio],
  });
}

test("16: what waits for its time is tried then, once, whoever is killed meanwhile", async (t) => {
  let child: ChildProcess | undefined;
  let busy: readonly string[] = ["first 2", "first 3"];
  let lethal: string | undefined;
  const sent: string[] = [];
  const { api, ...scene } = await httpScene(t, {
    api: {
      turning: "all",
      fault: ({ method, path, body }, answer, work) => {
        if (method === "GET") return false;
        const write = `${path.slice(1)} ${/"id":(\d)/.exec(body)?.[1]}`;
        sent.push(write);
        if (write === lethal) {
          work();
          return child?.kill("SIGKILL") === true;
        }
        if (!busy.includes(write)) return false;
        finish(answer, { status: 503, text: "{}" });
        return true;
      },
    },
    collections: COLLECTIONS,
    pipeline: { source: "left.first", target: "vendor.first" },
  });
  const retry = { backoff: "fixed", first: "10m", cap: "1h", jitter: 0 } as const;
  scene.configure({
    systems: {
      left: { type: "sqlite", path: "left.db" },
      vendor: {
        type: "http",
        url: api.url,
        limits: { concurrent: 1, retries: 0 },
        collections: COLLECTIONS,
      },
    },
    pipelines: {
      first: { source: "left.first", target: "vendor.first", retry },
      second: { source: "left.second", target: "vendor.second", retry },
    },
  });
  for (const name of ["first", "second"]) {
    api.add(name, { key: ["id"], fields: ["id", "name"] });
    api.put(name, { id: 0, name: "theirs" });
    scene.sql("left", `CREATE TABLE ${name} (id INTEGER PRIMARY KEY, name TEXT)`);
    scene.sql("left", `INSERT INTO ${name} VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')`);
  }
  const all = (name: string) => api.all(name).map(({ id }) => id);
  /** Runs at a time after the start; returns how it ended, and what was sent. */
  const runAt = async (ms: number) => {
    sent.length = 0;
    child = startAt(START + ms, scene.folder, "run");
    let said = "";
    child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
    child.stdout?.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const [exit, signal] = (await once(child, "close")) as [number | null, string | null];
    return { exit: signal ?? exit, sent: [...sent], said };
  };

  lethal = "second 2";
  const killed = await runAt(0);
  assert.equal(killed.exit, "SIGKILL", killed.said);
  const firsts = ["first 1", "first 2", "first 3", "first 4"];
  assert.deepEqual(killed.sent, [...firsts, "second 1", "second 2"]);
  lethal = undefined;
  busy = [];
  const restarted = await runAt(60_000);
  assert.equal(restarted.exit, 4, restarted.said);
  assert.deepEqual(restarted.sent, ["second 3", "second 4"], "it is finished, and nothing else");
  const { letters } = (await scene.say("letters")).result as unknown as {
    readonly letters: readonly { readonly shown: string; readonly due: string }[];
  };
  const due = new Date(START + WAIT_MS).toISOString();
  assert.deepEqual(
    letters.map((letter) => [letter.shown, letter.due]),
    [
      ["2", due],
      ["3", due],
    ],
  );
  assert.deepEqual((await runAt(WAIT_MS - 1)).sent, [], "not before its time");
  lethal = "first 3";
  const again = await runAt(WAIT_MS);
  assert.equal(again.exit, "SIGKILL", again.said);
  assert.deepEqual(again.sent, ["first 2", "first 3"], "at its time");
  lethal = undefined;
  const last = await runAt(WAIT_MS + 1);
  assert.equal(last.exit, 0, last.said);
  assert.deepEqual(last.sent, [], "what the API has is not sent again");
  assert.deepEqual((await runAt(10 * WAIT_MS)).sent, []);
  assert.deepEqual(all("first"), [0, 1, 4, 2, 3]);
  assert.deepEqual(all("second"), [0, 1, 2, 3, 4]);
});
