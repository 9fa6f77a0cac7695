// The suite that every journal passes: one claim for each promise of engine/journal.ts.
import type { Journal, LinkJournal } from "../engine/journal.ts";
import { ACCESS_CLAIMS } from "./journal-suite-access.ts";
import { COMMIT_CLAIMS } from "./journal-suite-commits.ts";
import { ENTRY_CLAIMS } from "./journal-suite-entries.ts";
import { PAGE_CLAIMS } from "./journal-suite-pages.ts";
import { RECORD_CLAIMS } from "./journal-suite-records.ts";
import type { SuiteAssert, SuiteTools } from "./suite-tools.ts";

/** A place where a journal is kept. */
export interface JournalPlace {
  /** The journal as one more program sees it. */
  connect(): Promise<Journal>;
  /** Takes the place away, after everything was closed. */
  dispose?(): Promise<void>;
}

/** What the suite runs with. */
export interface JournalSuiteTools extends SuiteTools {
  /** A new and empty place. */
  readonly open: () => Promise<JournalPlace>;
}

/** What a claim has to work with. */
export interface JournalScene {
  readonly assert: SuiteAssert;
  readonly journal: Journal;
  /** A link of it, open for writing. */
  readonly link: LinkJournal;
  /** The same journal, as one more program sees it. */
  readonly connect: () => Promise<Journal>;
}

/** One promise of the contract and how it is put to the test. */
export interface JournalClaim {
  readonly name: string;
  readonly holds: (scene: JournalScene) => Promise<void>;
}

/** Declares one test for each promise of the contract. */
export function journalSuite({ test, assert, open }: JournalSuiteTools): void {
  for (const claims of [ENTRY_CLAIMS, PAGE_CLAIMS, COMMIT_CLAIMS, RECORD_CLAIMS, ACCESS_CLAIMS]) {
    for (const { name, holds } of claims) {
      test(`journal: ${name}`, async () => {
        const place = await open();
        const connected: Journal[] = [];
        const connect = async (): Promise<Journal> => {
          const journal = await place.connect();
          connected.push(journal);
          return journal;
        };
        try {
          const journal = await connect();
          const link = await journal.open("link", "write");
          await holds({ assert, journal, link, connect });
        } finally {
          for (const journal of connected) await journal.close();
          await place.dispose?.();
        }
      });
    }
  }
}
