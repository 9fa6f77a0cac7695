// The small language in which the configuration's schema is written (schema.ts). One description
// is read three ways: check.ts holds input against it, json-schema.ts tells it to editors, and
// the tests walk it.

/** What a value of the configuration may be. */
export type Shape =
  | TextShape
  | NumberShape
  | { readonly kind: "boolean" }
  | { readonly kind: "function" }
  /** Any JSON value, taken as it is. */
  | { readonly kind: "value" }
  | { readonly kind: "list"; readonly of: Shape; readonly least?: number }
  | MapShape
  | ObjectShape
  | TaggedShape
  /** One of several, told apart by form: each of them has another one (text, list, map, …). */
  | { readonly kind: "either"; readonly of: readonly Shape[] }
  /** A shape that contains itself. */
  | { readonly kind: "named"; readonly name: string; readonly shape: () => Shape };

/** A text. */
export interface TextShape {
  readonly kind: "text";
  /** The only texts allowed. */
  readonly words?: readonly string[];
  /** Texts that the design names and that do not work yet. */
  readonly notBuilt?: readonly string[];
  /** Why a text is no good, as the end of a sentence that begins with its path. */
  readonly refuse?: (text: string) => Refusal | undefined;
}

/** Why a text is not taken. */
export interface Refusal {
  readonly code: "CONFIG_INVALID" | "CONFIG_NOT_BUILT";
  readonly says: string;
  readonly hint?: string;
  /** The text may hold a secret: it is not shown. */
  readonly isSecret?: true;
}

/** A number, both limits included. */
interface NumberShape {
  readonly kind: "number";
  readonly least: number;
  readonly most: number;
  readonly whole: boolean;
}

/** Names that the person chooses, all with values of one shape. */
interface MapShape {
  readonly kind: "map";
  readonly of: Shape;
  readonly least?: number;
  readonly refuseName?: (name: string) => string | undefined;
}

/** Known keys and no others. */
export interface ObjectShape {
  readonly kind: "object";
  readonly keys: { readonly [key: string]: KeyShape };
}

/** Objects whose keys depend on what they hold under one of them. */
export interface TaggedShape {
  readonly kind: "tagged";
  readonly tag: string;
  readonly doc: string;
  readonly of: { readonly [tag: string]: ObjectShape };
  readonly notBuilt: readonly string[];
}

/** What is known of one key. */
export type KeyShape =
  | { readonly shape: Shape; readonly doc: string; readonly required?: true }
  /** The design names it, and it does not work yet: refused by name, never ignored. */
  | { readonly notBuilt: true; readonly doc: string };

/** The object under a key of a tagged shape, or undefined where there is none. */
export function taggedAs(shape: TaggedShape, tag: string): ObjectShape | undefined {
  return Object.hasOwn(shape.of, tag) ? shape.of[tag] : undefined;
}

/** What is known of a key of an object, or undefined. */
export function keyOf(shape: ObjectShape, key: string): KeyShape | undefined {
  return Object.hasOwn(shape.keys, key) ? shape.keys[key] : undefined;
}

/** True for a key that the design names and that does not work yet. */
export function isNotBuilt(
  known: KeyShape | undefined,
): known is KeyShape & { readonly notBuilt: true } {
  return known !== undefined && "notBuilt" in known;
}
