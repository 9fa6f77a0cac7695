import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { configSchema } from "../../src/config/index.ts";
import type { JsonSchema } from "../../src/config/index.ts";

const SCHEMA = configSchema();

/** What a path of properties leads to; `*` is any name, `[]` any item. */
function at(...path: readonly string[]): JsonSchema {
  return path.reduce<JsonSchema>((schema, step) => {
    const of = inside(schema);
    const next =
      step === "*"
        ? of["additionalProperties"]
        : step === "[]"
          ? of["items"]
          : (of["properties"] as JsonSchema | undefined)?.[step];
    assert.ok(typeof next === "object" && next !== null, `${step} of ${path.join(".")}`);
    return next as JsonSchema;
  }, SCHEMA);
}

/** The object or list that is meant, where there are several forms. */
function inside(schema: JsonSchema): JsonSchema {
  const forms = (schema["anyOf"] ?? schema["oneOf"]) as readonly JsonSchema[] | undefined;
  return forms?.find((form) => form["type"] === "object" || form["type"] === "array") ?? schema;
}

test("the schema is draft-07, and the same every time", () => {
  assert.equal(SCHEMA["$schema"], "http://json-schema.org/draft-07/schema#");
  assert.deepEqual(configSchema(), SCHEMA);
  assert.deepEqual(JSON.parse(JSON.stringify(SCHEMA)), SCHEMA);
});

test("what works is in it with its words and a sentence, what is not built is not", () => {
  const pipeline = at("pipelines", "*");
  const { properties, additionalProperties } = pipeline;
  const keys = Object.keys(properties as object);
  for (const key of ["source", "target", "sides", "mapping", "guard"])
    assert.ok(keys.includes(key));
  assert.ok(!keys.includes("schedule"));
  assert.equal(additionalProperties, false);
  assert.match(String(at("pipelines", "*", "direction")["description"]), /default one-way/);
  assert.deepEqual(at("pipelines", "*", "direction")["anyOf"], [
    { enum: ["one-way", "two-way"] },
    { type: "string", pattern: "\\$\\{.+\\}" },
  ]);
  const systems = at("systems", "*")["oneOf"] as readonly JsonSchema[];
  const required = new Map(
    systems.map((each) => [(each["properties"] as JsonSchema)["type"], each["required"]]),
  );
  const of = (type: string) => [...required].find(([tag]) => (tag as JsonSchema)["const"] === type);
  assert.deepEqual(of("sqlite")?.[1], ["type", "path"]);
  assert.deepEqual(of("rows")?.[1], ["type", "path", "format"]);
  assert.deepEqual(SCHEMA["required"], ["systems", "pipelines"]);
});

test("filters contain filters", () => {
  const { filter } = SCHEMA["definitions"] as { readonly filter: JsonSchema };
  const not = (filter["properties"] as JsonSchema)["not"] as JsonSchema;
  assert.deepEqual(not["anyOf"], [{ type: "string" }, { $ref: "#/definitions/filter" }]);
});

test("a function is for programs alone", () => {
  assert.ok(!JSON.stringify(SCHEMA).includes("TypeScript only"));
});

test("every key says in a sentence what it is for", () => {
  const silent: string[] = [];
  let keys = 0;
  const look = (schema: JsonSchema, path: string): void => {
    for (const [name, of] of Object.entries((schema["properties"] ?? {}) as JsonSchema)) {
      keys += 1;
      const { description } = of as JsonSchema;
      if (typeof description !== "string" || description === "") silent.push(`${path}.${name}`);
      look(of as JsonSchema, `${path}.${name}`);
    }
    const { additionalProperties: each, items, anyOf = [], oneOf = [] } = schema;
    for (const inner of [each, items].filter((of) => typeof of === "object")) {
      look(inner as JsonSchema, `${path}.*`);
    }
    for (const form of [anyOf, oneOf].flat() as JsonSchema[]) look(form, path);
  };
  look(SCHEMA, "");
  assert.ok(keys > 80, String(keys));
  assert.deepEqual(silent, []);
});

test("the guides name every key of the systems that they are about", () => {
  const systems = at("systems", "*")["oneOf"] as readonly JsonSchema[];
  const pages = { postgres: "postgres.md", rows: "files.md" };
  for (const [type, page] of Object.entries(pages)) {
    const text = readFileSync(join(import.meta.dirname, "../../docs/guide", page), "utf8");
    const system = systems.find((each) => {
      const { const: tag } = (each["properties"] as JsonSchema)["type"] as JsonSchema;
      return tag === type;
    });
    const keys = namesIn(system ?? {});
    assert.ok(keys.length > 8, type);
    for (const key of keys.filter((each) => each !== "type"))
      assert.match(text, new RegExp(`\`${key}\\b`), `${page}: ${key}`);
  }
});

/** All names of keys, however deep. */
function namesIn(schema: JsonSchema): readonly string[] {
  const own = Object.entries((schema["properties"] ?? {}) as JsonSchema);
  const inner = schema["additionalProperties"];
  const more = typeof inner === "object" ? namesIn(inner as JsonSchema) : [];
  return [...more, ...own.flatMap(([name, of]) => [name, ...namesIn(of as JsonSchema)])];
}
