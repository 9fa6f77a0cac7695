// Carries decisions out and decides nothing: commit what was decided, write what is owed, commit
// what became of it. A crash between any two of these leaves a decision that is saved and sides
// that are owed (I1, I10).
import { weightOf } from "../core/weight.ts";
import type { Entry, Key } from "../core/state.ts";
import { Ahead } from "./ahead.ts";
import { batchOf, toldId, type Context } from "./context.ts";
import type { Decision } from "./decide.ts";
import { recordOf, restRecord } from "./entry-record.ts";
import { historyOf } from "./record.ts";
import type { EntryRecord, HistoryRecord, JoinedEntries } from "./journal.ts";
import { expectedNow } from "./leaving.ts";
import { batchName } from "./lineage.ts";
import type { Link } from "./link.ts";
import { LOADS_UNDER_WAY_MAX } from "./loads.ts";
import { Markers } from "./markers.ts";
import { PACKED_ROWS_MAX, type Packer } from "./packer.ts";
import { batchRowsOf, Pace, partsOf } from "./pace.ts";
import { Pending } from "./pending.ts";
import {
  PAGE_BYTES_MAX,
  STAGED_BYTES_MAX,
  STAGED_WRITES_MAX,
  type Batch,
  type Outcome,
  type Replica,
  type Writer,
} from "./replica.ts";
import { planSends, writesIn } from "./sending.ts";
import type { Facts, Load, PackedSending, Send, Sending } from "./sending.ts";
import { pageFrom, stillTold, type Staged } from "./staged.ts";
import { takeOutcome } from "./take-outcome.ts";
import { Tally } from "./tally.ts";

/** Records that wait for a commit, at most: those of the loads under way, and a few more. */
const NOTED_MAX = (LOADS_UNDER_WAY_MAX + 1) * PACKED_ROWS_MAX;

/** Writes to every replica of a link, and commits around it. Someone must close it. */
export class Carrier {
  readonly tally: Tally = new Tally();
  readonly #link: Link;
  readonly #writers = new Map<Replica, Writer>();
  readonly #markers: Markers;
  readonly #staged = new Map<Replica, Staged[]>();
  readonly #stagedKeys = new Set<string>();
  readonly #pending: Pending;
  readonly #ahead = new Ahead(() => this.#pending.save());
  /** Pages of first loads that were sent ahead, by pipeline. */
  readonly #pages = new Map<string, number>();
  readonly #pace: Pace;
  #batches = 0;

  constructor(link: Link) {
    this.#link = link;
    this.#pace = new Pace(link.env);
    this.#markers = new Markers(link);
    this.#pending = new Pending(link.journal, this.#markers);
  }

  /** Decides nothing: saves the decisions of one pipeline, writes, and notes the outcomes. */
  async carry(
    context: Context,
    decisions: readonly Decision[],
    signal: AbortSignal,
  ): Promise<void> {
    if (this.#noteBehind(context, decisions)) return;
    for (const part of partsOf(context.pipeline, decisions)) {
      await this.#pace.turn(context.pipeline, writesIn(part), signal);
      await this.#carry(context, part, signal);
    }
  }

  async #carry(
    context: Context,
    decisions: readonly Decision[],
    signal: AbortSignal,
  ): Promise<void> {
    await this.#ahead.room(0);
    await this.#makeRoom(decisions.length * context.pipeline.sides.length, signal);
    const entries = new Map<Key, Entry>();
    const sends = planSends(context, decisions, {
      entries,
      newId: () => this.batchId(context),
      // One that is staged already is settled by `finish`; until then nobody can know more.
      isStaged: (side, key) => this.#stagedKeys.has(stagedKey(context, side, key)),
    });
    const records: EntryRecord[] = [];
    const history: HistoryRecord[] = [];
    for (const decision of decisions) {
      const entry = entries.get(decision.key);
      if (entry !== undefined) records.push(recordOf(context, decision.key, entry, true));
      else if (decision.isNews) records.push(restRecord(context, decision));
      history.push(...historyOf(context, decision));
    }
    // I1, I3: what was decided, and a Told for every write that follows, before any side is
    // written. Outcomes of the page before travel with it: one fsync for both.
    const decided = [{ pipeline: context.pipeline.name, records }];
    if (records.length > 0) await this.#pending.save({ entries: decided, history });
    for (const send of sends) await this.#send(context, send, entries, signal);
  }

  /** Makes sure that every outcome so far is in the journal. */
  async flush(): Promise<void> {
    await this.#ahead.room(0);
    await this.#pending.save();
  }

  /** Saves facts together with every outcome so far. */
  async save(facts: Facts): Promise<void> {
    this.#pending.remember(facts);
    await this.flush();
  }

