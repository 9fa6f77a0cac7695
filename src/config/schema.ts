// Everything that a configuration may hold. The sentences are what editors and error messages say.
import { FILTER_OPERATORS } from "../core/filter-parser.ts";
import { FORMATS } from "../core/formats.ts";
import { RULE_TYPES } from "../core/rules-parser.ts";
import { CROSS_OPERATORS, EXPECTED_TYPES } from "../core/rules.ts";
import { parseCollectionName, refuseName } from "./names.ts";
import { HTTP_SYSTEM } from "./schema-http.ts";
import { POSTGRES_SYSTEM } from "./schema-postgres.ts";
import { ROWS_SYSTEM } from "./schema-rows.ts";
import { RETRY } from "./retry.ts";
import { SINCE, SINCE_ON } from "./since.ts";
import type { KeyShape, ObjectShape, Shape, TextShape } from "./shape.ts";

const TEXT: Shape = { kind: "text" };
const BOOLEAN: Shape = { kind: "boolean" };
const VALUE: Shape = { kind: "value" };

/** A text that is not empty. */
const NAME: Shape = {
  kind: "text",
  refuse: (text) => (text === "" ? { code: "CONFIG_INVALID", says: "cannot be empty" } : undefined),
};

const COLLECTION: Shape = {
  kind: "text",
  refuse: (text) => {
    const parsed = parseCollectionName(text);
    return parsed.kind === "refused" ? parsed.why : undefined;
  },
};

function words(...list: readonly string[]): TextShape {
  return { kind: "text", words: list };
}

function listOf(of: Shape): Shape {
  return { kind: "list", of, least: 1 };
}

function object(keys: ObjectShape["keys"]): ObjectShape {
  return { kind: "object", keys };
}

function either(...of: readonly Shape[]): Shape {
  return { kind: "either", of };
}

function key(shape: Shape, doc: string): KeyShape {
  return { shape, doc };
}

function needed(shape: Shape, doc: string): KeyShape {
  return { shape, doc, required: true };
}

function later(doc: string): KeyShape {
  return { notBuilt: true, doc };
}

const FUNCTION: Shape = { kind: "function" };

const FUNCTION_PAIR: ObjectShape["keys"] = {
  over: key(FUNCTION, "from the source's value to the target's (TypeScript only)"),
  back: key(FUNCTION, "the way back (TypeScript only)"),
  reads: key({ kind: "list", of: NAME }, "columns that `over` reads besides its own"),
};

/** A transform by name, a template that takes the value in, an expression, or functions. */
const ONE_TRANSFORM: readonly Shape[] = [
  NAME,
  FUNCTION,
  object({
    name: key(TEXT, "the named transform"),
    args: key({ kind: "map", of: VALUE }, "its arguments"),
    ...FUNCTION_PAIR,
  }),
];

const TRANSFORM: Shape = either(...ONE_TRANSFORM, listOf(either(...ONE_TRANSFORM)));

/** What a value has to be like: an expression, or a function. */
const CHECK: Shape = either(NAME, FUNCTION);

const MAPPING_LINE: ObjectShape = object({
  source: key(NAME, "the column, or path inside a JSON column, of the source"),
  target: needed(NAME, "the column, or path inside a JSON column, of the target"),
  transform: key(TRANSFORM, "what the value goes through on its way to the target"),
  lookup: key(
    object({
      table: needed({ kind: "map", of: VALUE }, "what each value of the source becomes"),
      otherwise: key(VALUE, "what becomes of every other value: keep, reject, or this value"),
    }),
    "a table of values",
  ),
  required: key(BOOLEAN, "a row without this value is rejected"),
  default: key(VALUE, "stands in for a missing value"),
  defaultValue: key(VALUE, "the same as `default`"),
  defaultForNull: key(BOOLEAN, "the default stands in for NULL as well"),
  only: key(words("to-target"), "the source is never written in this field"),
  constant: key(VALUE, "every row of the target has this value"),
  validate: key(CHECK, "a check of the transformed value: an expression, or a function"),
});

const MAPPING: Shape = listOf(MAPPING_LINE);

const FILTER: Shape = {
  kind: "named",
  name: "filter",
  shape: () => FILTER_LINE,
};

/** A condition, or an expression over the columns of the source. */
const CONDITION: Shape = either(NAME, FILTER);

