// The configuration of the system that the mission calls 000, in types. What is not its own, and
// nothing that it has says, is told beside each.
import type { HttpCollectionInput } from "../../config/index.ts";
import type { RecordView, TransformArgs } from "../../core/transform.ts";
import type { Value } from "../../core/state.ts";

/** One pipeline: where records come from, where they go, and what becomes of them on the way. */
export interface SyncConfig {
  /** Its own name. Set by `addSyncConfiguration`. */
  readonly name?: string;
  readonly source: {
    readonly type: SourceType;
    readonly connection: ConnectionConfig;
    readonly authentication: AuthConfig;
  };
  readonly target: {
    /** An HTTP API that lists what it holds, and takes lists of records by POST. */
    readonly endpoint: string;
    readonly authentication: AuthConfig;
    /** Ours: how it is listed and written, where that is not as usual. */
    readonly collection?: HttpCollectionInput;
  };
  readonly sync: {
    readonly mode: "real-time" | "batch" | "hybrid";
    /** A cron expression. */
    readonly frequency?: string;
    /** Records in one request. Default 100. */
    readonly batchSize?: number;
    readonly retryPolicy: RetryConfig;
  };
  readonly mapping: readonly FieldMapping[];
  /** A record has to pass all of them. */
  readonly filters: readonly FilterConfig[];
  readonly conflictResolution: ConflictResolutionConfig;
  /** Ours: the targets of the lines that name a record. Default `id`. */
  readonly key?: string | readonly string[];
}

/** What a source is. `webhook` is refused: it is not built yet. */
export type SourceType = "database" | "api" | "file" | "webhook";

/** Where a source is; which keys it takes depends on the type of the source. */
export interface ConnectionConfig {
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
  /** True: the server's certificate is verified. */
  readonly ssl?: boolean | { readonly [name: string]: string };
  /** Instead of host, port and database: a SQLite file; of a file source, the file. */
  readonly path?: string;
  /** Ours: where the records are, as `table` or `schema.table`. Default: the pipeline's name. */
  readonly table?: string;
  /** Where an API lists its records. */
  readonly url?: string;
  /** The same as `url`. */
  readonly endpoint?: string;
  /** Of a webhook. */
  readonly secret?: string;
  /** Ours: how an API is listed, where that is not as usual. */
  readonly collection?: HttpCollectionInput;
}

/**
 * Who asks. A secret may be written out, or as `${NAME}` for a variable of the environment, which
 * is read when it is needed. Neither is ever shown.
 */
export type AuthConfig =
  | {
      readonly type: "credentials";
      readonly username: string | undefined;
      readonly password: string | undefined;
    }
  /** Sent as `Authorization: Bearer …`, or in the header that is named. */
  | { readonly type: "api-key"; readonly apiKey: string | undefined; readonly header?: string }
  | { readonly type: "bearer"; readonly token: string | undefined }
  /** Ours: nobody asks, as of a file. */
  | { readonly type: "none" };

/** When a write that was put off is tried again. */
export interface RetryConfig {
  /** After the first try; at most so many more. */
  readonly maxRetries: number;
  /** Default `fixed`. */
  readonly backoffStrategy?: "exponential" | "linear" | "fixed";
  /** Milliseconds. */
  readonly initialDelay: number;
}

/** Where a field comes from, and what becomes of it. */
export interface FieldMapping {
  /** `field`, or `field.inside.it`. */
  readonly source: string;
  readonly target: string;
  /** A function, or ours: a named transform, a template such as `req-${value}`, or a pair. */
  readonly transform?: MappingTransform;
  /** False: the record is rejected. Not asked about null and what is missing. */
  readonly validate?: ValidateFunction;
  /** Held before and after the transform. */
  readonly required?: boolean;
  readonly defaultValue?: Value;
}

/** What may stand under `transform`. */
export type MappingTransform =
  | string
  | { readonly name: string; readonly args?: TransformArgs }
  | MappingFunction
  | {
      readonly over: MappingFunction;
      readonly back?: (value: Value | undefined) => unknown;
      readonly reads?: readonly string[];
    };

/** Gets the value and the whole record. A parameter may be declared as what it is known to be. */
export type MappingFunction = {
  // A method's parameters may be narrower, which is what `(value: string) => …` needs.
  call(value: Value | undefined, record: RecordView): unknown;
}["call"];

/** True where the value is good. */
export type ValidateFunction = { call(value: Value): boolean }["call"];

/** One condition on a record of the source. */
export interface FilterConfig {
  readonly field: string;
  /** `equals`, `in`, `not_null`, `greater_than`, and every other operator of Syncline's. */
  readonly operator: string;
  readonly value?: Value;
  readonly values?: readonly Value[];
}

/** What becomes of changes that somebody made in the target. */
export interface ConflictResolutionConfig {
  /** `last-writer-wins`: they stay until the source changes that record; `source-wins`: undone. */
  readonly strategy: string;
  readonly customRules?: readonly unknown[];
}

/** What a batch came to. */
export interface BatchSyncResult {
  readonly configName: string;
  readonly startTime: Date;
  readonly endTime: Date;
  /** Records of the source that pass the filters, and those that left the target. */
  readonly recordsProcessed: number;
  /** Of these, those on which source and target agree now. */
  readonly recordsSucceeded: number;
  readonly recordsFailed: number;
  /** What is wrong, with the ids of the records that share it. None: with the run as a whole. */
  readonly errors: readonly BatchError[];
}

/** One thing that is wrong. */
export interface BatchError {
  /** The ids that the target knows, at most as many as one batch has. */
  readonly batch: readonly string[];
  readonly error: string;
}
