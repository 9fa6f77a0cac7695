// One fold of what two sides show, as a line of a table.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fold } from "../../src/core/fold.ts";
import type { Value } from "../../src/core/state.ts";
import { atRest, frozen, look, makeLink, show } from "./sketch.ts";
import type { Named, Settings, Shown } from "./sketch.ts";

/** What both sides agreed on, what they show now, and what comes of it. */
export interface Case {
  readonly name: string;
  readonly settings?: Settings;
  /** Absent: the link knows nothing of the entry. */
  readonly base?: Named;
  readonly now: { readonly [side: string]: Named };
  /** When each side that is named here was changed; the others at 1. */
  readonly stamps?: { readonly [side: string]: number };
  readonly agreed: Named;
  readonly owed?: Shown["owed"];
  readonly open?: Shown["open"];
}

/** A row that both sides hold. */
export const BASE = { a: 1, b: 1, c: 1 };
export const sourceWins = { rows: { wins: "source" } } as const;
export const targetWins = { rows: { wins: "target" } } as const;
/** A policy of one's own: the greatest of the rivals. */
export const greatest = (
  _: Value | undefined,
  rivals: readonly { readonly value: Value }[],
): Value => Math.max(...rivals.map(({ value }) => Number(value)));

/** One test of the fold. */
export function check(of: Case): void {
  const { name, settings, base, now, stamps = {}, agreed, owed = {}, open = [] } = of;
  test(name, () => {
    const link = makeLink(settings);
    const before = atRest(link, base ?? null);
    const looks = look(link, now).map((seen, side) => {
      const stamp = stamps[link.sides[side] ?? ""];
      return seen && stamp !== undefined ? { ...seen, stamp } : seen;
    });
    const folded = frozen(fold(before, frozen(looks), link.policy));
    assert.deepEqual(show(link, folded), { agreed, owed, open });
    assert.equal(fold(folded, looks, link.policy), folded, "folded again, nothing changes");
  });
}
