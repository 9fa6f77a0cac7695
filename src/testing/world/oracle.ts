// What has to hold at every effect, seen from where it happens: before a write leaves, when it has
// landed, when something was saved, before a feed is acknowledged.
import { encodeValues } from "../../core/json.ts";
import { WHOLE } from "../../core/state.ts";
import type { Entry, OwnRow, Question, Value } from "../../core/state.ts";
import { same } from "../../core/values.ts";
import { recordsOf } from "../../engine/commit.ts";
import type { Commit } from "../../engine/journal.ts";
import type { Batch } from "../../engine/replica.ts";
import type { NamedRow } from "./ledger.ts";
import { noteForgotten } from "./forgetting.ts";
import { numberOf, type Scene } from "./scene.ts";
import { sameCredit, sameHeld, sameOwn } from "./same.ts";
import { systemOf } from "./settings.ts";
import { idOf, storedAt } from "./values.ts";

/** A write that landed, and what it met. */
export interface Landing {
  readonly before: NamedRow;
  readonly after: NamedRow;
  readonly to: OwnRow | null;
  readonly id: string;
  /** The side held what the write was aimed at. */
  readonly isExpected: boolean;
  readonly isKnown: boolean;
  /** The version that the engine had seen; undefined: nobody knows. */
  readonly looked: number | undefined;
  /** It had been under way longer than the engine waited for its answer. */
  readonly isLate: boolean;
}

/** Watches every effect of a schedule. */
export class Oracle {
  readonly #scene: Scene;
  readonly #facts = new Map<string, string>();
  readonly #last = new Map<string, { readonly to: OwnRow | null; readonly version: number }>();
  /**
   * Entries that were agreed to go in the run under way, and per side those that lose their row.
   */
  readonly #gone = new Set<number>();
  readonly #losing = new Map<number, Set<number>>();
  /** Rows that came to be in the run under way. */
  readonly #created = new Set<string>();
  readonly #decided = new Set<number>();

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** A run begins. */
  begin(): void {
    this.#gone.clear();
    this.#losing.clear();
    this.#created.clear();
    this.#decided.clear();
  }

