import { SyncError } from "../../core/errors.ts";
import type { Path } from "../../core/path.ts";

// Assigned to an object, these names change what every object inherits.
const INHERITED: ReadonlySet<string> = new Set(["__proto__", "prototype", "constructor"]);

/** The path; throws CONFIG_INVALID if it leads through what every object inherits. */
export function refuseInherited(path: Path): Path {
  if (![path.column, ...path.steps].some((name) => INHERITED.has(name))) return path;
  const message = `The path '${path.text}' leads through what every object inherits`;
  throw new SyncError("CONFIG_INVALID", message, { hint: "Choose another name." });
}
