// core/index
export * from "./state.ts";
export * from "./policy.ts";
export { fold, owed, told, confirm, answer, amend, blank, isAtRest } from "./fold.ts";
export type { Change } from "./answer.ts";
export type { Confirmation, Sent } from "./told.ts";
export { parseStrategy, strategyWords } from "./strategies.ts";
export type { LatestBy, Strategy, StrategyOptions } from "./strategies.ts";
export { canonical, typeName, whyNot } from "./logical.ts";
export type { LogicalType } from "./logical.ts";
export { order, same, sameAll } from "./values.ts";
export { isList, isObject, kindOf } from "./kinds.ts";
export type { JsonObject, ValueKind } from "./kinds.ts";
export { JSON_DEPTH_MAX } from "./document.ts";
export { DECIMAL_DIGITS_MAX, decimalOf } from "./numerals.ts";
export { dateOf, datetimeOf, instantOf, timeOf as timeOfDay } from "./moments.ts";
export { decodeValue, decodeValues, encodeValue, encodeValues } from "./json.ts";
export { formatJson, parseJson } from "./json.ts";
export { makeRunningHash, rowDigest } from "./hash.ts";
export type { Hash, RunningHash } from "./hash.ts";
export { decodeKey, encodeKey, keyFromText, makeKeyEncoder, showKey } from "./key.ts";
export { isoOf, isSkewed, makeClock, SKEW_MS_MAX, stampOf, timeOf } from "./stamp.ts";
export type { Clock, Observed } from "./stamp.ts";
export { compileLens } from "./lens.ts";
export type { Lens, LensSpec, LinkField, Unreadable } from "./lens.ts";
export type { MappingSpec, TransformSpec } from "./mapping.ts";
export { TRANSFORMS } from "./transforms.ts";
export { compileFilter } from "./filter.ts";
export type { FilterSpec, Matches } from "./filter.ts";
export { parseFilter } from "./filter-parser.ts";
export { compileRules } from "./rules.ts";
export type { Broken, JudgeFunction, RuledField, Rules, RuleSpec } from "./rules.ts";
export { parseRules } from "./rules-parser.ts";
export type { RuleReading, Validator } from "./rules-parser.ts";
export type { Evaluate, Expression, ExpressionScope, Languages, Pattern } from "./expression.ts";
export { AssertionError, ERROR_CODES, exitCodeOf, isErrorCode, isSyncError } from "./errors.ts";
export { SyncError } from "./errors.ts";
export type { CodeFacts, ErrorCode, ErrorDetails, Retry } from "./errors.ts";

// core/answer
import type { Policy } from "./policy.ts";
import type { Entry, Question, Row, SideIndex } from "./state.ts";
export interface Change {
    readonly here?: boolean;
    readonly fields?: Row;
}
export declare function answer(entry: Entry, question: Question, choice: Row | null, by: string, policy: Policy): Entry | undefined;
export declare function amend(entry: Entry, change: Change, by: string, policy: Policy): Entry;
export declare function choiceOf(entry: Entry, question: Question, side: SideIndex, policy: Policy): Row | null;

// core/document
import type { Value } from "./state.ts";
export declare const JSON_DEPTH_MAX = 500;
export declare function canonicalDocument(value: Value): Value | undefined;

