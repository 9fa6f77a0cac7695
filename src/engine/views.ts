// What the engine tells people: plain data with names instead of positions. The command line, the
// service and programs all print these and nothing else.
import type { Key, Value, Why } from "../core/state.ts";
import type { LetterKind } from "./options.ts";

/** Entries written on one side. */
export interface SideCounts {
  readonly create: number;
  readonly update: number;
  readonly delete: number;
}

/** What a plan or run comes to for one pipeline (design §13). */
export interface PipelineSummary {
  readonly planId: string | null;
  readonly hash: string | null;
  readonly sides: { readonly [side: string]: SideCounts };
  /** Entries with an open conflict; their other fields go on. */
  readonly conflicts: number;
  readonly rejected: number;
  readonly withheld: number;
  readonly drift: number;
  /** Of these, entries whose drift waits for a person (`drift: keep`). Absent: none. */
  readonly driftKept?: number;
  readonly extra: number;
  readonly unchanged: number;
  /** Of the rejected, rows that cannot be entries, and are in no letter. Absent: none. */
  readonly unkeyed?: number;
  /** Entries whose row left the filter and that stay as they are on all sides. Absent: none. */
  readonly outside?: number;
}

/** By pipeline name. */
export interface Summary {
  readonly pipelines: { readonly [pipeline: string]: PipelineSummary };
}

/** One field of a write. */
export interface FieldChange {
  readonly field: string;
  readonly from: Value | undefined;
  readonly to: Value | undefined;
}

/** One planned (or made) write to one side. */
export interface WriteView {
  readonly side: string;
  readonly kind: "create" | "update" | "delete";
  readonly changes: readonly FieldChange[];
}

/** What one side holds in a question. */
export interface HeldView {
  /** A question about a field: its value. About the entry: its moved fields, or null: deleted. */
  readonly value: Value | undefined | { readonly [field: string]: Value };
}

/** An open question. */
export interface QuestionView {
  readonly id: string;
  readonly pipeline: string;
  readonly key: Key;
  /** The key for people. */
  readonly shown: string;
  /** null: the whole entry. */
  readonly field: string | null;
  readonly why: Why;
  /** ISO text; null: nobody took it down. */
  readonly opened: string | null;
  /** The agreed value (or fields, as far as they are kept) on which nobody decides meanwhile. */
  readonly base: Value | undefined | { readonly [field: string]: Value } | null;
  readonly held: { readonly [side: string]: HeldView };
  /** Broken rules, for `rejected`. */
  readonly errors: readonly string[];
  /** Digest of what is held: an answer names it, and is refused when it has moved. */
  readonly seen: string;
  /** It was answered, and a side has still to confirm it. */
  readonly isAnswered: boolean;
}

/** One entry of a plan. */
export interface PlanItem {
  readonly pipeline: string;
  readonly key: Key;
  readonly shown: string;
  readonly writes: readonly WriteView[];
  readonly questions: readonly QuestionView[];
  /** Why a row could not be taken: broken rules, transforms, a row without key. */
  readonly rejected: readonly string[];
  readonly isDrift: boolean;
}

/** Something that a person should read once: a lost journal, an edited mapping, a skewed clock. */
export interface Note {
  readonly code: string;
  readonly pipeline: string | null;
  readonly text: string;
}

/** Why a guard withheld deletions. */
export interface GuardView {
  readonly pipeline: string;
  readonly side: string;
  readonly deletions: number;
  readonly known: number;
  readonly limit: number;
  /** Live feeds: so many more passed within the hour before. Absent: none. */
  readonly passed?: number;
  /** The side that lists no row at all, so that the floor does not count. Absent: none does. */
  readonly emptied?: string;
}

/** A finished plan. Nothing but its own record was written. */
export interface PlanView {
  readonly id: string;
  readonly hash: string;
  readonly summary: Summary;
  readonly guards: readonly GuardView[];
  readonly notes: readonly Note[];
  /** Writes over all sides. */
  readonly writes: number;
}

/** A write that was not made as planned, or a row that still cannot be taken. */
export interface LeftView {
  readonly pipeline: string;
  readonly key: Key;
  readonly shown: string;
  readonly side: string;
  readonly why: "stale" | "refused" | "later" | "unknown" | "unreadable" | "rejected";
  readonly message: string;
}

/** A finished run or apply. */
export interface RunView {
  readonly id: string;
  readonly planId: string | null;
  readonly summary: Summary;
  readonly guards: readonly GuardView[];
  readonly notes: readonly Note[];
  /** The first LEFT_MAX of them; `leftCount` counts all. */
  readonly left: readonly LeftView[];
  readonly leftCount: number;
  readonly durationMs: number;
  /** Something waits for a person: exit 4. */
  readonly waits: boolean;
  /** Asked to stop before its end: the next run goes on, or applying the same plan again. */
  readonly isStopped: boolean;
}

