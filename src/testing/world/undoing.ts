// What may be gone once a person has turned something back: a deletion, a run, a whole side.
import { same } from "../../core/values.ts";
import type { Scene } from "./scene.ts";
import { idOf } from "./values.ts";

/** `--restore` took a deletion of this key back. */
export function restored(scene: Scene, key: number): boolean {
  if (scene.entryOf(key)?.set.at(-1)?.by !== "restore") return false;
  for (const edit of scene.ledger.of(key)) if (edit.subject === "here") edit.over ??= "restored";
  return true;
}

/** What was seen of this key may be undone. */
export function rolledBack(scene: Scene, key: number): boolean {
  scene.rolledBack.add(key);
  for (const edit of scene.ledger.of(key)) {
    // Where a deletion of ours may have landed, a user's is the same.
    const told = scene.entryOf(key)?.sides[edit.side]?.told ?? [];
    const isOurs = edit.subject === "here" && told.some(({ to }) => to === null);
    if (edit.seenAt !== undefined || isOurs) edit.over ??= "rolled back";
  }
  return true;
}

/** A row became what an old copy holds of it; `before`: what it was. */
export function revertRow(
  scene: Scene,
  { side, key, said }: { readonly side: number; readonly key: number; readonly said: string },
  before: ReturnType<Scene["rowOf"]>,
): void {
  const { ledger } = scene;
  const now = scene.rowOf(side, key);
  // Nor is a deletion known there that nobody had heard of.
  for (const edit of ledger.of(key)) {
    const isUnheard = edit.subject === "here" && edit.seenAt === undefined;
    if (isUnheard && edit.side === side) edit.over ??= "restored from an old copy";
  }
  if (JSON.stringify(now) === JSON.stringify(before)) return;
  for (const edit of ledger.of(key)) {
    if (said === "trust" || edit.side === side) edit.over ??= "restored from an old copy";
  }
  // Trusted, the copy is that side's word: what it lacks is deleted there, and policies hear that.
  if (said === "trust" && before !== null && now === null) {
    ledger.add({ side, key, subject: "here", id: -1, over: "restored from an old copy" });
  }
  for (const [field, value] of Object.entries(now ?? {})) {
    ledger.typed(side, key, field, value);
    if (said !== "trust" || (field !== "f" && field !== "g")) continue;
    if (before !== null && same(before[field], value)) continue;
    const over = "restored from an old copy";
    ledger.add({ side, key, subject: field, id: idOf(value), over });
  }
  ledger.changed(side, key, now);
  Object.assign(ledger.cell(side, key), { isAmbiguous: true, creation: undefined });
}
