// Many rows in one request. Each has an outcome of its own: the one that the answer gives it, or
// what is there afterwards. A batch that is refused as a whole is halved until the rows that are to
// blame stand alone.
import { isSyncError, SyncError } from "../../core/errors.ts";
import { canonical } from "../../core/values.ts";
import type { Key, OwnRow, Value } from "../../core/state.ts";
import type { Outcome } from "../../engine/replica.ts";
import { addressOf, callOf } from "./api.ts";
import type { Asked } from "./api.ts";
import { documentOf, idempotencyKey, listBody, membersOf, wholeBody } from "./body.ts";
import { isOnlyWritten } from "./collection.ts";
import { failed, reasonIn, textsIn } from "./failure.ts";
import { look, unreadable } from "./look.ts";
import { at, itemsIn } from "./place.ts";
import { inPool } from "./pool.ts";
import { read } from "./read.ts";
import type { BatchSettings } from "./settings.ts";
import { isExpected } from "./tags.ts";
import { headerOf, isOpen, putOff, refusedBy, sendWrite, settled } from "./told.ts";
import type { Job, Told } from "./told.ts";
import type { Answer } from "./transport.ts";
import { whyIllegible } from "../../engine/illegible.ts";
import { isObject } from "../../core/values.ts";

/** Rows in one request, unless `size` says how many. */
const BATCH_SIZE = 100;

/** A row that goes with others. */
interface Going extends Told {
  readonly to: OwnRow;
  readonly key: Key;
  readonly body: string;
}

/**
 * Writes the rows that an endpoint for many takes, and notes their outcomes; the others come back.
 */
export async function writeTogether(
  job: Job,
  all: readonly Told[],
  signal: AbortSignal,
): Promise<readonly Told[]> {
  const { place } = job;
  const { shaped } = place;
  const isPut = ({ write: { to, key } }: Told) => to !== null && (shaped.keyIn(to) ?? key) === key;
  const going: Going[] = [];
  const { concurrent } = place.on.api.limits;
  const puts = all.filter(isPut);
  await inPool(puts, concurrent, signal, async (told, stop) => {
    const ready = await makeReady(job, told, stop);
    if (ready === undefined) return;
    if ("kind" in ready) job.outcomes.set(told.at, ready);
    else going.push(ready);
  });
  going.sort((a, b) => a.at - b.at);
  const size = job.write.batch?.size ?? BATCH_SIZE;
  const groups = Array.from({ length: Math.ceil(going.length / size) }, (_, n) =>
    going.slice(n * size, (n + 1) * size),
  );
  await inPool(groups, concurrent, signal, (group, stop) => sendGroup(job, group, stop));
  return all.filter((told) => !isPut(told));
}

/** Looks and compares like a single write; undefined: the API is out of reach. */
async function makeReady(
  job: Job,
  told: Told,
  signal: AbortSignal,
): Promise<Going | Outcome | undefined> {
  const { place } = job;
  const { write, id } = told;
  const { compare = "read" } = job.write;
  if (job.down !== undefined || write.to === null) return undefined;
  const members = membersOf(place.shaped, write.to);
  if (isSyncError(members)) return { kind: "refused", error: members };
  const without = place.collection.settings.readonly ?? [];
  const ready = (body: string): Going => ({
    at: told.at,
    write,
    id,
    to: write.to ?? [],
    key: write.key,
    body,
  });
  if (compare !== "read") return ready(wholeBody(members, undefined, without));
  try {
    const held = await look(place, write.key, signal);
    const broken = held === undefined ? undefined : unreadable(place, held);
    if (broken !== undefined) return { kind: "later", error: broken };
    const row = held?.row ?? null;
    if (!isExpected(write.expected, row)) return { kind: "stale", row };
    return ready(wholeBody(members, held?.object, without));
  } catch (error) {
    return laterFor(job, error);
  }
}

function laterFor(job: Job, error: unknown): Outcome {
  if (!(error instanceof SyncError)) throw error;
  if (error.code === "REPLICA_UNAVAILABLE" || error.code === "REPLICA_DENIED") job.down = error;
  return putOff(job, error);
}

async function sendGroup(job: Job, group: readonly Going[], signal: AbortSignal): Promise<void> {
  if (group.length === 0 || job.down !== undefined) return;
  const { api } = job.place.on;
  const { batch } = job.write;
  if (batch === undefined) return;
  const asked: Asked = {
    method: batch.method ?? "POST",
    url: addressOf(api, batch.path),
    path: batch.path,
    body: listBody(
      group.map(({ body }) => body),
      batch.items,
    ),
    headers: { [headerOf(job.write)]: idempotencyKey(...group.map(({ id }) => id)) },
    hidden: group.flatMap(({ to }) => textsIn(to)),
  };
  const each = (make: (told: Going) => Promise<Outcome>): Promise<void> =>
    inPool(group, api.limits.concurrent, signal, async (told) => {
      job.outcomes.set(told.at, await guarded(job, () => make(told)));
    });
  const call = callOf(api, asked);
  let reply;
  try {
    reply = await sendWrite(job, asked, signal);
  } catch (error) {
    const later = laterFor(job, error);
    return each(async () => later);
  }
  if (reply.kind === "silence" && !reply.isSent) {
    const later = laterFor(job, reply.error);
    return each(async () => later);
  }
  if (reply.kind === "silence" || isOpen(reply)) {
    const says =
      reply.kind === "silence"
        ? reply.error
        : failed("REPLICA_UNAVAILABLE", call, `answered ${reply.status}`);
    return each((told) => settled(job, told, { error: says, isOver: false }, signal));
  }
  if (reply.status >= 200 && reply.status < 300)
    return takeResults(job, group, { asked, answer: reply, batch }, signal);
  const isBusy = reply.status === 429 || reply.status >= 500;
  if (isBusy || group.length === 1) {
    return each((told) => refusedBy(job, told, { asked, answer: reply }, signal));
  }
  const half = Math.ceil(group.length / 2);
  await sendGroup(job, group.slice(0, half), signal);
  await sendGroup(job, group.slice(half), signal);
}

