// First loads, rows from end to end: one-way creates under keys that no follower holds and of which
// nothing is remembered. The one exception to I1: they are written first and remembered with their
// outcome; after a crash the batch's rows meet as a first meeting, and what is equal is adopted;
// what its source has deleted meanwhile is known by the batch's marker (loads.ts).
// Whatever is not plainly this goes the plain way (decide.ts), to which this is proved equal.
import { same } from "../core/values.ts";
import type { Key, OwnRow, Row, Value } from "../core/state.ts";
import type { Carrier } from "./carry.ts";
import { plainly, type Fresh } from "./candidate.ts";
import { toldId, type Context } from "./context.ts";
import { decide, type Decision } from "./decide.ts";
import { loadFacts } from "./loads.ts";
import { creationOf } from "./record.ts";
import type { EntryRecord } from "./journal.ts";
import { batchRowsOf } from "./pace.ts";
import type { CollectionDescription, Outcome, RowWrite } from "./replica.ts";
import { makeBodyOf } from "./rest-body.ts";
import { ABSENT_THERE, isExact, settlePlainly, TARGET } from "./settle-plainly.ts";
import { isUnreadable } from "./view.ts";

/** Rows to be loaded, and who counts them. */
export interface Loading {
  readonly fresh: Fresh;
  readonly created: (count: number) => void;
  /** Told of decisions that are remembered with the rows among which they stand. */
  readonly passed: (decision: Decision) => void;
}

/**
 * Writes fresh rows to the target, batch by batch, behind its caller; `created` is told how many
 * came to be there. Returns what has to go the plain way, decided already.
 */
export async function loadPage(
  context: Context,
  carrier: Carrier,
  loading: Loading,
  signal: AbortSignal,
): Promise<readonly Decision[]> {
  const { fresh } = loading;
  const rowsMax = Math.min(batchRowsOf(context.pipeline), fresh.keys.length);
  const rest: Decision[] = [];
  for (let from = 0; from < fresh.keys.length; from += rowsMax) {
    const keys = fresh.keys.slice(from, from + rowsMax);
    const part = { keys, owns: fresh.owns.slice(from, from + rowsMax) };
    rest.push(...(await loadPart(context, carrier, { ...loading, fresh: part }, signal)));
  }
  return rest;
}

async function loadPart(
  context: Context,
  carrier: Carrier,
  { fresh, created }: Loading,
  signal: AbortSignal,
): Promise<readonly Decision[]> {
  const rest: Decision[] = [];
  const ready = makeReady(context, fresh, rest);
  if (ready.keys.length === 0) return rest;
  const id = carrier.batchId(context);
  const land = (outcomes: readonly Outcome[]): void => {
    created(landed(context, carrier, { id, ready }, outcomes));
  };
  const { keys, writes } = ready;
  const isMarked = context.policy.sides[TARGET]?.marks === true;
  const before = (place: number) =>
    isMarked ? loadFacts(context, { id, keys: JSON.stringify(keys) }, place) : [];
  await carrier.sendAhead(context, { id, side: TARGET, writes }, { before, land }, signal);
  return rest;
}

/** Notes what became of a batch; returns how many rows are there now. */
function landed(
  context: Context,
  carrier: Carrier,
  { id, ready }: { readonly id: string; readonly ready: Ready },
  outcomes: readonly Outcome[],
): number {
  const { keys, records, writes } = ready;
  let created = keys.length;
  for (let index = 0; index < keys.length; index++) {
    const outcome = outcomes[index] ?? { kind: "staged" };
    if (isExact(outcome, writes[index]?.to)) continue;
    const [key, own] = [keys[index] ?? "", ready.owns[index] ?? []];
    records[index] = settlePlainly(context, { key, own }, toldId(id, index), outcome);
    const to = writes[index]?.to ?? null;
    carrier.tally.leave(context, { key, side: TARGET, to }, outcome);
    carrier.tally.stored(context, TARGET, to, outcome);
    if (outcome.kind !== "applied") created -= 1;
  }
  carrier.note(context.pipeline.name, records, creationOf(context, keys));
  return created;
}

interface Ready {
  readonly keys: Key[];
  readonly owns: OwnRow[];
  /** What is remembered of each once it is stored exactly as it was told. */
  readonly records: EntryRecord[];
  readonly writes: (RowWrite & { readonly to: OwnRow })[];
}

function makeReady(context: Context, fresh: Fresh, rest: Decision[]): Ready {
  const { view, policy, pipeline } = context;
  const ready: Ready = { keys: [], owns: [], records: [], writes: [] };
  const isDigest = pipeline.memory === "digest";
  const bodyOf = makeBodyOf(context);
  for (let index = 0; index < fresh.keys.length; index++) {
    const key = fresh.keys[index] ?? "";
    const own = fresh.owns[index] ?? [];
    const fields = view.fields(0, own);
    const to = isUnreadable(fields) ? fields : view.back(TARGET, fields, null);
    const row = isUnreadable(fields) ? [] : isDigest ? [view.digest(fields)] : fields;
    const isRejected = policy.rejects !== undefined && row.some(rejectedBy(policy.rejects));
    if (isUnreadable(to) || isRejected || (isDigest && !isKnownAgain(context, to, row))) {
      const decision = decide(context, plainly(key, own));
      if (decision !== undefined) rest.push(decision);
      continue;
    }
    ready.keys.push(key);
    ready.owns.push(own);
    ready.records.push({ key, body: bodyOf(row, own, to), flags: 0 });
    ready.writes.push({ key, expected: ABSENT_THERE, to });
  }
  return ready;
}

const rejectedBy =
  (rejects: NonNullable<Context["policy"]["rejects"]>) =>
  (value: Row[number], field: number): boolean =>
    value !== undefined && rejects(field, value);

/**
 * False for a row that the target is known to round or trim into another digest. It would not be
 * known again after a crash, and be written a second time: it is told first (I1).
 */
function isKnownAgain({ pipeline, view }: Context, to: OwnRow, [digest]: Row): boolean {
  const { shape, description } = pipeline.sides[TARGET] ?? {};
  const store = description?.store;
  if (store === undefined) return true;
  const columns = shape?.columns ?? [];
  let at = 0;
  while (at < to.length && isStoredAsTold(store, columns[at] ?? "", to[at] ?? null)) at++;
  if (at === to.length) return true;
  const stored = to.map((value, at) => store(columns[at] ?? "", value));
  const fields = view.fields(TARGET, stored);
  return !isUnreadable(fields) && view.digest(fields) === digest;
}

type Store = NonNullable<CollectionDescription["store"]>;

const isStoredAsTold = (store: Store, column: string, value: Value): boolean =>
  same(store(column, value), value);
