// A journal in memory with the promises of the real one, cheap enough to be opened a million times.
import { SyncError } from "../core/errors.ts";
import type { Key, Stamp } from "../core/state.ts";
import { checkCommit } from "../engine/commit.ts";
import type {
  Access,
  Commit,
  EntryCount,
  EntryPage,
  EntryRecord,
  Journal,
  LinkJournal,
  PlanRecord,
  Range,
  RunRecord,
} from "../engine/journal.ts";
import { PAGE_BYTES_MAX } from "../engine/replica.ts";
import {
  applyCommit,
  copyLink,
  forgetPipeline,
  historyPage,
  newLink,
  planBy,
  pruneHistory,
  prunePlans,
  pruneRuns,
} from "./memory-link.ts";
import type { LinkState, SavedHistory } from "./memory-link.ts";
import { countOf, noEntries, pageOf } from "./sorted-entries.ts";

/** All that a memory journal would still hold after a crash. Never changed once it is taken. */
export interface MemoryImage {
  readonly identity: string;
  readonly links: ReadonlyMap<string, LinkState>;
}

/** A journal whose durable state can be taken out and put back. */
export interface MemoryJournal extends Journal {
  /** What is durable at this moment. */
  snapshot(): MemoryImage;
  /**
   * The world as it is after a crash: the image is all there is, locks are free, and whatever
   * still holds an open link of before fails from now on.
   */
  restore(image: MemoryImage): void;
}

/** An image of a journal that remembers nothing. */
export function emptyImage(identity = "memory"): MemoryImage {
  return { identity, links: new Map() };
}

/** A journal that begins with an image (default: an empty one). Closing it leaves its memory. */
export function memoryJournal(image: MemoryImage = emptyImage()): MemoryJournal {
  const store: Store = { identity: image.identity, links: copyLinks(image), open: new Set() };
  return {
    get identity() {
      return store.identity;
    },
    open: async (link, access) => openLink(store, link, access),
    links: async () => [...store.links.keys()].sort(),
    snapshot: () => ({ identity: store.identity, links: copyLinks(store) }),
    restore: (image) => {
      abandon(store);
      store.identity = image.identity;
      store.links = copyLinks(image);
    },
    close: async () => abandon(store),
  };
}

interface Store {
  identity: string;
  links: Map<string, LinkState>;
  readonly open: Set<MemoryLinkJournal>;
}

function copyLinks({ links }: MemoryImage): Map<string, LinkState> {
  return new Map([...links].map(([name, link]) => [name, copyLink(link)]));
}

function abandon(store: Store): void {
  for (const each of store.open) each.isClosed = true;
  store.open.clear();
}

function openLink(store: Store, link: string, access: Access): LinkJournal {
  for (const each of store.open) {
    if (access === "read" || each.access === "read" || each.link !== link) continue;
    throw new SyncError("JOURNAL_LOCKED", `link ${link} is open for writing already`, {
      hint: "Close it first.",
    });
  }
  const opened = new MemoryLinkJournal(store, link, access);
  store.open.add(opened);
  return opened;
}

class MemoryLinkJournal implements LinkJournal {
  readonly link: string;
  readonly access: Access;
  isClosed = false;
  readonly #store: Store;

  constructor(store: Store, link: string, access: Access) {
    this.#store = store;
    this.link = link;
    this.access = access;
  }

  async entries(pipeline: string, range: Range): Promise<EntryPage> {
    return pageOf(this.#read().pipelines.get(pipeline) ?? noEntries(), range);
  }

  async find(
    pipeline: string,
    keys: readonly Key[],
  ): Promise<readonly (EntryRecord | undefined)[]> {
    const entries = this.#read().pipelines.get(pipeline);
    const found: (EntryRecord | undefined)[] = [];
    let chars = 0;
    for (const key of keys) {
      if (chars >= PAGE_BYTES_MAX) break;
      const record = entries?.records.get(key);
      found.push(record);
      chars += record?.body?.length ?? 0;
    }
    return found;
  }

  async count(pipeline: string): Promise<EntryCount> {
    return countOf(this.#read().pipelines.get(pipeline) ?? noEntries());
  }

  async pipelines(): Promise<readonly string[]> {
    return [...this.#read().pipelines.keys()].sort();
  }

  async fact(name: string): Promise<string | undefined> {
    return this.#read().facts.get(name);
  }

  async generation(): Promise<number> {
    return this.#read().generation;
  }

  async commit(commit: Commit): Promise<void> {
    checkCommit(commit);
    applyCommit(this.#write(), commit);
  }

  async runs(limit: number): Promise<readonly RunRecord[]> {
    return [...this.#read().runs.values()].reverse().slice(0, limit);
  }

  async history(
    of: { readonly pipeline?: string; readonly key?: Key; readonly run?: string },
    page: { readonly before: number | null; readonly limit: number },
  ): Promise<readonly SavedHistory[]> {
    return historyPage(this.#read(), of, page);
  }

  async pruneHistory(keep: { readonly since: Stamp; readonly countMax: number }): Promise<number> {
    return pruneHistory(this.#write(), keep.since, keep.countMax);
  }

  async pruneRuns(keep: { readonly since: number; readonly countMax: number }): Promise<number> {
    return pruneRuns(this.#write(), keep);
  }

  async plan(id: string): Promise<PlanRecord | undefined> {
    return planBy(this.#read(), id);
  }

  async blocks(
    plan: string,
    after: number,
    limit: number,
  ): Promise<readonly { readonly seq: number; readonly body: string }[]> {
    const blocks = this.#read().plans.get(plan)?.blocks ?? new Map<number, string>();
    return [...blocks]
      .filter(([seq]) => seq > after)
      .sort(([a], [b]) => a - b)
      .slice(0, limit)
      .map(([seq, body]) => ({ seq, body }));
  }

  async prunePlans(countMax: number): Promise<void> {
    prunePlans(this.#write(), countMax);
  }

  async forget(pipeline: string | undefined): Promise<void> {
    const link = this.#write();
    if (pipeline === undefined) this.#store.links.delete(this.link);
    else forgetPipeline(link, pipeline);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.#store.open.delete(this);
  }

  #read(): LinkState {
    if (this.isClosed) throw new SyncError("ABORTED", `the journal of ${this.link} is closed`);
    return this.#store.links.get(this.link) ?? newLink();
  }

  #write(): LinkState {
    const link = this.#read();
    if (this.access === "read") {
      throw new SyncError("JOURNAL_READ_ONLY", `link ${this.link} is open for reading only`);
    }
    this.#store.links.set(this.link, link);
    return link;
  }
}
