// From a pipeline whose collections were found to one that can run.
import { SyncError } from "../../core/errors.ts";
import { DAY_MS } from "../../core/calendar.ts";
import { compileFilter, expressionsIn, filterFailure, type Matches } from "../../core/filter.ts";
import type { Hash } from "../../core/hash.ts";
import type { Lens } from "../../core/lens.ts";
import { typeName } from "../../core/values.ts";
import type { LogicalType } from "../../core/logical.ts";
import { didYouMean } from "../../core/nearest.ts";
import type { OwnRow, Row, SideIndex } from "../../core/state.ts";
import { BACKOFF_DEFAULT } from "../backoff.ts";
import { whyIllegible } from "../illegible.ts";
import type { Guard, Pipeline, Side } from "../link.ts";
import type { Replica, Shape, SinceColumn } from "../replica.ts";
import { keyColumn } from "./check-draft.ts";
import { brokenIn, checksOf, type Checks } from "./checks.ts";
import { digestOf, readsOf, writtenOf } from "./digest.ts";
import type { Draft, DraftSide } from "./draft.ts";
import { describedBy, keyTemplates, keyTypes, unsorted } from "./key-templates.ts";
import { fieldTypes, lensOf, partsOf } from "./lenses.ts";
import { shapeTypes } from "./open-types.ts";
import { policyOf } from "./policy.ts";
import { settlingOf, type Settling } from "./settle.ts";
import { sinceColumns } from "./since.ts";
import { makeStampOf, timeColumns } from "./times.ts";
import { hasUnseen } from "./unseen.ts";
import { attempt, whereIs } from "./where.ts";

/** When deletions are withheld, unless a pipeline says otherwise. */
const GUARD_DEFAULTS: Guard = { share: 0.1, floor: 25, cap: 100_000, onTrip: "withhold" };

/** After how long everything is compared again, unless a pipeline says otherwise. */
const FULL_MS = DAY_MS;

/** What every pipeline of a link shares. */
export interface Surroundings {
  /** Also those that make collections when something is written. */
  readonly replicas: ReadonlyMap<string, Replica>;
  readonly hash: Hash;
  /** Whether anything here sorts rows anew. */
  readonly sorts: boolean;
}

/** Makes a pipeline ready. Adds everything that is wrong with it; undefined: something is. */
export function pipelineOf(
  draft: Draft,
  around: Surroundings,
  problems: SyncError[],
): Pipeline | undefined {
  const before = problems.length;
  const { settings, origin } = draft;
  const types = fieldTypes(draft, problems);
  const settling = settlingOf(origin, settings, problems);
  checkNames(draft, settling, problems);
  checkUnions(draft, { settling, types }, problems);
  const times = timeColumns(draft, settling.by, problems);
  const ready = readyLenses(draft, types, times, problems);
  const isInside = insideOf(draft, ready[0], problems);
  const lenses = ready.filter((lens) => lens !== undefined);
  const checks = checksOf(draft, types, problems);
  const memory = memoryOf(draft, lenses, problems);
  const since = sinceColumns(draft, problems);
  const templates = keyTemplates(draft, problems);
  if (templates !== undefined && !around.sorts) problems.push(unsorted(draft));
  if (problems.length > before) return undefined;
  const sides = draft.sides.map((side, i) =>
    sideOf(draft, side, {
      lens: lenses[i] as Lens, // without problems there is one for each side
      replica: around.replicas.get(side.settings.at.system) ?? side.replica,
      time: times[i],
      reads: readsOf(draft, side, types, around.hash),
      isInside: i === 0 ? isInside : undefined,
      checks: side.leads && judgesRows(checks, memory) ? checks : undefined,
      whyUnjudged: i === 0 ? failureOf(draft, lenses[0]) : undefined,
      memory,
      since: since?.[i],
      templates: side.role === "target" ? templates : undefined,
    }),
  );
  const key = draft.key.map((field) => draft.fields.indexOf(field));
  return {
    name: settings.name,
    fields: draft.fields,
    types,
    key,
    ...(templates && { keyTypes: keyTypes(templates, ofFields(types, key)) }),
    sides,
    policy: policyOf(draft, { settling, checks, memory, lenses, types }),
    rules: checks.rules,
    broken: checks.broken,
    ...uniqueOf(checks, lenses, isInside),
    memory,
    guard: { ...GUARD_DEFAULTS, ...settings.guard },
    words: wordsOf(settings),
    retry: { ...BACKOFF_DEFAULT, ...settings.retry },
    ...(settings.batchRows && { batchRows: settings.batchRows }),
    ...(settings.rowsPerSecond && { rowsPerSecond: settings.rowsPerSecond }),
    extra: settings.extra ?? "keep",
    ...(since && { since: { fullMs: settings.since?.fullMs ?? FULL_MS } }),
    whenFilteredOut:
      settings.whenFilteredOut ?? (settings.direction === "two-way" ? "keep" : "delete"),
    digest: digestOf(draft, types, around.hash),
    written: writtenOf(draft, around.hash),
  };
}

