// A process that dies on purpose: everything that an engine does to the outside is an effect with a
// number, and before or after one of them a function is called that ends the process (I10). Around
// a real journal and real replicas, with real files, this is the proof that a restart goes on.
import type { LinkJournal } from "../engine/journal.ts";
import type { Link } from "../engine/link.ts";
import type { Replica, Writer } from "../engine/replica.ts";

/** Where a process ends: before or after its n-th effect, counted from 1. */
export interface Death {
  readonly effect: number;
  readonly when: "before" | "after";
}

/** How effects are counted. */
export interface EffectOptions {
  /** Absent: nobody dies, and the effects are only counted. */
  readonly death?: Death;
  /**
   * Ends the process, and does not return: SIGKILL. Where it throws instead, the dead go on to
   * compute, and no effect of theirs happens any more. Where it returns, something else has ended
   * that the process has to do without: all that follows happens as it can.
   */
  readonly die: () => void;
}

/** The effects of one process, in the order in which they began. */
export interface Effects {
  /** Their names so far: what was done to which replica, or to the journal. */
  readonly names: readonly string[];
  /** Does something that counts, unless the process ends first. */
  cause<Result>(name: string, effect: () => Promise<Result>): Promise<Result>;
}

/** Starts to count. */
export function countEffects({ death, die }: EffectOptions): Effects {
  const names: string[] = [];
  let isDead = false;
  const end = (): void => {
    isDead = true;
    die();
    isDead = false;
  };
  return {
    names,
    cause: async (name, effect) => {
      if (isDead) die();
      const number = names.push(name);
      if (number === death?.effect && death.when === "before") end();
      const result = await effect();
      if (number === death?.effect && death.when === "after") end();
      return result;
    },
  };
}

/** The same link, whose every effect counts. */
export function lethalLink(link: Link, effects: Effects): Link {
  const lethal = new Map<Replica, Replica>();
  const around = (replica: Replica): Replica => {
    const known = lethal.get(replica) ?? lethalReplica(replica, effects);
    lethal.set(replica, known);
    return known;
  };
  return {
    ...link,
    journal: lethalJournal(link.journal, effects),
    replicas: new Map([...link.replicas].map(([name, replica]) => [name, around(replica)])),
    pipelines: link.pipelines.map((pipeline) => ({
      ...pipeline,
      sides: pipeline.sides.map((side) => ({ ...side, replica: around(side.replica) })),
    })),
  };
}

/** The same replica, whose every effect counts. Opening a writer is one: it may leave a trace. */
export function lethalReplica(inner: Replica, effects: Effects): Replica {
  const { name } = inner;
  const reach = inner.reach?.bind(inner);
  const head = inner.head?.bind(inner);
  const ddl = inner.ddl?.bind(inner);
  const create = inner.create?.bind(inner);
  return {
    name,
    describe: (signal, wanted) => inner.describe(signal, wanted),
    list: (shape, after, signal) => inner.list(shape, after, signal),
    read: (shape, keys, signal) => inner.read(shape, keys, signal),
    ...(reach === undefined ? {} : { reach }),
    changes: (shapes, cursor, signal) => inner.changes(shapes, cursor, signal),
    ...(head === undefined
      ? {}
      : { head: (shapes, signal) => effects.cause(`${name} head`, () => head(shapes, signal)) }),
    acknowledge: (cursor) => effects.cause(`${name} acknowledge`, () => inner.acknowledge(cursor)),
    marks: (link, signal) => inner.marks(link, signal),
    writer: async (signal) => {
      const writer = await effects.cause(`${name} writer`, () => inner.writer(signal));
      return lethalWriter(name, writer, effects);
    },
    ...(ddl === undefined ? {} : { ddl }),
    ...(create === undefined
      ? {}
      : {
          create: (collection, signal) =>
            effects.cause(`${name} create`, () => create(collection, signal)),
        }),
    forget: (link) => effects.cause(`${name} forget`, () => inner.forget(link)),
    close: () => inner.close(),
  };
}

/** The same journal of a link, whose every change counts. */
export function lethalJournal(inner: LinkJournal, effects: Effects): LinkJournal {
  const cause = <Result>(what: string, effect: () => Promise<Result>): Promise<Result> =>
    effects.cause(`journal ${what}`, effect);
  return {
    link: inner.link,
    entries: (pipeline, range) => inner.entries(pipeline, range),
    find: (pipeline, keys) => inner.find(pipeline, keys),
    count: (pipeline) => inner.count(pipeline),
    pipelines: () => inner.pipelines(),
    fact: (name) => inner.fact(name),
    generation: () => inner.generation(),
    commit: (commit) => cause("commit", () => inner.commit(commit)),
    runs: (limit) => inner.runs(limit),
    history: (of, page) => inner.history(of, page),
    pruneHistory: (keep) => cause("pruneHistory", () => inner.pruneHistory(keep)),
    pruneRuns: (keep) => cause("pruneRuns", () => inner.pruneRuns(keep)),
    plan: (id) => inner.plan(id),
    blocks: (plan, after, limit) => inner.blocks(plan, after, limit),
    prunePlans: (countMax) => cause("prunePlans", () => inner.prunePlans(countMax)),
    forget: (pipeline) => cause("forget", () => inner.forget(pipeline)),
    close: () => inner.close(),
  };
}

function lethalWriter(name: string, inner: Writer, effects: Effects): Writer {
  return {
    ...(inner.ahead === undefined ? {} : { ahead: inner.ahead }),
    write: (batch, signal) => effects.cause(`${name} write`, () => inner.write(batch, signal)),
    finish: (signal) => effects.cause(`${name} finish`, () => inner.finish(signal)),
    abort: () => inner.abort(),
  };
}
