// A proposal as YAML with the reasons beside its lines, and what each line is about.
import { safe } from "../values.ts";
import { listed } from "../words.ts";
import type { Left, MappingLine, PipelineProposal, Proposal, SystemLine } from "./proposal.ts";
import { scalar } from "./yaml.ts";

/** The text, and by number of a line (from 1) what it stands for. */
export interface Rendered {
  readonly text: string;
  readonly owners: ReadonlyMap<number, Owner>;
}

/** A pipeline, and the line of its mapping. */
interface Owner {
  readonly pipeline: string;
  readonly mapping?: MappingLine;
}

/** A comment is no further to the right than this, if its line leaves it the room. */
const COMMENT_COLUMN = 58;
const COLUMNS_MAX = 100;

/** Writes a proposal. Pipelines that would be refused are comments. */
export function render(proposal: Proposal): Rendered {
  const { source, target, pipelines, unmatched } = proposal;
  const lines: string[] = [];
  const owners = new Map<number, Owner>();
  const add = (text: string, owner?: Owner): void => {
    lines.push(text);
    if (owner !== undefined) owners.set(lines.length, owner);
  };
  for (const line of head(proposal)) add(line);
  add("systems:");
  const width = Math.max(source.name.length, target.name.length) + 1;
  for (const { name, yaml } of [source, target]) add(`  ${`${name}:`.padEnd(width)} ${yaml}`);
  add("");
  add("pipelines:");
  for (const pipeline of pipelines.filter(({ refused }) => refused === null)) {
    renderPipeline(pipeline, add);
  }
  for (const pipeline of pipelines.filter(({ refused }) => refused !== null)) {
    for (const text of refusedLines(pipeline)) add(text);
  }
  if (unmatched.length > 0) {
    add("");
    add("# In no pipeline:");
    for (const each of unmatched) for (const text of wrapped(leftText(each), "# ")) add(text);
  }
  return { text: `${lines.join("\n")}\n`, owners };
}

function* head({ source, target }: Proposal): Generator<string> {
  yield "# Proposed by `syncline discover`. Decide what says so; `syncline plan` then shows what a";
  yield "# first run would do, and writes nothing. Rows only the target has stay: `extra: keep`.";
  for (const { name, for: why } of variablesOf(source, target))
    yield `# Set ${name}: ${safe(why)}.`;
  yield "version: 1";
}

/** What has to be set before the configuration can be used. */
export function variablesOf(...systems: readonly SystemLine[]): SystemLine["variables"] {
  return systems.flatMap(({ variables }) => variables);
}

type Add = (text: string, owner?: Owner) => void;

function renderPipeline(pipeline: PipelineProposal, add: Add): void {
  const { name, source, target, key, mapping, unmapped, decide } = pipeline;
  const owner = { pipeline: name };
  /** What does not fit beside its line stands above it. */
  const explained = (text: string, why: string, of: Owner): void => {
    const beside = `${text.padEnd(COMMENT_COLUMN)} # ${safe(why)}`;
    const fits = [...beside].length <= COLUMNS_MAX;
    const indent = " ".repeat(text.length - text.trimStart().length);
    if (!fits) for (const each of wrapped(why, `${indent}# `)) add(each);
    add(fits ? beside : text, of);
  };
  explained(`  ${scalar(name)}:`, pipeline.reason, owner);
  for (const each of decide) for (const text of wrapped(`decide: ${each}`, "    # ")) add(text);
  add(`    source: ${scalar(source)}`, owner);
  add(`    target: ${scalar(target)}`, owner);
  add("    direction: one-way", owner);
  if (pipeline.createMissing) add("    createMissing: true", owner);
  if (key.length > 0) {
    const names = key.map(scalar);
    const text = names.length === 1 ? names.join("") : `[${names.join(", ")}]`;
    explained(`    key: ${text}`, pipeline.keyReason, owner);
  }
  if (mapping.length > 0) add("    mapping:", owner);
  for (const line of mapping) {
    const text = `      - { source: ${scalar(line.source)}, target: ${scalar(line.target)} }`;
    const why = line.narrows === null ? line.reason : `${line.reason}; ${line.narrows}`;
    explained(text, why, { ...owner, mapping: line });
  }
  for (const each of unmapped) {
    for (const text of wrapped(`not mapped: ${leftText(each)}`, "    # ")) add(text);
  }
}

function refusedLines({ name, source, target, refused, createMissing }: PipelineProposal) {
  const why = wrapped(`${name}: ${refused ?? ""}`, "  # ");
  const made = createMissing ? ", createMissing: true" : "";
  const ends = `source: ${scalar(source)}, target: ${scalar(target)}`;
  return [...why, `  # ${scalar(name)}: { ${ends}${made} }`];
}

function leftText({ side, name, why }: Left): string {
  return `${safe(name)} of the ${side}: ${safe(why)}`;
}

/** A comment on as many lines as it needs. */
function wrapped(text: string, start: string): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of safe(text).split(" ")) {
    if (line !== "" && start.length + line.length + 1 + word.length > COLUMNS_MAX) {
      lines.push(line);
      line = `  ${word}`;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => `${start}${each}`);
}

/** For people: how many pipelines, and what they leave out. */
export function sumOf({ pipelines, unmatched }: Proposal): string {
  const taken = pipelines.filter(({ refused }) => refused === null);
  const names = listed(taken.map(({ name }) => safe(name)));
  const left = pipelines.length - taken.length + unmatched.length;
  return `${names}${left === 0 ? "" : `; ${left} left out, with the reasons in the file`}`;
}
