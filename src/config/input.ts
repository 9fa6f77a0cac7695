// A configuration as its author writes it, in types: what schema.ts describes, for TypeScript.
import type { StrategySetting } from "../engine/settings.ts";
import type { HttpInput } from "./input-http.ts";
import type { RetryInput } from "./retry.ts";
import type { SinceInput, SinceOnInput } from "./since.ts";
import type { JudgeFunction } from "../core/rules.ts";
import type {
  FunctionPair,
  RecordView,
  TransformArgs,
  TransformFunction,
} from "../core/transform.ts";
import type { Value } from "../core/state.ts";

/** What a column of a file may be said to hold. */
export type ColumnTypeWord =
  | "any"
  | "boolean"
  | "integer"
  | "real"
  | "decimal"
  | "text"
  | "bytes"
  | "instant"
  | "datetime"
  | "date"
  | "time"
  | "json"
  | "uuid";

/** Any value that JSON holds. */
export type ValueInput =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly ValueInput[]
  | { readonly [name: string]: ValueInput };

/** The whole configuration. */
export interface ConfigInput {
  readonly version?: 1;
  /** The file that remembers. Default `./.syncline/journal.db`. */
  readonly journal?: string;
  /** What is kept of recorded changes. Default 90 days, a million changes. */
  readonly history?: { readonly days?: number; readonly changes?: number };
  readonly systems: { readonly [name: string]: SystemInput };
  readonly pipelines: { readonly [name: string]: PipelineInput };
  /** Transforms of your own, by name: expressions, or functions. */
  readonly transforms?: { readonly [name: string]: string | TransformFunction | FunctionPair };
  /** Validators of your own, by name: expressions, or functions. */
  readonly validators?: { readonly [name: string]: string | JudgeFunction };
}

/** A system that holds copies. */
export type SystemInput = SqliteInput | PostgresInput | RowsInput | HttpInput;

/** A PostgreSQL database. What is not said comes from where libpq takes it. */
export interface PostgresInput {
  readonly type: "postgres";
  /** `postgres://user:password@host:port/database?sslmode=…`; better in a variable. */
  readonly url?: string;
  /** Where tables are that are named without a schema. Default `public`. */
  readonly schema?: string;
  /** The schema for what proves our writes, default `syncline`. False: a write may land twice. */
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

/** A folder of files. */
export interface RowsInput extends FileInput {
  readonly type: "rows";
  /** The folder, relative to the configuration file. */
  readonly path: string;
  readonly format: "csv" | "ndjson" | "json";
  readonly collections?: { readonly [name: string]: FileInput & FileColumnsInput };
}

/** How files are written; what is not said is found. */
export interface FileInput {
  readonly delimiter?: string;
  readonly quote?: string;
  readonly header?: boolean;
  readonly null?: string;
  readonly newline?: "lf" | "crlf" | "cr";
  readonly encoding?: "utf-8" | "utf-16le" | "utf-16be" | "latin1" | "windows-1252";
  readonly types?: "found";
}

/** What is said of one file. */
export interface FileColumnsInput {
  readonly key?: string | readonly string[];
  readonly columns?: { readonly [name: string]: ColumnTypeWord };
}

/** A SQLite database. */
export interface SqliteInput {
  readonly type: "sqlite";
  /** Relative to the configuration file. */
  readonly path: string;
  /** False: nothing of ours is put into the database; a write sent twice lands twice. */
  readonly markers?: boolean;
}

/** What is kept in agreement: `source` and `target`, or `sides`. */
export interface PipelineInput {
  readonly source?: string;
  readonly target?: string;
  readonly sides?: { readonly [name: string]: string | SideInput };
  readonly direction?: "one-way" | "two-way";
  readonly key?: string | readonly string[];
  readonly sync?: { readonly mode?: "manual" };
  readonly mapping?: readonly MappingInput[];
  /** Conditions, or expressions over the columns of the source. */
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
  /** Rows in one batch that is sent to a side, at most: 1 to 1000. */
  readonly batchSize?: number;
  /** Rows that are written in any second of a run, at most. */
  readonly throttlePerSecond?: number;
}

/** One of several sides. */
export interface SideInput {
  readonly at: string;
  readonly mapping?: readonly MappingInput[];
  readonly follows?: boolean;
  readonly since?: string | SinceOnInput;
}

/** One line of a mapping. */
export interface MappingInput {
  /** May be left out beside a `constant`. */
  readonly source?: string;
  readonly target: string;
  /** A name, a template, an expression, functions, or several of these in a row. */
  readonly transform?: TransformInput | readonly TransformInput[];
  readonly lookup?: {
    readonly table: { readonly [from: string]: ValueInput };
    readonly otherwise?: ValueInput;
  };
  readonly required?: boolean;
  readonly default?: ValueInput;
  /** The same as `default`. */
  readonly defaultValue?: ValueInput;
  readonly defaultForNull?: boolean;
  readonly only?: "to-target";
  readonly constant?: ValueInput;
  /** A check of the transformed value: an expression, or a function. */
  readonly validate?: string | ((value: Value, record: RecordView) => unknown);
}

/** One transform of a mapping. */
export type TransformInput =
  | string
  | { readonly name: string; readonly args?: TransformArgs }
  | TransformFunction
  | FunctionPair;

/** A condition, or an expression. */
export type ConditionInput = string | FilterInput;

/** One condition on a row of the source, or several joined. */
export interface FilterInput {
  readonly field?: string;
  readonly operator?: string;
  readonly value?: ValueInput;
  readonly values?: readonly ValueInput[];
  readonly and?: readonly ConditionInput[];
  readonly or?: readonly ConditionInput[];
  readonly not?: ConditionInput;
}

/** One validation rule. */
export interface RuleInput {
  readonly field: string;
  readonly type: string;
  readonly config?: {
    readonly errorMessage?: string;
    readonly expectedType?: string;
    readonly min?: ValueInput;
    readonly max?: ValueInput;
    readonly allowedValues?: readonly ValueInput[];
    /** `format`: a regular expression (RE2), or the name of a known format. */
    readonly pattern?: string;
    readonly format?: string;
    /** `crossField`: how it compares with another field. */
    readonly operator?: string;
    readonly other?: string;
    /** `unique`: fields that are unique together with it. */
    readonly with?: string | readonly string[];
    /** `custom`: an expression, a validator by name, or a function. */
    readonly expression?: string;
    readonly validate?: string | JudgeFunction;
  };
}

/** How rivals are settled. */
export interface ConflictsInput {
  readonly strategy?: StrategySetting;
  readonly by?: string;
  readonly fields?: { readonly [field: string]: StrategySetting };
  readonly deletes?: "ask" | "edit-wins" | "delete-wins";
  readonly keys?: { readonly [field: string]: string };
}

/** The guard against mass deletions. */
export interface GuardInput {
  readonly deletes?: { readonly share?: number; readonly floor?: number; readonly cap?: number };
  readonly onTrip?: "withhold" | "stop";
}

/** Types a configuration written in TypeScript: `export default defineConfig({ … })`. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}
