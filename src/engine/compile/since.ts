// What tells which rows of a side changed: the side by itself, or a column that somebody named.
import { SyncError } from "../../core/errors.ts";
import { didYouMean } from "../../core/nearest.ts";
import { typeName } from "../../core/values.ts";
import type { Overlap, SinceColumn } from "../replica.ts";
import type { PipelineSettings } from "../settings.ts";
import type { Draft, DraftSide } from "./draft.ts";
import { fieldsByName } from "./fields.ts";
import { timeColumn } from "./times.ts";
import { whereIs, whereIsSide } from "./where.ts";

/** How late a row may be committed, unless somebody says otherwise. */
const OVERLAP: Overlap = { kind: "time", ms: 300_000 };

/**
 * The columns that tell, by side; undefined for a side that only follows, or that tells by itself.
 * Undefined as a whole: nobody asked for it. Adds what is wrong.
 */
export function sinceColumns(
  draft: Draft,
  problems: SyncError[],
): readonly (SinceColumn | undefined)[] | undefined {
  if (!asksSince(draft.settings)) return undefined;
  return draft.sides.map((side) => (side.leads ? columnOf(draft, side, problems) : undefined));
}

/** True where not every run is to compare everything. */
function asksSince({ since, sides }: PipelineSettings): boolean {
  return since !== undefined || sides.some((side) => side.since !== undefined);
}

function columnOf(draft: Draft, side: DraftSide, problems: SyncError[]): SinceColumn | undefined {
  const { field, overlap } = { ...draft.settings.since, ...side.settings.since };
  const { capabilities } = side.description;
  const { system, collection } = side.settings.at;
  const place = `${system}.${collection}`;
  const own = side.settings.since;
  const where = (key: "field" | "overlap"): string =>
    own?.[key] === undefined
      ? whereIs(draft.origin, "since", key)
      : whereIsSide(draft.origin, draft.settings, side.settings, "since", key);
  const refuse = (key: "field" | "overlap", message: string, hint?: string): undefined => {
    const more = hint === undefined ? {} : { hint };
    problems.push(new SyncError("CONFIG_INVALID", message, { where: where(key), ...more }));
  };
  if (capabilities.since === true) return undefined;
  if (capabilities.sinceColumns === undefined) {
    const hint = "Leave `since` out: every run compares everything.";
    return refuse("field", `${place} does not tell what changed`, hint);
  }
  if (field === undefined) {
    const hint = "Say `since: { field: … }`: a column that grows with every change.";
    return refuse("field", `Nothing says which column of ${place} tells what changed`, hint);
  }
  const column = timeColumn(draft, side, field);
  const known = fieldsByName(side.description);
  const type = column === undefined ? undefined : known.get(column)?.type;
  if (column === undefined || type === undefined) {
    const hint = didYouMean(field, known.keys());
    return refuse("field", `${place} has no column '${field}' to tell what changed`, hint);
  }
  if (!capabilities.sinceColumns.includes(type.kind)) {
    const hint = "It takes a time or a number that grows with every change.";
    return refuse("field", `${place}: '${column}' is ${typeName(type)}, and tells no order`, hint);
  }
  const isNumber = NUMBERS.has(type.kind);
  const said = overlap ?? (isNumber ? undefined : OVERLAP);
  if (said === undefined) {
    const hint = "Say how much of it: `overlap: 1000`.";
    return refuse("field", `${place}: '${column}' counts, and has no overlap of its own`, hint);
  }
  if (isNumber === (said.kind === "time") && type.kind !== "any") {
    const [is, says] = isNumber ? ["a number", "overlap: 1000"] : ["a time", "overlap: 5m"];
    return refuse("overlap", `${place}: '${column}' is ${is}`, `Say for example \`${says}\`.`);
  }
  return { column, overlap: said };
}

const NUMBERS: ReadonlySet<string> = new Set(["integer", "decimal", "real"]);
