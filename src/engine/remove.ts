// How a pipeline is taken away.
import { learnIdentity } from "./identity.ts";
import type { LinkJournal } from "./journal.ts";
import type { Link } from "./link.ts";
import { NO_COLUMNS } from "./replica.ts";
import { sinceFact } from "./since.ts";

/**
 * Takes a pipeline away: its memory, and what it left in stores that no other pipeline needs. A
 * store that nobody writes any more loses its identity with that: `beside`, the journals of other
 * links, learn what it is now where they know it. They are open for writing.
 */
export async function removePipeline(
  link: Link,
  name: string,
  beside: readonly LinkJournal[] = [],
): Promise<void> {
  const { signal } = new AbortController();
  const rest = link.pipelines.filter((pipeline) => pipeline.name !== name);
  const kept = new Set(rest.flatMap(({ sides }) => sides.map(({ replica }) => replica)));
  const gone = link.pipelines.filter((pipeline) => pipeline.name === name);
  const others = beside.filter((journal) => journal.link !== link.journal.link);
  // With the same name again, its rows meet for the first time: all of them.
  await link.journal.commit({ facts: [{ name: sinceFact(name), value: null }] });
  await link.journal.forget(rest.length === 0 ? undefined : name);
  for (const { replica, writable } of gone.flatMap(({ sides }) => sides)) {
    if (!writable || kept.has(replica)) continue;
    const { identity } = await replica.describe(signal, NO_COLUMNS);
    await replica.forget(link.name);
    for (const journal of others)
      await learnIdentity(journal, { replica, before: identity }, signal);
  }
}
