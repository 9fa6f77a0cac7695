// The journal: whether it is there and can be written, who writes it, how large it is, and what in
// it waits for somebody.
import { existsSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { openMemories, recallConfig } from "../../config/recall.ts";
import type { LinkMemory } from "../../config/recall.ts";
import type { Config } from "../../config/index.ts";
import { realEnv } from "../../config/index.ts";
import { isSyncError } from "../../core/errors.ts";
import { letters, status } from "../../engine/index.ts";
import { safe } from "../values.ts";
import { count, counted, listed } from "../words.ts";
import { fine, found, looked } from "./check.ts";
import type { Check } from "./check.ts";
import { runChecks } from "./runs.ts";

const MIB = 1 << 20;
/** With less than this a run of many rows may not come to its end; with the other, no commit. */
const SPACE_LOW_MIB = 1024;
const SPACE_GONE_MIB = 16;
/** More letters than this are not looked through for their times. */
const LETTERS_MAX = 100_000;

/** What looking at a journal needs; without a configuration it is looked at from outside. */
export interface JournalLooking {
  readonly path: string;
  /** As people see it. */
  readonly shown: string;
  readonly config: Config | undefined;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** All about the journal. Nothing is made where there is none. */
export async function journalChecks(looking: JournalLooking): Promise<readonly Check[]> {
  const { path, shown, config, signal } = looking;
  const journal = { check: "journal", of: shown };
  const room = await looked({ check: "space" }, signal, async () => [space(path)]);
  if (!existsSync(path)) {
    const hint =
      "The first `syncline plan` or `run` makes it. If there was one, put it back before that: " +
      "without it every row is met for the first time.";
    const text = "there is none yet";
    return [found(journal, { code: "JOURNAL_UNUSED", text, hint }), ...room];
  }
  const opened = await looked(journal, signal, () => openAndLock(path, shown));
  const isOpen = opened.every(({ check, state }) => check !== "journal" || state !== "failed");
  if (!isOpen || config === undefined) return [...opened, ...room];
  const waiting = await looked({ check: "waiting" }, signal, async () => {
    const memories = await openMemories(config, {});
    try {
      return await remembered(config, memories.links, looking);
    } finally {
      await memories.close();
    }
  });
  return [...opened, ...room, ...waiting];
}

async function openAndLock(path: string, shown: string): Promise<readonly Check[]> {
  // Where the programs of its threads lie hangs on who loads it, and how.
  const { sqliteJournal } = await import("../../journals/sqlite/index.ts");
  const journal = await sqliteJournal({ path });
  try {
    const bytes = sizeOf(path);
    const facts = { bytes, identity: journal.identity };
    const is = fine({ check: "journal", of: shown, facts }, `readable, ${sized(bytes)}`);
    const [link = "doctor"] = await journal.links();
    try {
      await journal.open(link, "write"); // given back with the journal
    } catch (error) {
      if (!isSyncError(error)) throw error;
      const { code, message, hint = "" } = error;
      const isBusy = code === "JOURNAL_LOCKED";
      const state = isBusy ? "warning" : "failed";
      return [is, found({ check: "lock" }, { state, code, text: message, hint })];
    }
    return [is, fine({ check: "lock" }, "writable, and nobody is writing it")];
  } finally {
    await journal.close();
  }
}

async function remembered(
  config: Config,
  links: readonly LinkMemory[],
  { now, signal }: JournalLooking,
): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const memory of links) {
    const view = await status(memory);
    for (const [name, of] of Object.entries(view.pipelines)) {
      const waiting = [
        ...(of.conflicts > 0 ? [counted(of.conflicts, "open question")] : []),
        ...(of.withheld > 0 ? [`${count(of.withheld)} withheld`] : []),
      ];
      const subject = { check: "waiting", of: name, facts: of };
      if (waiting.length > 0) {
        checks.push(
          found(subject, {
            code: "QUESTIONS_WAIT",
            text: listed(waiting),
            hint: `syncline conflicts ${safe(name)}`,
          }),
        );
      }
      if (of.letters > 0) {
        const work = () => letterChecks(config, name, { letters: of.letters, now: now(), signal });
        checks.push(...(await looked(subject, signal, work)));
      }
      if (waiting.length === 0 && of.letters === 0) checks.push(fine(subject, "nothing"));
    }
    checks.push(...(await runChecks(memory, now())));
  }
  return checks;
}

interface Waiting {
  readonly letters: number;
  readonly now: number;
  readonly signal: AbortSignal;
}

/** Letters tell when they are due only through their link. */
async function letterChecks(
  config: Config,
  name: string,
  { letters: total, now, signal }: Waiting,
): Promise<readonly Check[]> {
  const recalled = await recallConfig(
    config,
    { pipelines: [name], env: realEnv(() => now) },
    signal,
  );
  let overdue = 0;
  let seen = 0;
  try {
    for (const link of recalled.links) {
      for await (const { due } of letters(link, { pipeline: name })) {
        if (due !== null && Date.parse(due) < now) overdue++;
        if (++seen >= LETTERS_MAX) break;
      }
    }
  } finally {
    await recalled.close();
  }
  const facts = { letters: total, overdue };
  const subject = { check: "waiting", of: name, facts };
  const hint = `syncline letters ${safe(name)}`;
  const text = `${counted(total, "letter")}: rows and writes that were refused or wait`;
  const waits = found(subject, { code: "LETTERS_WAIT", text, hint });
  if (overdue === 0) return [waits];
  const late = `${counted(overdue, "retry", "retries")} should have been tried by now`;
  return [
    waits,
    found(subject, { code: "RETRIES_OVERDUE", text: late, hint: `syncline run ${safe(name)}` }),
  ];
}

/** The database and what SQLite has beside it. */
function sizeOf(path: string): number {
  const files = [path, `${path}-wal`];
  return files.reduce(
    (sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

function space(path: string): Check {
  let folder = dirname(path);
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  const { bavail, bsize } = statfsSync(folder);
  return spaceCheck(bavail * bsize);
}

/** Is there room for the journal to grow? */
export function spaceCheck(freeBytes: number): Check {
  const mib = Math.floor(freeBytes / MIB);
  const subject = { check: "space", facts: { freeBytes } };
  const text = `${sized(freeBytes)} free where the journal is`;
  if (mib >= SPACE_LOW_MIB) return fine(subject, text);
  const hint = "Make room: a run whose decisions cannot be saved stops.";
  if (mib >= SPACE_GONE_MIB) return found(subject, { code: "SPACE_LOW", text, hint });
  return found(subject, { state: "failed", code: "DISK_FULL", text, hint });
}

/** "3 KiB", "1.4 GiB". */
function sized(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const size = bytes / 2 ** (10 * power);
  return `${power === 0 ? size : size.toFixed(size < 10 ? 1 : 0)} ${units[power]}`;
}
