// A limit on what an expression may do with one row. CEL always ends, but lists in lists in lists
// end late. Steps are counted, not time: the same row is refused on every machine (I5, I9).
import { isNode, partsOf, type Node } from "./cel-node.ts";

/** Steps of one expression over one row, at most; long texts and lists count for several. */
export const EXPRESSION_STEPS_MAX = 100_000;

/** Items of one list that an expression goes through, at most. */
export const EXPRESSION_ITEMS_MAX = 10_000;

/** Steps that are left. */
export interface Budget {
  left: number;
}

/** Thrown, always the same one, when nothing is left; it never leaves the evaluation. */
const USED_UP = new Error(`it takes more than ${EXPRESSION_STEPS_MAX} steps`);

/** True if an expression goes through lists: without that its work is as long as its text. */
export function repeats(root: Node): boolean {
  return every(root, (node) => node.op !== "comprehension") === undefined;
}

/** Makes every part of a checked expression count what it does. */
export function count(root: Node, budget: Budget): void {
  every(root, (node) => {
    if (node.op === "value") return true;
    // Its own property: what the package would call has another name for each kind of part.
    Object.defineProperty(node, "evaluate", {
      value: (evaluator: unknown, _node: unknown, context: unknown): unknown => {
        if (budget.left < 0) throw USED_UP;
        const { alternate, macro, evaluate } = node.meta;
        const result: unknown =
          alternate !== undefined
            ? alternate.evaluate(evaluator, alternate, context)
            : macro !== undefined
              ? macro.evaluate?.(evaluator, macro, context)
              : evaluate(evaluator, node, context);
        budget.left -= 1 + sizeOf(result);
        if (budget.left < 0) throw USED_UP;
        return result;
      },
    });
    return true;
  });
}

/** What it costs to go through a result once. */
function sizeOf(result: unknown): number {
  if (typeof result === "string") return result.length >> 4;
  if (typeof result !== "object" || result === null) return 0;
  if (Array.isArray(result)) return sizeOfItems(result.length);
  if (result instanceof Map) return sizeOfItems(result.size);
  return result instanceof Uint8Array ? result.length >> 4 : 0;
}

/** A longer list is refused before it is gone through: `all` would pass over the refusal. */
function sizeOfItems(count: number): number {
  return count > EXPRESSION_ITEMS_MAX ? EXPRESSION_STEPS_MAX : count >> 2;
}

/** Visits every part once, until one says no; true: none did. */
function every(root: Node, visit: (node: Node) => boolean): true | undefined {
  const seen = new Set<unknown>();
  const waiting: unknown[] = [root];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next !== "object" || next === null || seen.has(next)) continue;
    seen.add(next);
    if (isNode(next) && !visit(next)) return undefined;
    waiting.push(...partsOf(next));
  }
  return true;
}