// core/errors
export type Retry = "later" | "after-resync" | "never";
export interface CodeFacts {
    readonly retry: Retry;
    readonly exit: 1 | 2 | 3 | 4 | 5;
    readonly summary: string;
}
export declare const ERROR_CODES: {
    readonly USAGE: {
        readonly retry: "never";
        readonly exit: 2;
        readonly summary: "The command line is not understood.";
    };
    readonly CONFIG_INVALID: {
        readonly retry: "never";
        readonly exit: 2;
        readonly summary: "The configuration is not valid.";
    };
    readonly CONFIG_UNKNOWN_KEY: {
        readonly retry: "never";
        readonly exit: 2;
        readonly summary: "The configuration has an unknown key.";
    };
    readonly CONFIG_NOT_BUILT: {
        readonly retry: "never";
        readonly exit: 2;
        readonly summary: "This setting is not built yet.";
    };
    readonly CONFIG_NOT_FOUND: {
        readonly retry: "never";
        readonly exit: 2;
        readonly summary: "There is no configuration file.";
    };
    readonly COLLECTION_MISSING: {
        readonly retry: "never";
        readonly exit: 2;
        readonly summary: "A collection does not exist.";
    };
    readonly COLUMN_MISSING: {
        readonly retry: "never";
        readonly exit: 2;
        readonly summary: "A mapped column does not exist.";
    };
    readonly KEY_NOT_UNIQUE: {
        readonly retry: "never";
        readonly exit: 2;
        readonly summary: "The key is not unique in its collection.";
    };
    readonly TYPES_DIFFER: {
        readonly retry: "never";
        readonly exit: 2;
        readonly summary: "No type holds what both columns hold.";
    };
    readonly LENS_NO_INVERSE: {
        readonly retry: "never";
        readonly exit: 2;
        readonly summary: "A two-way field has no way back.";
    };
    readonly FILTER_INVALID: {
        readonly retry: "never";
        readonly exit: 2;
        readonly summary: "A filter is not understood.";
    };
    readonly EXPRESSION_INVALID: {
        readonly retry: "never";
        readonly exit: 2;
        readonly summary: "An expression is not understood.";
    };
    readonly RULE_INVALID: {
        readonly retry: "never";
        readonly exit: 2;
        readonly summary: "A validation rule is not understood.";
    };
    readonly REFERENCES_CYCLE: {
        readonly retry: "never";
        readonly exit: 2;
        readonly summary: "References form a ring.";
    };
    readonly PLAN_UNKNOWN: {
        readonly retry: "never";
        readonly exit: 2;
        readonly summary: "The journal holds no such plan.";
    };
    readonly RUN_UNKNOWN: {
        readonly retry: "never";
        readonly exit: 2;
        readonly summary: "The journal holds no such run.";
    };
    readonly ENTRY_UNKNOWN: {
        readonly retry: "never";
        readonly exit: 2;
        readonly summary: "The journal holds no such entry.";
    };
    readonly QUESTION_UNKNOWN: {
        readonly retry: "never";
        readonly exit: 2;
        readonly summary: "There is no such open question.";
    };
    readonly ANSWER_INVALID: {
        readonly retry: "never";
        readonly exit: 2;
        readonly summary: "That answer does not fit the question.";
    };
    readonly HISTORY_NOT_KEPT: {
        readonly retry: "never";
        readonly exit: 2;
        readonly summary: "The journal keeps no history for this.";
    };
    readonly REPLICA_UNAVAILABLE: {
        readonly retry: "later";
        readonly exit: 3;
        readonly summary: "A replica cannot be reached now.";
    };
    readonly REPLICA_NOT_A_DATABASE: {
        readonly retry: "never";
        readonly exit: 3;
        readonly summary: "A file is not a database.";
    };
    readonly REPLICA_DENIED: {
        readonly retry: "never";
        readonly exit: 3;
        readonly summary: "A replica does not let its user in.";
    };
    readonly REPLICA_READ_ONLY: {
        readonly retry: "never";
        readonly exit: 3;
        readonly summary: "A replica cannot be written.";
    };
    readonly CURSOR_LOST: {
        readonly retry: "after-resync";
        readonly exit: 3;
        readonly summary: "A feed forgot what comes next.";
    };
    readonly LIST_FAILED: {
        readonly retry: "later";
        readonly exit: 3;
        readonly summary: "A listing broke off; it proves nothing.";
    };
    readonly JOURNAL_LOCKED: {
        readonly retry: "later";
        readonly exit: 3;
        readonly summary: "Another program holds the journal.";
    };
    readonly JOURNAL_READ_ONLY: {
        readonly retry: "never";
        readonly exit: 3;
        readonly summary: "The journal cannot be written.";
    };
    readonly JOURNAL_NEWER: {
        readonly retry: "never";
        readonly exit: 3;
        readonly summary: "A newer program wrote the journal.";
    };
    readonly JOURNAL_CORRUPT: {
        readonly retry: "never";
        readonly exit: 3;
        readonly summary: "The journal cannot be read.";
    };
    readonly OUTPUT_LOST: {
        readonly retry: "later";
        readonly exit: 3;
        readonly summary: "What was to be printed did not arrive.";
    };
    readonly DISK_FULL: {
        readonly retry: "later";
        readonly exit: 3;
        readonly summary: "There is no space left.";
    };
    readonly JOURNAL_REPLACED: {
        readonly retry: "never";
        readonly exit: 5;
        readonly summary: "The journal is of another life.";
    };
    readonly IDENTITY_CHANGED: {
        readonly retry: "never";
        readonly exit: 5;
        readonly summary: "A replica is not the one it was.";
    };
    readonly EPOCH_WENT_BACK: {
        readonly retry: "never";
        readonly exit: 5;
        readonly summary: "A replica was restored from an old copy.";
    };
    readonly PLAN_STALE: {
        readonly retry: "after-resync";
        readonly exit: 5;
        readonly summary: "The plan is of another state.";
    };
    readonly GUARD_STOPPED: {
        readonly retry: "never";
        readonly exit: 5;
        readonly summary: "The guard stopped too many deletions.";
    };
    readonly KEY_MISSING: {
        readonly retry: "never";
        readonly exit: 4;
        readonly summary: "A row has no key.";
    };
    readonly KEY_INVALID: {
        readonly retry: "never";
        readonly exit: 4;
        readonly summary: "A key column holds what names nothing.";
    };
    readonly KEY_FOLDS: {
        readonly retry: "never";
        readonly exit: 4;
        readonly summary: "Two keys become one on the other side.";
    };
    readonly VALUE_NOT_HELD: {
        readonly retry: "never";
        readonly exit: 4;
        readonly summary: "The other side cannot hold a value.";
    };
    readonly VALUE_UNREADABLE: {
        readonly retry: "never";
        readonly exit: 4;
        readonly summary: "A value does not fit its column's type.";
    };
    readonly RULE_BROKEN: {
        readonly retry: "never";
        readonly exit: 4;
        readonly summary: "A validation rule is broken.";
    };
    readonly CONSTRAINT: {
        readonly retry: "later";
        readonly exit: 4;
        readonly summary: "A constraint of the other side forbids it.";
    };
    readonly LINK_MISSING: {
        readonly retry: "later";
        readonly exit: 4;
        readonly summary: "What the row refers to is not there yet.";
    };
    readonly ANSWER_OUTDATED: {
        readonly retry: "after-resync";
        readonly exit: 4;
        readonly summary: "What was asked about has moved.";
    };
    readonly WRITE_REFUSED: {
        readonly retry: "never";
        readonly exit: 4;
        readonly summary: "The other side refused a write.";
    };
    readonly OUTCOME_UNKNOWN: {
        readonly retry: "after-resync";
        readonly exit: 4;
        readonly summary: "Whether a write landed is unknown.";
    };
    readonly KEY_ORDER: {
        readonly retry: "never";
        readonly exit: 1;
        readonly summary: "A listing is not in ascending key order.";
    };
    readonly LIMIT_EXCEEDED: {
        readonly retry: "never";
        readonly exit: 1;
        readonly summary: "Something is over its named limit.";
    };
    readonly JSON_INVALID: {
        readonly retry: "never";
        readonly exit: 1;
        readonly summary: "A text is not JSON.";
    };
    readonly ABORTED: {
        readonly retry: "later";
        readonly exit: 1;
        readonly summary: "The work was stopped before its end.";
    };
    readonly INTERNAL: {
        readonly retry: "never";
        readonly exit: 1;
        readonly summary: "Syncline contradicts itself: a bug.";
    };
};
export type ErrorCode = keyof typeof ERROR_CODES;
export interface ErrorDetails {
    readonly hint?: string;
    readonly where?: string;
    readonly character?: number;
    readonly cause?: unknown;
}
export declare class SyncError extends Error {
    readonly name = "SyncError";
    readonly code: ErrorCode;
    readonly retry: Retry;
    readonly hint: string | undefined;
    readonly where: string | undefined;
    readonly character: number | undefined;
    constructor(code: ErrorCode, message: string, details?: ErrorDetails);
}
export declare class AssertionError extends Error {
    readonly name = "AssertionError";
}
export declare function assert(condition: unknown, message: string): asserts condition;
export declare function isSyncError(error: unknown, ...codes: readonly ErrorCode[]): error is SyncError;
export declare function isErrorCode(code: string): code is ErrorCode;
export declare function exitCodeOf(error: unknown): 1 | 2 | 3 | 4 | 5;

