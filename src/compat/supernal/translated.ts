// A SyncConfig in Syncline's own words. Every key of it works, or is refused by its name.
import { join } from "node:path";
import { configOf } from "../../config/build.ts";
import { toldProblems } from "../../config/broken.ts";
import { check } from "../../config/check.ts";
import type {
  Config,
  ConfigInput,
  HttpCollectionInput,
  MappingInput,
  PipelineInput,
} from "../../config/index.ts";
import { parseProgram } from "../../config/program.ts";
import type { RetryInput } from "../../config/retry.ts";
import { SyncError } from "../../core/errors.ts";
import { parsePath } from "../../core/path.ts";
import { problemsOf, throwAll } from "../../core/problems.ts";
import { parseStrategy } from "../../core/strategies.ts";
import { BACKOFF_DEFAULT } from "../../engine/backoff.ts";
import { attempt, whereIs } from "../../engine/compile/where.ts";
import { keyOf, linesOf } from "./lines.ts";
import { Secrets, type Environment } from "./secrets.ts";
import { SYNC_CONFIG_SHAPE } from "./shape.ts";
import type { ConflictResolutionConfig, RetryConfig, SyncConfig } from "./sync-config.ts";
import { sourceEnd, targetEnd } from "./systems.ts";

/** How a SyncConfig is read. */
export interface TranslateOptions {
  /** The journal's file. Default Syncline's own. */
  readonly journal?: string;
  /** For secrets that are written `${NAME}`. Default: the environment of this process. */
  readonly env?: Environment;
  /**
   * `batch`: one run, started by hand; when it would start by itself is left to who starts it.
   * Absent: the whole of it, and what is not built yet of that is refused.
   */
  readonly part?: "batch";
}

/** A SyncConfig as Syncline has it. */
export interface Translated {
  /** Without secrets: each is the name of a variable, such as `${SOURCE_PASSWORD}`. */
  readonly input: ConfigInput;
  readonly secrets: Secrets;
}

/**
 * The same pipeline as a configuration of Syncline's. Throws SyncError with everything that is
 * wrong or not built yet (`problemsOf`), each with its path in the SyncConfig.
 */
export function translate(
  name: string,
  config: SyncConfig,
  options: TranslateOptions = {},
): Translated {
  throwAll(misshapen(name, config));
  const problems = [...unbuilt(config, options), ...misnamed(name, config)];
  const { env = process.env, journal } = options;
  const secrets = new Secrets();
  const mapping = linesOf(config, problems);
  const fields = fieldsOf(mapping);
  const around = { name, env, secrets, fields };
  const source = attempt(problems, "source", () => sourceEnd(config, around));
  const target = attempt(problems, "target", () => targetEnd(config, around));
  const drift = attempt(problems, "conflictResolution.strategy", () =>
    driftOf(config.conflictResolution),
  );
  throwAll(problems);
  const pipeline: PipelineInput = {
    source: `source${source?.collection}`,
    target: `target${target?.collection}`,
    key: keyOf(config),
    mapping,
    // The shape has looked at them.
    filters: config.filters as NonNullable<PipelineInput["filters"]>,
    retry: retryOf(config.sync.retryPolicy),
    ...(drift === undefined ? {} : { drift }),
  };
  const input: ConfigInput = {
    version: 1,
    ...(journal === undefined ? {} : { journal }),
    systems: {
      ...(source === undefined ? {} : { source: source.system }),
      ...(target === undefined ? {} : { target: target.system }),
    },
    pipelines: { [name]: pipeline },
  };
  return { input, secrets };
}

/** The same, found sound and ready to be opened; paths are relative to `cwd`. */
export function configFrom(
  name: string,
  config: SyncConfig,
  { cwd = process.cwd(), ...options }: TranslateOptions & { readonly cwd?: string } = {},
): Config {
  const { input, secrets } = translate(name, config, options);
  const { env = process.env } = options;
  try {
    return configOf(parseProgram(input), {
      path: join(cwd, name),
      shownAs: name,
      local: undefined,
      fillings: { env: secrets.over(env), readText: () => "" },
    });
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    throwAll(problemsOf(error).map((problem) => inItsWords(name, problem)));
    throw error;
  }
}

/** All that is wrong with a SyncConfig, as far as can be seen without opening anything. */
export function problemsIn(
  name: string,
  config: SyncConfig,
  options: TranslateOptions = {},
): readonly SyncError[] {
  try {
    configFrom(name, config, options);
    return [];
  } catch (error) {
    if (error instanceof SyncError) return problemsOf(error);
    throw error;
  }
}

