// `latest` by a column: when a row was changed, as the row itself says.
import { SyncError } from "../../core/errors.ts";
import { DAY_MS, daysOf } from "../../core/calendar.ts";
import { datetimeOf, instantOf } from "../../core/moments.ts";
import { stampOf, STAMPS_PER_MS } from "../../core/stamp.ts";
import type { LatestBy } from "../../core/strategies.ts";
import type { OwnRow, Stamp, Value } from "../../core/state.ts";
import { didYouMean } from "../../core/nearest.ts";
import type { Draft, DraftSide } from "./draft.ts";
import { fieldsByName } from "./fields.ts";
import { plainColumn } from "./lenses.ts";
import { whereIs } from "./where.ts";

/** The columns that say when a row was changed, by side; undefined: a side does not say. */
export function timeColumns(
  draft: Draft,
  by: LatestBy | undefined,
  problems: SyncError[],
): readonly (string | undefined)[] {
  const where = whereIs(draft.origin, "conflicts", "by");
  return draft.sides.map((side) => {
    if (by === undefined || !side.leads || by.kind === "clock") return undefined;
    const { system, collection } = side.settings.at;
    if (by.kind === "commit") {
      if (side.description.capabilities.log) return undefined;
      const at = `${system}.${collection}`;
      const message = `${at} keeps no log, so nobody knows when a row was committed`;
      const hint = "Say `by:` a column that holds the time, or `clock`.";
      problems.push(new SyncError("CONFIG_INVALID", message, { where, hint }));
      return undefined;
    }
    const column = timeColumn(draft, side, by.column);
    if (column !== undefined) return column;
    const message = `${system}.${collection} has no column '${by.column}' to say what is latest`;
    const hint = didYouMean(by.column, fieldsByName(side.description).keys());
    problems.push(new SyncError("COLUMN_MISSING", message, { where, hint }));
    return undefined;
  });
}

/** A field of the link by its column on this side, else a column of that name. */
export function timeColumn(draft: Draft, side: DraftSide, name: string): string | undefined {
  const mapped = draft.fields.includes(name) ? plainColumn(side, name) : undefined;
  return mapped ?? (fieldsByName(side.description).has(name) ? name : undefined);
}

/** Reads the stamp of a change from its row; undefined where the row does not say. */
export function makeStampOf(index: number): (own: OwnRow) => Stamp | undefined {
  return (own) => stampIn(own[index] ?? null);
}

/** Above this a number counts milliseconds, below it seconds: as seconds it is the year 5138. */
const SECONDS_MAX = 100_000_000_000;

function stampIn(value: Value): Stamp | undefined {
  if (typeof value === "bigint") return stampIn(Number(value));
  if (typeof value === "number") {
    if (!Number.isFinite(value)) return undefined;
    return inRange(Math.abs(value) < SECONDS_MAX ? value * 1000 : value);
  }
  if (typeof value !== "string") return undefined;
  const text = instantOf(value) ?? datetimeOf(value) ?? datetimeOf(`${value}T00:00:00`);
  const ms = text === undefined ? undefined : msOf(text);
  return ms === undefined ? undefined : inRange(ms);
}

function inRange(ms: number): Stamp | undefined {
  const whole = Math.floor(ms);
  const isSafe = Math.abs(whole) < STAMP_MS_MAX;
  return isSafe ? stampOf(whole, Math.floor((ms - whole) * STAMPS_PER_MS)) : undefined;
}

/** The year 2080: beyond it stamps stop being safe integers. */
const STAMP_MS_MAX = 110 * 365.25 * DAY_MS;

const MOMENT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d(?:\.\d+)?)Z?$/;

/** Milliseconds since 1970 of a canonical moment; a time without zone is taken for UTC. */
function msOf(text: string): number | undefined {
  const parts = MOMENT.exec(text)?.slice(1).map(Number);
  if (parts === undefined) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  const days = daysOf({ year, month, day });
  return days * DAY_MS + (hour * 60 + minute) * 60_000 + second * 1000;
}
