// The key of a target that is made of the source's by a text template (`req-${value}`): whether it
// may be, and what its rows are called then.
import { SyncError } from "../../core/errors.ts";
import {
  nameableType,
  makeKeyNames,
  templateText,
  type KeyTemplate,
} from "../../core/key-template.ts";
import type { LogicalType } from "../../core/logical.ts";
import { textsAround, type MappingSpec } from "../../core/mapping.ts";
import { typeName } from "../../core/values.ts";
import type { Env } from "../link.ts";
import type { CollectionDescription, Replica } from "../replica.ts";
import { templated } from "../templated.ts";
import type { Draft, DraftSide } from "./draft.ts";
import { fieldsByName } from "./fields.ts";
import { whereIs, whereIsLine } from "./where.ts";

/** Templates of a side's key. */
type Templates = readonly (KeyTemplate | null)[];

/**
 * How the target's key is made of the source's, by key field; undefined: it is the same. Adds what
 * no template can stand around, or in.
 */
export function keyTemplates(draft: Draft, problems: SyncError[]): Templates | undefined {
  const [source, target] = draft.sides;
  if (source === undefined || target?.role !== "target") return undefined;
  const templates = draft.key.map((field): KeyTemplate | null => {
    const line = source.lines.find((each) => each.target === field);
    const around = line?.transform === undefined ? undefined : textsAround(line.transform);
    if (line === undefined || around === undefined) return null;
    const type = columnType(source, line.source);
    checkTypes(draft, { line, type, text: templateText(around) }, problems);
    return { ...around, type: nameableType(type) ?? { kind: "text" } };
  });
  return templates.some((each) => each !== null) ? templates : undefined;
}

/** The types of the values in keys, where the target calls its rows otherwise. */
export function keyTypes(templates: Templates, types: readonly LogicalType[]): LogicalType[] {
  return templates.map((template, at) => template?.type ?? types[at] ?? { kind: "any" });
}

/**
 * What an entry's side says of itself where its keys are made: its own log, which tells of rows by
 * their own names, is not heard.
 */
export function describedBy(
  description: CollectionDescription,
  templates: Templates | undefined,
): CollectionDescription {
  if (templates === undefined) return description;
  const { capabilities, foldKey, ...rest } = description;
  const { since: _, sinceColumns: __, ...others } = capabilities;
  const { ownOf } = makeKeyNames(templates);
  return {
    ...rest,
    capabilities: { ...others, log: false },
    ...(foldKey && { foldKey: (key) => foldKey(ownOf(key) ?? key) }),
  };
}

/** Nothing can bring rows into the order of entries. */
export function unsorted({ origin }: Draft): SyncError {
  const message = "The target's key is made by a template, and nothing here sorts its rows anew";
  const hint = "Give `env` a `sorter`, or leave the key as it is.";
  return new SyncError("CONFIG_INVALID", message, { where: whereIs(origin, "key"), hint });
}

interface Line {
  readonly line: MappingSpec;
  readonly type: LogicalType;
  readonly text: string;
}

function checkTypes(draft: Draft, { line, type, text }: Line, problems: SyncError[]): void {
  const [source, target] = draft.sides;
  if (source === undefined || target === undefined) return;
  const refuse = (message: string, hint: string): void => {
    const where = `${whereIsLine(draft.origin, draft.settings, source.settings, line)}.transform`;
    problems.push(new SyncError("TYPES_DIFFER", message, { where, hint }));
  };
  if (nameableType(type) === undefined) {
    const is = type.kind === "any" ? "of no declared type" : typeName(type);
    const message = `The key field '${line.target}' is made of '${line.source}', which is ${is}`;
    const hint =
      `Only whole numbers, texts and uuids have one text each, to be put into '${text}': ` +
      "declare the column so, or name other fields under `key`.";
    refuse(message, hint);
  }
  const held = columnType(target, line.target);
  if (held.kind === "text" || held.kind === "any") return;
  const at = `${target.settings.at.system}.${target.settings.at.collection}`;
  const message = `'${line.target}' of ${at} is ${typeName(held)}, and '${text}' makes texts`;
  refuse(message, "Make the column text, or leave the key as it is.");
}

function columnType(side: DraftSide, name: string): LogicalType {
  return fieldsByName(side.description).get(name)?.type ?? { kind: "any" };
}

/** The replicas of a link, those with templates among them so that they take them. */
export function withTemplates(
  replicas: ReadonlyMap<string, Replica>,
  drafts: readonly Draft[],
  { sorter }: Env,
): ReadonlyMap<string, Replica> {
  const named = drafts.filter((draft) => keyTemplates(draft, []) !== undefined);
  const systems = new Set(named.map(({ sides }) => sides[1]?.settings.at.system));
  return new Map(
    [...replicas].map(([name, replica]) => {
      const isNamed = sorter !== undefined && systems.has(name);
      return [name, isNamed ? templated(replica, sorter) : replica];
    }),
  );
}
