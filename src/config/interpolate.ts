// `${NAME}`, `${NAME:-default}` and `${file:path}` in texts. What they are filled with is never
// shown in a message: nodes keep what was written beside what it stands for.
import type { Node, Problem, ScalarNode } from "./tree.ts";
import { pathTo } from "../engine/compile/where.ts";

/** Where values come from that are not in the configuration itself. */
export interface Fillings {
  readonly env: { readonly [name: string]: string | undefined };
  /** The text of a file, its path taken relative to the configuration. Throws when it cannot. */
  readonly readText: (path: string) => string;
}

/** Filling in: where from, what went wrong, and what was filled in with what. */
export interface Filling {
  readonly from: Fillings;
  readonly problems: Problem[];
  /** By what was filled in: what had been written. */
  readonly filled: Map<string, string>;
}

/** Fills in every text of a tree. What cannot be filled is a problem at its place. */
export function interpolate(node: Node, path: string, filling: Filling): Node {
  switch (node.kind) {
    case "list": {
      const items = node.items.map((item, i) => interpolate(item, pathTo(path, i), filling));
      return { ...node, items };
    }
    case "map": {
      const entries = node.entries.map((entry) => {
        const below = pathTo(path, entry.key);
        return { ...entry, node: interpolate(entry.node, below, filling) };
      });
      return { ...node, entries };
    }
    case "scalar":
      return typeof node.value === "string" && node.value.includes("${")
        ? filledIn(node, node.value, path, filling)
        : node;
    case "function":
      return node;
  }
}

/** What is shorter is no secret, and would be found in half the words of a message. */
const SECRET_LENGTH_MIN = 4;

/** `$${` is a written `${`; the first group is what stands between the braces. */
const PLACEHOLDER = /\$\$\{|\$\{([^}]*)\}?/g;
/** Where `${value}` is the hole of a template and no variable. */
const TEMPLATE = /\.mapping\[\d+\]\.transform(\.args\.template)?$/;
const VARIABLE = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/** What a text is to be filled with, in the order in which it stands there. */
export function placeholdersIn(text: string, path: string): readonly Placeholder[] {
  return [...text.matchAll(PLACEHOLDER)].flatMap(([, inside = ""]): Placeholder[] => {
    if (inside === "value" && TEMPLATE.test(path)) return [];
    if (inside.startsWith("file:")) return [{ kind: "file", path: inside.slice("file:".length) }];
    const [, name, fallback] = VARIABLE.exec(inside) ?? [];
    return name === undefined ? [] : [{ kind: "variable", name, fallback }];
  });
}

/** A variable of the environment, or a file. */
export type Placeholder =
  | { readonly kind: "variable"; readonly name: string; readonly fallback: string | undefined }
  | { readonly kind: "file"; readonly path: string };

function filledIn(node: ScalarNode, text: string, path: string, filling: Filling): Node {
  const { from, problems, filled } = filling;
  const fill = (value: string, written: string): string => {
    if (value.length >= SECRET_LENGTH_MIN) filled.set(value, written);
    return value;
  };
  const refuse = (message: string, hint: string): string => {
    problems.push({ code: "CONFIG_INVALID", at: node.at, path, message, hint });
    return "";
  };
  const value = text.replaceAll(PLACEHOLDER, (written: string, inside: string | undefined) => {
    if (inside === undefined) return "${";
    if (inside === "value" && TEMPLATE.test(path)) return written;
    if (inside.startsWith("file:") && written.endsWith("}")) {
      try {
        const read = from.readText(inside.slice("file:".length));
        return fill(read.replace(/\r?\n$/, ""), written);
      } catch (error) {
        const why = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
        return refuse(`${path}: the file of ${written} cannot be read${why}`, "Check its path.");
      }
    }
    const [, name, fallback] = VARIABLE.exec(inside) ?? [];
    if (name === undefined || !written.endsWith("}")) {
      const forms = "${NAME}, ${NAME:-default} or ${file:path}; a plain ${ is written $${";
      return refuse(`${path}: ${written} is no placeholder`, `Write ${forms}.`);
    }
    // As in a shell, `:-` also stands in for what is empty.
    const found = Object.hasOwn(from.env, name) ? from.env[name] : undefined;
    if (found !== undefined && (found !== "" || fallback === undefined)) {
      return fill(found, written);
    }
    if (fallback !== undefined) return fallback;
    const hint = `Set it, or give it a default: \${${name}:-…}.`;
    return refuse(`${path}: the environment has no ${name}`, hint);
  });
  // What was filled in stands nowhere in the file.
  const { inside: _, ...rest } = node;
  return { ...rest, value, isFilled: true };
}
