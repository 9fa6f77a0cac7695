// Between the model (test/model, entries keyed by names) and the fold (positions), both ways.

import type { Policy, Rival, Rule, SidePolicy } from "../../src/core/policy.ts";
import { WHOLE } from "../../src/core/state.ts";
import type { Credit, Entry, Held, Memory, Question } from "../../src/core/state.ts";
import type { Row, Seen, Stamp, State, Told, Value } from "../../src/core/state.ts";
import type { ModelEntry, ModelMemory, ModelPolicy, ModelQuestion } from "../model/model.d.mts";
import type { ModelRow, ModelRule, ModelSeen, ModelState } from "../model/model.d.mts";
import type { ModelTold, ModelValue } from "../model/model.d.mts";

/** The model's name of membership. */
export const IN = "in";

/** One policy of the model as the fold takes it, and the names that its positions stand for. */
export interface Oracle {
  readonly names: readonly string[];
  readonly fields: readonly string[];
  readonly policy: Policy;
}

export function makeOracle(model: ModelPolicy, now = 0): Oracle {
  const names = Object.keys(model.sides).sort();
  const { fields, rejects } = model;
  const ruleOf = (rule: ModelRule): Rule => toRule(rule, names);
  const member = fields.indexOf(IN);
  const policy: Policy = {
    fields: fields.length,
    member,
    sides: names.map((name) => toSide(model, name)),
    rows: ruleOf(model.rows),
    settle: fields.map((field) => {
      const rule = model.settle?.[field];
      return rule === undefined ? undefined : ruleOf(rule);
    }),
    // The model's "ask" means that nothing is said.
    ...(model.deletes === undefined || model.deletes === "ask" ? {} : { deletes: model.deletes }),
    initial: ruleOf(model.initial),
    guard: model.guard ?? "pass",
    ...(rejects === undefined
      ? {}
      : { rejects: (f: number, value: Value) => rejects(nameAt(fields, f), value as ModelValue) }),
    stamp: model.stamp ?? 0,
    now,
  };
  return { names, fields, policy };
}

function toSide(model: ModelPolicy, name: string): SidePolicy {
  const { store, follows, drift, leads, marks, compares } = model.sides[name] ?? {};
  const ownsFilter = leads === true && model.fields.includes(IN);
  return {
    follows: follows === true,
    drift: drift ?? "overwrite",
    ownsFilter,
    marks: marks === true,
    compares: compares === true,
    carries: model.fields.flatMap((field, f) => (field !== IN || ownsFilter ? [f] : [])),
    ...(store === undefined
      ? {}
      : { store: (_: number, value: Value) => store(value as ModelValue) }),
  };
}

function toRule(rule: ModelRule, names: readonly string[]): Rule {
  if (typeof rule === "function") {
    const named = ({ side, ...rest }: Rival) => ({
      ...rest,
      value: rest.value as ModelValue,
      base: rest.base as ModelValue | undefined,
      side: side === undefined ? null : nameAt(names, side),
    });
    const settle = (agreed: Value | undefined, rivals: readonly Rival[]) =>
      rule(agreed as ModelValue | undefined, rivals.map(named));
    return { kind: "custom", settle };
  }
  if (typeof rule === "object") return { kind: "wins", side: names.indexOf(rule.wins) };
  return { kind: rule ?? "merge" };
}

/** Names and fields of an entry, for where the model is not told the policy. */
export function shapeOf(
  entry: ModelEntry,
  side: string,
  rows: readonly (ModelRow | ModelState)[],
): ModelPolicy {
  const memories = Object.values(entry.sides);
  const told = memories.flatMap((memory) => memory.told.flatMap(({ to, base }) => [to, base]));
  const held = memories.flatMap((memory) => [memory.shadow, memory.base]);
  const states = [entry.agreed, ...rows, ...held, ...told];
  const fields = new Set(states.flatMap((state) => Object.keys(state ?? {})));
  fields.delete("here");
  const names = [...new Set([...Object.keys(entry.sides), side])];
  return { fields: [...fields], sides: Object.fromEntries(names.map((name) => [name, {}])) };
}

