// What a system says when it is asked by itself, told as if all of the configuration was opened.
import type { SyncError } from "../core/errors.ts";
import { elsewhere, pathTo } from "../engine/compile/where.ts";
import { atPlaces, toldProblems } from "./broken.ts";
import type { Config } from "./config.ts";

/** What is wrong with a system, at its place in the file, and with no secret in it. */
export function toldOf(config: Config, name: string, error: SyncError): readonly SyncError[] {
  const placed = atPlaces([elsewhere(error, pathTo("systems", name))], config);
  return toldProblems(config.shownAs, placed, config.filled);
}
