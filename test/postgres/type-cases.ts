// Values of PostgreSQL's types at their limits, and what they are to us.
import { COMPOSED_CASES } from "./type-cases-composed.ts";
import { INT4, INT8, TEXT, named, texts } from "./type-case.ts";
import type { TypeCase } from "./type-case.ts";

const LONG = "9".repeat(131_072);

const NUMBERS: readonly TypeCase[] = [
  {
    type: "boolean",
    logical: { kind: "boolean" },
    values: [
      ["true", true],
      ["false", false],
    ],
  },
  {
    type: "smallint",
    logical: { kind: "integer", min: -32_768, max: 32_767 },
    values: [
      ["-32768", -32_768],
      ["32767", 32_767],
      ["-1", -1],
      ["0", 0],
    ],
  },
  {
    type: "integer",
    logical: INT4,
    values: [
      ["-2147483648", -2_147_483_648],
      ["2147483647", 2_147_483_647],
    ],
  },
  {
    type: "bigint",
    logical: INT8,
    values: [
      ["-9223372036854775808", -(2n ** 63n)],
      ["9223372036854775807", 2n ** 63n - 1n],
      ["9007199254740991", 9_007_199_254_740_991],
      ["9007199254740993", 9_007_199_254_740_993n],
      ["-4294967296", -4_294_967_296],
      ["-1", -1],
    ],
  },
  {
    type: "oid",
    logical: { kind: "integer", min: 0, max: 4_294_967_295 },
    values: [
      ["4294967295", 4_294_967_295],
      ["0", 0],
    ],
  },
  {
    type: "xid",
    logical: { kind: "integer", min: 0, max: 4_294_967_295 },
    values: [["'4294967295'", 4_294_967_295]],
  },
  {
    type: "xid8",
    logical: { kind: "integer", min: 0, max: 2n ** 64n - 1n },
    values: [
      ["'18446744073709551615'", 2n ** 64n - 1n],
      ["'3'", 3],
    ],
  },
  {
    type: "real",
    logical: { kind: "real", single: true },
    values: [
      ["0.1", Math.fround(0.1)],
      ["3.4028235e38", 3.402_823_466_385_288_6e38],
      ["1e-45", 2 ** -149],
      ["'-0'", 0],
      ["'NaN'", NaN],
      ["'-Infinity'", -Infinity],
    ],
  },
  {
    type: "double precision",
    logical: { kind: "real" },
    values: [
      ["1.7976931348623157e308", 1.797_693_134_862_315_7e308],
      ["5e-324", 5e-324],
      ["0.1", 0.1],
      ["'NaN'", NaN],
      ["'Infinity'", Infinity],
    ],
  },
  {
    type: "numeric",
    logical: { kind: "decimal" },
    values: [
      ["0", "0"],
      ["1.50", "1.5"],
      ["-0.00001000", "-0.00001"],
      ["10000", "10000"],
      ["100000000.00010001", "100000000.00010001"],
      ["1e-16383", `0.${"0".repeat(16_382)}1`],
      [LONG, LONG],
      ["'NaN'", "NaN"],
      ["'Infinity'", "Infinity"],
      ["'-Infinity'", "-Infinity"],
    ],
  },
  {
    type: "numeric(38,18)",
    logical: { kind: "decimal", precision: 38, scale: 18, nan: true },
    values: [
      ["99999999999999999999.999999999999999999", "99999999999999999999.999999999999999999"],
      ["-0.000000000000000001", "-0.000000000000000001"],
      ["1", "1"],
      ["'NaN'", "NaN"],
    ],
  },
  {
    type: "numeric(3,-2)",
    since: 150_000,
    logical: { kind: "decimal", precision: 3, scale: -2, nan: true },
    values: [
      ["99900", "99900"],
      ["-100", "-100"],
    ],
  },
  {
    type: "numeric(2,4)",
    since: 150_000,
    logical: { kind: "decimal", precision: 2, scale: 4, nan: true },
    values: [["0.0099", "0.0099"]],
  },
  {
    type: "money",
    logical: { kind: "decimal", precision: 19, scale: 2 },
    values: [
      ["'92233720368547758.07'", "92233720368547758.07"],
      ["'-92233720368547758.08'", "-92233720368547758.08"],
      ["'0.10'", "0.1"],
    ],
  },
];

