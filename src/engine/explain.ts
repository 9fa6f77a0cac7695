// What has changed around a link since its last run, in words: a lost journal, a renamed
// pipeline, an edited configuration, other columns. None of them is taken for edits of rows.
import { typeName } from "../core/values.ts";
import type { Commit } from "./journal.ts";
import type { Link, Pipeline } from "./link.ts";
import type { Note } from "./views.ts";

/** Recognises what is not as it was, for a person to read. */
export async function explainChanges(link: Link, signal: AbortSignal): Promise<readonly Note[]> {
  const notes: Note[] = [];
  const known = await link.journal.pipelines();
  for (const pipeline of link.pipelines) notes.push(...(await explainPipeline(link, pipeline)));
  const configured = new Set(link.pipelines.map(({ name }) => name));
  for (const name of known.filter((each) => !configured.has(each))) {
    notes.push(
      noteOf(
        "PIPELINE_UNKNOWN",
        `the journal remembers a pipeline ${name} that the configuration does not have: under ` +
          `another name its rows meet for the first time; \`syncline remove ${name}\` forgets it`,
      ),
    );
  }
  if (known.length > 0) return notes;
  for (const [name, replica] of link.replicas) {
    const writable = link.pipelines.some(({ sides }) =>
      sides.some((side) => side.replica === replica && side.writable),
    );
    if (!writable || (await replica.marks(link.name, signal)).length === 0) continue;
    notes.push(
      noteOf(
        "JOURNAL_LOST",
        `${name} was written by this link before, and the journal knows nothing of it: ` +
          "rows meet for the first time, equal ones are adopted, none counts as deleted",
      ),
    );
  }
  return notes;
}

function noteOf(code: string, text: string, pipeline: string | null = null): Note {
  return { code, pipeline, text };
}

const digestFact = (pipeline: string): string => `digest ${pipeline}`;
const madeFact = (pipeline: string): string => `made of ${pipeline}`;

/** What a pipeline was made of: the digest of its settings, and its fields with their types. */
interface Made {
  readonly written: string;
  readonly fields: readonly (readonly [name: string, type: string])[];
}

const madeOf = ({ written, fields, types }: Pipeline): Made => ({
  written,
  fields: fields.map((name, at) => [name, typeName(types[at] ?? { kind: "any" })]),
});

/** What is remembered of pipelines that were compared from end to end. */
export function pipelineFacts(pipelines: readonly Pipeline[]): NonNullable<Commit["facts"]> {
  return pipelines.flatMap((pipeline) => [
    { name: digestFact(pipeline.name), value: pipeline.digest },
    { name: madeFact(pipeline.name), value: JSON.stringify(madeOf(pipeline)) },
  ]);
}

async function explainPipeline({ journal }: Link, pipeline: Pipeline): Promise<readonly Note[]> {
  const { name, digest } = pipeline;
  const before = await journal.fact(digestFact(name));
  if (before === undefined || before === digest) return [];
  const text = await journal.fact(madeFact(name));
  const made = text === undefined ? undefined : (JSON.parse(text) as Made); // pipelineFacts()
  const now = madeOf(pipeline);
  const changed = made === undefined ? [] : changesBetween(made, now);
  const list = changed.length === 0 ? "" : `: ${changed.join(", ")}`;
  if (made?.written !== now.written) {
    const edited = `its configuration was edited since the last run${list}`;
    return [noteOf("MAPPING_EDITED", `${edited}; what follows from that is shown here`, name)];
  }
  const others = `its collections have other columns than at the last run${list}`;
  return [noteOf("COLUMNS_CHANGED", `${others}; what follows from that is shown here`, name)];
}

/** More than these are only counted. */
const CHANGES_SHOWN_MAX = 10;

function changesBetween(before: Made, now: Made): readonly string[] {
  const [was, is] = [new Map(before.fields), new Map(now.fields)];
  const all = [
    ...[...is].flatMap(([name, type]) => {
      const other = was.get(name);
      if (other === undefined) return [`${name} joins`];
      return other === type ? [] : [`${name} is ${type}, and was ${other}`];
    }),
    ...[...was.keys()].filter((name) => !is.has(name)).map((name) => `${name} is gone`),
  ];
  if (all.length <= CHANGES_SHOWN_MAX) return all;
  return [...all.slice(0, CHANGES_SHOWN_MAX), `and ${all.length - CHANGES_SHOWN_MAX} more`];
}
