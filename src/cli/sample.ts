// A few of a long list: some of every kind there is, in the list's order.

/** The beginning of one kind, so that each kind may fill the whole sample. */
interface Kind<Item> {
  readonly kept: { readonly at: number; readonly item: Item }[];
  count: number;
}

/** What was taken, and how many there are of each kind. */
export interface Sample<Item> {
  readonly items: readonly Item[];
  readonly counts: { readonly [kind: string]: number };
}

/**
 * At most so many items: the kinds take turns until the sample is full. Reads to the end of the
 * list, in constant memory, because a kind may come last.
 */
export async function sampleOf<Item>(
  items: AsyncIterable<Item>,
  most: number,
  kindOf: (item: Item) => string,
): Promise<Sample<Item>> {
  const kinds = new Map<string, Kind<Item>>();
  let at = 0;
  for await (const item of items) {
    const name = kindOf(item);
    const kind = kinds.get(name) ?? { kept: [], count: 0 };
    kinds.set(name, kind);
    if (kind.kept.length < most) kind.kept.push({ at, item });
    kind.count += 1;
    at += 1;
  }
  const taken: Kind<Item>["kept"] = [];
  for (let turn = 0; turn < most && taken.length < most; turn++) {
    for (const { kept } of kinds.values()) {
      const next = kept[turn];
      if (next !== undefined && taken.length < most) taken.push(next);
    }
  }
  const counts = Object.fromEntries([...kinds].map(([name, { count }]) => [name, count]));
  return { items: taken.sort((a, b) => a.at - b.at).map(({ item }) => item), counts };
}
