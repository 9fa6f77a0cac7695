// The names in an expression: which columns it reads, and what is not for rows. Every name is
// resolved here, before the package sees it: what is no column of the row does not exist.
import { SyncError } from "../../core/errors.ts";
import { isNode, partsOf, type Comprehension, type Node } from "./cel-node.ts";

/** What a name stands for, told to whoever reads the expression. */
export interface Names {
  /** A bare name. What comes back replaces it; undefined: it stays. */
  readonly bare: (name: string, node: Node) => string | undefined;
  /** `row.name` or `row["name"]`. */
  readonly member: (name: string, node: Node) => string | undefined;
  /** The pattern of `text.matches("…")`. */
  readonly pattern: (pattern: string, node: Node) => string | undefined;
}

/** Functions of the language that are not for rows, and what to do instead. */
const NOT_FOR_ROWS: ReadonlyMap<string, string> = new Map([
  ["bind", "Write the value out where it is used."], // doubles what it holds, again and again
  ["optMap", "Use `.orValue(…)`."],
  ["optFlatMap", "Use `.orValue(…)`."],
  ["type", "Columns have their types already; `dyn` columns are converted: `int(…)`."],
  ["holdsPattern", "Write `matches`."],
  ["json", "Map the column with `transform: parseJSON`."],
]);

/** What stands for the whole row. */
const ROW = "row";

/** Visits every name of a parsed expression. Throws EXPRESSION_INVALID with its character. */
export function resolve(root: Node, names: Names): void {
  visit(root, new Set(), names);
}

function visit(node: Node, inner: ReadonlySet<string>, names: Names): void {
  const { alternate, macro } = node.meta;
  refuseCall(node);
  if (alternate?.op === "comprehension") {
    return visitEach(alternate.args as Comprehension, inner, names);
  }
  if (macro !== undefined) {
    return visitMacro(node, inner, names);
  }
  switch (node.op) {
    case "id":
      return visitName(node, inner, names);
    case ".":
    case ".?":
    case "[]":
    case "[?]":
      if (isRow(node, inner)) return visitMember(node, names);
      break;
    case "rcall":
      if ((node.args as Call)[0] === "matches") visitPattern(node, names);
      break;
    default:
  }
  visitInside(node, inner, names);
}

/** `[name, receiver, arguments]`; a plain call has no receiver. */
type Call = [name: string, of: Node | readonly Node[], given?: readonly Node[]];

function visitInside(given: object, inner: ReadonlySet<string>, names: Names): void {
  for (const part of partsOf(given)) {
    if (isNode(part)) visit(part, inner, names);
    else if (typeof part === "object" && part !== null) visitInside(part, inner, names);
  }
}

function visitEach(each: Comprehension, inner: ReadonlySet<string>, names: Names): void {
  visit(each.iterable, inner, names);
  visit(each.step, new Set([...inner, each.iterVarName]), names);
}

function visitMacro(node: Node, inner: ReadonlySet<string>, names: Names): void {
  const [name] = node.args as Call;
  const [asked] = node.meta.macro?.args ?? [];
  const isOwn = asked !== undefined && [".", "[]"].includes(asked.op) && isRow(asked, inner);
  if (name === "has" && isOwn) {
    throw invalid(node, "A column of the row is always there", "Write `row.name != null`.");
  }
  visitInside(node, inner, names);
}

function visitName(node: Node, inner: ReadonlySet<string>, names: Names): void {
  const name = node.args as string; // of a name
  if (inner.has(name)) return;
  if (name === ROW) {
    throw invalid(node, "`row` is no value by itself", "Name a column of it: `row.name`.");
  }
  node.args = names.bare(name, node) ?? name;
}

function isRow(node: Node, inner: ReadonlySet<string>): boolean {
  const [of] = node.args as [unknown];
  return isNode(of) && of.op === "id" && of.args === ROW && !inner.has(ROW);
}

/** `row.name` is looked at as if the column had been named by itself. */
function visitMember(node: Node, names: Names): void {
  const [row, index] = node.args as [Node, unknown];
  const literal = isNode(index) && index.op === "value" ? index.args : index;
  if (typeof literal !== "string") {
    const hint = 'Write `row.name` or `row["name"]`: which columns are read is known beforehand.';
    throw invalid(node, "The columns of `row` are named, not worked out", hint);
  }
  const name = names.member(literal, node);
  if (name === undefined) return;
  node.setMeta("check", row.meta.check);
  node.setMeta("evaluate", row.meta.evaluate);
  node.op = "id";
  node.args = name;
}

function visitPattern(node: Node, names: Names): void {
  const call = node.args as Call;
  const [pattern] = call[2] ?? [];
  if (pattern?.op !== "value" || typeof pattern.args !== "string") {
    const hint = 'Write it out: `text.matches("^[a-z]+$")`; it is made ready once.';
    throw invalid(node, "The pattern of `matches` is worked out", hint);
  }
  // The package's own would go back and forth in a text.
  call[0] = names.pattern(pattern.args, pattern) ?? call[0];
}

function refuseCall(node: Node): void {
  if (node.op !== "rcall" && node.op !== "call") return;
  const [name] = node.args as Call;
  const hint = NOT_FOR_ROWS.get(name);
  if (hint !== undefined) throw invalid(node, `\`${name}\` is not for rows`, hint);
}

/** What is wrong at a part of an expression. */
export function invalid(
  node: { readonly start: number },
  message: string,
  hint: string,
): SyncError {
  return new SyncError("EXPRESSION_INVALID", message, { hint, character: node.start });
}
