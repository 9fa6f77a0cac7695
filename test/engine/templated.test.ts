// A target that calls its rows otherwise than the link does: proved equal to one that does not.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SyncError } from "../../src/core/errors.ts";
import { problemsOf } from "../../src/core/problems.ts";
import { compileLink, makePlan, planItems, run, verify } from "../../src/engine/index.ts";
import type { Env, Link, PipelineSettings } from "../../src/engine/index.ts";
import type { Value } from "../../src/core/state.ts";
import type { Replica } from "../../src/engine/replica.ts";
import type { Sorter } from "../../src/engine/templated.ts";
import { makeSorter } from "../../src/spool/sorter.ts";
import type { MemoryCollection } from "../../src/testing/memory-collection.ts";
import { memoryJournal } from "../../src/testing/memory-journal.ts";
import { memoryReplica } from "../../src/testing/memory-replica.ts";
import type { MemoryReplica } from "../../src/testing/memory-replica.ts";
import { all, envOf, NEVER } from "./scene.ts";

const SORTER = () => makeSorter(200);

const things = (
  type: "integer" | "text" | "real" | "any",
  over: Partial<MemoryCollection> = {},
): MemoryCollection => ({
  name: "things",
  key: ["id"],
  fields: [
    { name: "id", type: { kind: type } },
    { name: "v", type: { kind: "text" } },
  ],
  ...over,
});

interface Two {
  readonly from: MemoryReplica;
  readonly to: MemoryReplica;
  readonly link: Link;
}

/** How a link comes to be, beside its collections. */
interface Made {
  readonly transform?: string;
  readonly pipeline?: Partial<PipelineSettings>;
  /** undefined: one that does not sort. */
  readonly env: Pick<Env, "sorter"> | undefined;
}

/** A link whose target calls its rows by this template; without one, as the source does. */
async function linkOf(
  source: MemoryCollection,
  target: MemoryCollection,
  { transform, pipeline, env = {} }: Made,
): Promise<Two> {
  const from = memoryReplica({ name: "from", collections: [source], pageRows: 3 });
  const to = memoryReplica({ name: "to", collections: [target], pageRows: 3 });
  const settings: PipelineSettings = {
    name: "things",
    sides: [
      { name: "source", at: { system: "from", collection: "things" } },
      { name: "target", at: { system: "to", collection: "things" } },
    ],
    mapping: [
      { source: "id", target: "id", ...(transform === undefined ? {} : { transform }) },
      { source: "v", target: "v" },
    ],
    guard: { floor: 1000 },
    ...pipeline,
  };
  const journal = await memoryJournal().open("link", "write");
  const replicas = new Map<string, Replica>([
    ["from", from],
    ["to", to],
  ]);
  const world = { ...envOf({ now: 0 }), ...env };
  const parts = { name: "link", settings: [settings], replicas, journal, env: world };
  return { from, to, link: await compileLink(parts, NEVER) };
}

type Edit = readonly [on: "from" | "to" | "run", id: number, v: string | null];

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(fc.constant("from" as const), fc.integer({ min: -2, max: 30 }), fc.string()),
  fc.tuple(fc.constant("from" as const), fc.integer({ min: -2, max: 30 }), fc.constant(null)),
  fc.tuple(fc.constant("to" as const), fc.integer({ min: -2, max: 30 }), fc.string()),
  fc.tuple(fc.constant("to" as const), fc.integer({ min: -2, max: 30 }), fc.constant(null)),
  fc.constant(["run", 0, null] as const),
);

/** Plays edits, runs at the end, and tells what the target holds under its names. */
async function play(
  { from, to, link }: Two,
  edits: readonly Edit[],
  nameOf: (id: number) => Value,
) {
  const said: unknown[] = [];
  for (const [on, id, v] of [...edits, ["run", 0, null] as const, ["run", 0, null] as const]) {
    const row = v === null ? null : { v };
    if (on === "from") from.edit("things", [id], row);
    else if (on === "to") to.edit("things", [nameOf(id)], row);
    else {
      const { summary, leftCount } = await run(link, {}, NEVER);
      said.push(summary.pipelines["things"], leftCount);
    }
  }
  const verified = (await verify(link, {}, NEVER)).pipelines["things"];
  return { said, verified: { ...verified, ranges: 0, descended: 0 } };
}