async function guarded(job: Job, make: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await make();
  } catch (error) {
    return laterFor(job, error);
  }
}

interface Taken {
  readonly asked: Asked;
  readonly answer: Answer;
  readonly batch: BatchSettings;
}

interface Resulting {
  readonly told: Going;
  readonly result: Value | undefined;
}

/** The outcomes of a batch that was taken, row by row. */
async function takeResults(
  job: Job,
  group: readonly Going[],
  of: Taken,
  signal: AbortSignal,
): Promise<void> {
  const { api } = job.place.on;
  const { answer, asked, batch } = of;
  job.busy = 0;
  const document = documentOf(answer.text);
  const path = batch.results ?? batch.items;
  const results = document === undefined ? undefined : itemsIn(document, path);
  if (results !== undefined && results.length > 0 && results.length !== group.length) {
    const says = `answered ${results.length} results for ${group.length} rows`;
    const error = failed("OUTCOME_UNKNOWN", callOf(api, asked), says);
    await inPool(group, api.limits.concurrent, signal, async (told) => {
      job.outcomes.set(
        told.at,
        await guarded(job, () => settled(job, told, { error, isOver: true }, signal)),
      );
    });
    return;
  }
  const landed: Going[] = [];
  await inPool(
    group.map((told, n): Resulting => ({ told, result: results?.[n] })),
    api.limits.concurrent,
    signal,
    async ({ told, result }) => {
      const outcome = await guarded(job, () => resultOf(job, told, { ...of, result }, signal));
      if (outcome.kind === "applied" && outcome.row === undefined) landed.push(told);
      job.outcomes.set(told.at, outcome);
    },
  );
  await readBack(job, landed, signal);
}

async function resultOf(
  job: Job,
  told: Going,
  { result, batch, asked, answer }: Taken & { readonly result: Value | undefined },
  signal: AbortSignal,
): Promise<Outcome> {
  if (result === undefined) return { kind: "applied" };
  const said = at(result, batch.status ?? "status");
  const wrong = at(result, batch.error ?? "error");
  const isWrong = typeof wrong !== "symbol" && wrong !== null && wrong !== false && wrong !== "";
  const number = canonical({ kind: "integer" }, said);
  const status =
    typeof number === "number" && number >= 200 && number < 600 ? number : isWrong ? 422 : 200;
  if (status < 300) return rowIn(job, told, at(result, batch.row ?? "row"));
  const text = isWrong
    ? JSON.stringify({ error: reasonIn(JSON.stringify(wrong), []).slice(2) })
    : "";
  const own: Asked = { ...asked, hidden: textsIn(told.to) };
  return refusedBy(job, told, { asked: own, answer: { ...answer, status, text } }, signal);
}

/** The row that a result shows; one without is read again. */
function rowIn({ place }: Job, { key }: Going, shown: Value): Outcome {
  if (!isObject(shown) || place.shaped.keyOf(shown) !== key) return { kind: "applied" };
  const isWhole = place.shaped.shape.columns.every((column) => Object.hasOwn(shown, column));
  const row = place.shaped.rowOf(shown);
  return isWhole && whyIllegible(row) === undefined
    ? { kind: "applied", row }
    : { kind: "applied" };
}

/** What was stored of rows that no answer showed. */
async function readBack(job: Job, landed: readonly Going[], signal: AbortSignal): Promise<void> {
  if (landed.length === 0) return;
  const { on, shaped, collection } = job.place;
  // Said already: taken as told.
  if (isOnlyWritten(collection)) return;
  const say = (told: Going, outcome: Outcome) => job.outcomes.set(told.at, outcome);
  const unknown = (message: string) =>
    new SyncError("OUTCOME_UNKNOWN", message, { where: on.api.options.name });
  try {
    const { rows } = await read(
      on,
      shaped.shape,
      landed.map(({ key }) => key),
      signal,
    );
    for (const [n, told] of landed.entries()) {
      const row = rows[n] ?? null;
      const isShown = row !== null && whyIllegible(row) === undefined;
      const message = `${shaped.shape.collection}: a row that the API took is not there`;
      say(told, isShown ? { kind: "applied", row } : { kind: "unknown", error: unknown(message) });
    }
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    for (const told of landed) say(told, { kind: "unknown", error: unknown(error.message) });
  }
}
