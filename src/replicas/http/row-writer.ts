// One row by requests of its own: looked at, compared, written, and looked at again where the
// answer does not show it. I4: with an ETag the API itself compares; without one, what somebody
// writes between our look and our write is overwritten.
import type { SyncError } from "../../core/errors.ts";
import type { Key, OwnRow } from "../../core/state.ts";
import { isSyncError } from "../../core/errors.ts";
import type { Outcome, RowWrite } from "../../engine/replica.ts";
import { dropAddress, noteAddress } from "./addresses.ts";
import { addressOf, callOf } from "./api.ts";
import type { Asked } from "./api.ts";
import { documentOf, idempotencyKey, membersOf, partialBody, toldBody, wholeBody } from "./body.ts";
import type { Members } from "./body.ts";
import { isOnlyWritten } from "./collection.ts";
import { failed, textsIn } from "./failure.ts";
import { look, unreadable } from "./look.ts";
import type { Held } from "./look.ts";
import type { Place } from "./list.ts";
import { rowIn } from "./place.ts";
import type { JsonRow } from "./place.ts";
import { itemPath, itemRequest, strong } from "./read.ts";
import { isExpected, remember, tagOf } from "./tags.ts";
import { headerOf, isOpen, isThere, refusedBy, sendWrite, settled } from "./told.ts";
import type { Job, Told } from "./told.ts";
import type { Answer } from "./transport.ts";

/** Writes one row. Throws REPLICA_UNAVAILABLE or REPLICA_DENIED where nothing was sent. */
export async function writeRow(job: Job, told: Told, signal: AbortSignal): Promise<Outcome> {
  const { place } = job;
  const { write } = told;
  const members = write.to === null ? undefined : membersOf(place.shaped, write.to);
  if (members !== undefined && isSyncError(members)) return { kind: "refused", error: members };
  const aim = await aimAt(job, write, signal);
  if ("kind" in aim) return aim;
  if (write.to === null) return remove(job, told, aim, signal);
  const to = { row: write.to, members: members ?? new Map() };
  const key = place.shaped.keyIn(write.to) ?? write.key;
  if (key !== write.key && write.expected.kind !== "absent") {
    return rename(job, told, { aim, to, key }, signal);
  }
  const isNew = write.expected.kind === "absent";
  return isNew ? create(job, told, to, signal) : update(job, told, { aim, to }, signal);
}

/** What a write is aimed at. */
interface Aim {
  /** undefined: it is not there, or was not looked at. */
  readonly held: Held | undefined;
  readonly own: Key | undefined;
  readonly etag: string | undefined;
}

interface To {
  readonly row: OwnRow;
  readonly members: Members;
}

/** Looks and compares, as far as that is not left to the API. */
async function aimAt(job: Job, write: RowWrite, signal: AbortSignal): Promise<Aim | Outcome> {
  const { place } = job;
  const { shaped } = place;
  const { compare = "read", update: how = "PATCH" } = job.write;
  const { key, expected, to } = write;
  const isNew = expected.kind === "absent";
  if (isOnlyWritten(place.collection))
    return { held: undefined, own: ownOf(place, key), etag: undefined };
  const isPut = to !== null && !isNew && how === "PUT";
  if (compare !== "read" && shaped.isOwn && !isPut && itemPath(place, key) !== undefined) {
    const etag = compare === "none" || isNew ? undefined : tagOf(place, key, expected);
    if (compare === "none" || isNew || etag !== undefined)
      return { held: undefined, own: key, etag };
  }
  const held = await look(place, key, signal);
  // Two rows of one key would be worse than one that is overwritten.
  if (compare === "none" && !(isNew && held !== undefined)) {
    return { held, own: held?.own, etag: undefined };
  }
  const broken = held === undefined ? undefined : unreadable(place, held);
  if (broken !== undefined) return { kind: "later", error: broken };
  const row = held?.row ?? null;
  if (!isExpected(expected, row)) return { kind: "stale", row };
  return { held, own: held?.own, etag: held?.etag };
}

/** Where rows cannot be looked for, only the API's own key names one. */
function ownOf({ shaped }: Place, key: Key): Key | undefined {
  return shaped.isOwn ? key : undefined;
}

