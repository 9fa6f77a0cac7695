// testing/index
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

// testing/digesting
import type { Replica } from "../engine/replica.ts";
export interface DigestingOptions {
    readonly sha256: (bytes: Uint8Array) => string;
    readonly rowsMax?: number;
    readonly batch?: number;
    readonly rangesMax?: number;
    readonly betweenMax?: number;
}
export declare function digesting(inner: Replica, options: DigestingOptions): Replica;

// testing/journal-suite
import type { Journal, LinkJournal } from "../engine/journal.ts";
import type { SuiteAssert, SuiteTools } from "./suite-tools.ts";
export interface JournalPlace {
    connect(): Promise<Journal>;
    dispose?(): Promise<void>;
}
export interface JournalSuiteTools extends SuiteTools {
    readonly open: () => Promise<JournalPlace>;
}
export interface JournalScene {
    readonly assert: SuiteAssert;
    readonly journal: Journal;
    readonly link: LinkJournal;
    readonly connect: () => Promise<Journal>;
}
export interface JournalClaim {
    readonly name: string;
    readonly holds: (scene: JournalScene) => Promise<void>;
}
export declare function journalSuite({ test, assert, open }: JournalSuiteTools): void;

// testing/lethal
import type { LinkJournal } from "../engine/journal.ts";
import type { Link } from "../engine/link.ts";
import type { Replica } from "../engine/replica.ts";
export interface Death {
    readonly effect: number;
    readonly when: "before" | "after";
}
export interface EffectOptions {
    readonly death?: Death;
    readonly die: () => void;
}
export interface Effects {
    readonly names: readonly string[];
    cause<Result>(name: string, effect: () => Promise<Result>): Promise<Result>;
}
export declare function countEffects({ death, die }: EffectOptions): Effects;
export declare function lethalLink(link: Link, effects: Effects): Link;
export declare function lethalReplica(inner: Replica, effects: Effects): Replica;
export declare function lethalJournal(inner: LinkJournal, effects: Effects): LinkJournal;

// testing/memory-collection
import type { OwnRow, Stamp, Value } from "../core/state.ts";
import type { Capabilities, CollectionDescription, FieldDescription, Reference, Ripple } from "../engine/replica.ts";
export type Store = (column: string, value: Value) => Value;
export type MemoryField = Pick<FieldDescription, "name" | "type"> & Partial<FieldDescription> & {
    readonly default?: Value;
};
export interface MemoryCollection {
    readonly name: string;
    readonly fields: readonly MemoryField[];
    readonly key: readonly string[];
    readonly uniqueSets?: readonly (readonly string[])[];
    readonly references?: readonly Reference[];
    readonly ripples?: readonly Ripple[];
    readonly capabilities?: Partial<Capabilities>;
    readonly hidden?: Store;
    readonly store?: Store;
    readonly foldKey?: (key: string) => string;
    readonly isOrdered?: boolean;
    readonly clock?: () => Stamp;
}
export interface Table {
    readonly options: MemoryCollection;
    readonly can: Capabilities;
    readonly columns: readonly string[];
    readonly positions: ReadonlyMap<string, number>;
    readonly key: readonly number[];
    readonly canonical: readonly ((value: Value) => Value | undefined)[];
    readonly uniqueSets: readonly (readonly string[])[];
}
export declare function makeTable(options: MemoryCollection): Table;
export declare function tableNamed(tables: ReadonlyMap<string, Table>, name: string): Table;
export declare function describeTable(table: Table): CollectionDescription;
export interface View {
    readonly columns: readonly number[];
    readonly key: readonly number[];
    readonly isWhole: boolean;
    readonly isOwnKey: boolean;
}
export declare function viewOf(table: Table, shape: {
    readonly key: readonly string[];
    readonly columns: readonly string[];
}): View;
export declare function project(view: View, row: OwnRow): OwnRow;

// testing/memory-journal
import type { Journal } from "../engine/journal.ts";
import type { LinkState } from "./memory-link.ts";
export interface MemoryImage {
    readonly identity: string;
    readonly links: ReadonlyMap<string, LinkState>;
}
export interface MemoryJournal extends Journal {
    snapshot(): MemoryImage;
    restore(image: MemoryImage): void;
}
export declare function emptyImage(identity?: string): MemoryImage;
export declare function memoryJournal(image?: MemoryImage): MemoryJournal;

