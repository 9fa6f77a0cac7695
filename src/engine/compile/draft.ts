// A pipeline with its collections found: what each side is, and which line of the mapping carries
// which field there. Nothing is made ready to run yet.
import { SyncError } from "../../core/errors.ts";
import { isConverted, sameNames, type MappingSpec } from "../../core/mapping.ts";
import { didYouMean } from "../../core/nearest.ts";
import { parsePath } from "../../core/path.ts";
import type { CollectionDescription, Description, NewCollection, Replica } from "../replica.ts";
import type { SideSettings } from "../settings.ts";
import type { Expanded } from "./expand.ts";
import { ddlHint, describeNew } from "./missing.ts";
import { fieldsByName } from "./fields.ts";
import { defaultNames, ownNames } from "./own-columns.ts";
import { meeting, namedIn, nothingShown, type ColumnAt } from "./open-columns.ts";
import { withTypes } from "./open-types.ts";
import { elsewhere, isPair, whereIsSide } from "./where.ts";

/** One side of a pipeline to be. */
export interface DraftSide {
  readonly settings: SideSettings;
  readonly replica: Replica;
  readonly description: CollectionDescription;
  /** The collection is not there yet, and is made when something is written. */
  readonly missing?: NewCollection;
  /** `target`: its columns have the names of the link's fields. */
  readonly role: "source" | "target";
  readonly lines: readonly MappingSpec[];
  readonly leads: boolean;
  readonly isWritten: boolean;
}

/** A pipeline to be. */
export interface Draft extends Expanded {
  readonly sides: readonly DraftSide[];
  /** Names of the link's fields. */
  readonly fields: readonly string[];
  /** Names of the fields that name an entry, in key order. */
  readonly key: readonly string[];
}

/** What the replicas say, by system. */
export interface Systems {
  readonly replicas: ReadonlyMap<string, Replica>;
  readonly descriptions: ReadonlyMap<string, Description>;
}

/** Finds everything that a pipeline names. undefined: something is missing, and is a problem. */
export function draftOf(
  expanded: Expanded,
  systems: Systems,
  problems: SyncError[],
): Draft | undefined {
  const before = problems.length;
  const context: Context = { ...expanded, ...systems, problems };
  const draft = isPair(expanded.settings) ? draftPair(context) : draftSides(context);
  return problems.length === before && draft !== undefined ? withTypes(draft) : undefined;
}

interface Context extends Expanded, Systems {
  readonly problems: SyncError[];
}

/** Source and target share a mapping; the link's fields have the target's names. */
function draftPair(context: Context): Draft | undefined {
  const { settings, origin, problems } = context;
  const [source, target] = settings.sides;
  if (source === undefined || target === undefined) return undefined;
  const there = found(context, source);
  if (there === undefined) return missingCollection(context, source);
  const { from, to } = pairMeeting(settings, there, found(context, target));
  if (to === undefined && from.description.openColumns === "unshown") {
    const { system, collection } = source.at;
    problems.push(nothingShown(system, collection, whereIsSide(origin, settings, source)));
    return undefined;
  }
  const { key: wanted } = settings;
  const isTwoWay = settings.direction === "two-way";
  const all = defaultNames(from.description, to?.description, isTwoWay ? "written" : "read");
  const mapping = settings.mapping ?? sameNames(all);
  const names = wanted ?? targetKey(to?.description) ?? keyByLines(mapping, from.description.key);
  if (names.length === 0) problems.push(noKey(context, to === undefined ? source : target));
  const lines = withKeyLines(mapping, names, from.description);
  const toOrNew = to ?? newCollection(context, { lines, names, from: from.description });
  if (toOrNew === undefined || names.length === 0) return undefined;
  const roles = [
    { ...from, settings: source, role: "source", lines, leads: true, isWritten: isTwoWay },
    { ...toOrNew, settings: target, role: "target", lines, leads: isTwoWay, isWritten: true },
  ] as const;
  const fields = lines.map((line) => line.target);
  return { settings, origin, sides: roles, fields, key: names };
}

