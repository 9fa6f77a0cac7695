// What a suite is given, and the few words in which its tests speak.
import { encodeKey } from "../../core/key.ts";
import type { SyncError } from "../../core/errors.ts";
import { assert as hold } from "../../core/errors.ts";
import type { Key, OwnRow, Value } from "../../core/state.ts";
import type { SuiteTools } from "../suite-tools.ts";
import type {
  Batch,
  CollectionDescription,
  NewCollection,
  Outcome,
  Page,
  Reference,
  Replica,
  RowWrite,
  Shape,
} from "../../engine/replica.ts";

/** A collection that a test needs. */
export interface SuiteCollection extends NewCollection {
  readonly uniqueSets?: readonly (readonly string[])[];
  readonly references?: readonly Reference[];
}

/** A replica with the collections of a test, empty, and a way round it. */
export interface Subject {
  readonly replica: Replica;
  /** What another user of the system does: puts a whole row, or with null deletes it. */
  edit(
    collection: string,
    key: readonly Value[],
    row: { readonly [column: string]: Value } | null,
  ): Promise<void>;
  /** All rows as they are stored, every column in its order, seen past the replica. */
  look(collection: string): Promise<readonly OwnRow[]>;
  /** Another replica of the same store, as a program has after its restart. */
  reopen(): Promise<Replica>;
  /** Takes a copy of the store; what it returns puts the copy back. Absent: not possible. */
  copy?(): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** What the caller of a suite hands in. */
export interface Suite extends SuiteTools {
  /** Others write to the same store meanwhile: its history may grow by itself. */
  readonly isShared?: boolean;
  /** SHA-256 as 64 letters of [0-9a-f]. Absent: digests of ranges are not tested. */
  readonly sha256?: (bytes: Uint8Array) => string;
  open(collections: readonly SuiteCollection[]): Promise<Subject>;
}

/** What an error should have: the same values, or text that fits. */
export type Expected = { readonly [property: string]: string | RegExp };

/** Holds that a call fails with such an error. */
export async function rejects(
  { assert }: Suite,
  run: () => Promise<unknown>,
  expected: Expected,
): Promise<void> {
  const fits = (error: unknown) =>
    Object.entries(expected).every(([property, value]) => {
      const actual: unknown = Object(error)[property];
      return value instanceof RegExp ? value.test(String(actual)) : actual === value;
    });
  await assert.rejects((async () => run())(), fits);
}

/** A signal that nobody aborts. */
export const never: AbortSignal = new AbortController().signal;

/** Declares a test over fresh collections, closed at its end. */
export function subjectTest(
  suite: Suite,
  name: string,
  collections: readonly SuiteCollection[],
  run: (subject: Subject) => Promise<void>,
): void {
  suite.test(name, async () => {
    const subject = await suite.open(collections);
    try {
      await run(subject);
    } finally {
      await subject.close();
    }
  });
}

/** The key of these values; they must have one. */
export function keyOf(...values: readonly Value[]): Key {
  const key = encodeKey(values);
  hold(key !== undefined, "a test names a row that has no key");
  return key;
}

/** A collection's whole shape. */
export function shapeOf(collection: NewCollection): Shape {
  return {
    collection: collection.name,
    key: collection.key,
    columns: collection.fields.map((field) => field.name),
  };
}

/** How the replica describes a collection. */
export async function described(
  replica: Replica,
  { name }: NewCollection,
): Promise<CollectionDescription> {
  const found = (await replica.describe(never)).collections.get(name);
  hold(found !== undefined, `${name} is not described`);
  return found;
}

/** True for a store that keeps its own rules: keys, unique sets, references, what is required. */
export async function hasRules(replica: Replica, collection: NewCollection): Promise<boolean> {
  return (await described(replica, collection)).openKey !== true;
}

/** Every page of a listing. */
export async function listAll(
  replica: Replica,
  shape: Shape,
  after: Key | null = null,
): Promise<readonly Page[]> {
  const pages: Page[] = [];
  for await (const page of replica.list(shape, after, never)) pages.push(page);
  return pages;
}

/** All rows of a listing. */
export async function rowsListed(replica: Replica, shape: Shape): Promise<readonly OwnRow[]> {
  const rows = (await listAll(replica, shape)).flatMap((page) => page.rows);
  return rows.filter((row) => row !== null);
}

/** A batch under these names; `id` should be new. */
export function batchOf(
  shape: Shape,
  id: string,
  writes: readonly RowWrite[],
  settled: readonly string[] = [],
): Batch {
  return { id, link: "link", shape, writes, settled };
}

/** Writes one batch with a writer of its own; what is staged is finished. */
export async function writeOnce(replica: Replica, batch: Batch): Promise<readonly Outcome[]> {
  const writer = await replica.writer(never);
  const outcomes = await writer.write(batch, never);
  const finished = await writer.finish(never);
  return outcomes.some((outcome) => outcome.kind === "staged") ? finished : outcomes;
}

/** A row that is not there yet. */
export function creation(key: Key, to: OwnRow): RowWrite {
  return { key, expected: { kind: "absent" }, to };
}

/** From one row to another, or to none. */
export function move(key: Key, from: OwnRow, to: OwnRow | null): RowWrite {
  return { key, expected: { kind: "row", row: from }, to };
}

/** The kinds of some outcomes. */
export function kindsOf(outcomes: readonly Outcome[]): readonly string[] {
  return outcomes.map((outcome) => outcome.kind);
}

/** The row that an outcome returns; undefined: none. */
export function rowIn(outcome: Outcome | undefined): OwnRow | null | undefined {
  return outcome !== undefined && "row" in outcome ? outcome.row : undefined;
}

/** The error that an outcome carries. */
export function errorIn(outcome: Outcome | undefined): SyncError | undefined {
  return outcome !== undefined && "error" in outcome ? outcome.error : undefined;
}

/** Rows as they are stored, by the number in their first column. */
export async function sorted(on: Subject, collection = "things"): Promise<readonly OwnRow[]> {
  return [...(await on.look(collection))].sort((a, b) => Number(a[0]) - Number(b[0]));
}

const integer = { kind: "integer" } as const;
const text = { kind: "text" } as const;

/** A plain collection. */
export const THINGS: SuiteCollection = {
  name: "things",
  fields: [
    { name: "id", type: integer, nullable: false },
    { name: "name", type: text, nullable: true },
    { name: "amount", type: integer, nullable: true },
  ],
  key: ["id"],
};

/** A collection whose key has two parts. */
export const PAIRS: SuiteCollection = {
  name: "pairs",
  fields: [
    { name: "note", type: text, nullable: true },
    { name: "place", type: text, nullable: false },
    { name: "number", type: integer, nullable: false },
  ],
  key: ["place", "number"],
};

/** What CHILDREN refer to. */
export const PARENTS: SuiteCollection = {
  name: "parents",
  fields: [
    { name: "id", type: integer, nullable: false },
    { name: "name", type: text, nullable: true },
  ],
  key: ["id"],
};

/** Rows that refer to PARENTS, and to each other. */
export const CHILDREN: SuiteCollection = {
  name: "children",
  fields: [
    { name: "id", type: integer, nullable: false },
    { name: "parent", type: integer, nullable: true },
    { name: "elder", type: integer, nullable: true },
  ],
  key: ["id"],
  references: [
    { columns: ["parent"], collection: "parents", references: ["id"], onDelete: "refuse" },
    { columns: ["elder"], collection: "children", references: ["id"], onDelete: "refuse" },
  ],
};

/** Rows that go with those of PARENTS to which they refer, or lose what they refer to. */
export const WARDS: SuiteCollection = {
  name: "wards",
  fields: [
    { name: "id", type: integer, nullable: false },
    { name: "parent", type: integer, nullable: true },
    { name: "elder", type: integer, nullable: true },
    { name: "guide", type: integer, nullable: true },
  ],
  key: ["id"],
  references: [
    { columns: ["parent"], collection: "parents", references: ["id"], onDelete: "cascade" },
    { columns: ["elder"], collection: "wards", references: ["id"], onDelete: "cascade" },
    { columns: ["guide"], collection: "parents", references: ["id"], onDelete: "set-null" },
  ],
};

/** A collection with a second unique column, and a required one. */
export const CODES: SuiteCollection = {
  name: "codes",
  fields: [
    { name: "id", type: integer, nullable: false },
    { name: "code", type: text, nullable: true },
    { name: "label", type: text, nullable: false },
  ],
  key: ["id"],
  uniqueSets: [["code"]],
};
