// Many tables at once: a pipeline over `system.*` becomes one for each collection.
import { SyncError } from "../../core/errors.ts";
import { plainPart, spelledPart } from "../qualified.ts";
import type { Description } from "../replica.ts";
import type { PipelineSettings, SideSettings } from "../settings.ts";
import type { Note } from "../views.ts";
import { ALL_COLLECTIONS } from "./check-settings.ts";
import { whereIsSide } from "./where.ts";

/** A pipeline over single collections, and the name under which its settings were written. */
export interface Expanded {
  readonly settings: PipelineSettings;
  readonly origin: string;
}

/** What is found out on the way: what is wrong, and what a person should read. */
export interface Telling {
  readonly problems: SyncError[];
  readonly notes: Note[];
}

/**
 * Replaces every `*` by the tables of the first side, in the order of their names. A view is left
 * out, and a note says so.
 */
export function expand(
  settings: readonly PipelineSettings[],
  descriptions: ReadonlyMap<string, Description>,
  telling: Telling,
): readonly Expanded[] {
  return settings.flatMap((pipeline) => expandOne(pipeline, descriptions, telling));
}

function expandOne(
  settings: PipelineSettings,
  descriptions: ReadonlyMap<string, Description>,
  { problems, notes }: Telling,
): readonly Expanded[] {
  const [first] = settings.sides;
  const before = first === undefined ? undefined : prefixOf(first.at.collection);
  if (first === undefined || before === undefined) return [{ settings, origin: settings.name }];
  const description = descriptions.get(first.at.system);
  const all = [...(description?.collections.values() ?? [])].filter(({ name }) =>
    name.startsWith(before),
  );
  const tables = all
    .filter(({ isDerived }) => isDerived !== true)
    .map(({ name }) => name.slice(before.length))
    .map((name) => (description?.isQualified === true ? plainPart(name) : name))
    .sort();
  if (tables.length === 0) {
    const where = whereIsSide(settings.name, settings, first);
    const why = all.length === 0 ? "there is none" : "views and the like are left out";
    const message = `${first.at.system}.${first.at.collection} names no table: ${why}`;
    problems.push(new SyncError("COLLECTION_MISSING", message, { where }));
  }
  const derived = all.filter(({ isDerived }) => isDerived === true);
  const names = derived.map(({ name }) => `${first.at.system}.${name}`);
  notes.push(...leftOut(settings.name, names, "a view, or the like"));
  const each = tables.map((table) => oneOf(settings, table, descriptions));
  const bare = each.filter(({ sides }) => isBare(sides, descriptions));
  notes.push(...bareNotes(settings.name, bare));
  return each
    .filter((one) => !bare.includes(one))
    .map((one) => ({ settings: one, origin: settings.name }));
}

/** True where no row has shown a column, and no other side says what they could be. */
function isBare(
  sides: readonly SideSettings[],
  descriptions: ReadonlyMap<string, Description>,
): boolean {
  const [first, ...others] = sides.map(({ at }) =>
    descriptions.get(at.system)?.collections.get(at.collection),
  );
  if (first?.openColumns !== "unshown") return false;
  return others.every((it) => it === undefined || it.openColumns === "unshown");
}

function bareNotes(origin: string, bare: readonly PipelineSettings[]): readonly Note[] {
  const names = bare.flatMap(({ sides: [first] }) =>
    first === undefined ? [] : `${first.at.system}.${first.at.collection}`,
  );
  if (names.length === 0) return [];
  const text = `${origin} leaves out ${listed(names)} for now: no row there shows a column yet`;
  return [{ code: "COLLECTION_LEFT_OUT", pipeline: null, text }];
}

function oneOf(
  settings: PipelineSettings,
  table: string,
  descriptions: ReadonlyMap<string, Description>,
): PipelineSettings {
  const sides = settings.sides.map((side) => {
    const { system, collection } = side.at;
    const isQualified = descriptions.get(system)?.isQualified === true;
    const name = isQualified ? spelledPart(table) : table;
    return { ...side, at: { system, collection: (prefixOf(collection) ?? "") + name } };
  });
  return { ...settings, name: `${settings.name}.${table}`, sides };
}

/** Names at most so many of what was left out; the rest is counted. */
const LEFT_OUT_NAMED_MAX = 10;

/** Says which collections the `*` of a pipeline does not mean, where there are any. */
export function leftOut(pipeline: string, names: readonly string[], why: string): readonly Note[] {
  if (names.length === 0) return [];
  const text =
    `${pipeline} leaves out ${listed(names)}: ${why}; ` +
    "a pipeline of its own can have it as a one-way source under a `key:`";
  return [{ code: "COLLECTION_LEFT_OUT", pipeline: null, text }];
}

function listed(names: readonly string[]): string {
  const more = names.length - LEFT_OUT_NAMED_MAX;
  const rest = more > 0 ? ` and ${more} more` : "";
  return `${names.toSorted().slice(0, LEFT_OUT_NAMED_MAX).join(", ")}${rest}`;
}

/** True for a pipeline that stands for one of every collection. */
export function isMany(settings: Pick<PipelineSettings, "sides">): boolean {
  return settings.sides.some((side) => prefixOf(side.at.collection) !== undefined);
}

/** What stands before the `*`: nothing, or a schema with its dot. undefined: there is no `*`. */
function prefixOf(collection: string): string | undefined {
  const isStar = collection === ALL_COLLECTIONS || collection.endsWith(`.${ALL_COLLECTIONS}`);
  return isStar ? collection.slice(0, -ALL_COLLECTIONS.length) : undefined;
}
