// The first part of the demonstration: two copies that agreed, drift apart, and agree again.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { apply } from "../commands/apply.ts";
import { conflicts } from "../commands/conflicts.ts";
import { plan } from "../commands/plan.ts";
import { resolve } from "../commands/resolve.ts";
import { rollback } from "../commands/rollback.ts";
import { run } from "../commands/run.ts";
import { verify } from "../commands/verify.ts";
import type { QuestionView } from "../../engine/views.ts";
import { count, counted } from "../words.ts";
import type { Found } from "./data.ts";
import { fieldEdits, tidyEdits } from "./edits.ts";
import type { Version } from "./entries.ts";
import { filePlace } from "./file-place.ts";
import { changesBetween } from "./place.ts";
import type { Changes, Place } from "./place.ts";
import { figuresOf } from "./shell.ts";
import type { Said, Shell } from "./shell.ts";

/** Everything that the chapters share. */
interface Stage {
  readonly shell: Shell;
  readonly found: Found;
  readonly table: string;
  readonly config: string;
  /** Where each side is, and what it becomes; `--swap` exchanges the two. */
  readonly sides: { readonly source: Actor; readonly target: Actor };
  /** The side that the answers take: the one with the later version. */
  readonly favourite: "source" | "target";
}

interface Actor {
  readonly place: Place;
  readonly becomes: Version;
}

/** How the sides of the story are cast. */
interface Cast {
  readonly isSwapped: boolean;
  /** Where the side is that becomes the third version; absent: in a file, like the other one. */
  readonly elsewhere?: Place | undefined;
}

/** Tells the whole story in a fresh folder. */
export async function tellTwoWay(
  shell: Shell,
  folder: string,
  found: Found,
  { isSwapped, elsewhere }: Cast,
): Promise<void> {
  const [, first, second] = found.dataset.versions as readonly [Version, Version, Version]; // three
  const [ahead, apart] = isSwapped
    ? (["target", "source"] as const)
    : (["source", "target"] as const);
  const fileOf = (side: string) => filePlace(join(folder, `${side}.db`));
  const leading: Actor = { place: fileOf(ahead), becomes: first };
  const other: Actor = { place: elsewhere ?? fileOf(apart), becomes: second };
  const stage: Stage = {
    shell,
    found,
    table: found.dataset.table,
    config: join(folder, "syncline.yaml"),
    sides: isSwapped ? { source: other, target: leading } : { source: leading, target: other },
    favourite: ahead,
  };
  await agree(stage);
  await driftApart(stage);
  await planAndApply(stage);
  await decide(stage, await fieldConflict(stage));
  await restore(stage);
  await undo(stage);
}

async function agree({ shell, found, table, config, sides }: Stage): Promise<void> {
  const [base] = found.dataset.versions as readonly [Version];
  await shell.title("Two databases that agree");
  const places = [sides.source.place, sides.target.place];
  for (const place of places) await place.makeTable(found.dataset, base);
  const text = configText(table, sides);
  await writeFile(config, text, { flag: "wx" });
  const both = places.map(({ title }) => title).join(" and ");
  await shell.say(`${both} hold ${base.name}. syncline.yaml is all there is to write:\n`);
  await shell.say(text.trimEnd());
  const said = await shell.run("run", run, [], { config });
  const { unchanged } = figuresOf(said, table);
  await shell.say(
    `\nThey meet for the first time, and agree on ${counted(unchanged, "entry", "entries")}.`,
  );
}

async function driftApart({ shell, found, sides }: Stage): Promise<void> {
  const { dataset } = found;
  const [base] = dataset.versions as readonly [Version];
  await shell.title("Both drift apart");
  for (const [name, { place, becomes }] of Object.entries(sides)) {
    const changes = changesBetween(base, becomes);
    await place.change(dataset, changes);
    await shell.say(`${name} becomes ${becomes.name}: ${changesText(changes)}.`);
  }
}

async function planAndApply({ shell, table, config }: Stage): Promise<void> {
  await shell.title("The plan: what would be written where, and what waits");
  const planned = await shell.run("plan", plan, [], { config });
  await withheldText(shell, planned, table);
  await shell.title("Exactly that plan, applied");
  const { plans } = planned.result as { readonly plans: readonly { readonly id: string }[] };
  await shell.run("apply", apply, [plans[0]?.id ?? ""], { config });
  await shell.title("Conflicts: what was agreed, and what each side holds");
  await shell.run("conflicts", conflicts, [], { config, why: "conflict", limit: "3" });
}