export function toRow(oracle: Oracle, row: ModelRow): Row | null {
  return row && oracle.fields.map((field) => row[field]);
}

/** The answer to a question of the model, as a row. */
export function toChoice(question: ModelQuestion, value: ModelValue | ModelRow): ModelRow {
  if (question.field === "*") return value as ModelRow; // the model takes nothing else there
  return { [question.field]: value as ModelValue };
}

export function fromRow({ fields }: Oracle, row: Row | null): ModelRow {
  return row && said(fields, row);
}

export function toSeen(oracle: Oracle, seen: { [side: string]: ModelSeen }): (Seen | undefined)[] {
  return oracle.names.map((name) => {
    const now = seen[name];
    // Position 0 is before all others in the model; here it says that there is no order.
    if (now === undefined || now.at === 0) return undefined;
    const row = toRow(oracle, now.row);
    return {
      row,
      own: row as Seen["own"], // the model has no terms of a side's own
      ...(now.at === undefined ? {} : { at: now.at }),
      ...(now.stamp === undefined ? {} : { stamp: now.stamp }),
      ...(now.marks === undefined ? {} : { marks: now.marks }),
    };
  });
}

export function toEntry(oracle: Oracle, entry: ModelEntry): Entry {
  const creditOf = (field: string): Credit | undefined => {
    const by = entry.by[field];
    if (by === undefined) return undefined;
    return { by: by.side === null ? "policy" : oracle.names.indexOf(by.side), stamp: by.stamp };
  };
  return {
    agreed: toState(oracle, entry.agreed),
    set: [...oracle.fields, "here"].map(creditOf),
    open: Object.values(entry.open).map((question) => toQuestion(oracle, question)),
    sides: oracle.names.map((name) => toMemory(oracle, entry.sides[name])),
  };
}

export function toState({ fields }: Oracle, state: ModelState): State {
  return { here: state.here, values: fields.map((field) => state[field]) };
}

function toMemory(oracle: Oracle, memory: ModelMemory | undefined): Memory | undefined {
  if (memory === undefined) return undefined;
  const shadow = toRow(oracle, memory.shadow);
  return {
    shadow,
    own: shadow as Memory["own"], // as in toSeen
    base: toState(oracle, memory.base),
    told: memory.told.map((told) => toTold(oracle, told)),
    ...(memory.mark === undefined ? {} : { mark: memory.mark }),
    at: memory.at,
  };
}

function toTold(oracle: Oracle, told: ModelTold): Told {
  const { id, at, until, sent, once } = told;
  const [to, against] = [toRow(oracle, told.to), toRow(oracle, told.against)];
  return { id, to, against, at, base: toState(oracle, told.base), until, sent, once };
}

export function toQuestion(oracle: Oracle, question: ModelQuestion): Question {
  const { field, why, held, stamps, first } = question;
  const at = field === "*" ? WHOLE : oracle.fields.indexOf(field);
  const heldBy = (name: string): Held | undefined => {
    if (!(name in held)) return undefined;
    const value = held[name];
    const row = field === "*" ? (value as ModelRow) : { [field]: value as ModelValue };
    return {
      row: toRow(oracle, row),
      stamps: why === "drift" ? [] : toStamps(oracle, { field, row, at: stamps[name] }),
      first: first?.includes(name) === true,
    };
  };
  return { field: at, why, opened: 0, held: oracle.names.map(heldBy) };
}

function toStamps(
  { fields }: Oracle,
  of: { field: string; row: ModelRow; at: ModelQuestion["stamps"][string] | undefined },
): readonly (Stamp | undefined)[] {
  const whole = typeof of.at === "object" ? of.at : undefined;
  const one = typeof of.at === "number" ? of.at : 0;
  const stamps = fields.map((field): Stamp | undefined => {
    if (of.field !== "*") return field === of.field ? one : undefined;
    return of.row !== null && field in of.row ? (whole?.[field] ?? 0) : undefined;
  });
  return [...stamps, of.row === null ? (whole?.["here"] ?? 0) : undefined];
}

