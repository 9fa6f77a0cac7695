// A seed becomes a script: its own link, its own mix of faults, its own steps (swarm: a schedule
// with few kinds of faults goes deeper into each of them than one with all).
import { makeDice, type Dice } from "./dice.ts";
import { NO_FAULTS } from "./script.ts";
import type { FaultKind, Faults, LinkSetup, Script, SideSetup, Step, UserStep } from "./script.ts";

/** What may be drawn; everything unless said otherwise. */
export interface DrawOptions {
  readonly steps?: number;
  readonly faults?: "drawn" | "none";
}

const STEPS = 8;

/** The script of a seed. */
export function drawScript(seed: number, options: DrawOptions = {}): Script {
  const link = drawLink(makeDice(seed, 1));
  const faults = options.faults === "none" ? NO_FAULTS : drawFaults(makeDice(seed, 2));
  const steps = drawSteps(makeDice(seed, 3), link, options.steps ?? STEPS);
  return { seed, link, faults, steps: steps.map((step, id) => ({ id, step })) };
}

function drawLink(dice: Dice): LinkSetup {
  const isOneWay = dice.chance(0.25);
  const count = isOneWay ? dice.pick([2, 2, 2, 3]) : dice.pick([2, 2, 2, 3, 3, 4]);
  const isDigest = isOneWay && dice.chance(0.5);
  const sides = Array.from({ length: count }, (_, side) =>
    drawSide(dice, side, { isOneWay, count }),
  );
  const wins = `wins${dice.int(count)}`;
  const hasFilter = dice.chance(0.25);
  const [first, ...others] = sides;
  const rows = dice.pick(["merge", "merge", "merge", "latest", wins, "manual", "custom"]);
  const initial = dice.pick(["merge", "merge", "manual", `wins${dice.int(count)}`]);
  return {
    // The filter's column has a default there, which only the stored row shows.
    sides: first === undefined || !hasFilter ? sides : [{ ...first, returns: true }, ...others],
    direction: isOneWay ? "one-way" : "two-way",
    memory: isDigest ? "digest" : "full",
    strategy: isOneWay ? "merge" : rows,
    deletes: dice.pick([null, "ask", "ask", "edit-wins", "delete-wins"]),
    initial: isOneWay ? "merge" : initial,
    hasUnion: !isDigest && dice.chance(0.3),
    hasFilter,
    whenFilteredOut: dice.pick([null, null, "keep", "delete"]),
    hasRules: dice.chance(0.2),
    drift: dice.chance(0.3) ? "keep" : "overwrite",
    extra: isOneWay && dice.chance(0.2) ? "delete" : "keep",
    guardFloor: dice.pick([0, 0, 1, 25, 25]),
    onTrip: dice.chance(0.1) ? "stop" : "withhold",
    keys: dice.pick([1, 1, 2, 3, 4]),
    hasText: dice.chance(0.3),
  };
}

function drawSide(
  dice: Dice,
  side: number,
  { isOneWay, count }: { readonly isOneWay: boolean; readonly count: number },
): SideSetup {
  const storing = dice.chance(0.4) ? dice.pick(["declared", "hidden"] as const) : "exact";
  const isFinish = dice.chance(0.15);
  return {
    // Two sides that sync both ways both lead.
    follows: side > 0 && (isOneWay || (count > 2 && dice.chance(0.2))),
    compares: dice.chance(0.85),
    marks: dice.chance(0.5),
    // What is stored as it was told need not be returned.
    returns: storing !== "exact" || dice.chance(0.7),
    list: dice.chance(0.5) ? "snapshot" : "paged",
    commits: isFinish ? "finish" : "page",
    isOrdered: dice.chance(0.4),
    log: dice.chance(0.5),
    storing,
    pageRows: dice.pick([1, 2, 1000]),
  };
}

/** How likely each fault is where a schedule has it at all. */
const RATES: Faults = {
  crash: 0.03,
  answerLost: 0.08,
  requestLost: 0.08,
  requestLate: 0.08,
  tornBatch: 0.1,
  rivalEdit: 0.15,
  editWhileListing: 0.1,
  diskFull: 0.03,
  listFails: 0.04,
  listEmpty: 0.03,
  listSkips: 0.1,
  unavailable: 0.03,
  feedDoubled: 0.15,
  feedStale: 0.15,
  drain: 0.1,
};

function drawFaults(dice: Dice): Faults {
  if (dice.chance(0.15)) return NO_FAULTS;
  const share = dice.pick([0.2, 0.5, 0.8]);
  const mix: { [kind: string]: number } = {};
  for (const kind of Object.keys(RATES) as FaultKind[]) {
    mix[kind] = dice.chance(share) ? RATES[kind] * dice.pick([0.5, 1, 2]) : 0;
  }
  return { ...NO_FAULTS, ...mix };
}

function drawSteps(dice: Dice, link: LinkSetup, count: number): readonly Step[] {
  const steps: Step[] = [];
  for (let i = 0; i < link.keys; i++) steps.push({ kind: "user", ...drawUser(dice, link) });
  while (steps.length < count + link.keys) {
    for (const _ of link.sides) {
      if (dice.chance(0.3)) steps.push({ kind: "user", ...drawUser(dice, link) });
    }
    if (dice.chance(0.3)) steps.push({ kind: "arrive", roll: dice.next() });
    const act = drawAct(dice, link);
    if (act.kind === "revert") {
      // An old copy is one that was made some time before.
      steps.splice(dice.int(steps.length), 0, { kind: "copy", side: act.side });
    }
    if (act.kind === "older") {
      // A copy in which nothing is remembered yet is a journal that was lost.
      const first = steps.findIndex(({ kind }) => kind === "cycle") + 1;
      steps.splice(first + dice.int(steps.length - first + 1), 0, { kind: "keep" });
    }
    steps.push(act);
  }
  return steps;
}

function drawAct(dice: Dice, link: LinkSetup): Step {
  const act = dice.next();
  if (act < 0.5) return { kind: "cycle", allow: dice.chance(0.1), restore: dice.chance(0.05) };
  if (act < 0.62) return { kind: "answer", roll: dice.next(), users: drawUsers(dice, link, 0.3) };
  if (act < 0.72) {
    const cycles = dice.chance(0.15) ? 1 : 0;
    return { kind: "plan", users: drawUsers(dice, link, 0.5), cycles };
  }
  if (act < 0.82) return { kind: "feed" };
  if (act < 0.86) return { kind: "twins" };
  if (act < 0.89) return { kind: "rollback", roll: dice.next() };
  if (act < 0.92) return { kind: "copy", side: dice.int(link.sides.length) };
  if (act < 0.95) {
    const said = dice.chance(0.5) ? "trust" : "refill";
    return { kind: "revert", side: dice.int(link.sides.length), said };
  }
  if (act < 0.97) return { kind: "clock", ms: dice.pick([-86_400_000, 86_400_000]) };
  if (act < 0.985) return { kind: "remap" };
  if (act < 0.993) return { kind: "older" };
  return { kind: "forget" };
}

function drawUsers(dice: Dice, link: LinkSetup, chance: number): readonly UserStep[] {
  const users: UserStep[] = [];
  while (dice.chance(chance)) users.push(drawUser(dice, link));
  return users;
}

function drawUser(dice: Dice, link: LinkSetup): UserStep {
  return { side: dice.int(link.sides.length), key: dice.int(link.keys) + 1, roll: dice.next() };
}
