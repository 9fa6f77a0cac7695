// What a carrier is handed to send, and what a load does around it.
import type { Key } from "../core/state.ts";
import type { PlannedWrite } from "./decide.ts";
import type { Commit } from "./journal.ts";
import type { Packed } from "./packer.ts";
import { PAGE_BYTES_MAX, PAGE_ROWS_MAX } from "./replica.ts";
import type { Outcome, RowWrite } from "./replica.ts";

/** Writes of one side that go under one marker. */
export interface Sending {
  readonly id: string;
  readonly side: number;
  readonly writes: readonly RowWrite[];
}

/** New rows of one side under one marker; their writes are made only if somebody needs them. */
export interface PackedSending extends Omit<Sending, "writes"> {
  readonly packed: Packed;
  readonly writes: () => readonly RowWrite[];
}

/** Writes that are owed, while they are put together for one marker. */
export interface Send {
  readonly id: string;
  readonly side: number;
  readonly writes: PlannedWrite[];
  readonly keys: Key[];
  /** How much of what is to be stored there is. */
  bytes: number;
}

/** Nothing more may be added: it is a page. */
export function isFull({ writes, bytes }: Send): boolean {
  return writes.length >= PAGE_ROWS_MAX || bytes >= PAGE_BYTES_MAX;
}

/** What a load does before it is sent, and after it. */
export interface Load {
  /** What is to be remembered before it is sent, in one of the places for pages under way. */
  readonly before: (place: number) => Facts;
  /** Notes what became of it. */
  readonly land: (outcomes: readonly Outcome[]) => void;
}

/** Facts of a commit, by name. */
export type Facts = NonNullable<Commit["facts"]>;