// core/expression
import type { LogicalType } from "./logical.ts";
import type { Value } from "./state.ts";
import type { Transformed } from "./transform.ts";
export interface Expression {
    readonly asWritten: string;
    readonly reads: (about: "value" | "row") => readonly string[];
    readonly bind: (scope: ExpressionScope) => Evaluate;
}
export interface ExpressionScope {
    readonly columns: readonly string[];
    readonly types?: ReadonlyMap<string, LogicalType>;
    readonly value?: {
        readonly type: LogicalType | undefined;
    };
    readonly gives: "answer" | {
        readonly type: LogicalType | undefined;
    };
}
export type Evaluate = (row: readonly (Value | undefined)[], value?: Value) => Transformed;
export interface Pattern {
    readonly asWritten: string;
    readonly test: (text: string) => boolean;
}
export interface Languages {
    readonly expression: (text: string) => Expression;
    readonly pattern: (text: string) => Pattern;
}
export declare const PATTERN_TEXT_MAX = 65536;
export declare function isExpression(given: unknown): given is Expression;

// core/filter
import type { Expression } from "./expression.ts";
import type { LogicalType } from "./logical.ts";
import type { OwnRow, Value } from "./state.ts";
export type FilterSpec = {
    readonly kind: "presence";
    readonly field: string;
    readonly operator: PresenceOperator;
} | {
    readonly kind: "compare";
    readonly field: string;
    readonly operator: CompareOperator;
    readonly value: Value;
} | {
    readonly kind: "among";
    readonly field: string;
    readonly operator: AmongOperator;
    readonly values: readonly Value[];
}
 | {
    readonly kind: "between";
    readonly field: string;
    readonly from: Value;
    readonly to: Value;
}
 | {
    readonly kind: "part";
    readonly field: string;
    readonly operator: PartOperator;
    readonly value: Value;
}
 | {
    readonly kind: "and" | "or";
    readonly of: readonly FilterSpec[];
} | {
    readonly kind: "not";
    readonly of: FilterSpec;
} | {
    readonly kind: "expression";
    readonly expression: Expression;
};
export type PresenceOperator = "is_null" | "not_null" | "exists";
export type CompareOperator = "equals" | "not_equals" | OrderOperator;
type OrderOperator = "greater_than" | "greater_or_equal" | "less_than" | "less_or_equal";
export type AmongOperator = "in" | "not_in";
export type PartOperator = "contains" | "starts_with" | "ends_with";
export type Matches = (own: OwnRow) => boolean;
export declare function compileFilter(spec: FilterSpec, columns: readonly string[], types?: ReadonlyMap<string, LogicalType>): Matches;
export declare function filterFailure(spec: FilterSpec, columns: readonly string[], types?: ReadonlyMap<string, LogicalType>): ((own: OwnRow) => string | undefined) | undefined;
export declare function filterColumns(spec: FilterSpec, isColumn?: (name: string) => boolean): readonly string[];
export declare function expressionsIn(spec: FilterSpec): readonly Expression[];
export {};

