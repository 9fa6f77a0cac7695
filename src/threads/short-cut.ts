// Work on a thread of its own, as a short cut beside a plain way: it knows one way only, all or
// nothing, and says yes or no. After a no the plain way does the same, and says what is wrong.
import { Worker, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import { assert } from "../core/errors.ts";

/** A thread that works off what it is asked for. Someone must close it. */
export interface ShortCut<Work> {
  /** True: it is done, and durable. False: nothing of it is, nor of what was asked for after it. */
  ask(work: Work, moved?: readonly ArrayBuffer[]): Promise<boolean>;
  /** Lets go of what it holds. Nothing may be under way. */
  close(): Promise<void>;
}

/** What a thread does. */
export interface Worked<Work> {
  /** Does all of them or, if it throws, none. They come one by one, as far as they wait. */
  doAll(works: Iterable<Work>): void;
  /** Lets go of what it holds. */
  close(): void;
}

/** How work travels. It is answered in its order; if it is refused, so is all of its turn. */
interface Message<Work> {
  readonly turn: number;
  readonly work: Work;
}

/** The thread's young heap holds a few pages. */
const YOUNG_MB_MAX = 8;
/** What is done in one go at most. */
const GROUP_MAX = 16;

/** Starts a thread. One that cannot be, or has died, says no to everything. */
export function startShortCut<Work>(program: URL, data: unknown): ShortCut<Work> {
  const waiting: ((isDone: boolean) => void)[] = [];
  let turn = 0;
  let isGone = false;
  const gone = () => {
    isGone = true;
    for (const answer of waiting.splice(0)) answer(false);
  };
  const worker = startThread(program, data, gone);
  // Only what is under way keeps the program from ending.
  worker?.unref();
  worker?.on("message", (isDone: boolean) => {
    waiting.shift()?.(isDone);
    if (waiting.length === 0) worker.unref();
  });
  return {
    ask: (work, moved = []) => {
      if (isGone || worker === undefined) return Promise.resolve(false);
      if (waiting.length === 0) {
        turn += 1;
        worker.ref();
      }
      const { promise, resolve } = Promise.withResolvers<boolean>();
      waiting.push(resolve);
      worker.postMessage({ turn, work } satisfies Message<Work>, moved);
      return promise;
    },
    close: async () => {
      if (isGone || worker === undefined) return;
      worker.ref();
      const { promise, resolve } = Promise.withResolvers<number>();
      worker.on("exit", resolve);
      worker.postMessage("end", []);
      await promise;
    },
  };
}

/** undefined: this program may not have threads. */
function startThread(program: URL, data: unknown, gone: () => void): Worker | undefined {
  const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_MB_MAX };
  try {
    const worker = new Worker(program, { workerData: data, execArgv: [], resourceLimits });
    // A thread that has died is nobody's loss: what it had not finished is undone.
    worker.on("error", gone);
    worker.on("exit", gone);
    return worker;
  } catch {
    gone();
    return undefined;
  }
}

/** What a thread's program calls, once, to open what it was given and answer until its end. */
export function serveShortCut<Work>(open: (data: unknown) => Worked<Work>): void {
  const port = parentPort;
  assert(port !== null, "the program of a thread was started as a program");
  const worked = open(workerData);
  /** What is of this turn and of those before it is said no to. */
  let refusedTurn = 0;
  port.on("message", (message: Message<Work> | "end") => {
    if (message === "end") {
      worked.close();
      port.close();
      return;
    }
    const group = new Group<Work>(port);
    const isDone = message.turn > refusedTurn && isAllDone(worked, group.from(message.work));
    if (!isDone) refusedTurn = message.turn;
    for (let answered = 0; answered < group.count; answered++) port.postMessage(isDone);
  });
}

function isAllDone<Work>(worked: Worked<Work>, works: Iterable<Work>): boolean {
  try {
    worked.doAll(works);
    return true;
  } catch {
    // Why is found out, and said, by whoever does it again the plain way.
    return false;
  }
}

/** What waits when something is to be done is done in the same go. */
class Group<Work> {
  /** How many were taken. */
  count = 1;
  readonly #port: MessagePort;

  constructor(port: MessagePort) {
    this.#port = port;
  }

  *from(first: Work): Generator<Work, void> {
    yield first;
    while (this.count < GROUP_MAX) {
      const waiting = receiveMessageOnPort(this.#port);
      if (waiting === undefined) return;
      this.count += 1;
      const message = waiting.message as Message<Work> | "end"; // startShortCut() sent it
      assert(message !== "end", "a thread was ended before its work was answered");
      yield message.work;
    }
  }
}
