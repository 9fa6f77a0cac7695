// Withheld deletions of earlier cycles, as far as today's verdict is about them.
import { isPassedBy } from "./candidate.ts";
import type { Context } from "./context.ts";
import { FLAGS } from "./journal.ts";
import { inPages } from "./in-pages.ts";
import { readSome } from "./looks.ts";
import { flagged, type Found } from "./questions.ts";

/**
 * What waits for the guard's verdict. Entries that have left a filter which keeps what leaves it
 * are frozen: their deletion waits until they are back, as it does in a comparison.
 */
export async function* withheldNow(context: Context, signal: AbortSignal): AsyncGenerator<Found> {
  const { sides, whenFilteredOut } = context.pipeline;
  const owner = sides.findIndex((side) => side.isInside !== undefined);
  const all = flagged(context, FLAGS.withheld);
  if (owner < 0 || whenFilteredOut !== "keep") {
    yield* all;
    return;
  }
  for await (const page of inPages(all, ({ text }) => text.length)) {
    for (let left = page; left.length > 0;) {
      const { kept, count } = await inside(context, { owner, page: left }, signal);
      yield* kept;
      left = left.slice(count);
    }
  }
}

async function inside(
  { pipeline, view }: Context,
  { owner, page }: { readonly owner: number; readonly page: readonly Found[] },
  signal: AbortSignal,
): Promise<{ readonly kept: readonly Found[]; readonly count: number }> {
  const side = pipeline.sides[owner];
  if (side === undefined) return { kept: page, count: page.length };
  const keys = page.map(({ key }) => key);
  const { rows } = await readSome(side, keys, signal);
  const kept = page.slice(0, rows.length).filter(({ key, text }, index) => {
    const own = rows[index] ?? null;
    const looks = pipeline.sides.map((_, at) => (at === owner ? { own } : undefined));
    return !isPassedBy(pipeline, view, { key, body: [], text, looks });
  });
  return { kept, count: rows.length };
}
