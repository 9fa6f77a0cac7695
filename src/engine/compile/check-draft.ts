// What can be wrong with a pipeline whose collections were found: its key, and what it writes.
import { SyncError } from "../../core/errors.ts";
import { isOnlyToTarget } from "../../core/mapping.ts";
import { didYouMean } from "../../core/nearest.ts";
import { parsePath } from "../../core/path.ts";
import { checkKeyLine } from "./check-settings.ts";
import type { Draft, DraftSide } from "./draft.ts";
import { fieldsByName } from "./fields.ts";
import { elsewhere, whereIs, whereIsSide } from "./where.ts";

/** Adds what is wrong with a pipeline once everything that it names was found. */
export function checkDraft(draft: Draft, problems: SyncError[]): void {
  const before = problems.length;
  for (const side of draft.sides) {
    for (const field of draft.key) {
      if (draft.settings.key === undefined) {
        checkKeyLine({ ...draft.settings, name: draft.origin }, side.settings, field, problems);
      }
      checkKeyColumn(draft, side, field, problems);
    }
    if (side.isWritten) checkWritable(draft, side, problems);
  }
  if (problems.length === before) checkUnique(draft, problems);
}

/** The column that holds a field of the key on a side. */
export function keyColumn(side: DraftSide, field: string): string {
  const line = side.lines.find((each) => each.target === field);
  return (side.role === "target" ? line?.target : line?.source) ?? field;
}

function checkKeyColumn(draft: Draft, side: DraftSide, field: string, problems: SyncError[]): void {
  const { origin, settings } = draft;
  const where = whereIs(origin, "key");
  const { system, collection } = side.settings.at;
  if (!side.lines.some((line) => line.target === field)) {
    const at = `${system}.${collection}`;
    const message = `The key field '${field}' is not mapped, and ${at} has no such column`;
    const hint = didYouMean(field, [...draft.fields, ...fieldsByName(side.description).keys()]);
    problems.push(new SyncError("COLUMN_MISSING", message, { where, hint }));
    return;
  }
  const column = keyColumn(side, field);
  if (fieldsByName(side.description).has(column)) return;
  const message = `The key field '${field}' is no column of ${system}.${collection}: '${column}'`;
  const at = settings.key === undefined ? whereIsSide(origin, settings, side.settings) : where;
  const hint = didYouMean(column, fieldsByName(side.description).keys());
  problems.push(new SyncError("COLUMN_MISSING", message, { where: at, hint }));
}

/**
 * Every column set that is unique on its own makes a key that holds it unique. A side that is only
 * read (a view, a table without an index) need not declare any: every listing of it proves that no
 * two rows have one key, and ends where they do.
 */
function checkUnique(draft: Draft, problems: SyncError[]): void {
  const { origin, settings } = draft;
  for (const side of draft.sides) {
    if (side.description.openKey === true || !side.isWritten) continue;
    const columns = draft.key.map((field) => keyColumn(side, field));
    const { key, uniqueSets } = side.description;
    const sets = key.length === 0 ? uniqueSets : [key, ...uniqueSets];
    if (sets.some((set) => set.length > 0 && set.every((name) => columns.includes(name)))) continue;
    const { system, collection } = side.settings.at;
    const message = `The key (${columns.join(", ")}) is not unique in ${system}.${collection}`;
    const at =
      settings.key === undefined
        ? whereIsSide(origin, settings, side.settings)
        : whereIs(origin, "key");
    const unique = [...new Set(sets.map((set) => `[${set.join(", ")}]`))].join(" or ");
    const hint =
      unique === ""
        ? "Nothing is declared unique there: add a primary key or a unique index."
        : `Name what is: ${unique}; or add a unique index.`;
    problems.push(new SyncError("KEY_NOT_UNIQUE", message, { where: at, hint }));
  }
}

function checkWritable(draft: Draft, side: DraftSide, problems: SyncError[]): void {
  const { system, collection } = side.settings.at;
  const at = `${system}.${collection}`;
  const where = whereIsSide(draft.origin, draft.settings, side.settings);
  if (!side.description.capabilities.writable) {
    const message = `${at} cannot be written, and this pipeline writes to it`;
    const why = side.description.unwritable ?? new SyncError("REPLICA_READ_ONLY", message);
    problems.push(elsewhere(why, where));
    return;
  }
  const written = side.lines.filter((line) => side.role === "target" || !isOnlyToTarget(line));
  const isColumn = (name: string): boolean => fieldsByName(side.description).has(name);
  const columns = new Set(
    written.map(
      (line) => parsePath(side.role === "target" ? line.target : line.source, isColumn).column,
    ),
  );
  for (const field of side.description.fields) {
    if (columns.has(field.name) && field.generated) {
      const message = `${at} computes '${field.name}' by itself: it cannot be written`;
      const hint = "Take it out of the mapping, or say `only: to-target` where it is the source.";
      problems.push(new SyncError("CONFIG_INVALID", message, { where, hint }));
    }
    const isNeeded = !field.nullable && !field.hasDefault && !field.generated;
    if (isNeeded && !columns.has(field.name)) {
      const message = `${at} needs a value for '${field.name}', and nothing is mapped to it`;
      const hint = "Map a column or a `constant` to it, or give it a default in the store.";
      problems.push(new SyncError("COLUMN_MISSING", message, { where, hint }));
    }
  }
}