async function create(job: Job, told: Told, to: To, signal: AbortSignal): Promise<Outcome> {
  const { place } = job;
  const { on, collection, shaped } = place;
  const { create: how = "POST", compare = "read" } = job.write;
  const body = wholeBody(to.members, undefined, collection.settings.readonly ?? []);
  const own = shaped.ownKeyIn(to.row);
  if (how === "POST") {
    const url = addressOf(on.api, collection.path);
    const asked = { method: "POST", url, path: collection.path, body };
    return deliver(job, told, named(job, told, asked), signal);
  }
  const path = own === undefined ? undefined : itemPath(place, own);
  if (path === undefined) return { kind: "refused", error: noAddress(job) };
  const headers: Asked["headers"] = compare === "none" ? {} : { "if-none-match": "*" };
  const asked = { ...itemRequest(place, "PUT", path), body, headers };
  return deliver(job, told, named(job, told, asked), signal);
}

async function update(
  job: Job,
  told: Told,
  { aim, to }: { readonly aim: Aim; readonly to: To },
  signal: AbortSignal,
): Promise<Outcome> {
  const { place } = job;
  const { update: how = "PATCH" } = job.write;
  const { readonly = [] } = place.collection.settings;
  const path = aim.own === undefined ? undefined : itemPath(place, aim.own);
  if (path === undefined) return { kind: "refused", error: noAddress(job) };
  const from =
    aim.held?.row ?? (told.write.expected.kind === "row" ? told.write.expected.row : undefined);
  const changes =
    from === undefined
      ? toldBody(to.members)
      : partialBody(place.shaped, { ...to, to: to.row, from });
  const body = how === "PUT" ? wholeBody(to.members, aim.held?.object, readonly) : changes;
  // The row is there already as it is to be.
  if (body === undefined) return { kind: "applied", row: from ?? to.row };
  const headers: Asked["headers"] = aim.etag === undefined ? {} : { "if-match": aim.etag };
  const asked = { ...itemRequest(place, how, path), body, headers };
  return deliver(job, told, named(job, told, asked), signal);
}

async function remove(job: Job, told: Told, aim: Aim, signal: AbortSignal): Promise<Outcome> {
  const { place } = job;
  if (job.write.delete === "none") {
    const shown = callOf(place.on.api, {
      method: "DELETE",
      path: place.collection.path,
      url: place.on.api.base,
    });
    const hint = "`write.delete` is none. `whenFilteredOut: keep` leaves rows where they are.";
    return {
      kind: "refused",
      error: failed("WRITE_REFUSED", shown, "is not taken by the API", { hint }),
    };
  }
  if (aim.own === undefined) return { kind: "stale", row: null };
  const path = itemPath(place, aim.own);
  if (path === undefined) return { kind: "refused", error: noAddress(job) };
  const headers: Asked["headers"] = aim.etag === undefined ? {} : { "if-match": aim.etag };
  const asked = { ...itemRequest(place, "DELETE", path), headers };
  const outcome = await deliver(job, told, asked, signal);
  if (outcome.kind === "applied") {
    dropAddress(place.on, place.collection, aim.own);
    remember(place, aim.own, null);
  }
  return outcome;
}

/**
 * A row gets another key: it is created there, then deleted here. Killed between the two, the next
 * run finds the new one as it is to be, and goes on.
 */
async function rename(
  job: Job,
  told: Told,
  { aim, to, key }: { readonly aim: Aim; readonly to: To; readonly key: Key },
  signal: AbortSignal,
): Promise<Outcome> {
  if (isOnlyWritten(job.place.collection)) return { kind: "refused", error: noAddress(job) };
  const there = await look(job.place, key, signal);
  let created: Outcome = { kind: "applied", row: there?.row ?? null };
  if (there === undefined) {
    const write = { key, expected: { kind: "absent" } as const, to: to.row };
    created = await create(job, { ...told, write, id: `${told.id} new` }, to, signal);
    if (created.kind !== "applied") return created.kind === "stale" ? taken(job) : created;
  } else if (!isThere(to.row, there.row)) return taken(job);
  const gone = { key: told.write.key, expected: told.write.expected, to: null };
  const removed = await remove(job, { ...told, write: gone, id: `${told.id} old` }, aim, signal);
  if (removed.kind === "applied" || (removed.kind === "stale" && removed.row === null))
    return created;
  return removed;
}

