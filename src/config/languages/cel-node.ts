// The parts of a parsed expression, as far as they are looked at here. The package says less in its
// types than is there; what is relied on stands here, and `test/config/expressions*` would fail
// with another version of it.

/** One part of an expression. */
export interface Node {
  op: string;
  args: unknown;
  readonly start: number;
  readonly meta: {
    readonly check: unknown;
    readonly evaluate: (evaluator: unknown, node: unknown, context: unknown) => unknown;
    /** What a macro such as `all` was made into. */
    readonly alternate?: Node & Evaluated;
    /** What a macro such as `has` works with. */
    readonly macro?: Macro;
  };
  setMeta(name: string, value: unknown): void;
}

/** A macro with its arguments. */
interface Macro extends Partial<Evaluated> {
  readonly args?: readonly Node[];
  readonly receiver?: Node;
  readonly arg?: Node;
}

interface Evaluated {
  evaluate(evaluator: unknown, node: unknown, context: unknown): unknown;
}

/** What a list is gone through with. */
export interface Comprehension {
  readonly iterable: Node;
  readonly init: Node;
  readonly step: Node;
  readonly iterVarName: string;
}

/** True for a part; lists of parts and the like are not. */
export function isNode(given: unknown): given is Node {
  return typeof given === "object" && given !== null && "setMeta" in given && "op" in given;
}

/** What is inside: of a macro that was made into something, only that. */
export function partsOf(given: object): readonly unknown[] {
  if (!isNode(given)) return Object.values(given);
  const { alternate, macro } = given.meta;
  if (alternate !== undefined) return [alternate];
  if (macro !== undefined) return macro.args ?? [macro.receiver, macro.arg];
  return [given.args];
}