  /** Settles what was staged and saves the last outcomes. */
  async finish(signal: AbortSignal): Promise<void> {
    await this.flush();
    for (const [replica, writer] of this.#writers) await this.#finishOne(replica, writer, signal);
    await this.flush();
    const facts = await this.#markers.facts();
    if (facts.length > 0) await this.#link.journal.commit({ facts });
  }

  /** Lets go of every writer; what was staged and not finished is given up. */
  async close(): Promise<void> {
    // What stopped one of them is what stopped the run, or comes after that.
    await this.#ahead.end();
    for (const writer of this.#writers.values()) await writer.abort();
    this.#writers.clear();
  }

  /** Adds outcomes that were settled elsewhere (bulk creates) to the next commit. */
  note(
    pipeline: string,
    records: readonly EntryRecord[],
    history: readonly HistoryRecord[] = [],
  ): void {
    this.#pending.note(pipeline, records, history);
  }

  /** The same for many that are joined already. */
  join(joined: JoinedEntries, history: readonly HistoryRecord[]): void {
    this.#pending.join(joined, history);
  }

  /** A way for many new rows of a side at once, if its store has one for them. */
  async packer(context: Context, side: number, signal: AbortSignal): Promise<Packer | undefined> {
    if (batchRowsOf(context.pipeline) < PACKED_ROWS_MAX) return undefined;
    await this.#ahead.room(0);
    const writer = await this.#writerOf(context, side, signal);
    return writer.packer?.(sideOf(context, side).shape, signal);
  }

  /**
   * Sends new rows of a first load and goes on while it lands, as far as the store allows that.
   * A failure is thrown later, by whatever follows.
   */
  async sendAhead(
    context: Context,
    sending: Sending | PackedSending,
    { before, land }: Load,
    signal: AbortSignal,
  ): Promise<void> {
    const { name } = context.pipeline;
    const count = "packed" in sending ? sending.packed.count : sending.writes.length;
    await this.#pace.turn(context.pipeline, count, signal);
    const writer = await this.#writerOf(context, sending.side, signal);
    const batch = await this.#batchOf(context, sending);
    const ahead = Math.min(writer.ahead ?? 0, LOADS_UNDER_WAY_MAX - 1);
    const page = this.#pages.get(name) ?? 0;
    this.#pages.set(name, page + 1);
    const facts = before(page % (ahead + 1));
    this.#pending.remember(facts);
    const landed = (outcomes: readonly Outcome[]): void => {
      this.#markers.sent(context, sending.side, sending.id, outcomes);
      this.tally.created(context, sending.side, outcomes);
      land(outcomes);
    };
    const write = () => writer.write(batch, signal);
    // With the outcomes of pages before: what this one leaves is known again after a crash.
    if (facts.length > 0) this.#ahead.add(this.#ahead.saved().then(write), landed);
    else this.#ahead.addAndSave(write(), landed);
    await this.#ahead.room(ahead);
  }

  /** A new batch id, unique in the link. */
  batchId(context: Context): string {
    this.#batches += 1;
    return batchName(context.run, this.#batches);
  }

  /**
   * While a first load goes on, what nobody is told of need not wait for its pages: it is saved
   * with them. True: that was all.
   */
  #noteBehind(context: Context, decisions: readonly Decision[]): boolean {
    if (!this.#ahead.isUnderWay || this.#pending.count > NOTED_MAX) return false;
    if (this.#pending.chars > PAGE_BYTES_MAX) return false;
    if (decisions.some(({ writes }) => writes.length > 0)) return false;
    const news = decisions.filter(({ isNews }) => isNews);
    const history = decisions.flatMap((decision) => historyOf(context, decision));
    this.note(
      context.pipeline.name,
      news.map((decision) => restRecord(context, decision)),
      history,
    );
    return true;
  }

  async #writerOf(context: Context, side: number, signal: AbortSignal): Promise<Writer> {
    const { replica } = sideOf(context, side);
    const known = this.#writers.get(replica);
    if (known !== undefined) return known;
    const writer = await replica.writer(signal);
    this.#writers.set(replica, writer);
    return writer;
  }

  /** What is sent; its marker is settled by the commit after its outcomes are noted. */
  async #batchOf(context: Context, sending: Sending | PackedSending): Promise<Batch> {
    const { replica, shape } = sideOf(context, sending.side);
    const settled = await this.#markers.ready(replica);
    const cascades = context.cascades ? { cascades: true } : {};
    const common = { id: sending.id, link: this.#link.name, shape, settled, ...cascades };
    if (!("packed" in sending)) return { ...common, writes: sending.writes };
    const { packed, writes } = sending;
    return Object.defineProperty({ ...common, packed, writes: [] }, "writes", { get: writes });
  }

  #wrote(context: Context, { id, side, writes }: Sending, outcomes: readonly Outcome[]): void {
    this.#markers.sent(context, side, id, outcomes);
    this.tally.wrote(context, side, writes, outcomes);
  }

  async #send(
    context: Context,
    send: Send,
    entries: Map<Key, Entry>,
    signal: AbortSignal,
  ): Promise<void> {
    const { id, side, keys } = send;
    const writes = send.writes.map((planned, i) => ({
      key: keys[i] ?? "",
      expected: expectedNow(context, planned, entries.get(keys[i] ?? "")),
      to: planned.to,
      ...(planned.write.again === undefined ? {} : { again: planned.write.again }),
    }));
    const writer = await this.#writerOf(context, side, signal);
    const batch = await this.#batchOf(context, { id, side, writes });
    const outcomes = await writer.write(batch, signal);
    this.#wrote(context, { id, side, writes }, outcomes);
    const records: EntryRecord[] = [];
    const history: HistoryRecord[] = [];
    for (const [index, planned] of send.writes.entries()) {
      const key = send.keys[index] ?? "";
      const entry = entries.get(key);
      const outcome = outcomes[index] ?? { kind: "staged" };
      if (entry === undefined) continue;
      const id = toldId(send.id, index);
      if (outcome.kind === "staged") {
        const { replica } = sideOf(context, planned.side);
        const staged = this.#staged.get(replica) ?? [];
        this.#staged.set(replica, staged);
        const bytes = weightOf(planned.to ?? []) + weightOf(planned.from ?? []);
        staged.push({ context, key, planned, id, bytes });
        this.#stagedKeys.add(stagedKey(context, planned.side, key));
        continue;
      }
      const taken = takeOutcome(context, this.tally, { key, entry, planned, id, outcome });
      entries.set(key, taken.entry);
      records.push(taken.record);
      history.push(...taken.history);
    }
    this.note(context.pipeline.name, records, history);
  }

  /** Finishes writers that have no room for so many writes: what they keep is limited (I9). */
  async #makeRoom(count: number, signal: AbortSignal): Promise<void> {
    for (const [replica, staged] of this.#staged) {
      const writer = this.#writers.get(replica);
      const isFull = staged.reduce((sum, { bytes }) => sum + bytes, 0) >= STAGED_BYTES_MAX;
      if (writer === undefined || (staged.length + count <= STAGED_WRITES_MAX && !isFull)) continue;
      await this.flush(); // what is settled is read from the journal
      this.#writers.delete(replica);
      await this.#finishOne(replica, writer, signal);
    }
  }

