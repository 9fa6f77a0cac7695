// From a candidate to a decision: what the entry becomes, and which writes follow. Pure but for
// what it was handed; whoever carries it out decides nothing more.
import type { ErrorCode } from "../core/errors.ts";
import { blank, owed, project } from "../core/fold.ts";
import { rowDigest } from "../core/hash.ts";
import { sameRow, sideOf, storedRow } from "../core/rows.ts";
import type { Policy } from "../core/policy.ts";
import { WHOLE } from "../core/state.ts";
import type {
  Entry,
  Key,
  Memory,
  OwnRow,
  Parked,
  Row,
  Seen,
  SideIndex,
  Write,
} from "../core/state.ts";
import type { Candidate, Look } from "./candidate.ts";
import { landed, type Context } from "./context.ts";
import { foldSeen } from "./extra.ts";
import { isTimely } from "./leaving.ts";
import { leftAlone } from "./meeting.ts";
import { isParked, parkRefused, superseded } from "./parked.ts";
import { withoutPlaces } from "./places.ts";
import { proved } from "./proof.ts";
import { isUnaimed, reveal } from "./relens.ts";
import type { Expected } from "./replica.ts";
import { takenBefore } from "./taken.ts";
import { DOUBLED } from "./unique.ts";
import { isUnreadable, type Unreadable } from "./view.ts";

/** One write in the terms of the side that gets it. */
export interface PlannedWrite {
  readonly side: SideIndex;
  readonly kind: "create" | "update" | "delete";
  /** What the side should hold now, where the link knows it. */
  readonly from: OwnRow | null;
  readonly to: OwnRow | null;
  readonly expected: Expected;
  readonly write: Write;
  /** Not all that the side is owed: the rest waits for what it refers to. */
  readonly isPart?: true;
}

/** What becomes of one entry. */
export interface Decision {
  readonly key: Key;
  /** Remembered before; undefined: nothing. */
  readonly before: Entry | undefined;
  readonly after: Entry;
  /** The text of `after`, or null: there is nothing to remember. */
  readonly body: string | null;
  /** True if that differs from what is remembered. */
  readonly isNews: boolean;
  readonly writes: readonly PlannedWrite[];
  /** A follower had been changed by somebody. */
  readonly isDrift: boolean;
}

/** Folds what was seen of one entry. undefined: there is nothing to remember and nothing to do. */
export function decide(context: Context, candidate: Candidate): Decision | undefined {
  const { pipeline, codec, policy } = context;
  const before = candidate.body === undefined ? undefined : codec.decode(candidate.body);
  const known = before && withoutPlaces(context, before);
  const first = known ?? leftAlone(context, candidate) ?? blank(policy);
  const start = proved(context, first, (side) => {
    const look = candidate.looks[side];
    return isSeenNow(look) ? look?.own : undefined;
  });
  const isTaken = candidate.isEdited === true ? () => true : takenBefore(start);
  const looks = candidate.looks.map((look, side): Looked => {
    if (look === undefined) return undefined;
    const at: LookedAt = { side, look, memory: start.sides[side] };
    const broken = setAside(context, candidate, side);
    const looked = broken === undefined ? see(context, at) : broken;
    if (!("kind" in looked)) return looked;
    if (look.own === null) return undefined;
    const row = looked.code === "KEY_FOLDS" ? undefined : context.view.seeBroken(side, look.own);
    return row !== undefined && isTaken(side, row) ? seenAs(context, at, row) : looked;
  });
  const states = looks.map(seenOf);
  const shown = reveal(start, states, policy);
  const folded = foldSeen(context, shown, states);
  const isAsked = candidate.isAsked === true;
  const after = withUnreadable(context, folded, { before, looks, isAsked });
  const payload = payloadOf(context, after, candidate.looks);
  const isDrift = pipeline.sides.some(
    (_, side) =>
      policy.sides[side]?.follows === true &&
      hasDrifted(policy, before && shown, side, looks[side]),
  );
  return decisionOf(context, { key: candidate.key, before, text: candidate.text }, after, {
    payload,
    isDrift,
    looks: candidate.looks,
  });
}

/** What is known beside the entry itself. */
export interface Known {
  /** In a link that remembers digests: the row behind the agreed digest. */
  readonly payload?: Row | undefined;
  readonly isDrift?: boolean;
  /** What was just seen, by side. */
  readonly looks?: Candidate["looks"];
  /** Only these writes are meant, with these rows: a plan's. */
  readonly planned?: ReadonlyMap<SideIndex, OwnRow | null>;
}

