// The machine on which everything of a schedule runs: its clock, its dice, its number for every
// effect, and the moment at which its process dies.
import type { Env } from "../../engine/link.ts";
import { quickHash, rollOf } from "./dice.ts";
import type { FaultKind, Script } from "./script.ts";

/** The process has died. Whatever it held in memory is gone. */
class Crash extends Error {
  override readonly name = "Crash";
}

/** When schedules begin, in ms since 1970: 2026. */
const BEGINNING = 1_767_225_600_000;

/** One schedule under way. */
export class Machine {
  readonly script: Script;
  /** How often each fault really changed an outcome. */
  readonly counts = new Map<string, number>();
  readonly env: Env;
  /** Receives the trace, line by line, if anybody wants it. */
  readonly note: (line: () => string) => void;
  /** Nothing goes wrong any more. */
  isHealed = false;
  /** A step of the world itself, in which nothing goes wrong either. */
  isCalm = false;
  isDead = false;
  /** Boundaries of effects that were passed. */
  boundaries = 0;
  /** True time, and how far the link's clock is off. */
  now = BEGINNING;
  skew = 0;
  /** What went wrong in the step under way, so that the run may have failed. */
  readonly failures = new Set<FaultKind>();
  #step = 0;
  #rolls = new Map<string, number>();
  #ids = 0;

  constructor(script: Script, note: (line: () => string) => void) {
    this.script = script;
    this.note = note;
    this.env = {
      now: () => this.now + this.skew,
      random: () => this.roll("random"),
      id: () => `r${(this.#ids += 1)}`,
      hash: quickHash,
    };
  }

  /** Begins a step: its dice depend on its number alone. */
  begin(step: number): void {
    this.#step = step;
    this.#rolls = new Map();
    this.failures.clear();
    this.now += 7_000;
  }

  /** A number in [0, 1) for this purpose at this moment. */
  roll(purpose: string): number {
    const n = this.#rolls.get(purpose) ?? 0;
    this.#rolls.set(purpose, n + 1);
    return rollOf(this.script.seed, this.#step, textSeed(purpose), n);
  }

  /** True if this fault happens now. */
  happens(kind: FaultKind): boolean {
    const rate = this.script.faults[kind];
    if (rate === 0 || this.isHealed || this.isCalm) return false;
    if (this.roll(kind) >= rate) return false;
    this.failures.add(kind);
    return true;
  }

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  /** Between two effects: the process may die here, and does not get past it when it has. */
  boundary(where: string): void {
    this.alive();
    this.now += 3;
    this.boundaries += 1;
    if (this.boundaries !== this.script.crashAt && !this.happens("crash")) return;
    if (this.isHealed || this.isCalm) return;
    this.count(`crash ${where}`);
    this.note(() => `crash ${where}`);
    this.isDead = true;
    throw new Crash(where);
  }

  /** A dead process does nothing more. */
  alive(): void {
    if (this.isDead) throw new Crash("dead already");
  }
}

const SEEDS = new Map<string, number>();

function textSeed(text: string): number {
  const known = SEEDS.get(text);
  if (known !== undefined) return known;
  const seed = Number.parseInt(quickHash(text).slice(0, 8), 16);
  SEEDS.set(text, seed);
  return seed;
}
