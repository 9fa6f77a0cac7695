// Stories that a process does not survive: two databases, what happened in them before, and the
// deed at which it dies.
import type { PipelineInput } from "../../src/config/index.ts";
import { WORDS, type Store, type Words } from "./stores.ts";

/** What a process does when it dies. Whoever restarts says `run`, and repeats an unheard answer. */
export type Deed = "apply" | "run" | "resolve";

/** One of the two databases. */
export type File = "left" | "right";

/** What each of them is. */
export type Stores = { readonly [file in File]: Store };

const FILES: Stores = { left: "sqlite", right: "sqlite" };

/** One story. */
export interface Story {
  readonly name: string;
  readonly stores: Stores;
  readonly pipelines: { readonly [name: string]: PipelineInput };
  /** Tables whose rows are compared, parents first; each has a key `id`. */
  readonly tables: readonly string[];
  /** What each database begins with. */
  readonly begins: { readonly [file in File]: readonly string[] };
  /** What its users did after both were brought into agreement. Absent: they never were. */
  readonly edits?: { readonly [file in File]: readonly string[] };
  readonly deed: Deed;
  /** Where no trigger counts rows, because a store writes another way around triggers. */
  readonly uncounted?: readonly File[];
  /** How many entries, at least, the deed writes or asks about. */
  readonly entries: number;
}

/** 500 entries with something to be done, as a plan that is applied; three in ten are conflicts. */
export function applyStory(entries = 500, stores = FILES): Story {
  return applied({ name: "apply", stores, entries, isRival: "TRUE" });
}

/** So many entries that a process is mostly in the middle of them, with few conflicts. */
export function longStory(entries = 50_000, stores = FILES): Story {
  return applied({ name: "moments", stores, entries, isRival: "id / 10 % 20 = 0" });
}

interface Applied {
  readonly name: string;
  readonly stores: Stores;
  readonly entries: number;
  /** Which edits of the left side have a rival. */
  readonly isRival: string;
}

function applied({ name, stores, entries, isRival }: Applied): Story {
  const { left, right: other } = wordsOf(stores);
  const journaled = stores.right === "sqlite" ? ["PRAGMA journal_mode = WAL"] : [];
  const agreed = Math.round(entries * 0.8);
  const made = Math.ceil(entries * 0.12);
  const right = entries - made + 1;
  return {
    name,
    stores,
    pipelines: { things: { ...THINGS, ...TWO_WAY } },
    tables: ["things"],
    begins: {
      left: [left.things, rows(left, { from: 1, to: agreed })],
      right: [...journaled, other.things, ...other.rounding, rows(other, { from: 1, to: agreed })],
    },
    edits: {
      left: [
        "UPDATE things SET name = 'left ' || id WHERE id % 10 IN (0, 5, 6)",
        "UPDATE things SET amount = id + 0.25 WHERE id % 10 IN (2, 7)",
        "UPDATE things SET name = 'rival ' || id WHERE id % 10 = 7",
        `UPDATE things SET note = ${left.bytes("00ff", "id")} WHERE id % 10 = 9`,
        "DELETE FROM things WHERE id % 10 IN (3, 8)",
        rows(left, { from: agreed + 1, to: agreed + made, fraction: 0.5 }),
      ],
      right: [
        "UPDATE things SET name = 'right ' || id WHERE id % 10 = 1",
        `UPDATE things SET name = 'right ' || id WHERE id % 10 IN (5, 7, 8) AND ${isRival}`,
        "UPDATE things SET amount = -id WHERE id % 10 = 6",
        `UPDATE things SET note = ${other.bytes("00ff", "id")} WHERE id % 10 = 9`,
        "DELETE FROM things WHERE id % 10 = 4",
        rows(other, { from: right, to: entries, fraction: 3 }),
      ],
    },
    deed: "apply",
    entries: Math.floor(entries * 0.9),
  };
}

/** A one-way first load, of as many pages as it takes until threads have a part in it. */
export function loadStory(entries = 9_500, stores = FILES): Story {
  const { left, right } = wordsOf(stores);
  return {
    name: "load",
    stores,
    pipelines: { things: { ...THINGS, direction: "one-way" } },
    tables: ["things"],
    begins: {
      left: [left.things, rows(left, { from: 1, to: entries, fraction: 0.5 })],
      right: [right.things],
    },
    deed: "run",
    entries,
  };
}

