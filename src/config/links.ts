// Which pipelines belong together: those between the same systems share a journal and a run.
import type { PipelineSettings } from "../engine/settings.ts";
import type { LinkSettings } from "./config.ts";

/** Groups pipelines into links, in the order of their first pipelines. */
export function linksOf(pipelines: readonly PipelineSettings[]): readonly LinkSettings[] {
  const links = new Map<string, { systems: readonly string[]; pipelines: PipelineSettings[] }>();
  for (const pipeline of pipelines) {
    const systems = [...new Set(pipeline.sides.map((side) => side.at.system))].sort();
    const name = systems.join("+");
    const link = links.get(name) ?? { systems, pipelines: [] };
    link.pipelines.push(pipeline);
    links.set(name, link);
  }
  return [...links].map(([name, link]) => ({ name, ...link }));
}
