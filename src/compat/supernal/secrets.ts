// Secrets stay out of what is made of a configuration: names stand in for them, as in YAML.
import { inspect } from "node:util";
import { SyncError } from "../../core/errors.ts";
import type { AuthConfig } from "./sync-config.ts";

/** Secrets by the names that stand for them. Printing it shows the names. */
export class Secrets {
  readonly #values = new Map<string, string>();

  /** The placeholder for a secret, as texts of a configuration hold it. */
  hide(name: string, value: string): string {
    this.#values.set(name, value);
    return `\${${name}}`;
  }

  /** An environment with the secrets in it. */
  over(env: Environment): Environment {
    return { ...env, ...Object.fromEntries(this.#values) };
  }
}

/** Variables by name. */
export type Environment = { readonly [name: string]: string | undefined };

/**
 * A secret as it was given: a text, or `${NAME}` for a variable. Throws CONFIG_INVALID, in which
 * nothing of it is shown.
 */
export function secretIn(given: unknown, where: string, env: Environment): string {
  if (typeof given !== "string" || given === "") {
    throw new SyncError("CONFIG_INVALID", `${where} has to be a text that is not empty`, { where });
  }
  const name = REFERENCE.exec(given)?.[1];
  if (name === undefined) return given;
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  if (value !== undefined && value !== "") return value;
  const message = `${where}: the environment has no ${name}`;
  throw new SyncError("CONFIG_INVALID", message, { where, hint: "Set it." });
}

const REFERENCE = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/;

const SECRET_KEYS: ReadonlySet<string> = new Set(["password", "apiKey", "token"]);

/** The same credentials, whose secrets neither `console.log` nor `JSON.stringify` shows. */
export function masked(auth: AuthConfig): AuthConfig {
  const shown = Object.fromEntries(
    Object.entries(auth).map(([key, value]: [string, unknown]) => [
      key,
      SECRET_KEYS.has(key) && !REFERENCE.test(String(value)) ? "•••" : value,
    ]),
  );
  const show = { value: () => shown };
  const copy: AuthConfig = { ...auth };
  return Object.defineProperties(copy, { toJSON: show, [inspect.custom]: show });
}
