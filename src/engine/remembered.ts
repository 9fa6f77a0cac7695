// What the journal remembers of a link's collections, so that what it remembers of their entries
// can be told while the systems themselves are away.
import { AssertionError } from "../core/errors.ts";
import { decodeValue, encodeValue } from "../core/json.ts";
import type { Value } from "../core/state.ts";
import type { LinkJournal } from "./journal.ts";
import type { Link } from "./link.ts";
import { NO_COLUMNS } from "./replica.ts";
import type { CollectionDescription, Description, FieldDescription, Replica } from "./replica.ts";

/** The fact that keeps what a link's systems said of the collections in it. */
const COLLECTIONS_FACT = "collections";

/** What is kept of a collection: everything that is plain data. */
type Kept = Omit<CollectionDescription, "foldKey" | "store" | "broken" | "unwritable">;

/** What is kept of a system. */
interface KeptSystem {
  readonly collections: readonly Kept[];
  readonly isQualified?: true;
}

type Systems = { readonly [name: string]: KeptSystem };

/** Saves what the collections of a link are now, where that is news. Needs the writer's lock. */
export async function rememberCollections(link: Link, signal: AbortSignal): Promise<void> {
  const value = encodeValue((await keptOf(link, signal)) as unknown as Value); // plain data
  if ((await link.journal.fact(COLLECTIONS_FACT)) === value) return;
  await link.journal.commit({ facts: [{ name: COLLECTIONS_FACT, value }] });
}

async function keptOf(link: Link, signal: AbortSignal): Promise<Systems> {
  const systems: { [name: string]: KeptSystem } = Object.create(null);
  for (const [name, replica] of link.replicas) {
    const sides = link.pipelines.flatMap((pipeline) => pipeline.sides);
    const own = sides.filter((side) => side.replica.name === name);
    const collections = new Map(own.map(({ description: of }) => [of.name, plainly(of)]));
    // Only where a `*` was taken apart does it count how names are put together.
    const isMany = link.pipelines.some((pipeline) => pipeline.name.includes("."));
    const { isQualified } = isMany ? await replica.describe(signal, NO_COLUMNS) : {};
    systems[name] = {
      collections: [...collections.values()],
      ...(isQualified === undefined ? {} : { isQualified }),
    };
  }
  return systems;
}

function plainly(description: CollectionDescription): Kept {
  const { foldKey: _, store: __, broken: ___, unwritable: ____, ...kept } = description;
  const fields = kept.fields.map(({ broken: _____, ...field }): FieldDescription => field);
  return { ...kept, fields };
}

/**
 * The systems of a link as the journal remembers them: they say what they hold, and hold nothing.
 * undefined: it has never been told.
 */
export async function rememberedReplicas(
  journal: LinkJournal,
): Promise<ReadonlyMap<string, Replica> | undefined> {
  const text = await journal.fact(COLLECTIONS_FACT);
  if (text === undefined) return undefined;
  const systems = decodeValue(text) as unknown as Systems; // as saved
  return new Map(Object.entries(systems).map(([name, of]) => [name, rememberedReplica(name, of)]));
}

/**
 * What systems say, with the columns that the journal remembers of collections whose rows alone
 * show any: that the last row which had one is gone makes its column none that never was.
 */
export async function withRemembered(
  descriptions: ReadonlyMap<string, Description>,
  journal: LinkJournal,
): Promise<ReadonlyMap<string, Description>> {
  const all = [...descriptions.values()].flatMap(({ collections }) => [...collections.values()]);
  if (!all.some(({ openColumns }) => openColumns !== undefined)) return descriptions;
  const text = await journal.fact(COLLECTIONS_FACT);
  const systems = text === undefined ? {} : (decodeValue(text) as unknown as Systems); // as saved
  return new Map(
    [...descriptions].map(([name, description]) => {
      const kept = Object.hasOwn(systems, name) ? (systems[name]?.collections ?? []) : [];
      const collections = new Map(description.collections);
      for (const before of kept) {
        const now = collections.get(before.name);
        if (now !== undefined) collections.set(before.name, united(now, before));
      }
      return [name, { ...description, collections }];
    }),
  );
}

function united(now: CollectionDescription, before: Kept): CollectionDescription {
  if (now.openColumns === undefined || before.openColumns === undefined) return now;
  const found = new Map(now.fields.map((field) => [field.name, field]));
  const known = before.fields.map((field) => found.get(field.name) ?? unseen(field));
  const names = new Set(before.fields.map(({ name }) => name));
  const fields = [...known, ...now.fields.filter(({ name }) => !names.has(name))];
  if (fields.length === 0) return now;
  const { key, uniqueSets } = now.key.length > 0 ? now : before;
  return { ...now, fields, key, uniqueSets, openColumns: "shown" };
}

function unseen(field: FieldDescription): FieldDescription {
  // What an open one was taken for is found anew by the columns that it meets.
  const type = field.open === true ? ({ kind: "any" } as const) : field.type;
  return { ...field, type, unseen: field.unseen === undefined ? "newly" : "still" };
}

function rememberedReplica(name: string, { collections, isQualified }: KeptSystem): Replica {
  const description: Description = {
    epoch: 0,
    collections: new Map(collections.map((each) => [each.name, each])),
    ...(isQualified === undefined ? {} : { isQualified }),
  };
  const isAway = (): never => {
    throw new AssertionError(`${name} is only remembered: it is not open`);
  };
  return {
    name,
    describe: () => Promise.resolve(description),
    list: isAway,
    read: isAway,
    changes: isAway,
    acknowledge: isAway,
    marks: isAway,
    writer: isAway,
    forget: isAway,
    close: () => Promise.resolve(),
  };
}
