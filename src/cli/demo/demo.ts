// `syncline demo`: the whole product on real data, in a fresh folder.
import { mkdir, mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { flag, textOption, usage } from "../arguments.ts";
import type { Answer, Call, Command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { Page } from "../page.ts";
import { safe } from "../values.ts";
import { duration } from "../words.ts";
import { Captured } from "../world.ts";
import { oneWayData, twoWayData } from "./data.ts";
import type { Found } from "./data.ts";
import { tellOneWay } from "./one-way.ts";
import type { Place } from "./place.ts";
import { Shell } from "./shell.ts";
import { tellTwoWay } from "./two-way.ts";

/** Tells the story while it happens; with --json, its steps in one document at the end. */
export const demo: Command = async (call) => {
  const twoWay = twoWayData(call);
  const url = textOption(call, "postgres");
  if (url === undefined) return tell(call, twoWay, undefined);
  // PostgreSQL's code is loaded only where it is used.
  const { DEMO_VARIABLE, openDemoSchema } = await import("./schema-place.ts");
  const schema = await openDemoSchema(url, call.world);
  try {
    const world = { ...call.world, env: { ...call.world.env, [DEMO_VARIABLE]: url } };
    return await tell({ ...call, world }, twoWay, schema.place);
  } finally {
    await schema.close();
  }
};

async function tell(call: Call, twoWay: Found, elsewhere: Place | undefined): Promise<Answer> {
  const started = call.world.now();
  const folder = await freshFolder(call);
  const isJson = flag(call, "json");
  const output = isJson ? new Captured() : call.world.stdout;
  const page = new Page(output, call.world.env);
  const shell = new Shell(call.world, page);
  const beside = elsewhere === undefined ? "" : ` and ${elsewhere.title}`;
  await page.line(`${page.style.bold("Syncline, on real data")}, in ${safe(folder)}${beside}`);
  if (twoWay.isSample) {
    await page.line("The published data are not installed: this is a small sample of our own.");
  }
  await tellTwoWay(shell, folder, twoWay, { isSwapped: flag(call, "swap"), elsewhere });
  const hasCities = call.options["cities"] ?? textOption(call, "base") === undefined;
  if (hasCities) await tellOneWay(shell, folder, oneWayData(), elsewhere);
  const ms = call.world.now() - started;
  return answerOf(shell, folder, { isSample: twoWay.isSample, ms, elsewhere });
}

interface Told {
  readonly isSample: boolean;
  readonly ms: number;
  readonly elsewhere: Place | undefined;
}

function answerOf(shell: Shell, folder: string, { isSample, ms, elsewhere }: Told): Answer {
  return {
    exit: EXIT.done,
    summary: { folder, isSample, durationMs: ms, steps: shell.steps.length },
    result: { steps: shell.steps },
    print: async (page) => {
      await page.line();
      await page.line(`${page.style.good("✓")} All of it took ${duration(ms)}. Look around:`);
      await page.line(`  cd ${safe(folder)}`);
      if (elsewhere?.visit !== undefined) await page.line(`  ${elsewhere.visit}`);
      await page.line("  syncline runs      syncline conflicts      syncline status");
      await page.lines(elsewhere?.stays?.split("\n") ?? []);
    },
  };
}

/** A folder with nothing in it: a new temporary one, or the one that is named. */
async function freshFolder(call: Call): Promise<string> {
  const named = textOption(call, "dir");
  if (named === undefined) return mkdtemp(join(tmpdir(), "syncline-demo-"));
  const folder = resolve(call.world.cwd, named);
  await mkdir(folder, { recursive: true });
  const files = await readdir(folder);
  if (files.length === 0) return folder;
  throw usage(`${safe(folder)} is not empty.`, "The demonstration needs a fresh folder.");
}
