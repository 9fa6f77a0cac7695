// The proof that sides agree, without asking the fold: every side is compared with the first one,
// whatever the journal says. The journal only tells which differences an open question explains.
// Where digests of whole ranges tell that rows are equal (ranges.ts), these are not read.
import { isAtRest } from "../core/fold.ts";
import { SyncError } from "../core/errors.ts";
import { showKey } from "../core/key.ts";
import { sameRow } from "../core/rows.ts";
import { same } from "../core/values.ts";
import { weightOf } from "../core/weight.ts";
import type { Key, Row, SideIndex } from "../core/state.ts";
import { freezing } from "./compare.ts";
import { makeContext, startCycle, type Context } from "./context.ts";
import { FLAGS } from "./journal.ts";
import type { Link, Side } from "./link.ts";
import type { VerifyOptions } from "./options.ts";
import { openRanges, type Ranges } from "./ranges.ts";
import { isUnseen } from "./recalled.ts";
import { PAGE_BYTES_MAX } from "./replica.ts";
import { listEntries, listSide } from "./stream.ts";
import type { EntryStream, RowStream, UnkeyedRows } from "./stream.ts";
import { isBroken } from "./unkeyed.ts";
import { isUnreadable } from "./view.ts";
import type { DifferenceView, FieldChange, VerifyCounts, VerifyView } from "./views.ts";

/**
 * Differences that are named one by one; more are only counted, and so is what comes after values
 * that weigh a page.
 */
export const DIFFERENCES_MAX = 100;
/** Rows between two reports of progress. */
const REPORT_ROWS = 10_000;

/** Compares every pair of first side and other side. Writes nothing. */
export async function verify(
  link: Link,
  options: VerifyOptions,
  signal: AbortSignal,
): Promise<VerifyView> {
  const start = await startCycle(link);
  const pipelines: { [name: string]: VerifyCounts } = {};
  const differences: DifferenceView[] = [];
  for (const pipeline of link.pipelines) {
    if (options.pipelines !== undefined && !options.pipelines.includes(pipeline.name)) continue;
    const unseen = pipeline.sides.find(isUnseen);
    if (unseen !== undefined) throw unverifiable(pipeline.name, unseen);
    const context = makeContext(link, pipeline, start, []);
    pipelines[pipeline.name] = await verifyOne(context, differences, options, signal);
  }
  return { pipelines, differences };
}

