// engine/index
export * from "./replica.ts";
export * from "./illegible.ts";
export * from "./digester.ts";
export { digestForm, makeRangeBytes, RANGE_BYTES_MAX } from "./range-bytes.ts";
export type { DigestForm, RangeField, RangeRows } from "./range-bytes.ts";
export * from "./journal.ts";
export type * from "./settings.ts";
export type * from "./options.ts";
export type * from "./views.ts";
export { KEYS_FOLDED_MAX } from "./folding.ts";
export { BACKOFF_DEFAULT } from "./backoff.ts";
export type { Backoff } from "./backoff.ts";
export { HELD_ROWS_MAX } from "./held-rows.ts";
export { PLANS_MAX } from "./plan.ts";
export { MOVES_MAX } from "./moves.ts";
export { RANGE_ROWS } from "./ranges.ts";
export { RECENT_MAX } from "./recent.ts";
export { UNKEYED_MAX } from "./stream.ts";
export { RING_ROWS_MAX } from "./second-pass.ts";
export { SWEEP_ROUNDS_MAX } from "./sweep.ts";
export { LATER_MAX, LEFT_MAX } from "./tally.ts";
export { DIFFERENCES_MAX } from "./verify.ts";
export { RETENTION_DEFAULT, sideNamed } from "./link.ts";
export type { Env, Guard, Link, Pipeline, Retention, Side } from "./link.ts";
export { compileLink } from "./compile.ts";
export { makePlan } from "./plan.ts";
export { viewOfPlan } from "./plan-head.ts";
export { planItems } from "./items.ts";
export { applyPlan, run } from "./run.ts";
export { verify } from "./verify.ts";
export { questions } from "./questions.ts";
export { resolve } from "./resolve.ts";
export { letterDetails, letterGroups, letters } from "./letters.ts";
export { testLetters } from "./letter-test.ts";
export { editLetter } from "./edit.ts";
export type { EditView } from "./edit.ts";
export { retryLetters } from "./retry.ts";
export type { RetryView } from "./retry.ts";
export { blame, history, stateAt } from "./history.ts";
export { planRollback, ROLLBACK_ENTRIES_MAX } from "./rollback.ts";
export type { Rollback, RollbackOptions } from "./rollback.ts";
export { removePipeline } from "./remove.ts";
export { status } from "./status.ts";
export type { Trust } from "./identity.ts";
export { JOURNAL } from "./lineage.ts";

// engine/backoff
export interface Backoff {
    readonly strategy: "exponential" | "linear" | "fixed";
    readonly firstMs: number;
    readonly capMs: number;
    readonly jitter: number;
    readonly tries?: number;
}
export declare const BACKOFF_DEFAULT: Backoff;
export declare function waitMs(backoff: Backoff, tries: number, random: number): number;
export declare function dueAt(now: number, wait: number, askedMs?: number): number;
export declare function isLastTry({ tries }: Backoff, attempts: number): boolean;

// engine/compile
import type { LinkJournal } from "./journal.ts";
import { type Env, type Link, type Retention } from "./link.ts";
import type { Replica } from "./replica.ts";
import type { PipelineSettings } from "./settings.ts";
export interface LinkInput {
    readonly name: string;
    readonly settings: readonly PipelineSettings[];
    readonly replicas: ReadonlyMap<string, Replica>;
    readonly journal: LinkJournal;
    readonly env: Env;
    readonly retention?: Partial<Retention>;
}
export declare function compileLink(input: LinkInput, signal: AbortSignal): Promise<Link>;

// engine/digester
import type { Key } from "../core/state.ts";
import type { LogicalType } from "../core/values.ts";
import type { Page, Shape } from "./replica.ts";
export interface DigestSpec {
    readonly shape: Shape;
    readonly fields: readonly DigestField[];
    readonly salt: string;
}
export interface DigestField {
    readonly column: string;
    readonly type: LogicalType;
}
export declare const SALT_LENGTH = 16;
export interface RangeDigest {
    readonly to: Key | null;
    readonly rows: number;
    readonly digest?: string;
}
export interface Digester {
    ranges(rowsMax: number): AsyncIterable<readonly RangeDigest[]>;
    between(after: Key | null, bounds: readonly (Key | null)[]): Promise<readonly RangeDigest[] | undefined>;
    list(after: Key | null, to: Key | null): AsyncIterable<Page>;
    close(): Promise<void>;
}

// engine/edit
import type { Link } from "./link.ts";
import type { Edit } from "./options.ts";
import type { LeftView, SideCounts } from "./views.ts";
export interface EditView {
    readonly run: string;
    readonly sides: {
        readonly [side: string]: SideCounts;
    };
    readonly left: readonly LeftView[];
    readonly kept: readonly string[];
}
export declare function editLetter(link: Link, edit: Edit, signal: AbortSignal): Promise<EditView>;

// engine/folding
import type { Key } from "../core/state.ts";
import type { Pipeline } from "./link.ts";
export declare const KEYS_FOLDED_MAX = 5000000;
export type Folding = ReadonlyMap<Key, string>;
export declare function foldingKeys(pipeline: Pipeline, signal: AbortSignal): Promise<Folding>;

// engine/held-rows
import type { Key, SideIndex } from "../core/state.ts";
import type { Context } from "./context.ts";
import type { RangeDigest } from "./digester.ts";
import { type RangeField } from "./range-bytes.ts";
import { type RowStream, type UnkeyedRows } from "./stream.ts";
export declare const HELD_ROWS_MAX = 20000;
export interface HeldOptions {
    readonly context: Context;
    readonly side: SideIndex;
    readonly fields: readonly RangeField[];
    readonly salt: string;
    readonly sha256: (bytes: Uint8Array) => string;
}
export interface HeldRows {
    isSame(range: RangeDigest): Promise<boolean>;
    skip(): void;
    stream(to: Key | null): RowStream;
    unkeyed(): UnkeyedRows;
    close(): Promise<void>;
}
export declare function holdRows(options: HeldOptions, signal: AbortSignal): HeldRows;

// engine/history
import type { Entry, Key, Stamp, Value } from "../core/state.ts";
import type { Context } from "./context.ts";
import { type HistoryRecord } from "./journal.ts";
import type { Link } from "./link.ts";
import type { BlameView, HistoryView } from "./views.ts";
export interface EntryName {
    readonly pipeline: string;
    readonly key: Key;
}
export declare function history(link: Link, of: EntryName & {
    readonly limit?: number;
}): AsyncGenerator<HistoryView>;
export declare function stateAt(link: Link, of: EntryName & {
    readonly at: Stamp;
}): Promise<{
    readonly [field: string]: Value;
} | null>;
export declare function recordsSince(context: Context, { pipeline, key, at }: EntryName & {
    readonly at: Stamp;
}): AsyncGenerator<HistoryRecord>;
export declare function blame(link: Link, of: EntryName): Promise<readonly BlameView[]>;
export declare function records(link: Link, of: {
    readonly pipeline?: string;
    readonly key?: Key;
    readonly run?: string;
}): AsyncGenerator<HistoryRecord & {
    readonly seq: number;
}>;
export declare function findEntry(context: Context, key: Key): Promise<Entry | undefined>;
export declare function contextOf(link: Link, pipeline: string): Promise<Context>;

// engine/identity
import type { LinkJournal } from "./journal.ts";
import type { Link } from "./link.ts";
import type { CycleOptions } from "./options.ts";
import type { Replica } from "./replica.ts";
import type { Note } from "./views.ts";
export interface Checked {
    readonly facts: readonly {
        readonly name: string;
        readonly value: string | null;
    }[];
    readonly notes: readonly Note[];
}
export interface Trust {
    readonly trust?: readonly string[];
    readonly refill?: readonly string[];
}
export declare function checkIdentity(link: Link, said: Trust, signal: AbortSignal): Promise<Checked>;
type Names = ReadonlySet<string>;
export declare function learnIdentity(journal: LinkJournal, { replica, before }: {
    readonly replica: Replica;
    readonly before: string | undefined;
}, signal: AbortSignal): Promise<void>;
export declare function toBeSettled(link: Link, said: Names, signal: AbortSignal): Promise<Names>;
export declare const unsettledFacts: (names: Names) => Checked["facts"];
export declare function settledFacts(link: Link, whole: readonly string[]): readonly {
    readonly name: string;
    readonly value: null;
}[];
export declare function wholePipelines(link: Link, { pipelines, key, limit }: Pick<CycleOptions, "pipelines" | "key" | "limit">): readonly string[];
export declare function identityFacts(link: Link, signal: AbortSignal): Promise<Checked["facts"]>;
export declare const thereFact: (pipeline: string, system: string, collection: string) => string;
export {};

// engine/illegible
import type { OwnRow } from "../core/state.ts";
export declare function illegible(errors: readonly string[]): OwnRow;
export declare function whyIllegible(row: OwnRow): readonly string[] | undefined;

// engine/items
import type { Link } from "./link.ts";
import type { PlanItem } from "./views.ts";
export declare function planItems(link: Link, planId: string): AsyncGenerator<PlanItem>;

