// Writes that wait for their time, and those that were refused: dead letters. One belongs to one
// content, and goes when its side is owed another one, or nothing any more.
import { rowDigest } from "../core/hash.ts";
import type { Entry, Memory, Parked, Row, SideIndex, Write } from "../core/state.ts";
import type { Context } from "./context.ts";

/** Digest of what a write would leave: a dead letter belongs to one content. */
export function contentDigest(context: Context, to: Row | null): string {
  return to === null ? "gone" : rowDigest(context.env.hash, to);
}

/** The same entry with one side's memory changed. */
export function withMemory(entry: Entry, side: SideIndex, change: (of: Memory) => Memory): Entry {
  const memory = entry.sides[side];
  if (memory === undefined) return entry;
  const sides = entry.sides.slice();
  sides[side] = change(memory);
  return { ...entry, sides };
}

/** The same memory with nothing parked. */
export function unparked(memory: Memory): Memory {
  const { parked: _, ...rest } = memory;
  return rest;
}

/** Parks a write at its side. */
export function park(entry: Entry, side: SideIndex, parked: Parked): Entry {
  return withMemory(entry, side, (memory) => ({ ...memory, parked }));
}

/** A refused write is not tried again with the same content, a later one not before its time. */
export function isParked(context: Context, memory: Memory | undefined, write: Write): boolean {
  const parked = memory?.parked;
  if (parked === undefined || parked.kind === "unreadable") return false;
  if (parked.digest !== contentDigest(context, write.to)) return false; // superseded
  return parked.kind === "refused" || (parked.due ?? 0) > context.policy.now;
}

/** A write whose content its side cannot hold, as every look at it would say again. */
export function parkRefused(
  context: Context,
  entry: Entry,
  write: Write,
  errors: readonly string[],
): Entry {
  return park(entry, write.side, {
    kind: "refused",
    code: "VALUE_NOT_HELD",
    errors,
    attempts: 1,
    digest: contentDigest(context, write.to),
  });
}

/** Nothing is owed to the side now: what was refused, or had to wait, is superseded. */
export function superseded(entry: Entry, side: SideIndex): Entry {
  const parked = entry.sides[side]?.parked;
  if (parked === undefined || parked.kind === "unreadable") return entry;
  return withMemory(entry, side, unparked);
}
