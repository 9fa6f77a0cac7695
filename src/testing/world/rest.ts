// What has to hold once everything is quiet: all sides are equal, each in its own way of storing,
// on all that is not in question; what is agreed is whole; no edit is lost.
import { encodeValue } from "../../core/json.ts";
import { WHOLE } from "../../core/state.ts";
import type { Entry, Question, Value } from "../../core/state.ts";
import { same } from "../../core/values.ts";
import { shows, type Edit, type NamedRow } from "./ledger.ts";
import type { Scene } from "./scene.ts";
import { idOf, membersOf, storedAt } from "./values.ts";

/** Checks the end of a schedule. */
export function checkRest(scene: Scene): void {
  for (const key of scene.keys()) {
    if (isFrozen(scene, key)) continue;
    const entry = scene.entryOf(key);
    if (scene.setup.memory === "digest") checkCopy(scene, key, entry);
    else {
      if (entry !== undefined) checkWhole(scene, key, entry);
      checkSides(scene, key, entry);
      checkEdits(scene, key, entry);
    }
  }
  checkGuard(scene);
}

/** Outside the filter, where rows are kept, or were never in: nobody's business. */
function isFrozen(scene: Scene, key: number): boolean {
  const { hasFilter, whenFilteredOut, direction } = scene.setup;
  if (!hasFilter) return false;
  const row = scene.rowOf(0, key);
  if (row === null || row["in"] === true) return false;
  const keeps = (whenFilteredOut ?? (direction === "two-way" ? "keep" : "delete")) === "keep";
  return keeps || scene.entryOf(key) === undefined;
}

function isAsked(entry: Entry | undefined, f: number, side?: number): boolean {
  if (entry === undefined) return false;
  return entry.open.some(
    ({ field, held }) =>
      (field === WHOLE || f === WHOLE || field === f) &&
      (side === undefined || held[side] !== undefined),
  );
}

function isParked(entry: Entry | undefined): boolean {
  return entry?.sides.some((memory) => memory?.parked !== undefined) === true;
}

function checkWhole(scene: Scene, key: number, entry: Entry): void {
  if (!entry.agreed.here) return;
  for (const [f, field] of scene.fields.entries()) {
    if (entry.agreed.values[f] !== undefined || isAsked(entry, f)) continue;
    scene.fail("what is agreed is whole", `${key} ${field}`);
  }
}

function checkSides(scene: Scene, key: number, entry: Entry | undefined): void {
  if (isParked(entry)) return;
  const agreed = entry?.agreed;
  const { member } = scene.context.policy;
  const isOut = member >= 0 && agreed?.values[member] === false;
  for (const [side, { writable, follows }] of scene.pipeline.sides.entries()) {
    const row = scene.rowOf(side, key);
    if (!writable || hasWhole(entry, side)) continue;
    // It may be about to lose its row, and is not written until that is decided.
    if (side > 0 && member >= 0 && isAsked(entry, member)) continue;
    if (entry?.open.some(({ field, why }) => field === WHOLE && why === "withheld")) continue;
    const isWanted = agreed?.here === true && (!isOut || side === 0);
    if (isWanted !== (row !== null)) {
      const isExtra =
        row !== null && follows && scene.setup.extra === "keep" && !isOurs(entry, side);
      const waits = row === null && entry?.open.length !== 0;
      const asks = entry !== undefined && isAsked(entry, WHOLE);
      if (isExtra || waits || asks) continue;
      scene.fail("all sides are equal", `${key} on ${side}: ${JSON.stringify(row)}`);
      continue;
    }
    if (row === null || agreed === undefined) continue;
    checkRow(scene, { key, side, row, agreed: agreed.values, entry });
  }
}

function hasWhole(entry: Entry | undefined, side: number): boolean {
  return (
    entry?.open.some(({ field, held }) => field === WHOLE && held[side] !== undefined) === true
  );
}

/** The link knows the row that a side holds. */
function isOurs(entry: Entry | undefined, side: number): boolean {
  return (entry?.sides[side]?.shadow ?? null) !== null && !wasNever(entry);
}

/** A row that only followers hold was never agreed. */
function wasNever(entry: Entry | undefined): boolean {
  return entry === undefined || (!entry.agreed.here && entry.set.at(-1) === undefined);
}

interface RowAt {
  readonly key: number;
  readonly side: number;
  readonly row: NonNullable<NamedRow>;
  readonly agreed: readonly (Value | undefined)[];
  readonly entry: Entry | undefined;
}

