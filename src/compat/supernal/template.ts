// Functions that do no more than to put a text around a value: those lead back.
import { TEMPLATE_HOLE } from "../../core/transforms.ts";
import type { RecordView } from "../../core/transform.ts";
import type { MappingFunction } from "./sync-config.ts";

/**
 * The template that a function is, such as `req-${value}`; undefined: it is none. It is asked with
 * texts and numbers of many kinds, and has to answer each of them like that template.
 */
export function templateIn(given: MappingFunction): string | undefined {
  const marked = answerOf(given, MARK, "a");
  const [before, after, ...more] = marked?.split(MARK) ?? [];
  if (before === undefined || after === undefined || more.length > 0) return undefined;
  if (`${before}${after}`.includes("${")) return undefined;
  const isOne = PROBES.every((value) =>
    RECORDS.every((held) => answerOf(given, value, held) === `${before}${String(value)}${after}`),
  );
  return isOne ? `${before}${TEMPLATE_HOLE}${after}` : undefined;
}

/** In no text that anybody writes. */
const MARK = "\u{f8ff}7\u{f8ff}";
const PROBES = ["a", "Zz", " b ", "007", "é", "x-y_z", "req-1", "", "1.50", 7, 12.5, -3, 0, 12n];
const RECORDS = ["a", "b"];

/** The text that it answers; undefined: another thing, or an error. */
function answerOf(
  given: MappingFunction,
  value: string | number | bigint,
  held: string,
): string | undefined {
  const record: RecordView = new Proxy({}, { get: () => held, has: () => true });
  try {
    const answer = given(value, record);
    return typeof answer === "string" ? answer : undefined;
  } catch {
    return undefined;
  }
}