export function fromEntry(oracle: Oracle, entry: Entry, before: ModelEntry): ModelEntry {
  const { names, fields } = oracle;
  const by: ModelEntry["by"] = {};
  [...fields, "here"].forEach((field, f) => {
    const credit = entry.set[f];
    if (credit === undefined) return;
    const { stamp } = credit;
    const side = typeof credit.by === "number" ? nameAt(names, credit.by) : null;
    const old = before.by[field]; // the simulator tells by the object whether it was decided anew
    by[field] = old?.side === side && old.stamp === stamp ? old : { side, stamp };
  });
  const open: ModelEntry["open"] = {};
  for (const question of entry.open) {
    const asked = fromQuestion(oracle, question);
    open[asked.why === "drift" ? `drift ${Object.keys(asked.held)[0]}` : asked.field] = asked;
  }
  const sides: ModelEntry["sides"] = {};
  names.forEach((name, side) => {
    const memory = entry.sides[side];
    if (memory !== undefined) sides[name] = fromMemory(oracle, memory);
  });
  return { agreed: fromState(oracle, entry.agreed), by, open, sides, writes: before.writes };
}

export function fromState({ fields }: Oracle, { here, values }: State): ModelState {
  return { here, ...said(fields, values) };
}

function fromMemory(oracle: Oracle, memory: Memory): ModelMemory {
  return {
    shadow: fromRow(oracle, memory.shadow),
    base: fromState(oracle, memory.base),
    told: memory.told.map(({ id, to, against, at, base, until, sent, once }) => ({
      id,
      to: fromRow(oracle, to),
      against: fromRow(oracle, against),
      at: Number(at),
      base: fromState(oracle, base),
      until,
      sent,
      once,
    })),
    ...(memory.mark === undefined ? {} : { mark: memory.mark }),
    at: Number(memory.at),
  };
}

function fromQuestion(oracle: Oracle, question: Question): ModelQuestion {
  const { names, fields } = oracle;
  const field = question.field === WHOLE ? "*" : nameAt(fields, question.field);
  const asked: ModelQuestion = { field, why: question.why, held: {}, stamps: {}, first: [] };
  question.held.forEach((held, side) => {
    if (held === undefined) return;
    const name = nameAt(names, side);
    const row = fromRow(oracle, held.row);
    asked.held[name] = field === "*" ? row : (row?.[field] ?? 0);
    if (held.first) asked.first?.push(name);
    if (question.why === "drift") return;
    const stamps = said([...fields, "here"], held.stamps) as { [field: string]: number };
    asked.stamps[name] = field === "*" ? stamps : (stamps[field] ?? 0);
  });
  return asked;
}

function said(
  names: readonly string[],
  values: readonly (Value | undefined)[],
): { [name: string]: ModelValue } {
  const object: { [name: string]: ModelValue } = {};
  names.forEach((name, i) => {
    const value = values[i];
    if (value !== undefined) object[name] = value as ModelValue;
  });
  return object;
}

function nameAt(names: readonly string[], position: number): string {
  return names[position] ?? `?${position}`;
}

/** Everything of an entry that the model has as well, as text: equal texts, equal entries. */
export function textOf(entry: Entry): string {
  const rank = (q: Question) => (q.why === "drift" ? 1000 + q.held.findIndex((h) => h) : q.field);
  const fields = entry.agreed.values.length;
  return JSON.stringify([
    entry.agreed,
    entry.set.map((credit, f) => {
      if (credit === undefined) return null;
      // What an answer or a policy decided is nobody's in the model, and a creation has no stamp.
      const isSide = typeof credit.by === "number";
      return [isSide ? credit.by : "-", isSide && f < fields ? credit.stamp : 0];
    }),
    entry.open.toSorted((a, b) => rank(a) - rank(b)).map((q) => [q.field, q.why, q.held]),
    entry.sides.map((memory) => {
      if (memory === undefined) return null;
      const { shadow, base, told, mark = "", at } = memory;
      return [shadow, base, told.map(toldParts), mark, at];
    }),
  ]);
}

function toldParts({ id, to, against, at, base, until, sent, once }: Told): readonly unknown[] {
  return [id, to, against, at, base, until, sent, once];
}