// core/filter-parser
import type { FilterSpec } from "./filter.ts";
import type { Expression } from "./expression.ts";
export declare const FILTER_DEPTH_MAX = 50;
export declare const FILTER_VALUES_MAX = 100000;
export declare const FILTER_OPERATORS: readonly ["equals", "not_equals", "in", "not_in", "not_null", "is_null", "exists", "greater_than", "greater_or_equal", "less_than", "less_or_equal", "between", "contains", "starts_with", "ends_with"];
export declare function parseFilter(raw: unknown, expression?: ReadExpression): FilterSpec;
export type ReadExpression = (text: string, path: readonly (string | number)[]) => Expression;

// core/fold
import type { Policy } from "./policy.ts";
import type { Entry, Seen } from "./state.ts";
export { amend, answer, choiceOf } from "./answer.ts";
export { blank, isAtRest, isBlank } from "./entry.ts";
export { owed } from "./owed.ts";
export { materialOf, namesIn, sameQuestion } from "./question.ts";
export { project } from "./rows.ts";
export { confirm, told } from "./told.ts";
export declare function fold(entry: Entry, seen: readonly (Seen | undefined)[], policy: Policy): Entry;

// core/hash
import type { Value } from "./state.ts";
export type Hash = (text: string) => string;
export interface RunningHash {
    add(line: string): void;
    digest(): string;
}
export declare const HASH_BLOCK_CHARS = 65536;
export declare function rowDigest(hash: Hash, values: readonly (Value | undefined)[]): string;
export declare function makeRunningHash(hash: Hash): RunningHash;

// core/json
import type { Value } from "./state.ts";
export declare function encodeValue(value: Value | undefined): string;
export declare function decodeValue(text: string): Value | undefined;
export declare function encodeValues(values: readonly (Value | undefined)[]): string;
export declare function decodeValues(text: string): readonly (Value | undefined)[];
export declare function reviveValue(json: unknown): Value | undefined;
export declare function reviveValues(json: unknown): readonly (Value | undefined)[];
export declare function parseJson(text: string): Value | undefined;
export declare function readJson(text: string): Value | undefined;
export declare function formatJson(value: Value): string;

// core/key
import type { LogicalType } from "./logical.ts";
import type { Key, Value } from "./state.ts";
export declare function encodeKey(values: readonly Value[]): Key | undefined;
export declare function makeKeyEncoder(types: readonly LogicalType[]): (values: readonly Value[]) => Key | undefined;
export declare function decodeKey(key: Key, types?: readonly LogicalType[]): Value[];
export declare function keyParts(key: Key): readonly Key[];
export declare function showKey(key: Key): string;
export declare function keyFromText(text: string, types: readonly LogicalType[]): Key | undefined;

// core/kinds
import type { Value } from "./state.ts";
export type ValueKind = "absent" | "null" | "json-null" | "boolean" | "number" | "text" | "bytes" | "list" | "object";
export type JsonObject = {
    readonly [name: string]: Value;
};
export declare function kindOf(value: Value): ValueKind;
export declare function isList(value: Value | undefined): value is readonly Value[];
export declare function isObject(value: Value | undefined): value is JsonObject;

// core/lens
import type { LensSpec } from "./lens-parts.ts";
import type { FieldIndex, OwnRow, Row } from "./state.ts";
export type { LensSpec, LinkField } from "./lens-parts.ts";
export interface Unreadable {
    readonly kind: "unreadable";
    readonly errors: readonly string[];
    readonly broken?: Row;
}
export interface Lens {
    readonly columns: readonly string[];
    readonly keyColumns: readonly number[];
    readonly keyFields: readonly FieldIndex[];
    readonly keyIsPlain: boolean;
    readonly carries: readonly FieldIndex[];
    readonly isIdentity: boolean;
    readonly puts: boolean;
    readonly positions: readonly number[];
    readonly forms: readonly number[];
    readonly over: (own: OwnRow) => Row | Unreadable;
    readonly back: (row: Row, own: OwnRow | null) => OwnRow | Unreadable;
}
export declare function compileLens(spec: LensSpec): Lens;

// core/logical
import type { Value } from "./state.ts";
export type LogicalType = 
{
    readonly kind: "any";
} | {
    readonly kind: "boolean";
} | {
    readonly kind: "integer";
    readonly min?: number | bigint;
    readonly max?: number | bigint;
}
 | {
    readonly kind: "real";
    readonly single?: true;
}
 | {
    readonly kind: "decimal";
    readonly precision?: number;
    readonly scale?: number;
    readonly nan?: true;
}
 | {
    readonly kind: "text";
    readonly maxLength?: number;
    readonly maxBytes?: number;
    readonly noZero?: true;
    readonly values?: readonly string[];
} | {
    readonly kind: "bytes";
    readonly maxLength?: number;
}
 | {
    readonly kind: "instant";
}
 | {
    readonly kind: "datetime";
} | {
    readonly kind: "date";
} | {
    readonly kind: "time";
}
 | {
    readonly kind: "offset-time";
}
 | {
    readonly kind: "duration";
}
 | {
    readonly kind: "json";
    readonly noZero?: true;
} | {
    readonly kind: "uuid";
}
 | {
    readonly kind: "list";
    readonly of: LogicalType;
}
 | {
    readonly kind: "named";
    readonly name: string;
};
export declare function canonical(type: LogicalType, value: Value): Value | undefined;
export declare function makeCanonical(type: LogicalType): (value: Value) => Value | undefined;
export declare function whyNot(type: LogicalType, value: Value): string | undefined;
export declare function typeName(type: LogicalType): string;

