// `syncline/compat/supernal`: the configuration of the system that the mission calls 000, run by
// the engine. What it does on purpose otherwise: docs/decisions/supernal.md.
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
export type {
  AuthConfig,
  BatchError,
  BatchSyncResult,
  ConflictResolutionConfig,
  ConnectionConfig,
  FieldMapping,
  FilterConfig,
  MappingFunction,
  MappingTransform,
  RetryConfig,
  SourceType,
  SyncConfig,
  ValidateFunction,
} from "./sync-config.ts";
export { configFrom, translate } from "./translated.ts";
export type { Translated, TranslateOptions } from "./translated.ts";
export { builtInValidators } from "./validators.ts";
export type { ConfigValidator, ValidationResult } from "./validators.ts";
