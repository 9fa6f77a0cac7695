// What callers may ask of the engine's verbs. Every verb takes the link first and an AbortSignal
// last; nothing is in progress when it returns.
import type { Key, Value, Why } from "../core/state.ts";

/** How far long work has come; sent at most a few times a second. */
export interface Progress {
  readonly phase: "compare" | "write" | "delete" | "verify" | "index";
  readonly pipeline: string;
  readonly done: number;
}

/** Options of makePlan and run. */
export interface CycleOptions {
  /** Only these pipelines are written (their whole link is folded). Absent: all. */
  readonly pipelines?: readonly string[];
  /** At most so many entries are changed: a trial run. */
  readonly limit?: number;
  /** Only this entry. */
  readonly key?: Key;
  /** Lets withheld deletions pass: all, or at most so many. */
  readonly allowDeletes?: true | number;
  /** Writes entries back to the side that lost them (two-way only). */
  readonly restore?: boolean;
  /** Compares everything, also where sides could tell what changed. */
  readonly everything?: true;
  /** `run` and `apply`: give up writing after the current page when this says so (SIGINT once). */
  readonly shouldDrain?: () => boolean;
  readonly onProgress?: (progress: Progress) => void;
}

/** Options of verify. */
export interface VerifyOptions extends Pick<CycleOptions, "pipelines" | "onProgress"> {
  /** Reads every row, also where digests of ranges could tell that they are equal. */
  readonly byRows?: true;
}

/** Which questions are meant; every part that is given must fit. */
export interface QuestionFilter {
  readonly ids?: readonly string[];
  readonly pipeline?: string;
  readonly key?: Key;
  readonly field?: string;
  readonly why?: Why;
}

/** What to answer. */
export type Choice =
  /** What this side holds. */
  | { readonly kind: "side"; readonly side: string }
  /** The agreed state again: what moved is undone. */
  | { readonly kind: "base" }
  /** This value (a question about a field). */
  | { readonly kind: "value"; readonly value: Value }
  /** The entry goes (a question about the whole entry). */
  | { readonly kind: "delete" }
  /** By a strategy word of mission 6.1, for each question on its own. */
  | { readonly kind: "policy"; readonly strategy: string };

/** One answer to one or many questions. */
export interface Resolution {
  readonly filter: QuestionFilter;
  readonly choice: Choice;
  readonly author: string;
  /** Answers are guarded too: how many deletions may follow. Absent: as many as in a run. */
  readonly allowDeletes?: true | number;
  /** Digest from QuestionView.seen: refused (ANSWER_OUTDATED) when what is held has moved. */
  readonly seen?: string;
}

/** What became of a resolution. */
export interface ResolutionView {
  /** The run under which the answers are on record. */
  readonly run: string;
  readonly answered: number;
  /** Written and confirmed by every side already. */
  readonly confirmed: number;
  readonly left: readonly {
    readonly id: string;
    readonly shown: string;
    readonly message: string;
  }[];
}

/** Which letters are meant; every part that is given must fit. */
export interface LetterFilter {
  readonly pipeline?: string;
  readonly key?: Key;
  readonly code?: string;
  /** The side whose row, or whose write, it is. */
  readonly side?: string;
  readonly kind?: LetterKind;
  /** One of its errors has this text in it. */
  readonly error?: string;
}

/** What a letter is: see engine/letters.ts. */
export type LetterKind = "later" | "refused" | "unreadable" | "rejected";

/** By what letters are counted. */
export type LetterGrouping = "cause" | "code" | "kind" | "side" | "pipeline";

/** What a person makes of the row of one letter. */
export interface Edit {
  readonly pipeline: string;
  readonly key: Key;
  /** By the names of the link's fields; the others stay what they are. */
  readonly fields: { readonly [field: string]: Value };
  readonly author: string;
}
