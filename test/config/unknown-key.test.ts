// An unknown key is found at its place, wherever in a configuration it stands.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { stringify } from "yaml";
import { check } from "../../src/config/check.ts";
import { parseProgram } from "../../src/config/program.ts";
import { CONFIG_SHAPE } from "../../src/config/schema.ts";
import { isNotBuilt, taggedAs } from "../../src/config/shape.ts";
import type { ObjectShape, Shape } from "../../src/config/shape.ts";
import { defineConfig, loadConfig } from "../../src/config/index.ts";
import { SyncError } from "../../src/core/errors.ts";
import { problemsOf } from "../../src/core/problems.ts";
import { same, WHOLE } from "./whole.ts";

type Path = readonly (string | number)[];

test("the typed sample has every key that works, of every object of a configuration", () => {
  const used = new Map<ObjectShape, Set<string>>();
  for (const { shape, value } of objectsIn(WHOLE, CONFIG_SHAPE, [])) {
    used.set(shape, new Set([...(used.get(shape) ?? []), ...Object.keys(value)]));
  }
  for (const shape of shapesIn(CONFIG_SHAPE)) {
    const missing = Object.entries(shape.keys).flatMap(([key, known]) => {
      const isProgram = ["over", "back", "reads"].includes(key); // in the next test
      return isNotBuilt(known) || isProgram || used.get(shape)?.has(key) === true ? [] : [key];
    });
    assert.deepEqual(missing, []);
  }
});

test("a pair of functions is a transform", () => {
  const transform = { over: same, back: same, reads: ["b"] };
  const sides = { source: "crm.a", target: "crm.b" };
  const mapping = [{ source: "a", target: "b", transform }];
  const config = defineConfig({ ...WHOLE, pipelines: { p: { ...sides, mapping } } });
  const { root, problems } = parseProgram(config);
  assert.ok(root);
  assert.deepEqual([...problems, ...check(root, CONFIG_SHAPE).problems], []);
});

test("an unknown key at any level is found at its line and column, in YAML and JSON", async () => {
  const places = objectsIn(WHOLE, CONFIG_SHAPE, []);
  const name = fc.oneof(
    fc.stringMatching(/^[a-zA-Z_][\w-]{0,12}$/),
    fc.constantFrom("__proto__", "constructor", "toString", "<<"),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: places.length - 1 }),
      name,
      fc.boolean(),
      fc.nat(),
      async (index, key, isJson, position) => {
        const { path, shape } = places[index] ?? { path: [], shape: CONFIG_SHAPE };
        fc.pre(!Object.hasOwn(shape.keys, key) && key !== "type");
        const marked = withKey(WHOLE, path, position);
        const text = isJson
          ? JSON.stringify(marked, null, 2)
          : stringify(marked, { aliasDuplicateObjects: false });
        const written = text.replace(MARK, key);
        const found = await unknownIn(written);
        assert.deepEqual(found, [placeOf(text, isJson)], written);
      },
    ),
    { numRuns: 500 },
  );
});

const MARK = "MARKED_KEY";

/** The sample with a marked key in one of its objects, before one of its keys or behind all. */
function withKey(value: unknown, path: Path, position: number): unknown {
  const [step, ...rest] = path;
  if (Array.isArray(value)) {
    return value.map((item, i) => (i === step ? withKey(item, rest, position) : item));
  }
  const entries = Object.entries(value as object);
  if (step === undefined) entries.splice(position % (entries.length + 1), 0, [MARK, 1]);
  const changed = entries.map(([key, item]) => [
    key,
    key === step ? withKey(item, rest, position) : (item as unknown),
  ]);
  return Object.fromEntries(changed);
}

function placeOf(text: string, isJson: boolean): string {
  const before = text.slice(0, text.indexOf(MARK) - Number(isJson)).split("\n");
  return `sample.yaml:${before.length}:${(before.at(-1) ?? "").length + 1}`;
}

async function unknownIn(text: string): Promise<readonly (string | undefined)[]> {
  const readFile = (path: string): Uint8Array => {
    if (path === "/nowhere/sample.yaml") return new TextEncoder().encode(text);
    throw Object.assign(new Error(path), { code: "ENOENT" }); // nothing is beside it
  };
  try {
    await loadConfig("/nowhere/sample.yaml", { cwd: "/nowhere", readFile });
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    const unknown = problemsOf(error).filter(({ code }) => code === "CONFIG_UNKNOWN_KEY");
    return unknown.map(({ where }) => where);
  }
  return [];
}

/** Every object of a value that has known keys, with its path. */
function objectsIn(
  value: unknown,
  shape: Shape,
  path: Path,
): readonly { readonly path: Path; readonly shape: ObjectShape; readonly value: object }[] {
  const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
  switch (shape.kind) {
    case "named":
      return objectsIn(value, shape.shape(), path);
    case "either":
      return shape.of.flatMap((each) => objectsIn(value, each, path));
    case "list":
      if (!Array.isArray(value)) return [];
      return value.flatMap((item: unknown, i) => objectsIn(item, shape.of, [...path, i]));
    case "map":
      if (!isMap) return [];
      return Object.entries(value).flatMap(([key, item]) =>
        objectsIn(item, shape.of, [...path, key]),
      );
    case "tagged": {
      if (!isMap) return [];
      const chosen = taggedAs(shape, String(new Map(Object.entries(value)).get(shape.tag)));
      return chosen === undefined ? [] : objectsIn(value, chosen, path);
    }
    case "object": {
      if (!isMap) return [];
      const inside = Object.entries(value).flatMap(([key, item]) => {
        const known = shape.keys[key];
        return known === undefined || "notBuilt" in known
          ? []
          : objectsIn(item, known.shape, [...path, key]);
      });
      return [{ path, shape, value }, ...inside];
    }
    default:
      return [];
  }
}

/** Every object shape that can be reached. */
function shapesIn(shape: Shape, found = new Set<ObjectShape>()): ReadonlySet<ObjectShape> {
  switch (shape.kind) {
    case "named":
      return shapesIn(shape.shape(), found);
    case "list":
    case "map":
      return shapesIn(shape.of, found);
    case "either":
      for (const each of shape.of) shapesIn(each, found);
      return found;
    case "tagged":
      for (const each of Object.values(shape.of)) shapesIn(each, found);
      return found;
    case "object":
      if (found.has(shape)) return found;
      found.add(shape);
      for (const known of Object.values(shape.keys)) {
        if ("shape" in known) shapesIn(known.shape, found);
      }
      return found;
    default:
      return found;
  }
}
