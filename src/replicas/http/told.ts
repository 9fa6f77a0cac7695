// What becomes of a write by its answer, or where there is none.
import { SyncError } from "../../core/errors.ts";
import { ABSENT } from "../../core/state.ts";
import type { Key, OwnRow } from "../../core/state.ts";
import { same } from "../../core/values.ts";
import type { Batch, Outcome, RowWrite } from "../../engine/replica.ts";
import { callOf, reasonOf, send } from "./api.ts";
import type { Asked } from "./api.ts";
import { backoffMs, retryAfterMs } from "./budget.ts";
import { isOnlyWritten } from "./collection.ts";
import { failed } from "./failure.ts";
import type { Place } from "./list.ts";
import { look, unreadable } from "./look.ts";
import type { Held } from "./look.ts";
import type { WriteSettings } from "./settings.ts";
import { isExpected } from "./tags.ts";
import type { Answer, Silence } from "./transport.ts";

/** A batch that is being written. */
export interface Job {
  readonly place: Place;
  readonly write: WriteSettings;
  readonly batch: Batch;
  readonly outcomes: Map<number, Outcome>;
  /** The API is out of reach: nothing else is tried. */
  down: SyncError | undefined;
  /** How often in a row it said that it is busy. */
  busy: number;
}

/** One write of a batch. */
export interface Told {
  readonly at: number;
  readonly write: RowWrite;
  /** Its name, for ever: an Idempotency-Key is made of it. */
  readonly id: string;
}

/** How often a request is sent that its API remembers. */
const SENDS_MAX = 3;
/** An API that is busy so often in a row is left alone. */
const BUSY_MAX = 3;

/** Sends a write; again where the API would know it, and nobody knows what became of it. */
export async function sendWrite(
  { place: { on }, write }: Pick<Job, "place" | "write">,
  asked: Asked,
  signal: AbortSignal,
): Promise<Answer | Silence> {
  for (let attempt = 1; ; attempt++) {
    const reply = await send(on.api, asked, signal);
    const isKnown = write.idempotent === true && asked.headers?.[headerOf(write)] !== undefined;
    if (!isOpen(reply) || !isKnown || attempt >= SENDS_MAX) return reply;
    await on.api.world.sleep(backoffMs(attempt, on.api.world.random()), signal);
  }
}

/** The header that names a write, in small letters. */
export function headerOf({ idempotencyHeader = "Idempotency-Key" }: WriteSettings): string {
  return idempotencyHeader.toLowerCase();
}

/** Nobody knows whether it landed. */
export function isOpen(reply: Answer | Silence): boolean {
  if (reply.kind === "silence") return reply.isSent;
  // A gateway speaks for a server that may still be at work.
  return reply.status === 502 || reply.status === 504 || reply.status === 202;
}

/** A write that was not sent: not before the API may be asked again, where it has said when. */
export function putOff({ place: { on } }: Pick<Job, "place">, error: SyncError): Outcome {
  const waitMs = on.api.budget.closedMs();
  return { kind: "later", error, ...(waitMs > 0 ? { waitMs } : {}) };
}

/** The outcome of a refusal by its status. A conflict is asked about. */
export async function refusedBy(
  job: Job,
  told: Told,
  of: { readonly asked: Asked; readonly answer: Answer },
  signal: AbortSignal,
): Promise<Outcome> {
  const { asked, answer } = of;
  const { api } = job.place.on;
  const { status } = answer;
  const says = `answered ${status}${reasonOf(api, asked, answer)}`;
  const call = callOf(api, asked);
  if (status === 409 || status === 412) {
    return conflict(job, told, failed("CONSTRAINT", call, says), signal);
  }
  if (status === 404 || status === 410) {
    const { expected, to } = told.write;
    if (expected.kind !== "absent") return { kind: "stale", row: null };
    if (to === null) return { kind: "applied", row: null };
  }
  if (status === 429 || status === 503 || status === 425 || status === 408 || status === 423) {
    job.busy += 1;
    const after = retryAfterMs(answer.headers["retry-after"], api.world.now());
    const error = failed("REPLICA_UNAVAILABLE", call, says, {
      hint: "It is tried again when the API is ready.",
    });
    if (job.busy >= BUSY_MAX) job.down = error;
    return { kind: "later", error, ...(after === undefined ? {} : { waitMs: after }) };
  }
  if (status >= 500)
    return settled(
      job,
      told,
      { error: failed("REPLICA_UNAVAILABLE", call, says), isOver: true },
      signal,
    );
  const hint = HINTS[status];
  return {
    kind: "refused",
    error: failed("WRITE_REFUSED", call, says, hint === undefined ? {} : { hint }),
  };
}

const HINTS: { readonly [status: number]: string } = {
  403: "The API does not allow it: check what the credentials may do.",
  404: "Check `path` and `item`.",
  405: "The API does not take it this way: check `write`, such as `update: PUT`.",
  413: "The row is larger than the API takes.",
  415: "The API does not take JSON here: check `path` and `compression`.",
};

/** Somebody was faster, or something else is in the way: what is there says which. */
async function conflict(
  job: Job,
  { write }: Told,
  error: SyncError,
  signal: AbortSignal,
): Promise<Outcome> {
  if (isOnlyWritten(job.place.collection)) return { kind: "later", error };
  const held = await look(job.place, write.key, signal);
  const broken = held === undefined ? undefined : unreadable(job.place, held);
  if (broken !== undefined) return { kind: "later", error: broken };
  const row = held?.row ?? null;
  // What it is aimed at is there: it breaks a rule that we do not see.
  if (isExpected(write.expected, row)) return { kind: "later", error };
  return { kind: "stale", row };
}

/**
 * What became of a write that nobody confirmed, by what is there now. `isOver`: it was answered, so
 * that it does not arrive any more.
 */
export async function settled(
  job: Job,
  { write }: Told,
  { error, isOver }: { readonly error: SyncError; readonly isOver: boolean },
  signal: AbortSignal,
): Promise<Outcome> {
  // It may be sent again: each of its writes says what is to be, whatever was before.
  if (isOnlyWritten(job.place.collection)) {
    if (isOver) return { kind: "later", error };
    return { kind: "unknown", error: unknownOutcome(error, "The next run sends it again.") };
  }
  const unknown = { kind: "unknown", error: unknownOutcome(error) } as const;
  let held: Held | undefined;
  try {
    held = await look(job.place, keyAfter(job.place, write), signal);
  } catch (cause) {
    if (!(cause instanceof SyncError)) throw cause;
    return unknown;
  }
  if (held !== undefined && unreadable(job.place, held) !== undefined) return unknown;
  const row = held?.row ?? null;
  if (isThere(write.to, row)) return { kind: "applied", row };
  return isOver && isExpected(write.expected, row) ? { kind: "later", error } : unknown;
}

function keyAfter({ shaped }: Place, { key, to }: RowWrite): Key {
  return to === null ? key : (shaped.keyIn(to) ?? key);
}

function unknownOutcome(
  error: SyncError,
  hint: string = "It is looked for before anything is sent.",
): SyncError {
  const details = { where: error.where ?? "", hint };
  return new SyncError("OUTCOME_UNKNOWN", error.message, details);
}

/** True if a row shows everything that was told. */
export function isThere(to: OwnRow | null, row: OwnRow | null): boolean {
  if (to === null || row === null) return to === row;
  return to.every((value, at) => value === ABSENT || same(value, row[at]));
}