// testing/memory-replica
import type { OwnRow, Value } from "../core/state.ts";
import type { Replica } from "../engine/replica.ts";
import type { MemoryCollection } from "./memory-collection.ts";
import type { MemoryImage } from "./memory-store.ts";
export interface MemoryOptions {
    readonly name: string;
    readonly collections: readonly MemoryCollection[];
    readonly identity?: string;
    readonly image?: MemoryImage;
    readonly pageRows?: number;
}
export type RowByName = {
    readonly [column: string]: Value;
};
export interface MemoryReplica extends Replica {
    edit(collection: string, key: readonly Value[], row: RowByName | null): number;
    row(collection: string, key: readonly Value[]): OwnRow | undefined;
    rows(collection: string): readonly OwnRow[];
    position(): number;
    image(): MemoryImage;
    restore(image: MemoryImage): void;
}
export declare function memoryReplica(options: MemoryOptions): MemoryReplica;

// testing/replica-suite
import type { Suite } from "./replica-suite/subject.ts";
export type { Subject, Suite, SuiteCollection } from "./replica-suite/subject.ts";
export declare function replicaSuite(suite: Suite): void;

// testing/suite-tools
export interface SuiteAssert {
    ok(value: unknown, message?: string): void;
    equal(actual: unknown, expected: unknown, message?: string): void;
    deepEqual(actual: unknown, expected: unknown, message?: string): void;
    rejects(promise: Promise<unknown>, check: (error: unknown) => boolean): Promise<void>;
}
export interface SuiteTools {
    readonly test: (name: string, body: () => Promise<void>) => unknown;
    readonly assert: SuiteAssert;
}

// engine/replica: see api/engine.d.ts

// engine/journal: see api/engine.d.ts

// engine/link: see api/engine.d.ts

// core/state: see api/core.d.ts

// testing/memory-link
import type { Key, Stamp } from "../core/state.ts";
import type { Commit, HistoryRecord, PlanRecord, RunRecord } from "../engine/journal.ts";
import type { SortedEntries } from "./sorted-entries.ts";
export type SavedHistory = HistoryRecord & {
    readonly seq: number;
};
interface SavedPlan {
    readonly head: PlanRecord;
    readonly blocks: Map<number, string>;
}
export interface LinkState {
    generation: number;
    seq: number;
    readonly pipelines: Map<string, SortedEntries>;
    readonly facts: Map<string, string>;
    readonly runs: Map<string, RunRecord>;
    readonly plans: Map<string, SavedPlan>;
    history: readonly SavedHistory[];
}
export declare function newLink(): LinkState;
export declare function copyLink(link: LinkState): LinkState;
export declare function applyCommit(link: LinkState, commit: Commit): void;
export declare function historyPage(link: LinkState, of: {
    readonly pipeline?: string;
    readonly key?: Key;
    readonly run?: string;
}, page: {
    readonly before: number | null;
    readonly limit: number;
}): readonly SavedHistory[];
export declare function pruneHistory(link: LinkState, since: Stamp, countMax: number): number;
export declare function pruneRuns(link: LinkState, { since, countMax }: {
    readonly since: number;
    readonly countMax: number;
}): number;
export declare function planBy(link: LinkState, id: string): PlanRecord | undefined;
export declare function prunePlans(link: LinkState, countMax: number): void;
export declare function forgetPipeline(link: LinkState, pipeline: string): void;
export {};

// testing/memory-store
import type { Key, OwnRow, Stamp, Value } from "../core/state.ts";
import type { Mark } from "../engine/replica.ts";
import type { Table, View } from "./memory-collection.ts";
export interface Stored {
    readonly row: OwnRow;
    readonly at: number;
    readonly stamp: Stamp;
}
export interface Change {
    readonly seq: number;
    readonly collection: string;
    readonly before: OwnRow | null;
    readonly row: OwnRow | null;
    readonly stamp: Stamp;
}
interface Marker {
    readonly link: string;
    readonly id: string;
    readonly missed: readonly number[];
    readonly stored: Mark["stored"] | undefined;
}
export interface MemoryImage {
    readonly identity: string;
    readonly seq: number;
    readonly acknowledged: number;
    readonly rows: ReadonlyMap<string, ReadonlyMap<Key, Stored>>;
    readonly log: readonly Change[];
    readonly markers: readonly Marker[];
}
export interface Memory {
    identity: string;
    seq: number;
    acknowledged: number;
    rows: Map<string, Map<Key, Stored>>;
    log: Change[];
    markers: Marker[];
    sorted: Map<string, readonly Key[]>;
}
export declare function makeMemory(identity: string): Memory;
export declare function imageOf(memory: Memory): MemoryImage;
export declare function restoreImage(memory: Memory, image: MemoryImage): void;
export declare function rowsIn(memory: Memory, table: Table): Map<Key, Stored>;
export declare function keyIn(row: OwnRow, positions: readonly number[]): Key | undefined;
export declare function change(memory: Memory, table: Table, before: OwnRow | null, row: OwnRow | null): Stored | undefined;
export interface Listing {
    readonly keys: readonly Key[];
    readonly rows: readonly Stored[];
    readonly unkeyed: readonly number[];
}
export declare function listingOf(memory: Memory, table: Table, view: View): Listing;
export declare function findRow(memory: Memory, table: Table, view: View, key: Key): Stored | undefined;
export declare function tuple(row: OwnRow, positions: readonly number[]): readonly Value[] | undefined;
export {};

