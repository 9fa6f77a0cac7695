/** Words longer than this get no suggestion (I9). */
const NEAREST_LENGTH_MAX = 64;

/**
 * The word that was probably meant: the closest by edits (letters added, dropped, changed or
 * swapped), capitals aside. undefined: none is close enough to be worth a suggestion.
 */
export function nearest(word: string, words: Iterable<string>): string | undefined {
  if (word.length > NEAREST_LENGTH_MAX) return undefined;
  const wanted = plainForm(word);
  let best: string | undefined;
  let fewest = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of words) {
    if (candidate.length > NEAREST_LENGTH_MAX) continue;
    const edits = editsBetween(wanted, plainForm(candidate));
    if (edits < fewest) [best, fewest] = [candidate, edits];
  }
  return best;
}

/** What to say after an unknown word: the nearest one, or all of them while they are few. */
export function didYouMean(word: string, words: Iterable<string>): string {
  const known = [...new Set(words)];
  const meant = nearest(word, known);
  if (meant !== undefined) return `Did you mean '${meant}'?`;
  if (known.length === 0) return "There is none.";
  const shown = known.slice(0, WORDS_SHOWN_MAX).join(", ");
  return `Known are: ${shown}${known.length > WORDS_SHOWN_MAX ? ", …" : "."}`;
}

const WORDS_SHOWN_MAX = 20;

function plainForm(word: string): string {
  return word.toLowerCase().replaceAll(/[-_ ]/g, "-");
}

/** Optimal string alignment distance. */
function editsBetween(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const line = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = at(above, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let edits = Math.min(changed, at(above, j) + 1, at(line, j - 1) + 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) edits = Math.min(edits, at(before, j - 2) + 1);
      line.push(edits);
    }
    [before, above] = [above, line];
  }
  return at(above, b.length);
}

function at(line: readonly number[], index: number): number {
  return line[index] ?? 0;
}
