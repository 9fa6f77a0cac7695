// The public surface of `syncline/core`: pure data and functions, usable on their own.

// What an entry remembers, and how it moves.
export * from "./state.ts";
export * from "./policy.ts";
export { fold, owed, told, confirm, answer, amend, blank, isAtRest } from "./fold.ts";
export type { Change } from "./answer.ts";
export type { Confirmation, Sent } from "./told.ts";
export { parseStrategy, strategyWords } from "./strategies.ts";
export type { LatestBy, Strategy, StrategyOptions } from "./strategies.ts";

// Values, their types, texts and digests.
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

// Names of entries, and time.
export { decodeKey, encodeKey, keyFromText, makeKeyEncoder, showKey } from "./key.ts";
export { isoOf, isSkewed, makeClock, SKEW_MS_MAX, stampOf, timeOf } from "./stamp.ts";
export type { Clock, Observed } from "./stamp.ts";

// How a side is seen: lens, filter, rules.
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
