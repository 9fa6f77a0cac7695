// Holds a tree against a shape: everything that is wrong is found at once, each at its place.
import { didYouMean, nearest } from "../core/nearest.ts";
import { isNotBuilt, keyOf, taggedAs } from "./shape.ts";
import type { ObjectShape, Shape, TaggedShape, TextShape } from "./shape.ts";
import { pathTo } from "../engine/compile/where.ts";
import type { MapEntry, MapNode, Node, Place, Problem, ScalarNode } from "./tree.ts";

/** A tree that was held against a shape. */
export interface Checked {
  /** Plain data of that shape (objects without prototype) if there are no problems. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Where the value of every path stands. */
  readonly places: ReadonlyMap<string, Place>;
  /** By path of a text: where a character of it stands. */
  readonly texts: ReadonlyMap<string, (character: number) => Place>;
}

/** Holds a tree against a shape. Never throws; the value is of the shape if nothing is wrong. */
export function check(root: Node, shape: Shape): Checked {
  const checking: Checking = { problems: [], places: new Map(), texts: new Map() };
  const value = valueOf(checking, root, shape, "");
  return { value, ...checking };
}

interface Checking {
  readonly problems: Problem[];
  readonly places: Map<string, Place>;
  readonly texts: Map<string, (character: number) => Place>;
}

function valueOf(checking: Checking, node: Node, shape: Shape, path: string): unknown {
  if (node.at !== undefined) checking.places.set(path, node.at);
  if (node.kind === "scalar" && node.inside !== undefined) checking.texts.set(path, node.inside);
  switch (shape.kind) {
    case "named":
      return valueOf(checking, node, shape.shape(), path);
    case "either": {
      const fitting = shape.of.find((each) => isOfForm(node, each));
      if (fitting !== undefined) return valueOf(checking, node, fitting, path);
      break;
    }
    case "value":
      if (node.kind !== "function") return anyValue(checking, node, path);
      break;
    case "function":
      if (node.kind === "function") return node.value;
      break;
    case "list":
      if (node.kind !== "list") break;
      if (node.items.length < (shape.least ?? 0)) refuse(checking, node, path, "cannot be empty");
      return node.items.map((item, i) => valueOf(checking, item, shape.of, pathTo(path, i)));
    case "map":
      if (node.kind === "map") return mapOf(checking, node, shape, path);
      break;
    case "object":
      if (node.kind === "map") return objectOf(checking, node, shape, path);
      break;
    case "tagged":
      if (node.kind === "map") return taggedOf(checking, node, shape, path);
      break;
    case "text":
    case "number":
    case "boolean":
      if (node.kind === "scalar") return scalarOf(checking, node, shape, path);
  }
  return refuseForm(checking, node, shape, path);
}

function anyValue(checking: Checking, node: Node, path: string): unknown {
  if (node.at !== undefined) checking.places.set(path, node.at);
  if (node.kind === "list") {
    return node.items.map((item, i) => anyValue(checking, item, pathTo(path, i)));
  }
  if (node.kind !== "map") return node.value;
  const value = emptyObject();
  for (const entry of node.entries) {
    value[entry.key] = anyValue(checking, entry.node, pathTo(path, entry.key));
  }
  return value;
}

/** Without a prototype, so that no key of a person can be one of the language's own. */
function emptyObject(): { [name: string]: unknown } {
  return Object.create(null) as { [name: string]: unknown };
}

function mapOf(
  checking: Checking,
  node: MapNode,
  shape: Shape & { readonly kind: "map" },
  path: string,
): unknown {
  if (node.entries.length < (shape.least ?? 0)) refuse(checking, node, path, "cannot be empty");
  const value = emptyObject();
  for (const entry of node.entries) {
    const below = pathTo(path, entry.key);
    const why = shape.refuseName?.(entry.key);
    if (why === undefined) value[entry.key] = valueOf(checking, entry.node, shape.of, below);
    else refuse(checking, { ...node, at: entry.keyAt }, below, why);
  }
  return value;
}

