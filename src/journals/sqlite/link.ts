// The memory of one link in a journal's file.
import { SyncError } from "../../core/errors.ts";
import type { Key, Stamp } from "../../core/state.ts";
import type { Hash } from "../../core/hash.ts";
import { checkCommit } from "../../engine/commit.ts";
import type {
  Commit,
  EntryCount,
  EntryPage,
  EntryRecord,
  HistoryRecord,
  LinkJournal,
  PlanRecord,
  Range,
  RunRecord,
} from "../../engine/journal.ts";
import { sha256 } from "../../threads/sha256.ts";
import type { Database, Query } from "./database.ts";
import { countEntries, findEntries, readPage } from "./entries.ts";
import { pruneHistory, readHistory } from "./history.ts";
import { linkId, namesOf, pipelineId } from "./names.ts";
import type { Work, WriteQueue } from "./queue.ts";
import { prunePlans, pruneRuns, readBlocks, readFact, readPlan, readRuns } from "./records.ts";
import { forgetLink, forgetPipeline } from "./save.ts";

/** What an open link stands on. Without a queue it can only be read. */
export interface Ground {
  readonly database: Database;
  readonly queue?: WriteQueue;
  readonly release: () => Promise<void> | void;
}

const PIPELINES: Query<readonly [string]> = { sql: "SELECT name FROM pipeline WHERE link_id = ?" };
const GENERATION: Query<readonly [number]> = { sql: "SELECT generation FROM link WHERE name = ?" };
const NO_PAGE: EntryPage = { keys: [], bodies: [], flags: [] };

/** One link, open until it is closed. */
export class SqliteLink implements LinkJournal {
  readonly link: string;
  readonly hash: Hash = sha256;
  #ground: Ground | undefined;

  constructor(link: string, ground: Ground) {
    this.link = link;
    this.#ground = ground;
  }

  async entries(pipeline: string, range: Range): Promise<EntryPage> {
    return this.#inPipeline(pipeline, NO_PAGE, (database, id) => readPage(database, id, range));
  }

  async find(
    pipeline: string,
    keys: readonly Key[],
  ): Promise<readonly (EntryRecord | undefined)[]> {
    const none = keys.map(() => undefined);
    return this.#inPipeline(pipeline, none, (database, id) => findEntries(database, id, keys));
  }

  async count(pipeline: string): Promise<EntryCount> {
    return this.#inPipeline(pipeline, { entries: 0, flags: new Map() }, countEntries);
  }

  async pipelines(): Promise<readonly string[]> {
    return this.#inLink([], (database, id) => namesOf(database.rows(PIPELINES, id)));
  }

  async fact(name: string): Promise<string | undefined> {
    return this.#inLink(undefined, (database, id) => readFact(database, id, name));
  }

  async generation(): Promise<number> {
    return this.#read().row(GENERATION, this.link)?.[0] ?? 0;
  }

  async commit(commit: Commit): Promise<void> {
    checkCommit(commit);
    await this.#queue().commit(this.link, commit);
  }

  async runs(limit: number): Promise<readonly RunRecord[]> {
    return this.#inLink([], (database, id) => readRuns(database, id, limit));
  }

  async history(
    of: { readonly pipeline?: string; readonly key?: Key; readonly run?: string },
    page: { readonly before: number | null; readonly limit: number },
  ): Promise<readonly (HistoryRecord & { readonly seq: number })[]> {
    const { pipeline, ...others } = of;
    return this.#inLink([], (database, link) => {
      if (pipeline === undefined) return readHistory(database, link, others, page);
      const id = pipelineId(database, link, pipeline);
      if (id === undefined) return [];
      return readHistory(database, link, { ...others, pipeline: id }, page);
    });
  }

  async pruneHistory(keep: { readonly since: Stamp; readonly countMax: number }): Promise<number> {
    return this.#writeInLink(0, (database, id) => pruneHistory(database, id, keep));
  }

  async pruneRuns(keep: { readonly since: number; readonly countMax: number }): Promise<number> {
    return this.#writeInLink(0, (database, id) => pruneRuns(database, id, keep));
  }

  async plan(id: string): Promise<PlanRecord | undefined> {
    return this.#inLink(undefined, (database, link) => readPlan(database, link, id));
  }

  async blocks(
    plan: string,
    after: number,
    limit: number,
  ): Promise<readonly { readonly seq: number; readonly body: string }[]> {
    return this.#inLink([], (database, id) => readBlocks(database, id, plan, after, limit));
  }

  async prunePlans(countMax: number): Promise<void> {
    await this.#writeInLink(undefined, (database, id) => prunePlans(database, id, countMax));
  }

  async forget(pipeline: string | undefined): Promise<void> {
    await this.#write((database) => {
      if (pipeline === undefined) forgetLink(database, this.link);
      else forgetPipeline(database, this.link, pipeline);
    });
  }

  async close(): Promise<void> {
    const ground = this.#ground;
    this.#ground = undefined;
    await ground?.queue?.flush();
    await ground?.release();
  }

  #open(): Ground {
    if (this.#ground !== undefined) return this.#ground;
    throw new SyncError("ABORTED", `the journal of ${this.link} is closed`);
  }

  #read(): Database {
    return this.#open().database;
  }

  #inLink<Result>(none: Result, read: (database: Database, link: number) => Result): Result {
    const database = this.#read();
    const id = linkId(database, this.link);
    return id === undefined ? none : read(database, id);
  }

  #inPipeline<Result>(
    pipeline: string,
    none: Result,
    read: (database: Database, pipeline: number) => Result,
  ): Result {
    return this.#inLink(none, (database, link) => {
      const id = pipelineId(database, link, pipeline);
      return id === undefined ? none : read(database, id);
    });
  }

  #write<Result>(work: Work<Result>): Promise<Result> {
    return this.#queue().add(this.link, work);
  }

  #queue(): WriteQueue {
    const { queue } = this.#open();
    if (queue !== undefined) return queue;
    throw new SyncError("JOURNAL_READ_ONLY", `link ${this.link} is open for reading only`);
  }

  #writeInLink<Result>(
    none: Result,
    work: (database: Database, link: number) => Result,
  ): Promise<Result> {
    return this.#write((database) => {
      const id = linkId(database, this.link);
      return id === undefined ? none : work(database, id);
    });
  }
}
