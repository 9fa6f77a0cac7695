// Replicas that are only written: a collection that shows nothing (`list: "none"`) is what the link
// remembers of it. Nobody else's edit is seen there, no row meets for the first time, and comparing
// it with what is remembered would prove nothing.
import { assert } from "../core/errors.ts";
import { ABSENT } from "../core/state.ts";
import type { Entry, Key, OwnRow, SideIndex } from "../core/state.ts";
import { weightOf } from "../core/weight.ts";
import { makeContext, type Context } from "./context.ts";
import { findAll } from "./find-all.ts";
import { readLayouts } from "./layout.ts";
import type { Link, Side } from "./link.ts";
import { passing } from "./passing.ts";
import { PAGE_BYTES_MAX, PAGE_ROWS_MAX, type Page, type Replica, type Shape } from "./replica.ts";
import { parseBodies } from "./stream.ts";

/** True for a side that nobody can look at. */
export function isUnseen({ description }: Pick<Side, "description">): boolean {
  return description.capabilities.list === "none";
}

/**
 * The same replica, whose collections that show nothing are listed and read as the link remembers
 * them. `linkOf` is asked once there is a link.
 */
export function recalled(replica: Replica, linkOf: () => Link): Replica {
  const plain = passing(replica);
  const recall = (shape: Shape) => recallIn(linkOf(), shape);
  return {
    ...plain,
    async *list(shape, after, signal) {
      const recalling = await recall(shape);
      if (recalling === undefined) yield* plain.list(shape, after, signal);
      else yield* listRecalled(recalling, after, signal);
    },
    async read(shape, keys, signal) {
      const recalling = await recall(shape);
      if (recalling === undefined) return plain.read(shape, keys, signal);
      return readRecalled(recalling, keys);
    },
  };
}

/** Whose memory is read. */
interface Recalling {
  readonly context: Context;
  readonly side: SideIndex;
  readonly shape: Shape;
}

/** undefined: the side shows its rows itself. */
async function recallIn(link: Link, shape: Shape): Promise<Recalling | undefined> {
  for (const pipeline of link.pipelines) {
    const side = pipeline.sides.findIndex((each) => each.shape === shape && isUnseen(each));
    if (side < 0) continue;
    const layouts = await readLayouts(link);
    const start = { run: "", stamp: 0, refill: new Set<string>(), layouts };
    return { context: makeContext(link, pipeline, start, []), side, shape };
  }
  return undefined;
}

async function* listRecalled(
  { context, side, shape }: Recalling,
  from: Key | null,
  signal: AbortSignal,
): AsyncGenerator<Page> {
  const { link, pipeline, codec } = context;
  const proof = "snapshot";
  for (let after = from; ;) {
    signal.throwIfAborted();
    const page = await link.journal.entries(pipeline.name, { after, limit: PAGE_ROWS_MAX });
    const to = page.keys.at(-1) ?? null;
    const rows = parseBodies(page.bodies).map((body) => rowIn(codec.decode(body), side, shape));
    const there = page.keys.filter((_, at) => rows[at] !== null);
    yield {
      keys: there,
      rows: rows.filter((row) => row !== null),
      covers: { after, to, proof },
    };
    if (to === null) return;
    after = to;
  }
}

async function readRecalled(
  { context, side, shape }: Recalling,
  keys: readonly Key[],
): Promise<Page> {
  const { link, pipeline, codec } = context;
  const found = await findAll(link.journal, pipeline.name, keys.slice(0, PAGE_ROWS_MAX));
  const rows: (OwnRow | null)[] = [];
  let bytes = 0;
  for (const record of found) {
    if (rows.length > 0 && bytes >= PAGE_BYTES_MAX) break;
    const [body] = parseBodies([record?.body ?? "null"]);
    assert(body !== undefined, "a body is a text of JSON");
    const isKnown = record !== undefined && record.body !== null;
    const row = isKnown ? rowIn(codec.decode(body), side, shape) : null;
    bytes += row === null ? 0 : weightOf(row);
    rows.push(row);
  }
  return { keys: keys.slice(0, rows.length), rows };
}

/** What was told and taken last. Of a column that only today's mapping has, nothing was. */
function rowIn({ sides }: Entry, side: SideIndex, { columns }: Shape): OwnRow | null {
  const memory = sides[side];
  if (memory === undefined || memory.shadow === null) return null;
  return memory.own ?? columns.map(() => ABSENT);
}
