// The process that dies: does a story's deed in a folder, and ends itself, or the server of its
// sides, where it was told to. Its only argument is JSON. It says `go` before the deed; if it
// lives, it prints its effects, or the code of what it could not do without the server.
import { SyncError } from "../../src/core/errors.ts";
import { countEffects, lethalLink } from "../../src/testing/lethal.ts";
import type { Death } from "../../src/testing/lethal.ts";
import { crash } from "./crash.ts";
import { doDeed, withLink } from "./deed.ts";
import { countStatements } from "./statements.ts";
import type { Deed } from "./story.ts";

/** What a victim is told. */
export interface Order {
  readonly folder: string;
  readonly deed: Deed;
  /** What counts as an effect: the engine's, or the statements that databases execute for them. */
  readonly grain: Grain;
  /** Absent: it lives, unless somebody else kills it. */
  readonly death?: Death;
  /** The process of the server that dies instead. */
  readonly server?: number;
}

/** How fine the steps are between which a process dies. */
export type Grain = "effect" | "statement";

/** How a victim ends that had to do without its server. */
export const EXIT_WITHOUT_SERVER = 3;

if (import.meta.main) await live(JSON.parse(process.argv[2] ?? "") as Order); // by the torturer

async function live({ folder, deed, grain, death, server }: Order): Promise<void> {
  const die = server === undefined ? dieAtOnce : () => crash(server);
  const options = { ...(death === undefined ? {} : { death }), die };
  let names: readonly string[] = [];
  try {
    await withLink(folder, async (link) => {
      process.stdout.write("go\n");
      if (grain === "statement") {
        ({ names } = countStatements(options));
        await doDeed(link, deed);
      } else {
        const effects = countEffects(options);
        names = effects.names;
        await doDeed(lethalLink(link, effects), deed);
      }
    });
  } catch (error) {
    if (!(error instanceof SyncError) || error.code !== "REPLICA_UNAVAILABLE") throw error;
    process.exitCode = EXIT_WITHOUT_SERVER;
  }
  process.stdout.write(`${JSON.stringify(names)}\n`);
}

function dieAtOnce(): never {
  process.kill(process.pid, "SIGKILL");
  for (;;); // The signal comes before this does anything.
}
