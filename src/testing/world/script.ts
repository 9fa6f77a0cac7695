// A script is all of a schedule as data: which link, which steps, which faults how often. The same
// script is the same schedule for ever; failing ones are kept as JSON in test/regressions.

/** How one side stores what it is told: as it is, or rounded and trimmed. */
type Storing = "exact" | "declared" | "hidden";

/** One side of the link and what its replica can do. */
export interface SideSetup {
  readonly follows: boolean;
  readonly compares: boolean;
  readonly marks: boolean;
  /** Outcomes carry the row as it was stored. */
  readonly returns: boolean;
  readonly list: "snapshot" | "paged";
  readonly commits: "page" | "finish";
  /** It has positions of its own. */
  readonly isOrdered: boolean;
  /** It has a log that can be read as a feed. */
  readonly log: boolean;
  readonly storing: Storing;
  readonly pageRows: number;
}

/** The link of a schedule. */
export interface LinkSetup {
  readonly sides: readonly SideSetup[];
  readonly direction: "one-way" | "two-way";
  readonly memory: "full" | "digest";
  /** A word of the configuration, or `custom`; `wins` is followed by a side's position. */
  readonly strategy: string;
  readonly deletes: "ask" | "edit-wins" | "delete-wins" | null;
  readonly initial: string;
  /** Lists that are merged as sets. */
  readonly hasUnion: boolean;
  readonly hasFilter: boolean;
  readonly whenFilteredOut: "keep" | "delete" | null;
  readonly hasRules: boolean;
  readonly drift: "overwrite" | "keep";
  readonly extra: "keep" | "delete";
  /** So many deletions pass the guard. */
  readonly guardFloor: number;
  readonly onTrip: "withhold" | "stop";
  readonly keys: number;
  /** The field `g` holds text. */
  readonly hasText: boolean;
}

/** What happens next. `roll` settles what is left open, in [0, 1). */
export type Step =
  /** A user creates, edits or deletes, whatever the row at hand allows. */
  | { readonly kind: "user"; readonly side: number; readonly key: number; readonly roll: number }
  | { readonly kind: "cycle"; readonly allow: boolean; readonly restore: boolean }
  /** The logs are read instead of the listings. */
  | { readonly kind: "feed" }
  /** A plan, users in between, and the plan carried out. */
  | { readonly kind: "plan"; readonly users: readonly UserStep[]; readonly cycles: number }
  /** Plan and apply in one world, run in another: they have to end alike. */
  | { readonly kind: "twins" }
  | { readonly kind: "answer"; readonly roll: number; readonly users: readonly UserStep[] }
  | { readonly kind: "rollback"; readonly roll: number }
  /** The mapping gains or loses the field `g`. */
  | { readonly kind: "remap" }
  /** The clock of the link jumps. */
  | { readonly kind: "clock"; readonly ms: number }
  /** Late requests arrive, each or only some. */
  | { readonly kind: "arrive"; readonly roll: number }
  | { readonly kind: "copy"; readonly side: number }
  /** A side becomes its copy again. */
  | { readonly kind: "revert"; readonly side: number; readonly said: "trust" | "refill" }
  /** The journal is copied. */
  | { readonly kind: "keep" }
  /** The journal becomes its copy again. */
  | { readonly kind: "older" }
  /** The journal is lost. */
  | { readonly kind: "forget" };

/** What a user does in the middle of another step. */
export type UserStep = Omit<Extract<Step, { readonly kind: "user" }>, "kind">;

/** Every kind of fault, with its probability at each moment where it could happen. */
export interface Faults {
  /** Between any two effects, all that is in memory is gone. */
  readonly crash: number;
  /** A write lands and nobody hears of it. */
  readonly answerLost: number;
  readonly requestLost: number;
  readonly requestLate: number;
  /** Only a part of a batch lands, where the store has no transactions. */
  readonly tornBatch: number;
  readonly rivalEdit: number;
  readonly editWhileListing: number;
  readonly diskFull: number;
  readonly listFails: number;
  readonly listEmpty: number;
  /** A row is missing from a paged listing, although it is there. */
  readonly listSkips: number;
  readonly unavailable: number;
  readonly feedDoubled: number;
  readonly feedStale: number;
  /** A run is asked to stop after its page. */
  readonly drain: number;
}

/** One kind of fault, by its name. */
export type FaultKind = keyof Faults;

/** A whole schedule. */
export interface Script {
  readonly seed: number;
  readonly link: LinkSetup;
  readonly faults: Faults;
  /** Each with the number that its dice are made of, so that others may be left out. */
  readonly steps: readonly { readonly id: number; readonly step: Step }[];
  /** The one boundary of effects, counted from the beginning, at which the process dies. */
  readonly crashAt?: number;
}

/** No fault at all. */
export const NO_FAULTS: Faults = {
  crash: 0,
  answerLost: 0,
  requestLost: 0,
  requestLate: 0,
  tornBatch: 0,
  rivalEdit: 0,
  editWhileListing: 0,
  diskFull: 0,
  listFails: 0,
  listEmpty: 0,
  listSkips: 0,
  unavailable: 0,
  feedDoubled: 0,
  feedStale: 0,
  drain: 0,
};
