// Names of collections: `system.table`, `system.schema.table`, odd names in double quotes as in
// SQL (`crm."odd.name"`, a quote inside is doubled), and `system.*` for all tables at once.
import { spelledPart } from "../engine/qualified.ts";
import type { CollectionName } from "../engine/settings.ts";
import type { Refusal } from "./shape.ts";

/** A name taken apart: a table, or a schema and a table, of a system. */
export interface ParsedName {
  readonly system: string;
  readonly inside: readonly string[];
}

/** A collection's name taken apart, or why it is none. */
export function parseCollectionName(
  text: string,
):
  | { readonly kind: "name"; readonly name: ParsedName }
  | { readonly kind: "refused"; readonly why: Refusal } {
  const parts = partsOf(text);
  if (parts === undefined) return refused("is not a name of the form system.table");
  const [system, ...inside] = parts;
  if (system === undefined || inside.length === 0) {
    return refused("does not say which table of the system is meant");
  }
  if (inside.length > 2) return refused("has more parts than system.schema.table");
  const starred = inside.findIndex((part) => part.text === "*");
  if (starred !== -1 && inside[starred]?.isQuoted === true) {
    return refused("names a table that is called '*', which stands for all tables");
  }
  if (starred !== -1 && starred < inside.length - 1) return refused("has its '*' before the end");
  const names = inside.map((part) => part.text);
  return { kind: "name", name: { system: system.text, inside: names } };
}

/** How a system with schemas calls a collection: dots inside of names are told by their quotes. */
export function collectionOf({ system, inside }: ParsedName): CollectionName {
  const [only = "", ...more] = inside;
  const collection = more.length === 0 ? only : inside.map(spelledPart).join(".");
  return { system, collection };
}

function refused(says: string): { readonly kind: "refused"; readonly why: Refusal } {
  const hint = "Write system.table or system.schema.table, odd names in double quotes.";
  return { kind: "refused", why: { code: "CONFIG_INVALID", says, hint } };
}

interface Part {
  readonly text: string;
  readonly isQuoted: boolean;
}

/** A quoted part, or a plain one: no dots, quotes or blanks. */
const PART = /"((?:[^"]|"")+)"|([^\s".]+)/y;

function partsOf(text: string): readonly Part[] | undefined {
  const parts: Part[] = [];
  for (let at = 0; ; at++) {
    PART.lastIndex = at;
    const match = PART.exec(text);
    if (match === null) return undefined;
    const [, quoted, plain] = match;
    if (quoted === undefined) parts.push({ text: plain ?? "", isQuoted: false });
    else parts.push({ text: quoted.replaceAll('""', '"'), isQuoted: true });
    at = PART.lastIndex;
    if (at === text.length) return parts;
    if (text[at] !== ".") return undefined;
  }
}

/** Why a name for a system, pipeline or side is none, or undefined. */
export function refuseName(name: string): string | undefined {
  if (name === "__proto__" || name === "constructor" || name === "prototype") {
    return "cannot be a name";
  }
  if (name.length > NAME_LENGTH_MAX) return `is longer than ${NAME_LENGTH_MAX} characters`;
  if (/^[\p{L}_][\p{L}\p{N}_-]*$/u.test(name)) return undefined;
  return "is not a name: letters, digits, '_' and '-', a letter first";
}

const NAME_LENGTH_MAX = 100;
