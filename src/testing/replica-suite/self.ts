// What a replica says of itself, and how it begins and ends.
import {
  CHILDREN,
  CODES,
  PAIRS,
  PARENTS,
  THINGS,
  batchOf,
  creation,
  described,
  hasRules,
  keyOf,
  never,
  shapeOf,
  subjectTest,
  writeOnce,
  rejects,
} from "./subject.ts";
import type { Suite, SuiteCollection } from "./subject.ts";

/** Declares the tests of `describe`, `create`, `forget`, of identity and of aborting. */
export function testSelf(suite: Suite): void {
  const { assert } = suite;

  subjectTest(
    suite,
    "columns are described in their order, the key by name",
    [PAIRS],
    async (on) => {
      const pairs = await described(on.replica, PAIRS);
      assert.equal(pairs.name, "pairs");
      assert.deepEqual(
        pairs.fields.map((field) => field.name),
        ["note", "place", "number"],
      );
      assert.deepEqual(
        pairs.fields.map((field) => field.type.kind),
        ["text", "text", "integer"],
      );
      assert.deepEqual(pairs.key, ["place", "number"]);
      assert.deepEqual(pairs.uniqueSets[0], ["place", "number"]);
      assert.deepEqual(
        pairs.fields.map((field) => field.nullable),
        [true, false, false],
      );
      assert.ok(pairs.fields.every((field) => !field.generated));
    },
  );

  subjectTest(
    suite,
    "references and unique sets are described",
    [PARENTS, CHILDREN, CODES],
    async (on) => {
      if (!(await hasRules(on.replica, CHILDREN))) return;
      const children = await described(on.replica, CHILDREN);
      const parent = children.references.find((each) => each.collection === "parents");
      assert.deepEqual(parent, CHILDREN.references?.[0]);
      assert.equal(children.references.length, 2);
      const codes = await described(on.replica, CODES);
      assert.deepEqual(codes.uniqueSets, [["id"], ["code"]]);
      assert.deepEqual(codes.references, []);
    },
  );

  testIdentity(suite);
  testAborts(suite);
  testNewCollections(suite);
}

function testIdentity(suite: Suite): void {
  const { assert } = suite;
  const shape = shapeOf(THINGS);

  subjectTest(suite, "what keeps it has a name, and its clock tells ms", [THINGS], async (on) => {
    const about = await on.replica.about?.(never);
    if (about === undefined) return;
    assert.ok(/\S/.test(about.product), "nobody is named");
    const later = await on.replica.about?.(never);
    if (about.clockMs === undefined) return;
    assert.ok(Number.isSafeInteger(about.clockMs), "no whole ms");
    assert.ok((later?.clockMs ?? 0) >= about.clockMs, "its clock goes back");
  });

  subjectTest(
    suite,
    "identity outlives a restart and the epoch grows with writes",
    [THINGS],
    async (on) => {
      const before = await on.replica.describe(never);
      await writeOnce(on.replica, batchOf(shape, "one", [creation(keyOf(1), [1, "a", 1])]));
      const after = await on.replica.describe(never);
      // A store without a history of its own says 0, for ever.
      const isTimeless = before.epoch === 0 && !(await hasRules(on.replica, THINGS));
      const isRight = isTimeless ? after.epoch === 0 : after.epoch > before.epoch;
      assert.ok(isRight, "a write leaves the epoch alone");
      if (before.identity !== undefined) assert.equal(after.identity, before.identity);
      const again = await (await on.reopen()).describe(never);
      assert.equal(again.identity, after.identity);
      assert.equal(again.epoch, after.epoch);
    },
  );

  subjectTest(suite, "looking changes neither identity nor epoch", [THINGS], async (on) => {
    const before = await on.replica.describe(never);
    await on.replica.read(shape, [keyOf(1)], never);
    await on.replica.marks("link", never);
    const after = await on.replica.describe(never);
    const isStill = suite.isShared === true || after.epoch === before.epoch;
    assert.ok(isStill && after.epoch >= before.epoch, "looking moves the epoch");
    assert.equal(after.identity, before.identity);
  });

  subjectTest(
    suite,
    "a store put back from an old copy has an epoch that went back",
    [THINGS],
    async (on) => {
      if (on.copy === undefined) return;
      await writeOnce(on.replica, batchOf(shape, "one", [creation(keyOf(1), [1, "a", 1])]));
      const putBack = await on.copy();
      const kept = await on.replica.describe(never);
      await writeOnce(on.replica, batchOf(shape, "two", [creation(keyOf(2), [2, "b", 2])]));
      const later = await on.replica.describe(never);
      await putBack();
      const old = await (await on.reopen()).describe(never);
      assert.equal(old.epoch, kept.epoch);
      assert.equal(old.identity, kept.identity);
      assert.ok(old.epoch < later.epoch);
    },
  );
}