/** Both sides, each with the columns that it takes from the other where it has shown none. */
function pairMeeting(
  { mapping, key = [] }: Expanded["settings"],
  from: Found,
  to: Found | undefined,
): { readonly from: Found; readonly to: Found | undefined } {
  const names = (at: ColumnAt, other: Found | undefined): readonly string[] => [
    ...key,
    ...(mapping === undefined
      ? (other?.description.fields.map((field) => field.name) ?? [])
      : namedIn(mapping, at)),
  ];
  const target = to && { ...to, description: meeting(to.description, names("target", from)) };
  return {
    from: { ...from, description: meeting(from.description, names("source", to)) },
    to: target,
  };
}

/** With `sides`, the first one names the link's fields, and each may have a mapping of its own. */
function draftSides(context: Context): Draft | undefined {
  const { settings, origin, problems } = context;
  const [first] = settings.sides;
  const there = sidesMeeting(
    settings,
    settings.sides.map((side) => found(context, side) ?? missingCollection(context, side)),
  );
  const naming = there[0];
  if (first === undefined || naming === undefined) return undefined;
  const others = there.slice(1).map((it) => it?.description);
  const isTwoWay = settings.direction === "two-way";
  const all = ownNames(naming.description, others, isTwoWay ? "written" : "read");
  const own = first.mapping ?? sameNames(all);
  const names = settings.key ?? keyByLines(own, naming.description.key);
  if (names.length === 0) problems.push(noKey(context, first));
  const sides: DraftSide[] = [];
  for (const [i, side] of settings.sides.entries()) {
    const it = there[i];
    if (it === undefined) return undefined;
    const byDefault = i === 0 ? own : sameNames(own.map((line) => line.target));
    const lines = withKeyLines(side.mapping ?? byDefault, names, it.description);
    const leads = i === 0 || (isTwoWay && side.follows !== true);
    const isWritten = i > 0 || isTwoWay;
    sides.push({ ...it, settings: side, role: "source", lines, leads, isWritten });
  }
  const fields = sides[0]?.lines.map((line) => line.target) ?? [];
  return { settings, origin, sides, fields, key: names };
}

/** All sides, each with the columns that it takes from the others where it has shown none. */
function sidesMeeting(
  { sides, key = [] }: Expanded["settings"],
  there: readonly (Found | undefined)[],
): readonly (Found | undefined)[] {
  const isShown = (it: Found | undefined): boolean => it?.description.openColumns !== "unshown";
  const fields = there.find((it) => it !== undefined && isShown(it))?.description.fields ?? [];
  const own = sides[0]?.mapping?.map((line) => line.target);
  const names = own ?? fields.map((field) => field.name);
  return there.map((it, at) => {
    const { mapping } = sides[at] ?? {};
    const named = mapping === undefined ? names : namedIn(mapping, "source");
    return it && { ...it, description: meeting(it.description, [...key, ...named]) };
  });
}

interface Found {
  readonly replica: Replica;
  readonly description: CollectionDescription;
  readonly missing?: NewCollection;
}

function found(context: Context, side: SideSettings): Found | undefined {
  const replica = context.replicas.get(side.at.system);
  const description = context.descriptions.get(side.at.system)?.collections.get(side.at.collection);
  if (replica === undefined || description === undefined) return undefined;
  const { broken, unwritable } = description;
  if (broken !== undefined) {
    const { origin, settings, problems } = context;
    const isWritten = side !== settings.sides[0] || settings.direction === "two-way";
    // What it takes to write a side is what it takes to read it and more: it is told once.
    const why = isWritten ? (unwritable ?? broken) : broken;
    problems.push(elsewhere(why, whereIsSide(origin, settings, side)));
  }
  return { replica, description };
}