async function withheldText(shell: Shell, said: Said, table: string): Promise<void> {
  const { guards } = (said.result as { readonly plans: readonly PlanHead[] }).plans[0] ?? {
    guards: [],
  };
  for (const guard of guards) {
    await shell.say(
      `\nThe guard withholds ${counted(guard.deletions, "deletion")} in ${guard.side}: ` +
        `of ${count(guard.known)} ${table} it lets ${count(guard.limit)} go\n` +
        "without asking. Everything else goes on.",
    );
  }
}

interface PlanHead {
  readonly guards: readonly {
    readonly side: string;
    readonly deletions: number;
    readonly known: number;
    readonly limit: number;
  }[];
}

/** Returns the id of a question about a field, if these data can have one. */
async function fieldConflict({
  shell,
  found,
  config,
  sides,
  favourite,
}: Stage): Promise<string | undefined> {
  await shell.title("A conflict about a field");
  const [mine, yours] = [sides[favourite], sides[favourite === "source" ? "target" : "source"]];
  const { dataset } = found;
  const edits = fieldEdits(
    await mine.place.rows(dataset),
    await yours.place.rows(dataset),
    dataset,
  );
  if (edits === undefined) {
    await shell.say("These data have no entries that both sides hold alike: left out.");
    return undefined;
  }
  await mine.place.change(dataset, edits.first);
  await yours.place.change(dataset, edits.second);
  await shell.say(
    "So that there is one in any case, the demonstration edits " +
      `${counted(edits.first.updated.length, "row")} on both sides:\n` +
      `the column "${edits.column}" becomes ${edits.values[0]} in ${mine.place.title} ` +
      `and ${edits.values[1]} in ${yours.place.title}.`,
  );
  await shell.run("run", run, [], { config });
  const asked = await shell.run("conflicts", conflicts, [], { config, field: edits.column });
  return (asked.result as { readonly questions: readonly QuestionView[] }).questions[0]?.id;
}

async function decide(stage: Stage, id: string | undefined): Promise<void> {
  const { shell, config, favourite } = stage;
  await shell.title("A person decides one, a policy the others");
  if (id !== undefined) {
    await shell.run("resolve", resolve, [id], { config, take: favourite, author: "demo" });
  }
  const policy = `${favourite}-wins`;
  const all = { config, all: true, why: "conflict", policy, author: "demo" };
  await shell.run("resolve", resolve, [], all);
  await shell.say("\nThe next run finds nothing to do; what the guard withholds still waits.");
  await shell.run("run", run, [], { config });
}

async function restore({ shell, config, table }: Stage): Promise<void> {
  await shell.title("What was withheld is given back");
  const said = await shell.run("run", run, [], { config, restore: true });
  const { source, target } = figuresOf(said, table);
  await shell.say(
    `\nWritten back: ${counted(source.create + target.create, "entry", "entries")}. ` +
      "Do both sides agree now?",
  );
  await shell.run("verify", verify, [], { config });
}

async function undo({ shell, found, config, sides, favourite }: Stage): Promise<void> {
  await shell.title("One run is rolled back, and forward again");
  const { place } = sides[favourite];
  const edits = tidyEdits(await place.rows(found.dataset), found.dataset);
  await place.change(found.dataset, edits.changes);
  const rows = counted(edits.changes.updated.length, "row");
  await shell.say(
    `The demonstration edits ${rows} in ${place.title}: the column "${edits.column}".`,
  );
  let said = await shell.run("run", run, [], { config });
  for (const text of ["\nBack:", "\nAnd forward, by rolling the rollback back:"]) {
    await shell.say(text);
    const { runs } = said.result as { readonly runs: readonly { readonly id: string }[] };
    said = await shell.run("rollback", rollback, [runs[0]?.id ?? ""], { config, apply: true });
  }
  await shell.run("verify", verify, [], { config });
}

function changesText({ inserted, updated, deleted }: Changes): string {
  const [more, other, less] = [inserted, updated, deleted].map(({ length }) => count(length));
  return `${more} rows inserted, ${other} updated, ${less} deleted`;
}

function configText(table: string, { source, target }: Stage["sides"]): string {
  return `version: 1
journal: ./.syncline/journal.db
systems:
  source: ${source.place.system}
  target: ${target.place.system}
pipelines:
  ${table}:
    source: source.${table}
    target: target.${table}
    direction: two-way
`;
}
