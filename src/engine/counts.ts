// What a cycle comes to, counted as its decisions pass by.
import type { Context } from "./context.ts";
import { fieldName } from "./questions.ts";
import type { Decision } from "./decide.ts";
import { Skews } from "./skew.ts";
import type { PipelineSummary, SideCounts } from "./views.ts";

/** Counts of one pipeline. */
export class Counts {
  readonly #sides: { create: number; update: number; delete: number }[];
  readonly #names: readonly string[];
  conflicts = 0;
  rejected = 0;
  withheld = 0;
  drift = 0;
  /** Of these, entries with an open question. */
  driftKept = 0;
  extra = 0;
  outside = 0;
  unchanged = 0;
  /** Rows that cannot be entries: no letter holds them. */
  unkeyed = 0;
  /** Entries that were decided about. */
  changed = 0;

  readonly skews: Skews;

  constructor(context: Context) {
    const { pipeline } = context;
    this.skews = new Skews(context);
    this.#names = pipeline.sides.map(({ name }) => name);
    this.#sides = pipeline.sides.map(() => ({ create: 0, update: 0, delete: 0 }));
  }

  /** Counts one decision of the comparison. */
  add(decision: Decision): void {
    const { after, writes } = decision;
    this.write(decision);
    this.skews.add(decision);
    const whys = new Set(after.open.map(({ why }) => why));
    if (whys.has("conflict") || whys.has("unknown")) this.conflicts += 1;
    if (whys.has("withheld")) this.withheld += 1;
    if (whys.has("drift") || decision.isDrift) this.drift += 1;
    if (whys.has("drift")) this.driftKept += 1;
    const isRefused = after.sides.some((memory, side) => {
      const kind = memory?.parked?.kind;
      if (kind === "unreadable") return true;
      // Another content than the refused one is on its way there.
      return kind === "refused" && !writes.some((write) => write.side === side);
    });
    if (whys.has("rejected") || isRefused) this.rejected += 1;
    if (writes.length === 0 && after.open.length === 0 && !isRefused) this.unchanged += 1;
    else this.changed += 1;
  }

  /** Counts only the writes of a decision. */
  write({ writes }: Pick<Decision, "writes">): void {
    for (const { side, kind } of writes) {
      const counts = this.#sides[side];
      if (counts !== undefined) counts[kind] += 1;
    }
  }

  /** Counts creations that never became decisions. */
  created(side: number, count: number): void {
    const counts = this.#sides[side];
    if (counts !== undefined) counts.create += count;
    this.changed += count;
  }

  /** The summary, once a plan's id and hash are known. */
  summary(planId: string | null, hash: string | null): PipelineSummary {
    const sides: { [name: string]: SideCounts } = {};
    for (const [side, name] of this.#names.entries()) {
      sides[name] = this.#sides[side] ?? { create: 0, update: 0, delete: 0 };
    }
    const { conflicts, withheld, drift, extra, unchanged, unkeyed } = this;
    const rejected = this.rejected + unkeyed;
    const known = { planId, hash, sides, conflicts, rejected, withheld, drift, extra, unchanged };
    return {
      ...known,
      ...(this.driftKept === 0 ? {} : { driftKept: this.driftKept }),
      ...(unkeyed === 0 ? {} : { unkeyed }),
      ...(this.outside === 0 ? {} : { outside: this.outside }),
    };
  }
}

/** True if a summary has something that waits for a person (exit 4). */
export function waitsForPerson(summary: PipelineSummary): boolean {
  const { conflicts, rejected, withheld, driftKept = 0 } = summary;
  return conflicts + rejected + withheld + driftKept > 0;
}

/** Every reason why an entry's rows or writes were rejected, in words. */
export function rejections(context: Context, { after }: Pick<Decision, "after">): string[] {
  const errors: string[] = [];
  for (const [side, memory] of after.sides.entries()) {
    const name = context.pipeline.sides[side]?.name ?? "";
    for (const error of memory?.parked?.errors ?? []) errors.push(`${name}: ${error}`);
  }
  for (const question of after.open) {
    if (question.why !== "rejected") continue;
    for (const held of question.held) {
      const value = held?.row?.[question.field];
      if (value === undefined) continue;
      const broken = context.pipeline.broken(question.field, value);
      errors.push(
        ...broken.map((error) => `${fieldName(context, question.field) ?? ""}: ${error}`),
      );
    }
  }
  return [...new Set(errors)];
}
