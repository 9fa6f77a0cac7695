// Where the demonstration's data come from: published packages, folders of the user's, or a sample.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { textOption, usage } from "../arguments.ts";
import type { Call } from "../command.ts";
import { MANIFEST } from "../manifest.ts";
import { guessKey, makeDataset, readEntries } from "./entries.ts";
import type { Dataset, Entries } from "./entries.ts";
import { sampleGoods, samplePlaces } from "./sample.ts";

/** A dataset, and whether it is only our own sample. */
export interface Found {
  readonly dataset: Dataset;
  readonly isSample: boolean;
}

const FOLDERS = ["base", "source", "target"] as const;

/** Three versions: what both sides agree on, what the source becomes, what the target becomes. */
export function twoWayData(call: Call): Found {
  const given = FOLDERS.filter((name) => textOption(call, name) !== undefined);
  if (given.length > 0) return { dataset: ownData(call, given), isSample: false };
  const names = ["mime-db-base", "mime-db-latest", "mime-db-fork"];
  const versions = readPackages(names, "type");
  if (versions !== undefined) {
    return { dataset: makeDataset("mime_types", ["type"], versions), isSample: false };
  }
  return { dataset: makeDataset("goods", ["id"], sampleGoods()), isSample: true };
}

/** Two versions of the cities of the world. */
export function oneWayData(): Found {
  const versions = readPackages(["cities-base", "cities-latest"], "id");
  const key = ["country", "name", "lat", "lng"];
  return versions === undefined
    ? { dataset: makeDataset("cities", key, samplePlaces()), isSample: true }
    : { dataset: makeDataset("cities", key, versions), isSample: false };
}

function ownData(call: Call, given: readonly string[]): Dataset {
  if (given.length < FOLDERS.length) {
    throw usage("Own data take three versions.", "Give --base, --source and --target.");
  }
  const folders = FOLDERS.map((name) => resolve(call.world.cwd, textOption(call, name) ?? ""));
  const asked = textOption(call, "key")
    ?.split(",")
    .map((name) => name.trim());
  const versions = folders.map((folder) => readEntries(folder, asked?.[0] ?? "key"));
  return makeDataset("entries", asked ?? guessKey(versions), versions);
}

/** undefined: this is an installed package, which comes without them. */
function readPackages(names: readonly string[], keyColumn: string): readonly Entries[] | undefined {
  const require = createRequire(MANIFEST);
  const folders = names.map((name) => {
    const places = require.resolve.paths(name) ?? [];
    return places.map((place) => join(place, name)).find((path) => existsSync(path));
  });
  const found = folders.filter((folder) => folder !== undefined);
  return found.length < names.length
    ? undefined
    : found.map((folder) => readEntries(folder, keyColumn));
}
