// What the guide to types shows: samples of every type, put through the code that moves them.
import { JSON_NULL, exactNumber } from "../../src/core/state.ts";
import type { Value } from "../../src/core/state.ts";
import type { LogicalType } from "../../src/core/values.ts";

/**
 * A logical type: what it says, values that are brought into its form, and some that are refused.
 */
export interface LogicalSample {
  readonly type: LogicalType;
  readonly form: string;
  readonly read: readonly Value[];
  readonly refused: readonly Value[];
}

export const LOGICAL: readonly LogicalSample[] = [
  {
    type: { kind: "boolean" },
    form: "`true`, `false`",
    read: [true, 1, "t"],
    refused: ["yes", 2],
  },
  {
    type: { kind: "integer", min: -(2n ** 63n), max: 2n ** 63n - 1n },
    form: "a whole number, all its digits kept",
    read: [7, "7", 2n ** 53n + 1n, "1e3"],
    refused: [1.5, "seven", 2n ** 63n],
  },
  {
    type: { kind: "real" },
    form: "a double; `NaN` is equal to itself, `-0` is 0",
    read: [0.1, "1.50", "1e23", "-Infinity"],
    refused: ["0.10000000000000000001", 2n ** 53n + 1n],
  },
  {
    type: { kind: "decimal", precision: 5, scale: 2, nan: true },
    form: "text without zeros that say nothing",
    read: ["1.50", 1.5, "-0", "1e2", "NaN"],
    refused: ["1000", "0.001", "Infinity"],
  },
  {
    type: { kind: "text", noZero: true, maxLength: 4 },
    form: "text; lengths count characters",
    read: ["a ", "😀é\uffff", 1.5, true],
    refused: ["abcde", "a\0", "\ud800", Uint8Array.of(1)],
  },
  { type: { kind: "bytes" }, form: "bytes", read: [Uint8Array.of(0, 255)], refused: ["\\x00"] },
  {
    type: { kind: "instant" },
    form: "ISO 8601 in UTC, up to microseconds; years outside 0 to 9999 with sign and six digits",
    read: [
      "2024-03-31T02:30:00.120+02:00",
      "2024-01-01 00:00Z",
      "infinity",
      "-004713-11-24T00:00Z",
    ],
    refused: ["2024-01-01T00:00:00", "2024-02-30T00:00:00Z", "2024-01-01T00:00:00.0000001Z"],
  },
  {
    type: { kind: "datetime" },
    form: "the same without a zone",
    read: ["2024-01-01 10:00", "+294276-12-31T23:59:59.999999"],
    refused: ["2024-01-01T00:00:00Z", "2024-01-01"],
  },
  {
    type: { kind: "date" },
    form: "`YYYY-MM-DD`",
    read: ["2024-02-29", "-000043-03-15", "+5874897-12-31", "infinity"],
    refused: ["2023-02-29", "29.02.2024", "2024-02-29T00:00:00"],
  },
  {
    type: { kind: "time" },
    form: "`HH:MM:SS`, up to microseconds; the end of the day is `24:00:00`",
    read: ["10:00", "10:00:00.50", "24:00:00"],
    refused: ["25:00:00", "10:00:00Z"],
  },
  {
    type: { kind: "offset-time" },
    form: "a time with its offset, which is part of the value",
    read: ["10:00:00+02", "10:00:00.5-05:30", "10:00Z"],
    refused: ["10:00:00"],
  },
  {
    type: { kind: "duration" },
    form: "ISO 8601; months, days and seconds are not converted into each other",
    read: ["P1Y14M", "PT90M", "P1W", "P-1DT0.50S", "infinity"],
    refused: ["1 day", "P1.5D"],
  },
  {
    type: { kind: "json", noZero: true },
    form: "a document: names in any order, numbers with all their digits, `null` is not NULL",
    read: [
      { b: [1, null], a: exactNumber("0.1234567890123456789") },
      JSON_NULL,
      "text",
      [2n ** 65n, 10n ** 23n],
    ],
    refused: [[NaN], "\0", Uint8Array.of(1)],
  },
  {
    type: { kind: "uuid" },
    form: "small letters, with hyphens",
    read: ["6BA7B810-9DAD-11D1-80B4-00C04FD430C8", "6ba7b8109dad11d180b400c04fd430c8"],
    refused: ["6ba7b810"],
  },
  {
    type: { kind: "list", of: { kind: "integer" } },
    form: "a list, its NULLs and dimensions kept; `from` where it does not begin at 1",
    read: [["1", null], [[1], [2]], { from: [0], items: [1] }, "[1,2]"],
    refused: [[1.5], 1],
  },
  {
    type: { kind: "named", name: "inet" },
    form: "the text that PostgreSQL itself gives it",
    read: ["10.0.0.1/8"],
    refused: [1],
  },
  {
    type: { kind: "any" },
    form: "whatever a loosely typed store returns",
    read: [1, "1", 0.5, Uint8Array.of(1)],
    refused: [{ a: NaN }],
  },
];

