// config/index
export { loadConfig } from "./load.ts";
export type { LoadOptions } from "./load.ts";
export { openConfig } from "./open.ts";
export type { Away, Opened, OpenOptions } from "./open.ts";
export { defineConfig } from "./input.ts";
export type { ConditionInput, ConfigInput, ConflictsInput, ColumnTypeWord, FileColumnsInput, FileInput, FilterInput, GuardInput, MappingInput, PipelineInput, PostgresInput, RowsInput, RuleInput, SideInput, SqliteInput, SystemInput, TransformInput, ValueInput, } from "./input.ts";
export type { HttpCollectionInput, HttpInput } from "./input-http.ts";
export type { Config, HttpSettings, LinkSettings, PostgresSettings, RowsSettings, SqliteSettings, SystemSettings, } from "./config.ts";
export { configSchema } from "./json-schema.ts";
export type { JsonSchema } from "./json-schema.ts";
export { realEnv } from "./env.ts";
export { sha256 } from "../threads/sha256.ts";

// config/config
import type { Retention } from "../engine/link.ts";
import type { PipelineSettings } from "../engine/settings.ts";
import type { HttpOptions } from "../replicas/http/index.ts";
import type { PostgresOptions } from "../replicas/postgres/index.ts";
import type { RowsOptions } from "../replicas/rows/index.ts";
import type { Place } from "./tree.ts";
export interface Config {
    readonly file: string;
    readonly shownAs: string;
    readonly local: string | undefined;
    readonly journal: string;
    readonly history: Partial<Retention>;
    readonly systems: ReadonlyMap<string, SystemSettings>;
    readonly links: readonly LinkSettings[];
    readonly places: ReadonlyMap<string, Place>;
    readonly texts: ReadonlyMap<string, (character: number) => Place>;
    readonly filled: ReadonlyMap<string, string>;
}
export type SystemSettings = SqliteSettings | PostgresSettings | RowsSettings | HttpSettings;
export interface SqliteSettings {
    readonly type: "sqlite";
    readonly path: string;
    readonly markers: boolean;
}
export type PostgresSettings = {
    readonly type: "postgres";
    readonly schema: string;
} & Omit<PostgresOptions, "name" | "id" | "environment">;
export type RowsSettings = {
    readonly type: "rows";
} & Omit<RowsOptions, "name" | "sleep" | "now">;
export type HttpSettings = {
    readonly type: "http";
} & Omit<HttpOptions, "name" | "sleep" | "now" | "random">;
export interface LinkSettings {
    readonly name: string;
    readonly systems: readonly string[];
    readonly pipelines: readonly PipelineSettings[];
}
export declare function locate(config: Pick<Config, "places">, path: string): Place | undefined;
export declare function spot(file: string, place: Place | undefined, path: string): string;

// config/env
import type { Env } from "../engine/link.ts";
export declare function realEnv(now?: () => number): Env;

