// What a policy makes of rivals. It sees only them: values, bases, who and when.

import type { Policy, Rival, Rule } from "./policy.ts";
import { later } from "./draft.ts";
import type { FieldIndex, Value } from "./state.ts";
import { unite } from "./union.ts";
import { order } from "./values.ts";

/**
 * The value that settles the rivals of a field, or undefined: a person is asked. Sides are told
 * apart only by a rule that names one; ties go by the values (I6).
 */
export function settleRivals(
  field: FieldIndex,
  agreed: Value | undefined,
  rivals: readonly Rival[],
  policy: Policy,
): Value | undefined {
  const rule = ruleFor(field, rivals, policy);
  switch (rule.kind) {
    case "merge":
    case "manual":
      return undefined;
    case "latest":
      return latest(rivals);
    case "wins":
      return rivals.find((rival) => rival.side === rule.side)?.value;
    case "union":
      return unite(agreed, rivals, rule.key);
    case "custom":
      return rule.settle(agreed, rivals);
  }
}

/** What is said of the field, else of first meetings, else of the rows. */
function ruleFor(field: FieldIndex, rivals: readonly Rival[], policy: Policy): Rule {
  const isFirst = rivals.some((rival) => rival.first);
  return policy.settle[field] ?? (isFirst ? policy.initial : policy.rows);
}

function latest(rivals: readonly Rival[]): Value | undefined {
  let best: Rival | undefined;
  for (const rival of rivals) if (best === undefined || isAfter(rival, best)) best = rival;
  return best?.value;
}

function isAfter(a: Rival, b: Rival): boolean {
  if (a.stamp === b.stamp) return order(a.value, b.value) > 0; // I6: never by names
  return later(b.stamp, a.stamp) === a.stamp;
}
