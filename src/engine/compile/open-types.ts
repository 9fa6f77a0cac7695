// Columns that nobody declared (those of a CSV file) take the types of the columns that they meet.
import type { LogicalType } from "../../core/logical.ts";
import { isConverted, type MappingSpec } from "../../core/mapping.ts";
import type { CollectionDescription, FieldDescription } from "../replica.ts";
import type { Draft, DraftSide } from "./draft.ts";
import { unified } from "./unified-type.ts";

/** The same pipeline, in which every open column has a type that the other sides can mean. */
export function withTypes<D extends Pick<Draft, "sides">>(draft: D): D {
  if (!draft.sides.some(({ description }) => description.fields.some(({ open }) => open))) {
    return draft;
  }
  const sides = draft.sides.map((side): DraftSide => {
    const fields = side.description.fields.map((field) =>
      field.open === true ? { ...field, type: typeFor(draft.sides, side, field) } : field,
    );
    return { ...side, description: { ...side.description, fields } };
  });
  return { ...draft, sides };
}

function typeFor(
  sides: readonly DraftSide[],
  side: DraftSide,
  field: FieldDescription,
): LogicalType {
  const met = side.lines
    .filter((line) => columnOf(side, line) === field.name)
    .flatMap((line) =>
      sides.flatMap((other) => (other === side ? [] : (fieldAt(other, line.target) ?? []))),
    );
  const declared = met.filter(({ open }) => open !== true).map(({ type }) => type);
  // Among open ones a text is more than anything: it is how values stand in their files.
  const types = declared.length > 0 ? declared : [field, ...met].map(({ type }) => type);
  const type = unified(types);
  return type === undefined || type.kind === "any" ? field.type : unbound(type);
}

/** The column that holds a line's field as it is; undefined: none does. */
function columnOf(side: DraftSide, line: MappingSpec): string | undefined {
  if (side.role === "target") return line.target;
  return isConverted(line) || line.constant !== undefined ? undefined : line.source;
}

function fieldAt(side: DraftSide, target: string): FieldDescription | undefined {
  const line = side.lines.find((each) => each.target === target);
  const name = line === undefined ? undefined : columnOf(side, line);
  return side.description.fields.find((field) => field.name === name);
}

/** What a single side cannot hold is refused there, value by value, and not unreadable here. */
function unbound(type: LogicalType): LogicalType {
  switch (type.kind) {
    case "named":
      return type;
    case "list":
      return { kind: "list", of: unbound(type.of) };
    default:
      return { kind: type.kind };
  }
}

/** In what types a link reads these columns; undefined: the store's own are all that counts. */
export function shapeTypes(
  description: CollectionDescription,
  columns: readonly string[],
): readonly LogicalType[] | undefined {
  if (description.openKey !== true) return undefined;
  const types = new Map(description.fields.map(({ name, type }) => [name, type]));
  return columns.map((name) => types.get(name) ?? { kind: "any" });
}