// engine/journal
import type { Hash } from "../core/hash.ts";
import type { Key, Stamp } from "../core/state.ts";
export declare const FLAGS: {
    readonly asks: 1;
    readonly owes: 2;
    readonly parked: 4;
    readonly withheld: 8;
    readonly gone: 16;
};
export interface EntryPage {
    readonly keys: readonly Key[];
    readonly bodies: readonly string[];
    readonly flags: readonly number[];
}
export interface EntryRecord {
    readonly key: Key;
    readonly body: string | null;
    readonly flags: number;
}
export declare const JOINT = "\0";
export interface JoinedEntries {
    readonly pipeline: string;
    readonly count: number;
    readonly keys: string;
    readonly bodies: string | DigestBodies;
    readonly odd: readonly OddEntry[];
    readonly history?: Omit<HistoryRecord, "pipeline" | "key">;
}
export interface DigestBodies {
    readonly texts: Uint8Array;
    readonly before: string;
    readonly after: string;
}
export interface OddEntry {
    readonly at: number;
    readonly body: string;
    readonly flags: number;
}
export interface HistoryRecord {
    readonly pipeline: string;
    readonly key: Key;
    readonly stamp: Stamp;
    readonly run: string;
    readonly by: string;
    readonly why: string;
    readonly changes: string;
}
export interface RunRecord {
    readonly id: string;
    readonly kind: string;
    readonly started: number;
    readonly finished: number | null;
    readonly status: "running" | "done" | "failed" | "stopped" | "killed";
    readonly summary: string;
}
export interface PlanRecord {
    readonly id: string;
    readonly made: number;
    readonly hash: string;
    readonly config: string;
    readonly generation: number;
    readonly status: "open" | "ready" | "applied";
    readonly summary: string;
}
export declare const DROPPED_FACT = "history dropped";
export interface Commit {
    readonly entries?: readonly {
        readonly pipeline: string;
        readonly records: readonly EntryRecord[];
    }[];
    readonly joined?: readonly JoinedEntries[];
    readonly history?: readonly HistoryRecord[];
    readonly facts?: readonly {
        readonly name: string;
        readonly value: string | null;
    }[];
    readonly runs?: readonly RunRecord[];
    readonly plans?: readonly PlanRecord[];
    readonly blocks?: readonly {
        readonly plan: string;
        readonly seq: number;
        readonly body: string;
    }[];
}
export interface EntryCount {
    readonly entries: number;
    readonly flags: ReadonlyMap<number, number>;
}
export interface Range {
    readonly after: Key | null;
    readonly limit: number;
    readonly flags?: number;
}
export interface LinkJournal {
    readonly link: string;
    readonly hash?: Hash;
    entries(pipeline: string, range: Range): Promise<EntryPage>;
    find(pipeline: string, keys: readonly Key[]): Promise<readonly (EntryRecord | undefined)[]>;
    count(pipeline: string): Promise<EntryCount>;
    pipelines(): Promise<readonly string[]>;
    fact(name: string): Promise<string | undefined>;
    generation(): Promise<number>;
    commit(commit: Commit): Promise<void>;
    runs(limit: number): Promise<readonly RunRecord[]>;
    history(of: {
        readonly pipeline?: string;
        readonly key?: Key;
        readonly run?: string;
    }, page: {
        readonly before: number | null;
        readonly limit: number;
    }): Promise<readonly (HistoryRecord & {
        readonly seq: number;
    })[]>;
    pruneHistory(keep: {
        readonly since: Stamp;
        readonly countMax: number;
    }): Promise<number>;
    pruneRuns(keep: {
        readonly since: number;
        readonly countMax: number;
    }): Promise<number>;
    plan(id: string): Promise<PlanRecord | undefined>;
    blocks(plan: string, after: number, limit: number): Promise<readonly {
        readonly seq: number;
        readonly body: string;
    }[]>;
    prunePlans(countMax: number): Promise<void>;
    forget(pipeline: string | undefined): Promise<void>;
    close(): Promise<void>;
}
export type Access = "read" | "write";
export interface Journal {
    readonly identity: string;
    open(link: string, access: Access): Promise<LinkJournal>;
    links(): Promise<readonly string[]>;
    close(): Promise<void>;
}

// engine/letter-test
import type { Link } from "./link.ts";
import type { LetterFilter } from "./options.ts";
import type { TestedLetter } from "./views.ts";
export declare function testLetters(link: Link, filter: LetterFilter, signal: AbortSignal): AsyncGenerator<TestedLetter>;

// engine/letters
import type { Link } from "./link.ts";
import type { LetterFilter, LetterGrouping } from "./options.ts";
import { type Found } from "./questions.ts";
import type { LetterDetail, LetterGroup, LetterView } from "./views.ts";
export declare const LETTERS: number;
export declare function letters(link: Link, filter: LetterFilter): AsyncGenerator<LetterView>;
export declare function letterDetails(link: Link, filter: LetterFilter): AsyncGenerator<LetterDetail>;
export declare function lettersOf({ context, key, entry }: Pick<Found, "context" | "key" | "entry">, filter: LetterFilter): LetterView[];
export declare function isNarrow({ key, code, side, kind, error }: LetterFilter): boolean;
export declare function letterGroups(found: AsyncIterable<LetterView>, by: LetterGrouping): Promise<readonly LetterGroup[]>;

// engine/lineage
import type { Link } from "./link.ts";
export declare const JOURNAL = "journal";
interface Said {
    readonly refill?: readonly string[];
}
export declare const isForgetting: ({ refill }: Said) => boolean;
export declare const batchName: (run: string, count: number) => string;
export declare function writtenUnknown(link: Link, signal: AbortSignal): Promise<readonly string[]>;
export declare function runFacts(link: Link, { run, settled }: {
    readonly run: string;
    readonly settled: ReadonlySet<string>;
}, signal: AbortSignal): Promise<readonly {
    readonly name: string;
    readonly value: string;
}[]>;
export {};

// engine/link
import type { Hash } from "../core/hash.ts";
import type { Lens } from "../core/lens.ts";
import type { Policy } from "../core/policy.ts";
import type { UniqueRule } from "../core/rules.ts";
import type { FieldIndex, OwnRow, Row, SideIndex, Value } from "../core/state.ts";
import type { LogicalType } from "../core/values.ts";
import type { Backoff } from "./backoff.ts";
import type { LinkJournal } from "./journal.ts";
import type { CollectionDescription, Replica, Shape } from "./replica.ts";
import type { Sorter } from "./templated.ts";
import type { Note } from "./views.ts";
export interface Env {
    readonly now: () => number;
    readonly random: () => number;
    readonly id: () => string;
    readonly hash: Hash;
    readonly sha256?: (bytes: Uint8Array) => string;
    readonly sorter?: () => Sorter;
    readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}
export interface Retention {
    readonly days: number;
    readonly changes: number;
}
export declare const RETENTION_DEFAULT: Retention;
export interface Guard {
    readonly share: number;
    readonly floor: number;
    readonly cap: number;
    readonly onTrip: "withhold" | "stop";
}
export interface Side {
    readonly name: string;
    readonly replica: Replica;
    readonly description: CollectionDescription;
    readonly shape: Shape;
    readonly lens: Lens;
    readonly bare?: Lens;
    readonly reads: readonly string[];
    readonly follows: boolean;
    readonly writable: boolean;
    readonly isInside?: (own: OwnRow) => boolean;
    readonly stampOf?: (own: OwnRow) => number | undefined;
}
export interface Pipeline {
    readonly name: string;
    readonly fields: readonly string[];
    readonly types: readonly LogicalType[];
    readonly key: readonly FieldIndex[];
    readonly keyTypes?: readonly LogicalType[];
    readonly sides: readonly Side[];
    readonly policy: Omit<Policy, "guard" | "stamp" | "now">;
    readonly rules: {
        readonly fields: readonly FieldIndex[];
        readonly rejects: (field: FieldIndex, value: Value) => boolean;
        readonly across?: (row: Row) => readonly string[];
    };
    readonly broken: (field: FieldIndex, value: Value) => readonly string[];
    readonly unique?: {
        readonly rules: readonly UniqueRule[];
        readonly rowOf: (side: SideIndex, own: OwnRow) => Row | undefined;
        readonly also: (row: Row) => readonly string[];
    };
    readonly memory: "full" | "digest";
    readonly guard: Guard;
    readonly words: {
        readonly by?: string;
        readonly keys: {
            readonly [field: string]: string;
        };
    };
    readonly retry: Backoff;
    readonly batchRows?: number;
    readonly rowsPerSecond?: number;
    readonly extra: "keep" | "delete";
    readonly whenFilteredOut: "keep" | "delete";
    readonly since?: {
        readonly fullMs: number;
    };
    readonly digest: string;
    readonly written: string;
}
export interface Link {
    readonly name: string;
    readonly pipelines: readonly Pipeline[];
    readonly replicas: ReadonlyMap<string, Replica>;
    readonly journal: LinkJournal;
    readonly env: Env;
    readonly retention: Retention;
    readonly digest: string;
    readonly notes?: readonly Note[];
}
export declare function sideNamed(pipeline: Pipeline, name: string): SideIndex | undefined;

// engine/moves
import type { Key, OwnRow } from "../core/state.ts";
import type { Context } from "./context.ts";
import type { Decision } from "./decide.ts";
import type { Side } from "./link.ts";
import type { Reached, Shape } from "./replica.ts";
export declare const MOVES_MAX = 100000;
export interface By {
    readonly side: string;
    readonly collection: string;
}
export declare class Moves {
    #private;
    note({ pipeline }: Context, { key, writes }: Pick<Decision, "key" | "writes">): void;
    has(place: string, { key, columns, values }: Reached): boolean;
    under({ replica, shape, description }: Side, key: Key, row: OwnRow | null): By | undefined;
}
export declare const placeOf: ({ replica, shape }: Side) => string;
export declare const placeIn: (system: string, { collection, key, templates }: Shape) => string;

