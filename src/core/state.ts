// What one entry remembers. The words are those of ARCHITECTURE.md; the rules that move them are
// in fold.ts. Fields and sides are positions here: a link numbers both once, when it is opened,
// and names appear again only where people read (plans, questions, history).

/** In rows without a schema, the value of a field that is not there. Never SQL NULL. */
export const ABSENT: unique symbol = Symbol("ABSENT");
/** A JSON document that is `null`, held in a JSON field. Never SQL NULL. */
export const JSON_NULL: unique symbol = Symbol("JSON_NULL");

const DIGITS: unique symbol = Symbol("DIGITS");

/**
 * A number in a document that is neither a double nor whole, as its decimal text: JSON has numbers
 * of any length.
 */
export interface ExactNumber {
  readonly [DIGITS]: string;
}

/** An exact number of a canonical decimal text that no double has. */
export function exactNumber(decimal: string): ExactNumber {
  return { [DIGITS]: decimal };
}

/** The decimal text of an exact number; undefined: the value is none. */
export function digitsIn(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  return (value as { readonly [DIGITS]?: string })[DIGITS];
}

/**
 * A value in canonical form (values.ts says which form each logical type has). `null` is SQL NULL
 * at the top of a field, and JSON's null inside a document.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | typeof ABSENT
  | typeof JSON_NULL
  | ExactNumber
  | readonly Value[]
  | { readonly [name: string]: Value };

/** The name of an entry: an order-preserving encoding of its key values (key.ts). */
export type Key = string;
/** Hybrid logical time: a safe integer, comparable everywhere (stamp.ts). 0: unknown. */
export type Stamp = number;
/** Where in a replica's own commit order something was. 0: that replica has no order. */
export type Position = number | bigint;
/** The position of a link field. */
export type FieldIndex = number;
/** The position of a side in its pipeline. */
export type SideIndex = number;
/** Asks about the whole entry rather than one field. */
export const WHOLE: FieldIndex = -1;

/** A side's row in its own terms: one value per column that the link reads there. */
export type OwnRow = readonly Value[];

/**
 * A row seen through a side's lens: one position per link field, `undefined` exactly where the
 * side does not carry that field.
 */
export type Row = readonly (Value | undefined)[];

/**
 * A state of one entry in link terms. `undefined`: nothing is agreed on that field yet. A state
 * that is not here keeps its last values: it is a tombstone.
 */
export interface State {
  readonly here: boolean;
  readonly values: readonly (Value | undefined)[];
}

/** Who decided a value: a side, or the author of an answer or rollback ("answer:ada"). */
export type By = SideIndex | string;

/** Who decided one field (or presence), and when. */
export interface Credit {
  readonly by: By;
  readonly stamp: Stamp;
}

/** A write that was sent and whose outcome is unknown. */
export interface Told {
  /** The marker under which it was sent. */
  readonly id: string;
  readonly to: Row | null;
  /** The shadow at which it was aimed. */
  readonly against: Row | null;
  readonly at: Position;
  /** The base that the side has once the write is confirmed. */
  readonly base: State;
  /** Time (ms) after which it can no longer arrive. */
  readonly until: number;
  /** How many times it was sent. */
  readonly sent: number;
  /** True where the side remembers ids, so that a repeated write lands once. */
  readonly once: boolean;
}

/** Why a write waits or was given up, or why a row could not be read through its lens. */
export interface Parked {
  readonly kind: "later" | "refused" | "unreadable";
  readonly code: string;
  /** Every broken rule or refusal, in words. Never an entry's data. */
  readonly errors: readonly string[];
  readonly attempts: number;
  /**
   * When it is tried again (ms since the epoch); absent: a dead letter, or with what it waits for.
   */
  readonly due?: number;
  /** Digest of the content that was refused: another content is another try. */
  readonly digest: string;
}

/** What the link remembers of one side of an entry. */
export interface Memory {
  /** What the side last returned or confirmed, through today's lens. null: not there. */
  readonly shadow: Row | null;
  /** The same in the side's own terms, for compare-and-set and a changed lens. */
  readonly own: OwnRow | null;
  /** What that shadow stands for: per field the agreed value it was told, or its own edit. */
  readonly base: State;
  readonly told: readonly Told[];
  /** The newest of our markers that has been settled at this side. */
  readonly mark?: string;
  readonly at: Position;
  readonly parked?: Parked;
  /**
   * What it showed before it was found gone, as long as that is not agreed: so it is known again if
   * it comes back. What was asked of it by then is `undefined`.
   */
  readonly missing?: Row;
}

/** Why a question is open. */
export type Why = "conflict" | "withheld" | "rejected" | "drift" | "unknown";

/** What one side holds in a question. */
export interface Held {
  /**
   * For a question about a field: its value, in a row with only that position set. For the whole
   * entry: the moved values (others `undefined`), or null: deleted.
   */
  readonly row: Row | null;
  /** When each of them was moved, by field position; the last position is presence. */
  readonly stamps: readonly (Stamp | undefined)[];
  /** The side had never been told of this entry: a first meeting. */
  readonly first: boolean;
  /** For the whole entry, where that is so of some moved fields only: of these. */
  readonly firstOn?: readonly FieldIndex[];
}

/** Moves that were not folded: what a person or a policy has still to settle. */
export interface Question {
  readonly field: FieldIndex;
  readonly why: Why;
  readonly opened: Stamp;
  /** By side position; `undefined`: that side is not in it. */
  readonly held: readonly (Held | undefined)[];
}

/** Everything a link remembers of one entry. */
export interface Entry {
  readonly agreed: State;
  /** Who decided each field, by position; the last position is presence. */
  readonly set: readonly (Credit | undefined)[];
  readonly open: readonly Question[];
  /** By side position; `undefined`: that side was never seen nor told. */
  readonly sides: readonly (Memory | undefined)[];
}

/** What a side holds now. */
export interface Seen {
  readonly row: Row | null;
  readonly own: OwnRow | null;
  /** Absent or 0: that replica has no order, and what it shows is always folded. */
  readonly at?: Position;
  readonly stamp?: Stamp;
  /** Our markers found at the side for this entry, in the order in which they were left. */
  readonly marks?: readonly string[];
}

/** A write that would bring one side up to date. */
export interface Write {
  readonly side: SideIndex;
  /** The full row in link terms; fields that the side does not carry are `undefined`. */
  readonly to: Row | null;
  readonly against: Row | null;
  readonly at: Position;
  readonly base: State;
  /** The told write of which this is a repetition, if it is one. */
  readonly again?: string;
}
