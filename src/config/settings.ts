// From what was written to what the engine takes: short forms are written out, names taken apart.
import type { SyncError } from "../core/errors.ts";
import { parseFilter } from "../core/filter-parser.ts";
import type { FilterSpec } from "../core/filter.ts";
import type { Languages } from "../core/expression.ts";
import type { LookupSpec } from "../core/lookup.ts";
import type { MappingSpec, TransformSpec } from "../core/mapping.ts";
import { didYouMean } from "../core/nearest.ts";
import { parseRules } from "../core/rules-parser.ts";
import type { JudgeFunction, RuleSpec } from "../core/rules.ts";
import { attempt, pathTo, whereIs } from "../engine/compile/where.ts";
import type {
  CollectionName,
  ConflictSettings,
  PipelineSettings,
  SideSettings,
} from "../engine/settings.ts";
import { invalidAt } from "./broken.ts";
import type { SystemSettings } from "./config.ts";
import type {
  ConditionInput,
  ConflictsInput,
  MappingInput,
  PipelineInput,
  RuleInput,
  TransformInput,
} from "./input.ts";
import { collectionOf, parseCollectionName } from "./names.ts";
import { checkOf, transformOf, type Registry } from "./registry.ts";
import { retrySettings } from "./retry.ts";
import { sinceOn, sinceSettings } from "./since.ts";

/** What a pipeline's settings are made against. */
export interface Surroundings {
  /** By name; null: known by name, and broken. */
  readonly systems: ReadonlyMap<string, SystemSettings | null>;
  readonly problems: SyncError[];
  readonly registered: Registry;
}

/**
 * The settings of one pipeline. Adds all that is wrong, and makes what can still be looked at;
 * undefined: there is nothing to look at.
 */
export function pipelineSettings(
  name: string,
  input: PipelineInput,
  around: Surroundings,
): PipelineSettings | undefined {
  const sides = sidesOf(name, input, around);
  const mapping = input.mapping && mappingOf(input.mapping, whereIs(name, "mapping"), around);
  const filters = filtersOf(name, input, around);
  const validation = rulesOf(name, input.validation, around);
  if (sides.length < 2) return undefined;
  const { direction, whenFilteredOut, initial, drift, extra, memory, createMissing } = input;
  const key = typeof input.key === "string" ? [input.key] : input.key;
  const guard = input.guard && { ...input.guard.deletes, ...only("onTrip", input.guard.onTrip) };
  return {
    name,
    sides,
    ...only("direction", direction),
    ...only("key", key),
    ...only("mapping", mapping),
    ...only("filters", filters),
    ...only("whenFilteredOut", whenFilteredOut),
    ...only("validation", validation),
    ...only("conflicts", conflictsOf(input.conflicts)),
    ...only("initial", initial),
    ...only("drift", drift),
    ...only("extra", extra),
    ...only("guard", guard),
    ...only("memory", memory),
    ...only("createMissing", createMissing),
    ...only("since", sinceSettings(input.since)),
    ...only("retry", retrySettings(input.retry)),
    ...only("batchRows", input.batchSize),
    ...only("rowsPerSecond", input.throttlePerSecond),
  };
}

/** A property, or nothing where there is no value: absent means "not said". */
function only<K extends string, V>(name: K, value: V | undefined): { readonly [name in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [name in K]: V });
}

function sidesOf(
  name: string,
  input: PipelineInput,
  around: Surroundings,
): readonly SideSettings[] {
  const { source, target, sides } = input;
  const { problems } = around;
  if (sides === undefined) {
    const ends = { source, target };
    return Object.entries(ends).flatMap(([end, at]) => {
      if (at !== undefined) return sideAt(end, at, whereIs(name, end), around) ?? [];
      const hint = `Add '${end}': a collection, as system.table.`;
      problems.push(invalidAt(whereIs(name), `pipelines.${name} has no ${end}`, hint));
      return [];
    });
  }
  for (const [end, at] of Object.entries({ source, target })) {
    if (at === undefined) continue;
    const message = `pipelines.${name} has a ${end} and sides`;
    problems.push(invalidAt(whereIs(name, end), message, "Keep source and target, or the sides."));
  }
  return Object.entries(sides).flatMap(([side, of]) => {
    const where = whereIs(name, "sides", side);
    if (typeof of === "string") return sideAt(side, of, where, around) ?? [];
    const settings = sideAt(side, of.at, `${where}.at`, around);
    const mapping = of.mapping && mappingOf(of.mapping, `${where}.mapping`, around);
    if (settings === undefined) return [];
    const since = of.since === undefined ? undefined : sinceOn(of.since);
    const more = { ...only("follows", of.follows), ...only("since", since) };
    return [{ ...settings, ...only("mapping", mapping), ...more }];
  });
}

function sideAt(
  name: string,
  at: string,
  where: string,
  around: Surroundings,
): SideSettings | undefined {
  const collection = collectionNamed(at, where, around);
  return collection === undefined ? undefined : { name, at: collection };
}

function collectionNamed(
  text: string,
  where: string,
  { systems, problems }: Surroundings,
): CollectionName | undefined {
  const parsed = parseCollectionName(text);
  if (parsed.kind === "refused") return undefined; // the shape has said so already
  const { name } = parsed;
  const system = systems.get(name.system);
  if (system === undefined) {
    const hint = didYouMean(name.system, systems.keys());
    problems.push(invalidAt(where, `There is no system '${name.system}'`, hint));
  }
  const [schema, ...rest] = name.inside;
  const what = system && WITHOUT_SCHEMAS[system.type];
  if (system?.type === "postgres" && rest.length === 0) {
    return collectionOf({ ...name, inside: [system.schema, ...name.inside] });
  }
  if (what === undefined || rest.length === 0) return collectionOf(name);
  // A SQLite file is one schema, and calls it main.
  if (system?.type === "sqlite" && schema === "main")
    return collectionOf({ ...name, inside: rest });
  const hint = `Write ${name.system}.${rest.join(".")}; a name with a dot stands in double quotes.`;
  problems.push(invalidAt(where, `${what} has no schema '${schema}'`, hint));
  return collectionOf(name);
}