const FILTER_LINE: ObjectShape = object({
  field: key(NAME, "the column of the source"),
  operator: key(words(...FILTER_OPERATORS), "how it is compared"),
  value: key(VALUE, "with what it is compared"),
  values: key({ kind: "list", of: VALUE }, "with which of them it is compared"),
  and: key(listOf(CONDITION), "all of these hold"),
  or: key(listOf(CONDITION), "one of these holds"),
  not: key(CONDITION, "this does not hold"),
});

const RULE_LINE: ObjectShape = object({
  field: needed(NAME, "the field, by its name in the target"),
  type: needed(
    { kind: "text", words: RULE_TYPES },
    "what is checked: required, type, format, range, length, date, unique, custom, …",
  ),
  config: key(
    object({
      errorMessage: key(TEXT, "what to say when it is broken"),
      expectedType: key(words(...EXPECTED_TYPES), "type: what the value has to be"),
      min: key(VALUE, "range, length, date: the least that is allowed"),
      max: key(VALUE, "range, length, date: the most that is allowed"),
      allowedValues: key({ kind: "list", of: VALUE }, "allowedValues: the only values allowed"),
      pattern: key(NAME, "format: a regular expression (RE2) that the text has to match"),
      format: key(words(...FORMATS.keys()), "format: a known one, instead of a pattern"),
      operator: key(words(...CROSS_OPERATORS), "crossField: how the fields compare"),
      other: key(NAME, "crossField: the field that it is compared with"),
      with: key(either(NAME, listOf(NAME)), "unique: fields that are unique together with it"),
      expression: key(NAME, "custom: an expression that has to be true"),
      validate: key(CHECK, "custom: a validator by name, an expression, or a function"),
    }),
    "what the check needs",
  ),
});

const STRATEGY: Shape = either(TEXT, FUNCTION);

const CONFLICTS: ObjectShape = object({
  strategy: key(STRATEGY, "how rivals are settled: merge, latest, source-wins, union, manual, …"),
  by: key(NAME, "what `latest` goes by: a column, commit or clock"),
  fields: key({ kind: "map", of: STRATEGY }, "strategies for single fields"),
  deletes: key(words("ask", "edit-wins", "delete-wins"), "a deletion against an edit"),
  keys: key({ kind: "map", of: NAME }, "what tells objects of a list apart, by field, for union"),
});

const GUARD: ObjectShape = object({
  deletes: key(
    object({
      share: key(
        { kind: "number", least: 0, most: 1, whole: false },
        "of the known entries, this share may be deleted",
      ),
      floor: key(
        { kind: "number", least: 0, most: Number.MAX_SAFE_INTEGER, whole: true },
        "so many may be deleted whatever the share",
      ),
      cap: key(
        { kind: "number", least: 0, most: Number.MAX_SAFE_INTEGER, whole: true },
        "never more than this",
      ),
    }),
    "when deletions are withheld",
  ),
  onTrip: key(words("withhold", "stop"), "withhold the deletions, or stop before the first write"),
});

const SYNC: ObjectShape = object({
  mode: key(
    {
      kind: "text",
      words: ["manual"],
      notBuilt: ["batch", "scheduled", "real-time", "hybrid"],
    },
    "what starts a cycle",
  ),
  frequency: later("a cron expression"),
  schedule: later("when cycles start"),
  batchSize: later("rows in one page"),
  retry: later("how often and when a failed write is tried again"),
  retryPolicy: later("how often and when a failed write is tried again"),
});

const SIDE: Shape = either(
  COLLECTION,
  object({
    at: needed(COLLECTION, "the collection, as system.table"),
    mapping: key(MAPPING, "between the link's fields and this side's columns"),
    follows: key(BOOLEAN, "it is written, and its own changes are drift"),
    since: key(SINCE_ON, "what tells here which rows changed"),
  }),
);