// engine/options
import type { Key, Value, Why } from "../core/state.ts";
export interface Progress {
    readonly phase: "compare" | "write" | "delete" | "verify" | "index";
    readonly pipeline: string;
    readonly done: number;
}
export interface CycleOptions {
    readonly pipelines?: readonly string[];
    readonly limit?: number;
    readonly key?: Key;
    readonly allowDeletes?: true | number;
    readonly restore?: boolean;
    readonly everything?: true;
    readonly shouldDrain?: () => boolean;
    readonly onProgress?: (progress: Progress) => void;
}
export interface VerifyOptions extends Pick<CycleOptions, "pipelines" | "onProgress"> {
    readonly byRows?: true;
}
export interface QuestionFilter {
    readonly ids?: readonly string[];
    readonly pipeline?: string;
    readonly key?: Key;
    readonly field?: string;
    readonly why?: Why;
}
export type Choice = 
{
    readonly kind: "side";
    readonly side: string;
}
 | {
    readonly kind: "base";
}
 | {
    readonly kind: "value";
    readonly value: Value;
}
 | {
    readonly kind: "delete";
}
 | {
    readonly kind: "policy";
    readonly strategy: string;
};
export interface Resolution {
    readonly filter: QuestionFilter;
    readonly choice: Choice;
    readonly author: string;
    readonly allowDeletes?: true | number;
    readonly seen?: string;
}
export interface ResolutionView {
    readonly run: string;
    readonly answered: number;
    readonly confirmed: number;
    readonly left: readonly {
        readonly id: string;
        readonly shown: string;
        readonly message: string;
    }[];
}
export interface LetterFilter {
    readonly pipeline?: string;
    readonly key?: Key;
    readonly code?: string;
    readonly side?: string;
    readonly kind?: LetterKind;
    readonly error?: string;
}
export type LetterKind = "later" | "refused" | "unreadable" | "rejected";
export type LetterGrouping = "cause" | "code" | "kind" | "side" | "pipeline";
export interface Edit {
    readonly pipeline: string;
    readonly key: Key;
    readonly fields: {
        readonly [field: string]: Value;
    };
    readonly author: string;
}

// engine/plan
import type { Key } from "../core/state.ts";
import { type Context, type CycleStart } from "./context.ts";
import type { Counts } from "./counts.ts";
import { type CycleExtras, type Sink } from "./cycle.ts";
import type { Decision, PlannedWrite } from "./decide.ts";
import type { Verdict } from "./guard.ts";
import { type Trust } from "./identity.ts";
import type { Link } from "./link.ts";
import type { CycleOptions } from "./options.ts";
import type { PlanHead } from "./plan-head.ts";
import { type Found } from "./questions.ts";
import { Moves } from "./moves.ts";
import type { PlanView, Summary } from "./views.ts";
export declare const PLANS_MAX = 20;
export interface PlannedItem {
    readonly key: Key;
    readonly body: string | null;
    readonly last?: string;
    readonly flags: number;
    readonly writes: readonly Pick<PlannedWrite, "side" | "kind" | "from" | "to">[];
    readonly isDrift: boolean;
    readonly rejected: readonly string[];
}
export interface Block {
    readonly seq: number;
    readonly pipeline: string;
    readonly phase: "change" | Verdict;
    readonly items: readonly PlannedItem[];
}
export declare function makePlan(remembering: Link, options: CycleOptions & Trust & CycleExtras, signal: AbortSignal): Promise<PlanView>;
export declare class Recorder implements Sink {
    #private;
    readonly id: string;
    readonly moves: Moves;
    writes: number;
    constructor(link: Link, id: string);
    open({ layouts, cascades }: CycleStart): Promise<void>;
    begin(context: Context): Promise<void>;
    take(context: Context, decisions: readonly Decision[]): Promise<void>;
    end(): Promise<void>;
    withheld(context: Context, verdict: Verdict): AsyncGenerator<Found>;
    hash(): string;
    close(view: PlanView, from?: Pick<PlanHead, "said" | "whole" | "since">): Promise<void>;
}
export declare function summaryOf(counts: ReadonlyMap<string, Counts>, plan: {
    readonly id: string;
    hash(): string;
} | null): Summary;
export declare function readBlocks(link: Link, plan: string, from?: number): AsyncGenerator<Block>;
export declare function contextsOf(link: Link): Promise<ReadonlyMap<string, Context>>;

// engine/plan-head
import type { Said } from "./context.ts";
import type { PlanRecord } from "./journal.ts";
import type { Since } from "./since.ts";
import type { GuardView, Note, PlanView, Summary } from "./views.ts";
export interface PlanHead {
    readonly summary: Summary;
    readonly guards: readonly GuardView[];
    readonly notes: readonly Note[];
    readonly writes: number;
    readonly said?: Said;
    readonly whole?: readonly string[];
    readonly since?: ReturnType<Since["facts"]>;
    readonly loads?: readonly string[];
    readonly from?: number;
}
export declare function saidOf(record: PlanRecord): Said;
export declare function wholeOf(record: PlanRecord): readonly string[];
export declare function sinceOf(record: PlanRecord): ReturnType<Since["facts"]>;
export declare function blockAfter(record: PlanRecord): number;
export declare function loadsOf(record: PlanRecord): readonly string[];
export declare function carriedOut(record: PlanRecord, from: number | undefined): PlanRecord;
export declare function viewOfPlan(record: PlanRecord): PlanView;

// engine/questions
import { type Entry, type Key, type Question, type Row, type Value } from "../core/state.ts";
import { type Context } from "./context.ts";
import type { Link } from "./link.ts";
import type { QuestionFilter } from "./options.ts";
import type { QuestionView } from "./views.ts";
export declare function questions(link: Link, filter: QuestionFilter): AsyncGenerator<QuestionView>;
export declare function brokenViews(context: Context, key: Key, entry: Entry): QuestionView[];
export interface Found {
    readonly context: Context;
    readonly key: Key;
    readonly entry: Entry;
    readonly text: string;
}
export declare function entriesWith(link: Link, flags: number, filter: {
    readonly pipeline?: string;
    readonly key?: Key;
}): AsyncGenerator<Found>;
export declare function flagged(context: Context, flags: number): AsyncGenerator<Found>;
export declare function viewsOf(context: Context, key: Key, entry: Entry): QuestionView[];
export declare function questionLine(context: Context, { field, why, held }: Question): string;
export declare function fieldName({ pipeline, policy }: Context, field: number): string | null;
export declare function named(context: Context, row: Row | null): {
    readonly [field: string]: Value;
} | null;
export declare function namedFields({ pipeline }: Context, row: Row): {
    readonly [field: string]: Value;
};

// engine/range-bytes
import type { Value } from "../core/state.ts";
import type { LogicalType } from "../core/values.ts";
export type DigestForm = "integer" | "real" | "boolean" | "bytes" | "text" | "document";
export declare function digestForm(type: LogicalType): DigestForm;
export type RangeRows = readonly (readonly (Value | undefined)[])[];
export interface RangeField {
    readonly at: number;
    readonly form: DigestForm;
}
export declare function makeRangeBytes(fields: readonly RangeField[], salt: string): (rows: RangeRows) => Uint8Array | undefined;
export declare const RANGE_BYTES_MAX: number;

// engine/ranges
import type { Context } from "./context.ts";
import type { KeyRange, RowStream, UnkeyedRows } from "./stream.ts";
export declare const RANGE_ROWS = 1000;
interface Look extends KeyRange {
    readonly isEqual: boolean;
    readonly rows: number;
}
export interface Ranges {
    looks(): AsyncGenerator<Look, void, undefined>;
    rows(range: KeyRange): readonly RowStream[];
    unkeyed(): readonly UnkeyedRows[];
    close(): Promise<void>;
}
export declare function openRanges(context: Context, signal: AbortSignal): Promise<Ranges | undefined>;
export {};

// engine/recent
import type { Key } from "../core/state.ts";
import { type Look } from "./candidate.ts";
import type { Stretch } from "./compare.ts";
import type { Context } from "./context.ts";
import type { Side } from "./link.ts";
import { type Cursor } from "./replica.ts";
import { type UnkeyedRows } from "./stream.ts";
export declare const RECENT_MAX = 50000;
export interface Recent {
    readonly keys: readonly Key[];
    readonly told: readonly (Looks | undefined)[];
    readonly cursors: readonly (Cursor | null)[];
    readonly unkeyed: readonly UnkeyedRows[];
}
type Looks = ReadonlyMap<Key, Look>;
export declare function readRecent(context: Context, cursors: readonly (Cursor | null)[], signal: AbortSignal): Promise<Recent | undefined>;
export declare function tells({ description, follows }: Side): boolean;
export declare function compareRecent(context: Context, { keys, told }: Pick<Recent, "keys" | "told">, signal: AbortSignal): AsyncGenerator<Stretch, void, undefined>;
export {};

// engine/remove
import type { LinkJournal } from "./journal.ts";
import type { Link } from "./link.ts";
export declare function removePipeline(link: Link, name: string, beside?: readonly LinkJournal[]): Promise<void>;

