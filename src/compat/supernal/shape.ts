// What a SyncConfig may hold, for those who write none of it in TypeScript.
import type { KeyShape, ObjectShape, Shape, TextShape } from "../../config/shape.ts";
import { FILTER_OPERATORS } from "../../core/filter-parser.ts";

const key = (shape: Shape, doc: string): KeyShape => ({ shape, doc });
const needed = (shape: Shape, doc: string): KeyShape => ({ shape, doc, required: true });
const object = (keys: ObjectShape["keys"]): ObjectShape => ({ kind: "object", keys });
const either = (...of: readonly Shape[]): Shape => ({ kind: "either", of });
const words = (...list: readonly string[]): TextShape => ({ kind: "text", words: list });
const whole = (least: number, most: number): Shape => ({
  kind: "number",
  least,
  most,
  whole: true,
});

const VALUE: Shape = { kind: "value" };
const FUNCTION: Shape = { kind: "function" };
const NAME: Shape = {
  kind: "text",
  refuse: (text) => (text === "" ? { code: "CONFIG_INVALID", says: "cannot be empty" } : undefined),
};
/** Of any form, so that nothing of it is shown where it is wrong: secrets.ts looks at it. */
const SECRET: Shape = VALUE;

const AUTHENTICATION: Shape = {
  kind: "tagged",
  tag: "type",
  doc: "who asks",
  of: {
    credentials: object({
      username: needed(NAME, "the user"),
      password: needed(SECRET, "the password"),
    }),
    "api-key": object({
      apiKey: needed(SECRET, "sent as `Authorization: Bearer …`"),
      header: key(NAME, "the header that carries it instead"),
    }),
    bearer: object({ token: needed(SECRET, "sent as `Authorization: Bearer …`") }),
    none: object({}),
  },
  notBuilt: [],
};

const sourceOf = (connection: ObjectShape["keys"]): ObjectShape =>
  object({
    connection: needed(object(connection), "where it is"),
    authentication: needed(AUTHENTICATION, "who asks; { type: 'none' } where nobody does"),
  });

/** Looked at as a part of Syncline's own configuration. */
const COLLECTION: KeyShape = key(VALUE, "how it is listed and written");

const SOURCE: Shape = {
  kind: "tagged",
  tag: "type",
  doc: "what the source is",
  of: {
    database: sourceOf({
      host: key(NAME, "the server"),
      port: key(whole(1, 65_535), "its port; default 5432"),
      database: key(NAME, "the database"),
      ssl: key(either({ kind: "boolean" }, { kind: "map", of: NAME }), "a verified connection"),
      path: key(NAME, "instead: a SQLite file"),
      table: key(NAME, "where the records are, as table or schema.table; default: the name"),
    }),
    api: sourceOf({
      url: key(NAME, "where the records are listed"),
      endpoint: key(NAME, "the same as `url`"),
      collection: COLLECTION,
    }),
    file: sourceOf({ path: needed(NAME, "the file: .csv, .json or .ndjson") }),
  },
  notBuilt: ["webhook"],
};

const MAPPING_LINE: ObjectShape = object({
  source: needed(NAME, "the field of the source, or a path into it"),
  target: needed(NAME, "the field of the target, or a path into it"),
  transform: key(
    either(
      NAME,
      FUNCTION,
      object({
        name: key(NAME, "the named transform"),
        args: key({ kind: "map", of: VALUE }, "its arguments"),
        over: key(FUNCTION, "from the source's value to the target's"),
        back: key(FUNCTION, "the way back"),
        reads: key({ kind: "list", of: NAME }, "fields that `over` reads besides its own"),
      }),
    ),
    "what the value goes through",
  ),
  validate: key(FUNCTION, "true where the value is good"),
  required: key({ kind: "boolean" }, "a record without this value is rejected"),
  defaultValue: key(VALUE, "stands in for a missing value"),
});

/** A SyncConfig. */
export const SYNC_CONFIG_SHAPE: ObjectShape = object({
  name: key(NAME, "what it is called"),
  source: needed(SOURCE, "where records come from"),
  target: needed(
    object({
      endpoint: needed(NAME, "where records go"),
      authentication: needed(AUTHENTICATION, "who asks; { type: 'none' } where nobody does"),
      collection: COLLECTION,
    }),
    "where records go",
  ),
  sync: needed(
    object({
      mode: needed({ ...words("batch", "hybrid"), notBuilt: ["real-time"] }, "what starts it"),
      frequency: key(NAME, "a cron expression"),
      batchSize: key(whole(1, 1000), "records in one request; default 100"),
      retryPolicy: needed(
        object({
          maxRetries: needed(whole(0, 999_999), "tries after the first"),
          backoffStrategy: key(words("exponential", "linear", "fixed"), "default fixed"),
          initialDelay: needed(whole(0, 86_400_000), "the first wait, in milliseconds"),
        }),
        "when a write that was put off is tried again",
      ),
    }),
    "how it runs",
  ),
  mapping: needed({ kind: "list", of: MAPPING_LINE, least: 1 }, "which fields, and how"),
  filters: needed(
    {
      kind: "list",
      of: object({
        field: needed(NAME, "the field of the source"),
        operator: needed(words(...FILTER_OPERATORS), "how it is compared"),
        value: key(VALUE, "with what it is compared"),
        values: key({ kind: "list", of: VALUE }, "with which of them it is compared"),
      }),
    },
    "which records; [] for all",
  ),
  conflictResolution: needed(
    object({
      strategy: needed(NAME, "what becomes of changes that somebody made in the target"),
      customRules: key(
        {
          kind: "list",
          of: object({ condition: key(FUNCTION, ""), resolution: key(FUNCTION, "") }),
        },
        "rules of your own",
      ),
    }),
    "what becomes of changes that somebody made in the target",
  ),
  key: key(either(NAME, { kind: "list", of: NAME, least: 1 }), "the targets that name a record"),
});
