// How a piece of work with the engine ends: a process that dies is followed by the next one.
import { isSyncError, type ErrorCode } from "../../core/errors.ts";
import { faultyJournal } from "./faulty-journal.ts";
import type { Oracle } from "./oracle.ts";
import type { Doing, Scene } from "./scene.ts";

/** How a piece of work ended. */
export type End = "done" | "crashed" | "failed";

/** One piece of work. */
export interface Attempt {
  readonly scene: Scene;
  readonly oracle: Oracle;
  readonly doing: Doing;
  /** What it may be refused with. */
  readonly codes: readonly ErrorCode[];
}

/** What faults make of a run. */
const INJECTED: readonly ErrorCode[] = ["REPLICA_UNAVAILABLE", "LIST_FAILED", "DISK_FULL"];

/** Lets the engine work until it is done, fails or dies; nothing else may stop it. */
export async function attempt(
  { scene, oracle, doing, codes }: Attempt,
  work: () => Promise<void>,
): Promise<End> {
  const { machine } = scene;
  scene.doing = doing;
  scene.sent = 0;
  oracle.begin();
  let end: End = "done";
  try {
    await work();
  } catch (error) {
    end = "failed";
    const isAllowed = codes.length > 0 && isSyncError(error, ...codes);
    const isInjected = machine.failures.size > 0 && isSyncError(error, ...INJECTED);
    if (machine.isDead) machine.note(() => "dead");
    else if (isAllowed || isInjected) machine.note(() => `stopped: ${error.code}`);
    else scene.fail("nothing stops", describe(error));
  }
  scene.doing = { kind: "nothing" };
  if (!machine.isDead) return end;
  await restart(scene, oracle);
  return "crashed";
}

/** The next process opens what the last one left. */
export async function restart(scene: Scene, oracle: Oracle): Promise<void> {
  scene.machine.isDead = false;
  await scene.link.journal.close();
  await scene.reopen((inner) => faultyJournal(scene, oracle, inner));
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${isSyncError(error) ? error.code : error.name}: ${error.message}\n${error.stack ?? ""}`;
}