// engine/replica
import type { LogicalType } from "../core/values.ts";
import type { SyncError } from "../core/errors.ts";
import type { KeyTemplates } from "../core/key-template.ts";
import type { Key, OwnRow, Position, Stamp } from "../core/state.ts";
import type { Description, FieldDescription, NewColumn } from "./description.ts";
import type { Digester, DigestSpec } from "./digester.ts";
import type { Packed, Packer } from "./packer.ts";
export type { Capabilities, CollectionDescription, Description, FieldDescription, NewColumn, Reference, Ripple, } from "./description.ts";
export type Cursor = string;
export interface Shape {
    readonly collection: string;
    readonly key: readonly string[];
    readonly columns: readonly string[];
    readonly types?: readonly LogicalType[];
    readonly since?: SinceColumn;
    readonly templates?: KeyTemplates;
}
export interface SinceColumn {
    readonly column: string;
    readonly overlap: Overlap;
}
export type Overlap = {
    readonly kind: "time";
    readonly ms: number;
} | {
    readonly kind: "number";
    readonly count: number;
};
export interface Unkeyed {
    readonly code: "KEY_MISSING" | "KEY_INVALID" | "ROW_BROKEN";
    readonly where: string;
}
export interface Page {
    readonly keys: readonly Key[];
    readonly rows: readonly (OwnRow | null)[];
    readonly positions?: readonly Position[];
    readonly stamps?: readonly Stamp[];
    readonly unkeyed?: readonly Unkeyed[];
    readonly others?: number;
    readonly bytes?: number;
    readonly cursor?: Cursor;
    readonly covers?: {
        readonly after: Key | null;
        readonly to: Key | null;
        readonly proof: "snapshot" | "paged";
    };
}
export interface Deletions {
    readonly shape: Shape;
    readonly keys: readonly Key[];
    readonly referring: readonly Shape[];
}
export interface Reached {
    readonly from: Key;
    readonly collection: string;
    readonly key?: Key;
    readonly columns: readonly string[];
    readonly values: OwnRow;
}
export type Expected = {
    readonly kind: "absent";
} | {
    readonly kind: "row";
    readonly row: OwnRow;
}
 | {
    readonly kind: "digest";
    readonly digest: string;
    readonly digestOf: (row: OwnRow) => string;
};
export interface RowWrite {
    readonly key: Key;
    readonly expected: Expected;
    readonly to: OwnRow | null;
    readonly again?: string;
}
export interface Batch {
    readonly id: string;
    readonly link: string;
    readonly shape: Shape;
    readonly writes: readonly RowWrite[];
    readonly settled: readonly string[];
    readonly packed?: Packed;
    readonly cascades?: boolean;
}
export type Outcome = 
{
    readonly kind: "applied";
    readonly row?: OwnRow | null;
    readonly at?: Position;
    readonly again?: true;
}
 | {
    readonly kind: "staged";
}
 | {
    readonly kind: "stale";
    readonly row: OwnRow | null;
    readonly at?: Position;
}
 | {
    readonly kind: "refused";
    readonly error: SyncError;
}
 | {
    readonly kind: "later";
    readonly error: SyncError;
    readonly waitMs?: number;
}
 | {
    readonly kind: "unknown";
    readonly error: SyncError;
};
export interface Writer {
    readonly ahead?: number;
    readonly packer?: (shape: Shape, signal: AbortSignal) => Promise<Packer | undefined>;
    write(batch: Batch, signal: AbortSignal): Promise<readonly Outcome[]>;
    finish(signal: AbortSignal): Promise<readonly Outcome[]>;
    abort(): Promise<void>;
}
export interface Mark {
    readonly id: string;
    readonly missed: readonly number[];
    readonly stored?: {
        readonly columns: readonly string[];
        readonly rows: readonly {
            readonly at: number;
            readonly row: OwnRow;
        }[];
    };
}
export interface NewCollection {
    readonly name: string;
    readonly fields: readonly (Pick<FieldDescription, "name" | "type" | "nullable"> & Pick<NewColumn, "declared">)[];
    readonly key: readonly string[];
}
export interface About {
    readonly product: string;
    readonly clockMs?: number;
}
export interface Replica {
    readonly name: string;
    describe(signal: AbortSignal, wanted?: ReadonlySet<string>): Promise<Description>;
    about?(signal: AbortSignal): Promise<About>;
    list(shape: Shape, after: Key | null, signal: AbortSignal): AsyncIterable<Page>;
    read(shape: Shape, keys: readonly Key[], signal: AbortSignal): Promise<Page>;
    digester?(spec: DigestSpec, signal: AbortSignal): Promise<Digester | undefined>;
    reach?(deletions: Deletions, signal: AbortSignal): AsyncIterable<readonly Reached[]>;
    changes(shapes: readonly Shape[], cursor: Cursor | undefined, signal: AbortSignal): AsyncIterable<FeedPage>;
    head?(shapes: readonly Shape[], signal: AbortSignal): Promise<Cursor>;
    acknowledge(cursor: Cursor): Promise<void>;
    marks(link: string, signal: AbortSignal): Promise<readonly Mark[]>;
    writer(signal: AbortSignal): Promise<Writer>;
    ddl?(collection: NewCollection): string;
    create?(collection: NewCollection, signal: AbortSignal): Promise<void>;
    forget(link: string): Promise<void>;
    close(): Promise<void>;
}
export interface FeedPage extends Page {
    readonly collection: string;
    readonly cursor: Cursor;
    readonly isNow?: true;
}
export declare const STAGED_WRITES_MAX = 50000;
export declare const STAGED_BYTES_MAX: number;
export declare const NO_COLUMNS: ReadonlySet<string>;
export declare const PAGE_ROWS_MAX = 1000;
export declare const PAGE_BYTES_MAX: number;

// engine/resolve
import type { Link } from "./link.ts";
import type { Resolution, ResolutionView } from "./options.ts";
export declare function resolve(link: Link, resolution: Resolution, signal: AbortSignal): Promise<ResolutionView>;

// engine/retry
import type { Link } from "./link.ts";
import type { LetterFilter } from "./options.ts";
import type { LeftView } from "./views.ts";
export interface RetryView {
    readonly run: string | null;
    readonly tried: number;
    readonly written: number;
    readonly left: readonly LeftView[];
    readonly leftCount: number;
}
export declare function retryLetters(link: Link, filter: LetterFilter, signal: AbortSignal): Promise<RetryView>;

// engine/rollback
import type { Stamp } from "../core/state.ts";
import { type EntryName } from "./history.ts";
import type { Link } from "./link.ts";
import type { PlanView } from "./views.ts";
export type Rollback = {
    readonly run: string;
} | (EntryName & {
    readonly to: Stamp;
});
export interface RollbackOptions {
    readonly allowDeletes?: true | number;
}
export declare function planRollback(link: Link, of: Rollback & RollbackOptions, signal: AbortSignal): Promise<PlanView>;
export declare const ROLLBACK_ENTRIES_MAX = 200000;

// engine/run
import type { Carrier } from "./carry.ts";
import { type Heads } from "./cursors.ts";
import { type CycleExtras, type Sink } from "./cycle.ts";
import { type Trust } from "./identity.ts";
import type { Link } from "./link.ts";
import type { CycleOptions } from "./options.ts";
import type { RunView } from "./views.ts";
export declare function run(link: Link, options: CycleOptions & Trust & CycleExtras, signal: AbortSignal): Promise<RunView>;
export interface ApplyOptions extends Pick<CycleOptions, "onProgress" | "shouldDrain"> {
    readonly heads?: Heads;
    readonly asked?: readonly string[];
}
export declare function applyPlan(link: Link, planId: string, options: ApplyOptions, signal: AbortSignal): Promise<RunView>;
export declare function writingSink(carrier: Carrier, signal: AbortSignal): Sink;

// engine/second-pass
import type { Carrier } from "./carry.ts";
import type { Context } from "./context.ts";
import type { Decision } from "./decide.ts";
import type { Link } from "./link.ts";
export declare const RING_ROWS_MAX = 100000;
export type Rings = "others" | "all";
export type Waiting = (context: Context) => AsyncIterable<readonly Decision[]>;
export declare function secondPass({ link, carrier, contexts }: Pass, { rings: which, waiting }: {
    readonly rings: Rings;
    readonly waiting: Waiting;
}, signal: AbortSignal): Promise<number>;
interface Pass {
    readonly link: Link;
    readonly carrier: Carrier;
    readonly contexts: readonly Context[];
}
export {};

