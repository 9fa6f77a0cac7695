// Pieces of YAML that mean what was meant, whatever names are in them.
import { pathTo } from "../../engine/compile/where.ts";
import type { Node } from "../../config/tree.ts";

/** A text as one YAML scalar inside of `{ … }`; nothing in it is a placeholder. */
export function scalar(text: string): string {
  return written(text.replaceAll("${", () => "$${"));
}

/** The same with its placeholders. */
function written(text: string): string {
  const isPlain = /^[\p{L}_./][\p{L}\p{N}_./@-]*$/u.test(text) && !RESERVED.test(text);
  return isPlain ? text : JSON.stringify(text);
}

const RESERVED = /^(?:true|false|null|yes|no|on|off|y|n|\.nan|[-+]?\.inf|\.+)$/i;

/** A value as it was written in a configuration, on one line. `over` says otherwise, by path. */
export function flow(
  node: Node,
  path: string,
  over: (path: string, text: string) => string,
): string {
  switch (node.kind) {
    case "map": {
      const entries = node.entries.map(({ key, node: inner }) => {
        return `${written(key)}: ${flow(inner, pathTo(path, key), over)}`;
      });
      return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
    }
    case "list": {
      const items = node.items.map((item, i) => flow(item, pathTo(path, i), over));
      return `[${items.join(", ")}]`;
    }
    case "scalar":
      return typeof node.value === "string" ? written(over(path, node.value)) : String(node.value);
    case "function":
      return "null";
  }
}
