// Everything about settings that is wrong whatever the replicas turn out to hold.
import { SyncError } from "../../core/errors.ts";
import { compileLookup } from "../../core/lookup.ts";
import { compileTransform, isConverted, textsAround } from "../../core/mapping.ts";
import type { MappingSpec, TransformSpec } from "../../core/mapping.ts";
import { parsePath } from "../../core/path.ts";
import { BACKOFF_DEFAULT } from "../backoff.ts";
import type { PipelineSettings, SideSettings } from "../settings.ts";
import { ringsOf } from "./rings.ts";
import { settlingOf } from "./settle.ts";
import { attempt, isPair, whereIs, whereIsLine, whereIsSide } from "./where.ts";

/** Stands for every collection of a system. */
export const ALL_COLLECTIONS = "*";

/** All that is wrong with pipelines, before any replica is looked at. */
export function settingsProblems(settings: readonly PipelineSettings[]): readonly SyncError[] {
  const problems: SyncError[] = [];
  const names = new Set<string>();
  for (const pipeline of settings) {
    if (names.has(pipeline.name)) {
      problems.push(invalid(whereIs(pipeline.name), `Two pipelines are called '${pipeline.name}'`));
    }
    names.add(pipeline.name);
    checkSides(pipeline, problems);
    for (const side of pipeline.sides) checkMapping(pipeline, side, problems);
    checkKey(pipeline, problems);
    checkMemory(pipeline, problems);
    checkGuard(pipeline, problems);
    checkRetry(pipeline, problems);
    checkFollowing(pipeline, problems);
    settlingOf(pipeline.name, pipeline, problems);
  }
  if (problems.length === 0) problems.push(...ringsOf(settings));
  return problems;
}

function invalid(where: string, message: string, hint?: string): SyncError {
  return new SyncError("CONFIG_INVALID", message, hint === undefined ? { where } : { where, hint });
}

/** What is said of sides that follow has to have one. */
function checkFollowing(pipeline: PipelineSettings, problems: SyncError[]): void {
  const { name, direction, sides, extra, drift } = pipeline;
  if (direction !== "two-way" || sides.some(({ follows }) => follows === true)) return;
  for (const [setting, isSaid] of [
    ["extra", extra === "delete"],
    ["drift", drift === "keep"],
  ] as const) {
    if (!isSaid) continue;
    const message = `\`${setting}\` is about sides that follow, and no side of this one does`;
    const hint = "Take it out; one-way, or with `follows: true` at a side, it counts.";
    problems.push(invalid(whereIs(name, setting), message, hint));
  }
}

function checkRetry({ name, retry = {} }: PipelineSettings, problems: SyncError[]): void {
  const { firstMs, capMs } = { ...BACKOFF_DEFAULT, ...retry };
  if (firstMs <= capMs) return;
  const message = "The first wait is longer than the longest one";
  const hint = "Make `cap` longer, or `first` shorter.";
  problems.push(invalid(whereIs(name, "retry"), message, hint));
}

function checkSides(settings: PipelineSettings, problems: SyncError[]): void {
  const { name, sides } = settings;
  if (sides.length < 2) problems.push(invalid(whereIs(name), "A pipeline has two sides or more"));
  for (const [i, side] of sides.entries()) {
    const earlier = sides.slice(0, i);
    const where = whereIsSide(name, settings, side);
    if (earlier.some((each) => each.name === side.name)) {
      problems.push(invalid(where, `Two sides are called '${side.name}'`));
    }
    const { system, collection } = side.at;
    const twin = earlier.find(({ at }) => at.system === system && at.collection === collection);
    if (twin !== undefined) {
      const sides = `The sides '${twin.name}' and '${side.name}'`;
      const message = `${sides} are both ${system}.${collection}`;
      problems.push(invalid(where, message, "Nothing can be kept in agreement with itself."));
    }
    if (side.mapping !== undefined && isPair(settings)) {
      const hint = "Put it beside `source` and `target`.";
      problems.push(invalid(where, "Source and target share one mapping", hint));
    }
  }
  if (settings.mapping !== undefined && !isPair(settings)) {
    const hint = "With `sides`, each side may have a `mapping` of its own.";
    problems.push(
      invalid(whereIs(name, "mapping"), "A mapping is between source and target", hint),
    );
  }
  const stars = sides.filter((side) => side.at.collection === ALL_COLLECTIONS);
  const isNested = sides.some((side) => side.at.collection.endsWith(`.${ALL_COLLECTIONS}`));
  if (stars.length > 0 || isNested) checkStars(settings, problems);
  checkFollowers(settings, problems);
}

/** With `system.*` on one side, all sides have it: one pipeline for each collection. */
function checkStars(settings: PipelineSettings, problems: SyncError[]): void {
  const { name, sides } = settings;
  for (const side of sides) {
    const { collection } = side.at;
    if (collection === ALL_COLLECTIONS || collection.endsWith(`.${ALL_COLLECTIONS}`)) continue;
    const message = `'*' stands for all tables, and ${side.name} names one: ${collection}`;
    const hint = "Use '*' on every side, or on none.";
    problems.push(invalid(whereIsSide(name, settings, side), message, hint));
  }
}

function checkFollowers(settings: PipelineSettings, problems: SyncError[]): void {
  const { name, sides } = settings;
  const isTwoWay = settings.direction === "two-way";
  for (const [i, side] of sides.entries()) {
    if (side.follows === undefined) continue;
    const where = whereIsSide(name, settings, side, "follows");
    if (i === 0 && side.follows) {
      problems.push(invalid(where, `The first side, '${side.name}', leads: it cannot follow`));
    } else if (i > 0 && !side.follows && !isTwoWay) {
      const hint = "Say `direction: two-way`.";
      problems.push(invalid(where, "One-way, every side but the first follows", hint));
    }
  }
}

