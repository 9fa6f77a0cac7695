import assert from "node:assert/strict";
import { test } from "node:test";
import { SyncError } from "../../src/core/errors.ts";
import type { Value } from "../../src/core/state.ts";
import type { LinkJournal, Replica, Writer } from "../../src/engine/index.ts";
import { PEOPLE, sceneOf } from "./scene.ts";

const OTHERS = ["staff", "guests", "alumni"];

test("no marker is given back before a commit has followed its batch", async () => {
  const events: string[] = [];
  const noting = (writer: Writer): Writer => ({
    async write(batch, signal) {
      for (const id of batch.settled) {
        const sent = events.indexOf(`sent ${id}`);
        assert.ok(events.indexOf("committed", sent) > sent, `${id} is settled with ${batch.id}`);
      }
      const outcomes = await writer.write(batch, signal);
      events.push(`sent ${batch.id}`);
      return outcomes;
    },
    finish: (signal) => writer.finish(signal),
    abort: () => writer.abort(),
  });
  const scene = await sceneOf({
    // All sides are in one store, so that one decision leads to three batches there: the last
    // marker of a store is kept in any case.
    systems: ["crm"],
    collections: { crm: ["people", ...OTHERS].map((name) => ({ ...PEOPLE, name })) },
    pipelines: [
      {
        name: "people",
        direction: "two-way",
        sides: [
          { name: "source", at: { system: "crm", collection: "people" } },
          ...OTHERS.map((name) => ({ name, at: { system: "crm", collection: name } })),
        ],
      },
    ],
    wrap: (replica): Replica => ({
      ...replica,
      writer: async (signal) => noting(await replica.writer(signal)),
    }),
    // Its methods stay with the journal; only commits are noted as well.
    wrapJournal: (journal): LinkJournal => {
      const commit = journal.commit.bind(journal);
      journal.commit = async (change) => {
        await commit(change);
        events.push("committed");
      };
      return journal;
    },
  });
  for (const name of ["x", "y"]) {
    scene.put("crm", "ann", { name });
    scene.replica("crm").edit("staff", ["bob"], { name });
    await scene.run();
  }
  assert.equal(events.filter((event) => event.startsWith("sent")).length, 8);
});

test("a store keeps the marker of an unknown outcome, however many batches follow it", async () => {
  const tables = ["people", ...OTHERS];
  const batches: { readonly id: string; readonly settled: readonly string[] }[] = [];
  const losing = (writer: Writer): Writer => ({
    ...writer,
    async write(batch, signal) {
      batches.push(batch);
      const outcomes = await writer.write(batch, signal);
      if (batches.length > 1) return outcomes;
      // It landed, and a user edits what we wrote before we know that.
      scene.put("billing", "ann", { name: "Anneli" });
      const error = new SyncError("OUTCOME_UNKNOWN", "no answer");
      return batch.writes.map(() => ({ kind: "unknown", error }));
    },
  });
  const collections = tables.map((name) => ({ ...PEOPLE, name }));
  const scene = await sceneOf({
    collections: { crm: collections, billing: collections },
    // One after the other: each is committed before the next one's batch is sent.
    pipelines: tables.map((name) => ({
      name,
      direction: "two-way",
      sides: [
        { name: "source", at: { system: "crm", collection: name } },
        { name: "target", at: { system: "billing", collection: name } },
      ],
    })),
    wrap: (replica): Replica => ({
      ...replica,
      writer: async (signal) => losing(await replica.writer(signal)),
    }),
  });
  for (const name of tables) scene.replica("crm").edit(name, ["ann"], { name: "Anna" });
  await scene.run();
  const given = batches.slice(0, tables.length).flatMap(({ settled }) => settled);
  assert.equal(given.includes(batches[0]?.id ?? ""), false);
  await scene.run();
  assert.deepEqual(await scene.questions(), [], "the user had seen what we wrote");
  assert.equal(scene.people("crm")["ann"]?.["name"], "Anneli");
});

test("what a marker says was stored is read by its columns, not by those of now", async () => {
  const loud = (_: string, value: Value): Value =>
    typeof value === "string" ? value.toUpperCase() : value;
  let isLosing = true;
  const losing = (writer: Writer): Writer => ({
    ...writer,
    async write(batch, signal) {
      const outcomes = await writer.write(batch, signal);
      if (isLosing) throw new SyncError("REPLICA_UNAVAILABLE", "nobody answers any more");
      return outcomes;
    },
  });
  const mapping = (...names: readonly string[]) => ({
    mapping: names.map((name) => ({ source: name, target: name })),
  });
  const scene = await sceneOf({
    collections: { billing: [{ ...PEOPLE, hidden: loud }] },
    pipeline: mapping("id", "name", "city"),
    wrap: (replica) =>
      replica.name === "billing"
        ? { ...replica, writer: async (signal) => losing(await replica.writer(signal)) }
        : replica,
  });
  scene.put("crm", "A", { name: "ann", city: "oslo" });
  await assert.rejects(scene.run());
  isLosing = false;
  await scene.reopen(mapping("id", "city"));
  await scene.run();
  assert.deepEqual(scene.people("crm")["A"], { name: "ann", age: null, city: "oslo" });
  assert.deepEqual(scene.people("billing")["A"], { name: "ANN", age: null, city: "OSLO" });
  assert.deepEqual(await scene.questions(), []);
});
