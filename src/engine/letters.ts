// Letters: rows and writes that were given up or wait for their time, by entry and side.
import { showKey } from "../core/key.ts";
import { isoOfMs } from "../core/calendar.ts";
import { FLAGS } from "./journal.ts";
import type { Link } from "./link.ts";
import type { LetterFilter } from "./options.ts";
import { entriesWith, viewsOf, type Found } from "./questions.ts";
import type { LetterView } from "./views.ts";

/** What an entry has to have to be, perhaps, a letter. */
export const LETTERS: number = FLAGS.parked | FLAGS.asks;

/** Every letter that fits, in pipeline and key order. */
export async function* letters(link: Link, filter: LetterFilter): AsyncGenerator<LetterView> {
  for await (const found of entriesWith(link, LETTERS, filter)) yield* lettersOf(found, filter);
}

/** The letters of one entry that fit, side by side. */
export function lettersOf(
  { context, key, entry }: Pick<Found, "context" | "key" | "entry">,
  { code: wanted }: Pick<LetterFilter, "code">,
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
  for (const question of viewsOf(context, key, entry)) {
    if (question.why !== "rejected") continue;
    for (const side of Object.keys(question.held)) {
      const errors = question.errors.map((error) => `${question.field ?? "row"}: ${error}`);
      const { shown } = question;
      const common = { pipeline: pipeline.name, key, shown, side, errors };
      list.push({ ...common, kind: "rejected", code: "RULE_BROKEN", attempts: 1, due: null });
    }
  }
  return wanted === undefined ? list : list.filter(({ code }) => code === wanted);
}
