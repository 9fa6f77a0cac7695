// What happened, and is not in the journal yet: it goes there with the next commit.
import type { Commit, EntryRecord, HistoryRecord, JoinedEntries, LinkJournal } from "./journal.ts";
import type { Markers } from "./markers.ts";

type Facts = NonNullable<Commit["facts"]>;

/** Outcomes and facts that wait for a commit, and the markers that it settles. */
export class Pending {
  readonly #journal: LinkJournal;
  readonly #markers: Markers;
  #records = new Map<string, EntryRecord[]>();
  #joined: JoinedEntries[] = [];
  #history: HistoryRecord[] = [];
  #facts: Facts[number][] = [];
  #chars = 0;

  constructor(journal: LinkJournal, markers: Markers) {
    this.#journal = journal;
    this.#markers = markers;
  }

  /** Adds outcomes. */
  note(
    pipeline: string,
    records: readonly EntryRecord[],
    history: readonly HistoryRecord[] = [],
  ): void {
    for (const record of history) this.#history.push(record);
    const list = this.#records.get(pipeline);
    if (list === undefined) this.#records.set(pipeline, [...records]);
    else for (const record of records) list.push(record);
    for (const { body } of records) this.#chars += body?.length ?? 0;
  }

  /** Adds outcomes that are joined already, with changes of those that are not at rest. */
  join(joined: JoinedEntries, history: readonly HistoryRecord[]): void {
    this.#joined.push(joined);
    for (const record of history) this.#history.push(record);
  }

  /** How many outcomes wait. */
  get count(): number {
    let count = 0;
    for (const joined of this.#joined) count += joined.count;
    for (const records of this.#records.values()) count += records.length;
    return count;
  }

  /** How long the bodies of outcomes are that came one by one. */
  get chars(): number {
    return this.#chars;
  }

  /** Adds facts. */
  remember(facts: Facts): void {
    this.#facts.push(...facts);
  }

  /** Saves all of it, and more after it, in one commit; what is added meanwhile waits. */
  async save(more: Pick<Commit, "entries" | "history"> = {}): Promise<void> {
    const entries = [...this.#records].map(([pipeline, records]) => ({ pipeline, records }));
    const commit = {
      entries: [...entries, ...(more.entries ?? [])],
      joined: this.#joined,
      history: more.history === undefined ? this.#history : [...this.#history, ...more.history],
      facts: this.#facts,
    };
    const settled = this.#markers.take();
    this.#records = new Map();
    this.#joined = [];
    this.#history = [];
    this.#facts = [];
    this.#chars = 0;
    const isWork = [commit.entries, commit.joined, commit.facts].some((list) => list.length > 0);
    if (isWork) await this.#journal.commit(commit);
    this.#markers.committed(settled);
  }
}
