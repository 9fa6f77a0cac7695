// Figures of the demonstration's steps, and three small versions of entries for it.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes of one side. */
export type Sides = { readonly create: number; readonly update: number; readonly delete: number };
/** What a plan or run says of a pipeline. */
export interface Figures {
  readonly source: Sides;
  readonly target: Sides;
  readonly conflicts: number;
  readonly withheld: number;
  readonly rejected: number;
  readonly unchanged: number;
}
/** One command of the story. */
export interface Step {
  readonly title: string;
  readonly line: string;
  readonly exit: number;
  readonly summary: { readonly [name: string]: unknown };
}

/** The steps of one command. */
export function all(steps: readonly Step[], command: string): readonly Step[] {
  return steps.filter(({ line }) => line.startsWith(`syncline ${command}`));
}

/** Its first step. */
export function one(steps: readonly Step[], command: string): Step {
  const [step] = all(steps, command);
  assert.ok(step !== undefined, command);
  return step;
}

/** What a step says of a pipeline. */
export function figures(step: Step, pipeline: string): Figures {
  const pipelines = step.summary["pipelines"] as { readonly [name: string]: Figures };
  const found = pipelines[pipeline];
  assert.ok(found !== undefined, step.line);
  return found;
}

/** Three small versions of our own: created, edited, deleted and rival entries on both sides. */
export function sampleFolders(folder: string): readonly string[] {
  const base: { [key: string]: object } = {};
  for (let n = 0; n < 300; n++) base[`e-${n}`] = { title: `Entry ${n}`, size: n, tags: ["a"] };
  const source = { ...base, new1: { title: "New" }, new2: { title: "New too", size: 1 } };
  const target: typeof base = {};
  for (const [n, [key, entry]] of Object.entries(base).entries()) {
    if (n % 10 === 0) source[key as "new1"] = { ...entry, title: `Changed ${n}` };
    if (n % 4 === 0) continue;
    target[key] = n % 15 === 0 ? { ...entry, tags: ["a", "b"] } : entry;
  }
  for (const [name, entries] of Object.entries({ base, source, target })) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, "db.json"), JSON.stringify(entries));
  }
  return ["base", "source", "target"].flatMap((name) => [`--${name}`, join(folder, name)]);
}

/** A summary with source and target exchanged, and nothing in it that differs from run to run. */
export function mirrored(summary: Step["summary"]): unknown {
  const swap: { readonly [name: string]: string } = {
    source: "target",
    target: "source",
    onlySource: "onlyTarget",
    onlyTarget: "onlySource",
  };
  return walk(summary, (name) => swap[name] ?? name);
}

/** A summary without what differs from run to run. */
export function withoutIds(summary: Step["summary"]): unknown {
  return walk(summary, (name) => name);
}

function walk(value: unknown, rename: (name: string) => string): unknown {
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => name !== "planId" && name !== "hash");
  return Object.fromEntries(kept.map(([name, each]) => [rename(name), walk(each, rename)]));
}
