// The fold dressed as the model: the same functions over the model's own entries, so that its
// simulator and its exhaustive scope run, unchanged, over the fold.

import * as core from "../../src/core/fold.ts";
import * as model from "../model/fold.mjs";
import type { ModelEntry, ModelOutcome, ModelPolicy, ModelQuestion } from "../model/model.d.mts";
import type { ModelRow, ModelSeen, ModelValue, ModelWrite } from "../model/model.d.mts";
import { IN, fromEntry, fromRow, fromState, makeOracle, shapeOf, toChoice } from "./oracle.ts";
import { toEntry, toQuestion, toRow, toSeen, toState } from "./oracle.ts";

export { blank, project, same, sameRow, stored } from "../model/fold.mjs";

export function fold(
  entry: ModelEntry,
  seen: { [side: string]: ModelSeen },
  policy: ModelPolicy,
): ModelEntry {
  const now = Math.max(0, ...Object.values(seen).map((look) => look.now ?? 0));
  const oracle = makeOracle(policy, now);
  const folded = core.fold(toEntry(oracle, entry), toSeen(oracle, seen), oracle.policy);
  return fromEntry(oracle, folded, entry);
}

export function owed(entry: ModelEntry, side: string, policy: ModelPolicy): ModelWrite | undefined {
  const oracle = makeOracle(policy);
  const write = core.owed(toEntry(oracle, entry), oracle.names.indexOf(side), oracle.policy);
  const membership = owedMembership(entry, side, policy);
  if (write === undefined) return membership;
  const { to, against, at, base, again } = write;
  const ours: ModelWrite = {
    id: again ?? `${side}${entry.writes + 1}`,
    to: fromRow(oracle, to),
    against: fromRow(oracle, against),
    at: Number(at),
    base: fromState(oracle, base),
    once: policy.sides[side]?.marks === true,
  };
  const inside = membership?.to?.[IN];
  if (inside === undefined) return ours;
  return { ...ours, to: { ...ours.to, [IN]: inside }, base: { ...ours.base, [IN]: inside } };
}

/** In the model membership is a column, and written as any other; then the model's own write. */
function owedMembership(
  entry: ModelEntry,
  side: string,
  policy: ModelPolicy,
): ModelWrite | undefined {
  const write = model.owed(entry, side, policy);
  if (!write?.to || !write.against || policy.sides[side]?.leads !== true) return undefined;
  return write.to[IN] === write.against[IN] ? undefined : write;
}

export function told(
  entry: ModelEntry,
  side: string,
  write: ModelWrite & { until: number },
): ModelEntry {
  const oracle = makeOracle(shapeOf(entry, side, [write.to, write.base]));
  const { id, until, once, at } = write;
  const [to, against] = [toRow(oracle, write.to), toRow(oracle, write.against)];
  const base = toState(oracle, write.base);
  const sent = { side: oracle.names.indexOf(side), to, against, at, base };
  const next = core.told(toEntry(oracle, entry), sent, { id, until, once });
  return { ...fromEntry(oracle, next, entry), writes: entry.writes + 1 };
}

export function confirm(entry: ModelEntry, side: string, outcome: ModelOutcome): ModelEntry {
  const oracle = makeOracle(shapeOf(entry, side, [outcome.row]));
  const { id, applied, at } = outcome;
  const landed = { id, applied, row: toRow(oracle, outcome.row), own: null };
  const next = core.confirm(toEntry(oracle, entry), oracle.names.indexOf(side), {
    ...landed,
    ...(at === undefined ? {} : { at }),
  });
  return fromEntry(oracle, next, entry);
}

export function answer(
  entry: ModelEntry,
  question: ModelQuestion,
  value: ModelValue | ModelRow,
  policy: ModelPolicy,
): ModelEntry | undefined {
  const oracle = makeOracle(policy);
  const row = toChoice(question, value);
  const asked = toQuestion(oracle, question);
  const choice = toRow(oracle, row);
  const next = core.answer(toEntry(oracle, entry), asked, choice, "ada", oracle.policy);
  return next && fromEntry(oracle, next, entry);
}
