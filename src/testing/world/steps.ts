// What each step of a script does with the engine, and what it may end in.
import { isSyncError, type ErrorCode } from "../../core/errors.ts";
import { runFeed } from "../../engine/feed.ts";
import type { CycleExtras } from "../../engine/cycle.ts";
import { makePlan, readBlocks } from "../../engine/plan.ts";
import { planRollback } from "../../engine/rollback.ts";
import { applyPlan, run } from "../../engine/run.ts";
import { emptyImage } from "../memory-journal.ts";
import type { MemoryImage } from "../memory-store.ts";
import { answerOne } from "./answers.ts";
import { attempt, restart, type End } from "./attempt.ts";
import { faultyReplica } from "./faulty-replica.ts";
import { arrive } from "./landing.ts";
import { faultyJournal } from "./faulty-journal.ts";
import { contentOf, Oracle } from "./oracle.ts";
import { deletesMax } from "./rest.ts";
import { numberOf, type Doing, type Scene } from "./scene.ts";
import type { Step, UserStep } from "./script.ts";
import { systemOf } from "./settings.ts";
import { checkTwins } from "./twins.ts";
import { keepJournal, putBackJournal, type Kept } from "./older.ts";
import { restored, revertRow, rolledBack } from "./undoing.ts";
import { act } from "./user.ts";

const NEVER = new AbortController().signal;

/** Among these a run to undo is drawn. */
const RUNS_LOOKED_AT = 50;

/** Plays the steps of one script. */
export class Player {
  readonly scene: Scene;
  readonly oracle: Oracle;
  readonly extras: CycleExtras;
  readonly #copies = new Map<number, MemoryImage>();
  #kept: Kept | undefined;
  /** What was said of a restored side, or of the journal, until a run has taken it in. */
  #said: { readonly trust?: readonly string[]; readonly refill?: readonly string[] } | undefined;
  #isForgotten = false;
  /** Logs are not known to go on where they were left, and no run has gone over all rows since. */
  #isLost = false;
  /** The mapping was edited, and no run has gone over all rows since: no log tells of that. */
  #isEdited = false;
  #hasG = true;

  constructor(scene: Scene, extras: CycleExtras) {
    this.scene = scene;
    this.oracle = new Oracle(scene);
    this.extras = extras;
  }

  /** Nothing was lost that only a full comparison can find again. */
  get isHeardOnly(): boolean {
    const { counts } = this.scene.machine;
    // Where a log is joined, a listing that passes a row by hides it from the log as well.
    const lies = ["listing empty", "row missing from a paged listing"];
    const isTrue = !lies.some((lie) => counts.has(lie)) && !this.#isEdited;
    return isTrue && !this.#isForgotten && this.#said === undefined && !this.scene.isRestored;
  }

  /** The first process starts. */
  async open(): Promise<void> {
    const { scene, oracle } = this;
    const replicas = scene.setup.sides.map((_, side) => faultyReplica(scene, oracle, side));
    scene.machine.isCalm = true;
    await scene.open(replicas, (inner) => faultyJournal(scene, oracle, inner), this.#hasG);
    scene.machine.isCalm = false;
  }

  /** Carries out one step. */
  async play(step: Step): Promise<void> {
    const { scene } = this;
    switch (step.kind) {
      case "user":
        return act(scene, step);
      case "arrive":
        return await arrive(scene, false, this.oracle);
      case "clock":
        scene.machine.count("clock wrong by a day");
        scene.machine.skew = scene.machine.skew === 0 ? step.ms : 0;
        return;
      case "copy":
        this.#copies.set(step.side, scene.replica(step.side).image());
        return;
      case "keep":
        this.#kept = keepJournal(scene);
        return;
      case "remap":
        return await this.#remap();
      default:
        if (this.#said !== undefined) await this.cycle();
        else await this.#use(step);
    }
  }

  /** One cycle over all listings. */
  async cycle(
    options: { readonly allow?: boolean; readonly restore?: boolean } = {},
  ): Promise<End> {
    const { scene } = this;
    const { machine } = scene;
    const said = this.#said;
    const doing: Doing = {
      kind: "cycle",
      deletesMax: options.allow === true ? undefined : this.#deletesMax(),
      ...(options.restore === true ? { decided: (key) => restored(scene, key) } : {}),
    };
    let isAsked = false;
    const shouldDrain = (): boolean => (isAsked ||= machine.happens("drain"));
    const given = {
      ...this.extras,
      ...said,
      shouldDrain,
      ...(options.allow === true ? { allowDeletes: true as const } : {}),
      ...(options.restore === true ? { restore: true } : {}),
    };
    const codes: ErrorCode[] = scene.setup.onTrip === "stop" ? ["GUARD_STOPPED"] : [];
    const end = await this.#attempt(doing, codes, async () => {
      await run(scene.link, given, NEVER);
    });
    if (isAsked) machine.count("run drained");
    if (end !== "done" || isAsked) return end;
    this.#isEdited = false;
    this.#isLost = false;
    if (said !== undefined) {
      this.#said = undefined;
      scene.frozen.clear();
    }
    return end;
  }