const WITHOUT_SCHEMAS: { readonly [type in SystemSettings["type"]]?: string } = {
  sqlite: "A SQLite file",
  rows: "A folder of files",
  http: "An API",
};

function mappingOf(
  lines: readonly MappingInput[],
  where: string,
  { problems, registered }: Surroundings,
): readonly MappingSpec[] {
  return lines.map((line, i) => {
    const { source, defaultValue, lookup, transform: _, validate: __, ...rest } = line;
    const at = `${where}[${i}]`;
    if (source === undefined && line.constant === undefined) {
      const hint = "Add 'source': a column; or a 'constant'.";
      problems.push(invalidAt(at, `The line for '${line.target}' has no source`, hint));
    }
    if (line.default !== undefined && defaultValue !== undefined) {
      problems.push(
        invalidAt(at, "'default' and 'defaultValue' are the same", "Keep one of them."),
      );
    }
    const validate = attempt(problems, `${at}.validate`, () =>
      line.validate === undefined
        ? undefined
        : checkOf(line.validate as JudgeFunction | string, `${at}.validate`, registered),
    );
    const spec = {
      ...rest,
      source: source ?? "",
      ...only("transform", transformIn(line, at, { problems, registered })),
      ...only("validate", validate),
      ...only("default", line.default ?? defaultValue),
    };
    // Plain JSON values, which core looks at once more when it compiles them.
    return { ...spec, ...only("lookup", lookup as LookupSpec | undefined) };
  });
}

function transformIn(
  { transform }: MappingInput,
  where: string,
  { problems, registered }: Pick<Surroundings, "problems" | "registered">,
): TransformSpec | undefined {
  if (transform === undefined) return undefined;
  const one = (given: TransformInput, at: string): TransformSpec | undefined => {
    const before = problems.length;
    checkTransform(given, at, problems);
    if (problems.length > before) return undefined;
    return attempt(problems, at, () => transformOf(given, at, registered));
  };
  const at = `${where}.transform`;
  if (!isList<TransformInput>(transform)) return one(transform, at);
  return transform.flatMap((each, i) => one(each, pathTo(at, i)) ?? []);
}

function checkTransform(transform: TransformInput, where: string, problems: SyncError[]): void {
  if (typeof transform !== "object") return;
  const isNamed = "name" in transform;
  const isFunction = "over" in transform;
  const hint = "Write { name: …, args: { … } }, or functions { over, back } in TypeScript.";
  const mixed = isNamed ? ["over", "back", "reads"] : ["args"];
  if (isNamed !== isFunction && !mixed.some((key) => key in transform)) return;
  problems.push(invalidAt(where, "A transform is a name or functions", hint));
}

/** A list of conditions that all hold, each looked at by itself so that its place is known. */
function filtersOf(
  name: string,
  { filters }: PipelineInput,
  around: Surroundings,
): FilterSpec | undefined {
  const where = whereIs(name, "filters");
  if (filters === undefined) return undefined;
  if (!isList(filters)) return filterOf(filters, where, around);
  if (filters.length === 0) return undefined;
  const parts = filters.flatMap((part, i) => filterOf(part, pathTo(where, i), around) ?? []);
  return { kind: "and", of: parts };
}

function filterOf(
  filter: ConditionInput,
  where: string,
  { problems, registered }: Surroundings,
): FilterSpec | undefined {
  const before = problems.length;
  checkForms(filter, where, problems);
  if (problems.length > before) return undefined;
  return attempt(problems, where, () =>
    parseFilter(filter, (text, path) => registered.at(pathFrom(where, path)).expression(text)),
  );
}

function pathFrom(where: string, path: readonly (string | number)[]): string {
  return path.reduce<string>(pathTo, where);
}

/** A condition is one test or one group, never both. */
function checkForms(filter: ConditionInput, where: string, problems: SyncError[]): void {
  if (typeof filter === "string") return;
  const forms = (["field", "and", "or", "not"] as const).filter((form) => form in filter);
  if (forms.length > 1) {
    const message = `A filter is one test or one group, and this one has ${forms.join(" and ")}`;
    problems.push(invalidAt(where, message, "Put each into its own { … }."));
  }
  for (const group of ["and", "or"] as const) {
    for (const [i, part] of (filter[group] ?? []).entries()) {
      checkForms(part, pathTo(`${where}.${group}`, i), problems);
    }
  }
  if (filter.not !== undefined) checkForms(filter.not, `${where}.not`, problems);
}

function rulesOf(
  name: string,
  rules: readonly RuleInput[] | undefined,
  { problems, registered }: Surroundings,
): readonly RuleSpec[] | undefined {
  const { validators } = registered;
  return rules?.flatMap((rule, i) => {
    const where = whereIs(name, "validation", i);
    const languages: Languages = {
      expression: (text) => registered.at(`${where}.config.expression`).expression(text),
      pattern: (text) => registered.at(`${where}.config.pattern`).pattern(text),
    };
    return attempt(problems, where, () => parseRules([rule], { languages, validators })) ?? [];
  });
}

function conflictsOf(input: PipelineInput["conflicts"]): ConflictSettings | undefined {
  if (input === undefined) return undefined;
  const isStrategy = typeof input === "string" || typeof input === "function";
  return isStrategy ? { strategy: input } : (input satisfies ConflictsInput);
}

/** `Array.isArray` does not tell read-only lists apart. */
function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}
