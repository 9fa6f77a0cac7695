// Which tables and columns of two systems are one thing, and by what their rows are named.
import { nearest } from "../../core/nearest.ts";
import { typeName } from "../../core/values.ts";
import type { CollectionDescription, Description, FieldDescription } from "../../engine/replica.ts";
import { plainPart, spelledPart } from "../../engine/qualified.ts";
import { listed } from "../words.ts";
import { beginningsOf, likeness, matched, wordsOf } from "./names.ts";
import type { Likeness } from "./names.ts";
import type { Left, MappingLine, PipelineProposal, Proposal, SystemLine } from "./proposal.ts";
import { narrowing } from "./narrowing.ts";

/** A system that was looked at. */
export interface Seen {
  readonly line: SystemLine;
  readonly description: Description;
  /** Tables of this schema go before others of the same name. Absent: it has none. */
  readonly schema?: string;
}

/** One collection of it. */
interface Table {
  readonly of: CollectionDescription;
  /** Without its schema. */
  readonly name: string;
  /** As it stands in a configuration. */
  readonly written: string;
  readonly isUsual: boolean;
}

/** Proposes a configuration. Whether each part of it would be taken is for `judge.ts`. */
export function proposalFor(source: Seen, target: Seen): Proposal {
  const [ours, theirs] = [tablesOf(source), tablesOf(target)];
  const found = pairsOf([source, ours.tables], [target, theirs.tables]);
  const pipelines: PipelineProposal[] = [];
  const unmatched: Left[] = [...ours.left("source"), ...theirs.left("target")];
  const names = new Set<string>();
  for (const { a, b, reason } of found.pairs) {
    const short = wordsOf(b.name).length < wordsOf(a.name).length ? b : a;
    pipelines.push(pipelineFor(a, b, `they have ${reason}`, nameFor(short, names)));
  }
  const isEmpty = theirs.tables.length === 0;
  for (const table of found.left(ours.tables)) {
    const several = found.several(table);
    const why = whyNot(table, several, theirs.tables, target.line.name);
    if (several.length === 0 && !hasKey(table)) {
      unmatched.push({ side: "source", name: table.written, why: `${why}, and it has no key` });
    } else if (several.length === 0 && target.description.creates !== undefined) {
      const made = madeFor(table, target, nameFor(table, names));
      pipelines.push(isEmpty ? made : { ...made, refused: `${why}; this would make one` });
    } else unmatched.push({ side: "source", name: table.written, why });
  }
  for (const table of found.left(theirs.tables)) {
    const why = whyNot(table, found.several(table), ours.tables, source.line.name);
    unmatched.push({ side: "target", name: table.written, why });
  }
  return { source: source.line, target: target.line, pipelines, unmatched };
}

type Tables = readonly [seen: Seen, tables: readonly Table[]];

function pairsOf([source, ours]: Tables, [target, theirs]: Tables) {
  const prefixes = [
    ...[ours, theirs].flatMap((all) => beginningsOf(all.map(({ name }) => name))),
    wordsOf(source.line.name),
    wordsOf(target.line.name),
  ];
  const found = matched(ours, theirs, (a, b) => {
    const like = likeness(a.name, b.name, prefixes);
    return like && { ...like, rank: 2 * like.rank + (a.isUsual && b.isUsual ? 0 : 1) };
  });
  const isPaired = new Set(found.pairs.flatMap(({ a, b }) => [a, b]));
  return {
    pairs: found.pairs,
    left: (all: readonly Table[]) => all.filter((table) => !isPaired.has(table)),
    /** Several that one could be, or one that could be several others as well. */
    several: (table: Table): readonly Table[] => [
      ...found.unclear.flatMap(({ of, several }) => (of === table ? several : [])),
      ...found.unclear.flatMap(({ of, several }) => (several.includes(table) ? [of] : [])),
    ],
  };
}

