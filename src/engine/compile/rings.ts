// Pipelines that lead back to where they began over the same collections cannot rest: what one of
// them settles, the next one takes for news (design: "Cycles of pipelines").
import { SyncError } from "../../core/errors.ts";
import type { PipelineSettings, SideSettings } from "../settings.ts";
import { whereIs } from "./where.ts";

/**
 * A problem for every ring of pipelines. Pipelines and collections are the nodes of a graph, and
 * data flows along its edges; where more edges join nodes that all reach each other than a tree
 * has, there are two ways between them.
 */
export function ringsOf(settings: readonly PipelineSettings[]): readonly SyncError[] {
  const problems: SyncError[] = [];
  for (const nodes of connected(flowsOf(settings))) {
    const inside = settings.filter((pipeline) => nodes.has(nodeOf(pipeline)));
    const edges = inside.flatMap((pipeline) =>
      pipeline.sides.filter((side) => nodes.has(nodeAt(side))),
    );
    if (edges.length <= nodes.size - 1) continue;
    problems.push(ringOf(inside, edges));
  }
  return problems;
}

function ringOf(inside: readonly PipelineSettings[], edges: readonly SideSettings[]): SyncError {
  const names = inside.map((pipeline) => `'${pipeline.name}'`);
  const collections = [...new Set(edges.map((side) => nodeAt(side).slice(1)))];
  const sides = collections.map((at, i) => `${nameFor(at, collections, i)}: ${at}`).join(", ");
  const first = inside[0];
  return new SyncError(
    "CONFIG_INVALID",
    `The pipelines ${listed(names)} form a ring over ${listed(collections)}, and would never rest`,
    {
      where: whereIs(first?.name ?? ""),
      hint: `Make one pipeline of them: { sides: { ${sides} }, direction: two-way }.`,
    },
  );
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** A side's name from its system, where that tells the sides apart. */
function nameFor(at: string, all: readonly string[], index: number): string {
  const system = at.slice(0, at.indexOf("."));
  const isAlone = all.filter((other) => other.startsWith(`${system}.`)).length === 1;
  return isAlone ? system : `${system}${index + 1}`;
}

function nodeOf(pipeline: PipelineSettings): string {
  return `>${pipeline.name}`;
}

function nodeAt(side: SideSettings): string {
  return `@${side.at.system}.${side.at.collection}`;
}

/** Where data flows to: from a leading side into its pipeline, from there to every written side. */
function flowsOf(settings: readonly PipelineSettings[]): ReadonlyMap<string, readonly string[]> {
  const flows = new Map<string, string[]>();
  const add = (from: string, to: string): void => {
    const known = flows.get(from);
    if (known === undefined) flows.set(from, [to]);
    else known.push(to);
  };
  for (const pipeline of settings) {
    const isTwoWay = pipeline.direction === "two-way";
    for (const [i, side] of pipeline.sides.entries()) {
      const leads = i === 0 || (isTwoWay && side.follows !== true);
      if (leads) add(nodeAt(side), nodeOf(pipeline));
      if (i > 0 || isTwoWay) add(nodeOf(pipeline), nodeAt(side));
    }
  }
  return flows;
}

/** Groups of two nodes or more that all reach each other. */
function connected(flows: ReadonlyMap<string, readonly string[]>): readonly ReadonlySet<string>[] {
  const reach = new Map<string, ReadonlySet<string>>();
  for (const node of flows.keys()) reach.set(node, reachable(node, flows));
  const groups: Set<string>[] = [];
  for (const [node, reached] of reach) {
    if (groups.some((group) => group.has(node))) continue;
    const back = [...reached].filter((other) => reach.get(other)?.has(node) === true);
    if (back.length > 1) groups.push(new Set(back));
  }
  return groups;
}

function reachable(
  from: string,
  flows: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  const reached = new Set<string>();
  const waiting = [...(flows.get(from) ?? [])];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (reached.has(node)) continue;
    reached.add(node);
    waiting.push(...(flows.get(node) ?? []));
  }
  return reached;
}
