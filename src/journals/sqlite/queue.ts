// Group commit: whatever waits when the disk is free is saved in one transaction, with one sync.
import { setImmediate } from "node:timers";
import type { Commit } from "../../engine/journal.ts";
import type { Database } from "./database.ts";
import { lastSeq } from "./names.ts";
import { saveCommit } from "./save.ts";
import { packCommit } from "./saver.ts";
import type { HandsOver, Saver } from "./saver.ts";

/** How many works one transaction takes; the rest waits for the next. */
const GROUP_MAX = 1_000;
const HANDS_OVER: HandsOver = { entriesMin: 500, commitsBefore: 4 };

/** Changes the tables. It may run twice, the first time in a transaction that is undone. */
export type Work<Result> = (database: Database) => Result;

/** What a queue is made of besides its database. */
export interface Ways {
  /** Asked before every transaction; throws when the file must not be written. */
  readonly check: () => void;
  /** Starts a thread for commits of many entries. */
  readonly startSaver: () => Saver;
  readonly handsOver?: HandsOver | undefined;
}

interface Waiting {
  readonly link: string;
  readonly work: Work<void>;
  readonly settle: () => void;
  readonly fail: (error: unknown) => void;
}

/** The only way to write: works of all links, in the order in which they were asked for. */
export class WriteQueue {
  readonly #database: Database;
  readonly #check: () => void;
  readonly #startSaver: () => Saver;
  #saver: Saver | undefined;
  /** What the saver has, each until it is answered. */
  readonly #saving = new Set<Promise<void>>();
  /** What the numbers of links come to once the saver has done what it has. */
  readonly #lastSeqs = new Map<string, number>();
  readonly #handsOver: HandsOver;
  #large = 0;
  /** How many of those that wait were said no to by the saver. */
  #refused = 0;
  #waiting: Waiting[] = [];
  #isScheduled = false;

  constructor(database: Database, { check, startSaver, handsOver = HANDS_OVER }: Ways) {
    this.#database = database;
    this.#check = check;
    this.#startSaver = startSaver;
    this.#handsOver = handsOver;
  }

  /** Settles when a checked commit is durable (I14), or has failed and left nothing. */
  commit(link: string, commit: Commit): Promise<void> {
    const work: Work<void> = (database) => saveCommit(database, link, commit);
    const saver = this.#saverFor(commit);
    const packed = saver === undefined ? undefined : packCommit(link, commit);
    if (saver === undefined || packed === undefined) return this.add(link, work);
    const again = this.#unlessSaved(link, commit, work);
    const saved = saver.ask(packed);
    return new Promise((settle, fail) => {
      const answered = saved.then((isSaved) => {
        this.#saving.delete(answered);
        if (isSaved) return settle();
        // In its place: before everything that was asked for after it.
        this.#waiting.splice(this.#refused++, 0, { link, work: again, settle, fail });
        return this.#schedule();
      });
      this.#saving.add(answered);
    });
  }

  /**
   * A saver may die between its sync and its answer: then the number that the link's changes come
   * to says that they are there. All else that a saver takes may be saved twice.
   */
  #unlessSaved(link: string, commit: Commit, work: Work<void>): Work<void> {
    if (this.#saving.size === 0) this.#lastSeqs.clear(); // others may take numbers meanwhile
    const before = this.#lastSeqs.get(link) ?? lastSeq(this.#database, link);
    const last = before + changesIn(commit);
    this.#lastSeqs.set(link, last);
    return (database) => {
      if (last === before || lastSeq(database, link) < last) work(database);
    };
  }

  /** Settles when the work is durable (I14), or has failed and left nothing. */
  add<Result>(link: string, work: Work<Result>): Promise<Result> {
    return new Promise((resolve, fail) => {
      let result: { readonly is: Result } | undefined;
      this.#waiting.push({
        link,
        work: (database) => {
          result = { is: work(database) };
        },
        settle: () => {
          if (result !== undefined) resolve(result.is);
        },
        fail,
      });
      this.#schedule();
    });
  }

  /** Saves all that waits, after what was handed over. */
  async flush(): Promise<void> {
    await Promise.all(this.#saving);
    this.#refused = 0;
    while (this.#waiting.length > 0) this.#saveGroup(this.#waiting.splice(0, GROUP_MAX));
  }

  /** Lets go of what it holds besides the database. */
  async close(): Promise<void> {
    await this.flush();
    await this.#saver?.close();
  }

  /** undefined: it is saved here, after what waits, or because there was too little so far. */
  #saverFor({ entries = [], joined = [] }: Commit): Saver | undefined {
    if (this.#waiting.length > 0) return undefined;
    const { entriesMin, commitsBefore } = this.#handsOver;
    const single = entries.reduce((sum, { records }) => sum + records.length, 0);
    const count = joined.reduce((sum, each) => sum + each.count, single);
    if (count >= entriesMin && ++this.#large > commitsBefore) this.#saver ??= this.#startSaver();
    return this.#saver;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // After the callbacks of this turn, so that links that were woken together share one sync.
    setImmediate(() => {
      this.#isScheduled = false;
      void this.flush(); // what fails is told to whoever asked for it
    });
  }

  #saveGroup(group: readonly Waiting[]): void {
    try {
      this.#save(group);
    } catch (error) {
      const [first, ...others] = group;
      if (others.length === 0) this.#fail(first, error);
      else this.#saveOneByOne(group);
    }
  }

  #saveOneByOne(group: readonly Waiting[]): void {
    const failed = new Map<string, unknown>();
    for (const each of group) {
      if (failed.has(each.link)) {
        each.fail(failed.get(each.link));
        continue;
      }
      try {
        this.#save([each]);
      } catch (error) {
        failed.set(each.link, error);
        this.#fail(each, error);
      }
    }
  }

  /** What a link has waiting behind a failed work was decided on top of it: it fails too. */
  #fail(work: Waiting | undefined, error: unknown): void {
    work?.fail(error);
    const behind = this.#waiting.filter(({ link }) => link === work?.link);
    this.#waiting = this.#waiting.filter((each) => !behind.includes(each));
    for (const each of behind) each.fail(error);
  }

  #save(group: readonly Waiting[]): void {
    this.#check();
    this.#database.transaction(() => {
      for (const { work } of group) work(this.#database);
    });
    for (const { settle } of group) settle();
  }
}

/** Numbers that the changes of a commit take. */
function changesIn({ history = [], joined = [] }: Commit): number {
  return joined.reduce(
    (sum, { count, odd, history: each }) => sum + (each === undefined ? 0 : count - odd.length),
    history.length,
  );
}
