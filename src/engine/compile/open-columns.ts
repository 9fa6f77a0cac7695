// Columns that nothing declares, those of a JSON file: rows alone show them, and the journal
// remembers them. Where no row has shown any yet, they are those that they meet.
import { SyncError } from "../../core/errors.ts";
import type { MappingSpec } from "../../core/mapping.ts";
import { parsePath } from "../../core/path.ts";
import type { CollectionDescription, FieldDescription } from "../replica.ts";
import type { Note } from "../views.ts";
import type { Draft } from "./draft.ts";

/** The column of a mapping's line on a side. */
export type ColumnAt = "source" | "target";

/** Names of columns that a mapping speaks of on a side; what is inside a document is not. */
export function namedIn(lines: readonly MappingSpec[], at: ColumnAt): readonly string[] {
  const read = lines.filter((line) => at === "target" || line.constant === undefined);
  return read.map((line) => parsePath(line[at]).column);
}

/** The same collection; one of which no row has shown a column has these ones. */
export function meeting(
  description: CollectionDescription,
  names: readonly string[],
): CollectionDescription {
  if (description.openColumns !== "unshown") return description;
  const known = new Set(description.fields.map(({ name }) => name));
  const others = [...new Set(names)].filter((name) => !known.has(name));
  return { ...description, fields: [...description.fields, ...others.map(openField)] };
}

function openField(name: string): FieldDescription {
  return {
    name,
    type: { kind: "any" },
    declared: "",
    nullable: true,
    hasDefault: false,
    generated: false,
    open: true,
    sparse: true,
    unseen: "still",
  };
}

/** There is nothing to model a new collection on. */
export function nothingShown(system: string, collection: string, where: string): SyncError {
  const message = `no row of ${system}.${collection} shows a column yet`;
  return new SyncError("COLUMN_MISSING", message, {
    where,
    hint:
      "Run again when there is one, make the target first, or declare the columns: " +
      `systems.${system}.collections.${collection}.columns, such as { id: integer }.`,
  });
}

/** Says which columns no row has any more: in an export, their names may have changed. */
export function unseenNotes({ settings, sides }: Draft): readonly Note[] {
  return sides.flatMap(({ settings: { at }, description, lines, role }) => {
    // Without a row there is nothing that lacks a column.
    if (description.fields.every(({ unseen }) => unseen !== undefined)) return [];
    const mapped = new Set(namedIn(lines, role));
    const news = description.fields.filter(
      ({ name, unseen }) => unseen === "newly" && mapped.has(name),
    );
    if (news.length === 0) return [];
    const names = news.map(({ name }) => name);
    const more = names.length - UNSEEN_NAMED_MAX;
    const shown =
      names.slice(0, UNSEEN_NAMED_MAX).join(", ") + (more > 0 ? ` and ${more} more` : "");
    const text =
      `no row of ${at.system}.${at.collection} has ${shown} any more: it counts as taken out of ` +
      "each; if it has another name now, map that";
    return [{ code: "COLUMNS_UNSEEN", pipeline: settings.name, text }];
  });
}

/** More than these are only counted. */
const UNSEEN_NAMED_MAX = 10;