// engine/settings
import type { FilterSpec } from "../core/filter.ts";
import type { MappingSpec } from "../core/mapping.ts";
import type { RuleSpec } from "../core/rules.ts";
import type { Value } from "../core/state.ts";
import type { Rival } from "../core/policy.ts";
import type { Backoff } from "./backoff.ts";
import type { Guard } from "./link.ts";
import type { Overlap } from "./replica.ts";
export interface CollectionName {
    readonly system: string;
    readonly collection: string;
}
export type StrategySetting = string | ((base: Value | undefined, rivals: readonly Rival[]) => Value | undefined);
export interface ConflictSettings {
    readonly strategy?: StrategySetting;
    readonly by?: string;
    readonly fields?: {
        readonly [field: string]: StrategySetting;
    };
    readonly deletes?: "ask" | "edit-wins" | "delete-wins";
    readonly keys?: {
        readonly [field: string]: string;
    };
}
export interface SideSettings {
    readonly name: string;
    readonly at: CollectionName;
    readonly mapping?: readonly MappingSpec[];
    readonly follows?: boolean;
    readonly since?: Omit<SinceSettings, "fullMs">;
}
export interface SinceSettings {
    readonly field?: string;
    readonly overlap?: Overlap;
    readonly fullMs?: number;
}
export interface PipelineSettings {
    readonly name: string;
    readonly sides: readonly SideSettings[];
    readonly direction?: "one-way" | "two-way";
    readonly key?: readonly string[];
    readonly mapping?: readonly MappingSpec[];
    readonly filters?: FilterSpec;
    readonly whenFilteredOut?: "keep" | "delete";
    readonly validation?: readonly RuleSpec[];
    readonly conflicts?: ConflictSettings;
    readonly initial?: "merge" | "source" | "target" | "manual" | string;
    readonly drift?: "overwrite" | "keep";
    readonly extra?: "keep" | "delete";
    readonly guard?: Partial<Guard>;
    readonly retry?: Partial<Backoff>;
    readonly batchRows?: number;
    readonly rowsPerSecond?: number;
    readonly memory?: "full" | "digest";
    readonly createMissing?: boolean;
    readonly since?: SinceSettings;
}

// engine/status
import type { Link } from "./link.ts";
import type { StatusView } from "./views.ts";
export interface Remembered extends Pick<Link, "name" | "journal"> {
    readonly pipelines: readonly {
        readonly name: string;
    }[];
}
export declare function status(link: Remembered): Promise<StatusView>;

// engine/stream
import type { Key, OwnRow, Position, Stamp } from "../core/state.ts";
import type { LinkJournal } from "./journal.ts";
import type { Side } from "./link.ts";
import { type Page, type Unkeyed } from "./replica.ts";
interface Stream {
    head: Key | undefined;
    isUsedUp: boolean;
    fill(): Promise<void>;
    next(): boolean;
    close(): Promise<void>;
}
export interface RowStream extends Stream {
    readonly row: () => OwnRow;
}
interface Weighed {
    drawn: number;
}
export interface SideStream extends RowStream, Weighed {
    readonly at: () => Position;
    readonly stamp: () => Stamp | undefined;
    readonly unkeyed: UnkeyedRows;
    others: number;
    readonly isEmpty: () => boolean;
    readonly proof: () => "snapshot" | "paged";
    take(into: Taken, to: Key | null, max: number): void;
}
export interface Taken {
    readonly keys: Key[];
    readonly owns: OwnRow[];
}
export interface UnkeyedRows {
    readonly count: number;
    readonly named: readonly Unkeyed[];
}
export declare const UNKEYED_MAX = 10;
export declare function listSide(side: Side, after: Key | null, signal: AbortSignal): SideStream;
export interface KeyRange {
    readonly after: Key | null;
    readonly to: Key | null;
}
export declare function streamPages(side: Side, listed: AsyncIterable<Page>, { after, to }: KeyRange): SideStream;
export interface EntryStream extends Stream, Weighed {
    readonly body: () => readonly unknown[];
    readonly text: () => string;
    readonly flags: () => number;
}
export declare function listEntries(journal: LinkJournal, pipeline: string, from: Key | null): EntryStream;
export declare function parseBodies(bodies: readonly string[]): readonly unknown[][];
export {};

// engine/sweep
import type { Key } from "../core/state.ts";
import type { Carrier } from "./carry.ts";
import { type Context } from "./context.ts";
import type { Link } from "./link.ts";
export declare const SWEEP_ROUNDS_MAX = 20;
export interface SweepOptions {
    readonly onlyLater?: boolean;
    readonly limit?: number;
    readonly key?: Key;
}
export declare function sweep(link: Link, carrier: Carrier, contexts: readonly Context[], options: SweepOptions, signal: AbortSignal): Promise<void>;

// engine/tally
import type { Key, OwnRow, Parked } from "../core/state.ts";
import type { Context } from "./context.ts";
import type { Link } from "./link.ts";
import type { Outcome, RowWrite } from "./replica.ts";
import type { LeftView, Note, SideCounts } from "./views.ts";
export declare const LEFT_MAX = 1000;
export declare const LATER_MAX = 100000;
export declare class Tally {
    #private;
    wrote({ pipeline }: Context, side: number, writes: readonly Sent[], outcomes: readonly Outcome[]): void;
    created({ pipeline }: Context, side: number, outcomes: readonly Outcome[]): void;
    written(pipeline: string, side: string): SideCounts;
    get writes(): number;
    leave(context: Context, { key, side, to }: {
        readonly key: Key;
        readonly side: number;
        readonly to: OwnRow | null;
    }, outcome: Outcome): void;
    stored({ pipeline }: Context, side: number, to: OwnRow | null, outcome: Outcome): void;
    get notes(): readonly Note[];
    isLater(context: Context, key: Key, side: number): boolean;
    putAhead(context: Context, key: Key, side: number, parked: Parked): void;
    aheadOf(context: Context, key: Key, side: number): Parked | undefined;
    isClash(context: Context, key: Key, side: number): boolean;
    get left(): readonly LeftView[];
    get unnamed(): number;
}
type Sent = Pick<RowWrite, "expected" | "to">;
export interface Left {
    readonly left: readonly LeftView[];
    readonly leftCount: number;
}
export declare function leftForGood(link: Link, tally: Tally, kind: string): Promise<Left>;
export {};

// engine/verify
import type { Link } from "./link.ts";
import type { VerifyOptions } from "./options.ts";
import type { VerifyView } from "./views.ts";
export declare const DIFFERENCES_MAX = 100;
export declare function verify(link: Link, options: VerifyOptions, signal: AbortSignal): Promise<VerifyView>;

// engine/views
import type { Key, Value, Why } from "../core/state.ts";
import type { LetterKind } from "./options.ts";
export interface SideCounts {
    readonly create: number;
    readonly update: number;
    readonly delete: number;
}
export interface PipelineSummary {
    readonly planId: string | null;
    readonly hash: string | null;
    readonly sides: {
        readonly [side: string]: SideCounts;
    };
    readonly conflicts: number;
    readonly rejected: number;
    readonly withheld: number;
    readonly drift: number;
    readonly driftKept?: number;
    readonly extra: number;
    readonly unchanged: number;
    readonly unkeyed?: number;
    readonly outside?: number;
}
export interface Summary {
    readonly pipelines: {
        readonly [pipeline: string]: PipelineSummary;
    };
}
export interface FieldChange {
    readonly field: string;
    readonly from: Value | undefined;
    readonly to: Value | undefined;
}
export interface WriteView {
    readonly side: string;
    readonly kind: "create" | "update" | "delete";
    readonly changes: readonly FieldChange[];
}
export interface HeldView {
    readonly value: Value | undefined | {
        readonly [field: string]: Value;
    };
}
export interface QuestionView {
    readonly id: string;
    readonly pipeline: string;
    readonly key: Key;
    readonly shown: string;
    readonly field: string | null;
    readonly why: Why;
    readonly opened: string | null;
    readonly base: Value | undefined | {
        readonly [field: string]: Value;
    } | null;
    readonly held: {
        readonly [side: string]: HeldView;
    };
    readonly errors: readonly string[];
    readonly seen: string;
    readonly isAnswered: boolean;
}
export interface PlanItem {
    readonly pipeline: string;
    readonly key: Key;
    readonly shown: string;
    readonly writes: readonly WriteView[];
    readonly questions: readonly QuestionView[];
    readonly rejected: readonly string[];
    readonly isDrift: boolean;
}
export interface Note {
    readonly code: string;
    readonly pipeline: string | null;
    readonly text: string;
}
export interface GuardView {
    readonly pipeline: string;
    readonly side: string;
    readonly deletions: number;
    readonly known: number;
    readonly limit: number;
    readonly passed?: number;
    readonly emptied?: string;
}
export interface PlanView {
    readonly id: string;
    readonly hash: string;
    readonly summary: Summary;
    readonly guards: readonly GuardView[];
    readonly notes: readonly Note[];
    readonly writes: number;
}
export interface LeftView {
    readonly pipeline: string;
    readonly key: Key;
    readonly shown: string;
    readonly side: string;
    readonly why: "stale" | "refused" | "later" | "unknown" | "unreadable" | "rejected";
    readonly message: string;
}
export interface RunView {
    readonly id: string;
    readonly planId: string | null;
    readonly summary: Summary;
    readonly guards: readonly GuardView[];
    readonly notes: readonly Note[];
    readonly left: readonly LeftView[];
    readonly leftCount: number;
    readonly durationMs: number;
    readonly waits: boolean;
    readonly isStopped: boolean;
}
export interface VerifyCounts {
    readonly equal: number;
    readonly rounded: number;
    readonly different: number;
    readonly onlySource: number;
    readonly onlyTarget: number;
    readonly open: number;
    readonly unreadable?: number;
    readonly unkeyed?: number;
    readonly ranges?: number;
    readonly descended?: number;
}
export interface DifferenceView {
    readonly pipeline: string;
    readonly shown: string;
    readonly kind: "different" | "onlySource" | "onlyTarget" | "unkeyed";
    readonly side: string;
    readonly changes: readonly FieldChange[];
    readonly errors?: readonly string[];
    readonly isOpen: boolean;
}
export interface VerifyView {
    readonly pipelines: {
        readonly [pipeline: string]: VerifyCounts;
    };
    readonly differences: readonly DifferenceView[];
}
export declare const BY_FILTER = "filter";
export interface HistoryView {
    readonly seq: number;
    readonly pipeline: string;
    readonly shown: string;
    readonly at: string;
    readonly run: string;
    readonly by: string;
    readonly why: string;
    readonly kind: "create" | "update" | "delete" | "overruled";
    readonly changes: readonly FieldChange[];
}
export interface BlameView {
    readonly field: string;
    readonly value: Value | undefined;
    readonly by: string;
    readonly at: string;
}
export interface LetterView {
    readonly pipeline: string;
    readonly key: Key;
    readonly shown: string;
    readonly side: string;
    readonly kind: LetterKind;
    readonly code: string;
    readonly errors: readonly string[];
    readonly attempts: number;
    readonly due: string | null;
}
export interface LetterDetail extends LetterView {
    readonly write: "create" | "update" | "delete" | null;
    readonly values: {
        readonly [field: string]: Value;
    } | null;
    readonly unkept: string | null;
}
export interface TestedLetter extends LetterView {
    readonly verdict: "passes" | "tries" | "fails" | "waits";
    readonly writes: readonly Pick<WriteView, "side" | "kind">[];
    readonly row: {
        readonly [field: string]: Value;
    } | null;
}
export interface LetterGroup {
    readonly pipeline?: string;
    readonly side?: string;
    readonly kind?: LetterKind;
    readonly code?: string;
    readonly cause?: string;
    readonly letters: number;
}
export interface StatusView {
    readonly link: string;
    readonly pipelines: {
        readonly [pipeline: string]: {
            readonly entries: number;
            readonly conflicts: number;
            readonly withheld: number;
            readonly owed: number;
            readonly letters: number;
        };
    };
    readonly lastRun: {
        readonly id: string;
        readonly kind: string;
        readonly at: string;
        readonly status: string;
    } | null;
}