function tablesOf({ line, description, schema }: Seen) {
  const tables: Table[] = [];
  const broken: { readonly name: string; readonly why: string }[] = [];
  for (const [key, of] of description.collections) {
    const inside = description.isQualified === true ? key : spelledPart(key);
    const written = `${line.name}.${inside}`;
    if (of.broken !== undefined) broken.push({ name: written, why: of.broken.message });
    else if (of.isDerived === true) broken.push({ name: written, why: "it is a view" });
    else {
      const parts = inside.match(/"(?:[^"]|"")+"|[^.]+/g) ?? [inside];
      const isUsual = parts.length === 1 || plainPart(parts[0] ?? "") === schema;
      tables.push({ of, name: plainPart(parts.at(-1) ?? inside), written, isUsual });
    }
  }
  const left = (side: Left["side"]): readonly Left[] => broken.map((each) => ({ side, ...each }));
  return { tables, left };
}

function whyNot(
  { name }: Table,
  several: readonly Table[],
  others: readonly Table[],
  system: string,
): string {
  if (several.length > 0) {
    const all = new Set(several.map(({ written }) => written));
    return `it could be ${listed([...all])}, and not only one is possible: write it by hand`;
  }
  const perhaps = suggestion(
    name,
    others.map((each) => each.name),
  );
  return `${system} has no table of that name${perhaps}`;
}

/** A name that is written alike, or the only one with the same words and more. */
function suggestion(name: string, names: readonly string[]): string {
  const words = wordsOf(name);
  const holds = (all: readonly string[], some: readonly string[]): boolean =>
    some.length > 0 && some.every((word) => all.includes(word));
  const holding = names.filter((each) => {
    const others = wordsOf(each);
    return holds(others, words) || holds(words, others);
  });
  const near = nearest(name, names) ?? (holding.length === 1 ? holding[0] : undefined);
  return near === undefined ? "" : `; perhaps '${near}'`;
}

function hasKey({ of }: Table): boolean {
  return of.key.length > 0;
}

/** A name that no other pipeline has. */
function nameFor({ name }: Table, taken: Set<string>): string {
  const plain =
    wordsOf(name)
      .join("_")
      .replace(/^(?=\p{N})/u, "_") || "pipeline";
  let free = plain;
  for (let i = 2; taken.has(free); i++) free = `${plain}_${i}`;
  taken.add(free);
  return free;
}

function pipelineFor(a: Table, b: Table, reason: string, name: string): PipelineProposal {
  const prefixes = [a, b].flatMap(({ name: of }) => endingsOf(of));
  const columns = matched<FieldDescription>(a.of.fields, b.of.fields, (one, other) =>
    doubled(likeness(one.name, other.name, prefixes)),
  );
  const written = columns.pairs.filter(({ b: field }) => !field.generated);
  // In the order in which the source has them.
  const ordered = a.of.fields.flatMap((field) => written.filter((pair) => pair.a === field));
  const mapping = ordered.map(({ a: from, b: to, reason: why }): MappingLine => {
    const types = [typeName(from.type), typeName(to.type)];
    const type = types[0] === types[1] ? types[0] : types.join(" → ");
    const narrows = narrowing(from.type, to.type) ?? null;
    return { source: from.name, target: to.name, reason: `${why}, ${type}`, narrows };
  });
  const unclear = new Map(columns.unclear.map(({ of, several }) => [of, several]));
  const leftOf = (side: Left["side"], all: Table, others: Table): readonly Left[] =>
    all.of.fields.flatMap((field) => {
      if (written.some((pair) => pair.a === field || pair.b === field)) return [];
      const computed = columns.pairs.find((pair) => pair.a === field && pair.b.generated);
      const why =
        computed === undefined
          ? whyUnmapped(field, unclear.get(field), others)
          : `${others.written} computes '${computed.b.name}' by itself`;
      return [{ side, name: field.name, why }];
    });
  const named = keyOf(a, b, mapping);
  return {
    name,
    source: a.written,
    target: b.written,
    reason,
    ...named,
    mapping,
    unmapped: [...leftOf("source", a, b), ...leftOf("target", b, a)],
    createMissing: false,
    decide: [
      ...decisions(a, b),
      ...(named.isGuess ? [`is the key right? ${named.keyReason}`] : []),
    ],
    refused: named.key.length > 0 ? null : `nothing names its rows: ${named.keyReason}`,
  };
}

