// A plan: the decisions of a cycle as data, in the journal, hashed as it goes. It writes to no
// side. The hash covers what would be written and what is asked, and nothing that two plans of the
// same world could differ in (I5).
import { encodeValues, reviveValues } from "../core/json.ts";
import { confirm, owed, told } from "../core/fold.ts";
import { sideOf, storedRow } from "../core/rows.ts";
import { makeRunningHash, type RunningHash } from "../core/hash.ts";
import type { Entry, Key, OwnRow } from "../core/state.ts";
import { checkAsked } from "./asked.ts";
import { makeContext, startCycle, type Context, type CycleStart, type Said } from "./context.ts";
import type { Counts } from "./counts.ts";
import { rejections } from "./counts.ts";
import { runCycle, type Cycle, type CycleExtras, type Sink } from "./cycle.ts";
import type { Decision, PlannedWrite } from "./decide.ts";
import type { Verdict } from "./guard.ts";
import { wholePipelines, type Trust } from "./identity.ts";
import { layoutFacts } from "./layout.ts";
import { isForgetting } from "./lineage.ts";
import type { Link } from "./link.ts";
import { flagsOf } from "./memory.ts";
import { FLAGS, type PlanRecord } from "./journal.ts";
import { loadsUnderWay } from "./loads.ts";
import type { CycleOptions } from "./options.ts";
import type { PlanHead } from "./plan-head.ts";
import { questionLine, type Found } from "./questions.ts";
import { Moves } from "./moves.ts";
import { unremembered } from "./unremembered.ts";
import { Since } from "./since.ts";
import type { PlanView, Summary } from "./views.ts";

/** Plans that a journal keeps. */
export const PLANS_MAX = 20;

/** One entry of a plan as it is recorded. */
export interface PlannedItem {
  readonly key: Key;
  /** Text of the entry as it would be remembered; null: nothing. */
  readonly body: string | null;
  /** The same text of an entry that is forgotten: its history says what became of it. */
  readonly last?: string;
  readonly flags: number;
  readonly writes: readonly Pick<PlannedWrite, "side" | "kind" | "from" | "to">[];
  readonly isDrift: boolean;
  readonly rejected: readonly string[];
}

/** A stretch of a plan: items of one pipeline in key order. */
export interface Block {
  readonly seq: number;
  readonly pipeline: string;
  /** `change`: as compared; else what the guard let pass or took back, once that is written. */
  readonly phase: "change" | Verdict;
  readonly items: readonly PlannedItem[];
}

/** Makes a plan of everything that a run would do now. Nothing but its own record is written. */
export async function makePlan(
  remembering: Link,
  options: CycleOptions & Trust & CycleExtras,
  signal: AbortSignal,
): Promise<PlanView> {
  const link = isForgetting(options) ? unremembered(remembering) : remembering;
  checkAsked(link, options);
  const recorder = new Recorder(link, link.env.id());
  const start = await startCycle(link, options);
  await recorder.open(start);
  const since = new Since(link, options);
  const cycle = await runCycle(link, { sink: recorder, start, since }, options, signal);
  const view = planView(link, recorder, cycle);
  const { trust, refill, allowDeletes } = options;
  const said: Said = {
    ...(trust && { trust }),
    ...(refill && { refill }),
    ...(allowDeletes === undefined ? {} : { allowDeletes }),
  };
  const whole = since.whole(wholePipelines(link, options));
  await recorder.close(view, { said, whole, since: since.facts() });
  return view;
}

/** Records the decisions of a cycle, or of anything else that plans. */
export class Recorder implements Sink {
  readonly id: string;
  readonly moves: Moves = new Moves();
  readonly #link: Link;
  readonly #hashes = new Map<string, RunningHash>();
  #seq = 0;
  #phase: Block["phase"] = "change";
  #generation = 0;
  #cascades = false;
  #withheldIn = new Map<string, number[]>();
  writes = 0;

  constructor(link: Link, id: string) {
    this.#link = link;
    this.id = id;
  }

  /** Puts down the plan's head, so that its blocks have something to belong to. */
  async open({ layouts, cascades = false }: CycleStart): Promise<void> {
    this.#cascades = cascades;
    const { journal } = this.#link;
    const facts = layoutFacts(layouts);
    if (facts.length > 0) await journal.commit({ facts });
    this.#generation = await journal.generation();
    await this.#save("open", "", "");
  }

