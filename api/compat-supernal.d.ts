// compat/supernal/index
export { BatchSyncManager } from "./batch-sync.ts";
export type { BatchSyncOptions, RunOptions } from "./batch-sync.ts";
export { SyncConfigurationManager } from "./configurations.ts";
export type { SyncConfigChange } from "./configurations.ts";
export { ConflictDetector } from "./conflicts.ts";
export type { DataConflict } from "./conflicts.ts";
export { CustomTransformations } from "./custom-transformations.ts";
export type { NamedFunction } from "./custom-transformations.ts";
export { DataTransformer } from "./data-transformer.ts";
export type { DataRecord } from "./data-transformer.ts";
export { BATCH_ERRORS_MAX } from "./failures.ts";
export type { Environment, Secrets } from "./secrets.ts";
export { CustomRuleStrategy, LastWriterWinsStrategy, MergeArrayStrategy } from "./strategies.ts";
export type { ConflictResolutionStrategy, ConflictRule, ResolutionContext } from "./strategies.ts";
export type { AuthConfig, BatchError, BatchSyncResult, ConflictResolutionConfig, ConnectionConfig, FieldMapping, FilterConfig, MappingFunction, MappingTransform, RetryConfig, SourceType, SyncConfig, ValidateFunction, } from "./sync-config.ts";
export { configFrom, translate } from "./translated.ts";
export type { Translated, TranslateOptions } from "./translated.ts";
export { builtInValidators } from "./validators.ts";
export type { ConfigValidator, ValidationResult } from "./validators.ts";

// compat/supernal/batch-sync
import type { Environment } from "./secrets.ts";
import type { BatchSyncResult, SyncConfig } from "./sync-config.ts";
export interface BatchSyncOptions {
    readonly folder?: string;
    readonly cwd?: string;
    readonly env?: Environment;
    readonly now?: () => number;
}
export interface RunOptions {
    readonly allowDeletes?: true | number;
}
export declare class BatchSyncManager {
    #private;
    constructor(options?: BatchSyncOptions);
    runBatchSync(configName: string, config: SyncConfig, options?: RunOptions, signal?: AbortSignal): Promise<BatchSyncResult>;
    scheduleBatchSync(configName: string, { sync }: SyncConfig): never;
    cancelBatchSync(configName: string): never;
}

// compat/supernal/configurations
import { type Environment } from "./secrets.ts";
import type { SourceType, SyncConfig } from "./sync-config.ts";
import { type ConfigValidator } from "./validators.ts";
export type SyncConfigChange = Partially<SyncConfig>;
type Partially<T> = T extends Whole ? T : {
    readonly [key in keyof T]?: Partially<T[key]>;
};
type Whole = string | number | boolean | null | undefined | readonly unknown[] | ((...given: never[]) => unknown);
export declare class SyncConfigurationManager {
    #private;
    constructor(options?: {
        readonly env?: Environment;
    });
    registerValidator(type: SourceType, validator: ConfigValidator): void;
    addSyncConfiguration(name: string, config: SyncConfig): void;
    getSyncConfiguration(name: string): SyncConfig | undefined;
    updateSyncConfiguration(name: string, change: SyncConfigChange): void;
    listConfigurations(): string[];
    versionOf(name: string): number | undefined;
}
export {};

// compat/supernal/conflicts
import { type Value } from "../../core/state.ts";
import type { DataRecord } from "./data-transformer.ts";
export interface DataConflict {
    readonly field: string;
    readonly localValue: unknown;
    readonly remoteValue: unknown;
    readonly type: "type_mismatch" | "array_conflict" | "object_conflict" | "value_conflict";
    readonly baseValue?: unknown;
}
export declare class ConflictDetector {
    detectConflicts(local: DataRecord, remote: DataRecord, base?: DataRecord): DataConflict[];
}
export declare function valueFrom(given: unknown, what: string): Value;

