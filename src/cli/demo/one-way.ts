// The second part of the demonstration: one version after the other of a large table, one-way.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../commands/run.ts";
import { verify } from "../commands/verify.ts";
import { count } from "../words.ts";
import type { Found } from "./data.ts";
import { figuresOf } from "./shell.ts";
import type { Shell } from "./shell.ts";
import type { Version } from "./entries.ts";
import { filePlace } from "./file-place.ts";
import { changesBetween } from "./place.ts";
import type { Place } from "./place.ts";

/** Loads the first version, moves on to the second, and finds nothing to do. */
export async function tellOneWay(
  shell: Shell,
  folder: string,
  found: Found,
  copy: Place = filePlace(join(folder, "copy.db")),
): Promise<void> {
  const { dataset } = found;
  const [before, after] = dataset.versions as readonly [Version, Version]; // oneWayData makes two
  const world = filePlace(join(folder, "world.db"));
  const config = join(folder, "cities.yaml");
  await shell.title("One way: a large table into a third database");
  await world.makeTable(dataset, before);
  await copy.makeTable(dataset, undefined);
  await writeFile(config, configText(dataset.table, world, copy), { flag: "wx" });
  await shell.say(`The source is ${before.name}; the copy is empty.`);
  await shell.run("run", run, [], { config });

  const changes = changesBetween(before, after);
  await world.change(dataset, changes);
  const { inserted, updated, deleted } = changes;
  await shell.say(
    `\nThe source becomes ${after.name}: ${count(inserted.length)} rows inserted, ` +
      `${count(updated.length)} updated, ${count(deleted.length)} deleted.`,
  );
  const said = await shell.run("run", run, [], { config });
  const { target } = figuresOf(said, dataset.table);
  await shell.say(
    `\nExactly those: ${count(target.create)} created, ${count(target.update)} updated, ` +
      `${count(target.delete)} deleted. Again:`,
  );
  await shell.run("run", run, [], { config });
  await shell.run("verify", verify, [], { config });
}

function configText(table: string, world: Place, copy: Place): string {
  return `version: 1
journal: ./.syncline/journal.db
systems:
  world: ${world.system}
  copy:  ${copy.system}
pipelines:
  ${table}: { source: world.${table}, target: copy.${table} }      # one-way is the default
`;
}
