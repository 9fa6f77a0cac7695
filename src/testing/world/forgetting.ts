// An entry of which nothing is remembered any more: what sides hold of it meets anew.
import type { Scene } from "./scene.ts";

/** A listing lied, it is outside the filter, or all is gone that the engine knows of. */
export function noteForgotten(scene: Scene, key: number): void {
  const { setup, ledger, met } = scene;
  const holders = setup.sides.flatMap((_, side) =>
    scene.rowOf(side, key) === null ? [] : [ledger.cell(side, key)],
  );
  if (holders.length > 0) met.add(key);
  if (setup.hasFilter && scene.rowOf(0, key) !== null) {
    for (const edit of ledger.of(key)) {
      if (edit.subject === "here" && edit.side !== 0) edit.over ??= "filtered out as well";
    }
  }
  // What users have made since is new.
  if (holders.some(({ creation }) => creation === undefined)) return;
  for (const edit of ledger.of(key)) if (edit.subject === "here") edit.over ??= "gone";
}