const ofFields = (types: readonly LogicalType[], fields: Pipeline["key"]): readonly LogicalType[] =>
  fields.map((field) => types[field] ?? { kind: "any" });

/** Only lists are united: of anything else two values would stay a question for ever. */
function checkUnions(
  { fields, origin }: Draft,
  of: { readonly settling: Settling; readonly types: readonly LogicalType[] },
  problems: SyncError[],
): void {
  for (const [field, { rule }] of of.settling.fields) {
    const type = of.types[fields.indexOf(field)];
    if (rule.kind !== "union" || type === undefined || UNITED.has(type.kind)) continue;
    const where = whereIs(origin, "conflicts", "fields", field);
    const message = `'union' merges lists, and '${field}' is ${typeName(type)}`;
    const hint = "Declare the column a list or a document (`json`), or choose another strategy.";
    problems.push(new SyncError("CONFIG_INVALID", message, { where, hint }));
  }
}

const UNITED: ReadonlySet<LogicalType["kind"]> = new Set(["list", "json", "any"]);

function wordsOf({ conflicts }: Draft["settings"]): Pipeline["words"] {
  const { by } = conflicts ?? {};
  // Without a prototype: a field may have any name.
  const keys = Object.assign(Object.create(null) as { [field: string]: string }, conflicts?.keys);
  return { keys, ...(by === undefined ? {} : { by }) };
}

/** Names of fields in strategies have to be names of fields. */
function checkNames(draft: Draft, settling: Settling, problems: SyncError[]): void {
  const { conflicts } = draft.settings;
  for (const setting of ["fields", "keys"] as const) {
    for (const field of Object.keys(conflicts?.[setting] ?? {})) {
      if (draft.fields.includes(field)) continue;
      const where = whereIs(draft.origin, "conflicts", setting, field);
      const message = `A strategy is for '${field}', which is no field`;
      const hint = didYouMean(field, draft.fields);
      problems.push(new SyncError("COLUMN_MISSING", message, { where, hint }));
    }
  }
}

function readyLenses(
  draft: Draft,
  types: readonly LogicalType[],
  times: readonly (string | undefined)[],
  problems: SyncError[],
): readonly (Lens | undefined)[] {
  const { filters } = draft.settings;
  return draft.sides.map((side, i) => {
    const time = times[i];
    const columns = time === undefined ? [] : [time];
    const also = i > 0 || filters === undefined ? { columns } : { columns, filter: filters };
    return lensOf(draft, side, { types, also, problems });
  });
}

/** Whether a row of the first side is in the pipeline; undefined: all of them are. */
function insideOf(
  draft: Draft,
  lens: Lens | undefined,
  problems: SyncError[],
): Matches | undefined {
  const { filters } = draft.settings;
  const [side] = draft.sides;
  if (filters === undefined || side === undefined) return undefined;
  const types = new Map(side.description.fields.map((field) => [field.name, field.type]));
  // Without a lens nothing will run; what is wrong with the filter is told all the same.
  const columns = lens?.columns ?? [...types.keys()];
  const before = problems.length;
  for (const [i, part] of partsOf(filters).entries()) {
    // Of the others, what is missing has been told with the lens.
    if (lens === undefined && expressionsIn(part).length === 0) continue;
    const where = whereIs(draft.origin, "filters", i);
    attempt(problems, where, () => compileFilter(part, columns, types));
  }
  // Each part has said so already, at its own place.
  if (problems.length > before || lens === undefined) return undefined;
  const where = whereIs(draft.origin, "filters");
  return attempt(problems, where, () => compileFilter(filters, columns, types));
}

/** Why the filter of the first side has no answer for a row; undefined: it has for every row. */
function failureOf(draft: Draft, lens: Lens | undefined): ReturnType<typeof filterFailure> {
  const { filters } = draft.settings;
  const [side] = draft.sides;
  if (filters === undefined || side === undefined || lens === undefined) return undefined;
  const types = new Map(side.description.fields.map((field) => [field.name, field.type]));
  return filterFailure(filters, lens.columns, types);
}

/** The same lens, through which a row cannot be read that the filter has no answer for. */
function filtering(lens: Lens, why: SideParts["whyUnjudged"]): Lens {
  if (why === undefined) return lens;
  return {
    ...lens,
    isIdentity: false,
    over(own: OwnRow) {
      const error = why(own);
      return error === undefined ? lens.over(own) : { kind: "unreadable", errors: [error] };
    },
  };
}

