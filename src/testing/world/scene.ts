// Everything that stands on the stage of one schedule: the sides, the journal, the link that was
// compiled over them, and the book of what users did.
import { decodeKey } from "../../core/key.ts";
import type { Entry, Key } from "../../core/state.ts";
import { compileLink } from "../../engine/compile.ts";
import { makeContext, type Context } from "../../engine/context.ts";
import type { Link, Pipeline } from "../../engine/link.ts";
import { readLayouts } from "../../engine/layout.ts";
import { PAGE_ROWS_MAX, type Batch, type Replica } from "../../engine/replica.ts";
import { memoryJournal, type MemoryJournal } from "../memory-journal.ts";
import type { MemoryReplica } from "../memory-replica.ts";
import { Ledger, named, type NamedRow } from "./ledger.ts";
import type { Machine } from "./machine.ts";
import type { LinkSetup } from "./script.ts";
import { COLLECTION, makeReplica, settingsOf, systemOf } from "./settings.ts";
import { columnsOf, fieldsOf } from "./values.ts";

/** A request that is still under way. */
export interface Late {
  readonly side: number;
  readonly batch: Batch;
  /** The versions that the engine had seen when it was sent, by key. */
  readonly looked: ReadonlyMap<number, number>;
  readonly until: number;
}

/** What the engine is doing, as far as properties depend on it. */
export interface Doing {
  readonly kind: "nothing" | "plan" | "cycle" | "feed" | "apply" | "answer" | "rollback";
  /** So many deletions may be decided for one side; undefined: any number. */
  readonly deletesMax?: number | undefined;
  /** Only these writes may be sent: `side key content`. */
  readonly planned?: ReadonlySet<string>;
  /** Marks what a person's decision overrules, once it is saved: true, if this was it. */
  readonly decided?: (key: number) => boolean;
}

/** The stage. */
export class Scene {
  readonly machine: Machine;
  readonly setup: LinkSetup;
  readonly ledger = new Ledger();
  readonly violations = new Map<string, string>();
  readonly journal: MemoryJournal = memoryJournal();
  /** What the journal holds, decoded; kept as it is saved. */
  readonly entries = new Map<number, Entry>();
  /** Sides on which users wait until a restored copy has been dealt with. */
  readonly frozen = new Set<number>();
  readonly putBack = new Set<string>();
  /** Keys about which a person decided against the source of a one-way link. */
  readonly rolledBack = new Set<number>();
  /** Keys that were forgotten while a side held their row. */
  readonly met = new Set<number>();
  readonly late: Late[] = [];
  isAnswered = false;
  /** The journal was lost once: rows that we wrote meet for the first time. */
  isForgetful = false;
  /** A side became an old copy of itself. */
  isRestored = false;
  /** The mapping was edited: what is mapped again meets as for the first time. */
  isRemapped = false;
  doing: Doing = { kind: "nothing" };
  /** Writes that were sent in the run under way. */
  sent = 0;
  fields: readonly string[] = [];
  readonly #replicas: readonly MemoryReplica[];
  readonly #columns: readonly (readonly string[])[];
  #link: Link | undefined;
  #context: Context | undefined;

  constructor(machine: Machine) {
    this.machine = machine;
    this.setup = machine.script.link;
    const { sides } = this.setup;
    this.#replicas = sides.map((side, index) => makeReplica(this.setup, index, side));
    this.#columns = sides.map((_, side) => columnsOf(this.setup, side).map(({ name }) => name));
  }

  get link(): Link {
    if (this.#link === undefined) throw new RangeError("the link is not open");
    return this.#link;
  }

  get pipeline(): Pipeline {
    return this.context.pipeline;
  }

  get context(): Context {
    if (this.#context === undefined) throw new RangeError("the link is not open");
    return this.#context;
  }

  /** Starts a process over what is durable. */
  async open(
    replicas: readonly Replica[],
    wrap: (link: Link["journal"]) => Link["journal"],
    hasG: boolean,
  ): Promise<void> {
    const journal = wrap(await this.journal.open("world", "write"));
    const input = {
      name: "world",
      settings: [settingsOf(this.setup, hasG)],
      replicas: new Map(replicas.map((replica, side) => [systemOf(side), replica])),
      journal,
      env: this.machine.env,
    };
    this.#link = await compileLink(input, new AbortController().signal);
    await this.#look();
    this.fields = this.pipeline.fields;
  }

  /** The same link in a new process: nothing is left of the old one but what is durable. */
  async reopen(wrap: (link: Link["journal"]) => Link["journal"]): Promise<void> {
    const journal = wrap(await this.journal.open("world", "write"));
    this.#link = { ...this.link, journal };
    await this.#look();
  }

  /** Decodes what the journal holds, as today's configuration reads it. */
  async #look(): Promise<void> {
    const [pipeline] = this.link.pipelines;
    if (pipeline === undefined) throw new RangeError("the link has a pipeline");
    const layouts = await readLayouts(this.link);
    this.#context = makeContext(this.link, pipeline, { ...NO_CYCLE, layouts }, []);
    this.entries.clear();
    const all = { after: null, limit: PAGE_ROWS_MAX };
    const { keys, bodies } = await this.link.journal.entries(pipeline.name, all);
    for (const [index, key] of keys.entries()) {
      const parsed = JSON.parse(bodies[index] ?? "[]") as unknown[]; // the codec wrote it
      this.entries.set(numberOf(key), this.context.codec.decode(parsed));
    }
  }

  replica(side: number): MemoryReplica {
    const replica = this.#replicas[side];
    if (replica === undefined) throw new RangeError(`no side ${side}`);
    return replica;
  }

  columns(side: number): readonly string[] {
    return this.#columns[side] ?? [];
  }

  rowOf(side: number, key: number): NamedRow {
    return named(this.columns(side), this.replica(side).row(COLLECTION, [key]));
  }

  entryOf(key: number): Entry | undefined {
    return this.entries.get(key);
  }

  keys(): readonly number[] {
    return Array.from({ length: this.setup.keys }, (_, index) => index + 1);
  }

  /** Nobody knows whether a write of ours has landed there, and no marker will tell. */
  isDoubtful(side: number, key: number): boolean {
    if (this.setup.sides[side]?.marks === true) return false;
    return (this.entryOf(key)?.sides[side]?.told.length ?? 0) > 0;
  }

  carried(): readonly string[] {
    return fieldsOf(this.setup, this.fields.includes("g"));
  }

  fail(property: string, detail: string): void {
    if (!this.violations.has(property)) this.violations.set(property, detail);
    this.machine.note(() => `!! ${property}: ${detail}`);
  }
}

const NO_CYCLE = { run: "world", stamp: 0, refill: new Set<string>() };

/** The number of an entry. */
export function numberOf(key: Key): number {
  return Number(decodeKey(key)[0]);
}
