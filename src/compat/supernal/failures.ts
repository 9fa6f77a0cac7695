// What a run could not bring into agreement, in the words of a BatchSyncResult.
import { letters, questions } from "../../engine/index.ts";
import type { LetterView, Link, QuestionView } from "../../engine/index.ts";
import type { BatchError } from "./sync-config.ts";

/** Errors in a result, at most (I9). Records that are over it are counted and not listed. */
export const BATCH_ERRORS_MAX = 1000;

/** Records that failed, and why. */
export interface Failures {
  readonly failed: number;
  readonly errors: readonly BatchError[];
}

interface Failure {
  readonly key: string;
  readonly id: string;
  readonly error: string;
}

/**
 * All records that wait for something, since this run or an earlier one, by what they wait for.
 * Those without a key have no id, and are no more than counted.
 */
export async function failuresIn(
  link: Link,
  { size, unkeyed }: { readonly size: number; readonly unkeyed: number },
): Promise<Failures> {
  const batches: { readonly batch: string[]; readonly error: string }[] = [];
  if (unkeyed > 0) batches.push({ batch: [], error: `${unkeyed} records have no key` });
  const open = new Map<string, string[]>();
  const add = (error: string, id: string): void => {
    const batch = open.get(error);
    if (batch !== undefined && batch.length < size) return void batch.push(id);
    if (batches.length >= BATCH_ERRORS_MAX) return;
    const begun = [id];
    open.set(error, begun);
    batches.push({ batch: begun, error });
  };
  let failed = unkeyed;
  let last: string | undefined;
  for await (const { key, id, error } of inOrder(ofLetters(link), ofQuestions(link))) {
    if (key !== last) failed += 1;
    last = key;
    add(error, id);
  }
  return { failed, errors: batches };
}

async function* ofLetters(link: Link): AsyncGenerator<Failure> {
  for await (const letter of letters(link, {})) {
    yield { key: letter.key, id: letter.shown, error: wordsOf(letter) };
  }
}

function wordsOf({ errors, kind }: LetterView): string {
  const said = errors.join("; ");
  return kind === "later" ? `${said} (it is tried again)` : said;
}

/** Rejected values are letters, and drift that is kept is what the policy wants. */
async function* ofQuestions(link: Link): AsyncGenerator<Failure> {
  for await (const { key, shown, why } of questions(link, {})) {
    if (why !== "rejected" && why !== "drift") yield { key, id: shown, error: WHY[why] };
  }
}

const WHY: { readonly [why in Exclude<QuestionView["why"], "rejected" | "drift">]: string } = {
  conflict: "Source and target differ, and nothing says who is right",
  withheld: "Its deletion is withheld: too many would go at once. `allowDeletes` lets them pass",
  unknown: "Nobody knows whether the write has landed, and the target holds something else",
};

/** Two lists in key order as one. */
async function* inOrder(
  left: AsyncGenerator<Failure>,
  right: AsyncGenerator<Failure>,
): AsyncGenerator<Failure> {
  let [a, b] = [await left.next(), await right.next()];
  while (a.done !== true || b.done !== true) {
    if (a.done !== true && (b.done === true || a.value.key <= b.value.key)) {
      yield a.value;
      a = await left.next();
    } else if (b.done !== true) {
      yield b.value;
      b = await right.next();
    }
  }
}