// core/mapping
import type { Expression } from "./expression.ts";
import type { Around } from "./key-template.ts";
import type { LookupSpec } from "./lookup.ts";
import type { Value } from "./state.ts";
import type { Converter, FunctionPair, RecordView, TransformArgs, TransformFunction } from "./transform.ts";
export interface MappingSpec {
    readonly source: string;
    readonly target: string;
    readonly transform?: TransformSpec;
    readonly lookup?: LookupSpec;
    readonly required?: boolean;
    readonly default?: Value;
    readonly defaultForNull?: boolean;
    readonly only?: "to-target";
    readonly constant?: Value;
    readonly validate?: ValidateSpec;
}
export type ValidateSpec = Expression | ((value: Value, record: RecordView) => unknown);
export type TransformSpec = string | {
    readonly name: string;
    readonly args?: TransformArgs;
} | TransformFunction | FunctionPair | Expression | readonly TransformSpec[];
export declare function linkFields(mapping: readonly MappingSpec[]): readonly string[];
export declare function isOnlyToTarget(line: MappingSpec): boolean;
export declare function sameNames(columns: readonly string[]): readonly MappingSpec[];
export declare function completeMapping(mapping: readonly MappingSpec[], sourceKey: readonly string[]): readonly MappingSpec[];
export declare function targetKey(mapping: readonly MappingSpec[], sourceKey: readonly string[]): readonly string[];
export declare function lineOfKey(mapping: readonly MappingSpec[], column: string): MappingSpec | undefined;
export declare function isConverted(line: MappingSpec): boolean;
export declare function textsAround(transform: TransformSpec): Around | undefined;
export declare function transformName(spec: TransformSpec): string;
export declare function compileTransform(spec: TransformSpec): Converter;

// core/moments
export declare function isEnd(text: string): boolean;
export declare function dateOf(text: string): string | undefined;
export declare function timeOf(text: string): string | undefined;
export declare function datetimeOf(text: string): string | undefined;
export declare function instantOf(text: string): string | undefined;
export declare function momentOf(text: string): string | undefined;
export declare function offsetOf(zone: string | undefined): number | undefined;
export declare function textOfOffset(seconds: number): string;

// core/numerals
import type { ExactNumber } from "./state.ts";
export declare const DECIMAL_DIGITS_MAX = 150000;
export declare function decimalOf(text: string): string | undefined;
export declare function decimalOfNumber(number: number): string;
export declare function doubleOf(text: string): number | undefined;
export declare function integerOf(text: string): number | bigint | undefined;
export declare function smallest(integer: bigint): number | bigint;
export declare function plain(value: number | bigint): number | bigint;
export declare function decimalOfPlain(value: number | bigint): string;
export declare function numberOf(text: string): number | bigint | ExactNumber | undefined;
export declare function digitsOf(decimal: string): {
    readonly whole: number;
    readonly fraction: number;
};
export declare function fitsDigits(decimal: string, precision: number, scale: number): boolean;

// core/policy
import type { FieldIndex, SideIndex, Stamp, Value } from "./state.ts";
export interface Rival {
    readonly side: SideIndex | undefined;
    readonly value: Value;
    readonly base: Value | undefined;
    readonly stamp: Stamp;
    readonly first: boolean;
}
export type Rule = {
    readonly kind: "merge";
} | {
    readonly kind: "manual";
} | {
    readonly kind: "latest";
} | {
    readonly kind: "wins";
    readonly side: SideIndex;
}
 | {
    readonly kind: "union";
    readonly key?: string;
} | {
    readonly kind: "custom";
    readonly settle: (base: Value | undefined, rivals: readonly Rival[]) => Value | undefined;
};
export interface SidePolicy {
    readonly follows: boolean;
    readonly followsOn?: readonly boolean[];
    readonly drift: "overwrite" | "keep";
    readonly ownsFilter: boolean;
    readonly marks: boolean;
    readonly compares: boolean;
    readonly carries: readonly FieldIndex[];
    readonly store?: (field: FieldIndex, value: Value) => Value;
}
export interface Policy {
    readonly fields: number;
    readonly member: FieldIndex;
    readonly sides: readonly SidePolicy[];
    readonly keys?: readonly FieldIndex[];
    readonly rows: Rule;
    readonly settle: readonly (Rule | undefined)[];
    readonly deletes?: "ask" | "edit-wins" | "delete-wins";
    readonly initial: Rule;
    readonly guard: "pass" | "withhold" | "release";
    readonly rejects?: (field: FieldIndex, value: Value) => boolean;
    readonly stamp: Stamp;
    readonly now: number;
}

