// A replica whose rows are called otherwise than the entries of a link: every key is brought from
// one name to the other on its way. Rows stay as they are. A listing is sorted anew, because the
// order of the names is not that of the entries (`req-10` stands before `req-9`).
import { SyncError } from "../core/errors.ts";
import { decodeValues, encodeValues } from "../core/json.ts";
import { makeKeyNames, type KeyNames } from "../core/key-template.ts";
import { showKey } from "../core/key.ts";
import type { Key, OwnRow, Position } from "../core/state.ts";
import { weightOf } from "../core/weight.ts";
import { illegible, whyIllegible } from "./illegible.ts";
import { passing } from "./passing.ts";
import { PAGE_BYTES_MAX, PAGE_ROWS_MAX } from "./replica.ts";
import type { Batch, Deletions, Outcome, Page, Reached, Replica, Shape } from "./replica.ts";
import type { RowWrite, Writer } from "./replica.ts";

/** A record with its key; of equal keys the lower line comes first. */
interface Keyed {
  readonly key: Key;
  readonly raw: string;
  readonly line: number;
}

/** Takes records in any order and gives them back in key order. Someone must close it. */
export interface Sorter {
  add(record: Keyed): void;
  sorted(): Iterable<Keyed>;
  close(): void;
}

/** What a side calls an entry; undefined: it could call none of its rows so. */
export function ownKeyIn({ templates }: Shape, key: Key): Key | undefined {
  return templates === undefined ? key : makeKeyNames(templates).ownOf(key);
}

/**
 * The same replica, which takes shapes with templates, of sides that follow. Their logs are not
 * heard and their times count for nothing: neither is told here.
 */
export function templated(replica: Replica, sorter: () => Sorter): Replica {
  const plain = passing(replica);
  const reach = plain.reach?.bind(plain);
  const digester = plain.digester?.bind(plain);
  return {
    ...plain,
    list(shape, after, signal) {
      const names = namesIn(shape);
      if (names === undefined) return plain.list(shape, after, signal);
      return sortedAnew(plain.list(bare(shape), null, signal), { names, sorter, after });
    },
    read(shape, keys, signal) {
      const names = namesIn(shape);
      if (names === undefined) return plain.read(shape, keys, signal);
      const read = (own: readonly Key[]) => plain.read(bare(shape), own, signal);
      return readNamed(read, names, keys);
    },
    ...(digester && {
      digester: async (spec, signal) =>
        spec.shape.templates === undefined ? digester(spec, signal) : undefined,
    }),
    ...(reach && { reach: (deletions, signal) => reachNamed(reach, deletions, signal) }),
    writer: async (signal) => writerNamed(await plain.writer(signal), plain.name),
  };
}

function namesIn({ templates }: Shape): KeyNames | undefined {
  return templates === undefined ? undefined : makeKeyNames(templates);
}

/** The shape as its own replica knows it. */
function bare(shape: Shape): Shape {
  const { templates: _, ...rest } = shape;
  return rest;
}

/** How a listing is brought into the order of entries. */
interface Sorting {
  readonly names: KeyNames;
  readonly sorter: () => Sorter;
  readonly after: Key | null;
}

/** Rows that are called what no entry could be are counted, and nobody's business beyond that. */
async function* sortedAnew(
  pages: AsyncIterable<Page>,
  { names, sorter, after }: Sorting,
): AsyncGenerator<Page> {
  const sorting = sorter();
  try {
    let line = 0;
    let isWhole = false;
    let proof: Proof = "snapshot";
    for await (const page of pages) {
      let others = 0;
      for (const [at, own] of page.keys.entries()) {
        const key = names.keyOf(own);
        if (key === undefined) others += 1;
        else if (after === null || key > after) {
          sorting.add({ key, raw: packed(page, at), line: (line += 1) });
        }
      }
      if (page.covers?.proof !== "snapshot") proof = "paged";
      if (page.covers?.to === null) isWhole = true;
      const { unkeyed = [] } = page;
      // Told as they come, so that they need not be kept.
      if (unkeyed.length + others > 0) yield { keys: [], rows: [], unkeyed, others };
    }
    yield* pagesOf(sorting.sorted(), { after, proof, isWhole });
  } finally {
    sorting.close();
  }
}

type Proof = NonNullable<Page["covers"]>["proof"];

/** I15: what was not listed to its end does not cover everything when it is sorted either. */
function* pagesOf(
  records: Iterable<Keyed>,
  of: { readonly after: Key | null; readonly proof: Proof; readonly isWhole: boolean },
): Generator<Page> {
  const { proof } = of;
  let [keys, rows, positions]: [Key[], OwnRow[], Position[]] = [[], [], []];
  let { after } = of;
  let bytes = 0;
  for (const { key, raw } of records) {
    if (keys.length === PAGE_ROWS_MAX || bytes >= PAGE_BYTES_MAX) {
      const to = keys.at(-1) ?? null;
      yield { keys, rows, positions, bytes, covers: { after, to, proof } };
      [keys, rows, positions] = [[], [], []];
      after = to;
      bytes = 0;
    }
    const { row, at } = unpacked(raw);
    keys.push(key);
    rows.push(row);
    positions.push(at);
    bytes += weightOf(row);
  }
  const covers = of.isWhole ? { covers: { after, to: null, proof } } : {};
  yield { keys, rows, positions, bytes, ...covers };
}

