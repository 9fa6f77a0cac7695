// The order of pipelines: parents first, so that a row finds what it refers to (design: §6).
import type { Pipeline } from "../link.ts";

/**
 * Pipelines whose collections are referred to stand before those that refer to them, all else in
 * the order given. In a ring of references the first one given begins: the engine tries again what
 * has to wait.
 */
export function parentsFirst(pipelines: readonly Pipeline[]): readonly Pipeline[] {
  const parents = new Map(pipelines.map((each) => [each, parentsOf(each, pipelines)]));
  const waiting = [...pipelines];
  const ordered: Pipeline[] = [];
  while (waiting.length > 0) {
    const isReady = (each: Pipeline): boolean =>
      parents.get(each)?.every((parent) => !waiting.includes(parent)) ?? true;
    const [next] = waiting.splice(Math.max(waiting.findIndex(isReady), 0), 1);
    if (next !== undefined) ordered.push(next);
  }
  return ordered;
}

function parentsOf(child: Pipeline, all: readonly Pipeline[]): readonly Pipeline[] {
  return all.filter((parent) => parent !== child && refers(child, parent));
}

/**
 * True if a side of one pipeline refers to a collection that the other one writes in that system.
 */
function refers(child: Pipeline, parent: Pipeline): boolean {
  return child.sides.some((side) =>
    side.description.references.some((reference) =>
      parent.sides.some(
        (other) =>
          other.replica.name === side.replica.name &&
          other.shape.collection === reference.collection,
      ),
    ),
  );
}