// compat/supernal/custom-transformations
import type { RecordView, TransformArgs } from "../../core/transform.ts";
interface Named {
    readonly name: string;
    readonly args?: TransformArgs;
}
export type NamedFunction = (value: unknown, record?: {
    readonly [field: string]: unknown;
}) => unknown;
export declare function namedAs(given: object): Named | undefined;
export declare const CustomTransformations: {
    readonly dateToISO: NamedFunction;
    readonly normalizeFramework: NamedFunction;
    readonly parseJSON: NamedFunction;
    readonly generateId: NamedFunction;
    readonly concatenateFields: (fields: readonly string[]) => NamedFunction;
};
export declare function viewOf(record: {
    readonly [field: string]: unknown;
}): RecordView;
export declare function fromDate(given: unknown): unknown;
export {};

// compat/supernal/data-transformer
import type { FieldMapping } from "./sync-config.ts";
export interface DataRecord {
    readonly [field: string]: unknown;
}
export declare class DataTransformer {
    transform(data: DataRecord, mappings: readonly FieldMapping[]): DataRecord;
}

// compat/supernal/failures
import type { Link } from "../../engine/index.ts";
import type { BatchError } from "./sync-config.ts";
export declare const BATCH_ERRORS_MAX = 1000;
export interface Failures {
    readonly failed: number;
    readonly errors: readonly BatchError[];
}
export declare function failuresIn(link: Link, { size, unkeyed }: {
    readonly size: number;
    readonly unkeyed: number;
}): Promise<Failures>;

// compat/supernal/secrets
import type { AuthConfig } from "./sync-config.ts";
export declare class Secrets {
    #private;
    hide(name: string, value: string): string;
    over(env: Environment): Environment;
}
export type Environment = {
    readonly [name: string]: string | undefined;
};
export declare function secretIn(given: unknown, where: string, env: Environment): string;
export declare function masked(auth: AuthConfig): AuthConfig;

// compat/supernal/strategies
import { type DataConflict } from "./conflicts.ts";
export interface ResolutionContext {
    readonly localTimestamp: Date | number | string;
    readonly remoteTimestamp: Date | number | string;
}
export interface ConflictResolutionStrategy {
    resolve(conflict: DataConflict, context: ResolutionContext): unknown;
}
export declare class LastWriterWinsStrategy implements ConflictResolutionStrategy {
    resolve(conflict: DataConflict, context: ResolutionContext): unknown;
}
export declare class MergeArrayStrategy implements ConflictResolutionStrategy {
    #private;
    constructor({ key }?: {
        readonly key?: string;
    });
    resolve({ field, localValue, remoteValue, baseValue }: DataConflict): unknown;
}
export interface ConflictRule {
    condition(conflict: DataConflict, context: ResolutionContext): boolean;
    resolution(conflict: DataConflict, context: ResolutionContext): unknown;
}
export declare class CustomRuleStrategy implements ConflictResolutionStrategy {
    #private;
    constructor(rules: readonly ConflictRule[]);
    resolve(conflict: DataConflict, context: ResolutionContext): unknown;
}

