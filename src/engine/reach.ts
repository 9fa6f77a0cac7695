// How far deletions reach: a store may delete or change rows by itself that refer to a deleted one.
// Nobody decided that, and an edit could go with them (I8). So every store is asked beforehand, and
// a deletion passes only if whatever it would reach is deleted or led away by the same cycle, and
// may go itself. A plan asks as a run does: both say the same.
import { showKey } from "../core/key.ts";
import type { Key, OwnRow } from "../core/state.ts";
import type { Context } from "./context.ts";
import type { Decision } from "./decide.ts";
import type { Link, Side } from "./link.ts";
import { placeIn, placeOf, type By, type Moves } from "./moves.ts";
import { PAGE_ROWS_MAX, type Reached, type Shape } from "./replica.ts";
import type { Note } from "./views.ts";

/** Deletions that are about to pass, and what they would reach. */
export class Reach {
  readonly #link: Link;
  readonly #moves: Moves | undefined;
  readonly #asked = new Map<string, Asked>();
  readonly #fates = new Map<string, Fate>();

  /** `moves`: what is planned, and stands in no store yet. */
  constructor(link: Link, moves: Moves | undefined) {
    this.#link = link;
    this.#moves = moves;
  }

  /** Takes a decision in that may delete rows. */
  add({ pipeline }: Context, { key, writes }: Pick<Decision, "key" | "writes">): void {
    for (const { side: index, kind, from } of writes) {
      const side = pipeline.sides[index];
      if (kind !== "delete" || side?.replica.reach === undefined) continue;
      const name = fateName(pipeline.name, key);
      const fate = this.#fates.get(name) ?? { pipeline: pipeline.name, key, waits: 0, above: [] };
      this.#fates.set(name, fate);
      const place = placeOf(side);
      const asked = this.#asked.get(place) ?? { side, fates: new Map(), rows: new Map() };
      this.#asked.set(place, asked);
      asked.fates.set(key, fate);
      if (this.#moves !== undefined) asked.rows.set(key, from);
    }
  }

  /** Asks the stores, once all decisions were taken in. */
  async weigh(signal: AbortSignal): Promise<void> {
    for (const asked of this.#asked.values()) {
      const keys = [...asked.fates.keys()];
      for (const [key, fate] of asked.fates) {
        const by = this.#moves?.under(asked.side, key, asked.rows.get(key) ?? null);
        if (by !== undefined) keep(fate, by);
      }
      for (let at = 0; at < keys.length; at += PAGE_ROWS_MAX) {
        await this.#ask(asked, keys.slice(at, at + PAGE_ROWS_MAX), signal);
      }
    }
    // Children first; what is left in the end waits for what stays, or in a ring for itself.
    const free = [...this.#fates.values()].filter(({ waits }) => waits === 0);
    for (let fate = free.pop(); fate !== undefined; fate = free.pop()) {
      for (const { fate: above } of fate.above) {
        above.waits -= 1;
        if (above.waits === 0) free.push(above);
      }
    }
    for (const { waits, above } of this.#fates.values()) {
      if (waits > 0) for (const { fate, by } of above) fate.by ??= by;
    }
  }

  /** True for a deletion that would reach what nobody decided to delete. */
  isHeld({ pipeline }: Context, key: Key): boolean {
    return (this.#fates.get(fateName(pipeline.name, key))?.waits ?? 0) > 0;
  }

  /** Why deletions stay withheld, in words. */
  notes(): readonly Note[] {
    const held = [...this.#fates.values()].filter(({ waits }) => waits > 0);
    const groups = Map.groupBy(held, ({ pipeline, by }) =>
      JSON.stringify([pipeline, by?.side, by?.collection]),
    );
    return [...groups.values()].map((fates) => noteOf(fates));
  }

  async #ask({ side, fates }: Asked, keys: readonly Key[], signal: AbortSignal): Promise<void> {
    const { replica, shape } = side;
    const referring = this.#shapesIn(replica.name);
    for await (const page of replica.reach?.({ shape, keys, referring }, signal) ?? []) {
      signal.throwIfAborted();
      for (const reached of page) {
        const fate = fates.get(reached.from);
        if (fate !== undefined) this.#meet(fate, side, reached);
      }
    }
  }

  #meet(fate: Fate, side: Side, reached: Reached): void {
    const { collection, key } = reached;
    const by = { side: side.name, collection };
    const shapes = this.#shapesIn(side.replica.name).filter((of) => of.collection === collection);
    for (const shape of key === undefined ? [] : shapes) {
      const place = placeIn(side.replica.name, shape);
      const below = this.#asked.get(place)?.fates.get(key ?? "");
      if (below !== undefined) {
        fate.waits += 1;
        below.above.push({ fate, by });
        return;
      }
      if (this.#moves?.has(place, reached) === true) return;
    }
    keep(fate, by);
  }

  /** How rows of a system are named in this link. */
  #shapesIn(system: string): readonly Shape[] {
    const sides = this.#link.pipelines.flatMap(({ sides: of }) => of);
    const here = sides.filter(({ replica }) => replica.name === system);
    return [...new Map(here.map((side) => [placeOf(side), side.shape])).values()];
  }
}

interface Asked {
  readonly side: Side;
  readonly fates: Map<Key, Fate>;
  /** What they hold, where a plan has to know and the link does. */
  readonly rows: Map<Key, OwnRow | null>;
}

/** One deletion of an entry. */
interface Fate {
  readonly pipeline: string;
  readonly key: Key;
  /** How many rows that it reaches have still to go before it. */
  waits: number;
  /** Deletions that reach this one's row. */
  readonly above: { readonly fate: Fate; readonly by: By }[];
  /** What keeps it. */
  by?: By;
}

/** What a deletion reaches stays: nobody takes that back. */
function keep(fate: Fate, by: By): void {
  fate.waits += 1;
  fate.by ??= by;
}

const fateName = (pipeline: string, key: Key): string => `${JSON.stringify(pipeline)}${key}`;

function noteOf([first, ...others]: readonly Fate[]): Note {
  const { pipeline, key, by } = first ?? { pipeline: "", key: "", by: undefined };
  const what =
    others.length === 0
      ? `the deletion of ${showKey(key)} is`
      : `${others.length + 1} deletions (${showKey(key)} and others) are`;
  const text =
    `${by?.side ?? ""}: ${what} withheld: rows of ${by?.collection ?? ""} refer there and would ` +
    "be deleted or changed with it (ON DELETE ...), and nobody deleted those; see to them first, " +
    "or allow it with --allow-deletes";
  return { code: "CASCADE_WITHHELD", pipeline, text };
}
