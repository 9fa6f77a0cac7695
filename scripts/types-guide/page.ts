// The page docs/guide/types.md, made of what the code does with samples.
import { digitsIn, JSON_NULL } from "../../src/core/state.ts";
import type { Value } from "../../src/core/state.ts";
import { formatJson } from "../../src/core/json.ts";
import { canonical, same, typeName, whyNot } from "../../src/core/values.ts";
import type { LogicalType } from "../../src/core/values.ts";
import { unified } from "../../src/engine/compile/unified-type.ts";
import type { Codec } from "../../src/replicas/postgres/codec.ts";
import { makeCodec } from "../../src/replicas/postgres/column-type.ts";
import { declaredFor as declaredInPostgres } from "../../src/replicas/postgres/ddl.ts";
import { makeOut } from "../../src/replicas/postgres/out.ts";
import { jsonToken } from "../../src/core/json-cells.ts";
import { textToken } from "../../src/replicas/rows/values.ts";
import { makeCodec as makeSqliteCodec, storedForm } from "../../src/replicas/sqlite/codec.ts";
import { columnType, declaredFor } from "../../src/replicas/sqlite/column-type.ts";
import { FILES, LOGICAL, POSTGRES, POSTGRES_NAMED, SQLITE } from "./samples.ts";
import type { PostgresSample } from "./samples.ts";

/** The text of the page. */
export function typesGuide(): string {
  const parts = [
    INTRODUCTION,
    "## What a value is\n",
    logicalTable(),
    "## PostgreSQL\n",
    POSTGRES_WORDS,
    postgresTable(),
    namedWords(),
    "## SQLite\n",
    SQLITE_WORDS,
    sqliteTable(),
    "## CSV, NDJSON and JSON\n",
    FILES_WORDS,
    filesTable(),
    "## Which columns may be paired\n",
    PAIRING_WORDS,
    pairingTable(),
    "## Tables that are made\n",
    MAKING_WORDS,
    makingTable(),
  ];
  return parts.join("\n");
}

const INTRODUCTION = `# Types

<!-- Made by scripts/types-guide.ts out of the code: npm run guide:types -- --write -->

Every column has a logical type. A value is brought into the one form of its type when it is read,
and two systems agree on it where these forms are the same. What a column cannot hold is refused
for that one row, with the column named; the others go on. What a column keeps in its own way (it
rounds, or cuts blanks) is remembered as it came back, is told once, and is never taken for an
edit.

What becomes of every type in a column of every other type, there and back, is in the table
[pairings.txt](../../test/postgres/golden/pairings.txt), which a test makes with real systems.
`;

function logicalTable(): string {
  const rows = LOGICAL.map(({ type, form, read, refused }) => [
    code(typeName(type)),
    form,
    read.map((value) => arrow(value, canonical(type, value))).join("<br>"),
    refused.map((value) => because(value, whyNot(type, value))).join("<br>"),
  ]);
  return table(["type", "its form", "read as", "refused"], rows);
}

const POSTGRES_WORDS = `A domain is the type behind it; what it checks is checked by the server.
An enum is a text of which only its labels are values. An array is a list of what is in it.
`;

/** The codec of a type of pg_catalog, as a column of it has. */
export function codecOf({ name, modifier = -1 }: PostgresSample): Codec {
  const info = { oid: 1, name, schema: "pg_catalog", kind: "b", spelled: name } as const;
  const rest = { base: 0, baseModifier: -1, element: 0, labels: null, equality: null };
  const types = new Map([[1, { ...info, ...rest }]]);
  const declared = { oid: 1, modifier, isFolding: false };
  return makeCodec(declared, types, { version: 180_000, moneyScale: 2, encoding: "UTF8" });
}

function postgresTable(): string {
  const rows = POSTGRES.map((sample) => {
    const codec = codecOf(sample);
    const { kept = [], refused = [] } = sample;
    return [
      code(sample.declared),
      code(typeName(codec.type)),
      limitsOf(codec.type),
      kept.map((value) => arrow(value, codec.store(value))).join("<br>"),
      refused.map((value) => because(value, codec.write(value, makeOut()))).join("<br>"),
    ];
  });
  return table(["column", "type", "limits", "kept as", "refused"], rows);
}

function namedWords(): string {
  const names = POSTGRES_NAMED.map(code).join(", ");
  return `${NAMED_WORDS}\n${names}.\n`;
}

const NAMED_WORDS = `Types that only PostgreSQL has are texts under a type of their own name, in
the form that PostgreSQL gives them: composite types, ranges, what extensions bring (\`hstore\`),
and those below. Such a text is understood by the server alone: what it does not understand is
refused, what it spells otherwise is remembered as it is spelled. \`citext\` is a text,
\`int2vector\` and \`oidvector\` are lists.
`;

const SQLITE_WORDS = `SQLite knows five affinities, and people's words for what it has no type
for. A table that is not STRICT holds any value in any column: what is of another class than its
column travels as it is, and is refused where the other side's type does not have it.
`;

