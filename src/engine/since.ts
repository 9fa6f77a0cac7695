// Which pipelines of a cycle are compared only as far as they changed. What tells of changes cannot
// be trusted for ever (it may be told late, or not at all), and never tells that a row is gone: so
// everything is compared first, again after a while, and whenever it is not clear what was seen.
// Where to go on is the sides' own word, never a time of ours (I12); it moves when a run ends, and
// all that it had to tell is in the journal (I3).
import { isSyncError } from "../core/errors.ts";
import type { Context } from "./context.ts";
import { readRecent, RECENT_MAX, tells, type Recent } from "./recent.ts";
import type { Trust } from "./identity.ts";
import { isForgetting, JOURNAL } from "./lineage.ts";
import type { Link, Pipeline } from "./link.ts";
import type { CycleOptions } from "./options.ts";
import type { Cursor } from "./replica.ts";
import type { Note } from "./views.ts";

/** Facts to be saved. */
type Facts = readonly { readonly name: string; readonly value: string }[];

/** What is remembered of a pipeline whose sides tell what changed. */
interface Standing {
  /** What tells, side by side. */
  readonly by: string;
  /** When everything was compared: ms since the epoch. */
  readonly at: number;
  readonly cursors: readonly (Cursor | null)[];
}

/** What a cycle is asked, as far as it matters here. */
type Asked = Pick<CycleOptions, "key" | "limit" | "everything"> & Trust;

/** The name of the fact that keeps where a pipeline goes on. */
export const sinceFact = (pipeline: string): string => `since ${pipeline}`;

/** What one cycle compares of each pipeline, and where the next one goes on. */
export class Since {
  readonly #link: Link;
  readonly #asked: Asked;
  readonly #next = new Map<string, Standing>();
  readonly #partly = new Set<string>();

  constructor(link: Link, asked: Asked) {
    this.#link = link;
    this.#asked = asked;
  }

  /**
   * What has changed of a pipeline. undefined: everything is to be compared; where that was not to
   * be expected, a note says why.
   */
  async look(context: Context, notes: Note[], signal: AbortSignal): Promise<Recent | undefined> {
    const { pipeline } = context;
    const { since } = pipeline;
    const { key, limit } = this.#asked;
    // A trial run has its own way of looking at little, and moves nothing on.
    if (since === undefined || key !== undefined || limit !== undefined) return undefined;
    const standing = await this.#standing(pipeline);
    const why = await this.#whyAll(context, standing);
    if (why === undefined && standing !== undefined) {
      const recent = await recentOrWhy(context, standing.cursors, signal);
      if (typeof recent !== "string") {
        this.#partly.add(pipeline.name);
        this.#next.set(pipeline.name, { ...standing, cursors: recent.cursors });
        notes.push(partlyNote(context, standing.at + since.fullMs));
        return recent;
      }
      notes.push(wholeNote(pipeline, recent));
    } else if (why !== undefined && why !== "") notes.push(wholeNote(pipeline, why));
    await this.#begin(context, signal);
    return undefined;
  }

  /** Those of these pipelines that are compared from end to end, once all were looked at. */
  whole(names: readonly string[]): readonly string[] {
    return names.filter((name) => !this.#partly.has(name));
  }

  /** Those of these pipelines of which nobody can say yet that less is compared. */
  async surelyWhole(names: readonly string[]): Promise<readonly string[]> {
    const facts = await Promise.all(names.map((name) => this.#link.journal.fact(sinceFact(name))));
    return names.filter((_, at) => facts[at] === undefined);
  }

  /** Where the next cycle goes on, if this one comes to its end. */
  facts(): Facts {
    return [...this.#next].map(([name, standing]) => ({
      name: sinceFact(name),
      value: JSON.stringify(standing),
    }));
  }

  async #standing(pipeline: Pipeline): Promise<Standing | undefined> {
    const text = await this.#link.journal.fact(sinceFact(pipeline.name));
    return text === undefined ? undefined : (JSON.parse(text) as Standing); // facts() wrote it
  }

  /** Why everything is compared, in words, or "" where nobody has to be told. */
  async #whyAll({ pipeline, env }: Context, standing: Standing | undefined) {
    const { everything, trust = [], refill = [] } = this.#asked;
    if (standing === undefined || everything === true || isForgetting(this.#asked)) return "";
    const anew = new Set([...trust, ...refill]);
    if (anew.has(JOURNAL) || pipeline.sides.some(({ replica }) => anew.has(replica.name)))
      return "";
    const digest = await this.#link.journal.fact(`digest ${pipeline.name}`);
    if (digest !== pipeline.digest) return "";
    if (standing.by !== byOf(pipeline)) return "what tells of changes is another than before";
    if (pipeline.unique !== undefined) return "a rule is about all of its rows";
    const folder = pipeline.sides.find(({ description }) => description.foldKey !== undefined);
    if (folder !== undefined) return `${folder.replica.name} does not tell all keys apart`;
    const age = env.now() - standing.at;
    // A clock that was set back says nothing about how long it was.
    if (age < 0 || age >= (pipeline.since?.fullMs ?? 0)) return "its time had come";
    return undefined;
  }

  /** I12: what is changed while everything is compared comes after where the sides stood before. */
  async #begin({ pipeline, env }: Context, signal: AbortSignal): Promise<void> {
    const cursors: (Cursor | null)[] = [];
    for (const side of pipeline.sides) {
      const { replica, shape } = side;
      cursors.push(tells(side) ? ((await replica.head?.([shape], signal)) ?? null) : null);
    }
    this.#next.set(pipeline.name, { by: byOf(pipeline), at: env.now(), cursors });
  }
}

async function recentOrWhy(
  context: Context,
  cursors: Standing["cursors"],
  signal: AbortSignal,
): Promise<Recent | string> {
  try {
    const recent = await readRecent(context, cursors, signal);
    return recent ?? `more than ${RECENT_MAX} rows changed`;
  } catch (error) {
    if (!isSyncError(error, "CURSOR_LOST")) throw error;
    return error.message;
  }
}

/** What tells, so that another column is not read on from where this one stood. */
function byOf({ sides }: Pipeline): string {
  return JSON.stringify(
    sides.map((side) => (tells(side) ? (side.shape.since?.column ?? side.replica.name) : null)),
  );
}

function partlyNote({ pipeline, env }: Context, due: number): Note {
  const columns = pipeline.sides.flatMap(({ shape }) => shape.since?.column ?? []);
  const by = columns.length === 0 ? "" : ` by ${[...new Set(columns)].join(" and ")}`;
  const hours = Math.max(1, Math.ceil((due - env.now()) / HOUR_MS));
  const within = hours === 1 ? "an hour" : `${hours} hours`;
  return {
    code: "SINCE_CHANGED",
    pipeline: pipeline.name,
    text:
      `only what changed${by} was compared; rows that are gone, and changes that were told too ` +
      `late, show when everything is compared: within ${within}, or with --everything`,
  };
}

const HOUR_MS = 3_600_000;

function wholeNote({ name }: Pipeline, why: string): Note {
  return { code: "SINCE_WHOLE", pipeline: name, text: `everything was compared: ${why}` };
}
