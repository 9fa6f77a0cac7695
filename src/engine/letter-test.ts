// What would become of letters if they were tried now: judged like a retry, and nothing is written,
// not even to the journal.
import type { SideIndex } from "../core/state.ts";
import type { Look } from "./candidate.ts";
import { startCycle, type Context } from "./context.ts";
import { checkIdentity } from "./identity.ts";
import { judged, judging, type Judged } from "./judged-letters.ts";
import { lettersOf } from "./letters.ts";
import type { Link } from "./link.ts";
import type { LetterFilter } from "./options.ts";
import { contentDigest } from "./parked.ts";
import { namedFields } from "./questions.ts";
import { isUnreadable } from "./view.ts";
import type { LetterView, TestedLetter } from "./views.ts";

/**
 * Judges every letter that fits against today's configuration and the rows as they are now, in
 * pipeline and key order. Throws what keeps a side from being read.
 */
export async function* testLetters(
  link: Link,
  filter: LetterFilter,
  signal: AbortSignal,
): AsyncGenerator<TestedLetter> {
  await checkIdentity(link, {}, signal);
  const start = await startCycle(link);
  for (const pipeline of link.pipelines) {
    if (filter.pipeline !== undefined && filter.pipeline !== pipeline.name) continue;
    const context = await judging(link, { pipeline, start }, signal);
    for await (const page of judged(context, filter, signal)) {
      for (const each of page) yield* testedOf(context, each);
    }
  }
}

function testedOf(context: Context, of: Judged): readonly TestedLetter[] {
  const { letter, decision, looks } = of;
  const { pipeline } = context;
  const after = decision?.after;
  const left = after === undefined ? [] : lettersOf({ context, key: letter.key, entry: after }, {});
  const writes = (decision?.writes ?? []).map(({ side, kind }) => {
    return { side: pipeline.sides[side]?.name ?? "", kind };
  });
  return letter.letters.map((each): TestedLetter => {
    const side = pipeline.sides.findIndex(({ name }) => name === each.side);
    const verdict = verdictOf(context, each, { of, side, left });
    return { ...each, ...verdict, writes, row: rowOf(context, side, looks[side]) };
  });
}

interface Asked {
  readonly of: Judged;
  readonly side: SideIndex;
  /** What would still be wrong. */
  readonly left: readonly LetterView[];
}

type Verdict = Pick<TestedLetter, "verdict" | "errors">;

function verdictOf(context: Context, letter: LetterView, asked: Asked): Verdict {
  const { of, side, left } = asked;
  const isWrite = letter.kind === "later" || letter.kind === "refused";
  const wrong = left.filter((each) => {
    return each.side === letter.side && isWrite === (each.kind === "refused");
  });
  if (wrong.length > 0) return { verdict: "fails", errors: wrong.flatMap(({ errors }) => errors) };
  const isGone = of.decision?.after.open.some(({ why }) => why === "withheld") === true;
  if (isGone) return { verdict: "waits", errors: [WITHHELD] };
  const write = of.decision?.writes.find((each) => each.side === side)?.write;
  if (!isWrite) return { verdict: "passes", errors: [] };
  const before = of.letter.entry.sides[side]?.parked;
  if (write !== undefined) {
    const isSame = before?.digest === contentDigest(context, write.to);
    return { verdict: isSame ? "tries" : "passes", errors: [] };
  }
  // Still there, and not sent: something else has to be settled first.
  const isLeft = of.decision?.after.sides[side]?.parked !== undefined;
  return isLeft ? { verdict: "waits", errors: letter.errors } : { verdict: "passes", errors: [] };
}

const WITHHELD = "its row is gone: the guard of the next run judges that deletion";

function rowOf(context: Context, side: SideIndex, look: Look | undefined): TestedLetter["row"] {
  const own = look?.own ?? null;
  if (own === null) return null;
  const fields = context.view.fields(side, own);
  const row = isUnreadable(fields) ? fields.broken : fields;
  return row === undefined ? null : namedFields(context, row);
}
