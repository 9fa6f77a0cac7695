// A link between replicas in memory, with a clock of its own, for tests of the engine.
import { createHash } from "node:crypto";
import { encodeKey } from "../../src/core/key.ts";
import type { Key, Value } from "../../src/core/state.ts";
import {
  applyPlan,
  compileLink,
  letters,
  makePlan,
  planItems,
  questions,
  run,
} from "../../src/engine/index.ts";
import type {
  CycleOptions,
  Env,
  LetterView,
  Link,
  LinkJournal,
  PipelineSettings,
  PlanItem,
  PlanView,
  QuestionView,
  Replica,
  RunView,
  Trust,
} from "../../src/engine/index.ts";
import { memoryJournal, type MemoryJournal } from "../../src/testing/memory-journal.ts";
import { memoryReplica, type MemoryReplica } from "../../src/testing/memory-replica.ts";
import type { MemoryCollection } from "../../src/testing/memory-collection.ts";

/** A signal that never fires. */
export const NEVER = new AbortController().signal;

/** People as both sides keep them: without an order of their own, as SQLite does. */
export const PEOPLE: MemoryCollection = {
  name: "people",
  fields: [
    { name: "id", type: { kind: "text" } },
    { name: "name", type: { kind: "text" } },
    { name: "age", type: { kind: "integer" } },
    { name: "city", type: { kind: "text" } },
  ],
  key: ["id"],
  isOrdered: false,
};

/** What a scene is made of; what is absent is PEOPLE on two sides, two-way. */
export interface SceneOptions {
  /** Systems in the order of the sides. Default: crm, billing. */
  readonly systems?: readonly string[];
  /** Collections by system. */
  readonly collections?: { readonly [system: string]: readonly MemoryCollection[] };
  readonly pipeline?: Partial<PipelineSettings>;
  /** Instead of the one pipeline. */
  readonly pipelines?: readonly PipelineSettings[];
  /** What the engine meets instead of the replica. */
  readonly wrap?: (replica: MemoryReplica) => Replica;
  readonly wrapJournal?: (journal: LinkJournal) => LinkJournal;
  readonly pageRows?: number;
}

/** Two or more systems, a journal and a link between them. */
export interface Scene {
  /** ms since the epoch; every look at it moves it on by one. */
  readonly clock: { now: number };
  readonly journal: MemoryJournal;
  link: Link;
  /** The link opened anew, with other settings if they are given. */
  reopen(pipeline?: Partial<PipelineSettings>): Promise<Link>;
  replica(system: string): MemoryReplica;
  /** A user of a system puts columns of a person, or deletes one. */
  put(system: string, id: string, row: Person | null): void;
  /** All people of a system by id. */
  people(system: string): { readonly [id: string]: Person };
  run(options?: CycleOptions & Trust & { readonly isPlain?: boolean }): Promise<RunView>;
  plan(options?: CycleOptions & Trust): Promise<PlanView>;
  apply(plan: PlanView): Promise<RunView>;
  items(plan: PlanView): Promise<readonly PlanItem[]>;
  questions(): Promise<readonly QuestionView[]>;
  letters(): Promise<readonly LetterView[]>;
}

/** A row by column. */
export type Person = { readonly [column: string]: Value };

/** SHA-256 of a text. */
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Collects what an async iterable yields. */
export async function all<T>(of: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const one of of) found.push(one);
  return found;
}

/** The key of an entry. Throws where a value names nothing. */
export function key(...values: readonly Value[]): Key {
  const encoded = encodeKey(values);
  if (encoded === undefined) throw new RangeError("a value that names nothing");
  return encoded;
}

/** Settings of one pipeline between the systems of a scene. */
export function settingsOf(
  systems: readonly string[],
  over: Partial<PipelineSettings> = {},
): PipelineSettings {
  const isPair = systems.length === 2;
  const sides = systems.map((system, index) => ({
    name: isPair ? (["source", "target"][index] ?? system) : system,
    at: { system, collection: "people" },
  }));
  return { name: "people", sides, direction: "two-way", ...over };
}

