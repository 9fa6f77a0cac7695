// Keys that one side calls otherwise: a text template around the values that name an entry. It is
// one to one by construction and proved key by key: what does not come back as it was has no name.
import { decodeKey, encodeKey, keyParts } from "./key.ts";
import { canonical } from "./logical.ts";
import type { LogicalType } from "./logical.ts";
import type { Key, Value } from "./state.ts";

/** The fixed texts around the one place of a template that takes a value in. */
export interface Around {
  readonly prefix: string;
  readonly suffix: string;
}

/** How one column of a side's key is made of the values that name an entry. */
export interface KeyTemplate extends Around {
  /** Of the value inside the template: one of those whose texts tell all values apart. */
  readonly type: { readonly kind: "integer" | "text" | "uuid" };
}

/** By key column; null: it holds the value as it is. */
export type KeyTemplates = readonly (KeyTemplate | null)[];

/** Both ways between the name of an entry and what a side calls it. */
export interface KeyNames {
  /** What the side calls it; undefined: no text of its would lead back to just this entry. */
  readonly ownOf: (key: Key) => Key | undefined;
  /** The entry that the side calls so; undefined: none could be called so. */
  readonly keyOf: (own: Key) => Key | undefined;
}

/** The template as a mapping writes it, for messages. */
export function templateText({ prefix, suffix }: Around): string {
  return `${prefix}\${value}${suffix}`;
}

/** The type of values whose texts tell them apart; undefined: a template has no use for others. */
export function nameableType({ kind }: LogicalType): KeyTemplate["type"] | undefined {
  return kind === "integer" || kind === "text" || kind === "uuid" ? { kind } : undefined;
}

/** Makes both ways. */
export function makeKeyNames(templates: KeyTemplates): KeyNames {
  const every = (key: Key, part: (template: KeyTemplate, of: Key) => Key | undefined) => {
    const parts = keyParts(key);
    if (parts.length !== templates.length) return undefined;
    let made = "";
    for (const [at, of] of parts.entries()) {
      const template = templates[at] ?? null;
      const next = template === null ? of : part(template, of);
      if (next === undefined) return undefined;
      made += next;
    }
    return made;
  };
  const inside = (own: Key): Key | undefined => every(own, partInside);
  const around = (key: Key): Key | undefined => every(key, partAround);
  return {
    // What leads back to something else is nobody's name, on either side.
    ownOf: (key) => provedBy(around(key), inside, key),
    keyOf: (own) => provedBy(inside(own), around, own),
  };
}

function provedBy(
  made: Key | undefined,
  back: (key: Key) => Key | undefined,
  from: Key,
): Key | undefined {
  return made !== undefined && back(made) === from ? made : undefined;
}

function partAround({ prefix, suffix, type }: KeyTemplate, part: Key): Key | undefined {
  const [value] = decodeKey(part, [type]);
  const text = value === undefined ? undefined : canonical({ kind: "text" }, value);
  return typeof text === "string" ? encodeKey([prefix + text + suffix]) : undefined;
}

function partInside({ prefix, suffix, type }: KeyTemplate, part: Key): Key | undefined {
  const [text] = decodeKey(part);
  const value = text === undefined ? undefined : cutOut({ prefix, suffix }, text);
  const named = value === undefined ? undefined : canonical(type, value);
  return named === undefined ? undefined : encodeKey([named]);
}

/** The text inside; undefined: the value is no text with these around it. */
export function cutOut({ prefix, suffix }: Around, value: Value): string | undefined {
  const fits =
    typeof value === "string" &&
    value.length >= prefix.length + suffix.length &&
    value.startsWith(prefix) &&
    value.endsWith(suffix);
  return fits ? value.slice(prefix.length, value.length - suffix.length) : undefined;
}
