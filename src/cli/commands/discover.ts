import { existsSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { openSystem } from "../../config/open.ts";
import { SyncError } from "../../core/errors.ts";
import { textOption, usage } from "../arguments.ts";
import type { Call, Command } from "../command.ts";
import { judged } from "../discover/judge.ts";
import { proposalFor } from "../discover/match.ts";
import type { Seen } from "../discover/match.ts";
import { placeOf } from "../discover/place.ts";
import type { Place } from "../discover/place.ts";
import type { Proposal } from "../discover/proposal.ts";
import { render, sumOf, variablesOf } from "../discover/render.ts";
import { EXIT } from "../exit.ts";
import type { Page } from "../page.ts";
import { safe } from "../values.ts";
import { CONFIG_DEFAULT, configPath } from "../workspace.ts";

/** Proposes a configuration for two systems. Opens both, reads no rows of databases. */
export const discover: Command = async (call) => {
  const { cwd, env } = call.world;
  const output = textOption(call, "output");
  const file = resolve(cwd, output ?? CONFIG_DEFAULT);
  if (output !== undefined) refuseToOverwrite(file, output);
  const [source, target] = await placesOf(call, dirname(file));
  const found = proposalFor(await look(source, call), await look(target, call));
  const known = { ...env, ...source.env, ...target.env };
  const proposal = await judged(found, { file, env: known, world: call.world });
  const taken = proposal.pipelines.filter(({ refused }) => refused === null);
  if (taken.length === 0) throw nothingFits(proposal);
  const { text } = render(proposal);
  if (output !== undefined) write(file, text, output);
  const variables = variablesOf(proposal.source, proposal.target);
  const left = proposal.pipelines.length - taken.length + proposal.unmatched.length;
  return {
    exit: EXIT.done,
    summary: { pipelines: taken.length, left },
    result: { file: output === undefined ? null : file, yaml: text, variables, ...proposal },
    print: async (page) => {
      if (output === undefined) await page.lines(text.trimEnd().split("\n"));
      else await printWritten(page, proposal, output);
    },
  };
};

function refuseToOverwrite(file: string, output: string): void {
  if (!existsSync(file)) return;
  throw usage(`${safe(output)} is there already, and stays as it is.`, "Name another file.");
}

/** Only where no file is: another program may have made one meanwhile. */
function write(file: string, text: string, output: string): void {
  try {
    writeFileSync(file, text, { flag: "wx" });
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    const message = `${safe(output)} cannot be written: ${String(error.code)}.`;
    throw usage(message, "Nothing was changed. Name another file, in a folder that is there.");
  }
}

/** Two systems need two names. */
async function placesOf(call: Call, folder: string): Promise<readonly [Place, Place]> {
  const [from = "", to = ""] = call.arguments;
  const finding = { call, config: configPath(call), folder };
  const source = await placeOf(from, "source", finding);
  const target = await placeOf(to, "target", finding);
  if (source.line.name !== target.line.name) return [source, target];
  if (from === to) throw usage("Source and target are the same.", "Name two systems.");
  return [renamed(source, "source"), renamed(target, "target")];
}

function renamed(place: Place, name: string): Place {
  const { line, env } = place;
  const renames = new Map(
    line.variables.map((each) => [each.name, `${name}_${each.name}`.toUpperCase()]),
  );
  const yaml = [...renames].reduce(
    (text, [was, is]) => text.replaceAll(`\${${was}}`, () => `\${${is}}`),
    line.yaml,
  );
  const variables = line.variables.map((each) => {
    return { ...each, name: renames.get(each.name) ?? each.name };
  });
  const values = Object.entries(env).map(([was, value]) => [renames.get(was) ?? was, value]);
  return { ...place, line: { name, yaml, variables }, env: Object.fromEntries(values) };
}

async function look({ line, settings }: Place, call: Call): Promise<Seen> {
  const replica = await openSystem(line.name, settings);
  try {
    const description = await replica.describe(call.world.stopping.signal);
    const schema = settings.type === "postgres" ? { schema: settings.schema } : {};
    return { line, description, ...schema };
  } finally {
    await replica.close();
  }
}

function nothingFits({ source, target, pipelines, unmatched }: Proposal): SyncError {
  const reasons = [
    ...pipelines.map(({ name, refused }) => `${safe(name)}: ${safe(refused ?? "")}`),
    ...unmatched.map(({ name, why }) => `${safe(name)}: ${safe(why)}`),
  ];
  const message = `No table of ${source.name} fits one of ${target.name}.`;
  const hint = [...reasons, "`syncline init` writes a configuration to fill in by hand."];
  return new SyncError("COLLECTION_MISSING", message, { hint: hint.join("\n") });
}

async function printWritten(page: Page, proposal: Proposal, output: string): Promise<void> {
  await page.line(`${page.style.good("✓")} ${safe(output)}: ${sumOf(proposal)}`);
  const variables = variablesOf(proposal.source, proposal.target);
  for (const { name, for: why } of variables) await page.line(`  export ${name}=…  (${safe(why)})`);
  const named = output === CONFIG_DEFAULT ? "" : ` -c ${safe(output)}`;
  await page.line(`Next:  read it, decide what says so, then  syncline plan${named}`);
}