function checkRow(scene: Scene, { key, side, row, agreed, entry }: RowAt): void {
  for (const [f, field] of scene.fields.entries()) {
    const value = agreed[f];
    if (value === undefined || isAsked(entry, f, side)) continue;
    if (same(storedAt(scene.setup, { side, field, value }), row[field])) continue;
    scene.fail(
      "all sides are equal",
      `${key} ${field} on ${side}: ${encodeValue(row[field])}, agreed ${encodeValue(value)}`,
    );
  }
}

/** With digests the source itself says what every copy has to hold. */
function checkCopy(scene: Scene, key: number, entry: Entry | undefined): void {
  const source = scene.rowOf(0, key);
  const wanted = source !== null && source["in"] !== false ? source : null;
  if (isParked(entry) || isAsked(entry, WHOLE) || scene.rolledBack.has(key)) return;
  for (const side of scene.pipeline.sides.keys()) {
    if (side === 0) continue;
    const row = scene.rowOf(side, key);
    if (wanted === null || row === null) {
      const isExtra = wanted === null && scene.setup.extra === "keep" && wasNever(entry);
      if (wanted === row || isExtra) continue;
      scene.fail("all sides are equal", `${key} on ${side}: ${JSON.stringify(row)}`);
      continue;
    }
    for (const field of scene.carried()) {
      const value = wanted[field];
      if (value === undefined || same(storedAt(scene.setup, { side, field, value }), row[field]))
        continue;
      scene.fail("all sides are equal", `${key} ${field} on ${side}`);
    }
  }
}

/** What waits for the guard's verdict is more than it lets pass. */
function checkGuard(scene: Scene): void {
  const losing = new Map<number, number>();
  let withheld = 0;
  let known = 0;
  for (const key of scene.keys()) {
    const entry = scene.entryOf(key);
    if (entry?.agreed.here === true) known += 1;
    const question = entry?.open.find(({ why }) => why === "withheld");
    if (entry === undefined || question === undefined) continue;
    if (isFrozen(scene, key)) continue; // nothing is decided there until it is back in the filter
    withheld += 1;
    for (const [side, { writable }] of scene.pipeline.sides.entries()) {
      const memory = entry.sides[side];
      const isLanding = memory?.told.some(({ to }) => to !== null) === true;
      const isMover = question.held[side] !== undefined && question.field !== WHOLE;
      const isLosing = (memory?.shadow ?? null) === null ? isLanding : !isMover;
      if (!isLosing || !writable) continue;
      losing.set(side, (losing.get(side) ?? 0) + 1);
    }
  }
  const holders = scene.setup.sides.map((_, side) =>
    scene.keys().some((key) => scene.rowOf(side, key) !== null),
  );
  const limit = (of: number): number => {
    const isEmptied = holders.some((holds, side) => !holds && side !== of);
    return deletesMax(
      isEmptied ? Math.min(scene.setup.guardFloor, 1) : scene.setup.guardFloor,
      known,
    );
  };
  // Where every question is a person's, one that was withheld first stays.
  if (scene.setup.strategy === "manual") return;
  if (withheld === 0 || [...losing].some(([side, count]) => count > limit(side))) return;
  scene.fail("the guard lets pass what is not too much", `${withheld} of ${known}`);
}

/** How many deletions pass (design: "Guard"). */
export function deletesMax(floor: number, known: number): number {
  return Math.max(Math.floor(known / 10), floor);
}

function checkEdits(scene: Scene, key: number, entry: Entry | undefined): void {
  const edits = [...scene.ledger.of(key)];
  for (const edit of edits) {
    if (edit.over !== undefined || edit.isReplaced) continue;
    if (scene.setup.sides[edit.side]?.follows === true) continue;
    if (edit.subject === "here") checkDeletion(scene, entry, edit, edits);
    else if (edit.subject === "u-") checkRemoval(scene, entry, edit, edits);
    else if (!isShown(scene, entry, edit) && !isEntitled(scene, edit, edits)) {
      scene.fail("no edit is lost", `${edit.subject} of ${key} on ${edit.side}: ${edit.id}`);
    }
  }
}

