// The streaming merge-join: what the sides hold now, beside what the link remembers, key by key.
// A quiet row (every side still holds what is agreed) is compared where it lies and never becomes
// an object; whatever else is met becomes a candidate for the fold. Memory is a page per stream.
import type { Key, SideIndex } from "../core/state.ts";
import type { LinkJournal } from "./journal.ts";
import type { Pipeline } from "./link.ts";
import type { Folding } from "./folding.ts";
import { canLoad, type Candidate, type Fresh } from "./candidate.ts";
import { makeQuiet, type IsQuiet } from "./quiet.ts";
import { PAGE_BYTES_MAX } from "./replica.ts";
import {
  listEntries,
  listSide,
  type EntryStream,
  type RowStream,
  type SideStream,
  type UnkeyedRows,
} from "./stream.ts";
import type { View } from "./view.ts";

/** A stretch of the comparison. */
export interface Stretch {
  readonly candidates: readonly Candidate[];
  /** Entries at rest that were passed. */
  readonly unchanged: number;
  /** Rows that only followers hold, and that stay. */
  readonly extra: number;
  /** Entries outside the filter that are left as they are (`whenFilteredOut: keep`). */
  readonly outside: number;
  /** Rows of the source that nobody else holds or knows, where they may be loaded in bulk. */
  readonly fresh: Fresh;
}

/** What a comparison needs to know besides the pipeline. */
export interface CompareOptions {
  readonly view: View;
  readonly journal: LinkJournal;
  /** The layout of entries at rest; those of another one are candidates. */
  readonly layout: number;
  /** Only this key. */
  readonly key?: Key;
  /** Keys that another side takes for one. */
  readonly folding: Folding;
  /** Every row becomes a candidate: the plain way, to which the fast one is proved equal. */
  readonly isPlain?: boolean;
  /** Rows of followers that a first load left there, remembered or not. */
  readonly ours?: ReadonlySet<Key>;
  /** A side whose listing has ended, without a row. */
  readonly onEmpty: (side: SideIndex) => void;
  /** Rows without key of a side whose listing has ended. */
  readonly onUnkeyed: (side: SideIndex, rows: UnkeyedRows) => void;
}

/**
 * Candidates in one stretch, at most. It also ends where the pages that were read for it weigh
 * PAGE_BYTES_MAX: what it holds is of these.
 */
const STRETCH_MAX = 1000;
/** Entries passed in one stretch, at most. */
const UNCHANGED_MAX = 10_000;

/** Compares all sides of a pipeline with each other and with what is remembered. */
export async function* compare(
  pipeline: Pipeline,
  options: CompareOptions,
  signal: AbortSignal,
): AsyncGenerator<Stretch, void, undefined> {
  const sides = pipeline.sides.map((side) => listSide(side, null, signal));
  const known = listEntries(options.journal, pipeline.name, null);
  const streams = [...sides, known];
  const isQuiet = makeQuiet(pipeline, options.view, options.layout);
  const frozen = freezing(pipeline, options.view);
  const loads = !options.isPlain && canLoad(pipeline);
  const passes = !options.isPlain && options.key === undefined && options.folding.size === 0;
  const here: Here = { sides, known, isQuiet, isFrozen: frozen };
  let candidates: Candidate[] = [];
  let fresh: Fresh = { keys: [], owns: [] };
  let unchanged = 0;
  let extra = 0;
  let outside = 0;
  let before = 0;
  const drawn = (): number => streams.reduce((sum, stream) => sum + stream.drawn, 0);
  try {
    for (;;) {
      for (const stream of streams) if (stream.isUsedUp) await stream.fill();
      if (passes) {
        unchanged += passQuiet(here, UNCHANGED_MAX - unchanged - extra);
        for (const stream of streams) if (stream.isUsedUp) await stream.fill();
        if (loads) takeFresh(here, fresh, STRETCH_MAX - candidates.length);
        for (const stream of streams) if (stream.isUsedUp) await stream.fill();
      }
      const key = least(streams);
      if (key === undefined) break;
      if (options.key !== undefined && options.key !== key) {
        // A trial run of one entry passes the others by.
      } else if (
        known.head !== key &&
        pipeline.extra === "keep" &&
        options.ours?.has(key) !== true &&
        onlyFollowers(pipeline, sides, key)
      ) {
        extra += 1;
      } else if (options.folding.has(key)) {
        const rejected = options.folding.get(key) ?? "";
        candidates.push({ ...candidateAt(key, sides, known), rejected });
      } else if (!options.isPlain && isQuiet(sides, known, key)) {
        unchanged += 1;
      } else if (frozen(sides, key, known.head === key || options.ours?.has(key) === true)) {
        if (known.head === key) outside += 1;
      } else {
        const isOurs = options.ours?.has(key) === true;
        if (loads && !isOurs && isFresh(sides, known, key)) {
          fresh.keys.push(key);
          fresh.owns.push(sides[0]?.row() ?? []);
        } else {
          candidates.push({ ...candidateAt(key, sides, known), ...(isOurs ? { isOurs } : {}) });
        }
      }
      for (const stream of streams) if (stream.head === key) stream.next();
      const met = candidates.length + fresh.keys.length;
      const isFull = met >= STRETCH_MAX || unchanged + extra >= UNCHANGED_MAX;
      if (isFull || drawn() - before >= PAGE_BYTES_MAX) {
        signal.throwIfAborted();
        yield { candidates, unchanged, extra, outside, fresh };
        before = drawn();
        candidates = [];
        fresh = { keys: [], owns: [] };
        unchanged = extra = outside = 0;
      }
    }
    // Nothing here could ever be told of them: they are extra whatever else is.
    for (const { others } of sides) extra += others;
    yield { candidates, unchanged, extra, outside, fresh };
    sides.forEach((stream, side) => {
      if (stream.isEmpty()) options.onEmpty(side);
    });
  } finally {
    for (const stream of streams) await stream.close();
    sides.forEach((stream, side) => {
      if (stream.unkeyed.count > 0) options.onUnkeyed(side, stream.unkeyed);
    });
  }
}

