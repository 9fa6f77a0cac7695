import { typeName } from "../../core/values.ts";
import type { Config } from "../../config/index.ts";
import type { LogicalType } from "../../core/values.ts";
import type { Pipeline } from "../../engine/link.ts";
import { flag, placesOf } from "../arguments.ts";
import type { Answer, Call, Command } from "../command.ts";
import { EXIT } from "../exit.ts";
import type { Page } from "../page.ts";
import { printNotes } from "../print/summary.ts";
import { safe } from "../values.ts";
import { counted } from "../words.ts";
import { configPath, readConfig, withLinks } from "../workspace.ts";

/** Checks the configuration, and unless --offline the systems behind it. Every problem is told. */
export const validate: Command = (call) => {
  return flag(call, "offline") ? offline(call) : online(call);
};

async function offline(call: Call): Promise<Answer> {
  const file = configPath(call);
  const config = await readConfig(call);
  return {
    exit: EXIT.done,
    summary: { isOffline: true },
    result: { file, local: config.local ?? null },
    print: async (page) => {
      await printLocal(page, config);
      await page.line(`${page.style.good("✓")} ${safe(file)} is valid. No system was opened.`);
    },
  };
}

function online(call: Call): Promise<Answer> {
  return withLinks(call, { access: "read", names: [] }, async (links, { config }) => {
    const pipelines = placesOf(links).map(({ pipeline }) => pipeline);
    const notes = links.flatMap((link) => link.notes ?? []);
    return {
      exit: EXIT.done,
      summary: { isOffline: false, pipelines: pipelines.length },
      result: {
        file: configPath(call),
        local: config.local ?? null,
        pipelines: pipelines.map(described),
        notes,
      },
      print: async (page) => {
        await printLocal(page, config);
        for (const pipeline of pipelines) await printPipeline(page, pipeline);
        await printNotes(page, notes, null);
        const text = counted(pipelines.length, "pipeline");
        await page.line(`${page.style.good("✓")} ${text} valid.      Next:  syncline plan`);
      },
    };
  });
}

/** What goes before the file that everybody has is said where a configuration is looked at. */
async function printLocal(page: Page, { local, shownAs }: Config): Promise<void> {
  if (local !== undefined) await page.line(`${safe(local)} goes before ${safe(shownAs)}.`);
}

function described(pipeline: Pipeline): object {
  return {
    name: pipeline.name,
    sides: pipeline.sides.map((side) => ({
      name: side.name,
      system: side.replica.name,
      collection: side.description.name,
      follows: side.follows,
    })),
    key: keyOf(pipeline),
    fields: pipeline.fields.map((name, position) => ({ name, type: typeAt(pipeline, position) })),
    memory: pipeline.memory,
  };
}

async function printPipeline(page: Page, pipeline: Pipeline): Promise<void> {
  const { bold, dim } = page.style;
  const sides = pipeline.sides.map((side) => safe(`${side.replica.name}.${side.description.name}`));
  const arrow = pipeline.sides.some((side) => side.follows) ? " → " : " ⇄ ";
  await page.line(`${bold(safe(pipeline.name))}  ${sides.join(arrow)}`);
  await page.line(`  key ${keyOf(pipeline).map(safe).join(", ")}`);
  const fields = pipeline.fields.map((name, position) => {
    return `${safe(name)} ${dim(typeAt(pipeline, position))}`;
  });
  await page.line(`  ${fields.join(", ")}`);
}

function keyOf(pipeline: Pipeline): readonly string[] {
  return pipeline.key.map((position) => pipeline.fields[position] ?? "");
}

function typeAt(pipeline: Pipeline, position: number): string {
  const type: LogicalType | undefined = pipeline.types[position];
  return type === undefined ? "any" : typeName(type);
}
