// Are these still the systems that the journal knows? Another identity, or a store that went back
// to an older life, stops the link until a person says which side tells the truth.
import { SyncError } from "../core/errors.ts";
import type { LinkJournal } from "./journal.ts";
import { isForgetting, JOURNAL, writtenUnknown } from "./lineage.ts";
import type { Link } from "./link.ts";
import type { CycleOptions } from "./options.ts";
import { NO_COLUMNS } from "./replica.ts";
import type { Replica } from "./replica.ts";
import type { Note } from "./views.ts";

/** Facts to be saved with the next commit, and what a person should read. */
export interface Checked {
  readonly facts: readonly { readonly name: string; readonly value: string | null }[];
  readonly notes: readonly Note[];
}

/**
 * What a person said about systems that changed their identity or went back. `journal` stands for
 * the journal: trusted, what it remembers is what was agreed; refilled, rows meet anew.
 */
export interface Trust {
  /** What they hold now is the truth: differences are edits (deletions under the guard). */
  readonly trust?: readonly string[];
  /** They are to be brought up to date: what they hold now is overwritten. */
  readonly refill?: readonly string[];
}

/**
 * Compares every system of a link with what the journal remembers of it, and the journal with what
 * was left in the systems. Throws, exit 5.
 */
export async function checkIdentity(
  link: Link,
  said: Trust,
  signal: AbortSignal,
): Promise<Checked> {
  const settled = new Set([...(said.trust ?? []), ...(said.refill ?? [])]);
  const { facts, notes, changed } = await checkSystems(link, settled, signal);
  return { facts, notes: [...notes, ...(await checkJournal(link, { said, changed }, signal))] };
}

type Names = ReadonlySet<string>;

/** `changed`: what they hold now is not what was written to them last. */
async function checkSystems(
  link: Link,
  settled: Names,
  signal: AbortSignal,
): Promise<Checked & { readonly changed: Names }> {
  const facts: { name: string; value: string | null }[] = [];
  const notes: Note[] = [];
  const changed = new Set<string>();
  for (const [name, replica] of link.replicas) {
    const { identity, epoch, isOther, wentBack } = await identify(link, name, replica, signal);
    if ((isOther || wentBack) && !settled.has(name))
      throw isOther ? otherIdentity(name) : older(name);
    const isUnsettled = (await link.journal.fact(unsettledFact(name))) !== undefined;
    if (isUnsettled && !settled.has(name)) throw unsettled(name);
    if (isOther || wentBack || isUnsettled) changed.add(name);
    if (isOther) notes.push(noteOf("IDENTITY_CHANGED", `${name} is another database than before`));
    if (wentBack) notes.push(noteOf("EPOCH_WENT_BACK", `${name} was restored from an older copy`));
    // One that has none any more is known by that: what was settled of it is settled for good.
    facts.push({ name: identityFact(name), value: identity ?? null });
    facts.push({ name: epochFact(name), value: String(epoch) });
  }
  return { facts, notes, changed };
}

/** Throws where stores were written by runs of which the journal knows nothing. */
async function checkJournal(
  link: Link,
  { said, changed }: { readonly said: Trust; readonly changed: Names },
  signal: AbortSignal,
): Promise<readonly Note[]> {
  if (isForgetting(said)) {
    const text = "what the journal remembers of rows is forgotten: they meet for the first time";
    return [noteOf("JOURNAL_REPLACED", text)];
  }
  if (said.trust?.includes(JOURNAL) === true) {
    const text = "what the journal remembers counts, also where it is older than its systems";
    return [noteOf("JOURNAL_REPLACED", text)];
  }
  const unknown = (await writtenUnknown(link, signal)).filter((name) => !changed.has(name));
  if (unknown.length > 0) throw olderJournal(unknown);
  const isUnsettled = (await link.journal.fact(unsettledFact(JOURNAL))) !== undefined;
  if (isUnsettled) throw unsettledJournal();
  return [];
}

/** What a system says it is, beside what is remembered of it. */
interface Identified {
  readonly identity: string | undefined;
  readonly epoch: number;
  readonly isOther: boolean;
  readonly wentBack: boolean;
}

async function identify(
  { journal }: Link,
  name: string,
  replica: Replica,
  signal: AbortSignal,
): Promise<Identified> {
  const { identity, epoch } = await replica.describe(signal, NO_COLUMNS);
  const [knownIdentity, knownEpoch] = await Promise.all([
    journal.fact(identityFact(name)),
    journal.fact(epochFact(name)),
  ]);
  const isOther = knownIdentity !== undefined && identity !== knownIdentity;
  // An identity that has just appeared counts its epochs anew.
  const isComparable = knownEpoch !== undefined && identity === knownIdentity;
  return { identity, epoch, isOther, wentBack: isComparable && epoch < Number(knownEpoch) };
}

/**
 * Remembers what a system is now where it was known as what it was just before: we took away what
 * told it, and it is still the same one.
 */
export async function learnIdentity(
  journal: LinkJournal,
  { replica, before }: { readonly replica: Replica; readonly before: string | undefined },
  signal: AbortSignal,
): Promise<void> {
  const { name } = replica;
  const known = await journal.fact(identityFact(name));
  if (known === undefined || known !== before) return;
  const { identity = null, epoch } = await replica.describe(signal, NO_COLUMNS);
  const facts = [
    { name: identityFact(name), value: identity },
    { name: epochFact(name), value: String(epoch) },
  ];
  await journal.commit({ facts });
}