  /** One cycle over all logs. */
  async feed(): Promise<End> {
    const { onTrip } = this.scene.setup;
    const codes: ErrorCode[] = this.#isLost ? ["CURSOR_LOST"] : [];
    if (onTrip === "stop") codes.push("GUARD_STOPPED");
    const doing: Doing = { kind: "feed", deletesMax: this.#deletesMax() };
    return await this.#attempt(doing, codes, async () => {
      await runFeed(this.scene.link, {}, NEVER);
    });
  }

  async #use(
    step: Exclude<Step, { readonly kind: "user" | "arrive" | "clock" | "copy" | "keep" | "remap" }>,
  ): Promise<void> {
    const { scene } = this;
    switch (step.kind) {
      case "cycle":
        await this.cycle(step);
        return;
      case "feed":
        await this.feed();
        return;
      case "plan":
        return await this.#plan(step.users, step.cycles);
      case "twins":
        return await checkTwins(scene, () => this.cycle());
      case "answer":
        await this.#attempt({ kind: "answer" }, ["ANSWER_OUTDATED", "QUESTION_UNKNOWN"], () =>
          answerOne(scene, step),
        );
        return;
      case "rollback":
        return await this.#rollback(step.roll);
      case "revert":
        return await this.#revert(step.side, step.said);
      case "older":
        return await this.#older();
      case "forget":
        return await this.#forget();
    }
  }

  #attempt(doing: Doing, codes: readonly ErrorCode[], work: () => Promise<void>): Promise<End> {
    return attempt({ scene: this.scene, oracle: this.oracle, doing, codes }, work);
  }

  #deletesMax(): number {
    const known = [...this.scene.entries.values()].filter(({ agreed }) => agreed.here).length;
    return deletesMax(this.scene.setup.guardFloor, known);
  }

  async #plan(users: readonly UserStep[], cycles: number): Promise<void> {
    const { scene } = this;
    let id: string | undefined;
    const limit = this.#deletesMax();
    await this.#attempt({ kind: "plan" }, [], async () => {
      ({ id } = await makePlan(scene.link, this.extras, NEVER));
    });
    if (scene.sent > 0) scene.fail("a plan writes to no side", `${scene.sent} writes`);
    if (id === undefined) return;
    for (const user of users) act(scene, user);
    const before = await scene.link.journal.generation();
    for (let i = 0; i < cycles; i++) await this.cycle();
    const isStale = (await scene.link.journal.generation()) !== before;
    await this.#apply(id, isStale, { kind: "apply", deletesMax: limit });
  }

  async #apply(id: string, isStale: boolean, doing: Doing): Promise<void> {
    const { scene } = this;
    const planned = new Set<string>();
    for await (const block of readBlocks(scene.link, id)) {
      for (const { key, writes } of block.items) {
        for (const { side, to } of writes) planned.add(contentOf(side, numberOf(key), to));
      }
    }
    let isApplied = false;
    const codes: ErrorCode[] = ["PLAN_STALE"];
    if (scene.setup.onTrip === "stop") codes.push("GUARD_STOPPED");
    await this.#attempt({ ...doing, planned }, codes, async () => {
      await applyPlan(scene.link, id, {}, NEVER);
      isApplied = true;
    });
    if (!isStale) return;
    scene.machine.count("plan stale");
    if (isApplied || scene.sent > 0) scene.fail("a stale plan is refused", id);
  }

  async #rollback(roll: number): Promise<void> {
    const { scene } = this;
    const all = await scene.link.journal.runs(RUNS_LOOKED_AT);
    const cycles = all.filter(({ kind }) => kind !== "resolve" && kind !== "retry");
    const runs = cycles.slice(0, 5).filter(({ kind }) => kind !== "rollback");
    const chosen = runs[Math.floor(roll * runs.length)];
    if (chosen === undefined || scene.setup.memory === "digest") return;
    let id: string | undefined;
    const limit = this.#deletesMax();
    await this.#attempt({ kind: "plan" }, ["RUN_UNKNOWN", "HISTORY_NOT_KEPT"], async () => {
      ({ id } = await planRollback(scene.link, { run: chosen.id }, NEVER));
    });
    if (id === undefined) return;
    scene.machine.count("rollback");
    const decided = (key: number): boolean => rolledBack(scene, key);
    await this.#apply(id, false, { kind: "rollback", decided, deletesMax: limit });
  }

  /** A side becomes an old copy of itself: the link stops until somebody says what that means. */
  async #revert(side: number, wish: "trust" | "refill"): Promise<void> {
    const { scene } = this;
    // A one-way source is never written: it cannot be refilled.
    const said = side === 0 && scene.setup.direction === "one-way" ? "trust" : wish;
    const image = this.#copies.get(side);
    const epoch = await scene.link.journal.fact(`epoch ${systemOf(side)}`);
    if (image === undefined || epoch === undefined || image.seq >= Number(epoch)) return;
    const before = new Map(scene.keys().map((key) => [key, scene.rowOf(side, key)]));
    scene.replica(side).restore(image);
    this.oracle.reverted(side);
    scene.isRestored = true;
    scene.machine.count(`restored from an old copy, ${said}`);
    scene.machine.note(() => `side ${side} is restored from an old copy: ${said}`);
    for (const edit of scene.ledger.edits) {
      if (said === "refill" && edit.side === side) edit.over ??= "refilled";
    }
    for (const [key, row] of before) revertRow(scene, { side, key, said }, row);
    await this.#expectStop("EPOCH_WENT_BACK", `side ${side} is an old copy`);
    this.#said = { [said]: [systemOf(side)] };
    scene.frozen.add(side);
  }

  /** Nothing is written before somebody has said what it means. */
  async #expectStop(code: ErrorCode, why: string): Promise<void> {
    const { scene } = this;
    let isStopped = false;
    scene.machine.isCalm = true;
    await this.#attempt({ kind: "cycle" }, [code], async () => {
      try {
        await run(scene.link, this.extras, NEVER);
      } catch (error) {
        isStopped = isSyncError(error, code);
        throw error;
      }
    });
    scene.machine.isCalm = false;
    if (!isStopped || scene.sent > 0) scene.fail("what went back stops the link", why);
  }

  /** The journal becomes an old copy of itself: the link stops until its rows meet anew. */
  async #older(): Promise<void> {
    const { scene, oracle } = this;
    if (this.#kept === undefined || !(await putBackJournal(scene, oracle, this.#kept))) return;
    this.#isForgotten = true;
    this.#isLost = true;
    await this.#expectStop("JOURNAL_REPLACED", "the journal is an old copy");
    this.#said = { refill: ["journal"] };
  }

  async #forget(): Promise<void> {
    const { scene } = this;
    scene.machine.count("journal lost");
    this.#isForgotten = true;
    this.#isLost = true;
    scene.isForgetful = true;
    scene.journal.restore(emptyImage());
    scene.entries.clear();
    // A write of the lost journal that lands later is told as another journal's: the link stops.
    // Nobody is there to answer that, so it takes longer than a request lives.
    scene.late.length = 0;
    for (const edit of scene.ledger.edits) {
      const isWon = scene.setup.initial.startsWith("wins");
      // A first meeting never deletes, and takes what it was told to.
      if (edit.subject === "here" || edit.subject === "u-" || isWon) edit.over ??= "journal lost";
    }
    await restart(scene, this.oracle);
  }

  async #remap(): Promise<void> {
    const { scene } = this;
    scene.machine.count("mapping edited");
    scene.isRemapped = true;
    this.#isEdited = true;
    for (const edit of scene.ledger.edits)
      if (edit.subject === "g") edit.over ??= "mapped otherwise";
    this.#hasG = !this.#hasG;
    await scene.link.journal.close();
    await this.open();
  }
}
