// The mapping of a SyncConfig as Syncline's own.
import type { MappingInput, TransformInput } from "../../config/index.ts";
import { SyncError } from "../../core/errors.ts";
import { didYouMean } from "../../core/nearest.ts";
import { parsePath } from "../../core/path.ts";
import { TEMPLATE_HOLE, TRANSFORMS } from "../../core/transforms.ts";
import { attempt } from "../../engine/compile/where.ts";
import { namedAs } from "./custom-transformations.ts";
import { refuseInherited } from "./inherited.ts";
import type { FieldMapping, MappingFunction, MappingTransform, SyncConfig } from "./sync-config.ts";
import { templateIn } from "./template.ts";

/** The targets that name a record. */
export function keyOf({ key = "id" }: Pick<SyncConfig, "key">): readonly string[] {
  return typeof key === "string" ? [key] : key;
}

/** The lines of the mapping, one by one. Adds what is wrong, each with its place. */
export function linesOf(config: SyncConfig, problems: SyncError[]): readonly MappingInput[] {
  const key = keyOf(config);
  for (const name of key) {
    if (config.mapping.some(({ target }) => target === name)) continue;
    const hint = "Name the targets of the lines that tell records apart: key: 'id', or a list.";
    problems.push(invalid("key", `No line of the mapping has the target '${name}'`, hint));
  }
  return config.mapping.flatMap((line, n) => {
    const where = `mapping[${n}]`;
    const known = problems.length;
    for (const end of ["source", "target"] as const) {
      attempt(problems, `${where}.${end}`, () => refuseInherited(parsePath(line[end])));
    }
    if (problems.length > known) return [];
    return attempt(problems, where, () => lineOf(line, where, key.includes(line.target))) ?? [];
  });
}

function lineOf(line: FieldMapping, where: string, isKey: boolean): MappingInput {
  const { transform, validate, ...rest } = line;
  const made = transform === undefined ? undefined : transformOf(transform, where, isKey);
  return {
    ...(rest as MappingInput), // a default is a value that JSON holds, or the shape has refused it
    ...(made === undefined ? {} : { transform: made }),
    ...(validate === undefined ? {} : { validate }),
  };
}

/** undefined: it changes nothing. */
function transformOf(
  given: MappingTransform,
  where: string,
  isKey: boolean,
): TransformInput | undefined {
  if (typeof given === "function") return isKey ? invertible(given, where) : plainly(given);
  if (typeof given === "object") return given;
  if (TRANSFORMS.has(given) || given.includes(TEMPLATE_HOLE)) return given;
  const hint = didYouMean(given, TRANSFORMS.keys());
  throw invalid(`${where}.transform`, `The transform '${given}' is not known`, hint);
}

/** One of ours is said by its name, which tells the fields that it reads. */
function plainly(given: MappingFunction): TransformInput {
  return namedAs(given) ?? given;
}

/**
 * What names a record has to lead back to it. Of a function nobody knows the way back, unless it
 * does no more than to put a text around the value.
 */
function invertible(given: MappingFunction, where: string): TransformInput | undefined {
  const template = templateIn(given);
  if (template === TEMPLATE_HOLE) return undefined;
  if (template !== undefined) return { name: "template", args: { template } };
  const message = `${where} changes the key by a function, which has no way back`;
  const hint =
    "Write a template, transform: 'req-${value}'; or leave the key as it is, and map its source " +
    "to another field as well.";
  throw new SyncError("CONFIG_INVALID", message, { where: `${where}.transform`, hint });
}

function invalid(where: string, message: string, hint?: string): SyncError {
  return new SyncError("CONFIG_INVALID", message, hint === undefined ? { where } : { where, hint });
}
