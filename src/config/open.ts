// Opens what a configuration names: the journal, the systems, and the links between them.
import { SyncError } from "../core/errors.ts";
import { didYouMean } from "../core/nearest.ts";
import { asOne, throwAll } from "../core/problems.ts";
import { compileLink } from "../engine/compile.ts";
import { ringsOf } from "../engine/compile/rings.ts";
import { elsewhere, pathTo } from "../engine/compile/where.ts";
import type { Access, Journal, LinkJournal } from "../engine/journal.ts";
import type { Env, Link } from "../engine/link.ts";
import { rememberCollections } from "../engine/remembered.ts";
import type { Replica } from "../engine/replica.ts";
import type { PipelineSettings } from "../engine/settings.ts";
import { atPlaces, throwProblems, toldProblems } from "./broken.ts";
import type { Config, LinkSettings, SystemSettings } from "./config.ts";
import { realEnv } from "./env.ts";
import { explainNames } from "./renamed.ts";

/** How a configuration is opened. */
export interface OpenOptions {
  /** How the journal is opened: `write` takes the only writer's lock. */
  readonly access: Access;
  /** Only the links that have one of these pipelines; each of them is opened whole. */
  readonly pipelines?: readonly string[];
  /** Links whose systems are out of reach are left out and told in `away`, if others are not. */
  readonly skipsAway?: boolean;
  /** Default: the real world. */
  readonly env?: Env;
}

/** What was opened; `close` lets go of all of it. */
export interface Opened {
  readonly links: readonly Link[];
  /** The journals of links that were not asked for and share a system with these. */
  readonly beside: readonly LinkJournal[];
  /** With `skipsAway`: links that could not be opened. */
  readonly away: readonly Away[];
  close(): Promise<void>;
}

/** A link that could not be opened, and why. */
export interface Away {
  readonly link: string;
  readonly error: SyncError;
}

/**
 * Opens the links of a configuration. Throws SyncError, with the place in the configuration for
 * what is wrong there, and then leaves nothing open.
 */
