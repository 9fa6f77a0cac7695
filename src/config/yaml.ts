// YAML (and with it JSON) as a tree. The parser's own tokens are looked at before a document is
// composed of them: composing recurses, and a few kilobytes of brackets would end the process.
import type { CST, Node as YamlNode, YAMLError } from "yaml";
import { pathTo } from "../engine/compile/where.ts";
import { CONFIG_DEPTH_MAX, CONFIG_NODES_MAX } from "./tree.ts";
import type { MapEntry, Node, Place, Problem, ScalarNode } from "./tree.ts";

/** Bytes of a configuration file, at most. */
export const CONFIG_BYTES_MAX = 1024 * 1024;

/** What became of a text: a tree as far as it could be made, and everything wrong with it. */
export interface Parsed {
  readonly root: Node | undefined;
  readonly problems: readonly Problem[];
}

type Yaml = typeof import("yaml");

/** What reading one document needs all along. */
interface Reading {
  readonly yaml: Yaml;
  readonly text: string;
  readonly place: (offset: number) => Place;
  readonly anchors: ReadonlyMap<string, YamlNode>;
  readonly problems: Problem[];
  nodes: number;
  isOver: boolean;
}

/**
 * Reads one YAML document. Never throws for what a text holds; without a root it holds nothing.
 * With `file` its places say that they are in that one.
 */
export async function parseYaml(text: string, file?: string): Promise<Parsed> {
  const yaml = await import("yaml"); // lazily: a program with a TypeScript configuration has none
  const lines = new yaml.LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    const at = { line: Math.max(line, 1), column: Math.max(col, 1) };
    return file === undefined ? at : { ...at, file };
  };
  const tokens = [...new yaml.Parser(lines.addNewLine).parse(text)];
  const deep = tooDeep(tokens);
  if (deep !== undefined) return { root: undefined, problems: [overLimit(place(deep), "")] };
  const [first, second] = new yaml.Composer({ intAsBigInt: true }).compose(tokens);
  if (first === undefined || first.contents === null) {
    return { root: undefined, problems: [...brokenIn(first?.errors ?? [], text, place)] };
  }
  const problems: Problem[] = [...brokenIn([...first.errors, ...first.warnings], text, place)];
  if (second !== undefined) problems.push(twoDocuments(place(second.range[0])));
  const isBroken = first.errors.some((error) => error.code !== "DUPLICATE_KEY");
  if (isBroken) return { root: undefined, problems };
  const contents: YamlNode = first.contents;
  const anchors = anchorsOf(yaml, contents);
  const reading: Reading = { yaml, text, place, anchors, problems, nodes: 0, isOver: false };
  const root = treeOf(reading, contents, "", 0);
  // What was cut off would only be taken for what its author left out.
  return { root: reading.isOver ? undefined : root, problems };
}

/** The offset at which nesting goes over the limit, or undefined. Walks without recursion. */
function tooDeep(tokens: readonly CST.Token[]): number | undefined {
  const waiting: { readonly token: CST.Token; readonly depth: number }[] = [];
  for (const token of tokens) waiting.push({ token, depth: 0 });
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { token, depth } = next;
    if (depth > CONFIG_DEPTH_MAX) return "offset" in token ? token.offset : 0;
    if (token.type === "document" && token.value) waiting.push({ token: token.value, depth });
    if (!("items" in token)) continue;
    for (const item of token.items) {
      if (item.key) waiting.push({ token: item.key, depth: depth + 1 });
      if (item.value) waiting.push({ token: item.value, depth: depth + 1 });
    }
  }
  return undefined;
}

function overLimit(at: Place, path: string): Problem {
  const limits = `${CONFIG_NODES_MAX} values and ${CONFIG_DEPTH_MAX} levels`;
  const message = `the file goes over the limit of ${limits}`;
  return {
    code: "CONFIG_INVALID",
    at,
    path,
    message,
    hint: "Aliases count as often as they are used.",
  };
}

function twoDocuments(at: Place): Problem {
  const message = "a second document begins here, and a configuration is one document";
  return { code: "CONFIG_INVALID", at, path: "", message, hint: "Take out the '---'." };
}

/** What the parser says; after the first thing that is no YAML, the rest is mostly its echo. */
function* brokenIn(
  errors: readonly YAMLError[],
  text: string,
  place: (offset: number) => Place,
): Generator<Problem> {
  let isBroken = false;
  for (const error of errors) {
    const at = place(error.pos[0]);
    if (error.code === "DUPLICATE_KEY") {
      const key = /^[^\s:,{}[\]]+/.exec(text.slice(error.pos[0]))?.[0] ?? "";
      const message = `the key '${key}' stands here for the second time`;
      yield { code: "CONFIG_INVALID", at, path: "", message, hint: "Keep one of the two." };
    } else if (!isBroken) {
      isBroken = true;
      yield { code: "CONFIG_INVALID", at, path: "", ...brokenInWords(error) };
    }
  }
}

