// Where logs are read on. A log and a listing join without gap: where a log stands is asked before
// the listing begins, and becomes the cursor once everything was compared. A log that has forgotten
// what comes next is not read again before that.
import { isSyncError, SyncError } from "../core/errors.ts";
import { checkIdentity, type Trust } from "./identity.ts";
import { isForgetting } from "./lineage.ts";
import type { Link, Side } from "./link.ts";
import type { Cursor, Replica, Shape } from "./replica.ts";

/** Facts to be saved. */
type Facts = readonly { readonly name: string; readonly value: string | null }[];

/** By system, where its log stood before everything was compared. */
export type Heads = ReadonlyMap<string, Cursor>;

/** The name of the fact that keeps a system's cursor. */
export const cursorFact = (system: string): string => `cursor ${system}`;
/** The name of the fact that a system's log is of no use before all was compared. */
export const lostFact = (system: string): string => `cursor lost ${system}`;

/** True for a side of this system whose changes it tells by itself. */
export const hears =
  (replica: Replica) =>
  (side: Side): boolean =>
    side.replica === replica &&
    (side.description.capabilities.log || side.description.capabilities.since === true);

/** True for a system whose log the link reads. */
export const hearsAny = ({ pipelines }: Link, replica: Replica): boolean =>
  pipelines.some(({ sides }) => sides.some(hears(replica)));

/** What a system's log is asked for. */
export function heardShapes(link: Link, replica: Replica): readonly Shape[] {
  return link.pipelines.flatMap(({ sides }) =>
    sides.filter(hears(replica)).map(({ shape }) => shape),
  );
}

/**
 * Asks those logs for where they stand that have no cursor to go on from, and whose every pipeline
 * is compared from end to end. Of systems that went back what is remembered is void. Throws where a
 * system is another one than it was.
 */
export async function readHeads(
  link: Link,
  { whole, said }: { readonly whole: readonly string[]; readonly said: Trust },
  signal: AbortSignal,
): Promise<Heads> {
  const heads = new Map<string, Cursor>();
  const named = [...(said.trust ?? []), ...(said.refill ?? [])];
  const anew = new Set(isForgetting(said) ? link.replicas.keys() : named);
  for (const [name, replica] of link.replicas) {
    const listening = link.pipelines.filter(({ sides }) => sides.some(hears(replica)));
    const isWhole = listening.every((pipeline) => whole.includes(pipeline.name));
    if (replica.head === undefined || listening.length === 0 || !isWhole) continue;
    const cursor = anew.has(name) ? undefined : await link.journal.fact(cursorFact(name));
    if (cursor !== undefined) continue;
    // A log that keeps changes for us from now on is one that we know.
    if (heads.size === 0) await checkIdentity(link, said, signal);
    heads.set(name, await replica.head(heardShapes(link, replica), signal));
  }
  return heads;
}

/** What is remembered of these logs, now that all they told before was compared. */
export function headFacts(heads: Heads): Facts {
  return [...heads].flatMap(([name, cursor]) => [
    { name: cursorFact(name), value: cursor },
    { name: lostFact(name), value: null },
  ]);
}

/** I3: only after the commit of their facts. */
export async function acknowledgeHeads(link: Link, heads: Heads): Promise<void> {
  for (const [name, cursor] of heads) await link.replicas.get(name)?.acknowledge(cursor);
}

/** The cursor of a system; undefined: its log is read from its beginning. Throws CURSOR_LOST. */
export async function readCursor({ journal }: Link, name: string): Promise<Cursor | undefined> {
  if ((await journal.fact(lostFact(name))) !== undefined) throw lost(name, undefined);
  return await journal.fact(cursorFact(name));
}

/** Remembers that a log is of no use before all was compared, if that is what an error says. */
export async function noteLost(link: Link, name: string, error: unknown): Promise<unknown> {
  if (!isSyncError(error, "CURSOR_LOST")) return error;
  const facts = [
    { name: cursorFact(name), value: null },
    { name: lostFact(name), value: "" },
  ];
  await link.journal.commit({ facts });
  return lost(name, error);
}

function lost(name: string, cause: unknown): SyncError {
  const message = `the log of ${name} no longer holds what comes next`;
  return new SyncError("CURSOR_LOST", message, {
    where: name,
    hint: "Compare everything once: `syncline run`. The log is read on from there.",
    ...(cause === undefined ? {} : { cause }),
  });
}