const PIPELINE: ObjectShape = object({
  source: key(COLLECTION, "where data comes from, as system.table; system.* for all tables"),
  target: key(COLLECTION, "where data goes, as system.table; system.* for all tables"),
  sides: key(
    { kind: "map", of: SIDE, least: 2, refuseName },
    "instead of source and target: two or more sides by name",
  ),
  direction: key(words("one-way", "two-way"), "default one-way"),
  key: key(either(NAME, listOf(NAME)), "what names an entry; default: the primary key"),
  sync: key(SYNC, "what starts a cycle"),
  mapping: key(MAPPING, "default: the same names on both sides"),
  filters: key(
    either(NAME, { kind: "list", of: CONDITION }, FILTER),
    "only rows of the source that pass these are in the pipeline",
  ),
  whenFilteredOut: key(words("delete", "keep"), "what becomes of rows that leave the filter"),
  validation: key({ kind: "list", of: RULE_LINE }, "rows that break one of these are rejected"),
  conflicts: key(either(STRATEGY, CONFLICTS), "how rivals are settled"),
  guard: key(GUARD, "the guard against mass deletions"),
  initial: key(TEXT, "the first meeting: merge, source, target or manual"),
  drift: key(words("overwrite", "keep"), "what becomes of changes on a side that only follows"),
  extra: key(words("keep", "delete"), "what becomes of rows that only a follower holds"),
  createMissing: key(BOOLEAN, "make collections that the target does not have"),
  memory: key(words("full", "digest"), "remember values, or digests only"),
  since: key(SINCE, "what tells which rows changed, so that not every run compares all of them"),
  schedule: later("when cycles start"),
  retry: key(RETRY, "when a write that a side put off is tried again, and how often"),
  batchSize: key(
    { kind: "number", least: 1, most: 1000, whole: true },
    "rows that are sent to a side in one batch, at most; default: a page of 1000, or a load",
  ),
  throttlePerSecond: key(
    { kind: "number", least: 1, most: 1_000_000, whole: true },
    "rows that are written in any second, on all its sides together, at most; default: all",
  ),
  parallelBatches: later("batches that are sent at once"),
  compression: later("whether batches travel packed"),
});

/** Kinds of systems that the design names and that cannot be opened yet. */
const SYSTEMS_NOT_BUILT: readonly string[] = [
  "mysql",
  "mariadb",
  "webhook",
  "files",
  "bucket",
  "s3",
  "gcs",
  "azure",
  "hub",
  "openspp",
  "openfn",
];

const SYSTEM: Shape = {
  kind: "tagged",
  tag: "type",
  doc: "the kind of system",
  of: {
    sqlite: object({
      path: needed(NAME, "the database file, relative to the configuration"),
      markers: key(BOOLEAN, "false: nothing of ours is put into the database"),
    }),
    postgres: POSTGRES_SYSTEM,
    rows: ROWS_SYSTEM,
    http: HTTP_SYSTEM,
  },
  notBuilt: SYSTEMS_NOT_BUILT,
};

const JOURNAL: Shape = {
  kind: "text",
  refuse: (text) => {
    if (text === "") return { code: "CONFIG_INVALID", says: "cannot be empty" };
    if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(text)) return undefined;
    const hint = "Name a file for a journal in SQLite.";
    const says = "is on a server, which is not built yet";
    return { code: "CONFIG_NOT_BUILT", says, hint, isSecret: true };
  },
};

/** The whole configuration. */
export const CONFIG_SHAPE: ObjectShape = object({
  version: key({ kind: "number", least: 1, most: 1, whole: true }, "of this format: 1"),
  journal: key(JOURNAL, "the file that remembers; default ./.syncline/journal.db"),
  history: key(
    object({
      days: key(
        { kind: "number", least: 0, most: 36_500, whole: false },
        "how long recorded changes are kept; default 90",
      ),
      changes: key(
        { kind: "number", least: 0, most: Number.MAX_SAFE_INTEGER, whole: true },
        "how many recorded changes are kept; default 1000000",
      ),
    }),
    "what is kept of the changes of pipelines with `memory: full`",
  ),
  systems: needed(
    { kind: "map", of: SYSTEM, least: 1, refuseName },
    "the systems that hold copies, by name",
  ),
  pipelines: needed(
    { kind: "map", of: PIPELINE, least: 1, refuseName },
    "what is kept in agreement, by name",
  ),
  transforms: key(
    { kind: "map", of: either(NAME, FUNCTION, object(FUNCTION_PAIR)), refuseName },
    "transforms of your own, by name: expressions, or functions",
  ),
  validators: key(
    { kind: "map", of: CHECK, refuseName },
    "validators of your own, by name: expressions, or functions",
  ),
  memoryLimitMb: later("what a process may hold of rows"),
  // The forms of 002 and 000: accepted as they are one day, and until then refused by name.
  apiVersion: later("DataSyncConfig"),
  kind: later("DataSyncConfig"),
  metadata: later("DataSyncConfig"),
  spec: later("DataSyncConfig"),
  status: later("DataSyncConfig"),
  source: later("SyncConfig"),
  target: later("SyncConfig"),
  sync: later("SyncConfig"),
  mapping: later("SyncConfig"),
  filters: later("SyncConfig"),
  conflictResolution: later("SyncConfig"),
});
