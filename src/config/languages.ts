// Expressions and patterns of a configuration. Who reads them is loaded only where there are some:
// most configurations have none, and a start that loads what it does not need is a slow one.
import type { Expression, Languages, Pattern } from "../core/expression.ts";
import { SyncError } from "../core/errors.ts";
import { elsewhere } from "../engine/compile/where.ts";
import type { MapEntry, Node } from "./tree.ts";

/** Loads what reads expressions and patterns. */
export async function loadLanguages(): Promise<Languages> {
  const [{ makeExpression }, { makePattern }] = await Promise.all([
    import("./languages/cel.ts"),
    import("./languages/patterns.ts"),
  ]);
  return { expression: makeExpression, pattern: makePattern };
}

/** True if something in a configuration may be an expression or a pattern. */
export function usesLanguages(root: Node | undefined): boolean {
  // Systems have none, and files have a `format` of another kind.
  const entries = root?.kind === "map" ? root.entries : [];
  return entries.some((entry) => entry.key !== "systems" && isWritten(entry));
}

function isInside(node: Node): boolean {
  if (node.kind === "list") return node.items.some(isInside);
  return node.kind === "map" && node.entries.some(isWritten);
}

function isWritten({ key, node }: MapEntry): boolean {
  switch (key) {
    case "expression":
    case "pattern":
    case "format":
    case "validate":
    case "validators":
    case "transforms":
      return true;
    case "transform":
      return hasText(node) && !isName(node);
    case "filters":
    case "and":
    case "or":
    case "not":
      return hasText(node) || isInside(node);
    default:
      return isInside(node);
  }
}

/** The name of a transform, which is no expression. */
function isName(node: Node): boolean {
  return node.kind === "scalar" && /^[\w-]*$/.test(String(node.value));
}

/** A text, or a list with one. */
function hasText(node: Node): boolean {
  if (node.kind === "list") return node.items.some(hasText);
  return node.kind === "scalar" && typeof node.value === "string";
}

/** The same languages for a text at a place: whatever is wrong with it is told there. */
export function languagesAt(languages: Languages, where: Places): Languages {
  return {
    expression: (text) => placedExpression(languages, text, where.expression),
    pattern: (text) => at(where.pattern, (): Pattern => languages.pattern(text)),
  };
}

/** Where a text stands. */
interface Places {
  readonly expression: string;
  readonly pattern: string;
}

/** An expression whose errors name the place where it was written, whenever they come up. */
function placedExpression(languages: Languages, text: string, where: string): Expression {
  const expression = at(where, () => languages.expression(text));
  return { ...expression, bind: (scope) => at(where, () => expression.bind(scope)) };
}

function at<T>(where: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof SyncError ? elsewhere(error, where) : error;
  }
}
