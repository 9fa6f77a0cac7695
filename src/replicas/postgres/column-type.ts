// From a type of the catalogue to a logical one and the way in which its values travel.
import { assert } from "../../core/errors.ts";
import type { Value } from "../../core/state.ts";
import type { LogicalType } from "../../core/values.ts";
import { builtIn, storeOf } from "./built-in.ts";
import type { BuiltIn } from "./built-in.ts";
import type { Codec, Lookup } from "./codec.ts";
import { AS_TEXT } from "./ordered.ts";
import { listWire } from "./wire-list.ts";
import { textWire } from "./wire-text.ts";

/** A type as the catalogue has it. */
export interface TypeInfo {
  readonly oid: number;
  readonly name: string;
  readonly schema: string;
  /** Base, composite, domain, enum, pseudo, range, multirange. */
  readonly kind: "b" | "c" | "d" | "e" | "p" | "r" | "m";
  /** As SQL, without modifier, with its schema where that is not pg_catalog. */
  readonly spelled: string;
  /** Of a domain: what it is a domain of, and with which modifier. */
  readonly base: number;
  readonly baseModifier: number;
  /** Of an array: the type of its elements; 0: it is none. */
  readonly element: number;
  /** Of an enum: its labels. */
  readonly labels: readonly string[] | null;
}

/** A column's type with what else decides how its values travel. */
export interface Declared {
  readonly oid: number;
  /** The length, precision or scale as PostgreSQL packs it; -1: none. */
  readonly modifier: number;
  /** Two texts that differ may be equal to its collation. */
  readonly isFolding: boolean;
}

/** What a server and its database add to its types. */
export interface Dialect {
  /** 150004 for 15.4. */
  readonly version: number;
  /** Digits after the point of `money`. */
  readonly moneyScale: number;
}

/** How values of a column travel. Every type that a table can have has a way. */
export function makeCodec(
  declared: Declared,
  types: ReadonlyMap<number, TypeInfo>,
  dialect: Dialect,
): Codec {
  const { type: info, modifier } = undomained(declared, types);
  if (info.element !== 0) return listCodec(info, modifier, { declared, types, dialect });
  const found = builtIn(info, modifier, dialect);
  if (found !== undefined) return codecOf(found, info, declared);
  if (info.kind === "e") return codecOf(enumOf(info), info, declared);
  return codecOf(namedOf(info), info, declared);
}

/** The type behind a domain, and behind that one's. */
function undomained(
  { oid, modifier }: Declared,
  types: ReadonlyMap<number, TypeInfo>,
): { readonly type: TypeInfo; readonly modifier: number } {
  const type = types.get(oid);
  assert(type !== undefined, "a column has a type that the catalogue does not know");
  if (type.kind !== "d") return { type, modifier };
  const inner = { oid: type.base, modifier: type.baseModifier, isFolding: false };
  return undomained(inner, types);
}

function codecOf(built: BuiltIn, info: TypeInfo, { isFolding }: Declared): Codec {
  const { type, wire } = built;
  const via = built.via;
  const exact = built.exact ?? same;
  const isText = type.kind === "text";
  return {
    type,
    read: wire.read,
    write: wire.write,
    oid: via?.oid ?? info.oid,
    staged: via?.type ?? info.spelled,
    select: via === undefined ? same : (column) => `(${column})::${via.type}`,
    assign: via === undefined ? same : (staged) => `(${staged})::${info.spelled}`,
    isDirect: via === undefined,
    exact: isFolding && isText ? (sql) => `(${exact(sql)}) COLLATE "C"` : exact,
    ordered: built.ordered ?? same,
    orderedAs: built.orderedAs ?? via?.type ?? info.spelled,
    ...(built.misplaced === undefined ? {} : { misplaced: built.misplaced }),
    lookup: lookupOf(built, info, isFolding),
    respells: built.respells === true,
    store: storeOf(type, built.store),
  };
}

