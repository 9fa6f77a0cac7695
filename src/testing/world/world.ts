// The simulated world: the real engine over real replicas and a real journal in memory, with users,
// persons, faults and a clock that are all data. Every schedule ends with a healed phase, in which
// everything has to come to rest.
import type { CycleExtras } from "../../engine/cycle.ts";
import type { End } from "./attempt.ts";
import { quickHash } from "./dice.ts";
import { arrive } from "./landing.ts";
import { Machine } from "./machine.ts";
import { checkPast } from "./past.ts";
import { checkRest } from "./rest.ts";
import { Scene } from "./scene.ts";
import type { Script } from "./script.ts";
import { COLLECTION } from "./settings.ts";
import { Player } from "./steps.ts";

/** What became of a schedule. */
export interface Report {
  /** Broken properties, each with what broke it first. */
  readonly violations: ReadonlyMap<string, string>;
  /** How often each fault changed an outcome. */
  readonly counts: ReadonlyMap<string, number>;
  /** Boundaries of effects: where the process could have died. */
  readonly boundaries: number;
  /** Digest of all that happened, in order; "" where nobody wanted it. */
  readonly trace: string;
  /** What the sides and the journal hold at the end. */
  readonly end: string;
}

/** How a script is played. */
export interface PlayOptions extends CycleExtras {
  readonly onNote?: (line: string) => void;
  /** The report has the digest of all that happened. Default: only with `onNote`. */
  readonly isTraced?: boolean;
}

/** Cycles until everything is at rest, at most. */
const HEALED_CYCLES_MAX = 12;
/** Longer than any retry waits (ms). */
const HEALED_STEP_MS = 4_000_000;

/** Plays a script to its end. Never throws: what stops the engine is a violation. */
export async function playScript(script: Script, options: PlayOptions = {}): Promise<Report> {
  let trace = "";
  const { onNote, isTraced = onNote !== undefined, ...extras } = options;
  const machine = new Machine(script, (line) => {
    if (!isTraced) return;
    const text = line();
    trace = quickHash(`${trace}\n${text}`);
    onNote?.(text);
  });
  const scene = new Scene(machine);
  const player = new Player(scene, extras);
  try {
    await player.open();
    for (const { id, step } of script.steps) {
      machine.begin(id);
      await player.play(step);
    }
    await heal(player);
    checkRest(scene);
    await checkPast(scene);
  } catch (error) {
    scene.fail(
      "nothing stops",
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    );
  }
  return {
    violations: scene.violations,
    counts: machine.counts,
    boundaries: machine.boundaries,
    trace,
    end: endOf(scene),
  };
}

async function heal(player: Player): Promise<void> {
  const { scene, oracle } = player;
  const { machine } = scene;
  machine.begin(1_000_000);
  machine.isHealed = true;
  machine.note(() => "healed");
  await arrive(scene, true, oracle);
  // Which rows are extra only a full comparison can tell.
  const { sides, extra, onTrip } = scene.setup;
  const isGoing = extra === "keep" && onTrip !== "stop"; // nobody says there that it may
  const isHeard = sides.every(({ log }) => log) && isGoing && player.isHeardOnly;
  if (isHeard) await rest(player, () => player.feed());
  const before = agreedOf(scene);
  // A link that its guard stops goes on when a person says so.
  const options = { allow: scene.setup.onTrip === "stop" };
  await rest(player, () => player.cycle(options));
  if (isHeard && !options.allow && agreedOf(scene) !== before) {
    const detail = `${before} became ${agreedOf(scene)}`;
    scene.fail("a full comparison finds nothing that the feeds had missed", detail);
  }
}

/** Lets the engine work until it has nothing left to write, twice. */
async function rest({ scene }: Player, work: () => Promise<End>): Promise<void> {
  let quiet = 0;
  let cycles = 0;
  while (quiet < 2 && cycles < HEALED_CYCLES_MAX) {
    scene.machine.now += HEALED_STEP_MS;
    cycles += 1;
    const end = await work();
    quiet = end === "done" && scene.sent === 0 ? quiet + 1 : 0;
  }
  if (quiet < 2) scene.fail("comes to rest", `after ${cycles} cycles`);
}

function agreedOf({ entries }: Scene): string {
  const agreed = [...entries].flatMap(
    ([
      key,
      {
        agreed: { here, values },
      },
    ]) => (here ? [{ key, values }] : []),
  );
  return JSON.stringify(agreed.toSorted((a, b) => a.key - b.key));
}

function endOf(scene: Scene): string {
  const sides = scene.setup.sides.map((_, side) => scene.replica(side).rows(COLLECTION));
  const links = [...scene.journal.snapshot().links.values()];
  const entries = links.flatMap((link) =>
    [...link.pipelines].flatMap(([, pipeline]) =>
      [...pipeline.records.values()].map(({ key, body }) => [key, body]),
    ),
  );
  entries.sort(([a], [b]) => ((a ?? "") < (b ?? "") ? -1 : 1));
  return JSON.stringify({ sides, entries });
}
