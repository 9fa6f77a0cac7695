// When two names mean one thing: the same but for capitals, for how words are joined, for the
// plural, or for a prefix.

/** How alike two names are; the smaller the rank, the surer. */
export interface Likeness {
  readonly rank: number;
  /** As the end of "they have …". */
  readonly reason: string;
}

/** Names that are not alike: undefined. `prefixes`: words that may stand before a name. */
export function likeness(
  a: string,
  b: string,
  prefixes: readonly (readonly string[])[] = [],
): Likeness | undefined {
  if (a === b) return { rank: 0, reason: "the same name" };
  if (a.toLowerCase() === b.toLowerCase()) {
    return { rank: 1, reason: "the same name but for capitals" };
  }
  const [one, other] = [wordsOf(a), wordsOf(b)];
  const joined = (words: readonly string[]): string => words.join("");
  if (joined(one) === joined(other)) return { rank: 2, reason: "the same words, joined otherwise" };
  if (joined(singular(one)) === joined(singular(other))) {
    return { rank: 3, reason: "the same name but for the plural" };
  }
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  const before = long.slice(0, long.length - short.length);
  const rest = long.slice(before.length);
  if (short.length === 0 || joined(singular(rest)) !== joined(singular(short))) return undefined;
  const isPrefix = prefixes.some((each) => joined(singular(each)) === joined(singular(before)));
  return isPrefix ? { rank: 4, reason: `the same name without '${before.join("_")}'` } : undefined;
}

/**
 * Words that stand before names without being part of them: those with which several begin, unless
 * they are the name of another (`order_items` is no `items`), and those that everybody knows.
 */
export function beginningsOf(names: readonly string[]): readonly (readonly string[])[] {
  const counts = new Map<string, { readonly words: readonly string[]; count: number }>();
  for (const name of names) {
    const words = wordsOf(name);
    for (let i = 1; i < words.length; i++) {
      const beginning = words.slice(0, i);
      const known = counts.get(beginning.join(" ")) ?? { words: beginning, count: 0 };
      known.count++;
      counts.set(beginning.join(" "), known);
    }
  }
  const things = new Set(names.map((name) => singular(wordsOf(name)).join(" ")));
  const shared = [...counts.values()].flatMap(({ words, count }) => {
    return count > 1 && !things.has(singular(words).join(" ")) ? [words] : [];
  });
  return [...shared, ...USUAL_PREFIXES];
}

const USUAL_PREFIXES = [["tbl"], ["tb"], ["t"]];

/** The words of a name: at underscores, dashes, blanks and capitals. */
export function wordsOf(name: string): readonly string[] {
  const known = WORDS.get(name) ?? taken(name);
  // Each name is asked for as often as there are others.
  if (WORDS.size < WORDS_MAX) WORDS.set(name, known);
  return known;
}

const WORDS = new Map<string, readonly string[]>();
const WORDS_MAX = 100_000;

function taken(name: string): readonly string[] {
  const apart = name
    .replaceAll(/(\p{Ll}|\p{N})(\p{Lu})/gu, "$1 $2")
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1 $2");
  return (apart.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => word.toLowerCase());
}

function singular(words: readonly string[]): readonly string[] {
  const last = words.at(-1);
  return last === undefined ? words : [...words.slice(0, -1), singularWord(last)];
}

function singularWord(word: string): string {
  if (/[^aeiou]ies$/.test(word)) return word.replace(/ies$/, "y");
  if (/(?:ss|x|z|ch|sh)es$/.test(word)) return word.slice(0, -2);
  return /[^su]s$/.test(word) && word.length > 3 ? word.slice(0, -1) : word;
}

/** Pairs of names that mean one thing, the surest first; each name is in one pair at most. */
export interface Matched<T> {
  readonly pairs: readonly { readonly a: T; readonly b: T; readonly reason: string }[];
  /** Names that several others could mean. */
  readonly unclear: readonly { readonly of: T; readonly several: readonly T[] }[];
}

/** Matches both lists; what fits several equally well is left to a person. */
export function matched<T>(
  as: readonly T[],
  bs: readonly T[],
  like: (a: T, b: T) => Likeness | undefined,
): Matched<T> {
  const pairs: { a: T; b: T; reason: string }[] = [];
  const unclear = new Map<T, readonly T[]>();
  const free = (all: readonly T[], side: "a" | "b"): readonly T[] =>
    all.filter((each) => !pairs.some((pair) => pair[side] === each) && !unclear.has(each));
  const likes = as.flatMap((a) =>
    bs.flatMap((b) => {
      const found = like(a, b);
      return found === undefined ? [] : [{ a, b, ...found }];
    }),
  );
  for (const rank of new Set(likes.map((each) => each.rank).toSorted((x, y) => x - y))) {
    const [freeAs, freeBs] = [new Set(free(as, "a")), new Set(free(bs, "b"))];
    const fits = likes.filter((each) => {
      return each.rank === rank && freeAs.has(each.a) && freeBs.has(each.b);
    });
    for (const fit of fits) {
      const ofA = fits.filter((each) => each.a === fit.a).map(({ b }) => b);
      const ofB = fits.filter((each) => each.b === fit.b).map(({ a }) => a);
      if (ofA.length > 1) unclear.set(fit.a, ofA);
      if (ofB.length > 1) unclear.set(fit.b, ofB);
      if (ofA.length === 1 && ofB.length === 1) {
        pairs.push({ a: fit.a, b: fit.b, reason: fit.reason });
      }
    }
  }
  return { pairs, unclear: [...unclear].map(([of, several]) => ({ of, several })) };
}