// core/rules
import type { Expression, Pattern } from "./expression.ts";
import type { LogicalType } from "./logical.ts";
import type { FieldIndex, Row, Value } from "./state.ts";
export type RuleSpec = {
    readonly field: string;
    readonly errorMessage?: string;
} & ({
    readonly kind: "required";
} | {
    readonly kind: "type";
    readonly expected: ExpectedType;
}
 | {
    readonly kind: "range";
    readonly min?: Value;
    readonly max?: Value;
} | {
    readonly kind: "allowed";
    readonly values: readonly Value[];
}
 | {
    readonly kind: "format";
    readonly pattern: Pattern;
    readonly named?: string;
}
 | {
    readonly kind: "length";
    readonly min?: number;
    readonly max?: number;
}
 | {
    readonly kind: "date";
    readonly min?: string;
    readonly max?: string;
}
 | {
    readonly kind: "cross";
    readonly operator: CrossOperator;
    readonly other: string;
}
 | {
    readonly kind: "unique";
    readonly with: readonly string[];
} | {
    readonly kind: "expression";
    readonly expression: Expression;
} | {
    readonly kind: "function";
    readonly judge: JudgeFunction;
});
export declare const CROSS_OPERATORS: readonly ["equals", "not_equals", "greater_than", "greater_or_equal", "less_than", "less_or_equal"];
export type CrossOperator = (typeof CROSS_OPERATORS)[number];
export type JudgeFunction = (value: Value, row: {
    readonly [field: string]: Value;
}) => boolean | string;
export declare const EXPECTED_TYPES: readonly ["string", "number", "integer", "boolean", "object", "array", "date"];
export type ExpectedType = (typeof EXPECTED_TYPES)[number];
export interface RuledField {
    readonly name: string;
    readonly type?: LogicalType;
}
export interface Broken {
    readonly field: FieldIndex;
    readonly rule: RuleSpec["kind"];
    readonly message: string;
}
export interface UniqueRule {
    readonly fields: readonly FieldIndex[];
    readonly message: string;
}
export interface Rules {
    readonly check: (row: Row) => readonly Broken[];
    readonly broken: (field: FieldIndex, value: Value) => readonly string[];
    readonly rejects: (field: FieldIndex, value: Value) => boolean;
    readonly across?: (row: Row) => readonly string[];
    readonly unique: readonly UniqueRule[];
}
export declare function compileRules(specs: readonly RuleSpec[], fields: readonly RuledField[]): Rules;

// core/rules-parser
import type { Expression, Languages } from "./expression.ts";
import type { JudgeFunction, RuleSpec } from "./rules.ts";
export declare const RULE_TYPES: readonly ["required", "type", "format", "range", "length", "date", "allowedValues", "crossField", "unique", "custom"];
export interface RuleReading {
    readonly languages?: Languages;
    readonly validators?: ReadonlyMap<string, Validator>;
}
export type Validator = JudgeFunction | Expression;
export declare function parseRules(raw: unknown, reading?: RuleReading): readonly RuleSpec[];

// core/stamp
import type { Stamp } from "./state.ts";
export declare const STAMP_EPOCH_MS: number;
export declare const STAMPS_PER_MS = 4096;
export declare const SKEW_MS_MAX: number;
export interface Observed {
    readonly skewed: boolean;
    readonly aheadMs: number;
}
export interface Clock {
    tick(): Stamp;
    observe(stamp: Stamp, limits?: {
        readonly skewMsMax: number;
    }): Observed;
}
export declare function stampOf(ms: number, counter?: number): Stamp;
export declare function timeOf(stamp: Stamp): number;
export declare function isoOf(stamp: Stamp): string;
export declare function isSkewed(stamp: Stamp, nowMs: number, skewMsMax?: number): boolean;
export declare function makeClock(options: {
    readonly now: () => number;
    readonly after?: Stamp;
}): Clock;

// core/state
export declare const ABSENT: unique symbol;
export declare const JSON_NULL: unique symbol;
declare const DIGITS: unique symbol;
export interface ExactNumber {
    readonly [DIGITS]: string;
}
export declare function exactNumber(decimal: string): ExactNumber;
export declare function digitsIn(value: unknown): string | undefined;
export type Value = null | boolean | number | bigint | string | Uint8Array | typeof ABSENT | typeof JSON_NULL | ExactNumber | readonly Value[] | {
    readonly [name: string]: Value;
};
export type Key = string;
export type Stamp = number;
export type Position = number | bigint;
export type FieldIndex = number;
export type SideIndex = number;
export declare const WHOLE: FieldIndex;
export type OwnRow = readonly Value[];
export type Row = readonly (Value | undefined)[];
export interface State {
    readonly here: boolean;
    readonly values: readonly (Value | undefined)[];
}
export type By = SideIndex | string;
export interface Credit {
    readonly by: By;
    readonly stamp: Stamp;
}
export interface Told {
    readonly id: string;
    readonly to: Row | null;
    readonly against: Row | null;
    readonly at: Position;
    readonly base: State;
    readonly until: number;
    readonly sent: number;
    readonly once: boolean;
}
export interface Parked {
    readonly kind: "later" | "refused" | "unreadable";
    readonly code: string;
    readonly errors: readonly string[];
    readonly attempts: number;
    readonly due?: number;
    readonly digest: string;
}
export interface Memory {
    readonly shadow: Row | null;
    readonly own: OwnRow | null;
    readonly base: State;
    readonly told: readonly Told[];
    readonly mark?: string;
    readonly at: Position;
    readonly parked?: Parked;
    readonly missing?: Row;
}
export type Why = "conflict" | "withheld" | "rejected" | "drift" | "unknown";
export interface Held {
    readonly row: Row | null;
    readonly stamps: readonly (Stamp | undefined)[];
    readonly first: boolean;
    readonly firstOn?: readonly FieldIndex[];
}
export interface Question {
    readonly field: FieldIndex;
    readonly why: Why;
    readonly opened: Stamp;
    readonly held: readonly (Held | undefined)[];
}
export interface Entry {
    readonly agreed: State;
    readonly set: readonly (Credit | undefined)[];
    readonly open: readonly Question[];
    readonly sides: readonly (Memory | undefined)[];
}
export interface Seen {
    readonly row: Row | null;
    readonly own: OwnRow | null;
    readonly at?: Position;
    readonly stamp?: Stamp;
    readonly marks?: readonly string[];
}
export interface Write {
    readonly side: SideIndex;
    readonly to: Row | null;
    readonly against: Row | null;
    readonly at: Position;
    readonly base: State;
    readonly again?: string;
}
export {};

