// A cycle over what the sides' own logs report, instead of over whole listings. The cursor is saved
// with the outcomes of its page, and only then is the feed acknowledged (I3); a page that is read
// again after a crash finds its decisions taken. A cursor is the replica's own word for how far its
// commit order was read, never a time of ours (I12).
import type { Key, SideIndex } from "../core/state.ts";
import type { Carrier } from "./carry.ts";
import { canLoad, isPassedBy, type Candidate, type Look } from "./candidate.ts";
import { makeContext, readMarks, startCycle, type Context } from "./context.ts";
import { Counts } from "./counts.ts";
import { cursorFact, heardShapes, hears, noteLost, readCursor } from "./cursors.ts";
import { decide, type Decision } from "./decide.ts";
import { findAll } from "./find-all.ts";
import { guardStopped, Withheld } from "./guard.ts";
import { readHour } from "./hourly.ts";
import { checkIdentity, type Trust } from "./identity.ts";
import { judgeAll, type Part } from "./judge.ts";
import { FLAGS } from "./journal.ts";
import type { Link } from "./link.ts";
import { readLoads } from "./loads.ts";
import { readAll } from "./looks.ts";
import type { CycleOptions } from "./options.ts";
import type { FeedPage, Page, Replica } from "./replica.ts";
import { recorded, type Done } from "./recorded.ts";
import { Ripples } from "./ripples.ts";
import { writingSink } from "./run.ts";
import { summaryOf } from "./plan.ts";
import { skewNotes } from "./skew.ts";
import { parseBodies } from "./stream.ts";
import { sweep } from "./sweep.ts";
import type { RunView } from "./views.ts";
import { withheldNow } from "./withheld.ts";

/** What may be said to a run over logs. */
export type FeedOptions = Pick<CycleOptions, "allowDeletes" | "restore" | "onProgress"> & Trust;

/**
 * Reads every log to its present end, folds what changed, and writes what follows. Throws
 * CURSOR_LOST where a log has forgotten what comes next, until everything was compared once.
 */
export async function runFeed(
  link: Link,
  options: FeedOptions,
  signal: AbortSignal,
): Promise<RunView> {
  const { notes: told } = await checkIdentity(link, options, signal);
  const start = await startCycle(link, options);
  const parts: FeedPart[] = [];
  for (const pipeline of link.pipelines) {
    const context = makeContext(link, pipeline, start, await readMarks(link, pipeline, signal));
    const known = (await link.journal.count(pipeline.name)).entries;
    const hour = await readHour(context);
    const { ours } = canLoad(pipeline) ? await readLoads(context, 1) : { ours: new Set<Key>() };
    parts.push({ context, known, hour, ours, counts: new Counts(context), emptied: [] });
  }
  const contexts = parts.map(({ context }) => context);
  const work = async (carrier: Carrier): Promise<Done> => {
    const notes = [...told];
    const ripples = new Ripples(notes);
    for (const part of parts) await stopIfTripped(part, [], options, signal);
    for (const [name, replica] of link.replicas) {
      await readLog(carrier, { name, replica, parts, link, options, ripples }, signal);
    }
    await carrier.flush();
    const sink = writingSink(carrier, signal);
    const guards = await judgeAll({ link, parts, sink, options, notes, ripples }, signal);
    await sweep(link, carrier, contexts, {}, signal);
    const counts = new Map(parts.map(({ context, counts: of }) => [context.pipeline.name, of]));
    const summary = summaryOf(counts, null);
    const skews = parts.map(({ counts: of }) => of.skews);
    notes.push(...skewNotes({ env: link.env, stamp: start.stamp }, skews));
    return { planId: null, summary, guards, notes, whole: [], isDrained: false };
  };
  return recorded(link, { kind: "feed", start }, work, signal);
}

/** Each part counts what passed within the hour. */
type FeedPart = Part & Required<Pick<Part, "hour">> & Ours;

interface Ours {
  /** What a first load left in the target before it broke off; nothing is remembered of it. */
  readonly ours: ReadonlySet<Key>;
}

/**
 * With `onTrip: stop` a page is not written that would delete too much, with all that waits
 * already. The log is not read beyond it, and goes on there once a person has said so.
 */
async function stopIfTripped(
  { context, known, hour }: FeedPart,
  decisions: readonly Decision[],
  { allowDeletes, restore }: FeedOptions,
  signal: AbortSignal,
): Promise<void> {
  if (context.pipeline.guard.onTrip !== "stop" || restore === true) return;
  const now = new Set(decisions.map(({ key }) => key));
  const withheld = new Withheld();
  for (const { after } of decisions) withheld.add(context, after);
  if (withheld.count === 0 && decisions.length > 0) return;
  for await (const { key, entry } of withheldNow(context, signal)) {
    if (!now.has(key)) withheld.add(context, entry);
  }
  const [trip] = withheld.trips(context, { known, allowed: allowDeletes, hour });
  if (trip !== undefined) throw guardStopped(trip);
}

interface Log {
  readonly link: Link;
  readonly name: string;
  readonly replica: Replica;
  readonly parts: readonly FeedPart[];
  readonly options: FeedOptions;
  readonly ripples: Ripples;
}

/** Where a side of one of the link's pipelines is listening. */
interface Listener {
  readonly part: FeedPart;
  readonly side: SideIndex;
}

