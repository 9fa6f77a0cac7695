// Letters: what was read and not taken, or decided and not written, by entry and side. There are
// three sorts, and whatever waits in a pipeline without being a conflict is one of them:
//
//   later, refused   a write that its side has not taken. The side is owed it (I2), and it is
//                    parked there: with `later` until its time, with `refused` until a person, or
//                    another content. It belongs to one content: see parked.ts.
//   unreadable       a row that cannot be seen through its side's lens, or whose key folds with
//                    another. Nothing of it is folded; it is parked at the side that holds it.
//   rejected         a row that can be read and breaks a rule. What breaks a rule as a whole is
//                    parked like an unreadable one. Where values are remembered, a value that
//                    breaks a rule by itself is an open question `rejected` (asking.ts), and only
//                    that field waits.
//
// A letter ends when the row, the rule or the store is mended: a run sees that by itself, or
// retry.ts at once; or when a person says what the row is to be: edit.ts. letter-test.ts says what
// would become of one.
import { showKey } from "../core/key.ts";
import { isoOfMs } from "../core/calendar.ts";
import { owed } from "../core/fold.ts";
import type { Entry, Key, SideIndex } from "../core/state.ts";
import type { Context } from "./context.ts";
import { FLAGS } from "./journal.ts";
import type { Link } from "./link.ts";
import type { LetterFilter, LetterGrouping } from "./options.ts";
import { entriesWith, named, viewsOf, type Found } from "./questions.ts";
import { causeOf } from "./unique.ts";
import type { LetterDetail, LetterGroup, LetterView } from "./views.ts";

/** What an entry has to have to be, perhaps, a letter. */
export const LETTERS: number = FLAGS.parked | FLAGS.asks;

/** Every letter that fits, in pipeline and key order. */
export async function* letters(link: Link, filter: LetterFilter): AsyncGenerator<LetterView> {
  for await (const found of entriesWith(link, LETTERS, filter)) yield* lettersOf(found, filter);
}

/** The same with the values that are kept of each. */
export async function* letterDetails(
  link: Link,
  filter: LetterFilter,
): AsyncGenerator<LetterDetail> {
  for await (const found of entriesWith(link, LETTERS, filter)) {
    for (const letter of lettersOf(found, filter)) yield { ...letter, ...keptOf(found, letter) };
  }
}

/** The letters of one entry that fit, side by side. */
export function lettersOf(
  { context, key, entry }: Pick<Found, "context" | "key" | "entry">,
  filter: LetterFilter,
): LetterView[] {
  const { pipeline } = context;
  const list: LetterView[] = [];
  for (const [side, { name }] of pipeline.sides.entries()) {
    const parked = entry.sides[side]?.parked;
    if (parked === undefined) continue;
    const { kind, code, errors, attempts, due } = parked;
    // A row that can be read, and breaks a rule.
    const isRejected = kind === "unreadable" && code === "RULE_BROKEN";
    list.push({
      pipeline: pipeline.name,
      key,
      shown: showKey(key),
      side: name,
      kind: isRejected ? "rejected" : kind,
      code,
      errors,
      attempts,
      due: due === undefined ? null : isoOfMs(due),
    });
  }
  for (const [side, errors] of rejectedValues(context, key, entry)) {
    const common = { pipeline: pipeline.name, key, shown: showKey(key), side, errors };
    list.push({ ...common, kind: "rejected", code: "RULE_BROKEN", attempts: 1, due: null });
  }
  return list.filter((letter) => fits(letter, filter));
}

/** By side what is wrong with single values of its row: one letter, however many they are. */
function rejectedValues(
  context: Context,
  key: Key,
  entry: Entry,
): ReadonlyMap<string, readonly string[]> {
  const sides = new Map<string, readonly string[]>();
  for (const question of viewsOf(context, key, entry)) {
    if (question.why !== "rejected") continue;
    const errors = question.errors.map((error) => `${question.field ?? "row"}: ${error}`);
    for (const side of Object.keys(question.held)) {
      sides.set(side, [...(sides.get(side) ?? []), ...errors]);
    }
  }
  return sides;
}

function fits(letter: LetterView, { code, side, kind, error }: LetterFilter): boolean {
  if (code !== undefined && letter.code !== code) return false;
  if (side !== undefined && letter.side !== side) return false;
  if (kind !== undefined && letter.kind !== kind) return false;
  return error === undefined || letter.errors.some((each) => each.includes(error));
}

/** True if not every letter of a pipeline is meant. */
export function isNarrow({ key, code, side, kind, error }: LetterFilter): boolean {
  return [key, code, side, kind, error].some((part) => part !== undefined);
}

/** Causes that are told apart, at most; what is over it is counted together. */
const CAUSES_MAX = 10_000;
const OTHERS = "(others)";

/**
 * Letters counted by what they have in common, most of them first. By cause, a letter with several
 * errors counts for each of them.
 */
export async function letterGroups(
  found: AsyncIterable<LetterView>,
  by: LetterGrouping,
): Promise<readonly LetterGroup[]> {
  const groups = new Map<string, LetterGroup>();
  const count = (of: Omit<LetterGroup, "letters">): void => {
    const name = JSON.stringify(of);
    const known = groups.get(name)?.letters ?? 0;
    if (known === 0 && groups.size >= CAUSES_MAX && of.cause !== OTHERS) {
      return count({ ...of, cause: OTHERS });
    }
    groups.set(name, { ...of, letters: known + 1 });
  };
  for await (const letter of found) for (const of of groupsOf(letter, by)) count(of);
  return [...groups.values()].sort((a, b) => b.letters - a.letters);
}

function groupsOf(
  { pipeline, side, kind, code, errors }: LetterView,
  by: LetterGrouping,
): readonly Omit<LetterGroup, "letters">[] {
  switch (by) {
    case "pipeline":
      return [{ pipeline }];
    case "side":
      return [{ pipeline, side }];
    case "kind":
      return [{ kind }];
    case "code":
      return [{ code }];
    case "cause":
      return [...new Set(errors.map(causeOf))].map((cause) => ({ pipeline, side, code, cause }));
  }
}

type Kept = Pick<LetterDetail, "write" | "values" | "unkept">;

const DIGESTS = "the pipeline remembers digests, not values (`memory: digest`)";
const UNTAKEN = "nothing is kept of a row that was not taken; `letters test` reads it as it is now";

function keptOf({ context, entry }: Found, letter: LetterView): Kept {
  const { pipeline } = context;
  const side = pipeline.sides.findIndex(({ name }) => name === letter.side);
  if (letter.kind === "later" || letter.kind === "refused") return keptWrite(context, entry, side);
  const { parked, shadow = null } = entry.sides[side] ?? {};
  if (parked?.kind === "unreadable") return { write: null, values: null, unkept: UNTAKEN };
  return { write: null, values: named(context, shadow), unkept: null };
}

/** What a side is owed, as it was to hold it. */
function keptWrite(context: Context, entry: Entry, side: SideIndex): Kept {
  const write = owed(entry, side, context.policy);
  if (write === undefined) return { write: null, values: null, unkept: "it is owed no more" };
  if (write.to === null) return { write: "delete", values: null, unkept: null };
  const kind = write.against === null ? "create" : "update";
  if (context.pipeline.memory === "digest") return { write: kind, values: null, unkept: DIGESTS };
  return { write: kind, values: named(context, write.to), unkept: null };
}
