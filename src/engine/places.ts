// Where in the order of its store a side was last seen. Where that order counts anew (a store that
// went back, or is another one), places of before would keep what it holds from being seen.
import type { Entry } from "../core/state.ts";
import { makeContext, type Context, type CycleStart } from "./context.ts";
import type { EntryRecord } from "./journal.ts";
import type { Link } from "./link.ts";
import { withMemory } from "./parked.ts";
import { PAGE_ROWS_MAX } from "./replica.ts";
import { parseBodies } from "./stream.ts";

/** The entry without the places of those sides. The same, if it has none. */
export function withoutPlaces({ anew }: Pick<Context, "anew">, entry: Entry): Entry {
  let next = entry;
  for (const side of anew) {
    if ((next.sides[side]?.at ?? 0) === 0) continue;
    next = withMemory(next, side, (memory) => ({ ...memory, at: 0 }));
  }
  return next;
}

/**
 * Forgets them of every entry: a comparison passes some by (outside a filter that keeps them), and
 * meets them later. Broken off half way it is done again: until a run has gone over everything, the
 * link asks what the store is.
 */
export async function forgetPlaces(
  link: Link,
  start: CycleStart,
  signal: AbortSignal,
): Promise<void> {
  if ((start.anew?.size ?? 0) === 0) return;
  for (const pipeline of link.pipelines) {
    const context = makeContext(link, pipeline, start, []);
    if (context.anew.size === 0) continue;
    let after: EntryRecord["key"] | null = null;
    for (;;) {
      signal.throwIfAborted();
      const of = { after, limit: PAGE_ROWS_MAX };
      const { keys, bodies, flags } = await link.journal.entries(pipeline.name, of);
      const last = keys.at(-1);
      if (last === undefined) break;
      after = last;
      const records = parseBodies(bodies).flatMap((body, at): EntryRecord[] => {
        const entry = context.codec.decode(body);
        const next = withoutPlaces(context, entry);
        if (next === entry) return [];
        return [{ key: keys[at] ?? "", body: context.codec.encode(next), flags: flags[at] ?? 0 }];
      });
      if (records.length === 0) continue;
      await link.journal.commit({ entries: [{ pipeline: pipeline.name, records }] });
    }
  }
}