interface Here {
  readonly sides: readonly SideStream[];
  readonly known: EntryStream;
  readonly isQuiet: IsQuiet;
  readonly isFrozen: ReturnType<typeof freezing>;
}

/** Passes entries at rest up to the first that is not, or to the end of a page; counts them. */
function passQuiet({ sides, known, isQuiet }: Here, max: number): number {
  let passed = 0;
  while (passed < max) {
    const key = known.head;
    if (key === undefined || !isQuiet(sides, known, key)) break;
    passed += 1;
    let isUsedUp = !known.next();
    for (let side = 0; side < sides.length; side++) {
      if (sides[side]?.next() !== true) isUsedUp = true;
    }
    if (isUsedUp) break;
  }
  return passed;
}

/** Takes fresh rows up to the first that is none, or to the end of a page. */
function takeFresh({ sides, known, isFrozen }: Here, fresh: Fresh, max: number): void {
  const [source, target] = sides;
  if (source === undefined || target === undefined) return;
  const [next, nextKnown] = [target.head, known.head];
  while (fresh.keys.length < max) {
    const key = source.head;
    if (key === undefined || (next !== undefined && key >= next)) return;
    if (nextKnown !== undefined && key >= nextKnown) return;
    if (source.at() !== 0) return; // as in isFresh
    if (!isFrozen(sides, key, false)) {
      fresh.keys.push(key);
      fresh.owns.push(source.row());
    }
    if (!source.next()) return;
  }
}

function least(streams: readonly { readonly head: Key | undefined }[]): Key | undefined {
  let key: Key | undefined;
  for (const { head } of streams) {
    if (head !== undefined && (key === undefined || head < key)) key = head;
  }
  return key;
}

/** Only the source holds it, and nothing is remembered of it. */
function isFresh(sides: readonly SideStream[], known: EntryStream, key: Key): boolean {
  const [source, target] = sides;
  if (known.head === key || source?.head !== key || target?.head === key) return false;
  // Positions are remembered, against older news: the plain way keeps them.
  return source.at() === 0;
}

/** A row that only followers hold, and of which nothing is known, stays where it is (rule 8). */
function onlyFollowers(pipeline: Pipeline, sides: readonly SideStream[], key: Key): boolean {
  return sides.every(
    (stream, side) => stream.head !== key || pipeline.sides[side]?.follows === true,
  );
}

type Seen = Pick<RowStream, "head" | "row">;

/**
 * A row outside the filter of which nothing is known is nobody's business here: a first meeting
 * never deletes. Where rows that leave the filter are kept, known ones are frozen as well.
 */
export function freezing(pipeline: Pipeline, view: View) {
  const owner = pipeline.sides.findIndex((side) => side.isInside !== undefined);
  const keeps = pipeline.whenFilteredOut === "keep";
  return (sides: readonly Seen[], key: Key, isKnown: boolean): boolean => {
    const stream = owner >= 0 && (keeps || !isKnown) ? sides[owner] : undefined;
    return stream?.head === key && !view.isInside(owner, stream.row());
  };
}

function candidateAt(key: Key, sides: readonly SideStream[], known: EntryStream): Candidate {
  return {
    key,
    body: known.head === key ? known.body() : undefined,
    text: known.head === key ? known.text() : undefined,
    looks: sides.map((stream) =>
      stream.head === key
        ? { own: stream.row(), at: stream.at(), stamp: stream.stamp() }
        : { own: null, isUnproven: stream.proof() === "paged" },
    ),
  };
}
