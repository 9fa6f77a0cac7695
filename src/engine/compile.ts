// Settings and what replicas say of themselves become a link that can run. Everything that is wrong
// is found at once; nothing is written.
import { SyncError } from "../core/errors.ts";
import { rowDigest } from "../core/hash.ts";
import { didYouMean } from "../core/nearest.ts";
import { throwAll } from "../core/problems.ts";
import { checkDraft } from "./compile/check-draft.ts";
import { settingsProblems } from "./compile/check-settings.ts";
import { draftOf, type Draft, type Systems } from "./compile/draft.ts";
import { expand, isMany, leftOut, type Expanded, type Telling } from "./compile/expand.ts";
import { withTemplates } from "./compile/key-templates.ts";
import { creating } from "./compile/missing.ts";
import { parentsFirst } from "./compile/order.ts";
import { unseenNotes } from "./compile/open-columns.ts";
import { computedNotes } from "./compile/own-columns.ts";
import { pipelineOf } from "./compile/pipeline.ts";
import { ringsOf } from "./compile/rings.ts";
import { checkUnseen, unseenSideNotes, withRecalled } from "./compile/unseen.ts";
import { elsewhere, pathTo, whereIsSide } from "./compile/where.ts";
import { thereFact } from "./identity.ts";
import type { LinkJournal } from "./journal.ts";
import { withRemembered } from "./remembered.ts";
import { RETENTION_DEFAULT, type Env, type Link, type Retention } from "./link.ts";
import type { Description, NewCollection, Replica } from "./replica.ts";
import type { PipelineSettings, SideSettings } from "./settings.ts";
import type { Note } from "./views.ts";

/** What a link is made of. */
export interface LinkInput {
  readonly name: string;
  readonly settings: readonly PipelineSettings[];
  /** By system name. */
  readonly replicas: ReadonlyMap<string, Replica>;
  readonly journal: LinkJournal;
  readonly env: Env;
  /** Default RETENTION_DEFAULT. */
  readonly retention?: Partial<Retention>;
}

/**
 * Makes a link ready. Throws SyncError whose `where` is the path of a setting, such as
 * `pipelines.customers.mapping[2].source`; several problems as one (`problemsOf`). Replicas and the
 * journal stay the caller's to close.
 */
export async function compileLink(input: LinkInput, signal: AbortSignal): Promise<Link> {
  const { name, settings, journal, env } = input;
  throwAll([...settingsProblems(settings), ...unknownSystems(input)]);
  const systems = await describeAll(input, signal);
  const problems: SyncError[] = [];
  const notes: Note[] = [];
  const expanded = expand(settings, systems.descriptions, { problems, notes });
  const drafts = draftsOf(expanded, systems, { problems, notes });
  const ready = drafts.filter((draft) => draft !== undefined);
  for (const draft of ready) checkDraft(draft, problems);
  for (const draft of ready) checkUnseen(draft, problems);
  for (const draft of ready) problems.push(...(await goneFrom(draft, journal)));
  throwAll(problems);
  for (const each of ready) {
    notes.push(...unseenNotes(each), ...computedNotes(each), ...unseenSideNotes(each));
  }
  throwAll(ringsOf(ready.map((draft) => draft.settings)));
  const made = withTemplates(withMissing(systems.replicas, ready), ready, env);
  const replicas = withRecalled(made, ready, () => compiled);
  const around = { replicas, hash: env.hash, sorts: env.sorter !== undefined };
  const pipelines = ready.flatMap((draft) => pipelineOf(draft, around, problems) ?? []);
  throwAll(problems);
  const digests = pipelines.map((pipeline) => `${pipeline.name} ${pipeline.digest}`).sort();
  const digest = rowDigest(env.hash, [name, ...digests]);
  const retention = { ...RETENTION_DEFAULT, ...input.retention };
  const link = { name, pipelines: parentsFirst(pipelines), replicas, journal, env, retention };
  const compiled: Link = { ...link, digest, ...(notes.length === 0 ? {} : { notes }) };
  return compiled;
}

