// A replica with everything that goes wrong between us and it. The replica inside is a real one and
// keeps every promise; what breaks is the way there and back, and users who are quicker.
import { SyncError } from "../../core/errors.ts";
import type { Key } from "../../core/state.ts";
import type { Batch, FeedPage, Outcome, Page, Replica, Writer } from "../../engine/replica.ts";
import type { Oracle } from "./oracle.ts";
import { numberOf, type Scene } from "./scene.ts";
import { act } from "./user.ts";
import { land, landAll, lookedAt, type Shore } from "./landing.ts";

/** How long a request may be under way (ms): less than the engine waits for it. */
const LATE_MS_MAX = 50_000;

/** One side of the world, as the engine sees it. */
export function faultyReplica(scene: Scene, oracle: Oracle, side: number): Replica {
  const { machine } = scene;
  const inner = scene.replica(side);
  return {
    ...inner,
    async describe(signal) {
      reach(scene);
      return await inner.describe(signal);
    },
    list: (shape, after, signal) => list(scene, side, inner.list(shape, after, signal), after),
    async read(shape, keys, signal) {
      reach(scene);
      const page = await inner.read(shape, keys, signal);
      look(scene, side, page);
      return page;
    },
    changes: (shapes, cursor, signal) => feed(scene, side, inner.changes(shapes, cursor, signal)),
    async head(shapes, signal) {
      reach(scene);
      return (await inner.head?.(shapes, signal)) ?? "0";
    },
    async acknowledge(cursor) {
      machine.boundary("before a feed is acknowledged");
      oracle.acknowledging(side, cursor);
      await inner.acknowledge(cursor);
      machine.boundary("after a feed is acknowledged");
    },
    async marks(link, signal) {
      machine.alive();
      return await inner.marks(link, signal);
    },
    async writer(signal) {
      machine.alive();
      return faultyWriter({ scene, oracle, side, inner: await inner.writer(signal) });
    },
  };
}

/** A user is quicker than we are. */
function rival(scene: Scene, keys: readonly number[]): void {
  const { machine, setup } = scene;
  const side = Math.floor(machine.roll("rival side") * setup.sides.length);
  const key = keys[Math.floor(machine.roll("rival key") * keys.length)];
  if (key !== undefined) act(scene, { side, key, roll: machine.roll("rival roll") });
}

function reach({ machine }: Scene): void {
  machine.alive();
  if (!machine.happens("unavailable")) return;
  machine.count("replica unavailable");
  throw new SyncError("REPLICA_UNAVAILABLE", "nobody answers");
}

function look(scene: Scene, side: number, page: Page): void {
  for (const [index, key] of page.keys.entries()) {
    const number = numberOf(key);
    scene.ledger.looked(side, number, page.rows[index] === null ? null : scene.rowOf(side, number));
  }
}

async function* list(
  scene: Scene,
  side: number,
  pages: AsyncIterable<Page>,
  after: Key | null,
): AsyncGenerator<Page> {
  const { machine, ledger } = scene;
  reach(scene);
  // The guard holds against one lying listing. When all lie at once nobody is left to lose a row.
  const isFirst = !machine.failures.has("listEmpty");
  if (isFirst && scene.doing.deletesMax === 0 && machine.happens("listEmpty")) {
    machine.count("listing empty");
    machine.note(() => `side ${side} lists nothing`);
    // What comes back after such an absence may look like a new creation.
    for (const key of scene.keys()) {
      ledger.cell(side, key).isAmbiguous = true;
      scene.met.add(key);
      for (const edit of ledger.of(key))
        if (edit.subject === "here") edit.over ??= "a listing lied";
    }
    yield { keys: [], rows: [], covers: { after, to: null, proof: "snapshot" } };
    return;
  }
  const listed = new Set<number>();
  const isSnapshot = scene.setup.sides[side]?.list === "snapshot";
  const versions = new Map(scene.keys().map((key) => [key, ledger.cell(side, key).version]));
  const rows = new Map(scene.keys().map((key) => [key, scene.rowOf(side, key)]));
  const seen = (key: number): void => {
    ledger.looked(side, key, isSnapshot ? (rows.get(key) ?? null) : scene.rowOf(side, key));
    if (isSnapshot) ledger.cell(side, key).looked = versions.get(key) ?? 0;
  };
  for await (const page of pages) {
    machine.alive();
    if (machine.happens("listFails")) {
      machine.count("listing fails midway");
      throw new SyncError("LIST_FAILED", "the listing broke off");
    }
    const shown = isSnapshot ? page : withSkips(scene, page);
    for (const key of shown.keys) {
      listed.add(numberOf(key));
      seen(numberOf(key));
    }
    yield shown;
    if (machine.happens("editWhileListing")) {
      machine.count("edit while listing");
      rival(scene, scene.keys());
    }
  }
  if (isSnapshot) for (const key of scene.keys()) if (!listed.has(key)) seen(key);
}

