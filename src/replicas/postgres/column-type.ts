// From a type of the catalogue to a logical one and the way in which its values travel.
import { assert } from "../../core/errors.ts";
import type { Value } from "../../core/state.ts";
import type { LogicalType } from "../../core/values.ts";
import { builtIn, storeOf } from "./built-in.ts";
import type { BuiltIn } from "./built-in.ts";
import type { Codec, Lookup } from "./codec.ts";
import { textOfKey } from "./key-text.ts";
import { lookupOf } from "./lookup.ts";
import { EQUAL, typeSql } from "./names.ts";
import { AS_TEXT, TEXT_SQL, inOrderOf } from "./ordered.ts";
import { listWire } from "./wire-list.ts";
import { textWire } from "./wire-text.ts";

/** A type as the catalogue has it. */
export interface TypeInfo {
  readonly oid: number;
  readonly name: string;
  readonly schema: string;
  /** Base, composite, domain, enum, pseudo, range, multirange. */
  readonly kind: "b" | "c" | "d" | "e" | "p" | "r" | "m";
  /** For people, without modifier, with its schema where that is not pg_catalog. */
  readonly spelled: string;
  /** The operator that its own order calls equal; null: none that is its own. */
  readonly equality: { readonly schema: string; readonly name: string } | null;
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
  /** Of the database's texts. */
  readonly encoding: string;
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
  const built = found ?? (info.kind === "e" ? enumOf(info) : namedOf(info));
  return codecOf(built, info, { declared, types, dialect });
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

function codecOf(built: BuiltIn, info: TypeInfo, { declared, types, dialect }: Around): Codec {
  const { type, wire } = built;
  const via = built.via;
  const exact = built.exact ?? same;
  const isText = type.kind === "text";
  const { isFolding } = declared;
  const isDomain = types.get(declared.oid)?.kind === "d";
  const own = typeSql(info);
  const ordered = {
    ordered: built.ordered ?? same,
    orderedAs: built.orderedAs ?? via?.type ?? own,
    ...(built.misplaced === undefined ? {} : { misplaced: built.misplaced }),
  };
  return {
    type,
    read: wire.read,
    write: wire.write,
    oid: via?.oid ?? info.oid,
    staged: via?.type ?? own,
    select: via === undefined ? same : (column) => `(${column})::${via.type}`,
    assign: via === undefined ? same : (staged) => `(${staged})::${own}`,
    isDirect: via === undefined,
    exact: isFolding && isText ? (sql) => `(${exact(sql)}) COLLATE "C"` : exact,
    ...inOrderOf(dialect.encoding, type.kind, ordered),
    lookup: lookupOf(built, info, { isFolding, isDomain, version: dialect.version }),
    respells: built.respells === true,
    store: storeOf(type, built.store),
  };
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
  const via = { oid: TEXT_OID, type: TEXT_SQL };
  return { type, wire: textWire(type), via, ordered, orderedAs: TEXT_SQL, respells: true };
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
  const own = typeSql(info);
  const staged = element.isDirect ? own : `${element.staged}[]`;
  const isDirect = element.isDirect;
  const isPlain = element.exact("x") === "x";
  return {
    type,
    ...wire,
    oid: info.oid,
    staged,
    select: isDirect ? same : (column) => `(${column})::${staged}`,
    assign: isDirect ? same : (sql) => `(${sql})::${own}`,
    isDirect,
    // What is not told apart by its own `=` is by its text.
    exact: isPlain ? same : (sql) => `(${sql})::${TEXT_SQL}`,
    ...inOrderOf(dialect.encoding, type.kind, AS_TEXT),
    lookup: LIST,
    respells: element.respells,
    store: storeOf(type, (form) => stored(form, element.store)),
  };
}

/** A list names nothing: no key has one. */
const LIST: Lookup = {
  as: TEXT_SQL,
  input: textOfKey,
  equal: byText,
  test: byText,
};

function byText(column: string, other: string): string {
  return `(${column})::${TEXT_SQL} ${EQUAL} (${other})::${TEXT_SQL}`;
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