export async function openConfig(
  config: Config,
  options: OpenOptions,
  signal: AbortSignal = new AbortController().signal,
): Promise<Opened> {
  const wanted = linksWith(config, options.pipelines);
  const open: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (let last = open.pop(); last !== undefined; last = open.pop()) await last.close();
  };
  try {
    const journal = await openJournal(config);
    open.push(journal);
    const unopened = options.skipsAway === true ? new Map<string, SyncError>() : undefined;
    const replicas = await openSystems(config, wanted, open, unopened);
    const links: Link[] = [];
    const problems: SyncError[] = [];
    const away: Away[] = [];
    for (const settings of wanted) {
      const { name, pipelines } = settings;
      const [missing] = settings.systems.flatMap((system) => unopened?.get(system) ?? []);
      if (missing !== undefined) {
        away.push({ link: name, error: missing });
        continue;
      }
      const memory = await journal.open(name, options.access);
      open.push(memory);
      const env = options.env ?? realEnv();
      const retention = config.history;
      const input = { name, settings: pipelines, replicas, journal: memory, env, retention };
      try {
        const link = await compileLink(input, signal);
        const renamed = await explainNames(config, settings, { journal, memory });
        links.push({ ...link, notes: [...(link.notes ?? []), ...renamed] });
      } catch (error) {
        if (!(error instanceof SyncError)) throw error;
        if (unopened !== undefined && isAway(error)) away.push({ link: name, error });
        else problems.push(error);
      }
    }
    // Rings over tables that only their systems could name.
    if (problems.length === 0) problems.push(...ringsOf(links.flatMap(settingsOf)));
    throwProblems(config.shownAs, atPlaces(problems, config), config.filled);
    const placed = placedIn(config, away);
    if (links.length === 0) throwAll([...new Set(placed.map(({ error }) => error))]);
    if (options.access === "write") {
      for (const link of links) await rememberCollections(link, signal);
    }
    const beside: LinkJournal[] = [];
    for (const { name } of sharing(config, wanted)) {
      const memory = await journal.open(name, options.access);
      open.push(memory);
      beside.push(memory);
    }
    return { links, beside, away: placed, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A system is not as it has to be, and may be again without a word changed here. */
function isAway({ code }: SyncError): boolean {
  return code.startsWith("REPLICA_");
}

/** The same with the place in the configuration; what keeps several links away stays one error. */
function placedIn(config: Config, away: readonly Away[]): readonly Away[] {
  const placed = new Map<SyncError, SyncError>();
  for (const { error } of away) {
    if (placed.has(error)) continue;
    const told = toldProblems(config.shownAs, atPlaces([error], config), config.filled);
    placed.set(error, asOne(told) ?? error);
  }
  return away.map(({ link, error }) => ({ link, error: placed.get(error) ?? error }));
}

/** Other links that have a system in common with these. */
function sharing(config: Config, links: readonly LinkSettings[]): readonly LinkSettings[] {
  const systems = new Set(links.flatMap((link) => link.systems));
  const others = config.links.filter((link) => !links.includes(link));
  return others.filter((link) => link.systems.some((system) => systems.has(system)));
}

/** The links that have one of these pipelines; `crm` also means every `crm.table` made of it. */
export function linksWith(
  config: Config,
  names: readonly string[] | undefined,
): readonly LinkSettings[] {
  if (names === undefined) return config.links;
  const all = config.links.flatMap((link) => link.pipelines);
  const isMeant = (name: string, asked: string): boolean =>
    asked === name || asked.startsWith(`${name}.`);
  for (const asked of names) {
    if (all.some(({ name }) => isMeant(name, asked))) continue;
    const hint = didYouMean(
      asked,
      all.map(({ name }) => name),
    );
    throw new SyncError("USAGE", `There is no pipeline '${asked}'`, { hint });
  }
  return config.links.filter((link) =>
    link.pipelines.some(({ name }) => names.some((asked) => isMeant(name, asked))),
  );
}

/** Opens the journal of a configuration. */
export async function openJournal(config: Config): Promise<Journal> {
  const { sqliteJournal } = await import("../journals/sqlite/index.ts");
  return await sqliteJournal({ path: config.journal });
}

/**
 * Opens every system that a link needs. All that cannot be opened are told at once; those that are
 * out of reach are put into `away`, if that is given.
 */
export async function openSystems(
  config: Config,
  links: readonly LinkSettings[],
  open: { close(): Promise<void> }[],
  away?: Map<string, SyncError>,
): Promise<ReadonlyMap<string, Replica>> {
  const names = new Set(links.flatMap((link) => link.systems));
  const replicas = new Map<string, Replica>();
  const problems: SyncError[] = [];
  for (const [name, settings] of config.systems) {
    if (!names.has(name)) continue;
    try {
      const replica = await openSystem(name, settings);
      open.push(replica);
      replicas.set(name, replica);
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      const placed = elsewhere(error, pathTo("systems", name));
      if (away !== undefined && isAway(error)) away.set(name, placed);
      else problems.push(placed);
    }
  }
  throwProblems(config.shownAs, atPlaces(problems, config));
  return replicas;
}

/** Opens one system. Throws what it says, without its place in the configuration. */
export async function openSystem(name: string, settings: SystemSettings): Promise<Replica> {
  // Each kind's code is loaded only where it is used.
  switch (settings.type) {
    case "sqlite": {
      const { sqliteReplica } = await import("../replicas/sqlite/index.ts");
      const { path, markers } = settings;
      return await sqliteReplica({ name, path, markers });
    }
    case "postgres": {
      const { postgresReplica } = await import("../replicas/postgres/index.ts");
      const { type: _, ...options } = settings;
      return await postgresReplica({ name, ...options });
    }
    case "rows": {
      const { rowsReplica } = await import("../replicas/rows/index.ts");
      const { type: _, ...options } = settings;
      return await rowsReplica({ name, ...options });
    }
    case "http": {
      const { httpReplica } = await import("../replicas/http/index.ts");
      const { type: _, ...options } = settings;
      return await httpReplica({ name, ...options });
    }
  }
}

/** A compiled link's pipelines again as settings, with the tables that stood behind a `*`. */
function settingsOf(link: Link): readonly PipelineSettings[] {
  return link.pipelines.map(({ name, sides }) => ({
    name,
    direction: sides[0]?.writable === true ? "two-way" : "one-way",
    sides: sides.map((side) => ({
      name: side.name,
      at: { system: side.replica.name, collection: side.shape.collection },
      follows: side.follows,
    })),
  }));
}