/** What paging by offset does when rows come and go meanwhile (I7). */
function withSkips({ machine }: Scene, page: Page): Page {
  if (page.keys.length === 0 || !machine.happens("listSkips")) return page;
  machine.count("row missing from a paged listing");
  const at = Math.floor(machine.roll("skipped") * page.keys.length);
  const { positions } = page;
  return {
    ...page,
    keys: page.keys.toSpliced(at, 1),
    rows: page.rows.toSpliced(at, 1),
    ...(positions === undefined ? {} : { positions: positions.toSpliced(at, 1) }),
  };
}

async function* feed(
  scene: Scene,
  side: number,
  pages: AsyncIterable<FeedPage>,
): AsyncGenerator<FeedPage> {
  const { machine } = scene;
  reach(scene);
  let before: FeedPage | undefined;
  for await (const page of pages) {
    machine.alive();
    look(scene, side, page);
    yield page;
    if (machine.happens("feedDoubled")) {
      machine.count("feed page doubled");
      yield page;
    }
    if (before !== undefined && machine.happens("feedStale")) {
      machine.count("feed page stale");
      yield { ...before, cursor: page.cursor };
    }
    before = page;
  }
}

function faultyWriter(at: Shore): Writer {
  const { scene, oracle, side, inner } = at;
  const { machine } = scene;
  const isStaging = scene.setup.sides[side]?.commits === "finish";
  const staged: Batch[] = [];
  const looked = new Map<number, number>();
  return {
    packer: async (shape, signal) => {
      reach(scene);
      return await inner.packer?.(shape, signal);
    },
    async write(batch, signal) {
      const keys = batch.writes.map(({ key }) => numberOf(key));
      if (machine.happens("rivalEdit")) {
        machine.count("rival edit between read and write");
        rival(scene, keys);
      }
      machine.boundary("before a write");
      oracle.sending(side, batch);
      reach(scene);
      scene.sent += batch.writes.length;
      if (isStaging) {
        staged.push(batch);
        for (const [key, version] of lookedAt(scene, side, batch)) looked.set(key, version);
        return await inner.write(batch, signal);
      }
      const lost = loseRequest(at, batch);
      if (lost !== undefined) return lost;
      const torn = await tear(at, batch);
      if (torn !== undefined) return torn;
      const outcomes = await land(at, batch, lookedAt(scene, side, batch));
      machine.boundary("after a write");
      return hear(at, [batch], loseAnswer(scene, outcomes));
    },
    async finish(signal) {
      machine.boundary("before what was staged is finished");
      const writes = staged.flatMap((batch) => batch.writes);
      if (writes.length > 0 && machine.happens("requestLost")) {
        machine.count("request lost");
        await inner.abort();
        return writes.map(unknown);
      }
      const outcomes = await landAll(at, staged, () => inner.finish(signal), looked);
      machine.boundary("after what was staged is finished");
      return hear(at, staged, loseAnswer(scene, outcomes));
    },
    abort: () => inner.abort(),
  };
}

function loseRequest({ scene, side }: Shore, batch: Batch): readonly Outcome[] | undefined {
  const { machine } = scene;
  if (machine.happens("requestLost")) {
    machine.count("request lost");
    machine.note(() => `side ${side} never gets ${batch.id}`);
    return batch.writes.map(unknown);
  }
  if (!machine.happens("requestLate")) return undefined;
  machine.count("request late");
  machine.note(() => `side ${side} gets ${batch.id} late`);
  const until = Math.min(machine.env.now(), machine.now) + LATE_MS_MAX;
  scene.late.push({ side, batch, looked: lookedAt(scene, side, batch), until });
  return batch.writes.map(unknown);
}

/** Without transactions, some of a batch may be there and the rest not. */
async function tear(at: Shore, batch: Batch): Promise<readonly Outcome[] | undefined> {
  const { scene, side } = at;
  const { machine } = scene;
  if (scene.setup.sides[side]?.marks === true || batch.writes.length < 2) return undefined;
  if (!machine.happens("tornBatch")) return undefined;
  machine.count("batch torn");
  const part = { ...batch, writes: batch.writes.slice(0, batch.writes.length - 1) };
  await land(at, part, lookedAt(scene, side, batch));
  machine.note(() => `side ${side} tears ${batch.id}`);
  return batch.writes.map(unknown);
}

function loseAnswer({ machine }: Scene, outcomes: readonly Outcome[]): readonly Outcome[] {
  const landed = outcomes.some(({ kind }) => kind === "applied");
  if (!landed || !machine.happens("answerLost")) return outcomes;
  machine.count("answer lost");
  machine.note(() => "answer lost");
  return outcomes.map(unknown);
}

/** What an answer shows, the engine has seen. */
function hear(
  { scene, side }: Shore,
  batches: readonly Batch[],
  outcomes: readonly Outcome[],
): readonly Outcome[] {
  const keys = batches.flatMap(({ writes }) => writes.map(({ key }) => numberOf(key)));
  for (const [index, key] of keys.entries()) {
    const kind = outcomes[index]?.kind;
    if (kind !== "applied" && kind !== "stale") continue;
    scene.ledger.looked(side, key, scene.rowOf(side, key));
  }
  return outcomes;
}

function unknown(): Outcome {
  return { kind: "unknown", error: new SyncError("OUTCOME_UNKNOWN", "no answer came") };
}
