// A program that dies at any of its writes to an API: the next run finishes what it began, and no
// row is created twice (I1, I10).
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { startCli } from "../cli/world.ts";
import type { Fault } from "../replicas/http-server.ts";
import { httpScene } from "./http-scene.ts";
import { counts } from "./scene.ts";

const ROWS = 12;

for (const [name, batch] of [
  ["one by one", undefined],
  ["in batches", { path: "/customers/batch", size: 4, items: "items", results: "results" }],
] as const) {
  test(`killed at any of its writes, ${name}, a run is finished by the next one`, async (t) => {
    let child: ChildProcess | undefined;
    let dies: "before" | "after" | undefined;
    let writes = 0;
    let killAt = 0;
    const made = new Map<string, number>();
    const fault: Fault = ({ method, body }, answer, work) => {
      if (method !== "POST") return false;
      writes += 1;
      const isKilled = dies !== undefined && writes === killAt;
      if (isKilled && dies === "before") return child?.kill("SIGKILL") === true;
      const { text } = work();
      if (text.includes('"error"')) assert.ok(text.includes("it is there"), text);
      else
        for (const [, id = ""] of body.matchAll(/"id":(\d+)/g))
          made.set(id, (made.get(id) ?? 0) + 1);
      if (isKilled) return child?.kill("SIGKILL") === true;
      answer.writeHead(201, { "content-type": "application/json" });
      answer.end(text);
      return true;
    };
    const key = { items: "data.items", key: "id", fields: { id: "integer" } } as const;
    const { api, ...scene } = await httpScene(t, {
      api: { turning: "all", fault },
      collections: {
        customers: { ...key, write: batch === undefined ? {} : { batch } },
      },
      system: { limits: { concurrent: 1, retries: 0 } },
      pipeline: { source: "left.customers", target: "vendor.customers" },
    });
    api.add("customers", { key: ["id"], fields: ["id", "name"] });
    api.put("customers", { id: 0, name: "theirs" });
    scene.sql("left", "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT)");
    let next = 1;
    for (const [how, places] of [
      ["before", [2]],
      ["after", [1, 3]],
    ] as const) {
      for (const at of places) {
        for (let n = 0; n < ROWS; n++, next++) {
          scene.sql("left", `INSERT INTO customers VALUES (${next}, 'n${next}')`);
        }
        [dies, writes, killAt] = [how, 0, at];
        child = startCli(scene.folder, ["run"]);
        const [, signal] = await once(child, "exit");
        assert.equal(signal, "SIGKILL");
        dies = undefined;
        const ran = await scene.say("run");
        assert.equal(ran.exit, 0, `${how} ${at}: ${ran.error?.message}`);
        assert.equal(api.all("customers").length, next);
      }
    }
    assert.equal(made.size, next - 1);
    assert.deepEqual(
      [...made].filter(([, count]) => count !== 1),
      [],
    );
    assert.equal(counts(await scene.say("run")).unchanged, next - 1);
  });
}
