// Letters as today's configuration judges them, with the rows as they are now: what retry.ts
// carries out and letter-test.ts only tells.
import type { Entry } from "../core/state.ts";
import { isPassedBy, type Candidate, type Look } from "./candidate.ts";
import { makeContext, readMarks, type Context, type CycleStart } from "./context.ts";
import { decide, type Decision } from "./decide.ts";
import { foldingKeys } from "./folding.ts";
import { inPages } from "./in-pages.ts";
import { LETTERS, lettersOf } from "./letters.ts";
import type { Link, Pipeline } from "./link.ts";
import { looksAt } from "./looks.ts";
import type { LetterFilter } from "./options.ts";
import { withMemory } from "./parked.ts";
import { entriesWith, type Found } from "./questions.ts";
import { apart, doubledRows } from "./unique.ts";
import type { LetterView } from "./views.ts";

/** An entry with the letters that are meant. */
interface Letter extends Found {
  readonly letters: readonly LetterView[];
}

/** What would become of it. */
export interface Judged {
  readonly letter: Letter;
  /** undefined: nothing is left to remember, nor to do. */
  readonly decision: Decision | undefined;
  /** What its sides hold now. */
  readonly looks: readonly (Look | undefined)[];
}

/** A context that knows which rows meet others, as in a comparison. */
export async function judging(
  link: Link,
  { pipeline, start }: { readonly pipeline: Pipeline; readonly start: CycleStart },
  signal: AbortSignal,
): Promise<Context> {
  const context = makeContext(link, pipeline, start, await readMarks(link, pipeline, signal));
  return { ...context, doubles: await doubledRows(pipeline, link.env.hash, signal) };
}

/** Which letters are judged, and whether a person says what their rows are to be. */
type Judging = LetterFilter & Pick<Candidate, "isEdited">;

/** The letters of one pipeline that fit, a page in memory. Decides, and carries nothing out. */
export async function* judged(
  context: Context,
  filter: Judging,
  signal: AbortSignal,
): AsyncGenerator<readonly Judged[]> {
  const { pipeline } = context;
  const folding = apart(await foldingKeys(pipeline, signal), context.doubles ?? new Map());
  for await (const page of inPages(lettersIn(context, filter), ({ text }) => text.length)) {
    for (let left = page; left.length > 0;) {
      const found = await judgedPage(context, { page: left, folding, ...filter }, signal);
      yield found;
      left = left.slice(found.length);
    }
  }
}

async function* lettersIn(context: Context, filter: LetterFilter): AsyncGenerator<Letter> {
  const only = { ...filter, pipeline: context.pipeline.name };
  for await (const found of entriesWith(context.link, LETTERS, only)) {
    const meant = lettersOf({ ...found, context }, filter);
    if (meant.length > 0) yield { ...found, letters: meant };
  }
}

interface Page extends Pick<Candidate, "isEdited"> {
  readonly page: readonly Letter[];
  /** Keys whose rows meet others, and why. */
  readonly folding: ReturnType<typeof apart>;
}

/** Judges the first of these: as many as a page of their rows holds. */
async function judgedPage(
  context: Context,
  { page, folding, isEdited }: Page,
  signal: AbortSignal,
): Promise<readonly Judged[]> {
  const { pipeline, view } = context;
  const keys = page.map(({ key }) => key);
  const looks = await looksAt(context, keys, signal);
  return page.slice(0, looks.count).map((letter, index): Judged => {
    const { key, entry, text } = letter;
    const rejected = folding.get(key);
    const kept = context.codec.encode(dueNow(context, entry, letter.letters));
    const candidate: Candidate = {
      key,
      body: JSON.parse(kept) as unknown[], // the codec wrote it
      text,
      looks: looks.by.map((of) => of[index]),
      isAsked: true,
      ...(isEdited === true ? { isEdited } : {}),
      ...(rejected === undefined ? {} : { rejected }),
    };
    const isPassed = isPassedBy(pipeline, view, candidate);
    const decision = isPassed ? undefined : decide(context, candidate);
    return { letter, decision, looks: candidate.looks };
  });
}

/** As if the time of these letters had come: they stay what they are until then. */
function dueNow({ pipeline }: Context, entry: Entry, letters: readonly LetterView[]): Entry {
  let next = entry;
  for (const [side, { name }] of pipeline.sides.entries()) {
    const parked = entry.sides[side]?.parked;
    if (parked === undefined || parked.kind === "unreadable") continue;
    if (!letters.some((letter) => letter.side === name && letter.kind === parked.kind)) continue;
    const { due: _, ...rest } = parked;
    next = withMemory(next, side, (memory) => ({ ...memory, parked: { ...rest, kind: "later" } }));
  }
  return next;
}
