// The contract between the engine and the memory of links. A journal knows nothing of lenses or
// folding: entries are text to it (engine/memory.ts is the codec), with a few flags to find them.
import type { Hash } from "../core/hash.ts";
import type { Key, Stamp } from "../core/state.ts";

/** Why an entry has to be found without knowing its key; a set of bits. */
export const FLAGS = {
  /** It has an open question. */
  asks: 1,
  /** A side is owed or was told something. */
  owes: 2,
  /** A write or a row of it is parked or a dead letter. */
  parked: 4,
  /** Its open question withholds a deletion. */
  withheld: 8,
  /** It is agreed to be gone. */
  gone: 16,
} as const;

/**
 * Entries in key order: parallel arrays, because millions of them pass by. A page ends at its limit
 * or where its bodies have PAGE_BYTES_MAX characters, whichever comes first, and has one entry at
 * least, where there is one: an empty one is the end.
 */
export interface EntryPage {
  readonly keys: readonly Key[];
  readonly bodies: readonly string[];
  readonly flags: readonly number[];
}

/**
 * What is saved of one entry; `body: null` forgets it. A body is well-formed Unicode text without
 * U+0000, which JSON never has.
 */
export interface EntryRecord {
  readonly key: Key;
  readonly body: string | null;
  readonly flags: number;
}

/** What stands between two joined texts: it is in no key and in no body. */
export const JOINT = "\0";

/**
 * Entries in key order as two long texts, because millions of them pass by. All of them are at rest
 * but for a few.
 */
export interface JoinedEntries {
  readonly pipeline: string;
  readonly count: number;
  readonly keys: string;
  /** Bodies of those that are at rest. */
  readonly bodies: string | DigestBodies;
  /** Those that are not, by their places in ascending order. */
  readonly odd: readonly OddEntry[];
  /** A change of each entry that is at rest. Absent: none. */
  readonly history?: Omit<HistoryRecord, "pipeline" | "key">;
}

/** Bodies that differ in a digest alone, which is still to be made (`LinkJournal.hash`). */
export interface DigestBodies {
  /** In UTF-8, each with JOINT behind it. */
  readonly texts: Uint8Array;
  readonly before: string;
  readonly after: string;
}

/** An entry among joined ones that is not at rest. */
export interface OddEntry {
  readonly at: number;
  readonly body: string;
  readonly flags: number;
}

/** One decided change of one entry. `changes` is JSON text of the engine (engine/history.ts). */
export interface HistoryRecord {
  readonly pipeline: string;
  readonly key: Key;
  readonly stamp: Stamp;
  readonly run: string;
  readonly by: string;
  readonly why: string;
  readonly changes: string;
}

/** One plan, run, resolution or rollback. */
export interface RunRecord {
  readonly id: string;
  readonly kind: string;
  /** ms since the epoch. */
  readonly started: number;
  readonly finished: number | null;
  /** killed: it never said how it ended, and whoever came after it had the lock. */
  readonly status: "running" | "done" | "failed" | "stopped" | "killed";
  /** JSON of its summary; "" while it runs. */
  readonly summary: string;
}

/** A plan's head; its blocks are appended one by one. */
export interface PlanRecord {
  readonly id: string;
  readonly made: number;
  readonly hash: string;
  /** Digest of the configuration and the link's generation it was made from. */
  readonly config: string;
  readonly generation: number;
  readonly status: "open" | "ready" | "applied";
  readonly summary: string;
}

/** The fact in which a journal keeps the greatest stamp of all history that it dropped. */
export const DROPPED_FACT = "history dropped";

/** Everything that is saved together, or not at all (I3). */
export interface Commit {
  /** Fastest in key order. Of two records of one entry the later one counts. */
  readonly entries?: readonly {
    readonly pipeline: string;
    readonly records: readonly EntryRecord[];
  }[];
  /** Saved before `entries`. */
  readonly joined?: readonly JoinedEntries[];
  readonly history?: readonly HistoryRecord[];
  /** Facts of the link by name: cursors, identities, configuration digest. null forgets one. */
  readonly facts?: readonly { readonly name: string; readonly value: string | null }[];
  readonly runs?: readonly RunRecord[];
  /** Replaces a plan's head. */
  readonly plans?: readonly PlanRecord[];
  /** Their plan is in this commit or an earlier one. The same `seq` again replaces a block. */
  readonly blocks?: readonly {
    readonly plan: string;
    readonly seq: number;
    readonly body: string;
  }[];
}

