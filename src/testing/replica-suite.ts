// The promises of engine/replica.ts as tests. Every replica passes them; what is only its own is
// tested beside it. What a replica cannot do, by its own description, is not asked of it.
import { testConstraints } from "./replica-suite/constraints.ts";
import { testDigests } from "./replica-suite/digests.ts";
import { testFeeds } from "./replica-suite/feed.ts";
import { testLists } from "./replica-suite/lists.ts";
import { testMarks } from "./replica-suite/marks.ts";
import { testPacks } from "./replica-suite/packs.ts";
import { testPages } from "./replica-suite/pages.ts";
import { testReach } from "./replica-suite/reach.ts";
import { testSince } from "./replica-suite/since.ts";
import { testSelf } from "./replica-suite/self.ts";
import type { Suite } from "./replica-suite/subject.ts";
import { testValues } from "./replica-suite/values.ts";
import { testWrites } from "./replica-suite/writes.ts";

export type { Subject, Suite, SuiteCollection } from "./replica-suite/subject.ts";

/** Declares a test for every promise of the replica contract. */
export function replicaSuite(suite: Suite): void {
  testSelf(suite);
  testLists(suite);
  testPages(suite);
  testDigests(suite);
  testWrites(suite);
  testConstraints(suite);
  testReach(suite);
  testValues(suite);
  testPacks(suite);
  testMarks(suite);
  testFeeds(suite);
  testSince(suite);
}