function objectOf(checking: Checking, node: MapNode, shape: ObjectShape, path: string): unknown {
  const value = emptyObject();
  for (const entry of node.entries) {
    const known = keyOf(shape, entry.key);
    const below = pathTo(path, entry.key);
    if (known === undefined) unknownKey(checking, entry, shape, path);
    else if (isNotBuilt(known))
      notBuilt(checking, { at: entry.keyAt, path: below, what: below, hint: "Take it out." });
    else value[entry.key] = valueOf(checking, entry.node, known.shape, below);
  }
  // A form that is not built has other keys: what is missing here would only be noise.
  const isOther = node.entries.some((entry) => isNotBuilt(keyOf(shape, entry.key)));
  for (const [key, known] of isOther ? [] : Object.entries(shape.keys)) {
    if (!("required" in known) || node.entries.some((entry) => entry.key === key)) continue;
    const message = `${called(path)} has no ${key}`;
    checking.problems.push({
      code: "CONFIG_INVALID",
      at: node.at,
      path: pathTo(path, key),
      message,
      hint: `Add '${key}': ${known.doc}.`,
    });
  }
  return value;
}

function taggedOf(checking: Checking, node: MapNode, shape: TaggedShape, path: string): unknown {
  const entry = node.entries.find((each) => each.key === shape.tag);
  const words = Object.keys(shape.of);
  const tags: TextShape = { kind: "text", words, notBuilt: shape.notBuilt };
  const tagShape: ObjectShape = {
    kind: "object",
    keys: { [shape.tag]: { shape: tags, doc: shape.doc, required: true } },
  };
  if (entry === undefined) return objectOf(checking, { ...node, entries: [] }, tagShape, path);
  const tag = entry.node.kind === "scalar" ? String(entry.node.value) : "";
  const chosen = taggedAs(shape, tag);
  // Which keys belong here only a known tag can say.
  if (chosen === undefined) {
    return objectOf(checking, { ...node, entries: [entry] }, tagShape, path);
  }
  return objectOf(checking, node, { ...chosen, keys: { ...tagShape.keys, ...chosen.keys } }, path);
}

function unknownKey(checking: Checking, entry: MapEntry, shape: ObjectShape, path: string): void {
  const isMerge = entry.key === "<<";
  checking.problems.push({
    code: "CONFIG_UNKNOWN_KEY",
    at: entry.keyAt,
    path: pathTo(path, entry.key),
    message: `the key ${quoted(entry.key)} is not known in ${called(path)}`,
    hint: isMerge
      ? "Merge keys are not understood: write the keys out."
      : suggestion(entry.key, shape),
  });
}

/** Also near what is not built yet, which is then refused by name. */
function suggestion(key: string, { keys }: ObjectShape): string {
  const built = Object.keys(keys).filter((each) => !isNotBuilt(keys[each]));
  const meant = nearest(key, Object.keys(keys));
  return didYouMean(key, meant === undefined ? built : [meant]);
}

function notBuilt(
  checking: Checking,
  { at, path, what, hint }: { at: Place | undefined; path: string; what: string; hint: string },
): undefined {
  const message = `${what} is not built yet`;
  checking.problems.push({ code: "CONFIG_NOT_BUILT", at, path, message, hint });
}

function scalarOf(
  checking: Checking,
  node: ScalarNode,
  shape: Shape & { readonly kind: "text" | "number" | "boolean" },
  path: string,
): unknown {
  const value = node.isFilled === true ? asWritten(node.value, shape.kind) : node.value;
  if (shape.kind === "boolean") {
    return typeof value === "boolean" ? value : refuseForm(checking, node, shape, path);
  }
  if (shape.kind === "text") {
    if (typeof value !== "string") return refuseForm(checking, node, shape, path);
    return textOf(checking, node, value, { shape, path });
  }
  if (typeof value !== "number") return refuseForm(checking, node, shape, path);
  const isInside = value >= shape.least && value <= shape.most;
  if (isInside && (!shape.whole || Number.isInteger(value))) return value;
  return refuseForm(checking, node, shape, path);
}

/** What was filled in is text; where another form is wanted, it is read as YAML would read it. */
function asWritten(value: ScalarNode["value"], kind: "text" | "number" | "boolean"): unknown {
  if (typeof value !== "string" || kind === "text") return value;
  if (kind === "boolean") return value === "true" ? true : value === "false" ? false : value;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) ? Number(value) : value;
}