// core/strategies
import type { Rule } from "./policy.ts";
export { didYouMean, nearest } from "./nearest.ts";
export interface StrategyOptions {
    readonly by?: LatestBy | string;
    readonly key?: string;
    readonly settle?: CustomRule["settle"];
}
type CustomRule = Extract<Rule, {
    readonly kind: "custom";
}>;
export type LatestBy = {
    readonly kind: "commit";
} | {
    readonly kind: "clock";
} | {
    readonly kind: "column";
    readonly column: string;
};
export interface Strategy {
    readonly word: string;
    readonly rule: Rule;
    readonly by?: LatestBy;
}
export declare function parseStrategy(word: string, sides: readonly string[], options?: StrategyOptions): Strategy;
export declare function strategyWords(sides: readonly string[]): readonly string[];

// core/told
import type { Entry, Memory, OwnRow, Position, Row, SideIndex } from "./state.ts";
import type { State, Told, Value, Write } from "./state.ts";
export interface Sent {
    readonly id: string;
    readonly until: number;
    readonly once: boolean;
}
export interface Confirmation {
    readonly id: string;
    readonly applied: boolean;
    readonly row: Row | null;
    readonly own: OwnRow | null;
    readonly at?: Position;
}
export declare function told(entry: Entry, write: Write, sent: Sent): Entry;
export declare function confirm(entry: Entry, side: SideIndex, outcome: Confirmation): Entry;
export declare function arrived(one: Told, landed: Told, isApplied: boolean): readonly Told[];
interface Shown extends Pick<Memory, "shadow" | "base"> {
    readonly missing?: Row | undefined;
}
export declare function baseAfter({ shadow, base, missing }: Shown, row: Row | null, told: State): {
    here: boolean;
    values: (Value | undefined)[];
};
export {};

// core/transforms
import type { Transform } from "./transform.ts";
export declare const TEMPLATE_HOLE = "${value}";
export declare const TRANSFORMS: ReadonlyMap<string, Transform>;

// core/values
import type { Value } from "./state.ts";
export { canonical, makeCanonical, typeName, whyNot } from "./logical.ts";
export type { LogicalType } from "./logical.ts";
export { isList, isObject, kindOf } from "./kinds.ts";
export declare function same(a: Value | undefined, b: Value | undefined): boolean;
export declare function sameAll(a: readonly (Value | undefined)[], b: readonly (Value | undefined)[]): boolean;
export declare function order(a: Value, b: Value): number;

// core/transform
import type { Around } from "./key-template.ts";
import type { LogicalType } from "./logical.ts";
import type { OwnRow, Value } from "./state.ts";
export type Transformed = {
    readonly kind: "value";
    readonly value: Value;
} | {
    readonly kind: "refused";
    readonly reason: string;
};
export type RecordView = {
    readonly [column: string]: Value;
};
export type TransformArgs = {
    readonly [name: string]: Value;
};
export interface Converter {
    readonly over: (value: Value, record: RecordView, own?: OwnRow) => Transformed;
    readonly back?: (value: Value) => Transformed;
    readonly reads?: readonly string[] | "all";
    readonly bind?: (scope: ConverterScope) => Converter;
    readonly around?: Around;
}
export interface ConverterScope {
    readonly columns: readonly string[];
    readonly types?: ReadonlyMap<string, LogicalType>;
    readonly from: LogicalType | undefined;
    readonly to: LogicalType | undefined;
}
export interface Transform {
    readonly name: string;
    readonly args: readonly string[];
    readonly make: (args: TransformArgs) => Converter | string;
}
export type TransformFunction = (value: Value | undefined, record: RecordView) => unknown;
export interface FunctionPair {
    readonly name?: string;
    readonly over: TransformFunction;
    readonly back?: (value: Value | undefined) => unknown;
    readonly reads?: readonly string[];
}
export declare function given(value: Value): Transformed;
export declare function refused(reason: string): Transformed;
export declare function passing(over: (value: Value) => Transformed): (value: Value) => Transformed;

// core/entry
import type { Policy } from "./policy.ts";
import type { Entry } from "./state.ts";
export declare function blank(policy: Policy): Entry;
export declare function isBlank(entry: Entry): boolean;
export declare function isAtRest(entry: Entry, policy: Policy): boolean;

// core/owed
import type { Policy } from "./policy.ts";
import type { Entry, SideIndex, Write } from "./state.ts";
export declare function owed(entry: Entry, side: SideIndex, policy: Policy): Write | undefined;

// core/question
import type { Entry, FieldIndex, Question, SideIndex, Value } from "./state.ts";
export declare function namesIn(entry: Entry, side: SideIndex, field: FieldIndex): boolean;
export declare function sameSubject(a: Question, b: Question): boolean;
export declare function sameQuestion(a: Question, b: Question): boolean;
export declare function sidesOf(question: Question): readonly SideIndex[];
export declare function materialOf(question: Question): readonly Value[];