/** The same into a table that rounds by a trigger: what is there is not what was told. */
export function roundedLoadStory(entries = 2_500, stores = FILES): Story {
  const story = loadStory(entries, stores);
  const { left, right } = story.begins;
  const { rounding } = wordsOf(stores).right;
  return { ...story, name: "rounded load", begins: { left, right: [...right, ...rounding] } };
}

/** Answers to 300 questions, on both sides. */
export function resolveStory(entries = 300, stores = FILES): Story {
  const agreed = Math.round(entries * 0.8);
  const { left, right } = wordsOf(stores);
  const news = { from: agreed + 1, to: entries };
  return {
    name: "resolve",
    stores,
    pipelines: { things: { ...THINGS, ...TWO_WAY } },
    tables: ["things"],
    begins: {
      left: [left.things, rows(left, { from: 1, to: agreed })],
      right: [right.things, ...right.rounding, rows(right, { from: 1, to: agreed })],
    },
    edits: {
      left: [
        "UPDATE things SET name = 'left ' || id WHERE id % 4 <> 0",
        "UPDATE things SET amount = id + 0.75 WHERE id % 3 = 0",
        "DELETE FROM things WHERE id % 4 = 0",
        rows(left, { ...news, fraction: 0.5 }),
      ],
      right: [
        "UPDATE things SET name = 'right ' || id WHERE id % 5 <> 0",
        "DELETE FROM things WHERE id % 5 = 0 AND id % 4 <> 0",
        rows(right, { ...news, fraction: 7 }),
      ],
    },
    deed: "resolve",
    entries: Math.floor(entries * 0.75),
  };
}

/** Two tables that refer to each other's rows, compared and written in one run. */
export function familyStory(entries = 240, stores = FILES): Story {
  const half = entries / 2;
  const { left, right } = wordsOf(stores);
  const begins = (words: Words): readonly string[] => [
    ...words.opening,
    words.things,
    words.parts,
    rows(words, { from: 1, to: half }),
    parts(1, half, 0),
  ];
  return {
    name: "family",
    stores,
    pipelines: {
      things: { ...THINGS, ...TWO_WAY },
      parts: { source: "left.parts", target: "right.parts", ...TWO_WAY },
    },
    tables: ["things", "parts"],
    begins: { left: begins(left), right: begins(right) },
    edits: {
      left: [
        "UPDATE things SET name = 'left ' || id WHERE id % 4 = 0",
        "DELETE FROM parts WHERE id % 4 = 1",
        "DELETE FROM things WHERE id % 4 = 1",
        rows(left, { from: 1001, to: 1000 + half / 4 }),
        parts(1001, 1000 + half / 4, 0),
        "UPDATE parts SET thing = 1001 WHERE id % 4 = 0",
      ],
      right: [
        "UPDATE parts SET label = 'right ' || id WHERE id % 4 = 2",
        "DELETE FROM parts WHERE id % 4 = 3",
        "DELETE FROM things WHERE id % 4 = 3",
        rows(right, { from: 2001, to: 2000 + half / 4 }),
        parts(2001, 2000 + half / 4, 0),
      ],
    },
    deed: "run",
    entries: half,
  };
}

const THINGS = { source: "left.things", target: "right.things" } as const;
const TWO_WAY = {
  direction: "two-way",
  guard: { deletes: { cap: 1_000_000, floor: 1_000_000, share: 1 } },
} as const;

function wordsOf({ left, right }: Stores): { readonly [file in File]: Words } {
  return { left: WORDS[left], right: WORDS[right] };
}

interface Rows {
  readonly from: number;
  readonly to: number;
  /** What `amount` is beyond the key. */
  readonly fraction?: number;
}

function rows({ bytes }: Words, { from, to, fraction = 0 }: Rows): string {
  return `${numbers(from, to)}
    INSERT INTO things
      SELECT i, 'thing ' || i || ' äß€', i + ${fraction}, ${bytes("c0", "i")} FROM n`;
}

function parts(from: number, to: number, shift: number): string {
  return `${numbers(from, to)} INSERT INTO parts SELECT i, i + ${shift}, 'part ' || i FROM n`;
}

const numbers = (from: number, to: number): string =>
  `WITH RECURSIVE n(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i < ${to})`;