function taken({ place }: Job): Outcome {
  const call = callOf(place.on.api, {
    method: "POST",
    path: place.collection.path,
    url: place.on.api.base,
  });
  const says = "was not sent: another row has the new key of this one";
  return { kind: "later", error: failed("CONSTRAINT", call, says) };
}

/** A request with the name of its write, where sending it twice would do it twice. */
function named({ write }: Job, { id }: Told, asked: Asked): Asked {
  return { ...asked, headers: { ...asked.headers, [headerOf(write)]: idempotencyKey(id) } };
}

function noAddress({ place }: Job): SyncError {
  const call = callOf(place.on.api, {
    method: "PUT",
    path: place.collection.settings.item ?? place.collection.path,
    url: place.on.api.base,
  });
  return failed("KEY_INVALID", call, "was not sent: its key is no part of an address", {
    hint: "Nothing, one dot and two dots cannot stand in a path.",
  });
}

/** Sends a write and finds out what became of it. */
async function deliver(job: Job, told: Told, sent: Asked, signal: AbortSignal): Promise<Outcome> {
  const { to, key, expected } = told.write;
  const hidden = textsIn([...(to ?? []), ...(expected.kind === "row" ? expected.row : [])]);
  const asked = { ...sent, hidden };
  const reply = await sendWrite(job, asked, signal);
  if (reply.kind === "silence") {
    if (!reply.isSent) throw reply.error;
    return settled(job, told, { error: reply.error, isOver: false }, signal);
  }
  if (isOpen(reply)) {
    const call = callOf(job.place.on.api, asked);
    const error = failed("REPLICA_UNAVAILABLE", call, `answered ${reply.status}`);
    return settled(job, told, { error, isOver: false }, signal);
  }
  if (reply.status >= 200 && reply.status < 300) {
    job.busy = 0;
    if (to === null) return { kind: "applied", row: null };
    return landed(
      job,
      told,
      { asked, answer: reply, key: job.place.shaped.keyIn(to) ?? key },
      signal,
    );
  }
  return refusedBy(job, told, { asked, answer: reply }, signal);
}

/** The row as it was stored: as the answer shows it, or as it is read again. */
async function landed(
  job: Job,
  told: Told,
  of: { readonly asked: Asked; readonly answer: Answer; readonly key: Key },
  signal: AbortSignal,
): Promise<Outcome> {
  const { place } = job;
  const { on, collection, shaped } = place;
  const { answer, key, asked } = of;
  const object = shownBy(job, answer);
  if (object !== undefined) {
    noteAddress(on, collection, shaped, object);
    if (shaped.keyOf(object) !== key) return { kind: "refused", error: otherKey(job, asked) };
    const row = shaped.rowOf(object);
    const own = shaped.ownKeyOf(object);
    // Who tells everything need not be asked again.
    if (shaped.shape.columns.every((column) => Object.hasOwn(object, column)) && row.length > 0) {
      if (own !== undefined) remember(place, own, row, strong(answer.headers.etag));
      return { kind: "applied", row };
    }
  }
  // Nobody can look: it holds what it was told.
  if (isOnlyWritten(collection)) return { kind: "applied" };
  const held = await look(place, key, signal);
  if (held !== undefined) {
    const broken = unreadable(place, held);
    return broken === undefined
      ? { kind: "applied", row: held.row }
      : { kind: "unknown", error: broken };
  }
  return {
    kind: "refused",
    error: told.write.expected.kind === "absent" ? otherKey(job, asked) : vanished(job, asked),
  };
}

function shownBy({ place }: Job, { text }: Answer): JsonRow | undefined {
  const document = documentOf(text);
  if (document === undefined) return undefined;
  return rowIn(document, { unwrap: place.collection.settings.unwrap, key: place.shaped.own });
}

function otherKey({ place }: Job, asked: Asked): SyncError {
  const { name } = place.collection;
  const system = place.on.api.options.name;
  const says = "was taken, and the row is not under the key that it was given";
  return failed("WRITE_REFUSED", callOf(place.on.api, asked), says, {
    hint:
      "The API gives its rows keys of its own. Let `key` name a field of it that keeps ours, and " +
      `\`item\` its own one, such as "/${name}/{id}", under systems.${system}.collections.${name}.`,
  });
}

function vanished({ place }: Job, asked: Asked): SyncError {
  const says = "was taken, and the row is not there any more";
  return failed("WRITE_REFUSED", callOf(place.on.api, asked), says);
}
