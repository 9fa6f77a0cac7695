// `syncline/config`: configurations in YAML or TypeScript, and the links that they open.
export { loadConfig } from "./load.ts";
export type { LoadOptions } from "./load.ts";
export { openConfig } from "./open.ts";
export type { Away, Opened, OpenOptions } from "./open.ts";
export { defineConfig } from "./input.ts";
export type {
  ConditionInput,
  ConfigInput,
  ConflictsInput,
  ColumnTypeWord,
  FileColumnsInput,
  FileInput,
  FilterInput,
  GuardInput,
  MappingInput,
  PipelineInput,
  PostgresInput,
  RowsInput,
  RuleInput,
  SideInput,
  SqliteInput,
  SystemInput,
  TransformInput,
  ValueInput,
} from "./input.ts";
export type { HttpCollectionInput, HttpInput } from "./input-http.ts";
export type {
  Config,
  HttpSettings,
  LinkSettings,
  PostgresSettings,
  RowsSettings,
  SqliteSettings,
  SystemSettings,
} from "./config.ts";
export { configSchema } from "./json-schema.ts";
export type { JsonSchema } from "./json-schema.ts";
export { realEnv } from "./env.ts";
export { sha256 } from "../threads/sha256.ts";
