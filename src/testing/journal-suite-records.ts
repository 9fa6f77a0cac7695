// What a journal promises of facts, runs, plans and the history.
import { isSyncError } from "../core/errors.ts";
import { DROPPED_FACT } from "../engine/journal.ts";
import type { HistoryRecord, LinkJournal, PlanRecord, RunRecord } from "../engine/journal.ts";
import type { JournalClaim } from "./journal-suite.ts";

/** A change of the history; what is not said is the same in all of them. */
export function change(of: Partial<HistoryRecord>): HistoryRecord {
  const same = { pipeline: "p", key: "a", stamp: 1, run: "r1" };
  return { ...same, by: "ada", why: "because", changes: `["é😀"]`, ...of };
}

/** A run that has ended. */
export function run(id: string, of: Partial<RunRecord> = {}): RunRecord {
  const times = { started: 1_700_000_000_000, finished: 1_700_000_000_500 };
  return { id, kind: "run", ...times, status: "done", summary: "{}", ...of };
}

const LATE = 1_700_000_000_900;

/** The head of a plan. */
export function plan(id: string, hash: string, of: Partial<PlanRecord> = {}): PlanRecord {
  const made = 1_700_000_000_000;
  return { id, hash, made, config: "c", generation: 3, status: "ready", summary: "{}", ...of };
}

async function keysOfHistory(
  link: LinkJournal,
  of: Parameters<LinkJournal["history"]>[0] = {},
): Promise<readonly string[]> {
  const keys: string[] = [];
  for (let before: number | null = null; ;) {
    const page = await link.history(of, { before, limit: 2 });
    keys.push(...page.map(({ key }) => key));
    before = page.at(-1)?.seq ?? null;
    if (page.length < 2) return keys;
  }
}

/** Saves one change for each key, in runs as named. */
async function record(
  link: LinkJournal,
  ...changes: readonly (readonly [key: string, run: string, stamp: number])[]
): Promise<void> {
  const history = changes.map(([key, run, stamp]) => change({ key, run, stamp }));
  await link.commit({ history });
}