for (const extra of ["keep", "delete"] as const) {
  test(`a target with names of its own ends as one without, extra: ${extra}`, () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(edit, { maxLength: 40 }),
        fc.constantFrom("full" as const, "digest" as const),
        async (edits, memory) => {
          const plain = await linkOf(things("integer"), things("integer"), {
            pipeline: { memory, extra },
            env: undefined,
          });
          const named = await linkOf(things("integer"), things("text"), {
            transform: "<${value}!",
            pipeline: { memory, extra },
            env: { sorter: SORTER },
          });
          const nameOf = (id: number): string => `<${id}!`;
          for (const called of ["foo", "<07!", "<7", "<!"]) {
            named.to.edit("things", [called], { v: "theirs" });
          }
          const a = await play(plain, edits, (id) => id);
          const b = await play(named, edits, nameOf);
          assert.deepEqual(withOthers(b, -4), withOthers(a, 0));
          const rows = plain.to
            .rows("things")
            .map(([id, v]) => `${JSON.stringify(nameOf(Number(id)))} ${JSON.stringify(v)}`);
          const theirs = ["foo", "<07!", "<7", "<!"].map((called) => `"${called}" "theirs"`);
          const held = named.to
            .rows("things")
            .map(([id, v]) => `${JSON.stringify(id)} ${JSON.stringify(v)}`);
          assert.deepEqual(held.toSorted(), [...rows, ...theirs].toSorted());
        },
      ),
      { numRuns: 60 },
    ));
}

/** Rows that are called otherwise are extra, and only in the target. */
function withOthers({ said, verified }: Awaited<ReturnType<typeof play>>, more: number): unknown {
  const summaries = said.map((each) =>
    typeof each === "object" && each !== null && "extra" in each
      ? { ...each, extra: Number(each.extra) + more }
      : each,
  );
  return { summaries, verified: { ...verified, onlyTarget: (verified.onlyTarget ?? 0) + more } };
}

test("a plan knows under which name a row goes to which another will refer", async () => {
  const children = {
    ...things("text"),
    name: "children",
    references: [
      { columns: ["v"], collection: "things", references: ["id"], onDelete: "cascade" as const },
    ],
  };
  for (const memory of ["full", "digest"] as const) {
    const sides = (collection: string) =>
      ["source", "target"].map((name, at) => {
        return { name, at: { system: at === 0 ? "from" : "to", collection } };
      });
    const from = [things("integer"), { ...children, references: [] }];
    const replicas = new Map([
      ["from", memoryReplica({ name: "from", collections: from })],
      ["to", memoryReplica({ name: "to", collections: [things("text"), children] })],
    ]);
    const mapping = [
      { source: "id", target: "id", transform: "req-${value}" },
      { source: "v", target: "v" },
    ];
    const settings: PipelineSettings[] = [
      { name: "things", sides: sides("things"), memory, mapping },
      { name: "children", sides: sides("children"), memory },
    ];
    const journal = await memoryJournal().open("link", "write");
    const env = { ...envOf({ now: 0 }), sorter: SORTER };
    const link = await compileLink({ name: "l", settings, replicas, journal, env }, NEVER);
    const put = (collection: string, id: Value, v: Value) =>
      replicas.get("from")?.edit(collection, [id], v === null ? null : { v });
    for (const id of [1, 2, 3]) put("things", id, "a");
    put("children", "c", "req-2");
    await run(link, {}, NEVER);
    put("things", 1, null);
    put("things", 3, null);
    put("children", "c", "req-1");
    const { summary, id } = await makePlan(link, {}, NEVER);
    assert.deepEqual(summary.pipelines["things"]?.sides["target"]?.delete, 1, memory);
    assert.deepEqual(
      (await all(planItems(link, id))).flatMap(({ writes, shown }) =>
        writes.map(({ kind }) => `${kind} ${shown}`),
      ),
      ["update c", "delete 3"],
    );
  }
});

