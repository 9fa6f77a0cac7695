// What third parties test their replicas and journals with: the suites that define both contracts,
// the in-memory ones to test against, and wrappers in which a process dies.
export { memoryReplica } from "./memory-replica.ts";
export type { MemoryOptions, MemoryReplica, RowByName } from "./memory-replica.ts";
export type { MemoryCollection, MemoryField } from "./memory-collection.ts";
export { memoryJournal } from "./memory-journal.ts";
export type { MemoryJournal } from "./memory-journal.ts";
export { digesting } from "./digesting.ts";
export type { DigestingOptions } from "./digesting.ts";
export { replicaSuite } from "./replica-suite.ts";
export type { Subject, Suite, SuiteCollection } from "./replica-suite.ts";
export type { SuiteAssert, SuiteTools } from "./suite-tools.ts";
export { journalSuite } from "./journal-suite.ts";
export type { JournalPlace, JournalScene, JournalSuiteTools } from "./journal-suite.ts";
export { countEffects, lethalJournal, lethalLink, lethalReplica } from "./lethal.ts";
export type { Death, EffectOptions, Effects } from "./lethal.ts";
