import assert from "node:assert/strict";
import { test } from "node:test";
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