test("two templates in one collection are two kinds of names", async () => {
  const children = {
    ...things("text"),
    name: "children",
    references: [
      { columns: ["v"], collection: "things", references: ["id"], onDelete: "cascade" as const },
    ],
  };
  const names = ["reqs", "docs"] as const;
  const from = memoryReplica({
    name: "from",
    collections: names.map((name) => ({ ...things("integer"), name })),
  });
  const to = memoryReplica({ name: "to", collections: [things("text"), children] });
  const settings = names.map((name): PipelineSettings => ({
    name,
    sides: [
      { name: "source", at: { system: "from", collection: name } },
      { name: "target", at: { system: "to", collection: "things" } },
    ],
    mapping: [
      { source: "id", target: "id", transform: `${name}-\${value}` },
      { source: "v", target: "v" },
    ],
  }));
  const replicas = new Map([
    ["from", from],
    ["to", to],
  ]);
  const journal = await memoryJournal().open("link", "write");
  const env = { ...envOf({ now: 0 }), sorter: SORTER };
  const link = await compileLink({ name: "l", settings, replicas, journal, env }, NEVER);
  for (const name of names) for (const id of [1, 2]) from.edit(name, [id], { v: name });
  await run(link, {}, NEVER);
  to.edit("children", ["theirs"], { v: "reqs-1" });
  for (const name of names) from.edit(name, [1], null);
  const { summary } = await run(link, {}, NEVER);
  assert.deepEqual(
    names.map((name) => summary.pipelines[name]?.withheld),
    [1, 0],
  );
  assert.deepEqual(
    to.rows("things").map(([id]) => id),
    ["docs-2", "reqs-1", "reqs-2"],
  );
});

test("a side that calls its rows otherwise is not heard", async () => {
  const made = { transform: "req-${value}", env: { sorter: SORTER } };
  const { link } = await linkOf(things("integer"), things("text"), made);
  const [source, target] = link.pipelines[0]?.sides ?? [];
  assert.equal(source?.description.capabilities.log, true);
  assert.equal(target?.description.capabilities.log, false);
});

test("names that the target takes for one are told by name", async () => {
  const foldKey = (of: string): string => of.replace(/X-./, (name) => name.toLowerCase());
  const target = things("text", { foldKey });
  const { from, to, link } = await linkOf(things("text"), target, {
    transform: "X-${value}",
    env: { sorter: SORTER },
  });
  for (const id of ["a", "A", "b"]) from.edit("things", [id], { v: id });
  const { summary } = await run(link, {}, NEVER);
  assert.equal(summary.pipelines["things"]?.rejected, 2);
  assert.deepEqual(to.rows("things"), [["X-b", "b"]]);
});

test("types without one text each are refused, and so is a world that cannot sort", async () => {
  const refusals = async (type: "real" | "any" | "integer", sorter?: () => Sorter) => {
    try {
      const transform = "req-${value}";
      await linkOf(things(type), things("text"), { transform, env: sorter && { sorter } });
    } catch (error) {
      assert.ok(error instanceof SyncError);
      return problemsOf(error).map(({ code, message, where }) => `${code} ${where}: ${message}`);
    }
    return [];
  };
  const says = "TYPES_DIFFER pipelines.things.mapping[0].transform: The key field 'id' is made of";
  assert.deepEqual(await refusals("integer", SORTER), []);
  assert.deepEqual(await refusals("real", SORTER), [`${says} 'id', which is real`]);
  assert.deepEqual(await refusals("any", SORTER), [`${says} 'id', which is of no declared type`]);
  const sorts = "The target's key is made by a template, and nothing here sorts its rows anew";
  assert.deepEqual(await refusals("integer"), [`CONFIG_INVALID pipelines.things.key: ${sorts}`]);
});
