// What is around a configuration: the Node that runs us, the environment, and who can read files.
import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Asked, Outline } from "../../config/outline.ts";
import { safe } from "../values.ts";
import type { World } from "../world.ts";
import { counted, listed } from "../words.ts";
import { fine, found } from "./check.ts";
import type { Check } from "./check.ts";

/** Is this Node new enough? `engines` is what the package asks for: `>=24`. */
export function nodeCheck(version: string, engines: string): Check {
  const least = Number(/\d+/.exec(engines)?.[0] ?? 0);
  const subject = { check: "node", facts: { version, engines } };
  if (Number(version.split(".")[0]) >= least) return fine(subject, `Node ${version}`);
  return found(subject, {
    state: "failed",
    code: "NODE_TOO_OLD",
    text: `Node ${version}, and Syncline needs ${least} or newer`,
    hint: `Install Node ${least} or newer.`,
  });
}

/** Variables that a configuration needs and that are not there, each with a setting it is for. */
export function missingIn({ placeholders }: Outline, env: World["env"]): readonly Missing[] {
  return placeholders.filter((each): each is Missing => {
    if (each.kind !== "variable" || each.fallback !== undefined) return false;
    return !Object.hasOwn(env, each.name) || env[each.name] === undefined;
  });
}

/** One of them. */
export type Missing = Extract<Asked, { readonly kind: "variable" }>;

/** Are the variables there that a configuration names? Their values are never told. */
export function environmentChecks(outline: Outline, env: World["env"]): readonly Check[] {
  const named = new Set(
    outline.placeholders.flatMap((each) => (each.kind === "variable" ? [each.name] : [])),
  );
  const missing = new Set(missingIn(outline, env).map(({ name }) => name));
  const subject = { check: "environment" };
  if (missing.size > 0) {
    return [...missing].map((name) =>
      found(
        { ...subject, of: name },
        {
          state: "failed",
          code: "VARIABLE_MISSING",
          text: `${name} is not set`,
          hint: `export ${name}=…, or write a default: \${${name}:-…}`,
        },
      ),
    );
  }
  if (named.size === 0) return [fine(subject, "no variable is named")];
  return [fine(subject, `${listed([...named])} ${named.size === 1 ? "is" : "are"} there`)];
}

/**
 * Can strangers read secrets: in the configuration's files, the first of which is itself, and in
 * those that it is filled from?
 */
export function secrecyChecks(
  outline: Outline,
  files: readonly string[],
  shown: (path: string) => string,
): readonly Check[] {
  const [config = ""] = files;
  const filled = outline.placeholders.flatMap((each) => {
    return each.kind === "file" ? [resolve(dirname(config), each.path)] : [];
  });
  const holding = [...(outline.secrets.length > 0 ? files : []), ...new Set(filled)];
  const open = holding.filter(isForAll);
  const subject = { check: "secrets", facts: { readable: open, settings: outline.secrets } };
  if (open.length === 0) {
    const text = holding.length === 0 ? "none in the configuration" : "no stranger can read them";
    return [fine(subject, text)];
  }
  return open.map((file) => {
    const isConfig = files.includes(file);
    const what = isConfig ? `${counted(outline.secrets.length, "secret")} (${names(outline)})` : "";
    return found(
      { ...subject, of: shown(file) },
      {
        code: "SECRET_READABLE",
        text: `every user of this machine can read ${what || "it"}`,
        hint: `chmod 600 ${safe(shown(file))}${isConfig ? ", or take them from ${NAME}" : ""}`,
      },
    );
  });
}

function names({ secrets }: Outline): string {
  return listed(secrets.map((path) => safe(path)));
}

/** A file that is not there, or of which nobody tells us, is somebody else's check. */
function isForAll(file: string): boolean {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats !== undefined && (stats.mode & 0o004) !== 0;
}