// testing/replica-suite/subject
import type { SyncError } from "../../core/errors.ts";
import type { Key, OwnRow, Value } from "../../core/state.ts";
import type { SuiteTools } from "../suite-tools.ts";
import type { Batch, CollectionDescription, NewCollection, Outcome, Page, Reference, Replica, RowWrite, Shape } from "../../engine/replica.ts";
export interface SuiteCollection extends NewCollection {
    readonly uniqueSets?: readonly (readonly string[])[];
    readonly references?: readonly Reference[];
}
export interface Subject {
    readonly replica: Replica;
    edit(collection: string, key: readonly Value[], row: {
        readonly [column: string]: Value;
    } | null): Promise<void>;
    look(collection: string): Promise<readonly OwnRow[]>;
    reopen(): Promise<Replica>;
    copy?(): Promise<() => Promise<void>>;
    close(): Promise<void>;
}
export interface Suite extends SuiteTools {
    readonly isShared?: boolean;
    readonly sha256?: (bytes: Uint8Array) => string;
    open(collections: readonly SuiteCollection[]): Promise<Subject>;
}
export type Expected = {
    readonly [property: string]: string | RegExp;
};
export declare function rejects({ assert }: Suite, run: () => Promise<unknown>, expected: Expected): Promise<void>;
export declare const never: AbortSignal;
export declare function subjectTest(suite: Suite, name: string, collections: readonly SuiteCollection[], run: (subject: Subject) => Promise<void>): void;
export declare function keyOf(...values: readonly Value[]): Key;
export declare function shapeOf(collection: NewCollection): Shape;
export declare function described(replica: Replica, { name }: NewCollection): Promise<CollectionDescription>;
export declare function hasRules(replica: Replica, collection: NewCollection): Promise<boolean>;
export declare function listAll(replica: Replica, shape: Shape, after?: Key | null): Promise<readonly Page[]>;
export declare function rowsListed(replica: Replica, shape: Shape): Promise<readonly OwnRow[]>;
export declare function batchOf(shape: Shape, id: string, writes: readonly RowWrite[], settled?: readonly string[]): Batch;
export declare function writeOnce(replica: Replica, batch: Batch): Promise<readonly Outcome[]>;
export declare function creation(key: Key, to: OwnRow): RowWrite;
export declare function move(key: Key, from: OwnRow, to: OwnRow | null): RowWrite;
export declare function kindsOf(outcomes: readonly Outcome[]): readonly string[];
export declare function rowIn(outcome: Outcome | undefined): OwnRow | null | undefined;
export declare function errorIn(outcome: Outcome | undefined): SyncError | undefined;
export declare function sorted(on: Subject, collection?: string): Promise<readonly OwnRow[]>;
export declare const THINGS: SuiteCollection;
export declare const PAIRS: SuiteCollection;
export declare const PARENTS: SuiteCollection;
export declare const CHILDREN: SuiteCollection;
export declare const WARDS: SuiteCollection;
export declare const CODES: SuiteCollection;

// testing/sorted-entries
import type { EntryCount, EntryPage, EntryRecord, Range } from "../engine/journal.ts";
import type { Key } from "../core/state.ts";
export interface SortedEntries {
    readonly keys: Key[];
    readonly records: Map<Key, EntryRecord>;
}
export declare function noEntries(): SortedEntries;
export declare function copyEntries({ keys, records }: SortedEntries): SortedEntries;
export declare function putEntry({ keys, records }: SortedEntries, record: EntryRecord): void;
export declare function pageOf({ keys, records }: SortedEntries, range: Range): EntryPage;
export declare function countOf({ records }: SortedEntries): EntryCount;

// core/errors: see api/core.d.ts
