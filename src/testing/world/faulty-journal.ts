// A journal on a machine that may die before and after every commit, and whose disk may be full.
import { SyncError } from "../../core/errors.ts";
import type { LinkJournal } from "../../engine/journal.ts";
import type { Oracle } from "./oracle.ts";
import type { Scene } from "./scene.ts";

/** The journal as a process sees it: dead, it sees nothing more. */
export function faultyJournal(scene: Scene, oracle: Oracle, inner: LinkJournal): LinkJournal {
  const { machine } = scene;
  const alive = async <T>(work: () => Promise<T>): Promise<T> => {
    machine.alive();
    return await work();
  };
  return {
    link: inner.link,
    async commit(commit) {
      machine.boundary("before a commit");
      if (machine.happens("diskFull")) {
        machine.count("disk full");
        throw new SyncError("DISK_FULL", "there is no space left");
      }
      await inner.commit(commit);
      oracle.saved(commit);
      machine.boundary("after a commit");
    },
    entries: (pipeline, range) => alive(() => inner.entries(pipeline, range)),
    find: (pipeline, keys) => alive(() => inner.find(pipeline, keys)),
    count: (pipeline) => alive(() => inner.count(pipeline)),
    pipelines: () => alive(() => inner.pipelines()),
    fact: (name) => alive(() => inner.fact(name)),
    generation: () => alive(() => inner.generation()),
    runs: (limit) => alive(() => inner.runs(limit)),
    history: (of, page) => alive(() => inner.history(of, page)),
    pruneHistory: (keep) => alive(() => inner.pruneHistory(keep)),
    pruneRuns: (keep) => alive(() => inner.pruneRuns(keep)),
    plan: (id) => alive(() => inner.plan(id)),
    blocks: (plan, after, limit) => alive(() => inner.blocks(plan, after, limit)),
    prunePlans: (countMax) => alive(() => inner.prunePlans(countMax)),
    forget: (pipeline) => alive(() => inner.forget(pipeline)),
    close: () => inner.close(),
  };
}
