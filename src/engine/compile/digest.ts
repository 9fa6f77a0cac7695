// What a pipeline is, in one line: another digest means other settings or other collections.
import { rowDigest, type Hash } from "../../core/hash.ts";
import type { LogicalType } from "../../core/logical.ts";
import { typeName } from "../../core/values.ts";
import type { Draft, DraftSide } from "./draft.ts";
import type { PipelineSettings } from "../settings.ts";
import { fieldsByName } from "./fields.ts";

/** The digest of a pipeline: stable, and without anything that a replica was opened with. */
export function digestOf(draft: Draft, types: readonly LogicalType[], hash: Hash): string {
  const { settings, sides, fields, key } = draft;
  // Nor is it agreed on what is looked at when.
  const { name, sides: _, mapping: __, key: ___, since: ____, ...rest } = unpaced(settings);
  const seen = {
    name,
    rest,
    key,
    fields: fields.map((field, i) => [field, typeName(types[i] ?? { kind: "any" })]),
    sides: sides.map((side) => ({
      name: side.settings.name,
      at: side.settings.at,
      follows: !side.leads,
      lines: side.lines,
    })),
  };
  return rowDigest(hash, [plainly(seen)]);
}

/** The digest of what a pipeline's settings say of rows, whatever collections they meet. */
export function writtenOf({ settings }: Draft, hash: Hash): string {
  return rowDigest(hash, [plainly(unpaced(settings))]);
}

/** Settings without what says when rows are written, and how many at once. */
function unpaced(settings: PipelineSettings): PipelineSettings {
  const { retry: _, batchRows: __, rowsPerSecond: ___, ...rest } = settings;
  return rest;
}

/** By field: how its value comes about on a side. Another text, and it may be another value. */
export function readsOf(
  { fields }: Draft,
  side: DraftSide,
  types: readonly LogicalType[],
  hash: Hash,
): readonly string[] {
  const known = fieldsByName(side.description);
  return fields.map((field, i) => {
    const line = side.lines.find((each) => each.target === field);
    if (line === undefined) return "";
    const name = side.role === "target" ? line.target : line.source;
    const column = known.get(name)?.type ?? { kind: "any" };
    const of = [side.role, typeName(types[i] ?? { kind: "any" }), typeName(column), line];
    return hash(plainly(of)).slice(0, 16);
  });
}

/** Settings as one text: keys sorted, what is not said left out, functions by their source. */
function plainly(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(plainly).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    if (value instanceof Uint8Array) return `bytes ${value.join()}`;
    // What was made of a text stands for that text, whatever it was made into.
    if ("asWritten" in value) return `written ${JSON.stringify(value.asWritten)}`;
    const entries = Object.entries(value) as [string, unknown][];
    const said = entries.filter(([, item]) => item !== undefined);
    said.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${said.map(([key, item]) => `${JSON.stringify(key)}:${plainly(item)}`).join(",")}}`;
  }
  if (typeof value === "string") return JSON.stringify(value);
  return `${typeof value} ${String(value)}`;
}