/** The decision that an entry, however it came about, calls for. */
export function decisionOf(
  context: Context,
  of: { readonly key: Key; readonly before: Entry | undefined; readonly text: string | undefined },
  after: Entry,
  more: Known = {},
): Decision | undefined {
  const writes: PlannedWrite[] = [];
  let entry = after;
  for (const [side, { writable }] of context.pipeline.sides.entries()) {
    const write = writable ? owed(entry, side, context.policy) : undefined;
    if (write === undefined || isLeaving(entry, side, context.policy)) {
      entry = superseded(entry, side);
      continue;
    }
    // What is under way with an unknown outcome is looked for before anything else is sent there.
    const isUnderWay = (entry.sides[side]?.told.length ?? 0) > 0;
    if (isUnderWay && more.planned === undefined && !isSeenNow(more.looks?.[side])) continue;
    // I4: nor is anything sent where an edited mapping reads columns that nobody has looked at yet.
    if (isUnaimed(context.pipeline, entry.sides[side])) continue;
    const isMeant = more.planned?.has(side) ?? !isParked(context, entry.sides[side], write);
    if (!isMeant) continue;
    const planned = plannedWrite(context, entry, write, more);
    if (planned === undefined) continue;
    if ("errors" in planned) entry = parkRefused(context, entry, write, planned.errors);
    else writes.push(planned);
  }
  const due = writes.filter(({ write }) => isTimely(context, entry, { write, writes }));
  const body = isForgettable(context, entry) ? null : context.codec.encode(entry);
  const isNews = body !== (of.text ?? null);
  if (!isNews && due.length === 0 && body === null) return undefined;
  const { key, before } = of;
  return { key, before, after: entry, body, isNews, writes: due, isDrift: more.isDrift ?? false };
}

/** A log says what was, not what is. */
function isSeenNow(look: Look | undefined): boolean {
  return look !== undefined && look.isLogged !== true;
}

/** A row that may be about to be deleted from a side is not created or written there first. */
function isLeaving({ open }: Entry, side: SideIndex, policy: Policy): boolean {
  return open.some(({ why, field, held }) => {
    if (why !== "withheld") return false;
    if (field === WHOLE) return held[side] === undefined;
    return field === policy.member && policy.sides[side]?.ownsFilter !== true;
  });
}

/** True if nothing of an entry needs to be remembered: no side would be surprised without it. */
export function isForgettable({ policy }: Context, entry: Entry): boolean {
  if (entry.open.length > 0) return false;
  const { agreed } = entry;
  const isOutside = policy.member >= 0 && agreed.values[policy.member] === false;
  if (agreed.here && !isOutside) return false;
  return entry.sides.every((memory, side) => {
    if (memory === undefined) return true;
    if (memory.told.length > 0 || memory.parked !== undefined) return false;
    return memory.shadow === null || (isOutside && agreed.here && policy.sides[side]?.ownsFilter);
  });
}

/** Why a side's row cannot be taken because of another row; undefined: it can. */
function setAside(
  { doubles }: Context,
  { key, rejected }: Candidate,
  side: SideIndex,
): Broken | undefined {
  if (rejected === undefined) return undefined;
  if (rejected !== DOUBLED) return { kind: "unreadable", code: "KEY_FOLDS", errors: [rejected] };
  const errors = doubles?.get(key)?.[side];
  return errors === undefined ? undefined : { kind: "unreadable", code: "RULE_BROKEN", errors };
}

/** A row that cannot be taken, and the code of why. */
interface Broken extends Unreadable {
  readonly code?: ErrorCode;
}

type Looked = Seen | Broken | undefined;

/** What one side shows, and what is remembered of it. */
interface LookedAt {
  readonly side: SideIndex;
  readonly look: Look;
  readonly memory: Memory | undefined;
}

function see(context: Context, at: LookedAt): Seen | Broken {
  const { side, look } = at;
  const row = look.own === null ? null : context.view.see(side, look.own);
  return row !== null && isUnreadable(row) ? row : seenAs(context, at, row);
}

function seenAs(context: Context, { side, look, memory }: LookedAt, row: Row | null): Seen {
  const marks = context.policy.sides[side]?.marks ? landed(context, side, memory) : undefined;
  const stampOf = context.pipeline.sides[side]?.stampOf;
  // A column that was to tell the time and does not: nobody knows, and any time is later.
  const own = look.own === null || stampOf === undefined ? undefined : (stampOf(look.own) ?? 0);
  const stamp = look.stamp ?? own ?? context.stamp;
  return {
    row,
    own: look.own,
    stamp,
    ...(isPlaced(look, memory) ? { at: look.at ?? 0 } : {}),
    ...(marks === undefined ? {} : { marks }),
  };
}