/** Where a `*` stands for many tables, one whose rows nothing names does not hold up the others. */
function draftsOf(
  expanded: readonly Expanded[],
  systems: Systems,
  { problems, notes }: Telling,
): readonly (Draft | undefined)[] {
  const keyless = new Map<string, string[]>();
  const drafts = expanded.map((each) => {
    const own: SyncError[] = [];
    const draft = draftOf(each, systems, own);
    const { origin, settings } = each;
    const isKeyless = origin !== settings.name && own.some(({ code }) => code === "KEY_NOT_UNIQUE");
    if (!isKeyless) problems.push(...own);
    else keyless.set(origin, [...(keyless.get(origin) ?? []), nameOf(settings.sides[0])]);
    return draft;
  });
  for (const [origin, names] of keyless) notes.push(...leftOut(origin, names, "no primary key"));
  return drafts;
}

function nameOf(side: SideSettings | undefined): string {
  return side === undefined ? "" : `${side.at.system}.${side.at.collection}`;
}

function unknownSystems({ settings, replicas }: LinkInput): readonly SyncError[] {
  return settings.flatMap((pipeline) =>
    pipeline.sides.flatMap((side) => {
      const { system } = side.at;
      if (replicas.has(system)) return [];
      const where = whereIsSide(pipeline.name, pipeline, side);
      const hint = didYouMean(system, replicas.keys());
      return [new SyncError("CONFIG_INVALID", `There is no system '${system}'`, { where, hint })];
    }),
  );
}

/** The replicas that pipelines name, and what they say of themselves; each is asked once. */
async function describeAll(input: LinkInput, signal: AbortSignal): Promise<Systems> {
  const names = new Set(input.settings.flatMap(({ sides }) => sides.map(({ at }) => at.system)));
  const replicas = new Map([...input.replicas].filter(([name]) => names.has(name)));
  const descriptions = new Map<string, Description>();
  for (const [name, replica] of replicas) {
    const wanted = collectionsOf(name, input.settings);
    descriptions.set(name, await describe(name, { replica, wanted }, signal));
  }
  return { replicas, descriptions: await withRemembered(descriptions, input.journal) };
}

/** The collections of a system that pipelines name; undefined: all of some schema, or of it. */
function collectionsOf(
  system: string,
  settings: readonly PipelineSettings[],
): ReadonlySet<string> | undefined {
  const own = settings.filter(({ sides }) => sides.some(({ at }) => at.system === system));
  if (own.some(isMany)) return undefined;
  const sides = own.flatMap((pipeline) => pipeline.sides);
  return new Set(sides.filter(({ at }) => at.system === system).map(({ at }) => at.collection));
}

type Wanted = ReadonlySet<string> | undefined;

/** A system that is out of reach is named where it stands in the settings. */
async function describe(
  name: string,
  { replica, wanted }: { readonly replica: Replica; readonly wanted?: Wanted },
  signal: AbortSignal,
): Promise<Description> {
  try {
    return await replica.describe(signal, wanted);
  } catch (error) {
    throw error instanceof SyncError ? elsewhere(error, pathTo("systems", name)) : error;
  }
}

/**
 * Collections that the link has seen and that are gone. Where one leads, it is not made anew: its
 * rows would count as deleted.
 */
async function goneFrom(draft: Draft, journal: LinkJournal): Promise<readonly SyncError[]> {
  const { settings, origin } = draft;
  const problems: SyncError[] = [];
  for (const { settings: side, leads, missing } of draft.sides) {
    if (!leads || missing === undefined) continue;
    const { system, collection } = side.at;
    if ((await journal.fact(thereFact(settings.name, system, collection))) === undefined) continue;
    const message = `The collection '${collection}' of ${system} was there, and is gone`;
    const where = whereIsSide(origin, draft.settings, side);
    const hint = "Put it back; if it is meant to be empty, put one without rows there.";
    problems.push(new SyncError("COLLECTION_MISSING", message, { where, hint }));
  }
  return problems;
}

function withMissing(
  replicas: ReadonlyMap<string, Replica>,
  drafts: readonly Draft[],
): ReadonlyMap<string, Replica> {
  const missing = new Map<string, NewCollection[]>();
  for (const { settings, missing: collection } of drafts.flatMap((draft) => draft.sides)) {
    if (collection === undefined) continue;
    const { system } = settings.at;
    missing.set(system, [...(missing.get(system) ?? []), collection]);
  }
  return new Map(
    [...replicas].map(([name, replica]) => {
      const collections = missing.get(name);
      return [name, collections === undefined ? replica : creating(replica, collections)];
    }),
  );
}