  /** Before a batch leaves. */
  sending(side: number, batch: Batch): void {
    const { setup, doing } = this.#scene;
    if (setup.direction === "one-way" && side === 0) {
      this.#scene.fail("a one-way source is never written", batch.id);
    }
    for (const [index, { key, to, expected }] of batch.writes.entries()) {
      const number = numberOf(key);
      const entry = this.#scene.entryOf(number);
      const content = contentOf(side, number, to);
      if (doing.planned !== undefined && !doing.planned.has(content)) {
        this.#scene.fail("apply carries out the plan and nothing else", content);
      }
      const isLoad = setup.direction === "one-way" && expected.kind === "absent" && to !== null;
      const told = entry?.sides[side]?.told.some(({ id }) => id === `${batch.id}.${index}`);
      if (told !== true && !(isLoad && entry === undefined)) {
        this.#scene.fail("what is written was decided and told before", `${side} ${number}`);
      }
      const member = this.#scene.context.policy.member;
      const isOut = member >= 0 && entry?.agreed.values[member] === false;
      // One-way, what was rolled back goes from the target and stays agreed.
      const isBack = setup.direction === "one-way" && this.#scene.rolledBack.has(number);
      if (to === null && entry?.agreed.here === true && !isOut && !isBack) {
        this.#scene.fail("withheld deletions do not happen", `${side} ${number}`);
      }
      if (to === null && this.#gone.has(number)) this.#lose(side, number);
    }
  }

  /** A side became an old copy of itself, which knows nothing of what landed since. */
  reverted(side: number): void {
    for (const name of this.#last.keys()) if (name.startsWith(`${side} `)) this.#last.delete(name);
  }

  /** A write has landed. */
  landed(side: number, key: number, of: Landing): void {
    const { ledger, setup, machine } = this.#scene;
    const { before, after, to } = of;
    const cell = ledger.cell(side, key);
    const can = setup.sides[side];
    const name = `${side} ${key}`;
    const last = this.#last.get(name);
    const isNothing = before === null && to === null; // gone already, and it still is
    if (last?.version === cell.version && sameOwn(last.to, to) && !isNothing) {
      // What a store makes of a value looks like drift where no marker says what it stored.
      const isTold = can?.storing === "declared" && setup.memory === "full";
      // After a lying listing a row may have to be written as if it were gone.
      const isTrue = !cell.isAmbiguous && !this.#scene.isForgetful;
      // What a marker says was stored is in the terms of the mapping that was.
      const isVague = can?.storing === "hidden" && this.#scene.isRemapped;
      const isMarked = can?.marks === true && !isVague;
      const isTelling = can?.storing === "exact" || isMarked || isTold;
      // A late twin of a repeated write has another marker; only comparing keeps it out, and not
      // where the store makes of it what was there before.
      const hasLate = machine.counts.has("request late");
      const isOnce = can?.marks === true && !hasLate;
      const isCompared = can?.compares === true && (can.storing === "exact" || !hasLate);
      if (isTelling && isTrue && (isCompared || isOnce)) {
        this.#scene.fail("no row is written twice", `${name} by ${of.id}`);
      }
    }
    if (!of.isExpected) {
      machine.count("overwritten without compare-and-set");
      cell.isAmbiguous = true;
      ledger.overRow(key, before, "overwritten, declared");
      for (const edit of ledger.of(key)) {
        if (edit.subject === "here" && before === null) edit.over ??= "overwritten, declared";
      }
    } else if (of.looked !== undefined && cell.userVersion > of.looked) {
      machine.count("landed on the same content again");
      cell.isAmbiguous = true;
      for (const edit of ledger.of(key)) {
        if (edit.side === side && edit.version > of.looked)
          edit.over ??= "as if nothing had happened";
      }
    }
    if (of.isExpected && of.isLate && cell.version > (of.looked ?? 0)) {
      // There and back again within its lifetime: nothing tells it from a user who did the same.
      machine.count("landed late on what we had written since");
      cell.isAmbiguous = true;
      ledger.overRow(key, before, "undone by a late twin");
    }
    ledger.written(side, key, before, after);
    if (before === null) this.#created.add(name);
    this.#last.set(name, { to, version: cell.version });
    machine.note(() => `side ${side} <- ${key} ${JSON.stringify(after)} (${of.id})`);
  }

  /** Something is durable now. */
  saved(commit: Commit): void {
    for (const { name, value } of commit.facts ?? []) {
      if (value !== null) this.#facts.set(name, value);
    }
    for (const { records } of commit.entries ?? []) {
      for (const { key, body } of records) this.#savedEntry(numberOf(key), body);
    }
    for (const joined of commit.joined ?? []) {
      for (const { key, body } of recordsOf(joined)) this.#savedEntry(numberOf(key), body);
    }
  }

  /** Before a feed forgets what is before a cursor. */
  acknowledging(side: number, cursor: string): void {
    const saved = Number(this.#facts.get(`cursor ${systemOf(side)}`) ?? -1);
    if (saved < Number(cursor)) {
      this.#scene.fail("a feed is acknowledged only after the commit", `${side} at ${cursor}`);
    }
  }

  #savedEntry(key: number, body: string | null): void {
    const scene = this.#scene;
    const before = scene.entries.get(key);
    if (body === null) {
      scene.entries.delete(key);
      noteForgotten(scene, key);
      scene.machine.note(() => `forgot ${key}`);
      this.#agreedGone(key, before, undefined);
      return;
    }
    const after = scene.context.codec.decode(JSON.parse(body) as unknown[]); // the codec wrote it
    scene.entries.set(key, after);
    if (scene.doing.kind === "plan") scene.fail("a plan changes nothing", String(key));
    const { decided } = scene.doing;
    if (decided !== undefined && !this.#decided.has(key) && decided(key)) this.#decided.add(key);
    this.#agreedGone(key, before, after);
    scene.machine.note(() => `saved ${key} ${body}`);
    if (scene.setup.memory === "digest") return;
    this.#checkCredits(key, before, after);
    for (const question of after.open) this.#checkQuestion(key, before, after, question);
  }

  /** Deletions that are carried out, and how many the guard may let pass. */
  #agreedGone(key: number, before: Entry | undefined, after: Entry | undefined): void {
    const { ledger } = this.#scene;
    const isGone = after === undefined || !after.agreed.here;
    for (const edit of ledger.of(key)) {
      if (edit.subject !== "here") continue;
      // Where a deletion of ours may have landed, a user's is the same.
      const told = after?.sides[edit.side]?.told ?? [];
      if (isGone && told.some(({ to }) => to === null)) edit.over ??= "ours as well";
      if (edit.seenAt === undefined) continue;
      // Also where the same fold takes a new row in: that is no rival of it.
      if (before?.agreed.here === false) edit.over ??= "agreed already";
      if (isGone) edit.doneAt ??= ledger.time;
    }
    if (isOutside(this.#scene, before) || isOutside(this.#scene, after)) {
      for (const edit of ledger.of(key)) {
        const isSeen = edit.subject === "here" && edit.seenAt !== undefined;
        if (isSeen && edit.side !== 0) edit.over ??= "filtered out as well";
        // What becomes of a row outside is nobody's news once the entry is forgotten.
        if (after === undefined && edit.subject === "here") edit.over ??= "forgotten outside";
      }
    }
    if (after !== undefined && isIn(this.#scene, before) && !isIn(this.#scene, after)) {
      this.#gone.add(key);
    }
  }

  #lose(side: number, key: number): void {
    const { deletesMax } = this.#scene.doing;
    if (this.#created.has(`${side} ${key}`)) return;
    const losing = this.#losing.get(side) ?? new Set();
    this.#losing.set(side, losing);
    losing.add(key);
    if (deletesMax === undefined || losing.size <= deletesMax) return;
    this.#scene.fail("the guard withholds what is too much", `side ${side}: ${[...losing].join()}`);
  }

  #checkCredits(key: number, before: Entry | undefined, after: Entry): void {
    const { fields, setup, ledger } = this.#scene;
    for (const [f, field] of fields.entries()) {
      const credit = after.set[f];
      if (credit === undefined || sameCredit(before?.set[f], credit)) continue;
      const { by } = credit;
      if (typeof by !== "number") {
        this.#unsee(key, f, before, after);
        continue;
      }
      if (setup.sides[by]?.follows === true) {
        this.#scene.fail("a follower is never folded", `${key} ${field} by ${by}`);
      }
      if (!this.#isFollowed(field)) continue;
      const value = after.agreed.values[f];
      if (value === undefined || value === null || this.#isWeak(key, by)) continue;
      if (before === undefined && setup.hasFilter) continue; // it may come back into the filter
      if (!ledger.isTyped(by, key, field, value)) {
        this.#scene.fail("our own write is never an edit", `${key} ${field} by ${by}`);
      }
    }
  }

  /**
   * What a person or a rollback decided is a change of its own: it was not seen by who had replaced
   * that value earlier, nor by those whom it overruled. Whose own word was chosen has seen it.
   */
  #unsee(key: number, f: number, before: Entry | undefined, { agreed }: Entry): void {
    const { ledger, setup, fields } = this.#scene;
    const value = agreed.values[f];
    if (value === undefined) return;
    const isBack = !same(before?.agreed.values[f], value);
    const open = before?.open.filter(({ field }) => field === f || field === WHOLE) ?? [];
    for (const side of setup.sides.keys()) {
      const held = open.flatMap((question) => question.held[side] ?? []);
      if (held.some(({ row }) => same(row?.[f], value))) continue;
      if (!isBack && held.length === 0) continue;
      const { saw } = ledger.cell(side, key);
      const name = fields[f] ?? "";
      const rest = saw.get(name)?.filter((other) => idOf(other) !== idOf(value));
      if (rest !== undefined) saw.set(name, rest);
    }
  }

  #checkQuestion(key: number, before: Entry | undefined, after: Entry, question: Question): void {
    const { field, why, held } = question;
    if (why === "drift" || why === "unknown") return;
    if (before?.open.some((other) => other.field === field && sameHeld(other, question))) return;
    this.#scene.machine.count(`question: ${why}`);
    for (const [side, of] of held.entries()) {
      if (of === undefined || this.#isWeak(key, side)) continue;
      if (of.first && this.#scene.setup.hasFilter) continue; // it may come back into the filter
      for (const [f, value] of (of.row ?? []).entries()) {
        if (value !== undefined) this.#checkHeld(key, side, this.#scene.fields[f] ?? "", value);
      }
    }
    if (field !== WHOLE) this.#checkSeen(key, before, after, question);
  }

  #checkHeld(key: number, side: number, field: string, value: Value): void {
    if (!this.#isFollowed(field) || value === null) return;
    if (this.#scene.ledger.isTyped(side, key, field, value)) return;
    this.#scene.fail("our own write never opens a question", `${key} ${field} on ${side}`);
  }

  /** An edit of the very value that is agreed, as its side holds it, leaves nothing to ask. */
  #checkSeen(key: number, before: Entry | undefined, after: Entry, question: Question): void {
    const { field, why, held } = question;
    const name = this.#scene.fields[field] ?? "";
    const sides = held.flatMap((of, side) => (of === undefined ? [] : [side]));
    const [side] = sides;
    const agreed = after.agreed.values[field];
    if (side === undefined || sides.length > 1 || why !== "conflict" || before === undefined)
      return;
    if (agreed === undefined || agreed === null || !same(before.agreed.values[field], agreed))
      return;
    if (this.#isWeak(key, side) || !before.agreed.here || !this.#isFollowed(name)) return;
    if (before.open.some((other) => other.field === field || other.field === WHOLE)) return;
    if (this.#scene.putBack.has(`${key} ${name} ${idOf(agreed)}`)) return;
    const saw = this.#scene.ledger.cell(side, key).saw.get(name) ?? [];
    const shown = storedAt(this.#scene.setup, { side, field: name, value: agreed });
    if (!saw.some((value) => same(value, shown))) return;
    this.#scene.fail("an edit that had seen the agreed value opens no question", `${key} ${name}`);
  }

  /** Every value of the field is known to the book: from its first edit on, and by one mapping. */
  #isFollowed(field: string): boolean {
    return field === "f" || (field === "g" && !this.#scene.isRemapped);
  }

  /** Nobody can tell what is ours there: the plan says so of such sides. */
  #isWeak(key: number, side: number): boolean {
    const { ledger, setup } = this.#scene;
    if (this.#scene.isForgetful || ledger.cell(side, key).isAmbiguous) return true;
    const can = setup.sides[side];
    // What a marker says was stored is in the terms of the mapping that was.
    const isTold = can?.marks === true && !this.#scene.isRemapped;
    return can?.storing === "hidden" && !isTold && this.#scene.machine.counts.size > 0;
  }
}

/** A write as text: what a plan says and what is sent have to be the same. */
export function contentOf(side: number, key: number, to: OwnRow | null): string {
  return `${side} ${key} ${to === null ? "gone" : encodeValues(to)}`;
}

function isOutside({ context }: Scene, entry: Entry | undefined): boolean {
  const { member } = context.policy;
  return member >= 0 && entry?.agreed.values[member] === false;
}

function isIn({ context }: Scene, entry: Entry | undefined): boolean {
  if (entry === undefined || !entry.agreed.here) return false;
  const { member } = context.policy;
  return member < 0 || entry.agreed.values[member] !== false;
}
