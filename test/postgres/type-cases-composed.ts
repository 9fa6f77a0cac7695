// Types that are made of others, and those that only PostgreSQL has.
import { JSON_NULL, exactNumber } from "../../src/core/state.ts";
import { INT4, TEXT, list, named, texts } from "./type-case.ts";
import type { TypeCase } from "./type-case.ts";

const DOCUMENTS: readonly TypeCase[] = [
  {
    type: "json",
    logical: { kind: "json" },
    values: [
      [`'{"b": 1, "a": [1, 2.50, null]}'`, { a: [1, 2.5, null], b: 1 }],
      ["'null'", JSON_NULL],
      [`'{"a":1, "a":2}'`, { a: 2 }],
      [`'"\\u0000"'`, "\0"],
      ["' [ ] '", []],
      ["'9007199254740993'", 9_007_199_254_740_993n],
      ["'[0.12345678901234567890]'", [exactNumber("0.1234567890123456789")]],
      ["'0.10000000000000001'", exactNumber("0.10000000000000001")],
      ["'1e400'", 10n ** 400n],
      ["'1e23'", 1e23],
      ["'1.23456789012345e19'", 12_345_678_901_234_500_000n],
    ],
  },
  {
    type: "jsonb",
    logical: { kind: "json", noZero: true },
    values: [
      [`'{"b": 1, "a": 1, "a": 2}'`, { a: 2, b: 1 }],
      ["'null'", JSON_NULL],
      ["'123456789012345678901234567890'", 123456789012345678901234567890n],
      [`'["é", "\\u00e9", true]'`, ["é", "é", true]],
      ["'-9007199254740993'", -9_007_199_254_740_993n],
      [`'{"a": 1e-400}'`, { a: exactNumber(`0.${"0".repeat(399)}1`) }],
      ["'12345678.123456789'", exactNumber("12345678.123456789")],
      [
        "'[1e23, 36893488147419103232, 9.223372036854776e18]'",
        [1e23, 2n ** 65n, 9223372036854776000n],
      ],
    ],
  },
];

const LISTS: readonly TypeCase[] = [
  {
    type: "integer[]",
    logical: list(INT4),
    values: [
      ["'{}'", []],
      ["'{1,NULL,-3}'", [1, null, -3]],
      [
        "'{{1,2},{3,NULL}}'",
        [
          [1, 2],
          [3, null],
        ],
      ],
      ["'[0:1]={1,2}'", { from: [0], items: [1, 2] }],
      ["'[-1:-1][2:3]={{1,2}}'", { from: [-1, 2], items: [[1, 2]] }],
      ["'{{{{{{1}}}}}}'", [[[[[[1]]]]]]],
    ],
  },
  {
    type: "text[]",
    logical: list(TEXT),
    values: [[`'{"","NULL",NULL,"a,b","{\\"}"}'`, ["", "NULL", null, "a,b", '{"}']]],
  },
  {
    type: "numeric(5,2)[]",
    logical: list({ kind: "decimal", precision: 5, scale: 2, nan: true }),
    values: [["'{1.50,NaN}'", ["1.5", "NaN"]]],
  },
  {
    type: "double precision[]",
    logical: list({ kind: "real" }),
    values: [["'{NaN,-Infinity,0.1}'", [NaN, -Infinity, 0.1]]],
  },
  {
    type: "bytea[]",
    logical: list({ kind: "bytes" }),
    values: [[`'{"\\\\x00ff"}'`, [Uint8Array.of(0, 255)]]],
  },
  {
    type: "timestamptz[]",
    logical: list({ kind: "instant" }),
    values: [["'{infinity,2024-01-01 00:00:00+00}'", ["infinity", "2024-01-01T00:00:00Z"]]],
  },
  {
    type: "jsonb[]",
    logical: list({ kind: "json", noZero: true }),
    values: [
      [`ARRAY['[1]', 'null', NULL]::jsonb[]`, [[1], JSON_NULL, null]],
      [`ARRAY[['[1]', '{}']]::jsonb[]`, { from: [1, 1], items: [[[1], {}]] }],
    ],
  },
  {
    type: "mood[]",
    before: "CREATE TYPE mood AS ENUM ('sad', 'so, so')",
    logical: list({ kind: "text", values: ["sad", "so, so"] }),
    values: [[`'{sad,"so, so"}'`, ["sad", "so, so"]]],
  },
  {
    type: "inet[]",
    logical: list(named("inet")),
    values: [["'{10.0.0.1,::1/64}'", ["10.0.0.1/32", "::1/64"]]],
  },
  {
    type: "int2vector",
    logical: list({ kind: "integer", min: -32_768, max: 32_767 }),
    values: [["'1 2'", { from: [0], items: [1, 2] }]],
  },
];

