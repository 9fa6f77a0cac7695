import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Entry, Memory, Question, Row, State, Told, Value } from "../../src/core/state.ts";
import { WHOLE } from "../../src/core/state.ts";
import { makeContext, startCycle, type Context } from "../../src/engine/context.ts";
import { flagsOf } from "../../src/engine/memory.ts";
import { FLAGS } from "../../src/engine/index.ts";
import { canonical } from "../../src/core/values.ts";
import { anyText, anyValue as anyRaw } from "../core/arbitraries.ts";
import { everywhere, person, sceneOf } from "./scene.ts";

const MEMBER = 4;
const FIELDS = 5;

/** Three sides with a filter: the first owns it, the last does not carry the city. */
async function contextOf(): Promise<Context> {
  const at = (name: string) => ({ name, at: { system: name, collection: "people" } });
  const without = ["id", "name", "age"].map((name) => ({ source: name, target: name }));
  const sides = [at("crm"), at("billing"), { ...at("shop"), mapping: without }];
  const filters = { kind: "presence", field: "age", operator: "not_null" } as const;
  const scene = await sceneOf({
    systems: ["crm", "billing", "shop"],
    pipeline: { sides, filters },
  });
  const [pipeline] = scene.link.pipelines;
  assert.ok(pipeline);
  return makeContext(scene.link, pipeline, await startCycle(scene.link), []);
}

const context = await contextOf();
const { policy, view, codec } = context;

/** A record as literals make it. */
const PLAIN = { noNullPrototype: true } as const;

/** Values as replicas return them: in canonical form. */
const anyValue = anyRaw.map((value): Value => canonical({ kind: "any" }, value) ?? null);

const maybe = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(of, { nil: undefined });
const state: fc.Arbitrary<State> = fc.record(
  {
    here: fc.boolean(),
    values: fc
      .tuple(
        fc.array(maybe(anyValue), { minLength: MEMBER, maxLength: MEMBER }),
        maybe(fc.boolean()),
      )
      .map(([values, member]) => [...values, member]),
  },
  PLAIN,
);
const stamp = fc.integer({ min: 1, max: 2 ** 50 });
const credit = fc.record(
  {
    by: fc.oneof(fc.nat(2), fc.constantFrom("answer:ada", "policy")),
    stamp,
  },
  PLAIN,
);

/** A row as a side shows it: nothing where it carries nothing. */
const rowOf = (side: number): fc.Arbitrary<Row> =>
  fc
    .tuple(fc.array(anyValue, { minLength: MEMBER, maxLength: MEMBER }), fc.boolean())
    .map(([values, member]) => {
      const row: (Value | undefined)[] = [...values, member];
      const carries = policy.sides[side]?.carries ?? [];
      return row.map((value, field) => (carries.includes(field) ? value : undefined));
    });
const someRow = (side: number): fc.Arbitrary<Row | null> => fc.option(rowOf(side), { nil: null });

const told = (side: number): fc.Arbitrary<Told> =>
  fc.record(
    {
      id: anyText.map((text) => `${text.toWellFormed()}.0`),
      to: someRow(side),
      against: someRow(side),
      at: fc.oneof(fc.nat(), fc.bigInt({ min: 2n ** 60n, max: 2n ** 62n })),
      base: state,
      until: fc.nat(),
      sent: fc.nat(3),
      once: fc.boolean(),
    },
    PLAIN,
  );

function memoryOf(side: number): fc.Arbitrary<Memory> {
  const width = context.pipeline.sides[side]?.shape.columns.length ?? 0;
  const own = fc.array(anyValue, { minLength: width, maxLength: width });
  return fc
    .record(
      {
        shadow: someRow(side),
        follows: fc.boolean(),
        own,
        base: state,
        told: fc.array(told(side), { maxLength: 2 }),
        at: fc.oneof(fc.constant(0), fc.nat(), fc.bigInt({ min: 2n ** 60n, max: 2n ** 62n })),
        parked: maybe(
          fc.record(
            {
              kind: fc.constantFrom("later" as const, "refused" as const, "unreadable" as const),
              code: fc.constant("CONSTRAINT"),
              errors: fc.array(fc.string(), { maxLength: 2 }),
              attempts: fc.nat(),
              digest: fc.string(),
            },
            PLAIN,
          ),
        ),
        mark: fc.constantFrom("m1", "m2"),
        missing: maybe(rowOf(side)),
      },
      PLAIN,
    )
    .map(({ shadow, follows, own: given, parked, mark, missing, ...rest }): Memory => {
      const followed = shadow === null ? undefined : view.ownOf(side, shadow);
      const from = shadow === null ? null : follows && followed !== undefined ? followed : given;
      const memory = { ...rest, shadow, own: from };
      const marked = rest.told.length > 0 ? { ...memory, mark } : memory;
      const waiting = parked === undefined ? marked : { ...marked, parked };
      return missing === undefined ? waiting : { ...waiting, missing };
    });
}

