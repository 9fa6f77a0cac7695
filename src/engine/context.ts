// What one cycle of one pipeline works with.
import type { Policy } from "../core/policy.ts";
import { makeClock } from "../core/stamp.ts";
import type { Memory, SideIndex, Stamp } from "../core/state.ts";
import type { Trust } from "./identity.ts";
import { isForgetting } from "./lineage.ts";
import type { Env, Link, Pipeline } from "./link.ts";
import type { Commit } from "./journal.ts";
import { layoutFacts, readLayouts, type Layouts } from "./layout.ts";
import type { Loaded } from "./loads.ts";
import { makeCodec, type Codec } from "./memory.ts";
import type { Mark } from "./replica.ts";
import type { Doubles } from "./unique.ts";
import { makeView, type View } from "./view.ts";

/** One pipeline in one cycle. */
export interface Context {
  readonly link: Link;
  readonly env: Env;
  readonly pipeline: Pipeline;
  readonly view: View;
  readonly codec: Codec;
  /** Withholds deletions: they are released by a verdict over the finished listing (I7). */
  readonly policy: Policy;
  readonly run: string;
  readonly stamp: Stamp;
  /** Sides whose positions count anew: their stores went back, or are others than before. */
  readonly anew: ReadonlySet<SideIndex>;
  /** Per side, the markers that its store keeps, oldest first. */
  readonly marks: readonly (readonly Mark[])[];
  /** As in CycleStart. */
  readonly cascades: boolean;
  /** Pages of a first load that landed, and perhaps are not remembered. */
  readonly loads?: readonly Loaded[];
  /** Rows that hold what only one of them may hold. */
  readonly doubles?: Doubles;
}

/** What a cycle is told before it begins. */
export interface CycleStart {
  readonly run: string;
  readonly stamp: Stamp;
  /**
   * Sides (by system name) that only follow in this cycle: restored from a copy, to be refilled.
   */
  readonly refill: ReadonlySet<string>;
  /** Systems of which a person has said so much: what is remembered of their positions is void. */
  readonly anew?: ReadonlySet<string>;
  /** Nothing that is remembered of rows is believed: they meet for the first time. */
  readonly forgets?: boolean;
  /** Deletions may take rows with them that nobody planned to delete: a person allowed it. */
  readonly cascades?: boolean;
  /** By pipeline, how its entries were and are laid out. Absent: as today. */
  readonly layouts?: ReadonlyMap<string, Layouts>;
}

/** The name of the fact that keeps the greatest stamp ever given. */
const STAMP_FACT = "stamp";

/** What a person said that goes for every write of a cycle. */
export type Said = Trust & { readonly allowDeletes?: true | number };

/** Starts a cycle: its run and a stamp after every one that this link gave before (I6). */
export async function startCycle(link: Link, said: Said = {}): Promise<CycleStart> {
  const last = await link.journal.fact(STAMP_FACT);
  const clock = makeClock({ now: link.env.now, ...(last ? { after: Number(last) } : {}) });
  const layouts = await readLayouts(link);
  const refill = new Set(said.refill);
  const anew = new Set([...refill, ...(said.trust ?? [])]);
  const cascades = said.allowDeletes === true; // a number says nothing of those
  const forgets = isForgetting(said);
  return { run: link.env.id(), stamp: clock.tick(), refill, anew, layouts, forgets, cascades };
}

/**
 * What goes down before anything of a cycle: no later one may give its stamp again, whatever its
 * clock says, and entries are read by their layout.
 */
export function startFacts({ stamp, layouts }: CycleStart): NonNullable<Commit["facts"]> {
  return [{ name: STAMP_FACT, value: String(stamp) }, ...layoutFacts(layouts)];
}

/** Everything that a cycle of one pipeline needs. */
export function makeContext(
  link: Link,
  pipeline: Pipeline,
  start: CycleStart,
  marks: Context["marks"],
): Context {
  const { env } = link;
  const view = makeView(pipeline, env.hash);
  const sides = pipeline.policy.sides.map((side, index) =>
    start.refill.has(pipeline.sides[index]?.replica.name ?? "")
      ? { ...side, follows: true, drift: "overwrite" as const }
      : side,
  );
  const policy: Policy = {
    ...pipeline.policy,
    sides,
    guard: "withhold",
    stamp: start.stamp,
    now: env.now(),
  };
  const layouts = start.layouts?.get(pipeline.name);
  const codec = makeCodec(pipeline, {
    view,
    policy,
    ...(layouts === undefined ? {} : { layouts }),
  });
  const anew = new Set(
    pipeline.sides.flatMap(({ replica }, side) => (start.anew?.has(replica.name) ? [side] : [])),
  );
  const { run, stamp, cascades = false } = start;
  return { link, env, pipeline, view, codec, policy, run, stamp, anew, marks, cascades };
}

/** The markers that the stores of a pipeline's sides keep for this link. */
export function readMarks(
  link: Link,
  pipeline: Pipeline,
  signal: AbortSignal,
): Promise<Context["marks"]> {
  return Promise.all(
    pipeline.sides.map(({ replica, writable }, side) =>
      pipeline.policy.sides[side]?.marks && writable
        ? replica.marks(link.name, signal)
        : Promise.resolve([]),
    ),
  );
}

/** The id of one write of a batch, as it stands in a Told. */
export const toldId = (batch: string, index: number): string => `${batch}.${index}`;
/** The batch of a told write. */
export const batchOf = (told: string): string => told.slice(0, told.lastIndexOf("."));

/**
 * Those told writes of a memory that the side's markers prove, in the order they were left. The one
 * that is known to have landed last stands among them: what is before it is older.
 */
export function landed(context: Context, side: SideIndex, memory: Memory | undefined): string[] {
  const found: string[] = [];
  if (memory === undefined || memory.told.length === 0) return found;
  const known = memory.told.map(({ id }) => id);
  if (memory.mark !== undefined) known.push(memory.mark);
  for (const mark of context.marks[side] ?? []) {
    for (const id of known) {
      const dot = id.lastIndexOf(".");
      if (id.slice(0, dot) !== mark.id) continue;
      if (!mark.missed.includes(Number(id.slice(dot + 1)))) found.push(id);
    }
  }
  return found;
}
