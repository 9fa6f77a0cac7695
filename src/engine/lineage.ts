// Is this the journal from which the stores were written last? A store keeps the marker of the last
// batch that landed, and those that prove something yet, and a run is in the journal before it
// writes: a marker of a run that the journal does not know was left after the journal was copied,
// or by another journal of this link. It need not be the newest: a late write may land behind it.
import type { LinkJournal } from "./journal.ts";
import type { Link } from "./link.ts";
import type { Mark, Replica } from "./replica.ts";

/** What people call the journal where they say of systems which of them is right. */
export const JOURNAL = "journal";

/** What a person said of systems and of the journal. */
interface Said {
  readonly refill?: readonly string[];
}

/** True if the journal is to be brought up to date: what it remembers of rows is not believed. */
export const isForgetting = ({ refill = [] }: Said): boolean => refill.includes(JOURNAL);

/** Runs whose last batch may still land, or was the last to land, at most. */
const RUNS_MAX = 50;

const runsFact = (system: string): string => `runs ${system}`;

/** The name of a batch says which run it is of. */
export const batchName = (run: string, count: number): string => `${run}-${count}`;
const runOf = ({ id }: Mark): string => id.slice(0, id.lastIndexOf("-"));
const runsOf = (marks: readonly Mark[]): readonly string[] => [...new Set(marks.map(runOf))];

/** The systems that were written by a run that the journal does not know. */
export async function writtenUnknown(link: Link, signal: AbortSignal): Promise<readonly string[]> {
  // Nothing is remembered of any row: they meet for the first time, whoever wrote them.
  if ((await link.journal.pipelines()).length === 0) return [];
  const found: string[] = [];
  for (const [name, replica] of writtenBy(link)) {
    const known = await knownRuns(link.journal, name);
    if (known === undefined) continue;
    const runs = runsOf(await replica.marks(link.name, signal));
    if (runs.some((run) => !known.includes(run))) found.push(name);
  }
  return found;
}

/**
 * Goes down before the first write of a run: whatever it leaves in a store is known again. What an
 * unknown run had left is known from now on where a person has settled what became of it.
 */
export async function runFacts(
  link: Link,
  { run, settled }: { readonly run: string; readonly settled: ReadonlySet<string> },
  signal: AbortSignal,
): Promise<readonly { readonly name: string; readonly value: string }[]> {
  const isFirst = (await link.journal.pipelines()).length === 0;
  const facts: { name: string; value: string }[] = [];
  for (const [name, replica] of writtenBy(link)) {
    const left = runsOf(await replica.marks(link.name, signal));
    const before = await knownRuns(link.journal, name);
    const isSettled = isFirst || settled.has(name) || settled.has(JOURNAL);
    const kept = left.filter((one) => before?.includes(one) ?? true);
    const runs = [...(before ?? []).slice(1 - RUNS_MAX), run];
    // What has left a marker that is still there stays, however long ago that was.
    const known = [...(isSettled ? left : kept), ...runs];
    facts.push({ name: runsFact(name), value: JSON.stringify([...new Set(known)]) });
  }
  return facts;
}

async function knownRuns(
  journal: LinkJournal,
  system: string,
): Promise<readonly string[] | undefined> {
  const text = await journal.fact(runsFact(system));
  return text === undefined ? undefined : (JSON.parse(text) as string[]); // runFacts() wrote it
}

/** A side that only leads is never written, and may not let us look for markers. */
function writtenBy(link: Link): readonly (readonly [string, Replica])[] {
  return [...link.replicas].filter(([, replica]) =>
    link.pipelines.some(({ sides }) =>
      sides.some((side) => side.replica === replica && side.writable),
    ),
  );
}