/** Held against its shape, for those whose compiler did not. */
function misshapen(name: string, config: unknown): readonly SyncError[] {
  const { root, problems } = parseProgram(config);
  const wrong = root === undefined ? [] : check(root, SYNC_CONFIG_SHAPE).problems;
  return toldProblems(name, [...problems, ...wrong]).map((each) => inItsWords(name, each));
}

function unbuilt({ sync }: SyncConfig, { part }: TranslateOptions): SyncError[] {
  if (part === "batch") return [];
  const problems: SyncError[] = [];
  const later = (key: string, message: string, hint: string) =>
    problems.push(new SyncError("CONFIG_NOT_BUILT", message, { where: `sync.${key}`, hint }));
  const run = "`runBatchSync` runs its batch once, whenever you call it.";
  if (sync.mode === "hybrid")
    later("mode", "sync.mode: the live part of hybrid is not built yet", run);
  if (sync.frequency !== undefined)
    later("frequency", "sync.frequency: no schedule is built yet", run);
  return problems;
}

function misnamed(name: string, { name: own }: SyncConfig): SyncError[] {
  if (own === undefined || own === name) return [];
  const message = `The configuration calls itself '${own}', and is '${name}' here`;
  return [new SyncError("CONFIG_INVALID", message, { where: "name", hint: "Take `name` out." })];
}

/** An empty API shows no fields: they are told. */
function fieldsOf(mapping: readonly MappingInput[]): NonNullable<HttpCollectionInput["fields"]> {
  const fields: { [name: string]: "any" | "json" } = {};
  for (const { target } of mapping) {
    const { column, steps } = parsePath(target);
    fields[column] = steps.length > 0 ? "json" : "any";
  }
  return fields;
}

function retryOf({ maxRetries, backoffStrategy, initialDelay }: RetryConfig): RetryInput {
  return {
    backoff: backoffStrategy ?? "fixed",
    first: `${initialDelay}ms`,
    cap: `${Math.max(initialDelay, BACKOFF_DEFAULT.capMs)}ms`,
    tries: maxRetries + 1,
  };
}

/**
 * A SyncConfig only writes its target, so its conflicts are changes that somebody made there. Who
 * wrote last wins: they stay until the source changes that record. Throws for what would need to
 * write the source, or would be ignored.
 */
function driftOf({ strategy, customRules = [] }: ConflictResolutionConfig): PipelineInput["drift"] {
  const { word } = parseStrategy(strategy, ["source", "target"], {
    by: "clock",
    settle: () => undefined,
  });
  if (customRules.length > 0 || word === "custom") {
    throw twoWay("conflictResolution.customRules", "Rules of your own settle");
  }
  if (word === "latest") return "keep";
  if (word === "source-wins") return "overwrite";
  throw twoWay("conflictResolution.strategy", `'${strategy}' settles`);
}

function twoWay(where: string, what: string): SyncError {
  const message = `${where}: ${what} edits of two sides, and a SyncConfig only writes its target`;
  const hint =
    "Say 'last-writer-wins' or 'source-wins', or write a pipeline with `direction: two-way` in a " +
    "configuration of Syncline's.";
  return new SyncError("CONFIG_NOT_BUILT", message, { where, hint });
}

/** Paths of our configuration as those of the SyncConfig from which it was made. */
function inItsWords(name: string, { code, message, hint, where, cause }: SyncError): SyncError {
  const words = (text: string): string =>
    WORDS.reduce(
      (before, [ours, theirs]) => before.replaceAll(ours, theirs),
      text.replaceAll(`${whereIs(name)}.`, ""),
    );
  const place = where === undefined ? "" : words(where.replace(`${name}: `, ""));
  return new SyncError(code, words(message), {
    ...(place === "" || place === name ? {} : { where: place }),
    ...(hint === undefined ? {} : { hint: words(hint) }),
    ...(cause === undefined ? {} : { cause }),
  });
}

const WORDS: readonly (readonly [ours: string, theirs: string])[] = [
  ["systems.source.collections.records", "source.connection.collection"],
  ["systems.target.collections.records", "target.collection"],
  ["systems.source.auth", "source.authentication"],
  ["systems.target.auth", "target.authentication"],
  ["systems.source", "source.connection"],
  ["systems.target", "target"],
];
