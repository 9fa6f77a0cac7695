// Opens what the journal of a configuration remembers, and no system: what was agreed can be looked
// at while the systems are away.
import { SyncError } from "../core/errors.ts";
import { compileLink } from "../engine/compile.ts";
import { isMany } from "../engine/compile/expand.ts";
import type { LinkJournal } from "../engine/journal.ts";
import type { Env, Link } from "../engine/link.ts";
import { rememberedReplicas } from "../engine/remembered.ts";
import type { PipelineSettings } from "../engine/settings.ts";
import { atPlaces, throwProblems } from "./broken.ts";
import type { Config, LinkSettings } from "./config.ts";
import { realEnv } from "./env.ts";
import { linksWith, openJournal, openSystems } from "./open.ts";

/** What a journal remembers of the links of a configuration; `close` lets go of all of it. */
export interface Memories {
  readonly links: readonly LinkMemory[];
  close(): Promise<void>;
}

/** One link in the journal. */
export interface LinkMemory {
  readonly name: string;
  readonly journal: LinkJournal;
  /** Those configured; for a `*` those that it stood for, or itself while it stood for none. */
  readonly pipelines: readonly { readonly name: string }[];
}

/** Links of which everything remembered can be read, and nothing else done with. */
export interface Recalled {
  readonly links: readonly Link[];
  /** Pipelines of the configuration of which no entry is remembered; they are in no link. */
  readonly unseen: readonly string[];
  close(): Promise<void>;
}

/** Which links are recalled. */
export interface RecallOptions {
  /** Only the links that have one of these pipelines. */
  readonly pipelines?: readonly string[];
  /** Default: the real world. */
  readonly env?: Env;
}

/** Opens the journal for reading. Throws USAGE for a pipeline that is not configured. */
export async function openMemories(config: Config, options: Limited): Promise<Memories> {
  const { known, close } = await openAlone(config, options);
  return { links: known.map(({ memory }) => memory), close };
}

/**
 * Makes links of what the journal remembers of their collections. The systems of a link are opened
 * only where that does not fit the configuration: it was edited since, or the journal is older
 * than such memory. Throws SyncError, and then leaves nothing open.
 */
export async function recallConfig(
  config: Config,
  options: RecallOptions,
  signal: AbortSignal = new AbortController().signal,
): Promise<Recalled> {
  const { known, open, close } = await openAlone(config, options);
  const env = options.env ?? realEnv();
  const links: Link[] = [];
  const unseen: string[] = [];
  try {
    for (const { settings, memory } of known) {
      const names = await memory.journal.pipelines();
      const seen = settings.pipelines.filter((each) => namesOf(each, names).length > 0);
      const others = settings.pipelines.filter((each) => !seen.includes(each));
      unseen.push(...others.map(({ name }) => name));
      if (seen.length === 0) continue;
      const { name, journal } = memory;
      const input = { name, settings: seen, journal, env, retention: config.history };
      const remembered = await attemptRecall(input, signal);
      if (remembered !== undefined) links.push(remembered);
      else {
        const replicas = await openSystems(config, [settings], open);
        links.push(await compiled(config, { ...input, replicas }, signal));
      }
    }
    return { links, unseen, close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Input = Omit<Parameters<typeof compileLink>[0], "replicas">;

/** undefined: what is remembered of the collections is not what the settings speak of. */
async function attemptRecall(input: Input, signal: AbortSignal): Promise<Link | undefined> {
  const replicas = await rememberedReplicas(input.journal);
  if (replicas === undefined) return undefined;
  try {
    return await compileLink({ ...input, replicas }, signal);
  } catch (error) {
    if (error instanceof SyncError) return undefined; // the systems themselves will say
    throw error;
  }
}

async function compiled(
  config: Config,
  input: Parameters<typeof compileLink>[0],
  signal: AbortSignal,
): Promise<Link> {
  try {
    return await compileLink(input, signal);
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    throwProblems(config.shownAs, atPlaces([error], config), config.filled);
    throw error;
  }
}

type Limited = Pick<RecallOptions, "pipelines">;

interface Opening {
  readonly known: readonly { readonly settings: LinkSettings; readonly memory: LinkMemory }[];
  readonly open: { close(): Promise<void> }[];
  readonly close: () => Promise<void>;
}

async function openAlone(config: Config, options: Limited): Promise<Opening> {
  const wanted = linksWith(config, options.pipelines);
  const open: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (let last = open.pop(); last !== undefined; last = open.pop()) await last.close();
  };
  try {
    const store = await openJournal(config);
    open.push(store);
    const known: { settings: LinkSettings; memory: LinkMemory }[] = [];
    for (const settings of wanted) {
      const journal = await store.open(settings.name, "read");
      open.push(journal);
      const names = await journal.pipelines();
      const pipelines = settings.pipelines.flatMap((pipeline) => {
        const seen = namesOf(pipeline, names);
        return (seen.length === 0 ? [pipeline.name] : seen).map((name) => ({ name }));
      });
      known.push({ settings, memory: { name: settings.name, journal, pipelines } });
    }
    return { known, open, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Under which names a pipeline is remembered. */
function namesOf(settings: PipelineSettings, remembered: readonly string[]): readonly string[] {
  const { name } = settings;
  if (!isMany(settings)) return remembered.filter((each) => each === name);
  return remembered.filter((each) => each.startsWith(`${name}.`));
}
