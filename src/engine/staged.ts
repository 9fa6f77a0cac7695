// Writes that a store has taken and not yet written: what became of them its writer's end tells.
import { told } from "../core/fold.ts";
import type { Entry, Key } from "../core/state.ts";
import type { Context } from "./context.ts";
import type { PlannedWrite } from "./decide.ts";
import { PAGE_ROWS_MAX } from "./replica.ts";

/** A write whose outcome `finish` will tell. */
export interface Staged {
  readonly context: Context;
  readonly key: Key;
  readonly planned: PlannedWrite;
  readonly id: string;
  /** How much what is written, and what is overwritten, weigh. */
  readonly bytes: number;
}

/** As many as go into one commit: of one pipeline, and no entry twice. */
export function pageFrom(staged: readonly Staged[], from: number): readonly Staged[] {
  const keys = new Set<Key>();
  const page: Staged[] = [];
  for (let at = from; at < staged.length && page.length < PAGE_ROWS_MAX; at++) {
    const one = staged[at];
    const isOther = one?.context.pipeline.name !== staged[from]?.context.pipeline.name;
    if (one === undefined || isOther || keys.has(one.key)) break;
    keys.add(one.key);
    page.push(one);
  }
  return page;
}

/** A look in between may have shown that it could land no more; now the store has said more. */
export function stillTold(entry: Entry, { side, write }: PlannedWrite, id: string): Entry {
  const isTold = entry.sides[side]?.told.some((one) => one.id === id) === true;
  return isTold ? entry : told(entry, write, { id, until: 0, once: false });
}