/** True if a look's position says where in its side's order the state is. */
export function isPlaced({ own, at, isLogged }: Look, memory: Memory | undefined): boolean {
  if (at === undefined || at === 0) return false;
  if (memory === undefined || memory.shadow !== null) return true;
  // Still not there: the position is that of the look, and what is under way may still arrive.
  if (own === null) return memory.told.length === 0;
  // There again, where it was: an absence that was none (an empty listing) moved no position.
  return isLogged === true || at !== memory.at;
}

const seenOf = (look: Looked): Seen | undefined =>
  look === undefined || "kind" in look ? undefined : look;

interface Unfolded {
  readonly before: Entry | undefined;
  readonly looks: readonly Looked[];
  /** A person asked for it: it counts as one more try. */
  readonly isAsked: boolean;
}

/** A row that its lens cannot read is not folded; it is a letter until it can be read. */
function withUnreadable(
  context: Context,
  entry: Entry,
  { before, looks, isAsked }: Unfolded,
): Entry {
  let sides: (Memory | undefined)[] | undefined;
  for (const [side, look] of looks.entries()) {
    const memory = entry.sides[side];
    const isBroken = look !== undefined && "kind" in look;
    if (!isBroken && (look === undefined || memory?.parked?.kind !== "unreadable")) continue;
    sides ??= entry.sides.slice();
    if (isBroken) {
      const digest = rowDigest(context.env.hash, look.errors);
      const letter = before?.sides[side]?.parked;
      const earlier = letter?.digest === digest ? letter.attempts : 0;
      const parked: Parked = {
        kind: "unreadable",
        code: look.code ?? (look.broken === undefined ? "VALUE_UNREADABLE" : "RULE_BROKEN"),
        errors: look.errors,
        attempts: isAsked ? earlier + 1 : Math.max(1, earlier),
        digest,
      };
      const base = { here: false, values: [] };
      sides[side] = { shadow: null, own: null, base, told: [], at: 0, ...memory, parked };
    } else if (memory !== undefined) {
      const { parked: _, ...rest } = memory;
      sides[side] = rest;
    }
  }
  return sides === undefined ? entry : { ...entry, sides };
}

/** In a link that remembers digests: the row behind the agreed digest, if a leader shows it now. */
export function payloadOf(
  context: Context,
  after: Entry,
  looks: readonly (Look | undefined)[],
): Row | undefined {
  if (context.pipeline.memory === "full") return undefined;
  for (const [side, look] of looks.entries()) {
    const own = look?.own ?? null;
    if (own === null || context.policy.sides[side]?.follows === true) continue;
    const fields = context.view.fields(side, own);
    if (!isUnreadable(fields) && context.view.digest(fields) === after.agreed.values[0])
      return fields;
  }
  return undefined;
}

/** Somebody moved a follower away from what it had been told; drift that is undone is none. */
function hasDrifted(
  policy: Policy,
  before: Entry | undefined,
  side: SideIndex,
  look: Looked,
): boolean {
  const memory = before?.sides[side];
  if (before === undefined || memory === undefined || memory.told.length > 0) return false;
  if (look === undefined || "kind" in look || sameRow(memory.shadow, look.row)) return false;
  const told = project(side, before.agreed, policy);
  return !sameRow(storedRow(sideOf(policy, side), told), look.row);
}

function plannedWrite(
  context: Context,
  entry: Entry,
  write: Write,
  { payload, planned }: Known,
): PlannedWrite | Unreadable | undefined {
  const { pipeline, view } = context;
  const { side } = write;
  const memory = entry.sides[side];
  const from = memory?.own ?? null;
  const isAbsent = memory === undefined || memory.shadow === null;
  const expected: Expected = isAbsent
    ? { kind: "absent" }
    : from === null
      ? expectedDigest(context, side, memory)
      : { kind: "row", row: from };
  if (write.to === null) return { side, kind: "delete", from, to: null, expected, write };
  const fields = pipeline.memory === "full" ? write.to : payload;
  const given = planned?.get(side);
  if (fields === undefined && !given) return undefined; // the row was not read this time
  const to = given ?? view.back(side, fields ?? [], from);
  if (isUnreadable(to)) return to;
  return { side, kind: isAbsent ? "create" : "update", from, to, expected, write };
}

function expectedDigest(context: Context, side: SideIndex, memory: Memory): Expected {
  const { view } = context;
  const digestOf = (own: OwnRow): string => {
    const fields = view.fields(side, own);
    return isUnreadable(fields) ? "unreadable" : view.digest(fields);
  };
  const digest = memory.shadow?.[0];
  return { kind: "digest", digest: typeof digest === "string" ? digest : "", digestOf };
}
