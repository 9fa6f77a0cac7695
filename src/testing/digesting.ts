// A replica that digests ranges by itself, made of one that does not: what a database does where
// its rows are, done in memory. For tests of whoever compares digests.
import { SyncError } from "../core/errors.ts";
import type { Key, OwnRow, Value } from "../core/state.ts";
import { canonical } from "../core/values.ts";
import type { Digester, DigestSpec, RangeDigest } from "../engine/digester.ts";
import { digestForm, makeRangeBytes } from "../engine/range-bytes.ts";
import type { Page, Replica } from "../engine/replica.ts";

/** How ranges are digested. */
export interface DigestingOptions {
  /** SHA-256 as 64 letters of [0-9a-f]. */
  readonly sha256: (bytes: Uint8Array) => string;
  /** Rows in a range, at most; small ones make many ranges of little data. */
  readonly rowsMax?: number;
  /** Ranges that are told at a time. Default 3. */
  readonly batch?: number;
  /** Ends before the end, after so many ranges. Absent: never. */
  readonly rangesMax?: number;
  /** Cannot digest more than so many ranges whose bounds it is given. Absent: all of them. */
  readonly betweenMax?: number;
}

/** The same replica with digests over one reading of all rows. */
export function digesting(inner: Replica, options: DigestingOptions): Replica {
  return {
    ...inner,
    digester: async (spec, signal) => {
      const { keys, owns, isKeyed } = await readAll(inner, spec, signal);
      if (!isKeyed) return undefined;
      return digesterOf({ keys, owns, bytesOf: await makeBytesOf(inner, spec, signal), options });
    },
  };
}

interface Rows {
  readonly keys: readonly Key[];
  readonly owns: readonly OwnRow[];
  readonly bytesOf: (owns: readonly OwnRow[]) => Uint8Array | undefined;
  readonly options: DigestingOptions;
}

function digesterOf({ keys, owns, bytesOf, options }: Rows): Digester {
  const endOf = (to: Key | null): number => {
    const end = to === null ? -1 : keys.findIndex((key) => key > to);
    return end === -1 ? keys.length : end;
  };
  const rangeOf = (start: number, to: Key | null): RangeDigest => {
    const rows = owns.slice(start, endOf(to));
    const bytes = bytesOf(rows);
    const digest = bytes === undefined ? {} : { digest: options.sha256(bytes) };
    return { to, rows: rows.length, ...digest };
  };
  const startOf = (after: Key | null): number => (after === null ? 0 : endOf(after));
  let told = 0;
  return {
    async *ranges(rowsMax) {
      const rows = Math.min(rowsMax, options.rowsMax ?? rowsMax);
      const all: RangeDigest[] = [];
      for (let start = 0; start === 0 || start < keys.length; start += rows) {
        const isLast = start + rows >= keys.length;
        all.push(rangeOf(start, isLast ? null : (keys[start + rows - 1] ?? null)));
      }
      const { batch = 3, rangesMax = all.length } = options;
      for (let at = 0; at < rangesMax; at += batch) {
        yield all.slice(at, Math.min(at + batch, rangesMax));
      }
    },
    between: async (after, bounds) => {
      told += bounds.length;
      if (told > (options.betweenMax ?? Infinity)) return undefined;
      return bounds.map((to, at) => {
        return rangeOf(startOf(at === 0 ? after : (bounds[at - 1] ?? null)), to);
      });
    },
    async *list(after, to) {
      const [start, end] = [startOf(after), endOf(to)];
      const page = { keys: keys.slice(start, end), rows: owns.slice(start, end) };
      yield { ...page, covers: { after, to, proof: "snapshot" as const } };
    },
    close: async () => undefined,
  };
}

async function readAll(
  inner: Replica,
  { shape }: DigestSpec,
  signal: AbortSignal,
): Promise<Pick<Rows, "keys" | "owns"> & { readonly isKeyed: boolean }> {
  let isKeyed = true;
  const keys: Key[] = [];
  const rows: Page["rows"][number][] = [];
  for await (const page of inner.list(shape, null, signal)) {
    keys.push(...page.keys);
    rows.push(...page.rows);
    if ((page.unkeyed?.length ?? 0) > 0) isKeyed = false;
  }
  return { keys, owns: rows.filter((row) => row !== null), isKeyed };
}

async function makeBytesOf(
  inner: Replica,
  { shape, fields, salt }: DigestSpec,
  signal: AbortSignal,
): Promise<Rows["bytesOf"]> {
  const described = (await inner.describe(signal)).collections.get(shape.collection);
  if (described === undefined) {
    throw new SyncError("COLLECTION_MISSING", `there is no collection ${shape.collection}`);
  }
  const kinds = new Map(described.fields.map(({ name, type }) => [name, type.kind]));
  const picked = fields.map(({ type }, at) => ({ at, form: digestForm(type) }));
  const make = makeRangeBytes(picked, salt);
  const places = fields.map(({ column }) => shape.columns.indexOf(column));
  return (owns) =>
    make(
      owns.map((own) =>
        fields.map(({ column, type }, at): Value | undefined => {
          const value = own[places[at] ?? -1];
          // A value of the link's type is taken as it is, also one that its column should not have.
          if (value === undefined || kinds.get(column) === type.kind) return value;
          return canonical(type, value);
        }),
      ),
    );
}