function lookupOf(built: BuiltIn, info: TypeInfo, isFolding: boolean): Lookup {
  const { via, exact } = built;
  const as = via?.type ?? info.spelled;
  const input = MOMENTS.has(built.type.kind) ? momentInput : textOfKey;
  // A text that is none of the type would be an error, not a row that is not there.
  if (via !== undefined) return { as, input, test: (column, p) => `(${column})::${as} = ${p}` };
  const equal = (column: string, p: string): string => `${column} = ${p}`;
  if (exact === undefined && !isFolding) return { as, input, test: equal };
  // The loose comparison finds the row by its index, the other one is sure.
  const sure = (sql: string): string => `(${(exact ?? same)(sql)}) COLLATE "C"`;
  return {
    as,
    input,
    test: (column, p) => `${column} = ${p} AND ${sure(column)} = ${sure(p)}`,
  };
}

const MOMENTS: ReadonlySet<string> = new Set(["date", "datetime", "instant"]);

/** Years before the first have no sign there but a word, those beyond 9999 no sign. */
function momentInput(value: Value): string {
  const text = textOfKey(value);
  const match = /^(?:([+-])(\d{6,7})|0000)(.*)$/.exec(text);
  if (match === null) return text;
  const [, sign, year = "0", rest = ""] = match;
  if (sign === "+") return `${Number(year)}${rest}`;
  return `${String(Number(year) + 1).padStart(4, "0")}${rest} BC`;
}

/** A value of a key as PostgreSQL reads it. */
export function textOfKey(value: Value): string {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString("hex")}`;
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  assert(typeof value === "number", "a key has a part that is no value of keys");
  return String(value);
}

function enumOf({ labels }: TypeInfo): BuiltIn {
  const type: LogicalType = { kind: "text", values: labels ?? [] };
  return { type, wire: textWire(type), ...AS_TEXT };
}

/** A type that only PostgreSQL knows: as its text, which gives the same value back. */
function namedOf({ name, schema, spelled }: TypeInfo): BuiltIn {
  const isOwn = schema === "pg_catalog";
  const type: LogicalType = { kind: "named", name: isOwn ? name : spelled };
  const ordered = (sql: string): string => `(${sql}) COLLATE "C"`;
  const via = { oid: TEXT_OID, type: "text" };
  return { type, wire: textWire(type), via, ordered, respells: true };
}

const TEXT_OID = 25;
interface Around {
  readonly declared: Declared;
  readonly types: ReadonlyMap<number, TypeInfo>;
  readonly dialect: Dialect;
}

function listCodec(info: TypeInfo, modifier: number, around: Around): Codec {
  const { types, dialect, declared } = around;
  const element = makeCodec({ ...declared, oid: info.element, modifier }, types, dialect);
  // An array of a domain names the domain as the type of its elements.
  const oid = element.isDirect ? info.element : element.oid;
  const type: LogicalType = { kind: "list", of: element.type };
  const wire = listWire({ wire: element, type: element.type, oid });
  const staged = element.isDirect ? info.spelled : `${element.staged}[]`;
  const isDirect = element.isDirect;
  const isPlain = element.exact("x") === "x";
  return {
    type,
    ...wire,
    oid: info.oid,
    staged,
    select: isDirect ? same : (column) => `(${column})::${staged}`,
    assign: isDirect ? same : (sql) => `(${sql})::${info.spelled}`,
    isDirect,
    // What is not told apart by its own `=` is by its text.
    exact: isPlain ? same : (sql) => `(${sql})::text`,
    ...AS_TEXT,
    lookup: { as: "text", test: (column, p) => `(${column})::text = ${p}`, input: textOfKey },
    respells: element.respells,
    store: storeOf(type, (form) => stored(form, element.store)),
  };
}

function stored(form: Value, store: Codec["store"]): Value {
  if (Array.isArray(form)) return form.map((each: Value) => stored(each, store));
  if (typeof form === "object" && form !== null && "items" in form && "from" in form) {
    const { from, items } = form as { readonly from: Value; readonly items: Value };
    return { from, items: stored(items, store) };
  }
  return store(form);
}

function same<T>(value: T): T {
  return value;
}
