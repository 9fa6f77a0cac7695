// What stores change by themselves when our writes reach them, beside the rows that are written. A
// plan cannot say what a trigger will do; it says which one there is. What was changed that way is
// afterwards an edit of its side, like any other (docs/decisions/reach.md).
import { same } from "../core/values.ts";
import type { Context } from "./context.ts";
import type { Decision, PlannedWrite } from "./decide.ts";
import type { Side } from "./link.ts";
import type { Ripple } from "./replica.ts";
import type { Note } from "./views.ts";

/** Looks at decisions as they pass, and notes each ripple once. */
export class Ripples {
  readonly #notes: Note[];
  readonly #seen = new Set<string>();

  constructor(notes: Note[]) {
    this.#notes = notes;
  }

  /** Takes in what is about to be recorded, or written. */
  meet({ pipeline }: Context, decisions: readonly Pick<Decision, "writes">[]): void {
    for (const [index, side] of pipeline.sides.entries()) {
      for (const ripple of side.description.ripples ?? []) {
        const name = JSON.stringify([pipeline.name, side.name, ripple.on, ripple.by]);
        if (this.#seen.has(name)) continue;
        const isMet = decisions.some(({ writes }) =>
          writes.some((write) => write.side === index && starts(side, ripple, write)),
        );
        if (!isMet) continue;
        this.#seen.add(name);
        this.#notes.push({ code: "RIPPLE", pipeline: pipeline.name, text: textOf(side, ripple) });
      }
    }
  }
}

/** True for a write that may start it. Where only digests are remembered, nobody knows what was. */
function starts(
  { shape }: Side,
  { on, columns }: Ripple,
  { kind, from, to }: Pick<PlannedWrite, "kind" | "from" | "to">,
): boolean {
  if (kind !== on) return false;
  if (columns === undefined) return true;
  return shape.columns.some(
    (column, at) =>
      columns.includes(column) && !(from && to && same(from[at] ?? null, to[at] ?? null)),
  );
}

function textOf({ name, description }: Side, { on, columns, by }: Ripple): string {
  const what =
    on === "delete"
      ? `when rows are deleted from ${description.name}`
      : `when ${columns?.join(", ") ?? "a row"} of ${description.name} changes`;
  return (
    `${name}: ${what}, the store may change other rows by itself (${by}); ` +
    "the next run takes that for what somebody did there"
  );
}