async function readLog(carrier: Carrier, log: Log, signal: AbortSignal): Promise<void> {
  const { link, name, replica } = log;
  const shapes = heardShapes(link, replica);
  if (shapes.length === 0) return;
  const cursor = await readCursor(link, name);
  try {
    for await (const page of replica.changes(shapes, cursor, signal)) {
      for (const listener of listenersOf(log, page)) {
        await takePage(carrier, { ...log, ...listener, page }, signal);
      }
      await carrier.save([{ name: cursorFact(name), value: page.cursor }]);
      await replica.acknowledge(page.cursor); // I3: only after the commit
    }
  } catch (error) {
    throw await noteLost(link, name, error);
  }
}

function listenersOf({ replica, parts }: Log, { collection }: FeedPage): readonly Listener[] {
  const isHeard = hears(replica);
  return parts.flatMap((part) =>
    [...part.context.pipeline.sides.entries()]
      .filter(([, side]) => isHeard(side) && side.shape.collection === collection)
      .map(([side]) => ({ part, side })),
  );
}

async function takePage(
  carrier: Carrier,
  { part, side, page, options, ripples }: Log & Listener & { readonly page: FeedPage },
  signal: AbortSignal,
): Promise<void> {
  const { link, pipeline } = part.context;
  // What was sent in this very run may have left its marker since the run began.
  const context = { ...part.context, marks: await readMarks(link, pipeline, signal) };
  await carrier.flush(); // a page may speak of what the one before it wrote
  const decisions: Decision[] = [];
  for (const candidate of await candidatesOf({ ...part, context }, side, page, signal)) {
    if (isPassedBy(context.pipeline, context.view, candidate)) continue;
    const decision = decide(context, candidate);
    if (decision === undefined) continue;
    decisions.push(decision);
  }
  if (decisions.length > 0) await stopIfTripped({ ...part, context }, decisions, options, signal);
  for (const decision of decisions) part.counts.add(decision);
  ripples.meet(context, decisions);
  if (decisions.length > 0) await carrier.carry(context, decisions, signal);
}

/** The last state of every key in a page, beside what is remembered of it (I13). */
async function candidatesOf(
  { context, ours }: Pick<FeedPart, "context"> & Ours,
  side: SideIndex,
  page: FeedPage,
  signal: AbortSignal,
): Promise<Candidate[]> {
  const keys = [...new Set(page.keys)];
  const known = await findAll(context.link.journal, context.pipeline.name, keys);
  const texts = new Map(keys.map((key, at) => [key, known[at]?.body ?? undefined]));
  const parsed = parseBodies(keys.map((key) => texts.get(key) ?? "null"));
  const isLogged = page.isNow !== true;
  const news = looksOf(page, { isLogged });
  // Where a replica has no order, where no position is remembered to compare with, and where a
  // write of ours may have landed unheard, a change is a hint: it may be older than what we knew
  // once, so its key is read before it is folded (rule 2).
  const hints = (isLogged ? keys : []).filter((_, at) => {
    const record = known[at];
    if (page.positions === undefined || record === undefined || record.body === null) return true;
    if ((record.flags & FLAGS.owes) !== 0) return true;
    return (context.codec.decode(parsed[at] ?? []).sides[side]?.at ?? 0) === 0;
  });
  const from = context.pipeline.sides[side];
  if (hints.length > 0 && from !== undefined) {
    const now = await readAll(from, hints, signal);
    for (const [key, look] of looksOf(now, { isLogged: false })) news.set(key, look);
  }
  const unknown = keys.filter((key) => texts.get(key) === undefined);
  const left = unknown.filter((key) => ours.has(key));
  const others = await readOthers(context, side, { keys, unknown, left }, signal);
  return keys.map((key, at) => {
    const look = news.get(key);
    const looks = others.map((other, of) => (of === side ? look : other?.get(key)));
    const text = texts.get(key);
    const isOurs = text === undefined && ours.has(key);
    const body = text === undefined ? undefined : parsed[at];
    return { key, text, body, looks, ...(isOurs ? { isOurs: true } : {}) };
  });
}

/**
 * What a log does not tell of the other sides. I4: one that cannot compare is read before it is
 * written, here wherever a log may lead to that. And with a filter a key may be known to nobody
 * because the row that another leading side holds was outside; where what is outside is kept, what
 * the others did to it meanwhile was passed by, and is found when the side that filters shows it.
 * What a first load left in the target before it broke off is nobody's either: its leader tells.
 */
function readOthers(
  { pipeline, policy }: Context,
  from: SideIndex,
  { keys, unknown, left }: Record<"keys" | "unknown" | "left", readonly Key[]>,
  signal: AbortSignal,
): Promise<readonly (ReadonlyMap<Key, Look> | undefined)[]> {
  const isLed = policy.member >= 0 && pipeline.sides[from]?.follows === false;
  const isFiltering = pipeline.sides[from]?.isInside !== undefined;
  const led = isFiltering && pipeline.whenFilteredOut === "keep" ? keys : unknown;
  return Promise.all(
    pipeline.sides.map(async ({ replica, shape, description, writable, follows }, other) => {
      if (other === from) return undefined;
      const isBlind = writable && description.capabilities.compareAndSet === "none";
      const asked = isBlind ? keys : follows ? [] : isLed ? led : left;
      if (asked.length === 0) return undefined;
      return looksOf(await readAll({ replica, shape }, asked, signal), { isLogged: false });
    }),
  );
}

/** The last look at every key of a page. */
function looksOf(
  { keys, rows, positions, stamps }: Page,
  { isLogged }: Required<Pick<Look, "isLogged">>,
): Map<Key, Look> {
  const looks = new Map<Key, Look>();
  for (const [index, key] of keys.entries()) {
    const own = rows[index] ?? null;
    looks.set(key, { own, at: positions?.[index] ?? 0, stamp: stamps?.[index], isLogged });
  }
  return looks;
}
