// The configuration's shape as JSON Schema draft-07, which is what editors understand.
import { CONFIG_SHAPE } from "./schema.ts";
import type { ObjectShape, Shape } from "./shape.ts";

/** A JSON Schema, as plain data. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** The JSON Schema (draft-07) of the configuration, for completion and checks in editors. */
export function configSchema(): JsonSchema {
  const definitions: { [name: string]: JsonSchema } = {};
  const schema = schemaOf(CONFIG_SHAPE, definitions);
  const title = "Configuration of Syncline";
  return { $schema: "http://json-schema.org/draft-07/schema#", title, ...schema, definitions };
}

/** What editors see as text may become a number or a truth value once `${…}` is filled in. */
const PLACEHOLDER: JsonSchema = { type: "string", pattern: "\\$\\{.+\\}" };

function schemaOf(shape: Shape, definitions: { [name: string]: JsonSchema }): JsonSchema {
  const inner = (of: Shape): JsonSchema => schemaOf(of, definitions);
  switch (shape.kind) {
    case "named":
      if (!Object.hasOwn(definitions, shape.name)) {
        definitions[shape.name] = {}; // it stands here while it is made: it contains itself
        definitions[shape.name] = inner(shape.shape());
      }
      return { $ref: `#/definitions/${shape.name}` };
    case "either": {
      const forms = shape.of.filter((each) => each.kind !== "function").map(inner);
      return forms.length === 1 ? (forms[0] ?? {}) : { anyOf: forms };
    }
    case "text":
      return shape.words === undefined
        ? { type: "string" }
        : { anyOf: [{ enum: shape.words }, PLACEHOLDER] };
    case "number": {
      const type = shape.whole ? "integer" : "number";
      return { anyOf: [{ type, minimum: shape.least, maximum: shape.most }, PLACEHOLDER] };
    }
    case "boolean":
      return { anyOf: [{ type: "boolean" }, PLACEHOLDER] };
    case "list":
      return { type: "array", items: inner(shape.of), ...atLeast("minItems", shape.least) };
    case "map":
      return {
        type: "object",
        additionalProperties: inner(shape.of),
        ...atLeast("minProperties", shape.least),
      };
    case "object":
      return objectSchema(shape, definitions);
    case "tagged": {
      const oneOf = Object.entries(shape.of).map(([tag, of]) => {
        const { properties, required, ...rest } = objectSchema(of, definitions);
        const tags = { [shape.tag]: { const: tag, description: shape.doc } };
        return {
          ...rest,
          properties: { ...tags, ...properties },
          required: [shape.tag, ...required],
        };
      });
      return oneOf.length === 1 ? (oneOf[0] ?? {}) : { oneOf };
    }
    case "value":
    case "function":
      return {};
  }
}

function atLeast(keyword: string, least: number | undefined): JsonSchema {
  return least === undefined ? {} : { [keyword]: least };
}

function objectSchema(
  shape: ObjectShape,
  definitions: { [name: string]: JsonSchema },
): {
  readonly type: "object";
  readonly additionalProperties: false;
  readonly properties: { readonly [key: string]: JsonSchema };
  readonly required: readonly string[];
} {
  const properties: { [key: string]: JsonSchema } = {};
  const required: string[] = [];
  for (const [key, known] of Object.entries(shape.keys)) {
    // A text has no functions, and its author does not need to hear of them.
    if ("notBuilt" in known || known.shape.kind === "function") continue;
    const inner = schemaOf(known.shape, definitions);
    // Beside a $ref, draft-07 ignores everything else.
    properties[key] =
      "$ref" in inner
        ? { allOf: [inner], description: known.doc }
        : { ...inner, description: known.doc };
    if (known.required === true) required.push(key);
  }
  return { type: "object", additionalProperties: false, properties, required };
}
