// A column of each type that a system has, with values as that system's own language writes them:
// literals of SQL, fields of CSV, JSON.

/** A column as it is declared; "" is one of which nothing is said. */
export interface PairingColumn {
  readonly declared: string;
  readonly values: readonly string[];
}

const columns = (table: readonly (readonly [string, ...string[]])[]): readonly PairingColumn[] =>
  table.map(([declared, ...values]) => ({ declared, values }));

/** `mood`, `pair` and `posint` are made by PAIRING_TYPES. */
export const POSTGRES_COLUMNS: readonly PairingColumn[] = columns([
  ["boolean", "true", "false"],
  ["smallint", "-32768", "1"],
  ["integer", "2147483647", "0"],
  ["bigint", "9223372036854775807", "9007199254740993", "1"],
  ["oid", "4294967295"],
  ["xid8", "'18446744073709551615'", "'3'"],
  ["posint", "7"],
  ["real", "0.1", "'NaN'", "16777216"],
  ["double precision", "0.1", "1e300", "'-Infinity'"],
  ["numeric", "'0.1234567890123456789'", "123456789012345678901", "'NaN'", "5"],
  ["numeric(38,18)", "0.000000000000000001", "99999999999999999999"],
  ["numeric(5,2)", "-999.99", "1"],
  ["money", "'92233720368547758.07'", "'1.10'"],
  ["text", "''", "'é😀 \"x\", y'", "'12'", "'a  '"],
  ["varchar(3)", "'😀é￿'", "'a  '", "'1'"],
  ["char(3)", "'ab'", "''"],
  ["name", "'é'"],
  ['"char"', "'a'"],
  ["mood", "'so, so'", "'1'"],
  ["bytea", "'\\x00ff'", "'\\x'"],
  ["uuid", "'6ba7b810-9dad-11d1-80b4-00c04fd430c8'"],
  ["date", "'infinity'", "'0044-03-15 BC'", "'5874897-12-31'", "'2024-02-29'"],
  ["timestamp", "'294276-12-31 23:59:59.999999'", "'-infinity'", "'2024-02-29 10:00:00.5'"],
  ["timestamp(0)", "'2024-01-01 00:00:01'"],
  ["timestamp(3)", "'2024-01-01 00:00:00.123'"],
  ["timestamptz", "'4714-11-24 00:00:00+00 BC'", "'2024-03-31 02:30:00.000001+02'"],
  ["timestamptz(0)", "'1999-12-31 23:59:59+00'"],
  ["time", "'24:00:00'", "'00:00:00.000001'"],
  ["time(0)", "'10:00:01'"],
  ["timetz", "'10:00:00.5-05:30'", "'00:00+00'"],
  ["interval", "'1 year 2 mons -3 days 04:05:06.789'", "'0'"],
  ["interval(0)", "'00:00:01'"],
  ["interval year to month", "'2 years 11 mons'"],
  ["json", `'{"a":[1,2.5,null],"b":"\\u0001"}'`, "'null'", "'1e23'", "'5'"],
  ["jsonb", "'[0.1234567890123456789, 36893488147419103232]'", "'\"12\"'", "'true'"],
  ["integer[]", "'{{1,2},{3,NULL}}'", "'[0:1]={1,2}'", "'{}'"],
  ["text[]", `'{"",NULL,"a,b"}'`],
  ["bytea[]", "'{\"\\\\x00ff\"}'"],
  ["jsonb[]", "ARRAY['[1]', 'null', NULL]::jsonb[]"],
  ["inet", "'10.0.0.1/8'"],
  ["cidr", "'10.0.0.0/8'"],
  ["macaddr", "'08:00:2b:01:02:03'"],
  ["bit(3)", "'101'"],
  ["varbit", "''", "'10101'"],
  ["int4range", "'[1,10)'", "'empty'"],
  ["tstzrange", "'[2024-01-01 00:00:00+00,infinity)'"],
  ["int8multirange", "'{[1,3),[5,6)}'"],
  ["point", "'(0.1,-1e+300)'"],
  ["tsvector", "'''a b'':1A ''c'''"],
  ["pg_lsn", "'16/B374D848'"],
  ["pair", "'(1,\"a b\")'"],
]);

