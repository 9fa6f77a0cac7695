// Withheld deletions of earlier cycles, as far as today's verdict is about them.
import { isPassedBy } from "./candidate.ts";
import type { Context } from "./context.ts";
import { FLAGS } from "./journal.ts";
import { flagged, type Found } from "./questions.ts";
import { PAGE_ROWS_MAX } from "./replica.ts";

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
  let page: Found[] = [];
  for await (const found of all) {
    page.push(found);
    if (page.length < PAGE_ROWS_MAX) continue;
    yield* await inside(context, { owner, page }, signal);
    page = [];
  }
  if (page.length > 0) yield* await inside(context, { owner, page }, signal);
}

async function inside(
  { pipeline, view }: Context,
  { owner, page }: { readonly owner: number; readonly page: readonly Found[] },
  signal: AbortSignal,
): Promise<readonly Found[]> {
  const side = pipeline.sides[owner];
  if (side === undefined) return page;
  const keys = page.map(({ key }) => key);
  const { rows } = await side.replica.read(side.shape, keys, signal);
  return page.filter(({ key, text }, index) => {
    const own = rows[index] ?? null;
    const looks = pipeline.sides.map((_, at) => (at === owner ? { own } : undefined));
    return !isPassedBy(pipeline, view, { key, body: [], text, looks });
  });
}