  begin(context: Context): Promise<void> {
    this.#hashes.set(context.pipeline.name, makeRunningHash(this.#link.env.hash));
    this.#phase = "change";
    return Promise.resolve();
  }

  async take(context: Context, decisions: readonly Decision[]): Promise<void> {
    const { name } = context.pipeline;
    const hash = this.#hashes.get(name);
    const items: string[] = [];
    for (const decision of decisions) {
      const flags =
        decision.body === null ? 0 : flagsOf(decision.after, decision.writes.length > 0);
      const rejected = rejections(context, decision);
      const writes = writesText(decision.writes);
      const questions = decision.after.open.map((question) => questionLine(context, question));
      const isQuiet = writes === "[]" && questions.length === 0 && rejected.length === 0;
      this.writes += decision.writes.length;
      this.moves.note(context, decision);
      if (!isQuiet) {
        const aims = digestsIn(decision.writes);
        hash?.add(JSON.stringify([decision.key, this.#phase, writes, aims, questions, rejected]));
      } else if (decision.isNews) {
        // Nothing is written, but something is agreed on: both sides made the same change.
        const { here, values } = decision.after.agreed;
        hash?.add(JSON.stringify([decision.key, "agreed", here, encodeValues(values)]));
      }
      if ((flags & FLAGS.withheld) !== 0) this.#noteWithheld(name);
      items.push(itemText(context, decision, { flags, writes, rejected }));
    }
    const body = `[${JSON.stringify(name)},${JSON.stringify(this.#phase)},[${items.join(",")}]]`;
    const block = { plan: this.id, seq: this.#seq, body };
    this.#seq += 1;
    await this.#link.journal.commit({ blocks: [block] });
  }

  end(): Promise<void> {
    return Promise.resolve();
  }

  /** This plan's own withheld deletions: earlier ones were met in the comparison as well. */
  async *withheld(context: Context, verdict: Verdict): AsyncGenerator<Found> {
    this.#phase = verdict;
    for (const seq of this.#withheldIn.get(context.pipeline.name) ?? []) {
      const [block] = await this.#link.journal.blocks(this.id, seq - 1, 1);
      if (block === undefined) continue;
      for (const { key, body, flags, writes } of parseBlock(block).items) {
        if ((flags & FLAGS.withheld) === 0 || body === null) continue;
        const entry = context.codec.decode(JSON.parse(body) as unknown[]); // the codec wrote it
        yield { context, key, entry: asWritten(context, entry, writes), text: body };
      }
    }
  }

  /** The plan's hash over all pipelines, once everything was taken. */
  hash(): string {
    const { digest, env } = this.#link;
    const parts = [...this.#hashes].map(([name, hash]) => `${name} ${hash.digest()}`);
    // What goes with a row that is deleted is in no write, and yet it would go.
    const said = this.#cascades ? ["with cascades"] : [];
    return env.hash([digest, ...said, ...parts].join("\n"));
  }

  /** Makes the plan ready to be applied. */
  async close(
    view: PlanView,
    from: Pick<PlanHead, "said" | "whole" | "since"> = {},
  ): Promise<void> {
    const { summary, guards, notes, writes } = view;
    const loads = await loadsUnderWay(this.#link);
    const head: PlanHead = { summary, guards, notes, writes, loads, ...from };
    await this.#save("ready", view.hash, JSON.stringify(head));
    await this.#link.journal.prunePlans(PLANS_MAX);
  }

  #noteWithheld(pipeline: string): void {
    const list = this.#withheldIn.get(pipeline) ?? [];
    if (list.at(-1) !== this.#seq) list.push(this.#seq);
    this.#withheldIn.set(pipeline, list);
  }

  async #save(status: PlanRecord["status"], hash: string, summary: string): Promise<void> {
    const { env, digest, journal } = this.#link;
    const generation = this.#generation;
    const made = env.now();
    await journal.commit({
      plans: [{ id: this.id, made, hash, config: digest, generation, status, summary }],
    });
  }
}

/** A plan's view from what was recorded. */
function planView(link: Link, recorder: Recorder, cycle: Cycle): PlanView {
  return {
    id: recorder.id,
    hash: recorder.hash(),
    summary: summaryOf(cycle.counts, recorder),
    guards: cycle.guards,
    notes: cycle.notes,
    writes: recorder.writes,
  };
}

/**
 * The entry once these writes have landed as they were planned: the verdict is about what is left.
 */
function asWritten({ policy }: Context, entry: Entry, writes: PlannedItem["writes"]): Entry {
  const id = "planned";
  return writes.reduce((next, { side, to }) => {
    const write = owed(next, side, policy);
    if (write === undefined) return next;
    const sent = told(next, write, { id, until: 0, once: false });
    const row = storedRow(sideOf(policy, side), write.to);
    return confirm(sent, side, { id, applied: true, row, own: to });
  }, entry);
}

/** Counts by pipeline as a summary; `plan`: the one that it is the summary of. */
export function summaryOf(
  counts: ReadonlyMap<string, Counts>,
  plan: { readonly id: string; hash(): string } | null,
): Summary {
  const id = plan?.id ?? null;
  const hash = plan?.hash() ?? null;
  return {
    pipelines: Object.fromEntries([...counts].map(([name, of]) => [name, of.summary(id, hash)])),
  };
}

/** The blocks of a plan from one on, in the order in which they are carried out. */
export async function* readBlocks(link: Link, plan: string, from = 0): AsyncGenerator<Block> {
  let after = from - 1;
  for (;;) {
    const [block] = await link.journal.blocks(plan, after, 1);
    if (block === undefined) return;
    after = block.seq;
    yield parseBlock(block);
  }
}

/** Contexts by pipeline name, for work on what is already in the journal. */
export async function contextsOf(link: Link): Promise<ReadonlyMap<string, Context>> {
  const start = await startCycle(link);
  return new Map(
    link.pipelines.map((pipeline) => [pipeline.name, makeContext(link, pipeline, start, [])]),
  );
}

type JsonItem = readonly [
  key: string,
  body: string | 0,
  flags: number,
  writes: readonly unknown[][],
  isDrift: number,
  rejected: string[],
  last?: string,
];

function itemText(
  { codec }: Context,
  { key, body, isDrift, before, after }: Decision,
  of: { readonly flags: number; readonly writes: string; readonly rejected: readonly string[] },
): string {
  const text = body === null ? "0" : JSON.stringify(body);
  const isEnd = body === null && before !== undefined;
  const last = isEnd ? `,${JSON.stringify(codec.encode(after))}` : "";
  const rejected = JSON.stringify(of.rejected);
  const ends = `${isDrift ? 1 : 0},${rejected}${last}`;
  return `[${JSON.stringify(key)},${text},${of.flags},${of.writes},${ends}]`;
}

function parseBlock({ seq, body }: { readonly seq: number; readonly body: string }): Block {
  const [pipeline, phase, items] = JSON.parse(body) as [string, Block["phase"], JsonItem[]];
  return { seq, pipeline, phase, items: items.map(itemOf) }; // take() wrote it
}

function itemOf([key, body, flags, writes, isDrift, rejected, last]: JsonItem): PlannedItem {
  return {
    key,
    body: body === 0 ? null : body,
    flags,
    writes: writes.map(([side, kind, from, to]) => ({
      side: Number(side),
      kind: kind as PlannedWrite["kind"], // writesText() wrote it
      from: reviveRow(from),
      to: reviveRow(to),
    })),
    isDrift: isDrift === 1,
    rejected,
    ...(last === undefined ? {} : { last }),
  };
}

const reviveRow = (json: unknown): OwnRow | null =>
  json === 0 ? null : (reviveValues(json) as OwnRow); // own rows hold no undefined
const rowText = (row: OwnRow | null): string => (row === null ? "0" : encodeValues(row));

/** What the rows to be written are expected to hold, where their values are not remembered. */
function digestsIn(writes: Decision["writes"]): readonly string[] {
  return writes.flatMap(({ expected }) => (expected.kind === "digest" ? [expected.digest] : []));
}

function writesText(writes: Decision["writes"]): string {
  const texts = writes.map(
    ({ side, kind, from, to }) => `[${side},"${kind}",${rowText(from)},${rowText(to)}]`,
  );
  return `[${texts.join(",")}]`;
}
