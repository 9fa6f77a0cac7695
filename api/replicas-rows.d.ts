// replicas/rows/index
import type { Replica } from "../../engine/replica.ts";
import type { RowsOptions } from "./settings.ts";
export type { CollectionSettings, Encoding, FileFormat, FileSettings, Newline, RowsOptions, } from "./settings.ts";
export declare function rowsReplica(options: RowsOptions): Promise<Replica>;

// engine/replica: see api/engine.d.ts

// replicas/rows/settings
import type { LogicalType } from "../../core/values.ts";
export type FileFormat = "csv" | "ndjson" | "json";
export type Encoding = "utf-8" | "utf-16le" | "utf-16be" | "latin1" | "windows-1252";
export type Newline = "lf" | "crlf" | "cr";
export interface FileSettings {
    readonly delimiter?: string;
    readonly quote?: string;
    readonly header?: boolean;
    readonly null?: string;
    readonly newline?: Newline;
    readonly encoding?: Encoding;
    readonly types?: "found";
}
export interface CollectionSettings extends FileSettings {
    readonly key?: readonly string[];
    readonly columns?: {
        readonly [name: string]: LogicalType;
    };
}
export interface RowsOptions extends FileSettings {
    readonly name: string;
    readonly path: string;
    readonly format: FileFormat;
    readonly collections?: {
        readonly [name: string]: CollectionSettings;
    };
    readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
    readonly now?: () => number;
}
export type FileRules = CollectionSettings & {
    readonly format: FileFormat;
};
export declare function rulesOf(options: RowsOptions, collection: string): FileRules;

// core/values: see api/core.d.ts
