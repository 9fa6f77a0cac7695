// A configuration written as a program: what it exports, as the same tree that a text becomes.
import { pathTo } from "../engine/compile/where.ts";
import { impurityOf, type GivenFunction } from "./purity.ts";
import { CONFIG_DEPTH_MAX, CONFIG_NODES_MAX } from "./tree.ts";
import type { FunctionNode, MapEntry, Node, Problem } from "./tree.ts";
import type { Parsed } from "./yaml.ts";

/** Makes a tree of plain data and functions; anything else is a problem at its path. */
export function parseProgram(exported: unknown): Parsed {
  const problems: Problem[] = [];
  const root = treeOf({ problems, nodes: 0, isOver: false }, exported, "", 0);
  return { root, problems };
}

interface Reading {
  readonly problems: Problem[];
  nodes: number;
  isOver: boolean;
}

const NOTHING: Node = { kind: "scalar", value: null, raw: "null", at: undefined };

function treeOf(reading: Reading, value: unknown, path: string, depth: number): Node {
  if (++reading.nodes > CONFIG_NODES_MAX || depth > CONFIG_DEPTH_MAX) {
    const limits = `${CONFIG_NODES_MAX} values and ${CONFIG_DEPTH_MAX} levels`;
    const message = `the configuration goes over the limit of ${limits}`;
    if (!reading.isOver) reading.problems.push(invalid(path, message));
    reading.isOver = true;
    return NOTHING;
  }
  switch (typeof value) {
    case "string":
      return { kind: "scalar", value, raw: value, at: undefined };
    case "number":
    case "bigint":
    case "boolean":
      return { kind: "scalar", value, raw: String(value), at: undefined };
    case "function":
      checkPure(reading, value as GivenFunction, path);
      return { kind: "function", value: value as FunctionNode["value"], at: undefined };
    case "object":
      if (value === null) return NOTHING;
      if (Array.isArray(value)) {
        const items = value.map((item, i) => treeOf(reading, item, pathTo(path, i), depth + 1));
        return { kind: "list", items, at: undefined };
      }
      if (isPlain(value)) return mapOf(reading, value, path, depth);
      break;
    default:
  }
  const kind = typeof value === "object" ? "an object of a class" : typeof value;
  const message = `${path === "" ? "the configuration" : path} cannot be ${kind}`;
  reading.problems.push(invalid(path, message));
  return NOTHING;
}

/** A plan shows what a run will do only where both come to the same. */
function checkPure({ problems }: Reading, given: GivenFunction, path: string): void {
  const why = impurityOf(given);
  if (why === undefined) return;
  const message = `${path === "" ? "the configuration" : path} ${why}`;
  const hint =
    "A function may depend on nothing but what it is given: else a plan shows what no run does, " +
    "and every run writes again. Take such a value from a column, or let the store set it.";
  problems.push({ ...invalid(path, message), hint });
}

function mapOf(reading: Reading, value: object, path: string, depth: number): Node {
  const entries: MapEntry[] = [];
  for (const [key, item] of Object.entries(value) as [string, unknown][]) {
    if (item === undefined) continue; // the same as a key that is not there
    const node = treeOf(reading, item, pathTo(path, key), depth + 1);
    entries.push({ key, keyAt: undefined, node });
  }
  return { kind: "map", entries, at: undefined };
}

function invalid(path: string, message: string): Problem {
  return { code: "CONFIG_INVALID", at: undefined, path, message };
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // A module's namespace and another realm's objects have prototypes of their own.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
