// A load: new rows of some pages that go to their store together, under one marker, and are
// remembered together. Of its rows nothing is kept but what is sent and what is to be saved: a page
// that stays among the living is copied again and again.
import type { OwnRow } from "../core/state.ts";
import type { Carrier } from "./carry.ts";
import type { PackedSending } from "./sending.ts";
import { bodiesBy, historyOfJoined, recordsOf } from "./commit.ts";
import { toldId, type Context } from "./context.ts";
import { ABSENT_THERE, isExact, settlePlainly, TARGET } from "./settle-plainly.ts";
import { JOINT, type HistoryRecord, type JoinedEntries, type OddEntry } from "./journal.ts";
import { loadFacts } from "./loads.ts";
import type { Bodies, NewPage } from "./new-pages.ts";
import type { Passage } from "./passage.ts";
import { creationsOf, historyOf } from "./record.ts";
import { PACKED_ROWS_MAX, type Packed } from "./packer.ts";
import { PAGE_BYTES_MAX, PAGE_ROWS_MAX } from "./replica.ts";
import type { Outcome, RowWrite } from "./replica.ts";

/** New rows of one pipeline on their way to one marker. */
export class Load {
  readonly #context: Context;
  readonly #passage: Passage;
  readonly #bodies: Bodies;
  readonly #created: (count: number) => void;
  #keys = "";
  /** The keys of rows that are written, as JSON without its ends. */
  #written = "";
  #count = 0;
  readonly #odd: OddEntry[] = [];
  readonly #history: HistoryRecord[] = [];
  readonly #owns: OwnRow[] = [];

  constructor(
    context: Context,
    { passage, bodies }: { readonly passage: Passage; readonly bodies: Bodies },
    created: (count: number) => void,
  ) {
    this.#context = context;
    this.#passage = passage;
    this.#bodies = bodies;
    this.#created = created;
  }

  /** Nothing more may be added. */
  get isFull(): boolean {
    const isLong = this.#bodies.chars >= PAGE_BYTES_MAX;
    return isLong || this.#count > PACKED_ROWS_MAX - PAGE_ROWS_MAX;
  }

  /** Takes a page whose rows were packed. */
  add(page: NewPage): void {
    const { keys, odd, owns, passed } = page;
    for (const { at, body, flags } of odd) this.#odd.push({ at: this.#count + at, body, flags });
    for (const decision of passed) this.#history.push(...historyOf(this.#context, decision));
    this.#keys += (this.#count === 0 ? "" : JOINT) + keys.join(JOINT);
    this.#count += keys.length;
    if (page.rows.length === 0) return;
    this.#bodies.add(page);
    const others = new Set(odd.map(({ at }) => at));
    const written = odd.length === 0 ? keys : keys.filter((_, at) => !others.has(at));
    const text = JSON.stringify(written).slice(1, -1);
    this.#written += (this.#written === "" ? "" : ",") + text;
    if (this.#passage.from === undefined) for (const own of owns) this.#owns.push(own);
  }

  /** Sends it behind its caller. */
  async send(carrier: Carrier, packed: Packed, signal: AbortSignal): Promise<void> {
    const context = this.#context;
    const id = carrier.batchId(context);
    const joined = this.#entries();
    if (packed.count === 0) {
      carrier.join(joined, this.#history);
      return;
    }
    const isMarked = context.policy.sides[TARGET]?.marks === true;
    const written = `[${this.#written}]`;
    const before = (place: number) =>
      isMarked ? loadFacts(context, { id, keys: written }, place) : [];
    const writes = once(() => writesOf(joined, packed));
    const land = (outcomes: readonly Outcome[]): void => {
      this.#land(carrier, { id, side: TARGET, packed, writes }, joined, outcomes);
    };
    const sending = { id, side: TARGET, packed, writes };
    await carrier.sendAhead(context, sending, { before, land }, signal);
    this.#written = "";
  }

  #entries(): JoinedEntries {
    const [keys, odd, count] = [this.#keys, this.#odd, this.#count];
    const bodies = this.#bodies.end();
    const history = creationsOf(this.#context);
    const common = { pipeline: this.#context.pipeline.name, count, keys, bodies, odd };
    return history === undefined ? common : { ...common, history };
  }

  #land(
    carrier: Carrier,
    { id, packed, writes }: PackedSending,
    joined: JoinedEntries,
    outcomes: readonly Outcome[],
  ): void {
    if (outcomes.every((outcome) => isExact(outcome, undefined))) {
      carrier.join(joined, this.#history);
      this.#created(packed.count);
      return;
    }
    const context = this.#context;
    const records = recordsOf(withDigests(context, joined));
    const places = placesOf(joined);
    let created = packed.count;
    for (const [index, { key, to }] of writes().entries()) {
      const outcome = outcomes[index] ?? { kind: "staged" };
      if (to === null || isExact(outcome, to)) continue;
      const own = this.#passage.from?.(to) ?? this.#owns[index] ?? [];
      const settled = settlePlainly(context, { key, own }, toldId(id, index), outcome);
      records[places[index] ?? 0] = settled;
      carrier.tally.leave(context, { key, side: TARGET, to }, outcome);
      carrier.tally.stored(context, TARGET, to, outcome);
      if (outcome.kind !== "applied") created -= 1;
    }
    const history = [...this.#history, ...historyOfJoined(joined)];
    carrier.note(context.pipeline.name, records, history);
    this.#created(created);
  }
}

function withDigests({ env }: Context, joined: JoinedEntries): JoinedEntries {
  const { bodies } = joined;
  return typeof bodies === "string" ? joined : { ...joined, bodies: bodiesBy(env.hash, bodies) };
}

/** The places of written rows among all. */
function placesOf({ count, odd }: JoinedEntries): readonly number[] {
  const others = new Set(odd.map(({ at }) => at));
  return Array.from({ length: count }, (_, at) => at).filter((at) => !others.has(at));
}

function writesOf(joined: JoinedEntries, packed: Packed): readonly RowWrite[] {
  const keys = joined.keys.split(JOINT);
  const rows = packed.rows();
  return placesOf(joined).map((place, at): RowWrite => {
    return { key: keys[place] ?? "", expected: ABSENT_THERE, to: rows[at] ?? null };
  });
}

function once<Result>(make: () => Result): () => Result {
  let made: { readonly is: Result } | undefined;
  return () => (made ??= { is: make() }).is;
}