/** It would be compared with what the journal says, which is what it was told. */
function unverifiable(pipeline: string, { replica, shape }: Side): SyncError {
  const at = `${replica.name}.${shape.collection}`;
  const message = `${pipeline} cannot be verified: ${at} is only written, and shows nothing`;
  const hint = "Name the pipelines that can be; or let the API list its rows.";
  return new SyncError("USAGE", message, { where: at, hint });
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What was found so far. */
interface Found {
  readonly counts: Mutable<VerifyCounts>;
  readonly differences: DifferenceView[];
  /** How much the values of differences may still weigh. */
  room: number;
  /** So many entries were looked at, more of them since the last call. */
  readonly passed: (count: number) => void;
}

async function verifyOne(
  context: Context,
  differences: DifferenceView[],
  { onProgress, byRows }: VerifyOptions,
  signal: AbortSignal,
): Promise<VerifyCounts> {
  const pipeline = context.pipeline.name;
  const counts: Mutable<VerifyCounts> = {
    equal: 0,
    different: 0,
    onlySource: 0,
    onlyTarget: 0,
    rounded: 0,
    open: 0,
  };
  let done = 0;
  const passed = (count: number) => {
    const reports = Math.floor(done / REPORT_ROWS);
    done += count;
    if (Math.floor(done / REPORT_ROWS) === reports) return;
    signal.throwIfAborted();
    onProgress?.({ phase: "verify", pipeline, done });
  };
  const found: Found = { counts, differences, passed, room: PAGE_BYTES_MAX };
  const ranges = byRows === true ? undefined : await openRanges(context, signal);
  if (ranges === undefined) {
    const sides = context.pipeline.sides.map((side) => listSide(side, null, signal));
    await compareRows(context, { sides, after: null }, found);
    for (const [side, { unkeyed }] of sides.entries()) noteUnkeyed(context, side, unkeyed, found);
    for (const { others } of sides) counts.onlyTarget += others;
    return counts;
  }
  try {
    await compareRanges(context, ranges, found);
    for (const [side, rows] of ranges.unkeyed().entries()) {
      noteUnkeyed(context, side, rows, found);
    }
    return counts;
  } finally {
    await ranges.close();
  }
}

async function compareRanges(context: Context, ranges: Ranges, found: Found): Promise<void> {
  const { counts, passed } = found;
  const others = context.pipeline.sides.length - 1;
  counts.ranges = 0;
  counts.descended = 0;
  for await (const look of ranges.looks()) {
    counts.ranges += 1;
    if (look.isEqual) {
      counts.equal += look.rows * others;
      passed(look.rows);
      continue;
    }
    counts.descended += 1;
    await compareRows(context, { sides: ranges.rows(look), after: look.after }, found);
  }
}

interface Rows {
  readonly sides: readonly RowStream[];
  /** Entries are wanted from here on. */
  readonly after: Key | null;
}

/** Compares rows one by one, and closes their streams. */
async function compareRows(context: Context, { sides, after }: Rows, found: Found): Promise<void> {
  const { pipeline, link } = context;
  const known = listEntries(link.journal, pipeline.name, after);
  const streams = [...sides, known];
  const isFrozen = freezing(pipeline, context.view);
  try {
    for (const stream of streams) await stream.fill();
    for (;;) {
      const key = leastOf(sides);
      if (key === undefined) return;
      while (known.head !== undefined && known.head < key) if (!known.next()) await known.fill();
      // What left a filter that keeps is nobody's business: it may differ for ever.
      const isLeft = isFrozen(sides, key, true);
      if (!isLeft) count(context, { key, sides, known }, found);
      for (const stream of streams) if (stream.head === key && !stream.next()) await stream.fill();
      found.passed(1);
    }
  } finally {
    for (const stream of streams) await stream.close();
  }
}

function leastOf(sides: readonly RowStream[]): Key | undefined {
  let key: Key | undefined;
  for (const { head } of sides)
    if (head !== undefined && (key === undefined || head < key)) key = head;
  return key;
}

interface Here {
  readonly key: Key;
  readonly sides: readonly RowStream[];
  readonly known: EntryStream;
}

function count(context: Context, here: Here, found: Found): void {
  const { counts, differences } = found;
  const { key, known } = here;
  const first = lookAt(context, here, 0);
  const isOpen = known.head === key && (known.flags() & (FLAGS.asks | FLAGS.parked)) !== 0;
  for (let side = 1; side < here.sides.length; side++) {
    const other = lookAt(context, here, side);
    if (first === null && other === null) continue;
    const kind = first === null ? "onlyTarget" : other === null ? "onlySource" : "different";
    const isLegible = first?.row !== undefined && other?.row !== undefined;
    const changes = isLegible ? changesBetween(context, side, first.row, other.row) : [];
    const isRounded = changes.length > 0 && isStoredItsWay(context, here, side);
    if (isLegible && (changes.length === 0 || isRounded)) {
      counts.equal += 1;
      if (isRounded) counts.rounded += 1;
      continue;
    }
    counts[kind] += 1;
    if (isOpen) counts.open += 1;
    const isIllegible = [first, other].some((look) => look !== null && look.row === undefined);
    if (isIllegible) counts.unreadable = (counts.unreadable ?? 0) + 1;
    if (differences.length >= DIFFERENCES_MAX || found.room <= 0) continue;
    found.room -= weightOf(changes.flatMap(({ from, to }) => [from, to]));
    const name = context.pipeline.sides[side]?.name ?? "";
    const errors = [...errorsOf(context, 0, first), ...errorsOf(context, side, other)];
    differences.push({
      pipeline: context.pipeline.name,
      shown: showKey(key),
      kind,
      side: name,
      changes,
      ...(errors.length === 0 ? {} : { errors }),
      isOpen,
    });
  }
}

/** Rows that no other side can hold anything of. */
function noteUnkeyed(
  { pipeline }: Context,
  side: SideIndex,
  { count: more, named }: UnkeyedRows,
  { counts, differences }: Found,
): void {
  if (more === 0) return;
  counts.unkeyed = (counts.unkeyed ?? 0) + more;
  const of = { pipeline: pipeline.name, kind: "unkeyed", changes: [], isOpen: false } as const;
  for (const row of named) {
    if (differences.length >= DIFFERENCES_MAX) return;
    const errors = [isBroken(row) ? "it cannot be read" : "it has no key"];
    differences.push({ ...of, shown: row.where, side: pipeline.sides[side]?.name ?? "", errors });
  }
}

/**
 * I11: both sides still hold what they returned when they were told the agreed state. One of them
 * rounds or trims; nobody changed anything, and nothing is owed.
 */
function isStoredItsWay({ codec, view, policy }: Context, here: Here, side: SideIndex): boolean {
  const { key, known, sides } = here;
  if (known.head !== key) return false;
  const entry = codec.decode(known.body());
  return (
    isAtRest(entry, policy) &&
    [0, side].every((each) => {
      const own = sides[each]?.head === key ? sides[each].row() : null;
      const row = own === null ? null : view.see(each, own);
      return (
        (row === null || !isUnreadable(row)) && sameRow(entry.sides[each]?.shadow ?? null, row)
      );
    })
  );
}

/** What a side holds of an entry. */
interface Look {
  /** In the link's fields, also where it breaks rules; undefined: it cannot be read. */
  readonly row: Row | undefined;
  readonly errors: readonly string[];
}

/** null: nothing is there, or nothing inside the filter. */
function lookAt({ view }: Context, { key, sides }: Here, side: SideIndex): Look | null {
  const stream = sides[side];
  if (stream === undefined || stream.head !== key) return null;
  const own = stream.row();
  if (!view.isInside(side, own)) return null;
  const row = view.fields(side, own);
  return isUnreadable(row) ? { row: row.broken, errors: row.errors } : { row, errors: [] };
}

/** What is wrong with a row, in words: it cannot be read, or breaks rules. */
function errorsOf({ pipeline }: Context, side: SideIndex, look: Look | null): readonly string[] {
  if (look === null) return [];
  const broken = look.row?.flatMap((value, field) =>
    value === undefined ? [] : pipeline.broken(field, value),
  );
  const errors = look.errors.length > 0 ? look.errors : (broken ?? []);
  const name = pipeline.sides[side]?.name ?? "";
  return errors.map((error) => `${name}: ${error}`);
}

/** Fields on which two sides differ, each in its own way of storing (I11). */
function changesBetween(
  { pipeline, policy }: Context,
  side: SideIndex,
  first: Row,
  other: Row,
): FieldChange[] {
  const changes: FieldChange[] = [];
  const isFull = pipeline.memory === "full";
  for (const [field, name] of pipeline.fields.entries()) {
    const from = first[field];
    const to = other[field];
    if (from === undefined || to === undefined || same(from, to)) continue;
    const store = isFull ? policy.sides[side]?.store : undefined;
    if (store !== undefined && same(store(field, from), to)) continue;
    changes.push({ field: name, from, to });
  }
  return changes;
}
