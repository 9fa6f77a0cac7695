import type { ModelEntry, ModelOutcome, ModelPolicy, ModelQuestion } from "./model.d.mts";
import type { ModelRow, ModelSeen, ModelState, ModelValue, ModelWrite } from "./model.d.mts";

export function blank(): ModelEntry;
export function fold(
  entry: ModelEntry,
  seen: { [side: string]: ModelSeen },
  policy: ModelPolicy,
): ModelEntry;
export function answer(
  entry: ModelEntry,
  question: ModelQuestion,
  value: ModelValue | ModelRow,
  policy: ModelPolicy,
): ModelEntry | undefined;
export function owed(entry: ModelEntry, side: string, policy: ModelPolicy): ModelWrite | undefined;
export function told(
  entry: ModelEntry,
  side: string,
  write: ModelWrite & { until: number },
): ModelEntry;
export function confirm(entry: ModelEntry, side: string, outcome: ModelOutcome): ModelEntry;
export function project(side: string, state: ModelState, policy: ModelPolicy): ModelRow;
export function stored(side: string, row: ModelRow, policy: ModelPolicy): ModelRow;
export function same(a: unknown, b: unknown): boolean;
export function sameRow(a: ModelRow, b: ModelRow): boolean;
