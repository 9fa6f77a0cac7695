// Configurations by name, each looked at before it is taken.
import { SyncError } from "../../core/errors.ts";
import { isPlainObject } from "../../core/given.ts";
import { didYouMean } from "../../core/nearest.ts";
import { masked, type Environment } from "./secrets.ts";
import type { SourceType, SyncConfig } from "./sync-config.ts";
import { webhookNotBuilt } from "./systems.ts";
import { builtInValidators, type ConfigValidator } from "./validators.ts";

/** What is changed of a configuration; what is not said stays. A list is replaced as a whole. */
export type SyncConfigChange = Partially<SyncConfig>;

type Partially<T> = T extends Whole ? T : { readonly [key in keyof T]?: Partially<T[key]> };

/** What is not merged, but replaced. */
type Whole =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly unknown[]
  | ((...given: never[]) => unknown);

/** Keeps configurations by name. What it gives out does not change, and shows no secret. */
export class SyncConfigurationManager {
  readonly #configurations = new Map<string, { readonly config: SyncConfig; version: number }>();
  readonly #validators: Map<string, ConfigValidator>;

  /** `env` is for secrets that are written `${NAME}`; default: that of this process. */
  constructor(options: { readonly env?: Environment } = {}) {
    this.#validators = new Map(builtInValidators(options));
  }

  /** Puts a validator in the place of the one for this type of source. */
  registerValidator(type: SourceType, validator: ConfigValidator): void {
    this.#validators.set(type, validator);
  }

  /**
   * Takes a configuration, or puts it in the place of the one with this name. Throws SyncError for
   * one that is not valid: `Invalid configuration: …` with all that is wrong.
   */
  addSyncConfiguration(name: string, config: SyncConfig): void {
    const whole = isPlainObject(config) ? { name, ...config } : config;
    this.#check(whole);
    const version = (this.#configurations.get(name)?.version ?? 0) + 1;
    this.#configurations.set(name, { config: kept(whole), version });
  }

  /** The configuration; undefined: there is none with this name. */
  getSyncConfiguration(name: string): SyncConfig | undefined {
    return this.#configurations.get(name)?.config;
  }

  /**
   * Changes what is said and keeps the rest, at any depth. Throws CONFIG_NOT_FOUND, and for a
   * result that is not valid; then it stays as it was.
   */
  updateSyncConfiguration(name: string, change: SyncConfigChange): void {
    const known = this.#configurations.get(name);
    if (known === undefined) {
      throw new SyncError("CONFIG_NOT_FOUND", `Configuration '${name}' not found`, {
        hint: didYouMean(name, this.#configurations.keys()),
      });
    }
    const whole = merged(known.config, change) as SyncConfig; // the next line looks at it
    this.#check(whole);
    this.#configurations.set(name, { config: kept(whole), version: known.version + 1 });
  }

  /** All names, in the order in which they came. */
  listConfigurations(): string[] {
    return [...this.#configurations.keys()];
  }

  /** How often it was set: 1 when it is new. undefined: there is none with this name. */
  versionOf(name: string): number | undefined {
    return this.#configurations.get(name)?.version;
  }

  #check(config: SyncConfig): void {
    // Anything at all, where no compiler has looked at it.
    const { type } = (config as Partial<SyncConfig> | undefined)?.source ?? {};
    const validator = this.#validators.get(type ?? "") ?? this.#validators.get("database");
    if (type !== undefined && !this.#validators.has(type)) {
      const message = `No validator found for source type: ${type}`;
      const isLater = type === "webhook";
      throw new SyncError(isLater ? "CONFIG_NOT_BUILT" : "CONFIG_INVALID", message, {
        hint: isLater ? (webhookNotBuilt().hint ?? "") : didYouMean(type, this.#validators.keys()),
      });
    }
    const { isValid, errors } = validator?.validate(config) ?? { isValid: true, errors: [] };
    if (isValid) return;
    throw new SyncError("CONFIG_INVALID", `Invalid configuration: ${errors.join(", ")}`);
  }
}

/** Only what is plain data is merged; undefined is what was not said. */
function merged(before: unknown, change: unknown): unknown {
  if (change === undefined) return before;
  if (!isPlainObject(before) || !isPlainObject(change) || isOther(before, change)) return change;
  const whole = new Map(Object.entries(before));
  for (const [key, value] of Object.entries(change)) whole.set(key, merged(whole.get(key), value));
  return Object.fromEntries(whole);
}

/** What has another type has other keys: nothing of the one before belongs to it. */
function isOther(
  before: { readonly type?: unknown },
  change: { readonly type?: unknown },
): boolean {
  return change.type !== undefined && change.type !== before.type;
}

/** A copy that nobody can change, without its secrets wherever it is printed. */
function kept(config: SyncConfig): SyncConfig {
  const copy = frozen(config) as SyncConfig; // the same data
  return Object.freeze({ ...copy, source: safe(copy.source), target: safe(copy.target) });
}

/** A validator of somebody's own may have let through an end without credentials. */
function safe<T extends Partial<Pick<SyncConfig["source"], "authentication">>>(end: T): T {
  const { authentication } = end;
  if (authentication === undefined) return end;
  return Object.freeze({ ...end, authentication: Object.freeze(masked(authentication)) });
}

function frozen(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map(frozen));
  if (!isPlainObject(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, frozen(inner)]);
  return Object.freeze(Object.fromEntries(entries));
}