// config/input
import type { StrategySetting } from "../engine/settings.ts";
import type { HttpInput } from "./input-http.ts";
import type { RetryInput } from "./retry.ts";
import type { SinceInput, SinceOnInput } from "./since.ts";
import type { JudgeFunction } from "../core/rules.ts";
import type { FunctionPair, RecordView, TransformArgs, TransformFunction } from "../core/transform.ts";
import type { Value } from "../core/state.ts";
export type ColumnTypeWord = "any" | "boolean" | "integer" | "real" | "decimal" | "text" | "bytes" | "instant" | "datetime" | "date" | "time" | "json" | "uuid";
export type ValueInput = null | boolean | number | bigint | string | readonly ValueInput[] | {
    readonly [name: string]: ValueInput;
};
export interface ConfigInput {
    readonly version?: 1;
    readonly journal?: string;
    readonly history?: {
        readonly days?: number;
        readonly changes?: number;
    };
    readonly systems: {
        readonly [name: string]: SystemInput;
    };
    readonly pipelines: {
        readonly [name: string]: PipelineInput;
    };
    readonly transforms?: {
        readonly [name: string]: string | TransformFunction | FunctionPair;
    };
    readonly validators?: {
        readonly [name: string]: string | JudgeFunction;
    };
}
export type SystemInput = SqliteInput | PostgresInput | RowsInput | HttpInput;
export interface PostgresInput {
    readonly type: "postgres";
    readonly url?: string;
    readonly schema?: string;
    readonly markers?: boolean | string;
    readonly ssl?: {
        readonly mode?: "disable" | "allow" | "prefer" | "require" | "verify-ca" | "verify-full";
        readonly rootCert?: string;
        readonly cert?: string;
        readonly key?: string;
    };
    readonly timeouts?: {
        readonly connectMs?: number;
        readonly statementMs?: number;
        readonly lockMs?: number;
        readonly silenceMs?: number;
        readonly graceMs?: number;
        readonly idleMs?: number;
    };
}
export interface RowsInput extends FileInput {
    readonly type: "rows";
    readonly path: string;
    readonly format: "csv" | "ndjson" | "json";
    readonly collections?: {
        readonly [name: string]: FileInput & FileColumnsInput;
    };
}
export interface FileInput {
    readonly delimiter?: string;
    readonly quote?: string;
    readonly header?: boolean;
    readonly null?: string;
    readonly newline?: "lf" | "crlf" | "cr";
    readonly encoding?: "utf-8" | "utf-16le" | "utf-16be" | "latin1" | "windows-1252";
    readonly types?: "found";
}
export interface FileColumnsInput {
    readonly key?: string | readonly string[];
    readonly columns?: {
        readonly [name: string]: ColumnTypeWord;
    };
}
export interface SqliteInput {
    readonly type: "sqlite";
    readonly path: string;
    readonly markers?: boolean;
}
export interface PipelineInput {
    readonly source?: string;
    readonly target?: string;
    readonly sides?: {
        readonly [name: string]: string | SideInput;
    };
    readonly direction?: "one-way" | "two-way";
    readonly key?: string | readonly string[];
    readonly sync?: {
        readonly mode?: "manual";
    };
    readonly mapping?: readonly MappingInput[];
    readonly filters?: ConditionInput | readonly ConditionInput[];
    readonly whenFilteredOut?: "delete" | "keep";
    readonly validation?: readonly RuleInput[];
    readonly conflicts?: StrategySetting | ConflictsInput;
    readonly guard?: GuardInput;
    readonly initial?: string;
    readonly drift?: "overwrite" | "keep";
    readonly extra?: "keep" | "delete";
    readonly createMissing?: boolean;
    readonly memory?: "full" | "digest";
    readonly since?: SinceInput;
    readonly retry?: RetryInput;
    readonly batchSize?: number;
    readonly throttlePerSecond?: number;
}
export interface SideInput {
    readonly at: string;
    readonly mapping?: readonly MappingInput[];
    readonly follows?: boolean;
    readonly since?: string | SinceOnInput;
}
export interface MappingInput {
    readonly source?: string;
    readonly target: string;
    readonly transform?: TransformInput | readonly TransformInput[];
    readonly lookup?: {
        readonly table: {
            readonly [from: string]: ValueInput;
        };
        readonly otherwise?: ValueInput;
    };
    readonly required?: boolean;
    readonly default?: ValueInput;
    readonly defaultValue?: ValueInput;
    readonly defaultForNull?: boolean;
    readonly only?: "to-target";
    readonly constant?: ValueInput;
    readonly validate?: string | ((value: Value, record: RecordView) => unknown);
}
export type TransformInput = string | {
    readonly name: string;
    readonly args?: TransformArgs;
} | TransformFunction | FunctionPair;
export type ConditionInput = string | FilterInput;
export interface FilterInput {
    readonly field?: string;
    readonly operator?: string;
    readonly value?: ValueInput;
    readonly values?: readonly ValueInput[];
    readonly and?: readonly ConditionInput[];
    readonly or?: readonly ConditionInput[];
    readonly not?: ConditionInput;
}
export interface RuleInput {
    readonly field: string;
    readonly type: string;
    readonly config?: {
        readonly errorMessage?: string;
        readonly expectedType?: string;
        readonly min?: ValueInput;
        readonly max?: ValueInput;
        readonly allowedValues?: readonly ValueInput[];
        readonly pattern?: string;
        readonly format?: string;
        readonly operator?: string;
        readonly other?: string;
        readonly with?: string | readonly string[];
        readonly expression?: string;
        readonly validate?: string | JudgeFunction;
    };
}
export interface ConflictsInput {
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
export interface GuardInput {
    readonly deletes?: {
        readonly share?: number;
        readonly floor?: number;
        readonly cap?: number;
    };
    readonly onTrip?: "withhold" | "stop";
}
export declare function defineConfig(config: ConfigInput): ConfigInput;

// config/input-http
import type { Auth, HttpOptions, PageSettings, SinceSettings } from "../replicas/http/index.ts";
import type { BatchSettings, WriteSettings } from "../replicas/http/index.ts";
import type { ColumnTypeWord } from "./input.ts";
export interface HttpInput extends Pick<HttpOptions, "url" | "headers" | "tls" | "secure" | "compression" | "limits"> {
    readonly type: "http";
    readonly auth?: Auth;
    readonly collections: {
        readonly [name: string]: HttpCollectionInput;
    };
}
export interface HttpCollectionInput {
    readonly path?: string;
    readonly list?: "none";
    readonly params?: {
        readonly [name: string]: string;
    };
    readonly items?: string;
    readonly key?: string | readonly string[];
    readonly fields?: {
        readonly [name: string]: ColumnTypeWord | "timestamp";
    };
    readonly readonly?: readonly string[];
    readonly item?: string;
    readonly unwrap?: string;
    readonly find?: string | {
        readonly param: string;
        readonly size?: number;
    };
    readonly page?: PageSettings;
    readonly sorted?: boolean;
    readonly since?: SinceSettings;
    readonly write?: Omit<WriteSettings, "batch"> & {
        readonly batch?: string | BatchSettings;
    };
}

// config/json-schema
export type JsonSchema = {
    readonly [keyword: string]: unknown;
};
export declare function configSchema(): JsonSchema;

// config/load
import type { Config } from "./config.ts";
export interface LoadOptions {
    readonly env?: {
        readonly [name: string]: string | undefined;
    };
    readonly cwd?: string;
    readonly readFile?: (path: string) => Uint8Array;
}
export declare function loadConfig(file: string, options?: LoadOptions): Promise<Config>;

// config/open
import { SyncError } from "../core/errors.ts";
import type { Access, Journal, LinkJournal } from "../engine/journal.ts";
import type { Env, Link } from "../engine/link.ts";
import type { Replica } from "../engine/replica.ts";
import type { Config, LinkSettings, SystemSettings } from "./config.ts";
export interface OpenOptions {
    readonly access: Access;
    readonly pipelines?: readonly string[];
    readonly skipsAway?: boolean;
    readonly env?: Env;
}
export interface Opened {
    readonly links: readonly Link[];
    readonly beside: readonly LinkJournal[];
    readonly away: readonly Away[];
    close(): Promise<void>;
}
export interface Away {
    readonly link: string;
    readonly error: SyncError;
}
export declare function openConfig(config: Config, options: OpenOptions, signal?: AbortSignal): Promise<Opened>;
export declare function linksWith(config: Config, names: readonly string[] | undefined): readonly LinkSettings[];
export declare function openJournal(config: Config): Promise<Journal>;
export declare function openSystems(config: Config, links: readonly LinkSettings[], open: {
    close(): Promise<void>;
}[], away?: Map<string, SyncError>): Promise<ReadonlyMap<string, Replica>>;
export declare function openSystem(name: string, settings: SystemSettings): Promise<Replica>;

// threads/sha256
export declare function sha256(text: string): string;

// config/tree
import type { ErrorCode } from "../core/errors.ts";
export interface Place {
    readonly line: number;
    readonly column: number;
    readonly file?: string;
}
export type Node = ScalarNode | ListNode | MapNode | FunctionNode;
export interface ScalarNode {
    readonly kind: "scalar";
    readonly value: string | number | bigint | boolean | null;
    readonly raw: string;
    readonly isFilled?: true;
    readonly at: Place | undefined;
    readonly inside?: (character: number) => Place;
}
interface ListNode {
    readonly kind: "list";
    readonly items: readonly Node[];
    readonly at: Place | undefined;
}
export interface MapNode {
    readonly kind: "map";
    readonly entries: readonly MapEntry[];
    readonly at: Place | undefined;
}
export interface MapEntry {
    readonly key: string;
    readonly keyAt: Place | undefined;
    readonly node: Node;
}
export interface FunctionNode {
    readonly kind: "function";
    readonly value: (...input: readonly never[]) => unknown;
    readonly at: Place | undefined;
}
export interface Problem {
    readonly code: ErrorCode;
    readonly at: Place | undefined;
    readonly path: string;
    readonly message: string;
    readonly hint?: string;
    readonly cause?: unknown;
}
export declare const CONFIG_NODES_MAX = 100000;
export declare const CONFIG_DEPTH_MAX = 64;
export {};

// engine/link: see api/engine.d.ts

// engine/settings: see api/engine.d.ts

// replicas/http/index: see api/replicas-http.d.ts

// replicas/postgres/index: see api/replicas-postgres.d.ts

// replicas/rows/index: see api/replicas-rows.d.ts

// config/retry
import type { PipelineSettings } from "../engine/settings.ts";
import type { ObjectShape } from "./shape.ts";
export interface RetryInput {
    readonly backoff?: "exponential" | "linear" | "fixed";
    readonly first?: string;
    readonly cap?: string;
    readonly jitter?: number;
    readonly tries?: number;
}
export declare const RETRY: ObjectShape;
export declare function retrySettings(input: RetryInput | undefined): PipelineSettings["retry"];

// config/since
import type { SinceSettings } from "../engine/settings.ts";
import type { Shape } from "./shape.ts";
export type SinceInput = boolean | string | (SinceOnInput & {
    readonly full?: string;
});
export interface SinceOnInput {
    readonly field?: string;
    readonly overlap?: string | number;
}
export declare const SINCE_ON: Shape;
export declare const SINCE: Shape;
export declare function sinceSettings(input: SinceInput | undefined): SinceSettings | undefined;
export declare function sinceOn(input: string | SinceOnInput): Omit<SinceSettings, "fullMs">;

// core/rules: see api/core.d.ts

// core/state: see api/core.d.ts

// core/transform: see api/core.d.ts

// core/errors: see api/core.d.ts

// engine/journal: see api/engine.d.ts

// engine/replica: see api/engine.d.ts

// config/shape
export type Shape = TextShape | NumberShape | {
    readonly kind: "boolean";
} | {
    readonly kind: "function";
}
 | {
    readonly kind: "value";
} | {
    readonly kind: "list";
    readonly of: Shape;
    readonly least?: number;
} | MapShape | ObjectShape | TaggedShape
 | {
    readonly kind: "either";
    readonly of: readonly Shape[];
}
 | {
    readonly kind: "named";
    readonly name: string;
    readonly shape: () => Shape;
};
export interface TextShape {
    readonly kind: "text";
    readonly words?: readonly string[];
    readonly notBuilt?: readonly string[];
    readonly refuse?: (text: string) => Refusal | undefined;
}
export interface Refusal {
    readonly code: "CONFIG_INVALID" | "CONFIG_NOT_BUILT";
    readonly says: string;
    readonly hint?: string;
    readonly isSecret?: true;
}
interface NumberShape {
    readonly kind: "number";
    readonly least: number;
    readonly most: number;
    readonly whole: boolean;
}
interface MapShape {
    readonly kind: "map";
    readonly of: Shape;
    readonly least?: number;
    readonly refuseName?: (name: string) => string | undefined;
}
export interface ObjectShape {
    readonly kind: "object";
    readonly keys: {
        readonly [key: string]: KeyShape;
    };
}
export interface TaggedShape {
    readonly kind: "tagged";
    readonly tag: string;
    readonly doc: string;
    readonly of: {
        readonly [tag: string]: ObjectShape;
    };
    readonly notBuilt: readonly string[];
}
export type KeyShape = {
    readonly shape: Shape;
    readonly doc: string;
    readonly required?: true;
}
 | {
    readonly notBuilt: true;
    readonly doc: string;
};
export declare function taggedAs(shape: TaggedShape, tag: string): ObjectShape | undefined;
export declare function keyOf(shape: ObjectShape, key: string): KeyShape | undefined;
export declare function isNotBuilt(known: KeyShape | undefined): known is KeyShape & {
    readonly notBuilt: true;
};
export {};
