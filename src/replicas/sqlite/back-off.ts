// When a way that is refused again and again is not worth trying. Counted in tries, not in time.

/** Refusals in a row from which on it is left alone. */
const REFUSED_MAX = 2;
/** So many are left out then, twice as many after each further refusal, and at most so many. */
const SKIPPED_MIN = 4;
const SKIPPED_MAX = 64;

/** Remembers what became of what was tried. */
export class BackOff {
  #refused = 0;
  #skipped = 0;

  /** False: this one is left out. */
  isWorth(): boolean {
    if (this.#skipped === 0) return true;
    this.#skipped -= 1;
    return false;
  }

  note(isDone: boolean): void {
    this.#refused = isDone ? 0 : this.#refused + 1;
    const further = this.#refused - REFUSED_MAX;
    this.#skipped = further < 0 ? 0 : Math.min(SKIPPED_MIN * 2 ** further, SKIPPED_MAX);
  }
}
