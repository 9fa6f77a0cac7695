// A replica in memory: a real one, that keeps every promise of the contract. Tests and simulated
// worlds are made of it, with faults wrapped around.
import { encodeKey } from "../core/key.ts";
import { SyncError, assert } from "../core/errors.ts";
import { ABSENT } from "../core/state.ts";
import type { Key, OwnRow, Value } from "../core/state.ts";
import { typeName } from "../core/values.ts";
import { PAGE_ROWS_MAX } from "../engine/replica.ts";
import type {
  Batch,
  Expected,
  NewCollection,
  Outcome,
  Page,
  Replica,
  Shape,
  Writer,
} from "../engine/replica.ts";
import { describeTable, makeTable, project, tableNamed, viewOf } from "./memory-collection.ts";
import type { MemoryCollection, Table, View } from "./memory-collection.ts";
import { makePacker } from "./memory-packer.ts";
import { heldIn } from "./memory-page.ts";
import { reach } from "./memory-reach.ts";
import { acknowledge, changes, headOf } from "./memory-feed.ts";
import { findRow, imageOf, listingOf, makeMemory, restoreImage } from "./memory-store.ts";
import type { Memory, MemoryImage, Stored } from "./memory-store.ts";
import { applyBatch, applyWrite } from "./memory-write.ts";

/** What a memory replica is made of. */
export interface MemoryOptions {
  readonly name: string;
  readonly collections: readonly MemoryCollection[];
  /** Which system this is. Default: its name. */
  readonly identity?: string;
  /** Begins with what this holds. */
  readonly image?: MemoryImage;
  /** Rows in one page, at most; small ones make many pages of little data. */
  readonly pageRows?: number;
}

/** A row as people write it; columns that are not named stay as they are. */
export type RowByName = { readonly [column: string]: Value };

/** A replica whose users are in the same program. */
export interface MemoryReplica extends Replica {
  /**
   * What a user of the system does: puts columns of one row, or with null deletes it. Returns its
   * position in the replica's order. Throws what the store forbids.
   */
  edit(collection: string, key: readonly Value[], row: RowByName | null): number;
  /** The row under this key, every column in its order, as it is stored. */
  row(collection: string, key: readonly Value[]): OwnRow | undefined;
  /** All rows in key order, every column in its order. */
  rows(collection: string): readonly OwnRow[];
  /** How many changes were committed so far. */
  position(): number;
  /** All that is durable here. */
  image(): MemoryImage;
  /** Becomes what an image holds: after a crash the same, from an old copy an earlier state. */
  restore(image: MemoryImage): void;
}

/** Opens a replica in memory. Never fails but for collections that contradict themselves. */
export function memoryReplica(options: MemoryOptions): MemoryReplica {
  const tables = new Map(options.collections.map((each) => [each.name, makeTable(each)]));
  const memory = makeMemory(options.identity ?? options.name);
  if (options.image !== undefined) restoreImage(memory, options.image);
  const pageRows = Math.min(options.pageRows ?? PAGE_ROWS_MAX, PAGE_ROWS_MAX);
  const store: Store = { memory, tables, pageRows };
  return {
    name: options.name,
    describe: async (signal) => {
      signal.throwIfAborted();
      return {
        identity: memory.identity,
        epoch: memory.seq,
        collections: new Map([...tables].map(([name, table]) => [name, describeTable(table)])),
      };
    },
    list: (shape, after, signal) => list(store, shape, after, signal),
    read: async (shape, keys, signal) => {
      signal.throwIfAborted();
      return read(store, shape, keys);
    },
    async *reach(deletions, signal) {
      for (const page of reach(store, deletions)) {
        signal.throwIfAborted();
        yield page;
      }
    },
    changes: (shapes, cursor, signal) => changes(store, shapes, cursor, signal),
    head: async (shapes) => headOf(store, shapes),
    acknowledge: async (cursor) => acknowledge(memory, cursor),
    marks: async (link, signal) => {
      signal.throwIfAborted();
      return memory.markers
        .filter((each) => each.link === link)
        .map(({ id, missed, stored }) => ({ id, missed, ...(stored && { stored }) }));
    },
    writer: async (signal) => {
      signal.throwIfAborted();
      return makeWriter(store);
    },
    ddl: (collection) => ddlOf(collection),
    create: async (collection, signal) => {
      signal.throwIfAborted();
      create(tables, collection);
    },
    forget: async (link) => {
      memory.markers = memory.markers.filter((each) => each.link !== link);
    },
    close: async () => undefined,
    ...usersOf(store),
  };
}

interface Store {
  readonly memory: Memory;
  readonly tables: Map<string, Table>;
  readonly pageRows: number;
}

type Users = Pick<MemoryReplica, "edit" | "row" | "rows" | "position" | "image" | "restore">;

function usersOf({ memory, tables }: Store): Users {
  const whole = (name: string) => {
    const table = tableNamed(tables, name);
    return { table, view: viewOf(table, { key: table.options.key, columns: table.columns }) };
  };
  return {
    edit: (collection, key, row) => edit(memory, tables, { ...whole(collection), key, row }),
    row: (collection, key) => {
      const { table, view } = whole(collection);
      return findRow(memory, table, view, encodeKey(key) ?? "")?.row;
    },
    rows: (collection) => {
      const { table, view } = whole(collection);
      return listingOf(memory, table, view).rows.map((each) => each.row);
    },
    position: () => memory.seq,
    image: () => imageOf(memory),
    restore: (image) => restoreImage(memory, image),
  };
}

