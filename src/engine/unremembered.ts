// A journal of which a person said that it is older than the stores: nothing that it remembers of
// rows is believed, so that they meet for the first time. What was recorded of earlier runs stays.
import { cursorFact, hearsAny, lostFact } from "./cursors.ts";
import type { Stamp } from "../core/state.ts";
import { DROPPED_FACT, type Commit, type LinkJournal } from "./journal.ts";
import type { Link } from "./link.ts";
import { loadedFacts } from "./loads.ts";
import { PAGE_ROWS_MAX } from "./replica.ts";
import { sinceFact } from "./since.ts";

/** The link as if nothing were remembered of any row. Nothing is forgotten by that. */
export function unremembered(link: Link): Link {
  const { journal } = link;
  const seen: LinkJournal = {
    link: journal.link,
    entries: async () => ({ keys: [], bodies: [], flags: [] }),
    find: async (_, keys) => keys.map(() => undefined),
    count: async () => ({ entries: 0, flags: new Map() }),
    pipelines: () => journal.pipelines(),
    fact: (name) => journal.fact(name),
    generation: () => journal.generation(),
    commit: (commit) => journal.commit(commit),
    runs: (limit) => journal.runs(limit),
    history: (of, page) => journal.history(of, page),
    pruneHistory: (keep) => journal.pruneHistory(keep),
    pruneRuns: (keep) => journal.pruneRuns(keep),
    plan: (id) => journal.plan(id),
    blocks: (plan, after, limit) => journal.blocks(plan, after, limit),
    prunePlans: (countMax) => journal.prunePlans(countMax),
    forget: (pipeline) => journal.forget(pipeline),
    close: () => journal.close(),
  };
  return { ...link, journal: seen };
}

/**
 * Forgets what is remembered of every row, and where logs were read to. What was recorded before
 * this moment is no account of what there was: changes after it are missing. Broken off half way
 * it is done again: until a run has gone over everything, the link asks what the journal is.
 */
export async function forgetRows(link: Link, now: Stamp): Promise<void> {
  const { journal } = link;
  const names = await journal.pipelines();
  const facts: NonNullable<Commit["facts"]>[number][] = [...loadedFacts(names)];
  for (const name of names) facts.push({ name: sinceFact(name), value: null });
  facts.push({ name: DROPPED_FACT, value: String(now) });
  for (const [system, replica] of link.replicas) {
    if (!hearsAny(link, replica)) continue;
    facts.push({ name: cursorFact(system), value: null }, { name: lostFact(system), value: "" });
  }
  await journal.commit({ facts });
  for (const pipeline of names) {
    for (;;) {
      const { keys } = await journal.entries(pipeline, { after: null, limit: PAGE_ROWS_MAX });
      if (keys.length === 0) break;
      const records = keys.map((key) => ({ key, body: null, flags: 0 }));
      await journal.commit({ entries: [{ pipeline, records }] });
    }
  }
}
