// Converters made of others: several in a row, and expressions.

import { assert } from "./errors.ts";
import type { Expression } from "./expression.ts";
import { ABSENT } from "./state.ts";
import { given } from "./transform.ts";
import type { Converter, ConverterScope } from "./transform.ts";

/** One after the other; there is a way back if every one of them has one. */
export function chained(converters: readonly Converter[]): Converter {
  const [only] = converters;
  if (only !== undefined && converters.length === 1) return only;
  const backs = converters.flatMap(({ back }) => back ?? []).toReversed();
  const isBindable = converters.some(({ bind }) => bind !== undefined);
  const reads = readsOfAll(converters);
  return {
    over(value, record, own) {
      let current = value;
      for (const converter of converters) {
        const next = converter.over(current, record, own);
        if (next.kind === "refused") return next;
        current = next.value;
      }
      return { kind: "value", value: current };
    },
    ...(backs.length < converters.length ? {} : { back: backOf(backs) }),
    ...(reads === undefined ? {} : { reads }),
    ...(isBindable ? { bind: (scope) => chained(boundIn(converters, scope)) } : {}),
  };
}

function backOf(backs: readonly NonNullable<Converter["back"]>[]): NonNullable<Converter["back"]> {
  return (value) => {
    let current = value;
    for (const back of backs) {
      const next = back(current);
      if (next.kind === "refused") return next;
      current = next.value;
    }
    return { kind: "value", value: current };
  };
}

function readsOfAll(converters: readonly Converter[]): Converter["reads"] {
  const each = converters.flatMap(({ reads }) => (reads === undefined ? [] : [reads]));
  if (each.length === 0) return undefined;
  return each.includes("all") ? "all" : each.flatMap((reads) => (reads === "all" ? [] : reads));
}

/** Only the first takes what the column holds, and only the last has to give what is wanted. */
function boundIn(converters: readonly Converter[], scope: ConverterScope): readonly Converter[] {
  const last = converters.length - 1;
  return converters.map((converter, i) => {
    if (converter.bind === undefined) return converter;
    const from = i === 0 ? scope.from : undefined;
    return converter.bind({ ...scope, from, to: i === last ? scope.to : undefined });
  });
}

/**
 * An expression over the value and the other columns of its row; it has no way back. A value that
 * is nothing stays nothing where the expression has no answer for it.
 */
export function convertByExpression(expression: Expression): Converter {
  const isAboutValue = expression.reads("row").includes("value");
  return {
    reads: expression.reads("value"),
    over() {
      assert(false, "an expression is bound to its columns before it is asked");
    },
    bind({ columns, types, from, to }) {
      const evaluate = expression.bind({
        columns,
        value: { type: from },
        gives: { type: to },
        ...(types === undefined ? {} : { types }),
      });
      return {
        over(value, _record, own = []) {
          const result = evaluate(own, value);
          const isNothing = value === null || value === ABSENT;
          return result.kind === "refused" && isAboutValue && isNothing ? given(value) : result;
        },
      };
    },
  };
}
