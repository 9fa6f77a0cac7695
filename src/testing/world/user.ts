// The users of the sides. They see the row at hand and nothing else, and whatever they see and
// change is theirs to change.
import type { Value } from "../../core/state.ts";
import { same } from "../../core/values.ts";
import { makeDice, type Dice } from "./dice.ts";
import type { Cell, Edit, NamedRow } from "./ledger.ts";
import type { UserStep } from "./script.ts";
import { COLLECTION } from "./settings.ts";
import { idOf, makeValue, membersOf } from "./values.ts";
import type { Scene } from "./scene.ts";

/** Lets a user act on one row: create it, delete it, or edit a field. */
export function act(scene: Scene, { side, key, roll }: UserStep): void {
  if (scene.frozen.has(side)) return;
  const dice = makeDice(Math.floor(roll * 4294967296), side, key);
  const row = scene.rowOf(side, key);
  if (row === null) create(scene, { side, key, dice });
  else if (dice.chance(0.2)) remove(scene, { side, key, dice }, row);
  else edit(scene, { side, key, dice }, row);
}

interface Hand {
  readonly side: number;
  readonly key: number;
  readonly dice: Dice;
}

function create(scene: Scene, { side, key, dice }: Hand): void {
  const { ledger } = scene;
  const agreed = scene.entryOf(key)?.agreed;
  const cell = ledger.cell(side, key);
  const overruled: Edit[] = [];
  for (const edit of ledger.of(key)) {
    if (edit.subject !== "here") continue;
    const isSeen = edit.seenAt !== undefined;
    const isOurs = isSeen && cell.absentSince !== undefined && edit.time <= cell.absentSince;
    if (edit.side !== side && !isOurs && !(isSeen && agreed?.here !== true)) continue;
    if (!edit.isReplaced) overruled.push(edit);
    edit.isReplaced = true;
  }
  const memory = scene.entryOf(key)?.sides[side];
  if (scene.isDoubtful(side, key) && memory !== undefined) {
    const rows = [memory.base.values, ...memory.told.map(({ against }) => against ?? [])];
    for (const values of rows) {
      for (const [f, field] of scene.fields.entries())
        ledger.over(key, field, values[f], "undecidable");
    }
  }
  const row: { [column: string]: Value } = {};
  for (const field of scene.columns(side)) {
    if (field === "u") row[field] = [];
    else if (field === "in") row[field] = dice.chance(0.85);
    else if (field !== "id") row[field] = fresh(scene, { side, key, dice }, field, true);
  }
  cell.saw.clear();
  cell.isOurs = false;
  put(scene, side, key, row);
  cell.creation = { version: cell.version, overruled };
  scene.machine.note(() => `user ${side} creates ${key} ${JSON.stringify(row)}`);
}

function remove(scene: Scene, { side, key }: Hand, row: NonNullable<NamedRow>): void {
  const { ledger } = scene;
  ledger.overRow(key, row, "deleted by one who saw it");
  const memory = scene.entryOf(key)?.sides[side];
  const cell = ledger.cell(side, key);
  const isUnheard = cell.creation !== undefined && cell.looked < cell.creation.version;
  // After a listing that lied, what we had written looks like a row that its user made.
  const isMade = !cell.isOurs || cell.isAmbiguous;
  const isOwn = isUnheard || (memory?.base.here !== true && isMade);
  if (isUnheard) standAgain(cell);
  ledger.add({
    side,
    key,
    subject: "here",
    id: -1,
    isDoubted: scene.isDoubtful(side, key),
    over: whyForgotten(scene, side, key) ?? (isOwn ? "took back its own create" : undefined),
  });
  scene.replica(side).edit(COLLECTION, [key], null);
  ledger.changed(side, key, null);
  scene.machine.note(() => `user ${side} deletes ${key} ${JSON.stringify(row)}`);
}

/** Nobody heard of a row that its user made and takes back: what it had overruled stands. */
function standAgain(cell: Cell): void {
  for (const edit of cell.creation?.overruled ?? []) edit.isReplaced = false;
  cell.creation = undefined;
}