const TEXTS: readonly TypeCase[] = [
  {
    type: "text",
    logical: TEXT,
    values: texts("", "é😀￿", " a ", "a\nb\\tc", "x".repeat(70_000), "\u0001"),
  },
  { type: "varchar", logical: TEXT, values: texts("abc") },
  {
    type: "varchar(3)",
    logical: { kind: "text", noZero: true, maxLength: 3 },
    values: texts("", "a  ", "😀é￿"),
  },
  {
    type: "char(5)",
    logical: { kind: "text", noZero: true, maxLength: 5 },
    values: [
      ["'ab'", "ab"],
      ["'ab   '", "ab"],
      ["''", ""],
      ["' abcd'", " abcd"],
    ],
  },
  { type: "bpchar", logical: TEXT, values: [["'ab '", "ab"]] },
  { type: "name", logical: { kind: "text", noZero: true, maxBytes: 63 }, values: texts("é") },
  { type: '"char"', logical: named('"char"'), values: texts("", "a", "\\303") },
  {
    type: "citext",
    extension: "citext",
    logical: TEXT,
    values: texts("Straße", "STRASSE"),
  },
  {
    type: "mood",
    before: "CREATE TYPE mood AS ENUM ('sad', 'ok', 'so, so', '')",
    logical: { kind: "text", values: ["sad", "ok", "so, so", ""] },
    values: texts("sad", "so, so", ""),
  },
  {
    type: "bytea",
    logical: { kind: "bytes" },
    values: [
      ["'\\x'", Uint8Array.of()],
      ["'\\x00ff80'", Uint8Array.of(0, 255, 128)],
    ],
  },
  {
    type: "uuid",
    logical: { kind: "uuid" },
    values: texts(
      "00000000-0000-0000-0000-000000000000",
      "ffffffff-ffff-ffff-ffff-ffffffffffff",
      "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    ),
  },
];

const MOMENTS: readonly TypeCase[] = [
  {
    type: "date",
    logical: { kind: "date" },
    values: [
      ["'infinity'", "infinity"],
      ["'-infinity'", "-infinity"],
      ["'4714-11-24 BC'", "-004713-11-24"],
      ["'0001-12-31 BC'", "0000-12-31"],
      ["'0001-01-01'", "0001-01-01"],
      ["'2024-02-29'", "2024-02-29"],
      ["'9999-12-31'", "9999-12-31"],
      ["'10000-01-01'", "+010000-01-01"],
      ["'5874897-12-31'", "+5874897-12-31"],
    ],
  },
  {
    type: "timestamp",
    logical: { kind: "datetime" },
    values: [
      ["'infinity'", "infinity"],
      ["'-infinity'", "-infinity"],
      ["'4714-11-24 00:00:00 BC'", "-004713-11-24T00:00:00"],
      ["'0044-03-15 12:00:00.000001 BC'", "-000043-03-15T12:00:00.000001"],
      ["'1999-12-31 23:59:59.999999'", "1999-12-31T23:59:59.999999"],
      ["'2024-02-29 10:00:00.5'", "2024-02-29T10:00:00.5"],
      ["'2300-01-01 00:00:00.000001'", "2300-01-01T00:00:00.000001"],
      ["'294276-12-31 23:59:59.999999'", "+294276-12-31T23:59:59.999999"],
    ],
  },
  {
    type: "timestamptz",
    logical: { kind: "instant" },
    values: [
      ["'infinity'", "infinity"],
      ["'-infinity'", "-infinity"],
      ["'4714-11-24 00:00:00+00 BC'", "-004713-11-24T00:00:00Z"],
      ["'2024-03-31 02:30:00+02'", "2024-03-31T00:30:00Z"],
      ["'1900-01-01 00:00:00+00:53:28'", "1899-12-31T23:06:32Z"],
      ["'2024-01-01 00:00:00.123+00'", "2024-01-01T00:00:00.123Z"],
      ["'2024-01-01 00:00:00.12345+00'", "2024-01-01T00:00:00.12345Z"],
      ["'294276-12-31 23:59:59.999999+00'", "+294276-12-31T23:59:59.999999Z"],
    ],
  },
  {
    type: "timestamp(0)",
    logical: { kind: "datetime" },
    values: [["'2024-01-01 00:00:00.5'", "2024-01-01T00:00:01"]],
  },
  {
    type: "time",
    logical: { kind: "time" },
    values: texts("00:00:00", "23:59:59.999999", "24:00:00", "12:30:00.05"),
  },
  {
    type: "timetz",
    logical: { kind: "offset-time" },
    values: [
      ["'10:00:00+02'", "10:00:00+02:00"],
      ["'10:00:00.5-05:30'", "10:00:00.5-05:30"],
      ["'24:00:00-15:59:59'", "24:00:00-15:59:59"],
      ["'00:00:00+00'", "00:00:00+00:00"],
    ],
  },
  {
    type: "interval",
    logical: { kind: "duration" },
    values: [
      ["'1 year 2 mons 3 days 04:05:06.789'", "P1Y2M3DT4H5M6.789S"],
      ["'1 mon'", "P1M"],
      ["'30 days'", "P30D"],
      ["'-1 year 1 day -00:00:00.5'", "P-1Y1DT-0.5S"],
      ["'0'", "PT0S"],
      ["'178000000 years'", "P178000000Y"],
      ["'2147483647 days'", "P2147483647D"],
      ["'PT-2562047788H-54.775808S'", "PT-2562047788H-54.775808S"],
    ],
  },
  {
    type: "interval",
    since: 170_000,
    logical: { kind: "duration" },
    values: texts("infinity", "-infinity"),
  },
];

export const TYPE_CASES: readonly TypeCase[] = [
  ...NUMBERS,
  ...TEXTS,
  ...MOMENTS,
  ...COMPOSED_CASES,
];
