// Rows as the JSON that an API is sent.
import { createHash } from "node:crypto";
import { SyncError } from "../../core/errors.ts";
import { formatJson, readJson } from "../../core/json.ts";
import { jsonToken } from "../../core/json-cells.ts";
import { ABSENT } from "../../core/state.ts";
import type { OwnRow, Value } from "../../core/state.ts";
import { same } from "../../core/values.ts";
import type { JsonRow } from "./place.ts";
import type { Shaped } from "./shaped.ts";

/** What a row says of the members of an object: their JSON. "" takes a member away. */
export type Members = ReadonlyMap<string, string>;

/** A row's members; an error where a value is none that its type, or JSON, holds. */
export function membersOf({ shape, types }: Shaped, row: OwnRow): Members | SyncError {
  const members = new Map<string, string>();
  for (const [at, column] of shape.columns.entries()) {
    const value = row[at] ?? null;
    if (value === ABSENT) continue; // left to the API
    const token = jsonToken(types[at] ?? { kind: "any" }, value);
    if (token === undefined) {
      return new SyncError("VALUE_NOT_HELD", `Field '${column}' holds what JSON cannot hold`);
    }
    members.set(column, token);
  }
  return members;
}

/** A whole row: what is there, with the members that are told. */
export function wholeBody(
  members: Members,
  held: JsonRow | undefined,
  without: readonly string[],
): string {
  const tokens = new Map<string, string>();
  for (const [name, value] of Object.entries(held ?? {})) {
    if (!without.includes(name)) tokens.set(name, formatJson(value));
  }
  for (const [name, token] of members) {
    if (token === "") tokens.delete(name);
    else if (!without.includes(name)) tokens.set(name, token);
  }
  return textOf(tokens);
}

/**
 * What differs from the row that is there; undefined: nothing. A member that is taken away is told
 * as null, which is what PATCH has for that.
 */
export function partialBody(
  { shape }: Shaped,
  { members, to, from }: { readonly members: Members; readonly to: OwnRow; readonly from: OwnRow },
): string | undefined {
  const tokens = new Map<string, string>();
  for (const [at, column] of shape.columns.entries()) {
    const token = members.get(column);
    if (token === undefined || same(to[at], from[at])) continue;
    tokens.set(column, token === "" ? "null" : token);
  }
  return tokens.size === 0 ? undefined : textOf(tokens);
}

/** All members, for a PATCH of a row that nobody looked at. */
export function toldBody(members: Members): string {
  return textOf(
    new Map([...members].map(([name, token]) => [name, token === "" ? "null" : token])),
  );
}

function textOf(tokens: ReadonlyMap<string, string>): string {
  const members = [...tokens].map(([name, token]) => `${JSON.stringify(name)}:${token}`);
  return `{${members.join(",")}}`;
}

/** A list of bodies, inside a member where one is said. */
export function listBody(bodies: readonly string[], items: string | undefined): string {
  const list = `[${bodies.join(",")}]`;
  return items === undefined ? list : `{${JSON.stringify(items)}:${list}}`;
}

/** The document of a text that may be none; undefined: it is none. */
export function documentOf(text: string): Value | undefined {
  return text.trim() === "" ? undefined : readJson(text);
}

/** The key under which an API remembers a write: the same as often as it is sent. */
export function idempotencyKey(...parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}