// core/state: see api/core.d.ts

// core/values: see api/core.d.ts

// engine/context
import type { Policy } from "../core/policy.ts";
import type { Memory, SideIndex, Stamp } from "../core/state.ts";
import type { Trust } from "./identity.ts";
import type { Env, Link, Pipeline } from "./link.ts";
import type { Commit } from "./journal.ts";
import { type Layouts } from "./layout.ts";
import type { Loaded } from "./loads.ts";
import { type Codec } from "./memory.ts";
import type { Mark } from "./replica.ts";
import type { Doubles } from "./unique.ts";
import { type View } from "./view.ts";
export interface Context {
    readonly link: Link;
    readonly env: Env;
    readonly pipeline: Pipeline;
    readonly view: View;
    readonly codec: Codec;
    readonly policy: Policy;
    readonly run: string;
    readonly stamp: Stamp;
    readonly anew: ReadonlySet<SideIndex>;
    readonly marks: readonly (readonly Mark[])[];
    readonly cascades: boolean;
    readonly loads?: readonly Loaded[];
    readonly doubles?: Doubles;
}
export interface CycleStart {
    readonly run: string;
    readonly stamp: Stamp;
    readonly refill: ReadonlySet<string>;
    readonly anew?: ReadonlySet<string>;
    readonly forgets?: boolean;
    readonly cascades?: boolean;
    readonly layouts?: ReadonlyMap<string, Layouts>;
}
export type Said = Trust & {
    readonly allowDeletes?: true | number;
};
export declare function startCycle(link: Link, said?: Said): Promise<CycleStart>;
export declare function startFacts({ stamp, layouts }: CycleStart): NonNullable<Commit["facts"]>;
export declare function makeContext(link: Link, pipeline: Pipeline, start: CycleStart, marks: Context["marks"]): Context;
export declare function readMarks(link: Link, pipeline: Pipeline, signal: AbortSignal): Promise<Context["marks"]>;
export declare const toldId: (batch: string, index: number) => string;
export declare const batchOf: (told: string) => string;
export declare function landed(context: Context, side: SideIndex, memory: Memory | undefined): string[];

// core/hash: see api/core.d.ts

// core/lens: see api/core.d.ts

// core/policy: see api/core.d.ts

// core/rules: see api/core.d.ts

// engine/templated
import type { Key } from "../core/state.ts";
import type { Replica, Shape } from "./replica.ts";
interface Keyed {
    readonly key: Key;
    readonly raw: string;
    readonly line: number;
}
export interface Sorter {
    add(record: Keyed): void;
    sorted(): Iterable<Keyed>;
    close(): void;
}
export declare function ownKeyIn({ templates }: Shape, key: Key): Key | undefined;
export declare function templated(replica: Replica, sorter: () => Sorter): Replica;
export {};

// engine/decide
import type { Entry, Key, Memory, OwnRow, Row, SideIndex, Write } from "../core/state.ts";
import type { Candidate, Look } from "./candidate.ts";
import { type Context } from "./context.ts";
import type { Expected } from "./replica.ts";
export interface PlannedWrite {
    readonly side: SideIndex;
    readonly kind: "create" | "update" | "delete";
    readonly from: OwnRow | null;
    readonly to: OwnRow | null;
    readonly expected: Expected;
    readonly write: Write;
    readonly isPart?: true;
}
export interface Decision {
    readonly key: Key;
    readonly before: Entry | undefined;
    readonly after: Entry;
    readonly body: string | null;
    readonly isNews: boolean;
    readonly writes: readonly PlannedWrite[];
    readonly isDrift: boolean;
}
export declare function decide(context: Context, candidate: Candidate): Decision | undefined;
export interface Known {
    readonly payload?: Row | undefined;
    readonly isDrift?: boolean;
    readonly looks?: Candidate["looks"];
    readonly planned?: ReadonlyMap<SideIndex, OwnRow | null>;
}
export declare function decisionOf(context: Context, of: {
    readonly key: Key;
    readonly before: Entry | undefined;
    readonly text: string | undefined;
}, after: Entry, more?: Known): Decision | undefined;
export declare function isForgettable({ policy }: Context, entry: Entry): boolean;
export declare function isPlaced({ own, at, isLogged }: Look, memory: Memory | undefined): boolean;
export declare function payloadOf(context: Context, after: Entry, looks: readonly (Look | undefined)[]): Row | undefined;

// engine/counts
import type { Context } from "./context.ts";
import type { Decision } from "./decide.ts";
import { Skews } from "./skew.ts";
import type { PipelineSummary } from "./views.ts";
export declare class Counts {
    #private;
    conflicts: number;
    rejected: number;
    withheld: number;
    drift: number;
    driftKept: number;
    extra: number;
    outside: number;
    unchanged: number;
    unkeyed: number;
    changed: number;
    readonly skews: Skews;
    constructor(context: Context);
    add(decision: Decision): void;
    write({ writes }: Pick<Decision, "writes">): void;
    created(side: number, count: number): void;
    summary(planId: string | null, hash: string | null): PipelineSummary;
}
export declare function waitsForPerson(summary: PipelineSummary): boolean;
export declare function rejections(context: Context, { after }: Pick<Decision, "after">): string[];

// engine/cycle
import { type Context, type CycleStart } from "./context.ts";
import { Counts } from "./counts.ts";
import { type Decision } from "./decide.ts";
import type { Verdict } from "./guard.ts";
import type { Loading } from "./fresh.ts";
import { type Trust } from "./identity.ts";
import type { Link } from "./link.ts";
import type { CycleOptions } from "./options.ts";
import type { Found } from "./questions.ts";
import type { Moves } from "./moves.ts";
import type { Since } from "./since.ts";
import type { GuardView, Note } from "./views.ts";
export interface Sink {
    begin(context: Context): Promise<void>;
    take(context: Context, decisions: readonly Decision[]): Promise<void>;
    load?(context: Context, loading: Loading): Promise<readonly Decision[]>;
    end(context: Context): Promise<void>;
    withheld(context: Context, verdict: Verdict): AsyncIterable<Found>;
    readonly moves?: Moves;
}
export interface Cycle {
    readonly start: CycleStart;
    readonly contexts: readonly Context[];
    readonly counts: ReadonlyMap<string, Counts>;
    readonly guards: readonly GuardView[];
    readonly notes: readonly Note[];
    readonly isDrained: boolean;
}
export interface CycleExtras {
    readonly isPlain?: boolean;
}
export interface CycleParts {
    readonly sink: Sink;
    readonly start: CycleStart;
    readonly since: Since;
}
export declare function runCycle(link: Link, { sink, start, since }: CycleParts, options: CycleOptions & Trust & CycleExtras, signal: AbortSignal): Promise<Cycle>;

