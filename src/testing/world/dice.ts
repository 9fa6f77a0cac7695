// Seeded randomness: one number for one purpose. Every purpose has dice of its own, so that taking
// one fault away leaves all others where they were.

/** Numbers that follow from their seeds. */
export interface Dice {
  /** In [0, 1). */
  next(): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** A whole number in [0, below). */
  int(below: number): number;
}

/** Dice (mulberry32) that follow from all of these seeds. */
export function makeDice(...seeds: readonly number[]): Dice {
  let state = mixed(seeds);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    next,
    chance: (probability) => next() < probability,
    pick: (list) => {
      const picked = list[Math.floor(next() * list.length)];
      if (picked === undefined) throw new RangeError("nothing to pick from");
      return picked;
    },
    int: (below) => Math.floor(next() * below),
  };
}

/** One number in [0, 1) for these seeds, without dice to keep. */
export function rollOf(...seeds: readonly number[]): number {
  return (mixed(seeds) >>> 0) / 4294967296;
}

function mixed(seeds: readonly number[]): number {
  let state = 0x9e3779b9 | 0;
  for (const seed of seeds) {
    state = Math.imul(state ^ seed ^ (seed / 4294967296), 0x85ebca6b);
    state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
    state ^= state >>> 16;
  }
  return state | 0;
}

/** Four lanes of 32 bits: quick and stable, for worlds in which nobody attacks. */
export function quickHash(text: string): string {
  const lanes = [0x811c9dc5 | 0, 0x1b873593 | 0, 0x3c6ef372 | 0, 0x5bd1e995 | 0];
  let [a = 0, b = 0, c = 0, d = 0] = lanes;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ (code + i), 0x85ebca6b);
    c = Math.imul((c ^ code) + a, 0xc2b2ae35);
    d = (d + Math.imul(b ^ c, 0x27d4eb2f)) ^ (a >>> 15);
  }
  return [a, b, c, d].map(hex).join("");
}

function hex(lane: number): string {
  return (lane >>> 0).toString(16).padStart(8, "0");
}
