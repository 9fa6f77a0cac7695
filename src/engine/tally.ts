// What a carrier wrote, and what it left: writes that were not made as planned. Some of them are
// made later in the same run; what is told in the end is what was left for good.
import { showKey } from "../core/key.ts";
import { ABSENT } from "../core/state.ts";
import type { Key, OwnRow, Parked } from "../core/state.ts";
import { same } from "../core/values.ts";
import type { Context } from "./context.ts";
import { findAll } from "./find-all.ts";
import { FLAGS } from "./journal.ts";
import type { Link, Side } from "./link.ts";
import type { Outcome, Reference, RowWrite } from "./replica.ts";
import type { LeftView, Note, SideCounts } from "./views.ts";

/** Writes that were left are named one by one up to here; more are only counted. */
export const LEFT_MAX = 1000;

/** Writes that their side put off and that a plan tries again within its own run, at most. */
export const LATER_MAX = 100_000;

/** What was written, and what was left, so far. */
export class Tally {
  readonly #written = new Map<string, { create: number; update: number; delete: number }>();
  readonly #named = new Map<string, LeftView>();
  readonly #later = new Set<string>();
  readonly #ahead = new Map<string, Parked>();
  readonly #otherwise = new Map<string, number>();
  #unnamed = 0;

  /** Counts the writes that landed. */
  wrote(
    { pipeline }: Context,
    side: number,
    writes: readonly Sent[],
    outcomes: readonly Outcome[],
  ): void {
    const counts = this.#countsOf(pipeline.name, pipeline.sides[side]?.name);
    for (let index = 0; index < writes.length; index++) {
      const write = writes[index];
      if (write === undefined || outcomes[index]?.kind !== "applied") continue;
      const { expected, to } = write;
      counts[to === null ? "delete" : expected.kind === "absent" ? "create" : "update"] += 1;
    }
  }

  /** Counts new rows that landed. */
  created({ pipeline }: Context, side: number, outcomes: readonly Outcome[]): void {
    const counts = this.#countsOf(pipeline.name, pipeline.sides[side]?.name);
    for (const { kind } of outcomes) if (kind === "applied") counts.create += 1;
  }

