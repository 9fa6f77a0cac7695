// How rivals are settled: the words of a configuration become the rules of a policy.
import { SyncError } from "../../core/errors.ts";
import { didYouMean } from "../../core/nearest.ts";
import type { Rule } from "../../core/policy.ts";
import { parseStrategy, type LatestBy, type Strategy } from "../../core/strategies.ts";
import type { PipelineSettings, StrategySetting } from "../settings.ts";
import { attempt, whereIs } from "./where.ts";

/** What settles rivals in one pipeline. */
export interface Settling {
  readonly rows: Strategy;
  /** By field name. */
  readonly fields: ReadonlyMap<string, Strategy>;
  readonly initial: Rule;
  /** What `latest` goes by; absent: nothing is settled by time. */
  readonly by?: LatestBy;
}

const MERGE: Strategy = { word: "merge", rule: { kind: "merge" } };

/** Understands all strategies of a pipeline. What is wrong is added to the problems. */
export function settlingOf(
  pipeline: string,
  settings: PipelineSettings,
  problems: SyncError[],
): Settling {
  const sides = settings.sides.map((side) => side.name);
  const { strategy, fields = {}, keys = {} } = settings.conflicts ?? {};
  const parse = (setting: StrategySetting, where: string, field?: string): Strategy | undefined =>
    attempt(problems, where, () =>
      parseSetting(setting, sides, optionsOf(settings, field, typeof setting === "function")),
    );
  const base = whereIs(pipeline, "conflicts", "strategy");
  const rows = (strategy === undefined ? undefined : parse(strategy, base)) ?? MERGE;
  const byField = new Map<string, Strategy>();
  for (const [field, setting] of Object.entries(fields)) {
    const parsed = parse(setting, whereIs(pipeline, "conflicts", "fields", field), field);
    if (parsed !== undefined) byField.set(field, parsed);
  }
  for (const field of Object.keys(keys)) {
    if ((byField.get(field) ?? rows).rule.kind === "union") continue;
    const where = whereIs(pipeline, "conflicts", "keys", field);
    const message = `The field '${field}' has a key for its lists, and no strategy 'union'`;
    problems.push(new SyncError("CONFIG_INVALID", message, { where }));
  }
  for (const [field, key] of Object.entries(keys)) {
    if (!byField.has(field) && rows.rule.kind === "union") {
      byField.set(field, { word: "union", rule: { kind: "union", key } });
    }
  }
  const by = [rows, ...byField.values()].find((each) => each.by !== undefined)?.by;
  const { conflicts } = settings;
  if (conflicts?.by !== undefined && by === undefined) {
    const where = whereIs(pipeline, "conflicts", "by");
    const message = "`by` says what 'latest' goes by, and nothing is settled by 'latest'";
    problems.push(new SyncError("CONFIG_INVALID", message, { where }));
  }
  const initial = initialOf(pipeline, settings, problems);
  return { rows, fields: byField, initial, ...(by === undefined ? {} : { by }) };
}

function optionsOf(
  settings: PipelineSettings,
  field: string | undefined,
  isFunction: boolean,
): { readonly by?: string; readonly key?: string } {
  const { by, keys = {} } = settings.conflicts ?? {};
  const key = field !== undefined && Object.hasOwn(keys, field) ? keys[field] : undefined;
  if (isFunction) return {};
  return { ...(by === undefined ? {} : { by }), ...(key === undefined ? {} : { key }) };
}

function parseSetting(
  setting: StrategySetting,
  sides: readonly string[],
  options: { readonly by?: string; readonly key?: string },
): Strategy {
  return typeof setting === "function"
    ? parseStrategy("custom", sides, { settle: setting })
    : parseStrategy(setting, sides, options);
}

function initialOf(pipeline: string, settings: PipelineSettings, problems: SyncError[]): Rule {
  const word = settings.initial ?? "merge";
  const sides = settings.sides.map((side) => side.name);
  const where = whereIs(pipeline, "initial");
  const known = ["merge", "manual", ...sides];
  const rule = attempt(problems, where, () => {
    // A first meeting has no base: what needs one, or a time, cannot settle it.
    const isKnown = known.includes(word) || sides.some((side) => word === `${side}-wins`);
    if (isKnown) return parseStrategy(word, sides).rule;
    const hint = didYouMean(word, known);
    throw new SyncError("CONFIG_INVALID", `'${word}' does not settle a first meeting`, { hint });
  });
  return rule ?? MERGE.rule;
}