const DOMAINS: readonly TypeCase[] = [
  {
    type: "positive",
    before:
      "CREATE DOMAIN small AS numeric(4,1); CREATE DOMAIN positive AS small CHECK (VALUE > 0)",
    logical: { kind: "decimal", precision: 4, scale: 1, nan: true },
    values: [["999.9", "999.9"]],
  },
  {
    type: "positive[]",
    before: "CREATE DOMAIN positive AS integer CHECK (VALUE > 0)",
    logical: list(INT4),
    values: [["'{1,2}'", [1, 2]]],
  },
  {
    type: "tags",
    before: "CREATE DOMAIN tags AS text[]",
    logical: list(TEXT),
    values: [["'{a,NULL}'", ["a", null]]],
  },
  {
    type: "address",
    before: "CREATE DOMAIN address AS inet",
    logical: named("inet"),
    values: texts("10.0.0.0/8"),
  },
];

const OTHERS: readonly TypeCase[] = [
  { type: "inet", logical: named("inet"), values: texts("10.0.0.1/8", "::ffff:1.2.3.4/128") },
  { type: "cidr", logical: named("cidr"), values: texts("10.0.0.0/8", "2001:db8::/32") },
  { type: "macaddr", logical: named("macaddr"), values: texts("08:00:2b:01:02:03") },
  { type: "macaddr8", logical: named("macaddr8"), values: texts("08:00:2b:ff:fe:01:02:03") },
  { type: "bit(5)", logical: named("bit"), values: texts("10101") },
  { type: "bit", logical: named("bit"), values: texts("1") },
  { type: "varbit(5)", logical: named("bit"), values: texts("", "101") },
  { type: "varbit", logical: named("bit"), values: texts("1".repeat(100)) },
  { type: "int4range", logical: named("int4range"), values: texts("[1,10)", "empty", "(,)") },
  {
    type: "numrange",
    logical: named("numrange"),
    values: texts("[1.50,2]", "(,0)"),
  },
  {
    type: "tstzrange",
    logical: named("tstzrange"),
    values: texts('["2024-01-01 00:00:00.000001+00",infinity)'),
  },
  {
    type: "int8multirange",
    logical: named("int8multirange"),
    values: texts("{}", "{[1,3),[5,6)}"),
  },
  {
    type: "floats",
    before: "CREATE TYPE floats AS RANGE (subtype = float8)",
    logical: named("floats"),
    values: texts("[0.1,Infinity]"),
  },
  { type: "tsvector", logical: named("tsvector"), values: texts("''a b'':1A,3 ''c''").map(single) },
  { type: "tsquery", logical: named("tsquery"), values: texts("''a'' & !''b''").map(single) },
  { type: "point", logical: named("point"), values: texts("(0.1,-1e+300)", "(NaN,Infinity)") },
  { type: "line", logical: named("line"), values: texts("{1,-1,0.3}") },
  { type: "lseg", logical: named("lseg"), values: texts("[(0,0),(1,0.1)]") },
  { type: "box", logical: named("box"), values: texts("(1,1),(0,0)") },
  { type: "path", logical: named("path"), values: texts("[(0,0),(1,1)]", "((0,0),(1,1))") },
  { type: "polygon", logical: named("polygon"), values: texts("((0,0),(1,1),(1,0))") },
  { type: "circle", logical: named("circle"), values: texts("<(0.1,0.2),3>") },
  { type: "pg_lsn", logical: named("pg_lsn"), values: texts("16/B374D848") },
  { type: "pg_snapshot", logical: named("pg_snapshot"), values: texts("10:20:10,14,15") },
  { type: "regclass", logical: named("regclass"), values: texts("pg_class") },
  { type: "jsonpath", logical: named("jsonpath"), values: texts('$."a"[*]?(@ > 1)').map(path) },
  { type: "xml", logical: named("xml"), extension: "xml", values: texts("<a>é</a>", "a<b/>") },
  {
    type: "hstore",
    extension: "hstore",
    logical: named("hstore"),
    values: texts('"a"=>"1", "b"=>NULL'),
  },
  {
    type: "pair",
    before: "CREATE TYPE pair AS (a integer, b text)",
    logical: named("pair"),
    values: texts('(1,"a ""b""")', "(,)"),
  },
];

/** SQL doubles quotes, values do not. */
function single([sql, form]: TypeCase["values"][number]): TypeCase["values"][number] {
  return [sql, typeof form === "string" ? form.replaceAll("''", "'") : form];
}

function path([sql]: TypeCase["values"][number]): TypeCase["values"][number] {
  return [sql, '$."a"[*]?(@ > 1)'];
}

export const COMPOSED_CASES: readonly TypeCase[] = [...DOCUMENTS, ...LISTS, ...DOMAINS, ...OTHERS];