function brokenInWords(error: YAMLError): { readonly message: string; readonly hint?: string } {
  const message = `this is not YAML: ${error.message}`;
  if (error.code === "TAB_AS_INDENT") return { message, hint: "Indent with spaces." };
  if (error.code === "BAD_SCALAR_START") return { message, hint: "Put the text in quotes." };
  if (error.code === "BLOCK_AS_IMPLICIT_KEY" || error.code === "MULTILINE_IMPLICIT_KEY") {
    return { message, hint: "Check the indentation; a text that holds a colon needs quotes." };
  }
  if (error.code === "BAD_INDENT") {
    return { message, hint: "Close what was opened before, or indent what belongs to it." };
  }
  return { message };
}

function anchorsOf(yaml: Yaml, contents: YamlNode): ReadonlyMap<string, YamlNode> {
  const anchors = new Map<string, YamlNode>();
  yaml.visit(contents, {
    Value: (_key, node) => {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return anchors;
}

/** Copies a node into the tree; aliases are followed, and counted as often as they are used. */
function treeOf(reading: Reading, node: YamlNode | null, path: string, depth: number): Node {
  const at = reading.place(node?.range?.[0] ?? 0);
  if (++reading.nodes > CONFIG_NODES_MAX || depth > CONFIG_DEPTH_MAX) {
    if (!reading.isOver) reading.problems.push(overLimit(at, path));
    reading.isOver = true;
    return { kind: "scalar", value: null, raw: "", at };
  }
  const { yaml } = reading;
  if (yaml.isAlias(node)) return aliasOf(reading, node.source, at, path, depth);
  if (yaml.isSeq(node)) {
    // Composed documents hold nodes and nothing else.
    const items = (node.items as readonly (YamlNode | null)[]).map((item, i) =>
      treeOf(reading, item, pathTo(path, i), depth + 1),
    );
    return { kind: "list", items, at };
  }
  if (yaml.isMap(node)) {
    const entries: MapEntry[] = [];
    const pairs = node.items as readonly { key: YamlNode | null; value: YamlNode | null }[];
    for (const pair of pairs) entries.push(...entryOf(reading, pair, path, depth));
    return { kind: "map", entries, at };
  }
  return scalarOf(reading, node, at);
}

function aliasOf(reading: Reading, name: string, at: Place, path: string, depth: number): Node {
  const target = reading.anchors.get(name);
  // An alias inside its own anchor runs into the limit on depth.
  if (target !== undefined) return { ...treeOf(reading, target, path, depth + 1) };
  const message = `no anchor is called '${name}'`;
  reading.problems.push({ code: "CONFIG_INVALID", at, path, message });
  return { kind: "scalar", value: null, raw: `*${name}`, at };
}

function* entryOf(
  reading: Reading,
  pair: { readonly key: YamlNode | null; readonly value: YamlNode | null },
  path: string,
  depth: number,
): Generator<MapEntry> {
  const keyAt = reading.place(pair.key?.range?.[0] ?? pair.value?.range?.[0] ?? 0);
  if (!reading.yaml.isScalar(pair.key)) {
    const message = "a key has to be a text";
    reading.problems.push({ code: "CONFIG_INVALID", at: keyAt, path, message });
    return;
  }
  const key = pair.key.source ?? String(pair.key.value);
  const value = pair.value ?? null;
  const node = treeOf(reading, value, pathTo(path, key), depth + 1);
  // What is missing, or begins further down, is looked for at its key.
  const isBelow = value === null || (node.kind !== "scalar" && (node.at?.line ?? 0) > keyAt.line);
  yield { key, keyAt, node: isBelow ? { ...node, at: keyAt } : node };
}

function scalarOf(reading: Reading, node: YamlNode | null, at: Place): Node {
  if (!reading.yaml.isScalar(node)) return { kind: "scalar", value: null, raw: "", at };
  const value: unknown = node.value;
  const raw = node.source ?? "";
  if (typeof value === "bigint") {
    const isSafe = BigInt.asIntN(54, value) === value && Number.isSafeInteger(Number(value));
    return { kind: "scalar", value: isSafe ? Number(value) : value, raw, at };
  }
  if (typeof value === "string") {
    const inside = insideOf(reading, node.range?.[0] ?? 0, value);
    return { kind: "scalar", value, raw, at, ...(inside === undefined ? {} : { inside }) };
  }
  if (typeof value === "number" || typeof value === "boolean") {
    return { kind: "scalar", value, raw, at };
  }
  return { kind: "scalar", value: null, raw, at };
}

/**
 * Where the characters of a text are. A text on one line stands there as it is; of a block (`|`)
 * each line does, further in. undefined: it has escapes, or is folded.
 */
function insideOf(
  { text, place }: Reading,
  start: number,
  value: string,
): ScalarNode["inside"] | undefined {
  const quote = text[start] === '"' || text[start] === "'" ? 1 : 0;
  if (text.startsWith(value, start + quote)) return (at) => place(start + quote + at);
  if (text[start] !== "|") return undefined;
  const first = text.indexOf("\n", start) + 1;
  const [line = ""] = value.split("\n", 1);
  const indent = text.indexOf(line, first) - first;
  if (line === "" || indent < 0) return undefined;
  return (at) => {
    const { line: row, column } = placeIn(value, at);
    const top = place(first);
    return { ...top, line: top.line + row, column: column + indent + 1 };
  };
}

function placeIn(text: string, at: number): Place {
  const before = text.slice(0, at).split("\n");
  return { line: before.length - 1, column: before.at(-1)?.length ?? 0 };
}