// engine/guard
import { SyncError } from "../core/errors.ts";
import { type Entry, type Key, type SideIndex } from "../core/state.ts";
import type { Context } from "./context.ts";
import { type Decision } from "./decide.ts";
import type { Hour } from "./hourly.ts";
import type { Guard } from "./link.ts";
import type { GuardView } from "./views.ts";
export declare function deletesAllowed({ share, floor, cap }: Guard, known: number): number;
export interface Measure {
    readonly known: number;
    readonly allowed: true | number | undefined;
    readonly hour?: Hour | undefined;
}
export declare class Withheld {
    #private;
    count: number;
    constructor(emptied?: readonly SideIndex[]);
    add(context: Context, entry: Entry): void;
    trips({ pipeline }: Context, { known, allowed, hour }: Measure): readonly GuardView[];
}
export declare function losers(context: Context, entry: Entry): number[];
declare function release(context: Context, key: Key, entry: Entry, text: string): Decision | undefined;
declare function restore(context: Context, key: Key, entry: Entry, text: string): Decision | undefined;
export type Verdict = "release" | "restore";
export declare const VERDICTS: {
    release: typeof release;
    restore: typeof restore;
};
export declare function guardStopped(trip: GuardView): SyncError;
export {};

// engine/since
import type { Context } from "./context.ts";
import { type Recent } from "./recent.ts";
import type { Trust } from "./identity.ts";
import type { Link } from "./link.ts";
import type { CycleOptions } from "./options.ts";
import type { Note } from "./views.ts";
type Facts = readonly {
    readonly name: string;
    readonly value: string;
}[];
type Asked = Pick<CycleOptions, "key" | "limit" | "everything"> & Trust;
export declare const sinceFact: (pipeline: string) => string;
export declare class Since {
    #private;
    constructor(link: Link, asked: Asked);
    look(context: Context, notes: Note[], signal: AbortSignal): Promise<Recent | undefined>;
    whole(names: readonly string[]): readonly string[];
    surelyWhole(names: readonly string[]): Promise<readonly string[]>;
    facts(): Facts;
}
export {};

// engine/candidate
import type { Key, OwnRow } from "../core/state.ts";
import type { Pipeline } from "./link.ts";
import type { View } from "./view.ts";
export interface Look {
    readonly own: OwnRow | null;
    readonly isUnproven?: boolean;
    readonly at?: number | bigint;
    readonly stamp?: number | undefined;
    readonly isLogged?: boolean;
}
export interface Candidate {
    readonly key: Key;
    readonly body: readonly unknown[] | undefined;
    readonly text: string | undefined;
    readonly rejected?: string;
    readonly isOurs?: boolean;
    readonly isAsked?: true;
    readonly isEdited?: true;
    readonly looks: readonly (Look | undefined)[];
}
export declare function isPassedBy(pipeline: Pipeline, view: View, candidate: Candidate): boolean;
export interface Fresh {
    readonly keys: Key[];
    readonly owns: OwnRow[];
}
export declare function canLoad({ sides }: Pipeline): boolean;
export declare function plainly(key: Key, own: OwnRow): Candidate;

// engine/compare
import type { Key, SideIndex } from "../core/state.ts";
import type { LinkJournal } from "./journal.ts";
import type { Pipeline } from "./link.ts";
import type { Folding } from "./folding.ts";
import { type Candidate, type Fresh } from "./candidate.ts";
import { type RowStream, type UnkeyedRows } from "./stream.ts";
import type { View } from "./view.ts";
export interface Stretch {
    readonly candidates: readonly Candidate[];
    readonly unchanged: number;
    readonly extra: number;
    readonly outside: number;
    readonly fresh: Fresh;
}
export interface CompareOptions {
    readonly view: View;
    readonly journal: LinkJournal;
    readonly layout: number;
    readonly key?: Key;
    readonly folding: Folding;
    readonly isPlain?: boolean;
    readonly ours?: ReadonlySet<Key>;
    readonly onEmpty: (side: SideIndex) => void;
    readonly onUnkeyed: (side: SideIndex, rows: UnkeyedRows) => void;
}
export declare function compare(pipeline: Pipeline, options: CompareOptions, signal: AbortSignal): AsyncGenerator<Stretch, void, undefined>;
type Seen = Pick<RowStream, "head" | "row">;
export declare function freezing(pipeline: Pipeline, view: View): (sides: readonly Seen[], key: Key, isKnown: boolean) => boolean;
export {};

// core/errors: see api/core.d.ts

// core/key-template: see api/core.d.ts

// engine/description
import type { SyncError } from "../core/errors.ts";
import type { Key, OwnRow } from "../core/state.ts";
import type { LogicalType } from "../core/values.ts";
import type { NewCollection } from "./replica.ts";
export interface Capabilities {
    readonly log: boolean;
    readonly since?: true;
    readonly sinceColumns?: readonly LogicalType["kind"][];
    readonly list: "snapshot" | "paged" | "none";
    readonly compareAndSet: "row" | "none";
    readonly returns: boolean;
    readonly marks: boolean;
    readonly commits: "page" | "finish";
    readonly writable: boolean;
}
export interface FieldDescription {
    readonly name: string;
    readonly type: LogicalType;
    readonly declared: string;
    readonly nullable: boolean;
    readonly hasDefault: boolean;
    readonly generated: boolean;
    readonly broken?: SyncError;
    readonly open?: true;
    readonly sparse?: true;
    readonly unseen?: "newly" | "still";
}
export interface Reference {
    readonly columns: readonly string[];
    readonly collection: string;
    readonly references: readonly string[];
    readonly onDelete: "refuse" | "cascade" | "set-null" | "set-default";
}
export interface Ripple {
    readonly on: "update" | "delete";
    readonly columns?: readonly string[];
    readonly by: string;
}
export interface CollectionDescription {
    readonly name: string;
    readonly capabilities: Capabilities;
    readonly fields: readonly FieldDescription[];
    readonly key: readonly string[];
    readonly uniqueSets: readonly (readonly string[])[];
    readonly references: readonly Reference[];
    readonly triggers: readonly string[];
    readonly ripples?: readonly Ripple[];
    readonly foldKey?: (key: Key) => string;
    readonly openKey?: true;
    readonly openColumns?: "shown" | "unshown";
    readonly isPending?: true;
    readonly isDerived?: true;
    readonly broken?: SyncError;
    readonly unwritable?: SyncError;
    readonly store?: (column: string, value: OwnRow[number]) => OwnRow[number];
}
export interface NewColumn {
    readonly isKey: boolean;
    readonly declared?: string;
}
export interface Description {
    readonly identity?: string;
    readonly epoch: number;
    readonly collections: ReadonlyMap<string, CollectionDescription>;
    readonly dialect?: string;
    readonly isQualified?: true;
    readonly creates?: {
        readonly capabilities: Capabilities;
        readonly unasked: boolean;
        readonly columnFor?: (type: LogicalType, column: NewColumn) => LogicalType;
        readonly describes?: (collection: NewCollection) => Pick<CollectionDescription, "fields" | "key" | "uniqueSets" | "openKey" | "openColumns">;
        readonly refuses?: (collection: string) => SyncError | undefined;
    };
}

// engine/packer
import type { OwnRow } from "../core/state.ts";
export interface Packed {
    readonly count: number;
    rows(): readonly OwnRow[];
}
export interface Packer {
    add(rows: readonly OwnRow[]): boolean;
    readonly isFull: boolean;
    end(): Packed;
}
export declare const PACKED_ROWS_MAX = 8000;

// engine/carry
import { type Context } from "./context.ts";
import type { Decision } from "./decide.ts";
import type { EntryRecord, HistoryRecord, JoinedEntries } from "./journal.ts";
import type { Link } from "./link.ts";
import { type Packer } from "./packer.ts";
import type { Facts, Load, PackedSending, Sending } from "./sending.ts";
import { Tally } from "./tally.ts";
export declare class Carrier {
    #private;
    readonly tally: Tally;
    constructor(link: Link);
    carry(context: Context, decisions: readonly Decision[], signal: AbortSignal): Promise<void>;
    flush(): Promise<void>;
    save(facts: Facts): Promise<void>;
    finish(signal: AbortSignal): Promise<void>;
    close(): Promise<void>;
    note(pipeline: string, records: readonly EntryRecord[], history?: readonly HistoryRecord[]): void;
    join(joined: JoinedEntries, history: readonly HistoryRecord[]): void;
    packer(context: Context, side: number, signal: AbortSignal): Promise<Packer | undefined>;
    sendAhead(context: Context, sending: Sending | PackedSending, { before, land }: Load, signal: AbortSignal): Promise<void>;
    batchId(context: Context): string;
}

// engine/cursors
import { type Trust } from "./identity.ts";
import type { Link, Side } from "./link.ts";
import type { Cursor, Replica, Shape } from "./replica.ts";
type Facts = readonly {
    readonly name: string;
    readonly value: string | null;
}[];
export type Heads = ReadonlyMap<string, Cursor>;
export declare const cursorFact: (system: string) => string;
export declare const lostFact: (system: string) => string;
export declare const hears: (replica: Replica) => (side: Side) => boolean;
export declare const hearsAny: ({ pipelines }: Link, replica: Replica) => boolean;
export declare function heardShapes(link: Link, replica: Replica): readonly Shape[];
export declare function readHeads(link: Link, { whole, said }: {
    readonly whole: readonly string[];
    readonly said: Trust;
}, signal: AbortSignal): Promise<Heads>;
export declare function headFacts(heads: Heads): Facts;
export declare function acknowledgeHeads(link: Link, heads: Heads): Promise<void>;
export declare function readCursor({ journal }: Link, name: string): Promise<Cursor | undefined>;
export declare function noteLost(link: Link, name: string, error: unknown): Promise<unknown>;
export {};

// core/filter: see api/core.d.ts

// core/mapping: see api/core.d.ts

