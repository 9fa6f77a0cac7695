// journals/sqlite/index
import type { Journal } from "../../engine/journal.ts";
import type { HandsOver } from "./saver.ts";
import type { Migration } from "./schema.ts";
export type { Migration } from "./schema.ts";
export interface SqliteJournalOptions {
    readonly path: string;
    readonly program?: string;
    readonly now?: () => number;
    readonly newId?: () => string;
    readonly migrations?: readonly Migration[];
    readonly handsOver?: HandsOver;
}
export declare function sqliteJournal(options: SqliteJournalOptions): Promise<Journal>;

// engine/journal: see api/engine.d.ts

// journals/sqlite/saver
import type { Commit, HistoryRecord } from "../../engine/journal.ts";
import type { ShortCut } from "../../threads/short-cut.ts";
export interface SaverData {
    readonly path: string;
    readonly file: string;
}
export interface Packed {
    readonly link: string;
    readonly joined: NonNullable<Commit["joined"]>;
    readonly entries: readonly PackedEntries[];
    readonly history: readonly PackedHistory[];
    readonly facts: NonNullable<Commit["facts"]>;
}
export interface HandsOver {
    readonly entriesMin: number;
    readonly commitsBefore: number;
}
interface PackedEntries {
    readonly pipeline: string;
    readonly keys: string;
    readonly bodies: string;
    readonly odd: readonly Odd[];
}
interface Odd {
    readonly at: number;
    readonly flags: number;
    readonly isGone: boolean;
}
interface PackedHistory {
    readonly common: Omit<HistoryRecord, "key">;
    readonly keys: string;
}
export type Saver = ShortCut<Packed>;
export declare function packCommit(link: string, commit: Commit): Packed | undefined;
export declare function unpackCommit({ joined, entries, history, facts }: Packed): Commit;
export declare function startSaver(data: SaverData): Saver;
export {};

// journals/sqlite/schema
import type { Database } from "./database.ts";
export interface Migration {
    readonly version: number;
    readonly name: string;
    readonly sql: string;
}
export interface Author {
    readonly program: string;
    readonly now: () => number;
    readonly newId: () => string;
}
export type Standing = "new" | "older" | "current";
export declare const MIGRATIONS: readonly Migration[];
export declare function standingOf(database: Database, migrations?: readonly Migration[]): Standing;
export declare function migrate(database: Database, author: Author, migrations?: readonly Migration[]): void;
export declare function identityOf(database: Database): string;

// threads/short-cut
export interface ShortCut<Work> {
    ask(work: Work, moved?: readonly ArrayBuffer[]): Promise<boolean>;
    close(): Promise<void>;
}
export interface Worked<Work> {
    doAll(works: Iterable<Work>): void;
    close(): void;
}
export declare function startShortCut<Work>(program: URL, data: unknown): ShortCut<Work>;
export declare function serveShortCut<Work>(open: (data: unknown) => Worked<Work>): void;

// journals/sqlite/database
import type { SQLInputValue, SQLOutputValue } from "node:sqlite";
export interface Query<Row extends readonly SQLOutputValue[]> {
    readonly sql: string;
    readonly row?: Row;
}
export declare class Database {
    #private;
    readonly path: string;
    constructor(path: string, options?: {
        readonly readOnly?: boolean;
        readonly busyMs?: number;
    });
    exec(sql: string): void;
    rows<Row extends readonly SQLOutputValue[]>(query: Query<Row>, ...values: readonly SQLInputValue[]): readonly Row[];
    each<Row extends readonly SQLOutputValue[]>(query: Query<Row>, ...values: readonly SQLInputValue[]): Generator<Row, void>;
    row<Row extends readonly SQLOutputValue[]>(query: Query<Row>, ...values: readonly SQLInputValue[]): Row | undefined;
    run(sql: string, ...values: readonly SQLInputValue[]): number;
    transaction<Result>(work: () => Result): Result;
    close(): void;
}
