// What comes one by one, collected into pages.
import { PAGE_BYTES_MAX, PAGE_ROWS_MAX } from "./replica.ts";

/** Pages that end as those of a replica do; `weigh` says how much one of them weighs. */
export async function* inPages<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  weigh: (item: Item) => number,
): AsyncGenerator<readonly Item[], void, undefined> {
  let page: Item[] = [];
  let bytes = 0;
  for await (const item of items) {
    page.push(item);
    bytes += weigh(item);
    if (page.length < PAGE_ROWS_MAX && bytes < PAGE_BYTES_MAX) continue;
    yield page;
    page = [];
    bytes = 0;
  }
  if (page.length > 0) yield page;
}