/** Claims about what is not an entry. */
export const RECORD_CLAIMS: readonly JournalClaim[] = [
  {
    name: "a fact is what was last said under its name, until it is forgotten",
    async holds({ assert, link }) {
      assert.equal(await link.fact("a"), undefined);
      const say = (name: string, value: string | null) => link.commit({ facts: [{ name, value }] });
      await say("a", "1");
      await say("A", "other");
      await say("a", "é😀");
      await say("empty", "");
      assert.equal(await link.fact("a"), "é😀");
      assert.equal(await link.fact("A"), "other");
      assert.equal(await link.fact("empty"), "");
      await say("a", null);
      await say("a", null);
      assert.equal(await link.fact("a"), undefined);
    },
  },
  {
    name: "runs come newest first, as they were last saved, whatever the clock said",
    async holds({ assert, link }) {
      const begun = run("r1", { started: 900, finished: null, status: "running", summary: "" });
      await link.commit({ runs: [begun] });
      await link.commit({ runs: [run("r2", { started: 100 }), run("r3", { started: 100 })] });
      await link.commit({ runs: [run("r1", { started: 900, status: "failed" })] });
      const runs = await link.runs(9);
      assert.deepEqual(runs, [
        run("r3", { started: 100 }),
        run("r2", { started: 100 }),
        run("r1", { started: 900, status: "failed" }),
      ]);
      assert.deepEqual(await link.runs(1), [runs[0]]);
    },
  },
  {
    name: "old runs are dropped, but none that goes on or is in the history",
    async holds({ assert, link }) {
      const going = run("going", { finished: null, status: "running" });
      await link.commit({ runs: [going, run("named"), run("b"), run("c"), run("d")] });
      await record(link, ["a", "named", 1]);
      assert.equal(await link.pruneRuns({ since: 0, countMax: 2 }), 1);
      const ids = async () => (await link.runs(9)).map(({ id }) => id);
      assert.deepEqual(await ids(), ["d", "c", "named", "going"]);
      assert.equal(await link.pruneRuns({ since: 0, countMax: 9 }), 0);
      await link.commit({ runs: [run("late", { finished: LATE })] });
      assert.equal(await link.pruneRuns({ since: LATE, countMax: 9 }), 2);
      assert.deepEqual(await ids(), ["late", "named", "going"]);
    },
  },
  {
    name: "a plan is found by its id, by a beginning of its id or hash, and as the latest",
    async holds({ assert, link }) {
      const [first, second, third] = [
        plan("p-aa1", "123f"),
        plan("p-ab2", "987f"),
        plan("q", "123f"),
      ];
      await link.commit({ plans: [first, second, third] });
      assert.deepEqual(await link.plan("latest"), third);
      assert.deepEqual(await link.plan("p-aa1"), first);
      assert.deepEqual(await link.plan("p-aa"), first);
      assert.deepEqual(await link.plan("98"), second);
      assert.deepEqual(await link.plan("123"), third, "of equal hashes the newest");
      assert.equal(await link.plan("nothing"), undefined);
      assert.equal(await link.plan(""), undefined);
      assert.equal(await link.plan("%"), undefined);
      await assert.rejects(link.plan("p-a"), (error) => isSyncError(error, "PLAN_UNKNOWN"));
      await link.commit({ plans: [plan("123", "555")] });
      assert.deepEqual(await link.plan("123"), plan("123", "555"), "an exact id before beginnings");
    },
  },
  {
    name: "a plan's head is replaced, its blocks stay, in order and in pages",
    async holds({ assert, link }) {
      await link.commit({ plans: [plan("a", "h", { status: "open" }), plan("b", "i")] });
      const blocks = [3, 0, 2, 1].map((seq) => ({ plan: "a", seq, body: `é${seq}` }));
      await link.commit({ blocks });
      await link.commit({ plans: [plan("a", "h2", { status: "ready" })] });
      await link.commit({ blocks: [{ plan: "a", seq: 3, body: "again" }] });
      assert.deepEqual(await link.plan("a"), plan("a", "h2", { status: "ready" }));
      assert.deepEqual(await link.plan("latest"), plan("b", "i"), "replacing makes none newer");
      assert.deepEqual(await link.blocks("a", -1, 2), [
        { seq: 0, body: "é0" },
        { seq: 1, body: "é1" },
      ]);
      assert.deepEqual(await link.blocks("a", 1, 9), [
        { seq: 2, body: "é2" },
        { seq: 3, body: "again" },
      ]);
      assert.deepEqual(await link.blocks("b", -1, 9), []);
    },
  },
  {
    name: "of plans and their blocks only the newest are kept",
    async holds({ assert, link }) {
      for (const id of ["a", "b", "c"]) {
        await link.commit({
          plans: [plan(id, `h${id}`)],
          blocks: [{ plan: id, seq: 0, body: id }],
        });
      }
      await link.prunePlans(2);
      assert.equal(await link.plan("a"), undefined);
      assert.deepEqual(await link.blocks("a", -1, 9), []);
      assert.deepEqual(await link.blocks("b", -1, 9), [{ seq: 0, body: "b" }]);
      assert.deepEqual(await link.plan("latest"), plan("c", "hc"));
    },
  },
  {
    name: "history comes newest first, of an entry, of a run or of all, in pages",
    async holds({ assert, link }) {
      await record(link, ["a", "r1", 1], ["b", "r1", 1], ["c", "r2", 2]);
      await record(link, ["a", "r2", 3], ["a", "r3", 2], ["b", "r3", 4]);
      await link.commit({ history: [change({ pipeline: "q", key: "a", run: "r3" })] });
      assert.deepEqual(await keysOfHistory(link), ["a", "b", "a", "a", "c", "b", "a"]);
      assert.deepEqual(await keysOfHistory(link, { run: "r2" }), ["a", "c"]);
      assert.deepEqual(await keysOfHistory(link, { pipeline: "q" }), ["a"]);
      const ofEntry = { pipeline: "p", key: "a" };
      assert.deepEqual(await keysOfHistory(link, ofEntry), ["a", "a", "a"]);
      assert.deepEqual(await keysOfHistory(link, { ...ofEntry, run: "r1" }), ["a"]);
      assert.deepEqual(await keysOfHistory(link, { pipeline: "unknown" }), []);
      const [newest] = await link.history({ pipeline: "p" }, { before: null, limit: 1 });
      const { seq, ...saved } = newest ?? { seq: 0 };
      assert.ok(seq > 0);
      assert.deepEqual(saved, change({ key: "b", run: "r3", stamp: 4 }));
    },
  },
  {
    name: "history is pruned by age and by count, from the oldest on",
    async holds({ assert, link }) {
      await record(link, ["a", "r1", 10], ["b", "r2", 20], ["c", "r3", 30], ["d", "r4", 40]);
      assert.equal(await link.pruneHistory({ since: 20, countMax: 9 }), 1);
      assert.equal(await link.pruneHistory({ since: 20, countMax: 9 }), 0);
      assert.equal(await link.pruneHistory({ since: 0, countMax: 2 }), 1);
      assert.deepEqual(await keysOfHistory(link), ["d", "c"]);
      assert.equal(await link.pruneHistory({ since: 99, countMax: 9 }), 2);
      const last = await link.history({}, { before: null, limit: 9 });
      assert.deepEqual(last, []);
      await record(link, ["e", "r5", 50]);
      assert.deepEqual(await keysOfHistory(link), ["e"]);
      assert.equal(await link.pruneHistory({ since: 0, countMax: 0 }), 1);
    },
  },
  {
    name: "a run's history is dropped whole or not at all",
    async holds({ assert, link }) {
      await record(link, ["a", "r1", 10], ["b", "r1", 11], ["c", "r2", 12], ["d", "r1", 13]);
      await record(link, ["e", "r2", 14], ["f", "r3", 15]);
      assert.equal(await link.pruneHistory({ since: 0, countMax: 2 }), 0);
      assert.equal(await link.pruneHistory({ since: 0, countMax: 1 }), 5);
      assert.deepEqual(await keysOfHistory(link), ["f"]);
    },
  },
  {
    name: "what is young is kept, even where an older stamp was saved after it",
    async holds({ assert, link }) {
      await record(link, ["a", "r1", 50], ["b", "r2", 10], ["c", "r3", 60]);
      assert.equal(await link.pruneHistory({ since: 40, countMax: 9 }), 0);
      assert.equal(await link.pruneHistory({ since: 55, countMax: 9 }), 2);
    },
  },
  {
    name: "the greatest stamp of all history that was dropped is a fact",
    async holds({ assert, link }) {
      await record(link, ["a", "r1", 5], ["b", "r2", 50], ["c", "r3", 10], ["d", "r4", 60]);
      assert.equal(await link.pruneHistory({ since: 0, countMax: 9 }), 0);
      assert.equal(await link.fact(DROPPED_FACT), undefined);
      await link.pruneHistory({ since: 0, countMax: 3 });
      assert.equal(await link.fact(DROPPED_FACT), "5");
      await link.pruneHistory({ since: 0, countMax: 2 });
      assert.equal(await link.fact(DROPPED_FACT), "50");
      await link.pruneHistory({ since: 0, countMax: 1 });
      assert.equal(await link.fact(DROPPED_FACT), "50", "it never goes back");
    },
  },
];
