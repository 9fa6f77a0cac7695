// What was changed since a moment, as the API itself dates its rows. Two rows of one moment, and
// one that is committed late, must not be lost: so some time before the last moment is asked for
// again each time, and what is known is told again. It does not tell of deletions, but where the
// API marks them; a comparison of everything finds those.
import { SyncError } from "../../core/errors.ts";
import { cellOf } from "../../core/json-cells.ts";
import type { Key, OwnRow, Value } from "../../core/state.ts";
import { canonical, isObject } from "../../core/values.ts";
import { weightOf } from "../../core/weight.ts";
import { PAGE_BYTES_MAX, PAGE_ROWS_MAX } from "../../engine/replica.ts";
import type { Cursor, FeedPage, Shape } from "../../engine/replica.ts";
import { noteAddress } from "./addresses.ts";
import { callOf } from "./api.ts";
import { failed } from "./failure.ts";
import { placeOf } from "./list.ts";
import type { Place } from "./list.ts";
import type { Opened } from "./collection.ts";
import { pagesOf } from "./pages.ts";
import type { SinceSettings } from "./settings.ts";

/** How far back is asked for again, in seconds, unless `overlap` says. */
const OVERLAP_SECONDS = 300;

/** By collection, the last moment that was seen, in microseconds since 1970. */
type Moments = { readonly [collection: string]: string };

/** Where a feed begins that has seen nothing. */
export const SINCE_START: Cursor = "{}";

/** Rows changed since a cursor, of the collections that tell. Throws CURSOR_LOST for no cursor. */
export async function* changesSince(
  on: Opened,
  shapes: readonly Shape[],
  cursor: Cursor | undefined,
  signal: AbortSignal,
): AsyncGenerator<FeedPage> {
  let moments = momentsIn(cursor ?? SINCE_START, on.api.options.name);
  for (const shape of shapes) {
    const place = await placeOf(on, shape, signal);
    const { since } = place.collection.settings;
    if (since === undefined) continue;
    const from = moments[shape.collection];
    let latest = from === undefined ? undefined : BigInt(from);
    // Until the last page was taken, a restart begins where this began.
    for await (const page of pagesSince({ place, since, from: latest }, signal)) {
      if (page.last === undefined) {
        yield { ...page.rows, cursor: JSON.stringify(moments) };
        continue;
      }
      latest = page.last.moment;
      if (latest !== undefined) moments = { ...moments, [shape.collection]: String(latest) };
      yield { ...page.rows, cursor: JSON.stringify(moments) };
    }
  }
}

function momentsIn(cursor: Cursor, system: string): Moments {
  try {
    const value: unknown = JSON.parse(cursor);
    const isMoments =
      typeof value === "object" &&
      value !== null &&
      Object.values(value).every((each) => /^-?\d+$/.test(String(each)));
    if (isMoments) return value as Moments; // just looked at
  } catch {
    // Said below, like whatever else is no cursor of ours.
  }
  throw new SyncError("CURSOR_LOST", `${system} does not know this cursor`, { where: system });
}

interface Since {
  readonly place: Place;
  readonly since: SinceSettings;
  readonly from: bigint | undefined;
}

interface Part {
  readonly rows: Omit<FeedPage, "cursor">;
  /** With the last page: the moment up to which everything was told. */
  readonly last?: { readonly moment: bigint | undefined };
}

async function* pagesSince(
  { place, since, from }: Since,
  signal: AbortSignal,
): AsyncGenerator<Part> {
  const { on, collection, shaped } = place;
  const overlap = BigInt(Math.round((since.overlap ?? OVERLAP_SECONDS) * 1e6));
  const params: [string, string][] =
    from === undefined ? [] : [[since.param, written(from - overlap, since)]];
  let latest = from;
  let began: bigint | undefined;
  let keys: Key[] = [];
  let rows: (OwnRow | null)[] = [];
  let bytes = 0;
  const part = (): Part["rows"] => ({
    collection: collection.name,
    keys,
    rows,
    bytes,
    isNow: true,
  });
  let line = 0;
  for await (const { items, date } of pagesOf(on.api, collection, shaped.own, signal, params)) {
    if (line === 0 && date !== undefined) began ??= BigInt(date) * 1000n;
    for (const item of items) {
      line += 1;
      const key = isObject(item) ? shaped.keyOf(item) : undefined;
      // A comparison of everything names those that have no key.
      if (!isObject(item) || key === undefined) continue;
      noteAddress(on, collection, shaped, item);
      const moment = momentOf(cellOf(item, since.field));
      if (moment === undefined) throw undated(place, since);
      if (latest === undefined || moment > latest) latest = moment;
      if (keys.length === PAGE_ROWS_MAX || bytes >= PAGE_BYTES_MAX) {
        yield { rows: part() };
        keys = [];
        rows = [];
        bytes = 0;
      }
      const row = isDeleted(item, since) ? null : shaped.rowOf(item);
      keys.push(key);
      rows.push(row);
      bytes += weightOf(row ?? []);
    }
  }
  // What was changed while we turned pages may have passed us by: it is asked for again.
  const moment = began !== undefined && latest !== undefined && began < latest ? began : latest;
  yield { rows: part(), last: { moment: later(from, moment) } };
}

function later(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a > b ? a : b;
}

function isDeleted(item: { readonly [name: string]: Value }, { deleted }: SinceSettings): boolean {
  const says = deleted === undefined ? null : cellOf(item, deleted);
  return says !== null && says !== false && typeof says !== "symbol";
}

/** Seconds of today are ten digits, milliseconds thirteen: no moment of now is both. */
const SECONDS_MAX = 100_000_000_000;

/** A moment in microseconds; undefined: it is none. */
function momentOf(value: Value): bigint | undefined {
  if (typeof value === "number" && Number.isFinite(value)) {
    return BigInt(Math.round(value < SECONDS_MAX ? value * 1e6 : value * 1e3));
  }
  if (typeof value !== "string") return undefined;
  const text = canonical({ kind: "instant" }, value) ?? canonical({ kind: "instant" }, `${value}Z`);
  if (typeof text !== "string") return undefined;
  const micros = /\.(\d+)Z$/.exec(text)?.[1] ?? "";
  const whole = Date.parse(text.replace(/\.\d+Z$/, "Z"));
  return Number.isNaN(whole) ? undefined : BigInt(whole) * 1000n + BigInt(micros.padEnd(6, "0"));
}

function written(moment: bigint, { format = "iso" }: SinceSettings): string {
  const floor = moment - (((moment % 1000n) + 1000n) % 1000n);
  const ms = Number(floor / 1000n);
  if (format === "seconds") return String(Math.floor(ms / 1000));
  return format === "milliseconds" ? String(ms) : new Date(ms).toISOString();
}

function undated({ on, collection }: Place, { field }: SinceSettings): SyncError {
  const call = callOf(on.api, { method: "GET", path: collection.path, url: on.api.base });
  return failed("LIST_FAILED", call, `answered a row without a moment in '${field}'`, {
    hint: `Check systems.${on.api.options.name}.collections.${collection.name}.since.field.`,
  });
}