/** A row as text: its place, whether it can be read, and its values or what is wrong with it. */
function packed({ rows, positions }: Page, at: number): string {
  const row = rows[at] ?? [];
  const errors = whyIllegible(row);
  return encodeValues([positions?.[at] ?? 0, errors === undefined, ...(errors ?? row)]);
}

function unpacked(raw: string): { readonly row: OwnRow; readonly at: Position } {
  const [at, isLegible, ...values] = decodeValues(raw);
  const row = isLegible === true ? (values as OwnRow) : illegible(values.map(String)); // packed()
  return { row, at: typeof at === "bigint" ? at : Number(at) };
}

async function readNamed(
  read: (own: readonly Key[]) => Promise<Page>,
  names: KeyNames,
  keys: readonly Key[],
): Promise<Page> {
  const owns = keys.map((key) => names.ownOf(key));
  const asked = owns.filter((own) => own !== undefined);
  const page = asked.length === 0 ? { keys: [], rows: [] } : await read(asked);
  const rows: (OwnRow | null)[] = [];
  const positions: Position[] = [];
  let at = 0;
  for (const own of owns) {
    // The others are for whoever goes on with them.
    if (own !== undefined && at === page.keys.length) break;
    rows.push(own === undefined ? null : (page.rows[at] ?? null));
    positions.push(own === undefined ? 0 : (page.positions?.[at] ?? 0));
    if (own !== undefined) at += 1;
  }
  return { keys: keys.slice(0, rows.length), rows, positions };
}

/** A row that no entry is called after is told of without its key: nobody leads it away. */
async function* reachNamed(
  reach: NonNullable<Replica["reach"]>,
  { shape, keys, referring }: Deletions,
  signal: AbortSignal,
): AsyncGenerator<readonly Reached[]> {
  const names = namesIn(shape);
  const by = new Map(referring.map((each) => [each.collection, namesIn(each)]));
  const owns = names === undefined ? keys : keys.flatMap((key) => names.ownOf(key) ?? []);
  const asked = { shape: bare(shape), keys: owns, referring: referring.map(bare) };
  for await (const page of reach(asked, signal)) {
    yield page.map(({ from, key, ...of }): Reached => {
      const own = by.get(of.collection);
      const named = key === undefined || own === undefined ? key : own.keyOf(key);
      const deleted = names === undefined ? from : (names.keyOf(from) ?? from);
      return { ...of, from: deleted, ...(named === undefined ? {} : { key: named }) };
    });
  }
}

function writerNamed(writer: Writer, system: string): Writer {
  const { ahead } = writer;
  const packer: Writer["packer"] =
    writer.packer &&
    (async (shape, signal) =>
      shape.templates === undefined ? writer.packer?.(shape, signal) : undefined);
  return {
    ...(ahead === undefined ? {} : { ahead }),
    ...(packer === undefined ? {} : { packer }),
    async write(batch, signal) {
      const names = namesIn(batch.shape);
      return names === undefined
        ? writer.write(batch, signal)
        : writeNamed(writer, { batch, names, system }, signal);
    },
    finish: (signal) => writer.finish(signal),
    abort: () => writer.abort(),
  };
}

/** Markers count the writes of a batch by their places: it goes whole, or none of it. */
async function writeNamed(
  writer: Writer,
  { batch, names, system }: Naming,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const writes: RowWrite[] = [];
  const nameless = new Map<number, Key>();
  for (const [at, write] of batch.writes.entries()) {
    const key = names.ownOf(write.key);
    if (key === undefined) nameless.set(at, write.key);
    else writes.push({ ...write, key });
  }
  const place = `${system}.${batch.shape.collection}`;
  if (nameless.size === 0) {
    return writer.write({ ...batch, shape: bare(batch.shape), writes }, signal);
  }
  return batch.writes.map((_, at): Outcome => {
    const key = nameless.get(at);
    return key === undefined
      ? { kind: "later", error: waits(place) }
      : { kind: "refused", error: nobodyIsCalled(place, key) };
  });
}

interface Naming {
  readonly batch: Batch;
  readonly names: KeyNames;
  readonly system: string;
}

function nobodyIsCalled(where: string, key: Key): SyncError {
  const message = `${where}: no key of its leads back to ${showKey(key)} and to nothing else`;
  const hint = "The key column of the source holds what is not of its type.";
  return new SyncError("KEY_INVALID", message, { where, hint });
}

function waits(where: string): SyncError {
  const message = `${where}: it was to go with a row that has no key there`;
  return new SyncError("KEY_INVALID", message, { where, hint: "It is tried again without that." });
}
