// People of whom a column tells what changed.
import assert from "node:assert/strict";
import type { Link, PipelineSettings, Replica, RunView } from "../../src/engine/index.ts";
import type { MemoryReplica } from "../../src/testing/memory-replica.ts";
import { PEOPLE, sceneOf } from "./scene.ts";
import type { Person, Scene, SceneOptions } from "./scene.ts";

export const HOUR_MS = 3_600_000;
/** People with a column that grows with every change; nobody maps it. */
export const COUNTED = {
  ...PEOPLE,
  fields: [...PEOPLE.fields, { name: "rev", type: { kind: "integer" as const } }],
  capabilities: { log: false, sinceColumns: ["integer" as const] },
};
const FIELDS = ["id", "name", "age", "city"];
export const SINCE: Partial<PipelineSettings> = {
  mapping: FIELDS.map((name) => ({ source: name, target: name })),
  since: { field: "rev", overlap: { kind: "number", count: 2 }, fullMs: 24 * HOUR_MS },
};

/** By system, how often it was listed. */
export interface Counted extends Scene {
  readonly lists: { [system: string]: number };
}

export async function counted(more: SceneOptions = {}): Promise<Counted> {
  const lists: { [system: string]: number } = {};
  const wrap = (replica: MemoryReplica): Replica => ({
    ...(more.wrap?.(replica) ?? replica),
    list: (shape, after, signal) => {
      lists[replica.name] = (lists[replica.name] ?? 0) + 1;
      return replica.list(shape, after, signal);
    },
  });
  const collections = { crm: [COUNTED], billing: [COUNTED] };
  const pipeline = { ...SINCE, ...more.pipeline };
  const scene = await sceneOf({ collections, ...more, pipeline, wrap });
  return Object.assign(scene, { lists });
}

export let revisions = 0;
/** A change that the column tells of. */
export const bumped = (row: Person): Person => ({ ...row, rev: (revisions += 10) });

export const codes = ({ notes }: Pick<RunView, "notes">): readonly string[] =>
  notes.map(({ code }) => code);

export function agree(scene: Scene): void {
  const [crm, billing] = ["crm", "billing"].map((name) =>
    Object.entries(scene.people(name)).map(([id, row]) => [id, row["name"], row["age"]]),
  );
  assert.deepEqual(billing, crm);
}

/** The same link, whose first side is met another way. */
export function over(link: Link, replica: Replica): Link {
  const pipelines = link.pipelines.map((pipeline) => ({
    ...pipeline,
    sides: pipeline.sides.map((side, at) => (at === 0 ? { ...side, replica } : side)),
  }));
  return { ...link, pipelines };
}
