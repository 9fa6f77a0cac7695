// Markers that a store may forget: those whose outcomes are safe in the journal. They are given
// back with the next batch, if need be by the next run.
import type { Context } from "./context.ts";
import { FLAGS } from "./journal.ts";
import type { Link } from "./link.ts";
import type { Outcome, Replica } from "./replica.ts";

/** A marker that a store keeps. */
export interface Left {
  readonly replica: Replica;
  readonly id: string;
}

/** The markers of one run, by replica. */
export class Markers {
  readonly #link: Link;
  /** Safe in the journal: they go with the next batch. */
  readonly #ready = new Map<Replica, string[]>();
  /** What stores kept when the run began. */
  readonly #found = new Map<Replica, Set<string>>();
  #waiting: Left[] = [];

  constructor(link: Link) {
    this.#link = link;
  }

  /**
   * What the store may forget with the batch that is about to be sent: nobody names it again. The
   * last one stays: a batch of which nothing lands leaves none that proves who wrote last.
   */
  async ready(replica: Replica): Promise<readonly string[]> {
    const known = this.#ready.get(replica) ?? (await this.#keptBefore(replica));
    this.#ready.set(replica, known.slice(-1));
    return known.slice(0, -1);
  }

  async #keptBefore(replica: Replica): Promise<readonly string[]> {
    const kept = await this.#link.journal.fact(factOf(replica));
    return kept === undefined ? [] : (JSON.parse(kept) as string[]); // facts() wrote it
  }

  /** The batch was sent. An unknown outcome keeps its marker. */
  sent({ marks, pipeline }: Context, side: number, id: string, outcomes: readonly Outcome[]): void {
    const replica = pipeline.sides[side]?.replica;
    if (replica === undefined) return;
    const found = this.#found.get(replica) ?? new Set();
    this.#found.set(replica, found);
    for (const mark of marks[side] ?? []) found.add(mark.id);
    const isOpen = outcomes.some(({ kind }) => kind === "unknown" || kind === "staged");
    if (!isOpen) this.#waiting.push({ replica, id });
  }

  /** What was staged was settled: its outcomes are safe with the next commit. */
  finished(replica: Replica, ids: Iterable<string>): void {
    for (const id of ids) this.#waiting.push({ replica, id });
  }

  /** Those whose outcomes are about to be committed. */
  take(): readonly Left[] {
    const taken = this.#waiting;
    this.#waiting = [];
    return taken;
  }

  /** Their outcomes are safe in the journal. */
  committed(taken: readonly Left[]): void {
    for (const { replica, id } of taken) {
      this.#ready.set(replica, [...(this.#ready.get(replica) ?? []), id]);
    }
  }

  /** Facts for the next run, once nothing waits. Markers that a crash had left go with them. */
  async facts(): Promise<readonly { readonly name: string; readonly value: string }[]> {
    const isQuiet = await nothingTold(this.#link);
    return [...this.#ready].map(([replica, ready]) => {
      const found = isQuiet ? (this.#found.get(replica) ?? []) : [];
      const value = JSON.stringify([...new Set([...found, ...ready])]);
      return { name: factOf(replica), value };
    });
  }
}

const factOf = ({ name }: Replica): string => `settled ${name}`;

/** True if no entry is owed or told anything: then no marker has anything left to prove. */
async function nothingTold({ journal, pipelines }: Link): Promise<boolean> {
  for (const { name } of pipelines) {
    const { flags } = await journal.count(name);
    if ((flags.get(FLAGS.owes) ?? 0) > 0) return false;
  }
  return true;
}
