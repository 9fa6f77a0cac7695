// How a pipeline looks at a row of one side: through its lens, and, where the link remembers
// digests only, as one digest. Everything after this point is in policy terms.
import { rowDigest } from "../core/hash.ts";
import type { OwnRow, Row, SideIndex } from "../core/state.ts";
import type { Hash } from "../core/hash.ts";
import type { Pipeline } from "./link.ts";
import { whyIllegible } from "./illegible.ts";

/** A row that its lens cannot read: every broken field, in words. */
export interface Unreadable {
  readonly kind: "unreadable";
  readonly errors: readonly string[];
  /** The link's fields, where nothing is wrong with the row but that it breaks rules. */
  readonly broken?: Row;
}

/** A pipeline's eyes and hands, made once per cycle. */
export interface View {
  /** Own terms to policy terms. */
  see(side: SideIndex, own: OwnRow): Row | Unreadable;
  /** The same whatever rules the row breaks; undefined: it cannot be read. */
  seeBroken(side: SideIndex, own: OwnRow): Row | undefined;
  /** Own terms to the link's fields, whatever the link remembers. */
  fields(side: SideIndex, own: OwnRow): Row | Unreadable;
  /** The digest that stands for a row in a link that remembers digests. */
  digest(fields: Row): string;
  /** Link fields to own terms: what is to be written where `own` stands now. */
  back(side: SideIndex, fields: Row, own: OwnRow | null): OwnRow | Unreadable;
  /** True where the filter, if this side owns one, lets the row in. */
  isInside(side: SideIndex, own: OwnRow): boolean;
  /**
   * The side's own row where it follows from the agreed values, so that it need not be kept;
   * undefined: it does not follow.
   */
  ownOf(side: SideIndex, row: Row): OwnRow | undefined;
}

/** True if a look through a lens failed. */
export function isUnreadable(look: Row | OwnRow | Unreadable): look is Unreadable {
  return "kind" in look;
}

/** The view of one pipeline. */
export function makeView(pipeline: Pipeline, hash: Hash): View {
  const { policy, sides, memory } = pipeline;
  const count = pipeline.fields.length;
  const hasMember = policy.member >= 0;
  const inverses = sides.map((side) => columnsByField(side.lens, side.shape.columns.length, count));

  const isInside = (side: SideIndex, own: OwnRow): boolean =>
    whyIllegible(own) !== undefined || (sides[side]?.isInside?.(own) ?? true);
  const fields = (side: SideIndex, own: OwnRow): Row | Unreadable => {
    const errors = whyIllegible(own);
    if (errors !== undefined) return { kind: "unreadable", errors };
    const row = lensOf(side).over(own);
    if (!isUnreadable(row)) return row.length === count ? row : row.slice(0, count);
    return row.broken === undefined ? row : { ...row, broken: row.broken.slice(0, count) };
  };
  const digest = (row: Row): string => rowDigest(hash, row);
  const lensOf = (side: SideIndex) => {
    const found = sides[side];
    if (found === undefined) throw new RangeError(`no side ${side} in ${pipeline.name}`);
    return found.lens;
  };
  const member = (side: SideIndex, own: OwnRow): boolean | undefined =>
    sides[side]?.isInside === undefined ? undefined : isInside(side, own);

  const seen = (side: SideIndex, own: OwnRow, row: Row): Row => {
    const remembered = memory === "digest" ? [digest(row)] : row;
    return hasMember ? [...remembered, member(side, own)] : remembered;
  };

  return {
    fields,
    digest,
    isInside,
    see(side, own) {
      const row = fields(side, own);
      return isUnreadable(row) ? row : seen(side, own, row);
    },
    seeBroken(side, own) {
      const found = fields(side, own);
      const row = isUnreadable(found) ? found.broken : found;
      return row === undefined ? undefined : seen(side, own, row);
    },
    back: (side, row, own) =>
      lensOf(side).back(row.length > count ? row.slice(0, count) : row, own),
    ownOf(side, row) {
      const inverse = inverses[side];
      if (memory === "digest" || inverse === undefined) return undefined;
      const own = inverse.map((field) => row[field]);
      return own.includes(undefined) ? undefined : (own as OwnRow); // no undefined is left in it
    },
  };
}

/** True if a lens shows every field it carries as some column holds it: a rename at most. */
export function isPicking(
  lens: { readonly carries: readonly number[]; readonly positions: readonly number[] },
  fields: number,
): boolean {
  return lens.carries.every((field) => field >= fields || (lens.positions[field] ?? -1) >= 0);
}

/** Per own column the link field that it shows, where the lens only renames; else undefined. */
export function columnsByField(
  lens: { readonly carries: readonly number[]; readonly positions: readonly number[] },
  columns: number,
  fields: number,
): readonly number[] | undefined {
  if (!isPicking(lens, fields)) return undefined;
  const inverse: number[] = Array.from({ length: columns }, () => -1);
  for (let field = 0; field < fields; field++) {
    const column = lens.positions[field] ?? -1;
    if (column >= 0) inverse[column] = field;
  }
  return inverse.includes(-1) ? undefined : inverse;
}
