// What a configuration may say of a folder of files.
import type { KeyShape, ObjectShape, Shape, TextShape } from "./shape.ts";

const key = (shape: Shape, doc: string): KeyShape => ({ shape, doc });
const needed = (shape: Shape, doc: string): KeyShape => ({ shape, doc, required: true });
const words = (...list: readonly string[]): TextShape => ({ kind: "text", words: list });

/** A text that is not empty. */
const NAME: Shape = {
  kind: "text",
  refuse: (text) => (text === "" ? { code: "CONFIG_INVALID", says: "cannot be empty" } : undefined),
};

/** One character that can stand between fields, or around them. */
const MARK: Shape = {
  kind: "text",
  refuse: (text) =>
    text.length === 1 && !"\r\n\0\ufeff".includes(text)
      ? undefined
      : { code: "CONFIG_INVALID", says: "must be one character, and no line end" },
};

/** Types that a column of a file may be said to have. */
const COLUMN_TYPES = [
  "any",
  "boolean",
  "integer",
  "real",
  "decimal",
  "text",
  "bytes",
  "instant",
  "datetime",
  "date",
  "time",
  "json",
  "uuid",
] as const;

const FILE_KEYS: ObjectShape["keys"] = {
  delimiter: key(MARK, "CSV: what stands between fields; default: found, one of , ; | and tab"),
  quote: key(MARK, 'CSV: what stands around a field; default "'),
  header: key({ kind: "boolean" }, "CSV: false: the first line is a row"),
  null: key({ kind: "text" }, "CSV: the unquoted text that stands for NULL; default: nothing"),
  newline: key(words("lf", "crlf", "cr"), "how lines end; default: found"),
  encoding: key(
    words("utf-8", "utf-16le", "utf-16be", "latin1", "windows-1252"),
    "how text is encoded; default UTF-8, or what a byte order mark says",
  ),
  types: key(words("found"), "found: columns have the types that their values have"),
};

const COLLECTION: ObjectShape = {
  kind: "object",
  keys: {
    key: key(
      { kind: "either", of: [NAME, { kind: "list", of: NAME, least: 1 }] },
      "the columns that name a row; default: what the pipeline says",
    ),
    columns: key(
      { kind: "map", of: words(...COLUMN_TYPES) },
      "types of columns; default: those of the other side",
    ),
    ...FILE_KEYS,
  },
};

/** A system of the type `rows`. */
export const ROWS_SYSTEM: ObjectShape = {
  kind: "object",
  keys: {
    path: needed(NAME, "the folder, relative to the configuration"),
    format: needed(words("csv", "ndjson", "json"), "what its files hold"),
    collections: key({ kind: "map", of: COLLECTION }, "what is said of single files, by name"),
    ...FILE_KEYS,
  },
};
