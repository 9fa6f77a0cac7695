// Collections that are not there yet. Until something is written to them they are only described,
// so that a plan can be made, shown and thrown away without touching the side.
import type { Key } from "../../core/state.ts";
import { NO_COLUMNS } from "../replica.ts";
import type {
  Capabilities,
  CollectionDescription,
  Description,
  NewCollection,
  NewColumn,
  Page,
  Replica,
  Shape,
  Writer,
} from "../replica.ts";

/** What a collection can do that is to be made, where no other one of its system says more. */
const NEW_CAPABILITIES: Capabilities = {
  log: false,
  list: "snapshot",
  compareAndSet: "row",
  returns: true,
  marks: false,
  commits: "page",
  writable: true,
};

/** How a new collection will describe itself. */
export function describeNew(
  collection: NewCollection,
  description: Description,
): CollectionDescription {
  const [other] = description.collections.values();
  const { creates } = description;
  const capabilities = creates?.capabilities ?? other?.capabilities ?? NEW_CAPABILITIES;
  return {
    name: collection.name,
    capabilities: { ...capabilities, log: false },
    isPending: true,
    references: [],
    triggers: [],
    ...(creates?.describes?.(collection) ?? byTypes(collection, creates)),
  };
}

function byTypes(
  collection: NewCollection,
  creates: Description["creates"],
): Pick<CollectionDescription, "fields" | "key" | "uniqueSets"> {
  return {
    fields: collection.fields.map(({ name, type, nullable }) => ({
      name,
      type: creates?.columnFor?.(type, columnIn(collection, name)) ?? type,
      declared: type.kind,
      nullable,
      hasDefault: false,
      generated: false,
    })),
    key: collection.key,
    uniqueSets: [collection.key],
  };
}

/** What a column of a new collection is, besides the type of its values. */
function columnIn({ fields, key }: NewCollection, name: string): NewColumn {
  const declared = fields.find((field) => field.name === name)?.declared;
  return { isKey: key.includes(name), ...(declared === undefined ? {} : { declared }) };
}

/**
 * The same replica with collections that are made when the first batch is written. Until then they
 * are empty, and nothing in the store says so.
 */
export function creating(replica: Replica, collections: readonly NewCollection[]): Replica {
  const waiting = new Map(collections.map((each) => [each.name, each]));
  const isWaiting = (shape: Shape): boolean => waiting.has(shape.collection);

  const make = maker(replica, waiting);
  const reach = replica.reach?.bind(replica);
  const head = replica.head?.bind(replica);
  return {
    name: replica.name,
    ...(reach === undefined
      ? {}
      : {
          async *reach(deletions, signal) {
            const referring = deletions.referring.filter((each) => !isWaiting(each));
            if (!isWaiting(deletions.shape)) yield* reach({ ...deletions, referring }, signal);
          },
        }),
    async describe(signal, wanted) {
      const description = await replica.describe(signal, wanted);
      const described = new Map(description.collections);
      for (const [name, collection] of waiting) {
        if (!described.has(name)) described.set(name, describeNew(collection, description));
      }
      return { ...description, collections: described };
    },
    async *list(shape, after, signal) {
      if (isWaiting(shape)) yield nothing(after);
      else yield* replica.list(shape, after, signal);
    },
    async read(shape, keys, signal) {
      return isWaiting(shape)
        ? { keys, rows: keys.map(() => null) }
        : await replica.read(shape, keys, signal);
    },
    changes: (shapes, cursor, signal) =>
      replica.changes(
        shapes.filter((shape) => !isWaiting(shape)),
        cursor,
        signal,
      ),
    ...(head === undefined
      ? {}
      : {
          head: (shapes, signal) =>
            head(
              shapes.filter((shape) => !isWaiting(shape)),
              signal,
            ),
        }),
    acknowledge: (cursor) => replica.acknowledge(cursor),
    marks: (link, signal) => replica.marks(link, signal),
    async writer(signal) {
      return making(await replica.writer(signal), make);
    },
    ...(replica.ddl === undefined ? {} : { ddl: (each) => replica.ddl?.(each) ?? "" }),
    ...(replica.create === undefined
      ? {}
      : { create: async (each, signal) => await replica.create?.(each, signal) }),
    forget: (link) => replica.forget(link),
    close: () => replica.close(),
  };
}

/** Makes a collection, if that still waits. */
type Make = (collection: string, signal: AbortSignal) => Promise<void>;

/** Made only for what is really written: a run with nothing to do leaves nothing behind. */
function maker(replica: Replica, waiting: Map<string, NewCollection>): Make {
  /** Batches may be handed over while one is under way: whoever comes meanwhile waits for it. */
  const begun = new Map<string, Promise<void>>();
  const make = async (collection: NewCollection, signal: AbortSignal): Promise<void> => {
    const { name } = collection;
    const { collections: there } = await replica.describe(signal, NO_COLUMNS);
    // Somebody else may have made it meanwhile.
    if (!there.has(name)) await replica.create?.(collection, signal);
    waiting.delete(name);
  };
  return async (name, signal) => {
    const collection = waiting.get(name);
    if (collection === undefined) return;
    const made = begun.get(name) ?? make(collection, signal);
    begun.set(name, made);
    try {
      await made;
    } finally {
      begun.delete(name);
    }
  };
}

/** The same writer, which makes what it is to write to. */
function making(writer: Writer, make: Make): Writer {
  const { ahead } = writer;
  const packer: Writer["packer"] =
    writer.packer &&
    (async (shape, signal) => {
      await make(shape.collection, signal);
      return await writer.packer?.(shape, signal);
    });
  return {
    ...(ahead === undefined ? {} : { ahead }),
    ...(packer === undefined ? {} : { packer }),
    async write(batch, signal) {
      await make(batch.shape.collection, signal);
      return await writer.write(batch, signal);
    },
    finish: (signal) => writer.finish(signal),
    abort: () => writer.abort(),
  };
}

function nothing(after: Key | null): Page {
  return { keys: [], rows: [], covers: { after, to: null, proof: "snapshot" } };
}

/** Adds how a collection could be made to the problem that it is missing. */
export function ddlHint(replica: Replica, collection: NewCollection): string {
  const way = "Say `createMissing: true`";
  const ddl = replica.ddl?.(collection);
  return ddl === undefined ? "Create it first." : `${way}, or create it:\n${ddl}`;
}