  #countsOf(pipeline: string, side: string | undefined) {
    const name = nameOf(pipeline, side);
    const counts = this.#written.get(name) ?? { create: 0, update: 0, delete: 0 };
    this.#written.set(name, counts);
    return counts;
  }

  /** What landed on one side of a pipeline. */
  written(pipeline: string, side: string): SideCounts {
    return this.#written.get(nameOf(pipeline, side)) ?? { create: 0, update: 0, delete: 0 };
  }

  /** Everything that landed. */
  get writes(): number {
    const all = [...this.#written.values()];
    return all.reduce((sum, each) => sum + each.create + each.update + each.delete, 0);
  }

  /**
   * Remembers a write `to` a row that was not made as planned; of one entry and side only the last
   * time.
   */
  leave(
    context: Context,
    { key, side, to }: { readonly key: Key; readonly side: number; readonly to: OwnRow | null },
    outcome: Outcome,
  ): void {
    const { pipeline } = context;
    if (outcome.kind === "applied" || outcome.kind === "staged") return;
    if (outcome.kind === "stale" && hasFollowed(context, side, { row: outcome.row, to })) return;
    const name = pipeline.sides[side]?.name ?? "";
    const id = idOf(context, key, side);
    if (outcome.kind === "later" && this.#later.size < LATER_MAX) this.#later.add(id);
    if (this.#named.size >= LEFT_MAX && !this.#named.has(id)) {
      this.#unnamed += 1;
      return;
    }
    const message =
      outcome.kind === "stale"
        ? `${name} had been changed meanwhile; the next run folds that change`
        : outcome.error.message;
    const shown = showKey(key);
    const common = { pipeline: pipeline.name, key, shown, side: name };
    this.#named.set(id, { ...common, why: outcome.kind, message });
  }

  /** Counts the columns that a side did not keep as they were written (I11). */
  stored({ pipeline }: Context, side: number, to: OwnRow | null, outcome: Outcome): void {
    if (outcome.kind !== "applied" || outcome.again === true || to === null) return;
    const { row } = outcome;
    const { name = "", shape, description } = pipeline.sides[side] ?? {};
    if (row === undefined || row === null) return;
    for (const [at, value] of to.entries()) {
      const column = shape?.columns[at] ?? "";
      // What describe() says of the store is known before anything is written.
      const kept = description?.store?.(column, value) ?? value;
      if (value === ABSENT || same(row[at], value) || same(row[at], kept)) continue;
      const id = JSON.stringify([pipeline.name, name, column]);
      this.#otherwise.set(id, (this.#otherwise.get(id) ?? 0) + 1);
    }
  }

  /** One for each column that a side keeps otherwise than it is told. */
  get notes(): readonly Note[] {
    return [...this.#otherwise].map(([id, count]) => {
      // stored() wrote it.
      const [pipeline = "", side = "", column = ""] = JSON.parse(id) as string[];
      const times = count === 1 ? "once" : `${count} times`;
      const text =
        `${side}: "${column}" came back otherwise than it was written, ${times}: it is rounded, ` +
        "trimmed or set by the store. That is no edit, and nothing is written back";
      return { code: "STORED_OTHERWISE", pipeline, text };
    });
  }

  /** True if a side put this entry off in this run. */
  isLater(context: Context, key: Key, side: number): boolean {
    return this.#later.has(idOf(context, key, side));
  }

  /** Remembers what a write is parked as that is sent again, or before its time has come. */
  putAhead(context: Context, key: Key, side: number, parked: Parked): void {
    if (this.#ahead.size < LATER_MAX) this.#ahead.set(idOf(context, key, side), parked);
  }

  /** What such a write was parked as; undefined: it is sent at its time. */
  aheadOf(context: Context, key: Key, side: number): Parked | undefined {
    return this.#ahead.get(idOf(context, key, side));
  }

  /** True if a side did not take this entry in this run, for what other rows hold. */
  isClash(context: Context, key: Key, side: number): boolean {
    const left = this.#named.get(idOf(context, key, side));
    return left?.why === "refused" && this.writes > 0;
  }

  /** Every write that was left and has a name here. */
  get left(): readonly LeftView[] {
    return [...this.#named.values()];
  }

  /** How many were left beyond those that have a name, at most. */
  get unnamed(): number {
    return this.#unnamed;
  }
}

/**
 * True for a row that its store has led to just what was planned, because the row to which it
 * refers was written (ON UPDATE ...): that is nobody's edit.
 */
function hasFollowed(
  { link, pipeline }: Context,
  index: number,
  { row, to }: { readonly row: OwnRow | null; readonly to: OwnRow | null },
): boolean {
  const side = pipeline.sides[index];
  if (side === undefined || row === null || to === null) return false;
  const isThere = to.every((value, at) => value === ABSENT || same(value, row[at]));
  return isThere && side.description.references.some((each) => mayFollow(link, side, each));
}

/** True if this link writes what is referred to, and the reference follows. */
function mayFollow(link: Link, { replica }: Side, { collection, references }: Reference): boolean {
  const parents = link.pipelines.flatMap(({ sides }) =>
    sides.filter((each) => each.replica.name === replica.name && each.writable),
  );
  return parents.some(
    ({ description }) =>
      description.name === collection &&
      description.ripples?.some(
        ({ on, columns }) =>
          on === "update" && columns?.every((column) => references.includes(column)) === true,
      ) === true,
  );
}

const idOf = ({ pipeline }: Context, key: Key, side: number): string =>
  `${pipeline.name} ${pipeline.sides[side]?.name ?? ""} ${key}`;

type Sent = Pick<RowWrite, "expected" | "to">;

const nameOf = (pipeline: string, side: string | undefined): string =>
  JSON.stringify([pipeline, side]);

/** What a run left for good. */
export interface Left {
  readonly left: readonly LeftView[];
  readonly leftCount: number;
}

/**
 * Takes out what the run itself has settled since, as the journal knows. A plan is applied as it
 * is: there a stale write stays on the list, whatever became of its entry.
 */
export async function leftForGood(link: Link, tally: Tally, kind: string): Promise<Left> {
  const waiting = await stillWaiting(link, tally.left);
  const left = tally.left.filter(
    (view, index) => waiting[index] === true || (kind === "apply" && view.why === "stale"),
  );
  if (tally.unnamed === 0) return { left, leftCount: left.length };
  let flagged = 0;
  for (const { name } of link.pipelines) {
    const { flags } = await link.journal.count(name);
    for (const flag of [FLAGS.owes, FLAGS.asks, FLAGS.parked]) flagged += flags.get(flag) ?? 0;
  }
  return { left, leftCount: left.length + Math.min(tally.unnamed, flagged) };
}

/** By position: true while the entry is owed something, asked about or parked. */
async function stillWaiting(link: Link, left: readonly LeftView[]): Promise<readonly boolean[]> {
  const waiting = left.map(() => false);
  for (const { name } of link.pipelines) {
    const places = left.flatMap(({ pipeline }, index) => (pipeline === name ? [index] : []));
    const keys = places.map((index) => left[index]?.key ?? "");
    for (const [at, record] of (await findAll(link.journal, name, keys)).entries()) {
      const flags = record?.flags ?? 0;
      const place = places[at] ?? 0;
      // What was put off, and is a question by now (its row went with another one), waits as that.
      const isAsked = (flags & FLAGS.asks) !== 0 && (flags & FLAGS.parked) === 0;
      if (isAsked && left[place]?.why === "later") continue;
      waiting[place] = (flags & (FLAGS.owes | FLAGS.asks | FLAGS.parked)) !== 0;
    }
  }
  return waiting;
}