/** A column type of PostgreSQL. */
export interface PostgresSample {
  /** As it is declared. */
  readonly declared: string;
  /** As the catalogue has it. */
  readonly name: string;
  readonly modifier?: number;
  readonly kept?: readonly Value[];
  readonly refused?: readonly Value[];
}

const HEADER = 4;
const numeric = (precision: number, scale: number): number =>
  ((precision << 16) | (scale & 0x7ff)) + HEADER;
const INTERVAL_ALL = 0x7fff << 16;
const YEAR_TO_MONTH = (((1 << 1) | (1 << 2)) << 16) | 0xffff;

/** Types with a logical type of their own. `kept`: what a column makes of these values. */
export const POSTGRES: readonly PostgresSample[] = [
  { declared: "boolean", name: "bool", refused: ["yes"] },
  { declared: "smallint", name: "int2", refused: [32_768] },
  { declared: "integer", name: "int4", refused: [2_147_483_648] },
  { declared: "bigint", name: "int8", refused: [2n ** 63n] },
  { declared: "oid", name: "oid", refused: [-1] },
  { declared: "xid", name: "xid", refused: [2 ** 32] },
  { declared: "cid", name: "cid", refused: [2 ** 32] },
  { declared: "xid8", name: "xid8", refused: [2n ** 64n] },
  { declared: "real", name: "float4", kept: [0.1, 16_777_217], refused: [1e39, 1e-46] },
  { declared: "double precision", name: "float8", refused: ["0.10000000000000000001"] },
  { declared: "numeric", name: "numeric", kept: ["1.50"], refused: [`0.${"0".repeat(16_383)}1`] },
  {
    declared: "numeric(5,2)",
    name: "numeric",
    modifier: numeric(5, 2),
    refused: ["1000", "0.001", "Infinity"],
  },
  { declared: "numeric(5,-2)", name: "numeric", modifier: numeric(5, -2), refused: ["50"] },
  { declared: "money", name: "money", refused: ["0.001", "92233720368547758.08", "NaN"] },
  { declared: "text", name: "text", refused: ["a\0", "\ud800"] },
  { declared: "varchar(3)", name: "varchar", modifier: 3 + HEADER, refused: ["abcd"] },
  {
    declared: "char(3)",
    name: "bpchar",
    modifier: 3 + HEADER,
    kept: ["a  "],
    refused: ["abcd"],
  },
  { declared: "name", name: "name", refused: ["é".repeat(32)] },
  { declared: '"char"', name: "char", refused: ["ab", "é"] },
  { declared: "bytea", name: "bytea", refused: ["\\x00"] },
  { declared: "uuid", name: "uuid", refused: ["6ba7b810"] },
  { declared: "date", name: "date", refused: ["-004713-11-23", "+5874898-01-01"] },
  {
    declared: "timestamp",
    name: "timestamp",
    refused: ["+294277-01-01T00:00:00", "2024-01-01T00:00:00Z"],
  },
  { declared: "timestamp(0)", name: "timestamp", modifier: 0, kept: ["2024-12-31T23:59:59.5"] },
  {
    declared: "timestamptz",
    name: "timestamptz",
    refused: ["+294277-01-01T00:00:00Z", "2024-01-01T00:00:00"],
  },
  {
    declared: "timestamptz(3)",
    name: "timestamptz",
    modifier: 3,
    kept: ["2024-01-01T00:00:00.0005Z"],
  },
  { declared: "time", name: "time", refused: ["10:00:00.0000001"] },
  { declared: "time(1)", name: "time", modifier: 1, kept: ["23:59:59.96"] },
  { declared: "timetz", name: "timetz", refused: ["10:00:00+16:00"] },
  { declared: "interval", name: "interval", refused: ["P178956971Y", "1 day"] },
  { declared: "interval(2)", name: "interval", modifier: INTERVAL_ALL | 2, kept: ["PT1.235S"] },
  {
    declared: "interval year to month",
    name: "interval",
    modifier: YEAR_TO_MONTH,
    kept: ["P2Y11M3DT4H"],
  },
  { declared: "json", name: "json", refused: [[NaN]] },
  { declared: "jsonb", name: "jsonb", refused: ["\0", [NaN]] },
  { declared: "bit(3)", name: "bit", modifier: 3, refused: ["01", "012"] },
  { declared: "varbit(3)", name: "varbit", modifier: 3, refused: ["0101"] },
];

