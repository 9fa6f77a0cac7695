import { existsSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve } from "node:path";
import { JOURNAL_DEFAULT } from "../../config/build.ts";
import { outlineOf } from "../../config/outline.ts";
import { localBeside } from "../../config/overlay.ts";
import type { Outline } from "../../config/outline.ts";
import { loadConfig } from "../../config/index.ts";
import type { Config } from "../../config/index.ts";
import { SyncError } from "../../core/errors.ts";
import type { Call, Command } from "../command.ts";
import { exitFor, failed, fine, found } from "../doctor/check.ts";
import type { Check } from "../doctor/check.ts";
import { journalChecks } from "../doctor/journal.ts";
import { pipelineChecks } from "../doctor/pipelines.ts";
import { environmentChecks, missingIn, nodeCheck, secrecyChecks } from "../doctor/surroundings.ts";
import type { Missing } from "../doctor/surroundings.ts";
import { systemChecks } from "../doctor/systems.ts";
import { MANIFEST } from "../manifest.ts";
import type { Page } from "../page.ts";
import { safe } from "../values.ts";
import { counted, listed } from "../words.ts";
import { configPath } from "../workspace.ts";

/** Looks at everything that commonly goes wrong, and says what to do. Changes nothing. */
export const doctor: Command = async (call) => {
  const checks: Check[] = [];
  for await (const some of allChecks(call)) checks.push(...some);
  const counts = { ok: 0, warning: 0, failed: 0 };
  for (const { state } of checks) counts[state]++;
  return {
    exit: exitFor(checks),
    summary: counts,
    result: { checks },
    print: (page) => printAll(page, checks, counts),
  };
};

async function* allChecks(call: Call): AsyncGenerator<readonly Check[]> {
  const { env, cwd, now, stopping } = call.world;
  const { signal } = stopping;
  const file = configPath(call);
  const shown = (path: string): string => shownFrom(cwd, path);
  yield [nodeCheck(process.versions.node, enginesOf())];
  const outline = await outlined(file);
  const { checks, config, unset } = await configured(call, outline);
  yield checks;
  if (outline !== undefined) {
    yield environmentChecks(outline, env);
    yield secrecyChecks(outline, [file, ...[localBeside(file)].filter(existsSync)], shown);
  }
  const path = config?.journal ?? journalIn(outline, file);
  if (path === undefined) return;
  const journal = await journalChecks({ path, shown: shown(path), config, now, signal });
  yield journal;
  if (config === undefined) return;
  const isBroken = journal.some(({ check, state }) => check === "journal" && state === "failed");
  const away = new Set<string>();
  for (const [name, settings] of config.systems) {
    const variable = unset.get(name);
    const about = await (variable === undefined
      ? systemChecks(name, settings, { config, now, signal })
      : [unopened(name, variable)]);
    if (about.some(({ check, state }) => check === "system" && state === "failed")) away.add(name);
    yield about;
  }
  yield await pipelineChecks({ config, now, signal, away, hasJournal: !isBroken });
}

interface Configured {
  readonly checks: readonly Check[];
  /** undefined: it is not valid. */
  readonly config: Config | undefined;
  /** Systems that cannot be opened for want of a variable. */
  readonly unset: ReadonlyMap<string, string>;
}

/** A system that lacks a variable keeps no other from being looked at. */
async function configured(call: Call, outline: Outline | undefined): Promise<Configured> {
  const { env, cwd } = call.world;
  const file = configPath(call);
  const missing = outline === undefined ? [] : missingIn(outline, env);
  const unset = new Map<string, string>();
  for (const { system, name } of missing) if (system !== undefined) unset.set(system, name);
  const isLocal = missing.every(({ system }) => system !== undefined);
  const subject = { check: "configuration", of: shownFrom(cwd, file) };
  try {
    const stands = Object.fromEntries(missing.map((each) => [each.name, standIn(each)]));
    const config = await loadConfig(file, { env: isLocal ? { ...env, ...stands } : env, cwd });
    const pipelines = config.links.reduce((sum, link) => sum + link.pipelines.length, 0);
    const what = [counted(config.systems.size, "system"), counted(pipelines, "pipeline")];
    return { config, unset, checks: [fine(subject, `valid: ${listed(what)}`)] };
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    const rest = found(
      { check: "systems" },
      {
        code: "NOT_CHECKED",
        text: "not looked at, because the configuration is not valid",
        hint: "Mend it first: `syncline validate --offline` tells the same.",
      },
    );
    return { config: undefined, unset, checks: [...failed(subject, error), rest] };
  }
}

/** What lets the rest be read; the system that it is for is not opened. */
function standIn({ scheme }: Missing): string {
  return scheme === undefined ? "unset" : `${scheme}://unset.invalid`;
}

function unopened(name: string, variable: string): Check {
  const text = `not opened: ${variable} is not set`;
  const finding = { state: "failed", code: "VARIABLE_MISSING", text } as const;
  return found({ check: "system", of: name }, { ...finding, hint: `export ${variable}=…` });
}

function shownFrom(cwd: string, path: string): string {
  const near = relative(cwd, path);
  return near.startsWith("..") || isAbsolute(near) ? path : near;
}

/** undefined: the file cannot be read, which was told. */
async function outlined(file: string): Promise<Outline | undefined> {
  try {
    return await outlineOf(file);
  } catch (error) {
    if (error instanceof SyncError) return undefined;
    throw error;
  }
}

/** Where the journal of a configuration lies that is not valid; undefined: nobody can say. */
function journalIn(outline: Outline | undefined, file: string): string | undefined {
  if (outline === undefined || outline.journal?.includes("${") === true) return undefined;
  return resolve(dirname(file), outline.journal ?? JOURNAL_DEFAULT);
}

function enginesOf(): string {
  const manifest: unknown = JSON.parse(readFileSync(MANIFEST, "utf8"));
  const { engines } = manifest as { readonly engines: { readonly node: string } }; // ours
  return engines.node;
}

async function printAll(
  page: Page,
  checks: readonly Check[],
  counts: { readonly [state in Check["state"]]: number },
): Promise<void> {
  const { good, warn, bad, bold, dim } = page.style;
  const signs = { ok: good("✓"), warning: warn("⚠"), failed: bad("✗") };
  for (const { check, of, state, code, text, hint } of checks) {
    const named = of === null ? "" : ` ${safe(of)}`;
    const coded = code === null ? "" : `  ${dim(code)}`;
    const [line = "", ...lines] = text.split("\n");
    await page.line(`${signs[state]} ${bold(`${check}${named}`)}  ${safe(line)}${coded}`);
    for (const more of lines) await page.line(`    ${safe(more)}`);
    for (const more of (hint ?? "").split("\n")) {
      if (more !== "") await page.line(`  ${dim("→")} ${safe(more)}`);
    }
  }
  const { ok, warning, failed: broken } = counts;
  const told = [
    `${ok} ok`,
    ...(warning > 0 ? [counted(warning, "warning")] : []),
    ...(broken > 0 ? [`${broken} failed`] : []),
  ];
  await page.line();
  await page.line(`${counted(checks.length, "check")}: ${listed(told)}.`);
}
