// The plain part of a wrapper: every call goes to the replica behind it.
import type { Replica } from "./replica.ts";

/** A replica that does what another one does, and can be spread: its functions know no `this`. */
export function passing(replica: Replica): Replica {
  const { name } = replica;
  const about = replica.about?.bind(replica);
  const digester = replica.digester?.bind(replica);
  const reach = replica.reach?.bind(replica);
  const head = replica.head?.bind(replica);
  const ddl = replica.ddl?.bind(replica);
  const create = replica.create?.bind(replica);
  return {
    name,
    describe: (signal, wanted) => replica.describe(signal, wanted),
    ...(about === undefined ? {} : { about }),
    list: (shape, after, signal) => replica.list(shape, after, signal),
    read: (shape, keys, signal) => replica.read(shape, keys, signal),
    ...(digester === undefined ? {} : { digester }),
    ...(reach === undefined ? {} : { reach }),
    changes: (shapes, cursor, signal) => replica.changes(shapes, cursor, signal),
    ...(head === undefined ? {} : { head }),
    acknowledge: (cursor) => replica.acknowledge(cursor),
    marks: (link, signal) => replica.marks(link, signal),
    writer: (signal) => replica.writer(signal),
    ...(ddl === undefined ? {} : { ddl }),
    ...(create === undefined ? {} : { create }),
    forget: (link) => replica.forget(link),
    close: () => replica.close(),
  };
}
