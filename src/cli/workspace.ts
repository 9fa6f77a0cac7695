// The configuration and its links, open for one command.
import { resolve } from "node:path";
import { SyncError } from "../core/errors.ts";
import { loadConfig, openConfig, realEnv } from "../config/index.ts";
import type { Config, Opened } from "../config/index.ts";
import { openMemories, recallConfig } from "../config/recall.ts";
import type { LinkMemory } from "../config/recall.ts";
import type { Access } from "../engine/journal.ts";
import type { Link } from "../engine/link.ts";
import type { Answer, Call } from "./command.ts";
import { isMeant, onlyPlace, placesOf, severalMeant } from "./arguments.ts";
import { textOption, unknownPipeline } from "./arguments.ts";
import type { Place } from "./arguments.ts";
import { safe } from "./values.ts";

/** The configuration that is meant when none is named. */
export const CONFIG_DEFAULT = "syncline.yaml";

/** Where the configuration of a call is. */
export function configPath(call: Call): string {
  return resolve(call.world.cwd, textOption(call, "config") ?? CONFIG_DEFAULT);
}

/** Reads and checks the configuration of a call. Opens nothing. */
export function readConfig(call: Call): Promise<Config> {
  const { env, cwd } = call.world;
  return loadConfig(configPath(call), { env, cwd });
}

/** What is open beside the links themselves. */
interface More extends Pick<Opened, "beside" | "away"> {
  readonly config: Config;
}

/**
 * Opens the links of these pipelines (none named: every link), works, and closes them when the
 * answer has been told, or at once on failure. The systems of other links are left alone; the
 * journals of those that share one are `beside`.
 */
export async function withLinks(
  call: Call,
  of: {
    readonly access: Access;
    readonly names: readonly string[];
    /** Links whose systems are out of reach are left to the work, as long as others are not. */
    readonly skipsAway?: boolean;
  },
  work: (links: readonly Link[], more: More) => Promise<Answer>,
): Promise<Answer> {
  const config = await readConfig(call);
  const { now, stopping } = call.world;
  const { access, names, skipsAway = false } = of;
  const options = { access, skipsAway, ...only(config, names), env: realEnv(now) };
  const opened = await openConfig(config, options, stopping.signal);
  return during(opened, () => work(opened.links, { ...opened, config }));
}

/** What the journal has to tell of the pipelines that a call means. */
export interface Recall {
  readonly links: readonly Link[];
  /** Pipelines of which nothing is remembered; they are in no link. */
  readonly unseen: readonly string[];
}

/** The same with what the journal remembers of these links. No system is opened. */
export async function withRecall(
  call: Call,
  names: readonly string[],
  work: (recall: Recall) => Promise<Answer>,
): Promise<Answer> {
  const config = await readConfig(call);
  const { now, stopping } = call.world;
  const options = { ...only(config, names), env: realEnv(now) };
  const recalled = await recallConfig(config, options, stopping.signal);
  return during(recalled, () => work(recalled));
}

/** Opens the journal alone, for what it counts and what was done, and closes it after the work. */
export async function withMemories<T>(
  call: Call,
  names: readonly string[],
  work: (memories: readonly LinkMemory[]) => Promise<T>,
): Promise<T> {
  const config = await readConfig(call);
  const opened = await openMemories(config, only(config, names));
  try {
    return await work(opened.links);
  } finally {
    await opened.close();
  }
}

/** Those of the named pipelines that are remembered; undefined: none of them is. */
export function recalled(
  { unseen }: Recall,
  names: readonly string[],
): readonly string[] | undefined {
  const known = names.filter((asked) => !unseen.some((name) => isMeant(name, asked)));
  return names.length > 0 && known.length === 0 ? undefined : known;
}

/** The only pipeline that can be meant. Throws ENTRY_UNKNOWN where nothing is remembered of it. */
export function recalledPlace(recall: Recall, name: string | undefined, what: string): Place {
  const { links, unseen } = recall;
  const names = [...placesOf(links).map(({ pipeline }) => pipeline.name), ...unseen];
  const asked = name ?? (names.length === 1 ? names[0] : undefined);
  if (asked === undefined) throw severalMeant(names, what);
  if (recalled(recall, [asked]) !== undefined) return onlyPlace(asked, links, what);
  throw new SyncError("ENTRY_UNKNOWN", `The journal remembers no entry of ${safe(asked)}.`, {
    hint: "A first run fills it; `syncline plan` shows what it would do.",
  });
}

async function during(
  opened: { close(): Promise<void> },
  work: () => Promise<Answer>,
): Promise<Answer> {
  try {
    const answer = await work();
    return { ...answer, close: () => opened.close() };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** Limits to pipelines that are configured; another name is refused before anything is opened. */
function only(
  config: Config,
  names: readonly string[],
): { readonly pipelines?: readonly string[] } {
  if (names.length === 0) return {};
  const known = config.links.flatMap((link) => link.pipelines.map(({ name }) => name));
  const wrong = names.find((asked) => !known.some((name) => isMeant(name, asked)));
  if (wrong === undefined) return { pipelines: names };
  throw unknownPipeline(wrong, known);
}