const identityFact = (system: string): string => `identity ${system}`;
const epochFact = (system: string): string => `epoch ${system}`;
const unsettledFact = (system: string): string => `unsettled ${system}`;

/** Of what a person spoke of: systems that are not what they were, and the journal. */
export async function toBeSettled(link: Link, said: Names, signal: AbortSignal): Promise<Names> {
  const names = new Set<string>();
  for (const [name, replica] of link.replicas) {
    if (!said.has(name)) continue;
    const isUnsettled = (await link.journal.fact(unsettledFact(name))) !== undefined;
    const { isOther, wentBack } = await identify(link, name, replica, signal);
    if (isOther || wentBack || isUnsettled) names.add(name);
  }
  if (said.has(JOURNAL)) names.add(JOURNAL);
  return names;
}

/**
 * Goes down before the first write of a run that was told what these are: our own writes move an
 * epoch on, so that a run that ends half way would hide that the rest is still as it was.
 */
export const unsettledFacts = (names: Names): Checked["facts"] =>
  [...names].map((name) => ({ name: unsettledFact(name), value: "" }));

/** Forgets it of every system all of whose pipelines a run has gone over from end to end. */
export function settledFacts(
  link: Link,
  whole: readonly string[],
): readonly { readonly name: string; readonly value: null }[] {
  const others = link.pipelines.filter(({ name }) => !whole.includes(name));
  const partly = new Set(others.flatMap(({ sides }) => sides.map(({ replica }) => replica.name)));
  const settled = [...link.replicas.keys()].filter((name) => !partly.has(name));
  if (others.length === 0) settled.push(JOURNAL);
  return settled.map((system) => ({ name: unsettledFact(system), value: null }));
}

/** The pipelines that a cycle with these options goes over from end to end. */
export function wholePipelines(
  link: Link,
  { pipelines, key, limit }: Pick<CycleOptions, "pipelines" | "key" | "limit">,
): readonly string[] {
  if (key !== undefined || limit !== undefined) return [];
  const names = link.pipelines.map(({ name }) => name);
  return names.filter((name) => pipelines?.includes(name) ?? true);
}

/** The facts of every system as they are after a run, and which collections are there. */
export async function identityFacts(link: Link, signal: AbortSignal): Promise<Checked["facts"]> {
  const { facts } = await checkSystems(link, new Set(link.replicas.keys()), signal);
  const there: { name: string; value: string }[] = [];
  for (const [system, replica] of link.replicas) {
    const { collections } = await replica.describe(signal, NO_COLUMNS);
    for (const { name, sides } of link.pipelines) {
      for (const { replica: of, shape } of sides) {
        const found = of.name === system ? collections.get(shape.collection) : undefined;
        if (found === undefined || found.isPending === true) continue;
        there.push({ name: thereFact(name, system, shape.collection), value: "" });
      }
    }
  }
  return [...facts, ...there];
}

/** Says that a pipeline has seen a collection: gone, it is not one that is still to be made. */
export const thereFact = (pipeline: string, system: string, collection: string): string =>
  `there ${pipeline} ${system}.${collection}`;

function noteOf(code: string, text: string): Note {
  return { code, pipeline: null, text };
}

function otherIdentity(name: string): SyncError {
  return new SyncError("IDENTITY_CHANGED", `${name} is not the database that this link knows`, {
    hint:
      `If it was replaced on purpose: --trust ${name} takes what it holds now as the truth, ` +
      `--refill ${name} brings it up to date. Nothing was written.`,
  });
}

function unsettled(name: string): SyncError {
  return new SyncError(
    "EPOCH_WENT_BACK",
    `${name} was replaced or restored, and no run since has gone over all of it`,
    {
      hint:
        `Say again which side tells the truth, in a run over everything: --refill ${name} brings ` +
        `it up to date, --trust ${name} takes what it holds as the truth. Nothing was written.`,
    },
  );
}

function older(name: string): SyncError {
  return new SyncError(
    "EPOCH_WENT_BACK",
    `${name} is older than at the last run: it was restored from a copy`,
    {
      hint:
        `Say which side tells the truth: --refill ${name} brings it up to date, ` +
        `--trust ${name} takes what it lost as undone. Nothing was written.`,
    },
  );
}

function olderJournal(systems: readonly string[]): SyncError {
  const [first = ""] = systems;
  const whose = systems.length === 1 ? first : systems.join(" and ");
  return new SyncError(
    "JOURNAL_REPLACED",
    `the journal is older than what was written to ${whose}, or is not the one that wrote there`,
    {
      hint:
        `The last run that wrote to ${first} is not in the journal: it was put back from a ` +
        "copy, or another journal is used for the same systems. Use the newest journal if you " +
        "have it. Else say what this one is:\n" +
        HINT_JOURNAL,
    },
  );
}

function unsettledJournal(): SyncError {
  const message = "the journal was older than its systems, and no run since has gone over all";
  return new SyncError("JOURNAL_REPLACED", message, {
    hint: `Say again what it is, in a run over everything:\n${HINT_JOURNAL}`,
  });
}

const HINT_JOURNAL =
  "--refill journal  rows meet for the first time: equal ones are adopted, none counts as gone.\n" +
  "--trust journal   what it remembers was agreed last: what differs counts as edited.\n" +
  "Nothing was written.";