/** Digests are compared whole: every side has to carry every field. */
function memoryOf(draft: Draft, lenses: readonly Lens[], problems: SyncError[]): "full" | "digest" {
  const { settings } = draft;
  const isFull = settings.memory === "full" || hasUnseen(draft);
  if (settings.direction === "two-way" || isFull) return "full";
  const isWhole = lenses.every((lens) => lens.carries.length === draft.fields.length);
  if (isWhole) return "digest";
  if (settings.memory === "digest") {
    const message = "A side does not carry all fields, so that digests cannot be compared";
    const where = whereIs(draft.origin, "memory");
    problems.push(new SyncError("CONFIG_INVALID", message, { where, hint: "Say `memory: full`." }));
  }
  return "full";
}

/** What has to be unique, judged on rows as they are before anything else is wrong with them. */
function uniqueOf(
  checks: Checks,
  lenses: readonly Lens[],
  isInside: Matches | undefined,
): Pick<Pipeline, "unique"> {
  if (checks.unique.length === 0) return {};
  const rowOf = (side: SideIndex, own: OwnRow): Row | undefined => {
    if (whyIllegible(own) !== undefined || (side === 0 && isInside?.(own) === false)) return;
    const row = lenses[side]?.over(own);
    return row === undefined || "kind" in row ? undefined : row;
  };
  return { unique: { rules: checks.unique, rowOf, also: (row) => brokenIn(checks, row) } };
}

/** What makes one side of a pipeline. */
interface SideParts {
  readonly lens: Lens;
  readonly replica: Replica;
  readonly reads: readonly string[];
  readonly time: string | undefined;
  readonly isInside: Matches | undefined;
  /** Where they judge whole rows. */
  readonly checks: Checks | undefined;
  readonly memory: "full" | "digest";
  readonly since: SinceColumn | undefined;
  readonly templates: Shape["templates"];
  /** Why the filter has no answer for a row; absent: it always has one. */
  readonly whyUnjudged: ((own: OwnRow) => string | undefined) | undefined;
}

function sideOf(draft: Draft, side: DraftSide, parts: SideParts): Side {
  const { lens, replica, reads, time, isInside, checks, memory, since, templates } = parts;
  const { columns } = lens;
  const description = describedBy(side.description, templates);
  const types = shapeTypes(side.description, columns);
  return {
    name: side.settings.name,
    replica,
    description:
      since === undefined
        ? description
        : { ...description, capabilities: { ...description.capabilities, since: true } },
    shape: {
      collection: side.description.name,
      key: draft.key.map((field) => keyColumn(side, field)),
      columns,
      ...(types === undefined ? {} : { types }),
      ...(since === undefined ? {} : { since }),
      ...(templates && { templates }),
    },
    lens: filtering(
      checks === undefined ? lens : judging(lens, checks, memory, parts),
      parts.whyUnjudged,
    ),
    ...(checks === undefined ? {} : { bare: filtering(lens, parts.whyUnjudged) }),
    reads,
    follows: !side.leads,
    writable: side.isWritten,
    ...(isInside === undefined ? {} : { isInside }),
    ...(time === undefined ? {} : { stampOf: makeStampOf(columns.indexOf(time)) }),
  };
}

/**
 * True where a row is judged as a whole: digests do not let a single value be held back, and what
 * is over several fields is no single value's fault.
 */
function judgesRows(checks: Checks, memory: "full" | "digest"): boolean {
  return checks.across !== undefined || (memory === "digest" && checks.fields.length > 0);
}

/**
 * The same lens, through which a row that breaks a rule cannot be read: the whole row stays behind
 * with every reason. Where values are remembered, what only a single value breaks is left to it.
 */
function judging(lens: Lens, checks: Checks, memory: "full" | "digest", side: Inside): Lens {
  const isEach = memory === "digest";
  function isFine(row: Row): boolean {
    if (isEach) {
      for (const field of checks.fields) {
        const value = row[field];
        if (value !== undefined && checks.rejects(field, value)) return false;
      }
    }
    return checks.across === undefined || checks.across(row).length === 0;
  }
  return {
    ...lens,
    isIdentity: false,
    over(own: OwnRow) {
      const row = lens.over(own);
      // What is outside the filter is nobody's business here.
      if ("kind" in row || isFine(row) || side.isInside?.(own) === false) return row;
      return { kind: "unreadable", errors: brokenIn(checks, row), broken: row };
    },
  };
}

interface Inside {
  readonly isInside: Matches | undefined;
}