/** `customer` of `tbl_customer`: its columns may begin so. */
function endingsOf(name: string): readonly (readonly string[])[] {
  const words = wordsOf(name);
  return words.map((_, i) => words.slice(i));
}

/** Columns have no unusual places. */
function doubled(like: Likeness | undefined): Likeness | undefined {
  return like && { ...like, rank: 2 * like.rank };
}

function whyUnmapped(
  { name, generated }: FieldDescription,
  several: readonly FieldDescription[] | undefined,
  { of, written }: Table,
): string {
  if (generated) return "computed by its own store";
  if (several !== undefined) {
    return `it could be ${listed(several.map((each) => each.name))}: write the line by hand`;
  }
  const perhaps = suggestion(
    name,
    of.fields.map((each) => each.name),
  );
  return `${written} has no column of that name${perhaps}`;
}

interface Named {
  /** In the target's names. */
  readonly key: readonly string[];
  readonly keyReason: string;
  readonly isGuess: boolean;
}

/** The target's key, another unique set of it, or the source's, if all of it is mapped. */
function keyOf(a: Table, b: Table, mapping: readonly MappingLine[]): Named {
  const targets = new Set(mapping.map((line) => line.target));
  const isMapped = (key: readonly string[]): boolean =>
    key.length > 0 && key.every((name) => targets.has(name));
  const inTarget = a.of.key.map((name) => mapping.find((line) => line.source === name)?.target);
  const ours = inTarget.filter((name) => name !== undefined);
  const isWhole = ours.length === inTarget.length && ours.length > 0;
  if (isMapped(b.of.key)) {
    const isBoth = isWhole && new Set([...ours, ...b.of.key]).size === ours.length;
    const keyReason = isBoth ? "the primary key of both" : `the primary key of ${b.written}`;
    return { key: b.of.key, keyReason, isGuess: false };
  }
  if (isWhole && (b.of.openKey === true || b.of.key.length === 0)) {
    return { key: ours, keyReason: `the primary key of ${a.written}`, isGuess: false };
  }
  const unique = b.of.uniqueSets.find(isMapped);
  if (unique !== undefined) {
    return { key: unique, keyReason: `unique in ${b.written}`, isGuess: true };
  }
  const usual = mapping.find(({ target }) => USUAL_KEYS.test(target))?.target;
  if (usual !== undefined && b.of.openKey === true) {
    return { key: [usual], keyReason: "neither side declares a key", isGuess: true };
  }
  const lacking = b.of.key.filter((name) => !targets.has(name));
  const keyReason =
    lacking.length > 0
      ? `no column of ${a.written} fits the key of ${b.written} (${listed(lacking)})`
      : "neither side declares a key that is mapped";
  return { key: [], keyReason, isGuess: false };
}

const USUAL_KEYS = /^(?:id|uuid|guid|key|code|number|no)$|_id$/i;

function decisions(a: Table, b: Table): readonly string[] {
  const [from, to] = [a.written, b.written];
  if (!a.of.capabilities.writable) return [`${from} cannot be written: only one-way is possible`];
  return [
    `one-way, where ${to} follows and edits there are overwritten, or two-way, where edits on ` +
      "either side count",
  ];
}

function madeFor(table: Table, target: Seen, name: string): PipelineProposal {
  const { schema } = target;
  const inside = schema === undefined ? spelled(table) : `${spelledPart(schema)}.${spelled(table)}`;
  return {
    name,
    source: table.written,
    target: `${target.line.name}.${inside}`,
    reason: `${target.line.name} has no such table yet: it is made`,
    key: [],
    keyReason: `the primary key of ${table.written}`,
    mapping: [],
    unmapped: [],
    createMissing: target.description.creates?.unasked !== true,
    decide: [],
    refused: null,
  };
}

function spelled({ name }: Table): string {
  return spelledPart(name);
}
