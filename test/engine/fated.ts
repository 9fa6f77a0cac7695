// A scene in which the billing system's writes have a fate: lost, refused, late, unknown.
import { everywhere, PEOPLE, person, sceneOf, type Scene } from "./scene.ts";
import type { Batch, Outcome, Replica, Writer } from "../../src/engine/index.ts";

/** What becomes of a batch, where it is not simply written. */
export type Fate = (
  batch: Batch,
  write: () => Promise<readonly Outcome[]>,
) => Promise<readonly Outcome[]>;

/** A scene in which the billing system's writes have a fate. */
export async function fated(
  collection: Partial<typeof PEOPLE> = {},
  pipeline: object = {},
): Promise<Scene & { fate: Fate; readonly batches: Batch[] }> {
  const batches: Batch[] = [];
  const wrap = (replica: Replica): Replica => {
    if (replica.name !== "billing") return replica;
    return {
      ...replica,
      writer: async (signal) => {
        const writer = await replica.writer(signal);
        return {
          ...writer,
          write: (batch, abort) => {
            batches.push(batch);
            return all.fate(batch, () => writer.write(batch, abort));
          },
        } satisfies Writer;
      },
    };
  };
  const collections = { billing: [{ ...PEOPLE, ...collection }] };
  const scene = await sceneOf({ collections, pipeline, wrap });
  const fate: Fate = (_, write) => write();
  const all = Object.assign(scene, { fate, batches });
  everywhere(all, "ann", person("Ann"));
  everywhere(all, "bo", person("Bo"));
  await all.run();
  return all;
}
