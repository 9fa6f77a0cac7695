// Each link of pipelines compiled against its systems, as `validate` does it, one by one: what is
// wrong with one of them keeps no other from being looked at.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openConfig, realEnv } from "../../config/index.ts";
import type { Config, LinkSettings } from "../../config/index.ts";
import type { Pipeline } from "../../engine/link.ts";
import { safe } from "../values.ts";
import { listed } from "../words.ts";
import { fine, found, looked } from "./check.ts";
import type { Check } from "./check.ts";
import type { Looking } from "./systems.ts";

/** What compiling needs to know besides. */
export interface Compiling extends Looking {
  /** Systems that do not answer: nothing can be said of what hangs on them. */
  readonly away: ReadonlySet<string>;
  /** The journal is there and can be read. */
  readonly hasJournal: boolean;
}

/** One line for each pipeline. */
export async function pipelineChecks(compiling: Compiling): Promise<readonly Check[]> {
  const folder = mkdtempSync(join(tmpdir(), "syncline-doctor-"));
  // Where there is no journal none is made: what is remembered is then nothing.
  const isUsable = compiling.hasJournal && existsSync(compiling.config.journal);
  const journal = isUsable ? compiling.config.journal : join(folder, "journal.db");
  const config = { ...compiling.config, journal };
  try {
    const checks: Check[] = [];
    for (const link of config.links) checks.push(...(await linkChecks(config, link, compiling)));
    return checks;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function linkChecks(
  config: Config,
  { systems, pipelines }: LinkSettings,
  { away, now, signal }: Compiling,
): Promise<readonly Check[]> {
  const names = pipelines.map((each) => each.name);
  const missing = systems.filter((system) => away.has(system));
  if (missing.length > 0) {
    const text = `not looked at, because ${listed(missing.map(safe))} cannot be opened`;
    return names.map((of) => {
      const hint = "See the system above.";
      return found({ check: "pipeline", of }, { code: "NOT_CHECKED", text, hint });
    });
  }
  return looked({ check: "pipeline", of: names.join(", ") }, signal, async () => {
    const options = { access: "read", pipelines: names, env: realEnv(now) } as const;
    const opened = await openConfig(config, options, signal);
    try {
      return opened.links.flatMap((link) => link.pipelines.map(compiled));
    } finally {
      await opened.close();
    }
  });
}

function compiled({ name, sides }: Pipeline): Check {
  const parts = sides.map(({ replica, description, writable }) => {
    const what = safe(`${replica.name}.${description.name}`);
    return `${what} may be ${writable ? "read and written" : "read"}`;
  });
  const facts = {
    sides: sides.map(({ name: side, replica, description, writable }) => ({
      name: side,
      system: replica.name,
      collection: description.name,
      writable,
      marks: description.capabilities.marks,
    })),
  };
  return fine({ check: "pipeline", of: name, facts }, parts.join(", "));
}
