// Named transforms: what a configuration without functions can say. None of them reads a clock or
// randomness, because a plan has to come out the same twice (I5): they are given nothing but the
// value, the row and their arguments.
//
// Null and ABSENT pass through untouched, except where a transform says otherwise. A value that a
// transform cannot take is refused and its row is unreadable; nothing is coerced silently.

import { toBoolean, toDocument, toInstant, toJsonText, toNumber, toText } from "./conversions.ts";
import { cutOut } from "./key-template.ts";
import { isList, isObject } from "./kinds.ts";
import { compileLookup, LOOKUP_ENTRIES_MAX } from "./lookup.ts";
import { parsePath, valueAt } from "./path.ts";
import type { Path } from "./path.ts";
import { ABSENT } from "./state.ts";
import type { Value } from "./state.ts";
import { given, passing, refused } from "./transform.ts";
import type { Converter, RecordView, Transform, TransformArgs, Transformed } from "./transform.ts";
import { VALUE_TRANSFORMS } from "./transforms-values.ts";

/** Where a template takes the value in. */
export const TEMPLATE_HOLE = "${value}";

/** Every named transform. */
export const TRANSFORMS: ReadonlyMap<string, Transform> = new Map(
  [
    onText("trim", (text) => text.trim()),
    onText("lower", (text) => text.toLowerCase()),
    onText("upper", (text) => text.toUpperCase()),
    onText("normalizeFramework", (text) => FRAMEWORKS.get(text) ?? text.toLowerCase()),
    simple("number", { over: passing(toNumber), back: given }),
    simple("string", { over: passing(toText), back: given }),
    simple("boolean", { over: passing(toBoolean), back: given }),
    simple("dateToISO", { over: passing(toInstant) }),
    simple("parseJSON", { over: passing(toDocument), back: passing(toJsonText) }),
    simple("stringifyJSON", { over: passing(toJsonText), back: passing(toDocument) }),
    { name: "generateId", args: ["field"], make: makeGenerateId },
    { name: "concatenateFields", args: ["fields", "separator"], make: makeConcatenate },
    { name: "template", args: ["template"], make: makeTemplate },
    { name: "map", args: ["table", "otherwise"], make: makeMap },
    ...VALUE_TRANSFORMS,
  ].map((transform: Transform) => [transform.name, transform]),
);

const FRAMEWORKS: ReadonlyMap<string, string> = new Map([
  ["iso-13485", "iso13485"],
  ["ISO_13485", "iso13485"],
  ["fda-21-cfr-11", "fda21cfr11"],
  ["FDA_21_CFR_11", "fda21cfr11"],
  ["gdpr", "gdpr"],
  ["GDPR", "gdpr"],
  ["soc-2", "soc2"],
  ["SOC_2", "soc2"],
]);

function simple(name: string, converter: Converter): Transform {
  return { name, args: [], make: () => converter };
}

/** Many texts become one (`A` and `a`): there is no way back. */
function onText(name: string, change: (text: string) => string): Transform {
  const over = (value: Value): Transformed =>
    typeof value === "string" ? given(change(value)) : refused("not text");
  return simple(name, { over: passing(over) });
}

/**
 * `<type>-<value>`, the type from a column of the same row. A row without one, or a value that is
 * null or empty, has no id: it is refused, never `undefined-…`.
 */
function makeGenerateId(args: TransformArgs): Converter | string {
  const { field = "type" } = args;
  if (typeof field !== "string" || field === "") return "'field' has to be the name of a column";
  const path = parsePath(field);
  return {
    reads: [field],
    over(value, record) {
      const type = textOf(fieldOf(record, path));
      const text = textOf(value);
      if (type === undefined || type === "") return refused(`'${field}' has no text to begin with`);
      if (text === undefined || text === "") return refused("no text to make an id of");
      return given(`${type}-${text}`);
    },
  };
}

/**
 * The texts of several columns of the row, joined. What is null, absent or empty is left out (0 and
 * false are not empty); the value itself is not used, and may be null.
 */
function makeConcatenate(args: TransformArgs): Converter | string {
  const { fields, separator = " " } = args;
  const names = isList(fields) ? fields.filter((name) => typeof name === "string") : [];
  if (!isList(fields) || names.length === 0 || names.length < fields.length) {
    return "'fields' has to be a list of columns";
  }
  if (typeof separator !== "string") return "'separator' has to be text";
  const paths = names.map((name) => parsePath(name));
  return {
    reads: names,
    over(_value, record) {
      const texts: string[] = [];
      for (const path of paths) {
        const text = textOf(fieldOf(record, path));
        if (text === undefined) return refused(`'${path.text}' has no text`);
        if (text !== "") texts.push(text);
      }
      return given(texts.join(separator));
    },
  };
}

/**
 * `req-${value}`: the text of the value between two fixed ones, which are cut off on the way back.
 */
function makeTemplate(args: TransformArgs): Converter | string {
  const { template } = args;
  if (typeof template !== "string") return "'template' has to be text";
  const [prefix = "", suffix, ...more] = template.split(TEMPLATE_HOLE);
  if (suffix === undefined || more.length > 0 || `${prefix}${suffix}`.includes("${")) {
    return `'template' has to hold ${TEMPLATE_HOLE} once, and nothing else in \${}`;
  }
  const around = { prefix, suffix };
  return {
    over: passing((value) => {
      const text = textOf(value);
      if (text === undefined) return refused("not something that has a text");
      return given(prefix + text + suffix);
    }),
    back: passing((value) => {
      const inside = cutOut(around, value);
      return inside === undefined ? refused(`does not look like '${template}'`) : given(inside);
    }),
    around,
  };
}

/** The lookup table of a mapping, as a transform. */
function makeMap(args: TransformArgs): Converter | string {
  const { table, otherwise } = args;
  if (!isObject(table)) return "'table' has to be a table of values";
  if (Object.keys(table).length > LOOKUP_ENTRIES_MAX) {
    return `'table' has more than ${LOOKUP_ENTRIES_MAX} entries`;
  }
  const lookup = compileLookup(otherwise === undefined ? { table } : { table, otherwise });
  return lookup.back === undefined
    ? { over: lookup.over }
    : { over: lookup.over, back: lookup.back };
}

/** The text of a value, empty for null and ABSENT; undefined: it has none. */
function textOf(value: Value): string | undefined {
  if (value === null || value === ABSENT) return "";
  const text = toText(value);
  return text.kind === "value" ? (text.value as string) : undefined; // toText gives text
}

function fieldOf(record: RecordView, path: Path): Value {
  // A column may be called `a.b`.
  if (Object.hasOwn(record, path.text)) return record[path.text] ?? null;
  return Object.hasOwn(record, path.column)
    ? valueAt(record[path.column] ?? null, path.steps)
    : ABSENT;
}