/** How two sides compare. */
export interface VerifyCounts {
  readonly equal: number;
  /** Of the equal ones, those that a side stores in its own way: it rounds or trims (I11). */
  readonly rounded: number;
  readonly different: number;
  readonly onlySource: number;
  readonly onlyTarget: number;
  /** Of the different ones, those that an open question explains. */
  readonly open: number;
  /** Of the different ones, those with a row that cannot be read. Absent: none. */
  readonly unreadable?: number;
  /** Rows that cannot be entries, on any side; others have nothing of them. Absent: none. */
  readonly unkeyed?: number;
  /** Ranges of keys that were compared by their digests. Absent: every row was read. */
  readonly ranges?: number;
  /** Of these, those whose rows were read because the digests differ. */
  readonly descended?: number;
}

/** One entry on which sides differ, or a row that cannot be one. */
export interface DifferenceView {
  readonly pipeline: string;
  /** Its key; of a row without one, where it is. */
  readonly shown: string;
  readonly kind: "different" | "onlySource" | "onlyTarget" | "unkeyed";
  readonly side: string;
  readonly changes: readonly FieldChange[];
  /** What is wrong with its rows, in words; absent: they can be read and break no rule. */
  readonly errors?: readonly string[];
  readonly isOpen: boolean;
}

/** What verify found. */
export interface VerifyView {
  readonly pipelines: { readonly [pipeline: string]: VerifyCounts };
  /** The first DIFFERENCES_MAX of them. */
  readonly differences: readonly DifferenceView[];
}

/** Why an entry came or went: its row came into the filter, or left it. */
export const BY_FILTER = "filter";

/** One recorded change of one entry. */
export interface HistoryView {
  readonly seq: number;
  readonly pipeline: string;
  readonly shown: string;
  readonly at: string;
  readonly run: string;
  readonly by: string;
  /** `run`, BY_FILTER, or the answer, rollback or word of a person that it followed from. */
  readonly why: string;
  /**
   * `overruled`: what `by` held and was not let stand; `to` is what replaced it. Of a deletion
   * nothing was held.
   */
  readonly kind: "create" | "update" | "delete" | "overruled";
  readonly changes: readonly FieldChange[];
}

/** Who decided a field, and when. */
export interface BlameView {
  readonly field: string;
  readonly value: Value | undefined;
  readonly by: string;
  readonly at: string;
}

/** A row or write that was given up, or waits for its time. */
export interface LetterView {
  readonly pipeline: string;
  readonly key: Key;
  readonly shown: string;
  readonly side: string;
  readonly kind: LetterKind;
  readonly code: string;
  readonly errors: readonly string[];
  readonly attempts: number;
  readonly due: string | null;
}

/** A letter with all that is kept of it. */
export interface LetterDetail extends LetterView {
  /** What its side was to do; null: it is no write. */
  readonly write: "create" | "update" | "delete" | null;
  /** The row as the store was to hold it, or as its side shows it; null: it is not kept. */
  readonly values: { readonly [field: string]: Value } | null;
  /** Why there are no values; null: there are, or it deletes. */
  readonly unkept: string | null;
}

/** What would become of a letter if it were tried now. */
export interface TestedLetter extends LetterView {
  /**
   * passes: nothing is wrong any more. tries: its side is asked once more, and only that can say.
   * fails: `errors` are what is wrong now. waits: something else has to be settled first.
   */
  readonly verdict: "passes" | "tries" | "fails" | "waits";
  /** What would be written of the entry, all its letters together. */
  readonly writes: readonly Pick<WriteView, "side" | "kind">[];
  /** The row that its side holds now, in the link's fields; null: none that can be read. */
  readonly row: { readonly [field: string]: Value } | null;
}

/** How many letters have one thing in common. */
export interface LetterGroup {
  readonly pipeline?: string;
  readonly side?: string;
  readonly kind?: LetterKind;
  readonly code?: string;
  /** A broken rule, or what a store said. */
  readonly cause?: string;
  readonly letters: number;
}

/** What is remembered of a link. */
export interface StatusView {
  readonly link: string;
  readonly pipelines: {
    readonly [pipeline: string]: {
      readonly entries: number;
      readonly conflicts: number;
      readonly withheld: number;
      readonly owed: number;
      readonly letters: number;
    };
  };
  readonly lastRun: {
    readonly id: string;
    readonly kind: string;
    readonly at: string;
    readonly status: string;
  } | null;
}
