// Transforms and validators of a configuration's own, by name, beside those that are built in.
import { assert, SyncError } from "../core/errors.ts";
import type { Expression, Languages } from "../core/expression.ts";
import type { TransformSpec } from "../core/mapping.ts";
import { didYouMean } from "../core/nearest.ts";
import type { Validator } from "../core/rules-parser.ts";
import { TEMPLATE_HOLE, TRANSFORMS } from "../core/transforms.ts";
import { attempt, pathTo } from "../engine/compile/where.ts";
import { invalidAt } from "./broken.ts";
import type { ConfigInput, TransformInput } from "./input.ts";
import { languagesAt } from "./languages.ts";

/** What names may stand for in one configuration, and who reads its expressions. */
export interface Registry {
  readonly transforms: ReadonlyMap<string, TransformSpec>;
  readonly validators: ReadonlyMap<string, Validator>;
  /** The languages for a text at this path. */
  readonly at: (where: string) => Languages;
}

/** What is registered in a configuration; adds what is wrong with it. */
export function registryOf(
  input: Pick<ConfigInput, "transforms" | "validators"> | object,
  languages: Languages | undefined,
  problems: SyncError[],
): Registry {
  const { transforms = {}, validators = {} } = input as Pick<
    ConfigInput,
    "transforms" | "validators"
  >;
  const at = (where: string): Languages => {
    assert(languages !== undefined, "what reads expressions was loaded where there are some");
    return languagesAt(languages, { expression: where, pattern: where });
  };
  const named = new Map<string, TransformSpec>();
  for (const [name, given] of Object.entries(transforms)) {
    const where = pathTo("transforms", name);
    if (TRANSFORMS.has(name)) {
      problems.push(invalidAt(where, `A transform '${name}' is built in`, "Choose another name."));
    }
    const spec = attempt(problems, where, () => transformNamed(name, given, () => at(where)));
    if (spec !== undefined) named.set(name, spec);
  }
  const checks = new Map<string, Validator>();
  for (const [name, given] of Object.entries(validators)) {
    const where = pathTo("validators", name);
    const check = attempt(problems, where, () =>
      typeof given === "string" ? at(where).expression(given) : given,
    );
    if (check !== undefined) checks.set(name, check);
  }
  return { transforms: named, validators: checks, at };
}

function transformNamed(
  name: string,
  given: NonNullable<ConfigInput["transforms"]>[string],
  languages: () => Languages,
): TransformSpec {
  if (typeof given === "string") return languages().expression(given);
  if (typeof given === "function") return { name, over: given };
  if ("over" in given) return { ...given, name };
  throw new SyncError("CONFIG_INVALID", `The transform '${name}' has no \`over\``);
}

/** One transform of a mapping: a name, a template, functions, or else an expression. */
export function transformOf(
  given: TransformInput,
  where: string,
  registered: Registry,
): TransformSpec {
  if (typeof given === "function") return given;
  if (typeof given === "object") {
    if (!("name" in given) || "over" in given) return given;
    const own = registered.transforms.get(given.name);
    if (own === undefined) return known(given.name, where, registered) ?? given;
    if (given.args === undefined) return own;
    throw invalidAt(`${where}.args`, `The transform '${given.name}' takes no arguments`);
  }
  const named = registered.transforms.get(given);
  if (named !== undefined) return named;
  if (TRANSFORMS.has(given) || given.includes(TEMPLATE_HOLE)) return given;
  if (!/^[\w-]*$/.test(given)) return registered.at(where).expression(given);
  return known(given, where, registered) ?? given;
}

/** Refuses a name that stands for nothing. */
function known(name: string, where: string, { transforms }: Registry): undefined {
  if (TRANSFORMS.has(name)) return;
  const hint = didYouMean(name, [...TRANSFORMS.keys(), ...transforms.keys()]);
  throw invalidAt(where, `${where} is not a transform that we know: '${name}'`, hint);
}

/** A check of one value. */
export function checkOf(
  given: string | Exclude<Validator, Expression>,
  where: string,
  registered: Registry,
): Validator {
  if (typeof given !== "string") return given;
  return registered.validators.get(given) ?? registered.at(where).expression(given);
}
