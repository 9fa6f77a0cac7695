// A file beside the configuration says for one machine what is otherwise there: `syncline.yaml` is
// for everybody, `syncline.local.yaml` for whoever has it.
import { extname } from "node:path";
import type { MapEntry, MapNode, Node } from "./tree.ts";
import type { Parsed } from "./yaml.ts";

/** Where the settings of one machine stand: `syncline.yaml` has `syncline.local.yaml` beside it. */
export function localBeside(path: string): string {
  const ending = extname(path);
  return `${path.slice(0, path.length - ending.length)}.local${ending}`;
}

/** Both as one: what `local` says goes before what `base` says, key by key; lists are whole. */
export function overlaid(base: Parsed, local: Parsed): Parsed {
  const problems = [...base.problems, ...local.problems];
  if (base.root === undefined || local.root === undefined) {
    // An empty file beside it says nothing; a broken one is told.
    return { root: base.root, problems };
  }
  return { root: over(base.root, local.root), problems };
}

function over(base: Node, local: Node): Node {
  return base.kind === "map" && local.kind === "map" ? { ...base, ...joined(base, local) } : local;
}

function joined(base: MapNode, local: MapNode): Pick<MapNode, "entries"> {
  const said = new Map(local.entries.map((entry) => [entry.key, entry]));
  const known = new Set(base.entries.map(({ key }) => key));
  const entries = base.entries.map((entry): MapEntry => {
    const more = said.get(entry.key);
    return more === undefined ? entry : { ...more, node: over(entry.node, more.node) };
  });
  return { entries: [...entries, ...local.entries.filter(({ key }) => !known.has(key))] };
}
