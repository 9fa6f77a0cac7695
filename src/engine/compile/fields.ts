// The fields of a collection, as a description tells them, by their names.
import type { CollectionDescription, FieldDescription } from "../replica.ts";

/** The columns of a collection by name. */
export function fieldsByName(
  description: CollectionDescription,
): ReadonlyMap<string, FieldDescription> {
  const known = named.get(description);
  if (known !== undefined) return known;
  const fields = new Map(description.fields.map((field) => [field.name, field]));
  named.set(description, fields);
  return fields;
}

/** Every line of a mapping asks; in a wide table each answer would be as long as all of them. */
const named = new WeakMap<CollectionDescription, ReadonlyMap<string, FieldDescription>>();
