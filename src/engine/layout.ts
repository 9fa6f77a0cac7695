// What the places in an entry's text mean. Entries are lists without names, so when a mapping was
// edited the journal has to say in which layout each of them was written: the first layout of a
// pipeline is number 0, and an entry of a later one carries its number.
import { project } from "../core/fold.ts";
import type { Policy } from "../core/policy.ts";
import type { OwnRow, Row, SideIndex, State } from "../core/state.ts";
import { typeName } from "../core/values.ts";
import type { Link, Pipeline } from "./link.ts";
import { columnsByField } from "./view.ts";

/** The places of one side. */
interface SideLayout {
  readonly name: string;
  /** `system.collection`. */
  readonly at: string;
  /** The places of an own row. */
  readonly columns: readonly string[];
  /** By field: how its value comes about there. */
  readonly reads: readonly string[];
  /** Places that the side carries, membership included only for the filter's owner. */
  readonly carries: readonly number[];
  readonly ownsFilter: boolean;
  /** By own column the field that it shows, where an own row follows from a shadow. */
  readonly inverse?: readonly number[];
}

/** What every place of a pipeline's entries means. */
export interface Layout {
  readonly memory: Pipeline["memory"];
  /** Names of the link's fields, membership excluded. */
  readonly fields: readonly string[];
  readonly types: readonly string[];
  readonly hasMember: boolean;
  readonly sides: readonly SideLayout[];
}

/** The layouts of a pipeline's entries, and which of them is today's. */
export interface Layouts {
  readonly known: readonly Layout[];
  readonly today: number;
  /** True until the journal has today's. */
  readonly isNew: boolean;
}

/** How texts of one layout become entries. */
export interface Reading {
  readonly sides: number;
  /** Places in a state, membership included. */
  readonly fields: number;
  project(side: SideIndex, agreed: State): Row | null;
  ownOf(side: SideIndex, shadow: Row): OwnRow | undefined;
}

/** Reads the layouts of every pipeline of a link. */
export async function readLayouts(link: Link): Promise<ReadonlyMap<string, Layouts>> {
  const layouts = new Map<string, Layouts>();
  for (const pipeline of link.pipelines) {
    const kept = await link.journal.fact(factOf(pipeline.name));
    const known = kept === undefined ? [] : (JSON.parse(kept) as Layout[]); // as saved
    const now = layoutOf(pipeline);
    const text = JSON.stringify(now);
    const at = known.findIndex((each) => JSON.stringify(each) === text);
    layouts.set(
      pipeline.name,
      at >= 0
        ? { known, today: at, isNew: false }
        : { known: [...known, now], today: known.length, isNew: true },
    );
  }
  return layouts;
}

/** The facts that the journal has to have before any text of a new layout. */
export function layoutFacts(layouts: ReadonlyMap<string, Layouts> | undefined): readonly Fact[] {
  return [...(layouts ?? [])]
    .filter(([, { isNew }]) => isNew)
    .map(([name, { known }]) => ({ name: factOf(name), value: JSON.stringify(known) }));
}

interface Fact {
  readonly name: string;
  readonly value: string;
}

const factOf = (pipeline: string): string => `layout ${pipeline}`;

/** Today's layout of a pipeline. */
function layoutOf({ memory, fields, types, policy, sides }: Pipeline): Layout {
  return {
    memory,
    fields,
    types: types.map(typeName),
    hasMember: policy.member >= 0,
    sides: sides.map((side, index): SideLayout => {
      const { carries = [], ownsFilter = false } = policy.sides[index] ?? {};
      const { columns, collection } = side.shape;
      const inverse = columnsByField(side.lens, columns.length, fields.length);
      return {
        name: side.name,
        at: `${side.replica.name}.${collection}`,
        columns,
        reads: side.reads,
        carries,
        ownsFilter,
        ...(inverse === undefined ? {} : { inverse }),
      };
    }),
  };
}

/** Places in a state of that layout. */
export function placesOf({ memory, fields, hasMember }: Layout): number {
  return (memory === "digest" ? 1 : fields.length) + Number(hasMember);
}

/** The place of membership, or -1. */
export function memberOf(layout: Layout): number {
  return layout.hasMember ? placesOf(layout) - 1 : -1;
}

/** How texts of an earlier layout are read. */
export function readingOf(layout: Layout): Reading {
  const fields = placesOf(layout);
  const sides = layout.sides.map(({ carries, ownsFilter }) => ({ ...STILL, carries, ownsFilter }));
  const policy: Policy = { ...NOTHING_FOLDED, fields, member: memberOf(layout), sides };
  return {
    sides: sides.length,
    fields,
    project: (side, agreed) => project(side, agreed, policy),
    ownOf(side, shadow) {
      const inverse = layout.sides[side]?.inverse;
      if (layout.memory === "digest" || inverse === undefined) return undefined;
      const own = inverse.map((field) => shadow[field]);
      return own.includes(undefined) ? undefined : (own as OwnRow); // no undefined is left in it
    },
  };
}

/** Only what `project` asks of a policy counts here: nothing is folded in an earlier layout. */
const NOTHING_FOLDED = {
  rows: { kind: "merge" },
  initial: { kind: "merge" },
  settle: [],
  guard: "pass",
  stamp: 0,
  now: 0,
} as const;
const STILL = { follows: false, drift: "overwrite", marks: false, compares: true } as const;