  async #finishOne(replica: Replica, writer: Writer, signal: AbortSignal): Promise<void> {
    const staged = this.#staged.get(replica) ?? [];
    const outcomes = await writer.finish(signal);
    this.#staged.delete(replica);
    for (let from = 0; from < staged.length;) {
      from += await this.#settlePage(pageFrom(staged, from), outcomes.slice(from));
    }
    const isKnown = outcomes.every(({ kind }) => kind !== "unknown");
    if (isKnown) this.#markers.finished(replica, new Set(staged.map(({ id }) => batchOf(id))));
  }

  /**
   * Settles writes of one pipeline to different entries, with one commit: the first of them, as
   * many as a page of entries holds. Returns how many.
   */
  async #settlePage(page: readonly Staged[], outcomes: readonly Outcome[]): Promise<number> {
    const [first] = page;
    if (first === undefined) return 0;
    const { name } = first.context.pipeline;
    const found = await this.#link.journal.find(
      name,
      page.map(({ key }) => key),
    );
    const records: EntryRecord[] = [];
    const history: HistoryRecord[] = [];
    for (const [index, { context, key, planned, id }] of page.slice(0, found.length).entries()) {
      this.#stagedKeys.delete(stagedKey(context, planned.side, key));
      const body = found[index]?.body ?? null;
      if (body === null) continue;
      const known = context.codec.decode(JSON.parse(body) as unknown[]); // codec wrote it
      const outcome = outcomes[index] ?? { kind: "staged" };
      const entry = stillTold(known, planned, id);
      this.tally.wrote(context, planned.side, [planned], [outcome]);
      const taken = takeOutcome(context, this.tally, { key, entry, planned, id, outcome });
      records.push(taken.record);
      history.push(...taken.history);
    }
    this.note(name, records, history);
    await this.flush();
    return found.length;
  }
}

const stagedKey = ({ pipeline }: Context, side: number, key: Key): string =>
  `${pipeline.name} ${side} ${key}`;

function sideOf(context: Context, side: number) {
  const found = context.pipeline.sides[side];
  if (found === undefined) throw new RangeError(`no side ${side} in ${context.pipeline.name}`);
  return found;
}