/** How many entries a pipeline has. */
export interface EntryCount {
  /** Those that are not agreed to be gone. */
  readonly entries: number;
  /** How many have each flag, by its bit; a flag that none has is missing. */
  readonly flags: ReadonlyMap<number, number>;
}

/** Which part of an entry list is wanted. */
export interface Range {
  /** Only keys after this one. */
  readonly after: Key | null;
  readonly limit: number;
  /** Only entries that have one of these flags. Absent: all. */
  readonly flags?: number;
}

/** The memory of one link. Reads see every finished commit. */
export interface LinkJournal {
  readonly link: string;
  /** By it the journal makes digests of texts, behind its caller. Absent: it makes none. */
  readonly hash?: Hash;
  entries(pipeline: string, range: Range): Promise<EntryPage>;
  /**
   * Parallel to `keys`, or to the first of them where a page ends before; undefined: unknown.
   * `findAll` goes on with the others.
   */
  find(pipeline: string, keys: readonly Key[]): Promise<readonly (EntryRecord | undefined)[]>;
  /** Kept with the entries: asking costs nothing, however many there are. */
  count(pipeline: string): Promise<EntryCount>;
  /** Pipelines that have had an entry or history since they were last forgotten, by name. */
  pipelines(): Promise<readonly string[]>;
  fact(name: string): Promise<string | undefined>;
  /** Grows with every commit that has entries, and when a pipeline is forgotten. */
  generation(): Promise<number>;
  /**
   * Durable when it returns (I14). All or nothing. Refused without the writer's lock. Commits land
   * in the order in which they were asked for; when one fails, those already waiting behind it
   * fail with it, because they were decided on top of it.
   */
  commit(commit: Commit): Promise<void>;
  /** Newest first: in the order in which they were first saved, whatever the clock said. */
  runs(limit: number): Promise<readonly RunRecord[]>;
  /**
   * Newest first, of one entry or of one run, in pages that end as those of entries do: `before` is
   * the last `seq` of the page before.
   */
  history(
    of: { readonly pipeline?: string; readonly key?: Key; readonly run?: string },
    page: { readonly before: number | null; readonly limit: number },
  ): Promise<readonly (HistoryRecord & { readonly seq: number })[]>;
  /**
   * Drops what is older than `since` and what is more than `countMax`, from the oldest on, but
   * never a part of a run: a run is rolled back whole or not at all. Returns how many went; the
   * greatest stamp of them is in DROPPED_FACT from then on.
   */
  pruneHistory(keep: { readonly since: Stamp; readonly countMax: number }): Promise<number>;
  /**
   * Drops finished runs that ended before `since` (ms), and what is more than `countMax`, from the
   * oldest on; those in the kept history stay. Returns how many went.
   */
  pruneRuns(keep: { readonly since: number; readonly countMax: number }): Promise<number>;
  /**
   * By id, or by the beginning of an id or hash (of plans with one hash the newest); "latest" is
   * the newest of all. A beginning that fits several hashes throws PLAN_UNKNOWN.
   */
  plan(id: string): Promise<PlanRecord | undefined>;
  blocks(
    plan: string,
    after: number,
    limit: number,
  ): Promise<readonly { readonly seq: number; readonly body: string }[]>;
  /** Drops plans but the newest ones. */
  prunePlans(countMax: number): Promise<void>;
  /** Takes a pipeline (or with undefined the whole link) out of memory, history included. */
  forget(pipeline: string | undefined): Promise<void>;
  close(): Promise<void>;
}

/** How a link's memory is opened. */
export type Access = "read" | "write";

/** A store of links' memories. */
export interface Journal {
  /** Its own identity: another one under the same name means that it was replaced. */
  readonly identity: string;
  /**
   * With `write`, takes the only writer's lock or throws JOURNAL_LOCKED, which names the program
   * that holds it. Reading is possible at any time, beside a writer too.
   */
  open(link: string, access: Access): Promise<LinkJournal>;
  links(): Promise<readonly string[]>;
  close(): Promise<void>;
}