const question: fc.Arbitrary<Question> = fc
  .record(
    {
      field: fc.constantFrom(WHOLE, 0, 1, 2, 3, MEMBER),
      why: fc.constantFrom("conflict", "withheld", "rejected", "drift", "unknown"),
      opened: stamp,
      held: fc.tuple(
        ...[0, 1, 2].map((side) =>
          maybe(
            fc.record(
              {
                row: someRow(side),
                stamps: fc.array(maybe(stamp), { minLength: FIELDS + 1, maxLength: FIELDS + 1 }),
                first: fc.boolean(),
                firstOn: fc.array(fc.nat(FIELDS)),
              },
              { ...PLAIN, requiredKeys: ["row", "stamps", "first"] },
            ),
          ),
        ),
      ),
    },
    PLAIN,
  )
  .map((of) => of as Question); // the words of `why` are its kinds

const entry: fc.Arbitrary<Entry> = fc.record(
  {
    agreed: state,
    set: fc.oneof(
      fc.array(maybe(credit), { minLength: FIELDS + 1, maxLength: FIELDS + 1 }),
      credit.map((one) => Array.from({ length: FIELDS + 1 }, () => one)),
    ),
    open: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(question, { maxLength: 2 })),
    sides: fc.tuple(...[0, 1, 2].map((side) => maybe(memoryOf(side)))),
  },
  PLAIN,
);

/** What a base says of fields that its side does not carry is never asked. */
function comparable(of: Entry): unknown {
  const sides = of.sides.map((memory, side) => {
    if (memory === undefined) return undefined;
    const carries = policy.sides[side]?.carries ?? [];
    const { here, values } = memory.base;
    const isRow = memory.shadow !== null;
    const base = {
      here,
      values: values.map((value, f) => (!isRow || carries.includes(f) ? value : "-")),
    };
    return { ...memory, base, told: memory.told.map((one) => ({ ...one })) };
  });
  return { ...of, sides };
}

test("what is encoded is decoded as it was", () =>
  fc.assert(
    fc.property(entry, (of) => {
      const body = codec.encode(of);
      const back = codec.decode(JSON.parse(body) as unknown[]);
      assert.deepEqual(comparable(back), comparable(of));
      assert.equal(codec.encode(back), body, "and encoded again it is the same text");
    }),
    { numRuns: 1500 },
  ));

test("a body is well-formed text without U+0000, whatever the values are", () =>
  fc.assert(
    fc.property(entry, (of) => {
      const body = codec.encode(of);
      assert.ok(body.isWellFormed() && !body.includes("\0"));
    }),
  ));

test("an entry at rest keeps its values and one credit, and nothing else", async () => {
  const scene = await sceneOf();
  everywhere(scene, "ann", person("Ann"));
  await scene.run();
  const { bodies } = await scene.link.journal.entries("people", { after: null, limit: 9 });
  assert.equal(bodies.length, 1);
  assert.match(bodies[0] ?? "", /^\[\["ann","Ann",30,"Oslo"\],\[0,\d+\]\]$/);
});

test("an own row is kept only where it does not follow", async () => {
  const mapping = ["id", "name", "age"].map((name) => ({ source: name, target: name }));
  const upper = { source: "city", target: "city", transform: "upper", only: "to-target" } as const;
  const pipeline = { mapping: [...mapping, upper] };
  const scene = await sceneOf({ pipeline });
  scene.put("crm", "ann", person("Ann"));
  await scene.run();
  const { bodies } = await scene.link.journal.entries("people", { after: null, limit: 9 });
  assert.match(
    bodies[0] ?? "",
    /^\[\["ann","Ann",30,"OSLO"\],\[0,\d+\],\[\["ann","Ann",30,"Oslo"\],0\]\]$/,
  );
});

test("flags say why an entry has to be found", () => {
  const agreed: State = { here: true, values: ["a", "A", 1, "x", true] };
  const rest = { shadow: null, own: null, base: agreed, told: [], at: 0 };
  const quiet: Entry = { agreed, set: [], open: [], sides: [rest, rest, rest] };
  const asked = (why: Question["why"]): Question => ({ field: 0, why, opened: 1, held: [] });
  const parked = { kind: "later", code: "", errors: [], attempts: 1, digest: "" } as const;
  const sent: Told = {
    id: "b.0",
    to: null,
    against: null,
    at: 0,
    base: agreed,
    until: 0,
    sent: 1,
    once: true,
  };
  assert.equal(flagsOf(quiet, false), 0);
  assert.equal(flagsOf(quiet, true), FLAGS.owes);
  assert.equal(flagsOf({ ...quiet, agreed: { ...agreed, here: false } }, false), FLAGS.gone);
  assert.equal(flagsOf({ ...quiet, open: [asked("conflict")] }, false), FLAGS.asks);
  assert.equal(
    flagsOf({ ...quiet, open: [asked("withheld")] }, false),
    FLAGS.asks | FLAGS.withheld,
  );
  assert.equal(flagsOf({ ...quiet, sides: [{ ...rest, parked }] }, false), FLAGS.parked);
  assert.equal(flagsOf({ ...quiet, sides: [{ ...rest, told: [sent] }] }, false), FLAGS.owes);
});