/** Adds the problem that a collection is not there. */
function missingCollection(context: Context, side: SideSettings, hint?: string): undefined {
  const { system, collection } = side.at;
  const where = whereIsSide(context.origin, context.settings, side);
  const known = context.descriptions.get(system)?.collections.keys() ?? [];
  context.problems.push(
    new SyncError("COLLECTION_MISSING", `There is no collection '${collection}' in ${system}`, {
      where,
      hint: hint ?? didYouMean(collection, known),
    }),
  );
  return undefined;
}

/** The target as it would be made from what is mapped to it; refused without `createMissing`. */
function newCollection(
  context: Context,
  of: {
    readonly lines: readonly MappingSpec[];
    readonly names: readonly string[];
    readonly from: CollectionDescription;
  },
): Found | undefined {
  const { settings, replicas, descriptions } = context;
  const target = settings.sides[1];
  const replica = replicas.get(target?.at.system ?? "");
  const description = descriptions.get(target?.at.system ?? "");
  if (target === undefined || replica === undefined || description === undefined) return undefined;
  const columns = fieldsByName(of.from);
  const { dialect } = description;
  const source = descriptions.get(settings.sides[0]?.at.system ?? "");
  const isAlike = dialect !== undefined && source?.dialect === dialect;
  const fields: NewCollection["fields"] = of.lines.flatMap((line) => {
    const column = columns.get(line.source);
    // What a transform makes, or what stands inside a document, has no column to be modelled on.
    const isTemplate = of.names.includes(line.target) && line.transform !== undefined;
    const type =
      column === undefined || isConverted(line)
        ? { kind: isTemplate ? ("text" as const) : ("any" as const) }
        : column.type;
    const isNested = parsePath(line.target).steps.length > 0;
    if (isNested) return [];
    const field = { name: line.target, type, nullable: column?.nullable ?? true };
    const isSame = isAlike && type === column?.type;
    return [{ ...field, ...(isSame ? { declared: column.declared } : {}) }];
  });
  const collection: NewCollection = { name: target.at.collection, fields, key: of.names };
  const canCreate = replica.create !== undefined;
  const isAsked = settings.createMissing === true || description.creates?.unasked === true;
  if (isAsked && canCreate) {
    const refusal = description.creates?.refuses?.(collection.name);
    const where = whereIsSide(context.origin, settings, target);
    if (refusal !== undefined) context.problems.push(elsewhere(refusal, where));
    return { replica, description: describeNew(collection, description), missing: collection };
  }
  return missingCollection(context, target, canCreate ? ddlHint(replica, collection) : undefined);
}

/** The target's own key; undefined: there is no target yet, or it takes any key. */
function targetKey(to: CollectionDescription | undefined): readonly string[] | undefined {
  return to === undefined || (to.openKey === true && to.key.length === 0) ? undefined : to.key;
}

/** What the primary key is called in the link; empty where a part of it is not mapped as it is. */
function keyByLines(lines: readonly MappingSpec[], key: readonly string[]): readonly string[] {
  return key.map((column) => {
    const plain = lines.find((line) => line.source === column && line.constant === undefined);
    return plain?.target ?? column;
  });
}

/** A key that nobody mapped has the same name on every side: without it no row could be made. */
function withKeyLines(
  lines: readonly MappingSpec[],
  key: readonly string[],
  of: CollectionDescription,
): readonly MappingSpec[] {
  const missing = key.filter((name) => !lines.some((line) => line.target === name));
  return [...sameNames(missing.filter((name) => fieldsByName(of).has(name))), ...lines];
}

function noKey(context: Context, side: SideSettings): SyncError {
  const { system, collection } = side.at;
  const message = `${system}.${collection} has no primary key, so nothing names its entries`;
  const where = whereIsSide(context.origin, context.settings, side);
  const hint = "Name the fields that do: `key: id`, or `key: [a, b]`.";
  return new SyncError("KEY_NOT_UNIQUE", message, { where, hint });
}