async function* list(
  { memory, tables, pageRows }: Store,
  shape: Shape,
  after: Key | null,
  signal: AbortSignal,
): AsyncGenerator<Page> {
  const table = tableNamed(tables, shape.collection);
  const view = viewOf(table, shape);
  const proof = table.can.list;
  if (proof === "none") throw new SyncError("LIST_FAILED", `${shape.collection} cannot be listed`);
  let listing = listingOf(memory, table, view);
  let unkeyed = listing.unkeyed.map((index) => ({
    code: "KEY_MISSING" as const,
    where: `${shape.collection}, row ${index + 1}`,
  }));
  for (let from = after; ;) {
    signal.throwIfAborted();
    const start = firstAfter(listing.keys, from);
    const next = listing.rows.slice(start, start + pageRows).map((each) => each.row);
    const end = start + heldIn(next, pageRows);
    const keys = listing.keys.slice(start, end);
    const to = end === listing.keys.length ? null : (keys.at(-1) ?? null);
    yield {
      keys,
      ...pageOf(table, view, listing.rows.slice(start, end)),
      ...(unkeyed.length === 0 ? {} : { unkeyed }),
      covers: { after: from, to, proof },
    };
    if (to === null) return;
    from = to;
    unkeyed = [];
    // A paged listing sees what happened since its last page.
    if (proof === "paged") listing = listingOf(memory, table, view);
  }
}

function pageOf(table: Table, view: View, stored: readonly Stored[]): Pick<Page, "rows"> {
  return {
    rows: stored.map((each) => project(view, each.row)),
    ...(table.options.isOrdered === false ? {} : { positions: stored.map((each) => each.at) }),
    ...(table.options.clock === undefined ? {} : { stamps: stored.map((each) => each.stamp) }),
  };
}

/** The position of the first key above `after`. */
function firstAfter(keys: readonly Key[], after: Key | null): number {
  if (after === null) return 0;
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? "") <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}

function read({ memory, tables }: Store, shape: Shape, keys: readonly Key[]): Page {
  const table = tableNamed(tables, shape.collection);
  const view = viewOf(table, shape);
  const all = keys.map((key) => findRow(memory, table, view, key));
  const held = heldIn(
    all.map((each) => each?.row ?? null),
    keys.length,
  );
  const found = all.slice(0, held);
  const { clock, isOrdered } = table.options;
  return {
    keys: keys.slice(0, held),
    rows: found.map((each) => (each === undefined ? null : project(view, each.row))),
    ...(isOrdered === false ? {} : { positions: found.map((each) => each?.at ?? memory.seq) }),
    ...(clock === undefined ? {} : { stamps: found.map((each) => each?.stamp ?? 0) }),
  };
}

function makeWriter({ memory, tables, pageRows }: Store): Writer {
  const staged: Batch[] = [];
  let isOpen = true;
  return {
    packer: async (shape, signal) => {
      assert(isOpen, "a writer was used after its end");
      signal.throwIfAborted();
      const table = tableNamed(tables, shape.collection);
      return makePacker(table, viewOf(table, shape), pageRows);
    },
    write: async (batch, signal) => {
      assert(isOpen, "a writer was used after its end");
      signal.throwIfAborted();
      const table = tableNamed(tables, batch.shape.collection);
      viewOf(table, batch.shape);
      if (!table.can.writable) {
        throw new SyncError("REPLICA_READ_ONLY", `${batch.shape.collection} cannot be written`);
      }
      if (table.can.commits === "page") return applyBatch(memory, tables, batch);
      staged.push(batch);
      return batch.writes.map(() => ({ kind: "staged" }) satisfies Outcome);
    },
    finish: async (signal) => {
      assert(isOpen, "a writer was used after its end");
      signal.throwIfAborted();
      isOpen = false;
      return staged.flatMap((batch) => applyBatch(memory, tables, batch));
    },
    abort: async () => {
      isOpen = false;
    },
  };
}

interface Edit {
  readonly table: Table;
  readonly view: View;
  readonly key: readonly Value[];
  readonly row: RowByName | null;
}

function edit(memory: Memory, tables: Map<string, Table>, { table, view, key, row }: Edit): number {
  const named = encodeKey(key);
  assert(named !== undefined, "a user edits a row without a key");
  const keyed = new Map<string, Value>(
    table.options.key.map((name, index) => [name, key[index] ?? null]),
  );
  const found = findRow(memory, table, view, named);
  const columns: RowByName = { ...row };
  for (const name of Object.keys(columns)) viewOf(table, { key: [], columns: [name] });
  const to: Value[] = [];
  for (const name of table.columns) {
    const value = Object.hasOwn(columns, name) ? columns[name] : keyed.get(name);
    if (value === undefined) to.push(ABSENT);
    else to.push(value);
  }
  const expected: Expected =
    found === undefined ? { kind: "absent" } : { kind: "row", row: found.row };
  const write = { key: named, expected, to: row === null ? null : to };
  const outcome = applyWrite(memory, tables, { table, view }, write);
  if (outcome.kind === "applied") return memory.seq;
  if (outcome.kind === "refused" || outcome.kind === "later") throw outcome.error;
  assert(false, `an edit ended ${outcome.kind}`);
  return 0;
}

function create(tables: Map<string, Table>, collection: NewCollection): void {
  if (tables.has(collection.name)) {
    throw new SyncError("WRITE_REFUSED", `there is a collection ${collection.name} already`);
  }
  tables.set(collection.name, makeTable(collection));
}

function ddlOf({ name, fields, key }: NewCollection): string {
  const columns = fields.map((field) => `${JSON.stringify(field.name)}: ${typeName(field.type)}`);
  return `${JSON.stringify(name)} { ${columns.join(", ")} } by ${JSON.stringify(key)}`;
}