// engine/layout
import type { OwnRow, Row, SideIndex, State } from "../core/state.ts";
import type { Link, Pipeline } from "./link.ts";
interface SideLayout {
    readonly name: string;
    readonly at: string;
    readonly columns: readonly string[];
    readonly reads: readonly string[];
    readonly carries: readonly number[];
    readonly ownsFilter: boolean;
    readonly inverse?: readonly number[];
}
export interface Layout {
    readonly memory: Pipeline["memory"];
    readonly fields: readonly string[];
    readonly types: readonly string[];
    readonly hasMember: boolean;
    readonly sides: readonly SideLayout[];
}
export interface Layouts {
    readonly known: readonly Layout[];
    readonly today: number;
    readonly isNew: boolean;
}
export interface Reading {
    readonly sides: number;
    readonly fields: number;
    project(side: SideIndex, agreed: State): Row | null;
    ownOf(side: SideIndex, shadow: Row): OwnRow | undefined;
}
export declare function readLayouts(link: Link): Promise<ReadonlyMap<string, Layouts>>;
export declare function layoutFacts(layouts: ReadonlyMap<string, Layouts> | undefined): readonly Fact[];
interface Fact {
    readonly name: string;
    readonly value: string;
}
export declare function placesOf({ memory, fields, hasMember }: Layout): number;
export declare function memberOf(layout: Layout): number;
export declare function readingOf(layout: Layout): Reading;
export {};

// engine/loads
import type { Key, SideIndex } from "../core/state.ts";
import type { Context } from "./context.ts";
import type { Commit } from "./journal.ts";
import type { Link } from "./link.ts";
export interface Loaded {
    readonly id: string;
    readonly keys: readonly Key[];
}
export interface LoadedText {
    readonly id: string;
    readonly keys: string;
}
type Facts = NonNullable<Commit["facts"]>;
export declare const LOADS_UNDER_WAY_MAX = 4;
export declare function readLoads(context: Context, side: SideIndex): Promise<{
    readonly loads: readonly Loaded[];
    readonly ours: ReadonlySet<Key>;
}>;
export declare function loadsUnderWay({ journal, pipelines }: Link): Promise<readonly string[]>;
export declare function loadFacts({ pipeline, loads }: Context, { id, keys }: LoadedText, place: number): Facts;
export declare const loadedFacts: (pipelines: readonly string[]) => Facts;
export {};

// engine/memory
import type { Credit, Entry, OwnRow } from "../core/state.ts";
import type { Policy } from "../core/policy.ts";
import { type Layouts } from "./layout.ts";
import type { Pipeline } from "./link.ts";
import { type Json, type JsonList } from "./memory-text.ts";
import type { View } from "./view.ts";
export interface Codec {
    readonly layout: number;
    encode(entry: Entry): string;
    decode(parsed: JsonList): Entry;
}
export interface Rest {
    readonly values: JsonList;
    readonly owns: JsonList | undefined;
}
export declare function restOf(parsed: JsonList, layout: number): Rest | undefined;
export declare function restBodies(credit: Credit, layout: number): (values: string, owns: string | undefined) => string;
export interface CodecParts {
    readonly view: View;
    readonly policy: Policy;
    readonly layouts?: Layouts;
}
export declare function makeCodec(pipeline: Pipeline, parts: CodecParts): Codec;
export declare function flagsOf(entry: Entry, owes: boolean): number;
export declare function isOwn(kept: Json, own: OwnRow): boolean;

// engine/unique
import { type Hash } from "../core/hash.ts";
import type { Key, Row } from "../core/state.ts";
import type { Pipeline } from "./link.ts";
export type Doubles = ReadonlyMap<Key, readonly (readonly string[] | undefined)[]>;
export declare function doubledRows(pipeline: Pipeline, hash: Hash, signal: AbortSignal): Promise<Doubles>;
export declare function causeOf(error: string): string;
export interface Edited {
    readonly key: Key;
    readonly row: Row;
}
export declare function doubledBy(pipeline: Pipeline, { key, row }: Edited, hash: Hash, signal: AbortSignal): Promise<readonly string[]>;
export declare const DOUBLED = "";
export declare function apart(folding: ReadonlyMap<Key, string>, doubles: Doubles): ReadonlyMap<Key, string>;

// engine/view
import type { OwnRow, Row, SideIndex } from "../core/state.ts";
import type { Hash } from "../core/hash.ts";
import type { Pipeline } from "./link.ts";
export interface Unreadable {
    readonly kind: "unreadable";
    readonly errors: readonly string[];
    readonly broken?: Row;
}
export interface View {
    see(side: SideIndex, own: OwnRow): Row | Unreadable;
    seeBroken(side: SideIndex, own: OwnRow): Row | undefined;
    fields(side: SideIndex, own: OwnRow): Row | Unreadable;
    digest(fields: Row): string;
    back(side: SideIndex, fields: Row, own: OwnRow | null): OwnRow | Unreadable;
    isInside(side: SideIndex, own: OwnRow): boolean;
    ownOf(side: SideIndex, row: Row): OwnRow | undefined;
}
export declare function isUnreadable(look: Row | OwnRow | Unreadable): look is Unreadable;
export declare function makeView(pipeline: Pipeline, hash: Hash): View;
export declare function isPicking(lens: {
    readonly carries: readonly number[];
    readonly positions: readonly number[];
}, fields: number): boolean;
export declare function columnsByField(lens: {
    readonly carries: readonly number[];
    readonly positions: readonly number[];
}, columns: number, fields: number): readonly number[] | undefined;

// engine/skew
import type { Context } from "./context.ts";
import type { Decision } from "./decide.ts";
import type { Note } from "./views.ts";
export declare class Skews {
    #private;
    readonly goesByTime: boolean;
    constructor(context: Context);
    add({ before, after, isNews }: Pick<Decision, "before" | "after" | "isNews">): void;
    notes(): readonly Note[];
}
export declare function skewNotes({ env, stamp }: Pick<Context, "env" | "stamp">, sides: readonly Skews[]): readonly Note[];

// engine/fresh
import type { Carrier } from "./carry.ts";
import { type Fresh } from "./candidate.ts";
import { type Context } from "./context.ts";
import { type Decision } from "./decide.ts";
export interface Loading {
    readonly fresh: Fresh;
    readonly created: (count: number) => void;
    readonly passed: (decision: Decision) => void;
}
export declare function loadPage(context: Context, carrier: Carrier, loading: Loading, signal: AbortSignal): Promise<readonly Decision[]>;

// engine/hourly
import type { SideIndex } from "../core/state.ts";
import type { Context } from "./context.ts";
import type { Decision } from "./decide.ts";
import type { Commit } from "./journal.ts";
export interface Hour {
    passed(side: SideIndex): number;
    with(decisions: readonly Decision[]): NonNullable<Commit["facts"]>;
}
export declare function readHour(context: Context): Promise<Hour>;

// engine/sending
import type { Entry, Key } from "../core/state.ts";
import { type Context } from "./context.ts";
import type { Decision, PlannedWrite } from "./decide.ts";
import type { Commit } from "./journal.ts";
import type { Packed } from "./packer.ts";
import type { Outcome, RowWrite } from "./replica.ts";
export declare const TOLD_MS_MAX = 60000;
export interface Sending {
    readonly id: string;
    readonly side: number;
    readonly writes: readonly RowWrite[];
}
export interface PackedSending extends Omit<Sending, "writes"> {
    readonly packed: Packed;
    readonly writes: () => readonly RowWrite[];
}
export interface Send {
    readonly id: string;
    readonly side: number;
    readonly writes: PlannedWrite[];
    readonly keys: Key[];
    bytes: number;
}
export declare function isFull({ writes, bytes }: Send, rowsMax?: number): boolean;
export declare function writesIn(decisions: readonly Decision[]): number;
export interface Planning {
    readonly entries: Map<Key, Entry>;
    readonly newId: () => string;
    readonly isStaged: (side: number, key: Key) => boolean;
}
export declare function planSends(context: Context, decisions: readonly Decision[], { entries, newId, isStaged }: Planning): readonly Send[];
export interface Load {
    readonly before: (place: number) => Facts;
    readonly land: (outcomes: readonly Outcome[]) => void;
}
export type Facts = NonNullable<Commit["facts"]>;

// engine/memory-text
import type { Credit, Memory, OwnRow, Parked, Question, Row } from "../core/state.ts";
export type Json = unknown;
export type JsonList = readonly Json[];
export interface JsonRest {
    readonly h: number;
    readonly s: readonly Json[];
    readonly q?: readonly JsonList[];
}
export interface JsonMemory {
    readonly w?: Json;
    readonly o?: Json;
    readonly b?: JsonList;
    readonly a?: string;
    readonly m?: string;
    readonly t?: readonly JsonList[];
    readonly p?: Parked;
    readonly x?: Json;
}
export declare function oneCredit(set: readonly (Credit | undefined)[]): Credit | undefined;
export declare const creditsText: (set: readonly (Credit | undefined)[]) => string;
export declare function reviveCredits(json: Json, count: number): readonly (Credit | undefined)[];
export declare function questionText(question: Question): string;
export declare function reviveQuestion(json: JsonList): Question;
export declare function memoryText(memory: Memory, own: string): string;
export declare function reviveMemory(of: JsonMemory, ownOf: (shadow: Row) => OwnRow | undefined): Memory;
export declare const reviveOwn: (json: Json) => OwnRow;