/** All others of pg_catalog that a column can have: their logical type is their name. */
export const POSTGRES_NAMED: readonly string[] = [
  "aclitem box cidr circle daterange datemultirange gtsvector inet int4multirange",
  "int4range int8multirange int8range jsonpath line lseg macaddr macaddr8 nummultirange numrange",
  "path pg_brin_bloom_summary pg_brin_minmax_multi_summary pg_dependencies pg_lsn",
  "pg_mcv_list pg_ndistinct pg_node_tree pg_snapshot point polygon refcursor regclass",
  "regcollation regconfig regdictionary regnamespace regoper regoperator regproc regprocedure",
  "regrole regtype tid tsmultirange tsquery tsrange tstzmultirange tstzrange tsvector",
  "txid_snapshot xml",
].flatMap((line) => line.split(" "));

/** Declared types of SQLite, with values of which something else is made, and some refused. */
export const SQLITE: readonly {
  readonly declared: string;
  readonly isStrict?: true;
  readonly kept?: readonly Value[];
  readonly refused?: readonly Value[];
}[] = [
  { declared: "INTEGER", kept: ["12", 1.5, "words"], refused: [2n ** 64n + 1n, [1]] },
  { declared: "TINYINT, BIGINT, … (INT is in it)", kept: [true] },
  { declared: "BOOLEAN", kept: [1, 2, "yes"] },
  { declared: "REAL, DOUBLE, FLOAT", kept: ["1.50"], refused: [NaN, 2n ** 53n + 1n] },
  { declared: "DECIMAL(10,2)", kept: ["1.50"], refused: ["0.12345678901234567890"] },
  { declared: "TEXT, VARCHAR(20), CLOB", kept: [5, true], refused: ["\ud800", { a: 1 }] },
  { declared: "BLOB", refused: [[1]] },
  { declared: "JSON", kept: [[1, null]], refused: [2n ** 65n, [NaN]] },
  { declared: "DATETIME, UUID, … (all other words)", kept: ["12"], refused: [2n ** 65n, [1]] },
  { declared: "", kept: ["5", 5], refused: [2n ** 65n, [1]] },
  { declared: "INT", isStrict: true, refused: [1.5, "words"] },
  { declared: "REAL", isStrict: true, refused: [NaN, "words"] },
  { declared: "TEXT", isStrict: true, kept: [12], refused: [Uint8Array.of(1)] },
  { declared: "BLOB", isStrict: true, refused: ["a"] },
  { declared: "ANY", isStrict: true, kept: ["5", 5], refused: [2n ** 65n] },
];

/** Values as they stand in files. */
export const FILES: readonly (readonly [type: LogicalType, ...values: Value[]])[] = [
  [{ kind: "boolean" }, true],
  [{ kind: "integer" }, 2n ** 63n],
  [{ kind: "real" }, 1e23, NaN],
  [{ kind: "decimal" }, "1.5", "0.1234567890123456789"],
  [{ kind: "text" }, "", 'a "b", c'],
  [{ kind: "bytes" }, Uint8Array.of(0, 255)],
  [{ kind: "instant" }, "2024-01-01T00:00:00.5Z"],
  [{ kind: "date" }, "infinity"],
  [{ kind: "duration" }, "P1DT0.5S"],
  [{ kind: "json" }, { b: 1, a: [exactNumber("0.1234567890123456789")] }, JSON_NULL, "text"],
  [{ kind: "list", of: { kind: "text" } }, ["a", null]],
  [{ kind: "named", name: "inet" }, "10.0.0.1/8"],
  [{ kind: "any" }, "5", 5, Uint8Array.of(1), JSON_NULL],
];
