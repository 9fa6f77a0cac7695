// A journal that is put back to an older copy. Whatever was agreed since is unknown to it; the
// markers of writes that landed since are all that can tell.
import type { MemoryImage } from "../memory-journal.ts";
import { restart } from "./attempt.ts";
import type { Oracle } from "./oracle.ts";
import type { Scene } from "./scene.ts";

/** A copy of the journal. */
export interface Kept {
  readonly image: MemoryImage;
  /** The runs that it knows: its own, and those whose markers it has found at its beginning. */
  readonly runs: ReadonlySet<string>;
}

/** Copies the journal. */
export function keepJournal({ journal }: Scene): Kept {
  const image = journal.snapshot();
  const runs = [...image.links.values()].flatMap(({ runs: own, facts }) => {
    const found = [...facts].filter(([name]) => name.startsWith("runs "));
    return [...own.keys(), ...found.flatMap(([, value]) => JSON.parse(value) as string[])];
  });
  return { image, runs: new Set(runs) };
}

/** Puts it back where a marker gives it away. False: nothing would, and it was left. */
export async function putBackJournal(
  scene: Scene,
  oracle: Oracle,
  { image, runs }: Kept,
): Promise<boolean> {
  const isEmpty = [...image.links.values()].every(({ pipelines }) => pipelines.size === 0);
  // With nothing in it it is a journal that was lost.
  if (isEmpty || scene.isRestored || !(await isGivenAway(scene, runs))) return false;
  scene.machine.count("journal older");
  scene.machine.note(() => "the journal is put back to an older copy");
  scene.isForgetful = true;
  scene.journal.restore(image);
  // That takes longer than a request lives: what landed after the rows had met would be told again.
  const late = scene.late.splice(0).filter(({ batch }) => runs.has(runOf(batch.id)));
  scene.late.push(...late);
  for (const edit of scene.ledger.edits) {
    const isWon = scene.setup.initial.startsWith("wins");
    // As where it is lost: a first meeting never deletes, and takes what it was told to.
    if (edit.subject === "here" || edit.subject === "u-" || isWon) edit.over ??= "journal older";
  }
  await restart(scene, oracle);
  for (const side of scene.setup.sides.keys()) scene.frozen.add(side);
  return true;
}

/** The last write that landed on some side is of a run after the copy. */
async function isGivenAway(scene: Scene, runs: ReadonlySet<string>): Promise<boolean> {
  const { signal } = new AbortController();
  for (const [side, { writable }] of scene.pipeline.sides.entries()) {
    if (!writable) continue;
    const newest = (await scene.replica(side).marks("world", signal)).at(-1);
    if (newest !== undefined && !runs.has(runOf(newest.id))) return true;
  }
  return false;
}

/** The batches of run `r7` are `r7-1`, `r7-2` and so on. */
const runOf = (batch: string): string => batch.split("-")[0] ?? "";
