// Commits of many entries, on a thread of their own: cutting them into blocks, the log and the disk
// take a tenth of a first load, and the engine reads on meanwhile. It is a short cut beside the
// plain way (queue.ts) and saves what that would save, or nothing: then the plain way is taken,
// and says what is wrong.
import { extname } from "node:path";
import type { Commit, EntryRecord, HistoryRecord } from "../../engine/journal.ts";
import { startShortCut } from "../../threads/short-cut.ts";
import type { ShortCut } from "../../threads/short-cut.ts";

/** What a thread is started with. */
export interface SaverData {
  readonly path: string;
  /** The file that it is to be, as `fileId` names it. */
  readonly file: string;
}

/** A commit as it travels: a few long texts cost a tenth of thousands of short ones. */
export interface Packed {
  readonly link: string;
  readonly joined: NonNullable<Commit["joined"]>;
  readonly entries: readonly PackedEntries[];
  readonly history: readonly PackedHistory[];
  readonly facts: NonNullable<Commit["facts"]>;
}

/** When commits go to a thread. */
export interface HandsOver {
  /** One of so many entries is a large one. */
  readonly entriesMin: number;
  /** So many large ones are saved here first: few do not pay for the thread's start. */
  readonly commitsBefore: number;
}

interface PackedEntries {
  readonly pipeline: string;
  readonly keys: string;
  readonly bodies: string;
  /** Those that are not at rest. */
  readonly odd: readonly Odd[];
}

/** One that is found again by its flags, or is gone. */
interface Odd {
  readonly at: number;
  readonly flags: number;
  readonly isGone: boolean;
}

/** Records that differ in their keys alone. */
interface PackedHistory {
  readonly common: Omit<HistoryRecord, "key">;
  readonly keys: string;
}

/** A thread that saves: commits are durable, or not there at all. */
export type Saver = ShortCut<Packed>;

/** In no key and no body (engine/commit.ts sees to it). */
const SEPARATOR = "\0";
/** Characters of the entries of one pipeline at most: they lie in memory three times. */
const CHARS_MAX = 16e6;

/** A checked commit, packed; undefined: there is more in it than entries and facts. */
export function packCommit(link: string, commit: Commit): Packed | undefined {
  const { joined = [], entries = [], history = [], facts = [], runs, plans, blocks } = commit;
  if ([runs, plans, blocks].some((list) => list !== undefined && list.length > 0)) return undefined;
  const packed: PackedEntries[] = [];
  for (const { pipeline, records } of entries) {
    if (records.length === 0) continue;
    const bodies = bodiesOf(records);
    if (bodies === undefined) return undefined;
    const keys = records.map(({ key }) => key).join(SEPARATOR);
    packed.push({ pipeline, keys, bodies, odd: oddIn(records) });
  }
  const common = history.length === 0 ? [] : packHistory(history);
  return common && { link, joined, entries: packed, history: common, facts };
}

/** The commit again. */
export function unpackCommit({ joined, entries, history, facts }: Packed): Commit {
  return {
    facts,
    joined,
    entries: entries.map(({ pipeline, keys, bodies, odd }) => {
      const texts = bodies.split(SEPARATOR);
      const records = keys
        .split(SEPARATOR)
        .map((key, at): EntryRecord => ({ key, body: texts[at] ?? "", flags: 0 }));
      for (const { at, flags, isGone } of odd) {
        const { key, body } = records[at] ?? { key: "", body: "" };
        records[at] = { key, body: isGone ? null : body, flags };
      }
      return { pipeline, records };
    }),
    history: history.flatMap(({ common, keys }) =>
      keys.split(SEPARATOR).map((key) => ({ ...common, key })),
    ),
  };
}

function bodiesOf(records: readonly EntryRecord[]): string | undefined {
  const bodies: string[] = [];
  let chars = 0;
  for (const { body } of records) {
    chars += body?.length ?? 0;
    bodies.push(body ?? "");
  }
  return chars > CHARS_MAX ? undefined : bodies.join(SEPARATOR);
}

function oddIn(records: readonly EntryRecord[]): readonly Odd[] {
  const odd: Odd[] = [];
  for (const [at, { body, flags }] of records.entries()) {
    if (body === null || flags !== 0) odd.push({ at, flags, isGone: body === null });
  }
  return odd;
}

function packHistory(history: readonly HistoryRecord[]): readonly PackedHistory[] | undefined {
  const [first] = history;
  if (first === undefined) return undefined;
  const { key: _, ...common } = first;
  const names = Object.keys(common) as (keyof typeof common)[]; // its own names
  const keys: string[] = [];
  for (const record of history) {
    if (names.some((name) => record[name] !== common[name])) return undefined;
    keys.push(record.key);
  }
  return [{ common, keys: keys.join(SEPARATOR) }];
}

/** Starts a thread on a journal that this process writes already. */
export function startSaver(data: SaverData): Saver {
  // Beside this file, whether that is the source or what was made of it.
  return startShortCut(new URL(`./saver-thread${extname(import.meta.url)}`, import.meta.url), data);
}
