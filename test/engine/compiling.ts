// Pipelines compiled against collections in memory.
import assert from "node:assert/strict";
import { sha256 } from "../../src/config/index.ts";
import { SyncError } from "../../src/core/errors.ts";
import { problemsOf } from "../../src/core/problems.ts";
import { compileLink } from "../../src/engine/compile.ts";
import type { Link, Pipeline } from "../../src/engine/link.ts";
import type { PipelineSettings } from "../../src/engine/settings.ts";
import type { MemoryCollection, MemoryField } from "../../src/testing/memory-collection.ts";
import { memoryJournal } from "../../src/testing/memory-journal.ts";
import { memoryReplica } from "../../src/testing/memory-replica.ts";

export const NEVER = new AbortController().signal;
const ENV = { now: () => 0, random: () => 0, id: () => "id", hash: sha256 };

export type Tables = { readonly [system: string]: readonly MemoryCollection[] };

export const ID: MemoryField = { name: "id", type: { kind: "integer" } };
export const NAME: MemoryField = { name: "name", type: { kind: "text" } };
export const STATUS: MemoryField = { name: "status", type: { kind: "text" } };

export function table(name: string, ...fields: readonly MemoryField[]): MemoryCollection {
  return { name, key: ["id"], fields: [ID, ...fields] };
}

export const PEOPLE: Tables = {
  crm: [table("people", NAME, STATUS)],
  hub: [table("people", NAME, STATUS)],
};

export function pair(
  over: Partial<PipelineSettings> = {},
  collection = "people",
): PipelineSettings {
  return {
    name: collection,
    sides: [
      { name: "source", at: { system: "crm", collection } },
      { name: "target", at: { system: "hub", collection } },
    ],
    ...over,
  };
}

export async function linkOf(
  settings: readonly PipelineSettings[],
  tables: Tables = PEOPLE,
): Promise<Link> {
  const replicas = new Map(
    Object.entries(tables).map(([name, collections]) => [
      name,
      memoryReplica({ name, collections }),
    ]),
  );
  const journal = await memoryJournal().open("link", "write");
  return compileLink({ name: "link", settings, replicas, journal, env: ENV }, NEVER);
}

export async function pipelineOf(settings: PipelineSettings, tables?: Tables): Promise<Pipeline> {
  const [pipeline] = (await linkOf([settings], tables)).pipelines;
  assert.ok(pipeline);
  return pipeline;
}

/** What a link is refused for: where and with which code. */
export async function refusals(
  settings: readonly PipelineSettings[],
  tables?: Tables,
): Promise<readonly string[]> {
  const problems = await problemsIn(settings, tables);
  return problems.map(({ where, code }) => `${where ?? ""} ${code}`);
}

/** All that is wrong with a link. */
export async function problemsIn(
  settings: readonly PipelineSettings[],
  tables?: Tables,
): Promise<readonly SyncError[]> {
  try {
    await linkOf(settings, tables);
  } catch (error) {
    if (error instanceof SyncError) return problemsOf(error);
    throw error;
  }
  return [];
}