/** Types of which there is another one that is like them in all but its name or size. */
const ALIKE: ReadonlySet<string> = new Set([
  "smallint",
  "oid",
  "xid8",
  "posint",
  "numeric(38,18)",
  "name",
  '"char"',
  "timestamp(3)",
  "timestamptz(0)",
  "time",
  "interval(0)",
  "bytea[]",
  "jsonb[]",
  "cidr",
  "macaddr",
  "varbit",
  "tstzrange",
  "int8multirange",
  "point",
  "pg_lsn",
]);

/** One column type of each kind. */
export function sampleOf(all: readonly PairingColumn[]): readonly PairingColumn[] {
  return all.filter(({ declared }) => !ALIKE.has(declared));
}

/** Statements that make the types which no database has from the beginning. */
export const PAIRING_TYPES = `CREATE TYPE mood AS ENUM ('sad', 'so, so', '1');
  CREATE TYPE pair AS (a integer, b text);
  CREATE DOMAIN posint AS integer CHECK (VALUE > 0)`;

export const SQLITE_COLUMNS: readonly PairingColumn[] = columns([
  ["INTEGER", "-9223372036854775808", "1", "'words'"],
  ["BOOLEAN", "1", "0", "7"],
  ["REAL", "0.1", "1e23", "9e999"],
  ["DECIMAL(10,2)", "1.5", "9007199254740993", "-9e999"],
  ["TEXT", "''", "'12'", "'2024-02-29T10:00:00.123456'", "'a '", "x'ff'"],
  ["VARCHAR(20)", "'abcd'", "'{\"a\":1}'"],
  ["BLOB", "x'00ff'", "x''"],
  ["JSON", `'{"a":[1,null]}'`, "'null'", "5", "'[1e+23]'"],
  ["DATETIME", "'2024-01-31T10:00:00.5'", "1700000000"],
  ["", "5", "'5'", "0.5", "x'00'"],
]);

/** Those of STRICT tables. */
export const STRICT_COLUMNS: readonly PairingColumn[] = columns([
  ["INT", "9223372036854775807"],
  ["REAL", "-0.5"],
  ["TEXT", "'é😀'"],
  ["BLOB", "x'80'"],
  ["ANY", "1", "'1'", "0.5"],
]);

/** Types that a configuration may give the columns of a file, and a column with none. */
export const CSV_COLUMNS: readonly PairingColumn[] = columns([
  ["", "é 😀"],
  ["any", "a", '""'],
  ["boolean", "true", "false"],
  ["integer", "-99999999999999999999", "1"],
  ["real", "0.1", "1e+23", "NaN"],
  ["decimal", "0.1234567890123456789", "1"],
  ["text", '""', '" a ""b"", c"', "12"],
  ["bytes", "\\x00ff", "\\x"],
  ["instant", "2024-01-01T00:00:00.000001Z", "infinity"],
  ["datetime", "2024-01-01T00:00:00.5", "+294276-12-31T23:59:59.999999"],
  ["date", "2024-02-29", "-000043-03-15"],
  ["time", "10:00:00.5", "24:00:00"],
  ["json", '"{""a"":[1,null]}"', "null", "36893488147419103232"],
  ["uuid", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"],
]);

/** The same as JSON. */
export const JSON_COLUMNS: readonly PairingColumn[] = columns([
  ["", '"é 😀"'],
  ["any", '"a"', '""', "5", "true"],
  ["boolean", "true", "false"],
  ["integer", "-99999999999999999999", "1"],
  ["real", "0.1", "1e+23", '"NaN"'],
  ["decimal", '"0.1234567890123456789"', "1"],
  ["text", '""', '" a \\"b\\", c"', '"12"'],
  ["bytes", '"\\\\x00ff"', '"\\\\x"'],
  ["instant", '"2024-01-01T00:00:00.000001Z"', '"infinity"'],
  ["datetime", '"2024-01-01T00:00:00.5"', '"+294276-12-31T23:59:59.999999"'],
  ["date", '"2024-02-29"', '"-000043-03-15"'],
  ["time", '"10:00:00.5"', '"24:00:00"'],
  ["json", '{"a":[1,null]}', "null", "36893488147419103232"],
  ["uuid", '"6ba7b810-9dad-11d1-80b4-00c04fd430c8"'],
]);