/** Opens a scene. */
export async function sceneOf(options: SceneOptions = {}): Promise<Scene> {
  const systems = options.systems ?? ["crm", "billing"];
  const memories = new Map(
    systems.map((name) => [
      name,
      memoryReplica({
        name,
        collections: options.collections?.[name] ?? [PEOPLE],
        ...(options.pageRows === undefined ? {} : { pageRows: options.pageRows }),
      }),
    ]),
  );
  const wrap = options.wrap ?? ((replica: Replica) => replica);
  const replicas = new Map([...memories].map(([name, replica]) => [name, wrap(replica)]));
  const journal = memoryJournal();
  const clock = { now: Date.UTC(2026, 0, 1) };
  const env = envOf(clock);
  let pipeline = options.pipeline ?? {};
  let opened: LinkJournal | undefined;
  const open = async (): Promise<Link> => {
    await opened?.close();
    opened = await journal.open("crm+billing", "write");
    const settings = options.pipelines ?? [settingsOf(systems, pipeline)];
    const seen = options.wrapJournal?.(opened) ?? opened;
    return compileLink({ name: "crm+billing", settings, replicas, journal: seen, env }, NEVER);
  };
  const found = (system: string): MemoryReplica => {
    const replica = memories.get(system);
    if (replica === undefined) throw new RangeError(`no system ${system}`);
    return replica;
  };
  const scene: Scene = {
    clock,
    journal,
    link: await open(),
    reopen: async (over) => {
      pipeline = over ?? pipeline;
      scene.link = await open();
      return scene.link;
    },
    replica: found,
    put: (system, id, row) => void found(system).edit("people", [id], row),
    people: (system) => peopleOf(found(system), options.collections?.[system]?.[0] ?? PEOPLE),
    run: (cycle = {}) => run(scene.link, cycle, NEVER),
    plan: (cycle = {}) => makePlan(scene.link, cycle, NEVER),
    apply: ({ id }) => applyPlan(scene.link, id, {}, NEVER),
    items: ({ id }) => all(planItems(scene.link, id)),
    questions: () => all(questions(scene.link, {})),
    letters: () => all(letters(scene.link, {})),
  };
  return scene;
}

/** A world whose author is the test. */
export function envOf(clock: { now: number }): Env {
  let ids = 0;
  return {
    now: () => (clock.now += 1),
    random: () => 0.5,
    id: () => `id-${String((ids += 1)).padStart(6, "0")}`,
    hash: sha256,
    sha256: (bytes) => createHash("sha256").update(bytes).digest("hex"),
    sleep: async (ms) => void (clock.now += ms),
  };
}

/** The same person in every system, so that a first run has nothing to do but to adopt it. */
export function everywhere(scene: Scene, id: string, row: Person): void {
  for (const system of scene.link.replicas.keys()) scene.put(system, id, row);
}

/** So many people called p000, p001, … in the systems that are named. */
export function crowd(scene: Scene, count: number, ...systems: readonly string[]): void {
  for (let i = 0; i < count; i++) {
    for (const system of systems) scene.put(system, personId(i), { name: `n${i}`, age: i });
  }
}

/** The id of a person in a crowd. */
export const personId = (index: number): string => `p${String(index).padStart(3, "0")}`;

/** A person with every column said. */
export const person = (name: string, age = 30, city = "Oslo"): Person => ({ name, age, city });

function peopleOf(replica: MemoryReplica, { fields, key: names }: MemoryCollection) {
  const columns = fields.map(({ name }) => name);
  const found: { [id: string]: Person } = {};
  for (const row of replica.rows("people")) {
    const named: { [column: string]: Value } = {};
    for (const [index, name] of columns.entries()) named[name] = row[index] ?? null;
    const id = names
      .map((name) => JSON.stringify(named[name] ?? null).replaceAll('"', ""))
      .join("/");
    found[id] = without(named, names);
  }
  return found;
}

function without(row: { readonly [column: string]: Value }, names: readonly string[]): Person {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)));
}

/** The counts of one pipeline's side in a summary. */
export function wrote(
  view: Pick<RunView, "summary">,
  side: string,
  pipeline = "people",
): { readonly create: number; readonly update: number; readonly delete: number } {
  const counts = view.summary.pipelines[pipeline]?.sides[side];
  if (counts === undefined) throw new RangeError(`no side ${side} in ${pipeline}`);
  return counts;
}

/** Nothing was written. */
export const NOTHING = { create: 0, update: 0, delete: 0 };