/** The link remembers nothing of a row that it knew: its deletion is nobody's news. */
function whyForgotten(scene: Scene, side: number, key: number): string | undefined {
  if (isMeeting(scene, side, key)) return "journal lost";
  if (scene.met.has(key) && scene.entryOf(key) === undefined) return "forgotten while it was there";
  const isPassedBy = scene.setup.hasFilter && side === 0 && scene.entryOf(key) === undefined;
  return isPassedBy ? "left the filter and was forgotten" : undefined;
}

/** The journal is lost and the row meets as for the first time: that never deletes. */
function isMeeting(scene: Scene, side: number, key: number): boolean {
  return scene.isForgetful && scene.entryOf(key)?.sides[side] === undefined;
}

function edit(scene: Scene, hand: Hand, row: NonNullable<NamedRow>): void {
  const { side, key, dice } = hand;
  const field = dice.pick(scene.columns(side).filter((column) => column !== "id"));
  const before = row[field] ?? null;
  let value: Value;
  if (field === "u") value = editList(scene, hand, membersOf(before));
  else if (field === "in") value = before !== true;
  else {
    scene.ledger.over(key, field, before, "edited by one who saw it");
    value = replace(scene, hand, field, before);
  }
  put(scene, side, key, { [field]: value });
  scene.machine.note(
    () =>
      `user ${side} edits ${key} ${field}: ${JSON.stringify(before)} -> ${JSON.stringify(value)}`,
  );
}

function editList(scene: Scene, { side, key, dice }: Hand, members: readonly number[]): Value {
  const { ledger } = scene;
  const isDoubted = scene.isDoubtful(side, key);
  if (members.length > 0 && dice.chance(0.4)) {
    const id = dice.pick(members);
    ledger.over(key, "u", [id], "removed by one who saw it");
    const over = isMeeting(scene, side, key) ? "journal lost" : undefined;
    ledger.add({ side, key, subject: "u-", id, isDoubted, over });
    return members.filter((member) => member !== id);
  }
  const id = ledger.newId();
  ledger.add({ side, key, subject: "u", id, isDoubted });
  return [...members, id].sort((a, b) => a - b);
}

/** A new value, or one that was there before. */
function replace(scene: Scene, hand: Hand, field: string, before: Value): Value {
  const { side, key, dice } = hand;
  const { ledger } = scene;
  const cell = ledger.cell(side, key);
  const past = (cell.past.get(field) ?? []).filter((value) => !same(value, before));
  let value: Value;
  if (past.length > 0 && dice.chance(0.15)) {
    value = dice.pick(past);
    ledger.typed(side, key, field, value);
    scene.machine.count("values put back");
    scene.putBack.add(`${key} ${field} ${idOf(value)}`);
    // It overrules like any edit, and nobody has to find it again: it may have been there anyway.
    const subject = field === "g" ? "g" : "f";
    ledger.add({ side, key, subject, id: idOf(value), over: "put back" });
  } else value = fresh(scene, hand, field, false);
  // What the engine has taken in since is no longer between this user and what is agreed.
  const isTaken = cell.looked >= cell.userVersion;
  const saw = (isTaken ? undefined : cell.saw.get(field)) ?? [];
  cell.saw.set(field, [...saw, before]);
  return value;
}

function fresh(scene: Scene, { side, key, dice }: Hand, field: string, isCreate: boolean): Value {
  const { ledger, setup } = scene;
  const id = ledger.newId();
  const isExact = setup.sides[side]?.storing === "exact" && dice.chance(0.8);
  const value = makeValue(id, {
    isText: field === "g" && setup.hasText,
    detail: isExact ? 1 + dice.int(9) : 0,
    isBad: field === "f" && setup.hasRules && dice.chance(0.2),
  });
  const isDoubted = scene.isDoubtful(side, key);
  const over = scene.fields.includes(field) ? undefined : "not mapped";
  ledger.add({ side, key, subject: field === "g" ? "g" : "f", id, isCreate, isDoubted, over });
  ledger.typed(side, key, field, value);
  return value;
}

function put(
  scene: Scene,
  side: number,
  key: number,
  row: { readonly [column: string]: Value },
): void {
  scene.replica(side).edit(COLLECTION, [key], row);
  scene.ledger.changed(side, key, scene.rowOf(side, key));
}