// core/rows
import type { Policy, SidePolicy } from "./policy.ts";
import type { FieldIndex, Row, SideIndex, State, Value } from "./state.ts";
export declare function sameRow(a: Row | null, b: Row | null): boolean;
export declare function sideOf(policy: Policy, side: SideIndex): SidePolicy;
export declare function isWanted(state: State, side: SidePolicy, policy: Policy): boolean;
export declare function project(side: SideIndex, state: State, policy: Policy): Row | null;
export declare function storedRow(side: SidePolicy, row: Row | null): Row | null;
export declare function isStoredAs(side: SidePolicy, field: FieldIndex, held: Value | undefined, value: Value | undefined): boolean;
export declare function emptyRow<T = Value>(fields: number): (T | undefined)[];

// core/lens-parts
import type { FilterSpec } from "./filter.ts";
import type { FieldParts } from "./lens-field.ts";
import type { LogicalType } from "./logical.ts";
import type { MappingSpec } from "./mapping.ts";
export interface LinkField {
    readonly name: string;
    readonly type?: LogicalType;
    readonly absent?: "null" | "keep";
}
export interface LensSpec {
    readonly side: "source" | "target";
    readonly mapping: readonly MappingSpec[];
    readonly direction: "one-way" | "two-way";
    readonly key: readonly string[];
    readonly columns?: ReadonlyMap<string, LogicalType>;
    readonly fields?: readonly LinkField[];
    readonly filter?: FilterSpec;
    readonly hasMembership?: boolean;
}
export declare function lensParts(spec: LensSpec, fields: readonly LinkField[]): readonly FieldParts[];

// core/key-template
import type { LogicalType } from "./logical.ts";
import type { Key, Value } from "./state.ts";
export interface Around {
    readonly prefix: string;
    readonly suffix: string;
}
export interface KeyTemplate extends Around {
    readonly type: {
        readonly kind: "integer" | "text" | "uuid";
    };
}
export type KeyTemplates = readonly (KeyTemplate | null)[];
export interface KeyNames {
    readonly ownOf: (key: Key) => Key | undefined;
    readonly keyOf: (own: Key) => Key | undefined;
}
export declare function templateText({ prefix, suffix }: Around): string;
export declare function nameableType({ kind }: LogicalType): KeyTemplate["type"] | undefined;
export declare function makeKeyNames(templates: KeyTemplates): KeyNames;
export declare function cutOut({ prefix, suffix }: Around, value: Value): string | undefined;

// core/lookup
import type { Value } from "./state.ts";
import type { Transformed } from "./transform.ts";
export interface LookupSpec {
    readonly table: {
        readonly [from: string]: Value;
    };
    readonly otherwise?: Value;
}
export interface Lookup {
    readonly over: (value: Value) => Transformed;
    readonly back: ((value: Value) => Transformed) | undefined;
}
export declare const LOOKUP_ENTRIES_MAX = 100000;
export declare function compileLookup(spec: LookupSpec): Lookup;

// core/nearest
export declare function nearest(word: string, words: Iterable<string>): string | undefined;
export declare function didYouMean(word: string, words: Iterable<string>): string;

// core/lens-field
import type { LogicalType } from "./logical.ts";
import type { ValidateSpec } from "./mapping.ts";
import type { Path } from "./path.ts";
import type { FieldIndex, OwnRow, Value } from "./state.ts";
import type { Converter, RecordView } from "./transform.ts";
export interface FieldParts {
    readonly at: FieldIndex;
    readonly name: string;
    readonly ownName: string;
    readonly path: Path | undefined;
    readonly converter: Converter | undefined;
    readonly reads: readonly string[];
    readonly isExpressed: boolean;
    readonly constant: Value | undefined;
    readonly required: boolean;
    readonly validate: ValidateSpec | undefined;
    readonly fallback: Value | undefined;
    readonly fallbackForNull: boolean;
    readonly absentIsNull: boolean;
    readonly ownType: LogicalType | undefined;
    readonly linkType: LogicalType | undefined;
    readonly writable: boolean;
}
export interface Reading {
    readonly own: OwnRow;
    readonly errors: string[];
    record: RecordView | undefined;
}
export interface LensField {
    readonly at: FieldIndex;
    readonly column: number;
    readonly parts: FieldParts;
    readonly read: (reading: Reading) => Value;
    readonly write: (to: Value[], value: Value) => string | undefined;
}
export declare function isPick(parts: FieldParts): boolean;
export declare function isForm(parts: FieldParts): boolean;
export declare function isPut(parts: FieldParts): boolean;
export declare function isPutIfFitting({ path, converter, writable }: FieldParts): boolean;
export declare function compileField(parts: FieldParts, scope: FieldScope): LensField;
export interface FieldScope {
    readonly columns: readonly string[];
    readonly types: ReadonlyMap<string, LogicalType> | undefined;
    readonly recordOf: (reading: Reading) => RecordView;
}

// core/path
import type { Value } from "./state.ts";
export interface Path {
    readonly text: string;
    readonly column: string;
    readonly steps: readonly string[];
}
export declare const PATH_STEPS_MAX = 32;
export declare function parsePath(text: string, isColumn?: (name: string) => boolean): Path;
export declare function valueAt(document: Value, steps: readonly string[]): Value;
export declare function withValueAt(document: Value, steps: readonly string[], value: Value): Value | undefined;
export declare function overlap(a: Path, b: Path): boolean;