function textOf(
  checking: Checking,
  node: ScalarNode,
  value: string,
  { shape, path }: { readonly shape: TextShape; readonly path: string },
): unknown {
  if (shape.notBuilt?.includes(value) === true) {
    const hint = `Use ${(shape.words ?? []).join(", ")} for now.`;
    return notBuilt(checking, { at: node.at, path, what: `${path}: ${node.raw}`, hint });
  }
  if (shape.words !== undefined && !shape.words.includes(value)) {
    const all = [...shape.words, ...(shape.notBuilt ?? [])];
    const hint = didYouMean(value, nearest(value, all) === undefined ? shape.words : all);
    return refuse(checking, node, path, `cannot be ${shown(node)}`, hint);
  }
  const refusal = shape.refuse?.(value);
  if (refusal === undefined) return value;
  const { code, says, hint } = refusal;
  const written = refusal.isSecret === true || node.raw === "" ? "" : `: ${shown(node)}`;
  const message = `${called(path)} ${says}${written}`;
  checking.problems.push({ code, at: node.at, path, message, ...(hint && { hint }) });
  return value;
}

function refuseForm(checking: Checking, node: Node, shape: Shape, path: string): undefined {
  refuse(checking, node, path, `must be ${formOf(shape)}, not ${shown(node)}`);
}

function refuse(
  checking: Checking,
  node: Node,
  path: string,
  says: string,
  hint?: string,
): undefined {
  const message = `${called(path)} ${says}`;
  const problem: Problem = { code: "CONFIG_INVALID", at: node.at, path, message };
  checking.problems.push(hint === undefined ? problem : { ...problem, hint });
}

function isOfForm(node: Node, shape: Shape): boolean {
  switch (shape.kind) {
    case "named":
      return isOfForm(node, shape.shape());
    case "either":
      return shape.of.some((each) => isOfForm(node, each));
    case "text":
      return node.kind === "scalar" && typeof node.value === "string";
    case "number":
      return node.kind === "scalar" && typeof node.value === "number";
    case "boolean":
      return node.kind === "scalar" && typeof node.value === "boolean";
    case "function":
      return node.kind === "function";
    case "list":
      return node.kind === "list";
    case "map":
    case "object":
    case "tagged":
      return node.kind === "map";
    case "value":
      return node.kind !== "function";
  }
}

/** A shape as the end of "must be …". */
function formOf(shape: Shape): string {
  switch (shape.kind) {
    case "named":
      return formOf(shape.shape());
    case "either": {
      // A text configuration has no functions, and its author is not told about them.
      const forms = shape.of.filter((each) => each.kind !== "function").map(formOf);
      return [...new Set(forms)].join(" or ");
    }
    case "text":
      return shape.words === undefined ? "a text" : oneOf(shape);
    case "number": {
      const kind = shape.whole ? "a whole number" : "a number";
      if (shape.least === shape.most) return String(shape.least);
      if (shape.most === Number.MAX_SAFE_INTEGER) return `${kind} from ${shape.least}`;
      return `${kind} from ${shape.least} to ${shape.most}`;
    }
    case "boolean":
      return "true or false";
    case "function":
      return "a function";
    case "list":
      return "a list";
    case "map":
    case "object":
    case "tagged":
      return "a mapping";
    case "value":
      return "a value";
  }
}

function oneOf(shape: TextShape): string {
  const words = shape.words ?? [];
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

/** What was written, as far as it helps to find it. Never what a placeholder stands for. */
function shown(node: Node): string {
  if (node.kind !== "scalar")
    return { list: "a list", map: "a mapping", function: "a function" }[node.kind];
  if (node.value === null && node.raw === "") return "nothing";
  return typeof node.value === "string" ? quoted(node.raw) : clipped(node.raw);
}

const SHOWN_LENGTH_MAX = 60;

function clipped(text: string): string {
  return text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}…` : text;
}

function quoted(text: string): string {
  return `'${clipped(text).replaceAll(/[\p{C}]/gu, "\u{fffd}")}'`;
}

function called(path: string): string {
  return path === "" ? "the configuration" : path;
}