function checkDeletion(
  scene: Scene,
  entry: Entry | undefined,
  edit: Edit,
  edits: readonly Edit[],
): void {
  if (entry?.agreed.here !== true || isAsked(entry, WHOLE)) return;
  const { doneAt } = edit;
  const isNewer = (create: Edit): boolean =>
    create.isCreate && (create.seenAt === undefined || create.seenAt >= (doneAt ?? 0));
  if (doneAt !== undefined && edits.some(isNewer)) return; // carried out, then created anew
  const { deletes, strategy } = scene.setup;
  const isDecided = scene.isAnswered || scene.rolledBack.has(edit.key);
  const hasRivals = isDecided || edits.some(({ side }) => side !== edit.side);
  if (edit.isDoubted) return;
  if (deletes === "edit-wins" && isUnheardOf(scene, [...scene.setup.sides.keys()])) return;
  if (hasRivals && (deletes === "edit-wins" || strategy.startsWith("wins"))) return;
  scene.fail("no edit is lost", `deletion of ${edit.key} on ${edit.side}`);
}

function checkRemoval(
  scene: Scene,
  entry: Entry | undefined,
  edit: Edit,
  edits: readonly Edit[],
): void {
  const f = scene.fields.indexOf("u");
  if (entry?.agreed.here !== true || edit.isDoubted || isAsked(entry, f)) return;
  if (!membersOf(entry.agreed.values[f]).includes(edit.id)) return;
  // Where nobody knows whether our row had landed, it is met with all that its list has.
  const isUnheard = (by: Edit): boolean =>
    by.isDoubted && by.subject === "u" && by.side !== edit.side;
  if (edits.some(isUnheard) || (scene.met.has(edit.key) && scene.setup.initial.startsWith("wins")))
    return;
  scene.fail("no edit is lost", `removal of ${edit.id} from ${edit.key} on ${edit.side}`);
}

/** The edit is agreed, or in a question. */
function isShown(scene: Scene, entry: Entry | undefined, edit: Edit): boolean {
  if (entry === undefined) return false;
  const f = scene.fields.indexOf(edit.subject);
  const has = (value: Value | undefined): boolean =>
    edit.subject === "u" ? membersOf(value).includes(edit.id) : idOf(value) === edit.id;
  if (entry.agreed.here && has(entry.agreed.values[f])) return true;
  const holds = (question: Question): boolean =>
    question.held.some((held) => has(held?.row?.[f])) ||
    // Withheld or contested, the row itself is still there to be looked at.
    (question.field === WHOLE && shows(scene.rowOf(edit.side, edit.key), edit));
  return entry.open.some(holds);
}

/** A policy may have overruled it: it had been told whose word counts. */
function isEntitled(scene: Scene, edit: Edit, edits: readonly Edit[]): boolean {
  const { setup, isAnswered, isForgetful, rolledBack } = scene;
  const others = edits.filter((other) => other !== edit);
  const about = others.filter(({ subject }) => subject === edit.subject);
  // Of a field that joins the mapping nobody knows an edit from what was there.
  if (edit.subject === "g" && scene.isRemapped && rolledBack.has(edit.key)) return true;
  const winner = (word: string): number => (word.startsWith("wins") ? Number(word.slice(4)) : -1);
  if (setup.deletes === "delete-wins") {
    if (isAnswered || rolledBack.has(edit.key) || others.some(({ subject }) => subject === "here"))
      return true;
  }
  if (setup.strategy === "latest" || setup.strategy === "custom") {
    if (edit.subject !== "u" && about.length > 0) return true;
  }
  const rows = winner(setup.strategy);
  const isRuled = ({ side, subject, time }: Edit): boolean =>
    side === rows &&
    (subject === edit.subject || subject === "here") &&
    (edit.side !== side || edit.time <= time);
  if (others.some(isRuled)) return true;
  const first = winner(setup.initial);
  if (isUnheardOf(scene, [rows, first])) return true;
  // Without its journal a link meets every row for the first time, as it does what it forgot; a
  // field that joins the mapping is met by all who hold the row.
  const isMet =
    isForgetful || scene.met.has(edit.key) || (scene.isRemapped && edit.subject === "g");
  if (isMet && first >= 0) return true;
  return about.some(
    ({ side, time }) => side === first && (edit.side !== side || edit.time <= time),
  );
}

/**
 * What a store rounds without telling looks like its user's word, where nobody heard how our write
 * ended and no marker tells: then it settles what that side's word settles.
 */
function isUnheardOf({ setup, machine }: Scene, winners: readonly number[]): boolean {
  const isVague = (side: number): boolean =>
    setup.sides[side]?.storing === "hidden" && !setup.sides[side].marks;
  if (machine.counts.size === 0) return false;
  if (winners.some(isVague)) return true;
  const isSettled = setup.strategy === "latest" || setup.strategy === "custom";
  return isSettled && [...setup.sides.keys()].some(isVague);
}
