// Pages of a first load that go on while the page after them is read: a store and the journal have
// something to do while the engine has. They land in order and are saved in order; what waits for
// the journal while it is busy goes into one commit.

/** Writes that nobody has waited for yet. */
export class Ahead {
  readonly #save: () => Promise<void>;
  /** The oldest first. */
  readonly #underWay: Promise<void>[] = [];
  #landing: Promise<void> = Promise.resolve();
  #saving: Promise<void> = Promise.resolve();
  #waiting: Promise<void> | undefined;

  /** `save` makes safe what there is to be saved when it is called. */
  constructor(save: () => Promise<void>) {
    this.#save = save;
  }

  /** Something may be under way. */
  get isUnderWay(): boolean {
    return this.#underWay.length > 0;
  }

  /** Goes on behind the caller: `land` gets what became of it, after those before it landed. */
  add<Result>(writing: Promise<Result>, land: (result: Result) => void): void {
    this.#underWay.push(this.#landAfter(this.#landing, writing, land));
  }

  /** The same, and under way until it is saved. */
  addAndSave<Result>(writing: Promise<Result>, land: (result: Result) => void): void {
    const landed = this.#landAfter(this.#landing, writing, land);
    this.#underWay.push(heard(landed.then(() => this.saved())));
  }

  /** Settles when everything that there is to be saved now is safe. */
  saved(): Promise<void> {
    this.#waiting ??= heard(
      this.#saving.then(() => {
        this.#waiting = undefined;
        this.#saving = heard(this.#save());
        return this.#saving;
      }),
    );
    return this.#waiting;
  }

  /** Waits until no more than `max` are under way. Throws what stopped one of them. */
  async room(max: number): Promise<void> {
    while (this.#underWay.length > max) await this.#underWay.shift();
  }

  /** Waits until nothing is under way, whatever became of it. */
  async end(): Promise<void> {
    await Promise.allSettled(this.#underWay.splice(0));
  }

  #landAfter<Result>(
    before: Promise<void>,
    writing: Promise<Result>,
    land: (result: Result) => void,
  ): Promise<void> {
    const landing = async (): Promise<void> => {
      const result = await writing;
      await before;
      land(result);
    };
    this.#landing = heard(landing());
    return this.#landing;
  }
}

/** Whoever waits for room is told of a failure: until then it is nobody's. */
function heard<Result>(promise: Promise<Result>): Promise<Result> {
  promise.catch(() => undefined);
  return promise;
}