// compat/supernal/sync-config
import type { HttpCollectionInput } from "../../config/index.ts";
import type { RecordView, TransformArgs } from "../../core/transform.ts";
import type { Value } from "../../core/state.ts";
export interface SyncConfig {
    readonly name?: string;
    readonly source: {
        readonly type: SourceType;
        readonly connection: ConnectionConfig;
        readonly authentication: AuthConfig;
    };
    readonly target: {
        readonly endpoint: string;
        readonly authentication: AuthConfig;
        readonly collection?: HttpCollectionInput;
    };
    readonly sync: {
        readonly mode: "real-time" | "batch" | "hybrid";
        readonly frequency?: string;
        readonly batchSize?: number;
        readonly retryPolicy: RetryConfig;
    };
    readonly mapping: readonly FieldMapping[];
    readonly filters: readonly FilterConfig[];
    readonly conflictResolution: ConflictResolutionConfig;
    readonly key?: string | readonly string[];
}
export type SourceType = "database" | "api" | "file" | "webhook";
export interface ConnectionConfig {
    readonly host?: string;
    readonly port?: number;
    readonly database?: string;
    readonly ssl?: boolean | {
        readonly [name: string]: string;
    };
    readonly path?: string;
    readonly table?: string;
    readonly url?: string;
    readonly endpoint?: string;
    readonly secret?: string;
    readonly collection?: HttpCollectionInput;
}
export type AuthConfig = {
    readonly type: "credentials";
    readonly username: string | undefined;
    readonly password: string | undefined;
}
 | {
    readonly type: "api-key";
    readonly apiKey: string | undefined;
    readonly header?: string;
} | {
    readonly type: "bearer";
    readonly token: string | undefined;
}
 | {
    readonly type: "none";
};
export interface RetryConfig {
    readonly maxRetries: number;
    readonly backoffStrategy?: "exponential" | "linear" | "fixed";
    readonly initialDelay: number;
}
export interface FieldMapping {
    readonly source: string;
    readonly target: string;
    readonly transform?: MappingTransform;
    readonly validate?: ValidateFunction;
    readonly required?: boolean;
    readonly defaultValue?: Value;
}
export type MappingTransform = string | {
    readonly name: string;
    readonly args?: TransformArgs;
} | MappingFunction | {
    readonly over: MappingFunction;
    readonly back?: (value: Value | undefined) => unknown;
    readonly reads?: readonly string[];
};
export type MappingFunction = {
    call(value: Value | undefined, record: RecordView): unknown;
}["call"];
export type ValidateFunction = {
    call(value: Value): boolean;
}["call"];
export interface FilterConfig {
    readonly field: string;
    readonly operator: string;
    readonly value?: Value;
    readonly values?: readonly Value[];
}
export interface ConflictResolutionConfig {
    readonly strategy: string;
    readonly customRules?: readonly unknown[];
}
export interface BatchSyncResult {
    readonly configName: string;
    readonly startTime: Date;
    readonly endTime: Date;
    readonly recordsProcessed: number;
    readonly recordsSucceeded: number;
    readonly recordsFailed: number;
    readonly errors: readonly BatchError[];
}
export interface BatchError {
    readonly batch: readonly string[];
    readonly error: string;
}

// compat/supernal/translated
import type { Config, ConfigInput } from "../../config/index.ts";
import { SyncError } from "../../core/errors.ts";
import { Secrets, type Environment } from "./secrets.ts";
import type { SyncConfig } from "./sync-config.ts";
export interface TranslateOptions {
    readonly journal?: string;
    readonly env?: Environment;
    readonly part?: "batch";
}
export interface Translated {
    readonly input: ConfigInput;
    readonly secrets: Secrets;
}
export declare function translate(name: string, config: SyncConfig, options?: TranslateOptions): Translated;
export declare function configFrom(name: string, config: SyncConfig, { cwd, ...options }?: TranslateOptions & {
    readonly cwd?: string;
}): Config;
export declare function problemsIn(name: string, config: SyncConfig, options?: TranslateOptions): readonly SyncError[];

// compat/supernal/validators
import type { SourceType, SyncConfig } from "./sync-config.ts";
import { type TranslateOptions } from "./translated.ts";
export interface ValidationResult {
    readonly isValid: boolean;
    readonly errors: readonly string[];
}
export interface ConfigValidator {
    validate(config: SyncConfig): ValidationResult;
}
export declare function builtInValidators(options?: TranslateOptions): ReadonlyMap<SourceType, ConfigValidator>;

// core/state: see api/core.d.ts

// core/transform: see api/core.d.ts

// engine/index: see api/engine.d.ts

// config/index: see api/config.d.ts

// core/errors: see api/core.d.ts
