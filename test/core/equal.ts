// Whether an entry is what the model says, without translating either: for comparisons by the
// million. It never says yes to what `textOf` tells apart; where it says no, the texts decide.

import { WHOLE } from "../../src/core/state.ts";
import type { Entry, Memory, Question, Row, State, Told, Value } from "../../src/core/state.ts";
import { same } from "../../src/core/values.ts";
import type { ModelEntry, ModelMemory, ModelQuestion } from "../model/model.d.mts";
import type { ModelRow, ModelState, ModelTold } from "../model/model.d.mts";
import type { Oracle } from "./oracle.ts";

export function isEqual(oracle: Oracle, model: ModelEntry, entry: Entry): boolean {
  const { fields, names } = oracle;
  if (!isState(fields, model.agreed, entry.agreed)) return false;
  for (let f = 0; f <= fields.length; f++) {
    const [by, credit] = [model.by[fields[f] ?? "here"], entry.set[f]];
    if (by === undefined || credit === undefined) {
      if (by !== credit) return false;
      continue;
    }
    const isSide = typeof credit.by === "number";
    if ((typeof credit.by === "number" ? names[credit.by] : null) !== by.side) return false;
    // What a policy decided, and presence, has another stamp here.
    if (isSide && f < fields.length && credit.stamp !== by.stamp) return false;
  }
  const asked = Object.values(model.open);
  if (asked.length !== entry.open.length) return false;
  for (const question of entry.open) {
    if (!asked.some((one) => isQuestion(oracle, one, question))) return false;
  }
  return names.every((name, side) => isMemory(fields, model.sides[name], entry.sides[side]));
}

function isState(fields: readonly string[], model: ModelState, state: State): boolean {
  return model.here === state.here && isRow(fields, model, state.values);
}

function isRow(fields: readonly string[], model: ModelRow | ModelState, row: Row | null): boolean {
  if (model === null || row === null) return model === row;
  for (let f = 0; f < fields.length; f++) {
    const value: Value | undefined = model[fields[f] ?? ""];
    if (!same(value, row[f])) return false;
  }
  return true;
}

function isQuestion({ names, fields }: Oracle, model: ModelQuestion, question: Question): boolean {
  const field = question.field === WHOLE ? "*" : fields[question.field];
  if (model.field !== field || model.why !== question.why) return false;
  return names.every((name, side) => {
    const held = question.held[side];
    if (held === undefined) return !(name in model.held);
    if (!(name in model.held) || held.first !== (model.first?.includes(name) === true))
      return false;
    const value = model.held[name];
    const row = field === "*" ? (value as ModelRow) : { [field]: value as number };
    return (
      isRow(fields, row, held.row) &&
      (model.why === "drift" || isStamped(fields, model, name, held.stamps))
    );
  });
}

function isStamped(
  fields: readonly string[],
  model: ModelQuestion,
  name: string,
  stamps: readonly (number | undefined)[],
): boolean {
  const then = model.stamps[name];
  for (let f = 0; f <= fields.length; f++) {
    const stamp = stamps[f];
    const known = typeof then === "object" ? then[fields[f] ?? "here"] : then;
    if (stamp !== undefined && stamp !== (known ?? 0)) return false;
  }
  return true;
}

function isMemory(
  fields: readonly string[],
  model: ModelMemory | undefined,
  memory: Memory | undefined,
): boolean {
  if (model === undefined || memory === undefined) return model === memory;
  if (model.at !== memory.at || model.mark !== memory.mark) return false;
  if (!isRow(fields, model.shadow, memory.shadow) || !isState(fields, model.base, memory.base)) {
    return false;
  }
  if (model.told.length !== memory.told.length) return false;
  return memory.told.every((told, i) => isTold(fields, model.told[i], told));
}

function isTold(fields: readonly string[], model: ModelTold | undefined, told: Told): boolean {
  if (model === undefined || model.id !== told.id || model.at !== told.at) return false;
  if (model.until !== told.until || model.sent !== told.sent || model.once !== told.once)
    return false;
  return (
    isRow(fields, model.to, told.to) &&
    isRow(fields, model.against, told.against) &&
    isState(fields, model.base, told.base)
  );
}