function checkMapping(settings: PipelineSettings, side: SideSettings, problems: SyncError[]): void {
  const isFirst = settings.sides[0] === side;
  const lines = side.mapping ?? (isPair(settings) && isFirst ? settings.mapping : undefined);
  if (lines === undefined) return;
  const targets = new Set<string>();
  for (const line of lines) {
    const where = whereIsLine(settings.name, settings, side, line);
    if (targets.has(line.target)) {
      const message = `Two lines of the mapping have the target '${line.target}'`;
      problems.push(invalid(`${where}.target`, message, "Keep one of the two."));
    }
    targets.add(line.target);
    attempt(problems, `${where}.target`, () => parsePath(line.target));
    if (line.constant === undefined) {
      if (line.source === "") problems.push(invalid(where, `Field '${line.target}' has no source`));
      else attempt(problems, `${where}.source`, () => parsePath(line.source));
    }
    checkConversion(line, where, problems);
  }
}

function checkConversion(line: MappingSpec, where: string, problems: SyncError[]): void {
  const { transform, lookup } = line;
  if (transform !== undefined) {
    attempt(problems, `${where}.transform`, () => compileTransform(transform));
  }
  if (lookup !== undefined) attempt(problems, `${where}.lookup`, () => compileLookup(lookup));
  if (transform !== undefined && lookup !== undefined) {
    const message = `Field '${line.target}' has a transform and a lookup`;
    problems.push(invalid(`${where}.lookup`, message, "Keep one of them."));
  }
}

/** An entry has one name on all sides, for now. */
function checkKey(settings: PipelineSettings, problems: SyncError[]): void {
  const { key } = settings;
  if (key === undefined) return;
  const where = whereIs(settings.name, "key");
  if (key.length === 0) problems.push(invalid(where, "A key has at least one field"));
  const twice = key.find((field, i) => key.indexOf(field) !== i);
  if (twice !== undefined) problems.push(invalid(where, `The key names '${twice}' twice`));
  for (const side of settings.sides) {
    for (const field of key) checkKeyLine(settings, side, field, problems);
  }
}

/** The line that carries a field of the key has to leave it as it is, or in a template. */
export function checkKeyLine(
  settings: PipelineSettings,
  side: SideSettings,
  field: string,
  problems: SyncError[],
): void {
  const isFirst = settings.sides[0] === side;
  const lines = side.mapping ?? (isPair(settings) && isFirst ? settings.mapping : undefined) ?? [];
  const line = lines.find((each) => each.target === field);
  if (line === undefined) return;
  const where = whereIsLine(settings.name, settings, side, line);
  const refuse = (has: string, hint: string): void => {
    const message = `The key field '${field}' has ${has}, which is not built yet`;
    problems.push(new SyncError("CONFIG_NOT_BUILT", message, { where, hint }));
  };
  const change = changeOf(line);
  if (change === undefined) return;
  const others = "name other fields under `key`";
  if (change !== "a template") {
    refuse(change, `Leave the key as it is, say a template (\`req-\${value}\`), or ${others}.`);
  } else if (!isPair(settings)) {
    refuse("a template in `sides`", `Say \`source\` and \`target\`, or ${others}.`);
  } else if (settings.direction === "two-way") {
    refuse("a template in a two-way pipeline", `Say \`direction: one-way\`, or ${others}.`);
  }
}

/** What a line does to its value beyond renaming it. */
function changeOf(line: MappingSpec): string | undefined {
  const { transform } = line;
  if (line.constant !== undefined) return "a constant";
  if (line.default !== undefined) return "a default";
  if (!isConverted(line)) return undefined;
  return transform !== undefined && isTemplate(transform) ? "a template" : "a transform";
}

function isTemplate(transform: TransformSpec): boolean {
  try {
    return textsAround(transform) !== undefined;
  } catch (error) {
    if (error instanceof SyncError) return false; // told where it is looked at by itself
    throw error;
  }
}

/** With digests nobody knows which field moved, and a two-way link has to. */
function checkMemory(settings: PipelineSettings, problems: SyncError[]): void {
  const { name, conflicts } = settings;
  const isTwoWay = settings.direction === "two-way";
  const isDigest = settings.memory === "digest" || (settings.memory === undefined && !isTwoWay);
  if (!isDigest) return;
  const where = whereIs(name, "memory");
  if (isTwoWay) {
    const message = "A two-way pipeline cannot remember digests only: conflicts need the values";
    problems.push(invalid(where, message, "Say `memory: full`, or leave it out."));
  } else if (Object.keys(conflicts?.fields ?? {}).length > 0) {
    const message = "Strategies by field need the values, and this pipeline remembers digests";
    const hint = "Say `memory: full`; one-way, digests are the default.";
    problems.push(invalid(whereIs(name, "conflicts", "fields"), message, hint));
  }
}

function checkGuard(settings: PipelineSettings, problems: SyncError[]): void {
  const { share, floor, cap } = settings.guard ?? {};
  const where = (field: string): string => whereIs(settings.name, "guard", "deletes", field);
  if (share !== undefined && !(share >= 0 && share <= 1)) {
    problems.push(invalid(where("share"), "The guard's share is a number from 0 to 1"));
  }
  for (const [field, count] of Object.entries({ floor, cap })) {
    if (count === undefined || (count >= 0 && Number.isSafeInteger(count))) continue;
    problems.push(invalid(where(field), `The guard's ${field} is a whole number from 0`));
  }
}
