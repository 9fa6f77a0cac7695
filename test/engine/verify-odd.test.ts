// What `verify` says of rows that cannot be read, break a rule or have no key: never that they are
// equal, unless they are. By digests of ranges and by rows alike.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { UNKEYED_MAX, verify } from "../../src/engine/index.ts";
import type { PipelineSettings, Replica, VerifyView } from "../../src/engine/index.ts";
import { digesting } from "../../src/testing/digesting.ts";
import { everywhere, NEVER, PEOPLE, person, sceneOf, type Scene } from "./scene.ts";

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const RULE = [{ kind: "range", field: "age", min: 0 }] as const;
const LEGIBLE: PipelineSettings["mapping"] = [
  { source: "id", target: "id" },
  { source: "name", target: "name", transform: { over: legible, back: (name) => name } },
  { source: "age", target: "age" },
];

function legible<T>(value: T): T {
  if (value === "bad") throw new Error("no such name");
  return value;
}

const WAYS = [
  ["one-way", "digest"],
  ["one-way", "full"],
  ["two-way", "full"],
] as const;

/** Both ways of comparing find the same. */
async function found(scene: Scene): Promise<VerifyView> {
  const [view, rows] = [
    await verify(scene.link, {}, NEVER),
    await verify(scene.link, { byRows: true }, NEVER),
  ];
  const { ranges: _, descended: __, ...counts } = view.pipelines["people"] ?? assert.fail();
  assert.deepEqual(counts, rows.pipelines["people"]);
  assert.deepEqual(view.differences, rows.differences);
  return view;
}

for (const system of [undefined, "crm", "billing"]) {
  const wrap = (replica: Replica): Replica =>
    replica.name === system ? digesting(replica, { sha256, rowsMax: 2 }) : replica;
  for (const [direction, memory] of WAYS) {
    const title = `${direction}, ${memory}, ${system ?? "nobody"} digests`;

    test(`a row that breaks a rule is compared like any other (${title})`, async () => {
      const scene = await sceneOf({ wrap, pipeline: { direction, memory, validation: RULE } });
      for (const id of ["ann", "bo", "cy"]) everywhere(scene, id, person(id, 5));
      await scene.run();
      scene.put("crm", "ann", { name: "EVE", age: -1 });
      const { pipelines, differences } = await found(scene);
      assert.partialDeepStrictEqual(pipelines["people"], { equal: 2, different: 1, open: 0 });
      assert.partialDeepStrictEqual(differences, [
        { shown: "ann", kind: "different", changes: [{ field: "name" }, { field: "age" }] },
      ]);
      assert.match(differences[0]?.errors?.[0] ?? "", /^source: .*age/);
      await scene.run();
      assert.partialDeepStrictEqual((await found(scene)).pipelines["people"], { open: 1 });
      scene.put("billing", "ann", { name: "EVE", age: -1 });
      assert.partialDeepStrictEqual((await found(scene)).pipelines["people"], { equal: 3 });
    });

    test(`a row that cannot be read is different from any other (${title})`, async () => {
      const scene = await sceneOf({ wrap, pipeline: { direction, memory, mapping: LEGIBLE } });
      for (const id of ["ann", "bo", "cy"]) everywhere(scene, id, person(id, 5));
      await scene.run();
      scene.put("crm", "ann", { name: "bad", age: 99 });
      scene.put("crm", "new", person("bad"));
      const { pipelines, differences } = await found(scene);
      const counts = { equal: 2, different: 1, onlySource: 1, unreadable: 2, open: 0 };
      assert.partialDeepStrictEqual(pipelines["people"], counts);
      assert.deepEqual(
        differences.map(({ shown, kind }) => [shown, kind]),
        [
          ["ann", "different"],
          ["new", "onlySource"],
        ],
      );
      assert.match(differences[0]?.errors?.[0] ?? "", /^source: .*name/);
    });
  }

  test(`rows without a key are counted on every side (${system ?? "nobody"} digests)`, async () => {
    const loose = { ...PEOPLE, uniqueSets: [["name"]] };
    const collections = { crm: [loose], billing: [loose] };
    const scene = await sceneOf({ wrap, collections, pipeline: { key: ["name"] } });
    everywhere(scene, "k", person("K"));
    const count = UNKEYED_MAX + 5;
    for (let i = 0; i < count; i++) scene.put("crm", `p${i}`, { age: i });
    scene.put("billing", "odd", { age: 1 });
    const { pipelines, differences } = await found(scene);
    assert.partialDeepStrictEqual(pipelines["people"], { equal: 1, unkeyed: count + 1 });
    const named = differences.filter(({ kind }) => kind === "unkeyed");
    assert.equal(named.filter(({ side }) => side === "source").length, UNKEYED_MAX);
    assert.partialDeepStrictEqual(named.at(-1), { side: "target", errors: ["it has no key"] });
    const { summary, notes, waits } = await scene.run();
    const counts = { rejected: count + 1, unkeyed: count + 1 };
    assert.partialDeepStrictEqual(summary.pipelines["people"], counts);
    assert.equal(waits, true);
    const told = notes.filter(({ code }) => code === "KEY_MISSING");
    assert.equal(told.length, UNKEYED_MAX + 2);
    assert.match(told[UNKEYED_MAX]?.text ?? "", /^source: 5 more such rows were left alone$/);
  });
}
