// How a folder of files is told to be read and written.
import type { LogicalType } from "../../core/values.ts";

/** What one file holds. */
export type FileFormat = "csv" | "ndjson" | "json";

/** How bytes become text. */
export type Encoding = "utf-8" | "utf-16le" | "utf-16be" | "latin1" | "windows-1252";

/** How lines end. */
export type Newline = "lf" | "crlf" | "cr";

/** What may be said of all files of a folder, or of a single one. What is not said is found. */
export interface FileSettings {
  /** CSV: what stands between two fields. */
  readonly delimiter?: string;
  /** CSV: what stands around a field. Default `"`. */
  readonly quote?: string;
  /** CSV: false: the first line is a row, and the columns are those of `columns`. */
  readonly header?: boolean;
  /** CSV: the unquoted text that stands for NULL. Default: nothing at all. */
  readonly null?: string;
  readonly newline?: Newline;
  /** Default: UTF-8, or what a byte order mark says. */
  readonly encoding?: Encoding;
  /** `found`: types are those that the values of the file have. */
  readonly types?: "found";
}

/** What may be said of one collection. */
export interface CollectionSettings extends FileSettings {
  /** The columns that name a row. */
  readonly key?: readonly string[];
  /** Types of columns, in the order of the columns where there is no header. */
  readonly columns?: { readonly [name: string]: LogicalType };
}

/** How a folder of files is opened. */
export interface RowsOptions extends FileSettings {
  readonly name: string;
  /** The folder. */
  readonly path: string;
  readonly format: FileFormat;
  readonly collections?: { readonly [name: string]: CollectionSettings };
  /** Waits; a test may count instead. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** The time, in ms since 1970, as the file system has it. */
  readonly now?: () => number;
}

/** Everything that is said of one file. */
export type FileRules = CollectionSettings & { readonly format: FileFormat };

/** What is said of one collection, together with what is said of all. */
export function rulesOf(options: RowsOptions, collection: string): FileRules {
  const { collections = {}, format } = options;
  const { delimiter, quote, header, newline, encoding, types, null: nothing } = options;
  const own = Object.hasOwn(collections, collection) ? collections[collection] : undefined;
  const all = { delimiter, quote, header, newline, encoding, types, null: nothing };
  const said = Object.entries(all).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(said), ...own, format };
}
