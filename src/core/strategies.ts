// The words for settling rivals. Every system that Syncline replaces has its own; they all come
// down to the rules of policy.ts. Here a word becomes a rule, or is refused with a suggestion.

import { SyncError } from "./errors.ts";
import { didYouMean } from "./nearest.ts";
import type { Rule } from "./policy.ts";

export { didYouMean, nearest } from "./nearest.ts";

/** What a strategy may need besides its word. */
export interface StrategyOptions {
  /** `latest`: a column that says when a row was changed, `commit` time, or our own `clock`. */
  readonly by?: LatestBy | string;
  /** `union`: the property that tells objects in a list apart. */
  readonly key?: string;
  /** `custom`: the rule itself. */
  readonly settle?: CustomRule["settle"];
}

type CustomRule = Extract<Rule, { readonly kind: "custom" }>;

/** Whose time decides which rival is the newest. */
export type LatestBy =
  | { readonly kind: "commit" }
  | { readonly kind: "clock" }
  | { readonly kind: "column"; readonly column: string };

/** A strategy understood. */
export interface Strategy {
  /** The word to show, whatever alias was written: `merge`, `source-wins`, … */
  readonly word: string;
  readonly rule: Rule;
  /** Only for `latest`: where the stamps have to come from. */
  readonly by?: LatestBy;
}

/**
 * The rule that a word stands for between these sides, named in their order. `local`, `client` and
 * `source` are the first side, `remote`, `server` and `target` the second, unless a side has that
 * name itself; with more than two sides only their own names are taken. Throws CONFIG_INVALID with
 * a suggestion for an unknown word, and for a word that lacks what it needs.
 */
export function parseStrategy(
  word: string,
  sides: readonly string[],
  options: StrategyOptions = {},
): Strategy {
  const side = sideMeant(word, sides);
  if (side !== undefined) {
    return { word: `${sides[side]}-wins`, rule: { kind: "wins", side } };
  }
  const name = SETTLING.get(word);
  if (name === undefined) throw unknownWord(word, sides);
  switch (name) {
    case "merge":
    case "manual":
      return { word: name, rule: { kind: name } };
    case "union":
      return { word: name, rule: unionBy(options.key) };
    case "latest":
      return { word: name, rule: { kind: name }, by: parseLatestBy(word, options.by) };
    case "custom":
      return { word: name, rule: customOf(word, options.settle) };
  }
}

/** Every word that `parseStrategy` takes between these sides: for suggestions and a schema. */
export function strategyWords(sides: readonly string[]): readonly string[] {
  const ofSides = sides.flatMap((side) => [`${side}-wins`, side]);
  const ofTwo = sides.length === 2 ? [...FIRST_WINS, ...SECOND_WINS] : [];
  return [...new Set([...SETTLING.keys(), ...ofSides, ...ofTwo])];
}

type Settling = "merge" | "manual" | "latest" | "union" | "custom";

const SETTLING: ReadonlyMap<string, Settling> = new Map<string, Settling>([
  ["merge", "merge"],
  ["field-merge", "merge"],
  ["field-level-merge", "merge"],
  ["latest", "latest"],
  ["latest-timestamp", "latest"],
  ["last-writer-wins", "latest"],
  ["last-write-wins", "latest"],
  ["newest", "latest"],
  ["version-based", "latest"],
  ["LastWriteWinsStrategy", "latest"],
  ["union", "union"],
  ["merge-array", "union"],
  ["MergeArrayStrategy", "union"],
  ["manual", "manual"],
  ["custom", "custom"],
  ["customRules", "custom"],
  ["resolver", "custom"],
  ["onConflict", "custom"],
]);

const FIRST_WINS: readonly string[] = ["source-wins", "local", "local-wins", "client-wins"];
const SECOND_WINS: readonly string[] = ["target-wins", "remote", "remote-wins", "server-wins"];

function sideMeant(word: string, sides: readonly string[]): number | undefined {
  const named = sides.findIndex((side) => word === `${side}-wins`);
  if (named !== -1) return named;
  // A side that is called like a strategy (`merge`) is meant only by its name with `-wins`.
  const bare = SETTLING.has(word) ? -1 : sides.indexOf(word);
  if (bare !== -1) return bare;
  if (sides.length !== 2) return undefined;
  if (FIRST_WINS.includes(word)) return 0;
  return SECOND_WINS.includes(word) ? 1 : undefined;
}

function unionBy(key: string | undefined): Rule {
  return key === undefined ? { kind: "union" } : { kind: "union", key };
}

function customOf(word: string, settle: CustomRule["settle"] | undefined): Rule {
  if (settle !== undefined) return { kind: "custom", settle };
  throw new SyncError("CONFIG_INVALID", `The strategy '${word}' has no rule to settle with`, {
    hint: "Give `settle`, a function of the base and the rivals, in a TypeScript configuration.",
  });
}

function parseLatestBy(word: string, by: LatestBy | string | undefined): LatestBy {
  if (by === undefined || by === "") {
    throw new SyncError("CONFIG_INVALID", `The strategy '${word}' does not say by which time`, {
      hint:
        "Say `by:` the name of a column that holds the time of the last change, `commit` (the " +
        "time in the replica's own log), or `clock` (when we read the change).",
    });
  }
  if (typeof by !== "string") return by;
  return by === "commit" || by === "clock" ? { kind: by } : { kind: "column", column: by };
}

function unknownWord(word: string, sides: readonly string[]): SyncError {
  const isOfTwo = FIRST_WINS.includes(word) || SECOND_WINS.includes(word);
  const named = sides.map((side) => `${side}-wins`).join(", ");
  const hint = isOfTwo
    ? `Between ${sides.length} sides it has to be named: ${named}.`
    : didYouMean(word, strategyWords(sides));
  return new SyncError("CONFIG_INVALID", `The strategy '${word}' is not known`, { hint });
}