function sqliteTable(): string {
  const rows = SQLITE.map(({ declared, isStrict, kept = [], refused = [] }) => {
    const [word = ""] = declared.split(/, | \(/);
    const column = columnType(word === "DECIMAL" ? declared : word, isStrict === true);
    const codec = makeSqliteCodec(column, isStrict === true);
    const why = (value: Value) => whyNot(column.type, value) ?? "would not come back as it is";
    return [
      `${isStrict === true ? "STRICT " : ""}${declared === "" ? "(none)" : code(declared)}`,
      code(typeName(column.type)),
      column.affinity,
      kept.map((value) => arrow(value, storedForm(codec, value))).join("<br>"),
      refused
        .map((value) => because(value, refusedBy(codec.write(value), why(value))))
        .join("<br>"),
    ];
  });
  return table(["declared", "type", "affinity", "kept as", "refused"], rows);
}

function refusedBy(bound: unknown, why: string): string | undefined {
  return bound === undefined ? why : undefined;
}

const FILES_WORDS = `A column has the type that a configuration gives it, or the one of the column
that it meets, or with \`types: found\` the narrowest that all its values have. In a CSV nothing
at all is NULL and \`""\` the empty text (NULL where the type is not text); in JSON a member that
is not there is NULL in a \`json\` column, where \`null\` is a document. A column of no known type
(\`any\`) holds what a file can tell without one.
`;

function filesTable(): string {
  const rows = FILES.flatMap(([type, ...values]) =>
    values.map((value) => [
      code(typeName(type)),
      shown(value),
      code(textToken(type, value) ?? "refused"),
      code(jsonToken(type, value) ?? "refused"),
    ]),
  );
  return table(["type", "value", "CSV (before quoting)", "NDJSON, JSON"], rows);
}

const PAIRING_WORDS = `Where no value of one type is a value of the other, the configuration is
refused when it loads, with the field named: map it with a transform (\`parseJSON\` and
\`stringifyJSON\` between lists and texts), or take it out. Types of PostgreSQL's own meet
themselves, text and \`any\`.
`;

function pairingTable(): string {
  const types = LOGICAL.map(({ type }) => type);
  const rows = types.map((row) => [
    code(row.kind),
    ...types.map((column) => (unified([row, column]) === undefined ? "" : "✓")),
  ]);
  return table(["", ...types.map(({ kind }) => code(kind))], rows);
}

const MAKING_WORDS = `\`createMissing\` makes a table whose columns hold all that the source's
columns hold, as far as the target has such a type. SQLite keeps more than
15 digits of a decimal, or 64 bits of a whole number, only as text; what
names a row stays a number, and refuses what a number does not hold. It
stores NaN as NULL: a \`REAL\` column refuses it, and a \`TEXT\` column that
you make yourself holds it.
`;

function makingTable(): string {
  const more: readonly LogicalType[] = [
    { kind: "integer", min: 0, max: 9 },
    { kind: "integer", min: 0, max: 2n ** 64n - 1n },
    { kind: "integer" },
    { kind: "real", single: true },
    { kind: "decimal" },
    { kind: "text" },
    { kind: "text", values: ["a"] },
    { kind: "list", of: { kind: "list", of: { kind: "text" } } },
    { kind: "named", name: "hstore" },
  ];
  const types = [...LOGICAL.map(({ type }) => type), ...more];
  const rows = types.map((type) => [
    `${code(typeName(type))} ${limitsOf(type)}`.trim(),
    code(declaredInPostgres(type)),
    madeInSqlite(type),
  ]);
  return table(["type", "PostgreSQL", "SQLite"], rows);
}

function madeInSqlite(type: LogicalType): string {
  const declared = declaredFor(type, { isKey: false });
  return declared === "" ? "(none)" : code(declared);
}

function limitsOf(type: LogicalType): string {
  switch (type.kind) {
    case "integer":
      return type.min === undefined ? "" : `${type.min} to ${type.max}`;
    case "decimal":
      if (type.precision === undefined) return "NaN and infinities too";
      return type.nan === true ? "NaN too" : "";
    case "text":
    case "json":
      return type.noZero === true ? "no U+0000" : "";
    default:
      return "";
  }
}

function arrow(value: Value, form: Value | undefined): string {
  if (form === undefined) throw new RangeError(`the guide says that ${shown(value)} is held`);
  return same(form, value) ? shown(form) : `${shown(value)} → ${shown(form)}`;
}

function because(value: Value, why: string | undefined): string {
  if (why === undefined) throw new RangeError(`the guide says that ${shown(value)} is refused`);
  return `${shown(value)} ${why}`;
}

const LONG = 44;

/** A value as a program would write it. */
function shown(value: Value): string {
  if (value === JSON_NULL) return "JSON's `null`";
  if (value instanceof Uint8Array) return `bytes ${code(Buffer.from(value).toString("hex"))}`;
  const digits = digitsIn(value);
  if (digits !== undefined) return code(digits);
  if (typeof value === "string") {
    const text = value.isWellFormed() ? JSON.stringify(value) : '"\\ud800"';
    return code(text.length > LONG ? `${text.slice(0, 12)}…${text.slice(-4)}` : text);
  }
  if (typeof value !== "object" || value === null) return code(String(value));
  return code(Array.isArray(value) && value.includes(NaN) ? "[NaN]" : documentText(value));
}

function documentText(value: Value): string {
  return canonical({ kind: "json" }, value) === undefined ? "{ a: NaN }" : formatJson(value);
}

function code(text: string): string {
  return text === "" ? "(nothing)" : `\`${text.replaceAll("|", "\\|")}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
  return line(head) + line(head.map(() => "---")) + rows.map(line).join("");
}