function testAborts(suite: Suite): void {
  const { assert } = suite;
  const shape = shapeOf(THINGS);

  subjectTest(
    suite,
    "what was aborted before it began throws the signal's reason",
    [THINGS],
    async (on) => {
      const stopped = AbortSignal.abort({ name: "enough" });
      const { replica } = on;
      const reason = { name: "enough" };
      await rejects(suite, () => replica.describe(stopped), reason);
      await rejects(suite, () => replica.read(shape, [keyOf(1)], stopped), reason);
      await rejects(suite, () => replica.marks("link", stopped), reason);
      await rejects(
        suite,
        async () => {
          for await (const page of replica.list(shape, null, stopped)) void page;
        },
        reason,
      );
      const writer = await replica.writer(never);
      const batch = batchOf(shape, "one", [creation(keyOf(1), [1, "a", 1])]);
      await rejects(suite, () => writer.write(batch, stopped), reason);
      await writer.abort();
      assert.deepEqual(await on.look("things"), []);
    },
  );

  subjectTest(
    suite,
    "a listing that nobody finishes lets go of the store",
    [THINGS],
    async (on) => {
      await on.edit("things", [1], { id: 1, name: "a", amount: 1 });
      for await (const page of on.replica.list(shape, null, never)) {
        assert.equal(page.keys.length, 1);
        break;
      }
      const outcomes = await writeOnce(
        on.replica,
        batchOf(shape, "one", [creation(keyOf(2), [2, "b", 2])]),
      );
      assert.equal(outcomes[0]?.kind, "applied");
    },
  );
}

const ODD: SuiteCollection = {
  name: `odd "name"; DROP TABLE things; -- 'é`,
  fields: [
    { name: "__proto__", type: { kind: "text" }, nullable: false },
    { name: `a "b"`, type: { kind: "text" }, nullable: true },
    { name: "select", type: { kind: "integer" }, nullable: true },
  ],
  key: ["__proto__"],
};

function testNewCollections(suite: Suite): void {
  const { assert } = suite;

  subjectTest(
    suite,
    "a new collection is described as it was asked for, and takes rows",
    [THINGS],
    async (on) => {
      const { replica } = on;
      if (replica.create === undefined) return;
      await replica.create(ODD, never);
      assert.ok((replica.ddl?.(ODD) ?? "").includes("__proto__"));
      const odd = await described(replica, ODD);
      const { creates } = await replica.describe(never);
      const asked = creates?.describes?.(ODD) ?? ODD;
      // Where nothing declares columns, the first row will show them.
      const fields = odd.openColumns === "unshown" ? [] : asked.fields;
      assert.deepEqual(
        odd.fields.map(({ name, type, nullable }) => [name, type.kind, nullable]),
        fields.map(({ name, type, nullable }) => [name, type.kind, nullable]),
      );
      if (fields.length > 0) assert.deepEqual(odd.key, asked.key);
      // What nobody declares is what the other side means.
      const shape = { ...shapeOf(ODD), types: ODD.fields.map(({ type }) => type) };
      const row = ["it's", null, 7];
      const batch = batchOf(shape, "one", [creation(keyOf("it's"), row)]);
      assert.equal((await writeOnce(replica, batch))[0]?.kind, "applied");
      assert.deepEqual((await replica.read(shape, [keyOf("it's")], never)).rows, [row]);
      await rejects(suite, async () => replica.create?.(ODD, never), { name: "SyncError" });
    },
  );
}
