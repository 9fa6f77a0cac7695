// A proposal is held against its systems as `validate` would: what would be refused is taken out,
// with the reason, until the rest is taken as it is.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig, openConfig, realEnv } from "../../config/index.ts";
import { SyncError } from "../../core/errors.ts";
import { problemsOf } from "../../core/problems.ts";
import type { World } from "../world.ts";
import type { PipelineProposal, Proposal } from "./proposal.ts";
import { render } from "./render.ts";
import type { Rendered } from "./render.ts";

/** Where the file is to be, and what its variables stand for. */
export interface Judging {
  readonly file: string;
  readonly env: World["env"];
  readonly world: World;
}

/** Rounds at most: each takes something out. */
const ROUNDS_MAX = 100;

/** What is left of a proposal, which `validate` takes. Throws what is wrong with its systems. */
export async function judged(proposal: Proposal, judging: Judging): Promise<Proposal> {
  const folder = mkdtempSync(join(tmpdir(), "syncline-discover-"));
  try {
    let left = proposal;
    for (let round = 0; round < ROUNDS_MAX; round++) {
      if (left.pipelines.every(({ refused }) => refused !== null)) return left;
      const rendered = render(left);
      const problems = await problemsWith(rendered, join(folder, `${round}.db`), judging);
      if (problems.length === 0) return left;
      left = without(left, rendered, problems);
    }
    throw new SyncError("LIMIT_EXCEEDED", `Nothing fits after ${ROUNDS_MAX} rounds.`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function problemsWith(
  { text }: Rendered,
  journal: string,
  { file, env, world }: Judging,
): Promise<readonly SyncError[]> {
  const { cwd, now, stopping } = world;
  const readFile = (path: string): Uint8Array => {
    if (path === file) return Buffer.from(text);
    // What one machine has otherwise is not for a proposal.
    if (path.endsWith(".local.yaml")) throw Object.assign(new Error(path), { code: "ENOENT" });
    return readFileSync(path);
  };
  try {
    const config = await loadConfig(file, { env, cwd, readFile });
    const options = { access: "read", env: realEnv(now) } as const;
    const opened = await openConfig({ ...config, journal }, options, stopping.signal);
    await opened.close();
    return [];
  } catch (error) {
    if (error instanceof SyncError) return problemsOf(error);
    throw error;
  }
}

/** Takes lines out that are at fault, or whole pipelines; what is nobody's is thrown. */
function without(
  proposal: Proposal,
  { owners }: Rendered,
  problems: readonly SyncError[],
): Proposal {
  const left = new Map(proposal.pipelines.map((pipeline) => [pipeline.name, pipeline]));
  for (const problem of problems) {
    const line = Number(/:(\d+):\d+$/.exec(problem.where ?? "")?.[1]);
    const owner = owners.get(line);
    const pipeline = owner === undefined ? undefined : left.get(owner.pipeline);
    if (owner === undefined || pipeline === undefined) throw problem;
    const { hint } = problem;
    const why = hint === undefined ? problem.message : `${problem.message} (${hint})`;
    left.set(
      pipeline.name,
      owner.mapping === undefined
        ? { ...pipeline, refused: pipeline.refused ?? why }
        : withoutLine(pipeline, owner.mapping, why),
    );
  }
  return { ...proposal, pipelines: [...left.values()] };
}

function withoutLine(
  pipeline: PipelineProposal,
  line: PipelineProposal["mapping"][number],
  why: string,
): PipelineProposal {
  const mapping = pipeline.mapping.filter((each) => each !== line);
  // Several things may be wrong with one line; the first is enough.
  if (mapping.length === pipeline.mapping.length) return pipeline;
  const left = { side: "source", name: line.source, why: `it would be refused: ${why}` } as const;
  return { ...pipeline, mapping, unmapped: [...pipeline.unmapped, left] };
}
