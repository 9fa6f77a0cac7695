// The writing connection of a replica: taken when it is first needed, ended with the writer.
import { assert, isSyncError } from "../../core/errors.ts";
import type { Batch, Outcome, Shape, Writer } from "../../engine/replica.ts";
import { writeBatch } from "./batch.ts";
import type { Target } from "./batch.ts";
import { makeCascades } from "./cascades.ts";
import type { Database } from "./connect.ts";
import { Lost, failureOf, isSchemaChange } from "./failure.ts";
import type { Markers } from "./markers.ts";
import { writingRefusal } from "./privileges.ts";
import { shapedBy } from "./read.ts";
import type { Session } from "./session.ts";
import { makeStage } from "./stage.ts";
import { makeStraight } from "./straight.ts";
import type { Content } from "./straight.ts";

/** What a writer is made of. */
export interface WriterParts {
  readonly database: Database;
  /** Schemas that hold what is ours. */
  readonly ours: readonly string[];
  readonly markers: Markers | undefined;
  readonly id: () => string;
}

const SHAPES_MAX = 200;

/** A writer on a connection of its own. */
export function makeWriter(parts: WriterParts): Writer {
  const { database } = parts;
  let open: Open | undefined;
  let isOpen = true;
  const end = () => {
    isOpen = false;
    if (open !== undefined) database.giveBack(open.session, "used");
    open = undefined;
  };
  const write = async (one: Handed, signal: AbortSignal): Promise<readonly Outcome[]> => {
    if (open?.session.isLost === true) {
      database.giveBack(open.session, "used");
      open = undefined;
    }
    open ??= await openFor(parts, signal);
    return writeOn(parts, open, one, signal);
  };
  const writeInTurn = async (one: Handed, signal: AbortSignal, turn: Promise<unknown>) => {
    await turn;
    signal.throwIfAborted();
    try {
      try {
        return await write(one, signal);
      } catch (error) {
        // A connection that had been idle, or a schema that was changed: once more, from anew.
        if (!(error instanceof Lost) && !isSchemaChange(error)) throw error;
        signal.throwIfAborted();
        open?.targets.clear();
        return await write(one, signal);
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!isSyncError(error, "OUTCOME_UNKNOWN")) throw failureOf(error, database.title);
      return one.batch.writes.map((): Outcome => ({ kind: "unknown", error }));
    }
  };
  let underWay = 0;
  let before: Promise<unknown> = Promise.resolve();
  return {
    ahead: AHEAD_MAX,
    packer: async (shape, signal) => {
      assert(isOpen, "a writer was used after its end");
      assert(underWay === 0, "a packer was asked for while something was under way");
      signal.throwIfAborted();
      try {
        open ??= await openFor(parts, signal);
        return (await targetOf(parts, open, shape, signal)).straight?.packer();
      } catch (error) {
        signal.throwIfAborted();
        throw failureOf(error, database.title);
      }
    },
    write: async (batch, signal) => {
      assert(isOpen, "a writer was used after its end");
      signal.throwIfAborted();
      if ((batch.packed?.count ?? batch.writes.length) === 0) return [];
      // While the server has the page before, this one is made ready to be sent.
      const target = open?.targets.get(batch.shape);
      const one = { batch, target, packed: contentFor(target, batch) };
      // What waits for a page that failed has failed: pages land in their order.
      const written = writeInTurn(one, signal, underWay === 0 ? Promise.resolve() : before);
      underWay += 1;
      before = written;
      try {
        return await written;
      } finally {
        underWay -= 1;
      }
    },
    finish: async () => {
      assert(isOpen, "a writer was used after its end");
      await settled(before);
      end();
      return [];
    },
    abort: async () => {
      await settled(before);
      end();
    },
  };
}

/** Batches that may wait while the server has one. */
const AHEAD_MAX = 2;

/** A batch, and what it was made into for a target. */
interface Handed {
  readonly batch: Batch;
  readonly target: Target | undefined;
  readonly packed: Content | undefined;
}

/** What is copied of a batch, where it may be. */
function contentFor(target: Target | undefined, batch: Batch): Content | undefined {
  if (batch.packed === undefined) return target?.straight?.pack(batch.writes);
  return target?.straight?.contentOf(batch.packed);
}

/** Whoever sent it has been told what became of it. */
async function settled(written: Promise<unknown>): Promise<void> {
  await written.catch(() => undefined);
}

interface Open {
  readonly session: Session;
  readonly targets: Map<Shape, Target>;
  /** Names of temporary tables so far. */
  stages: number;
}

async function openFor({ database, markers, id }: WriterParts, signal: AbortSignal): Promise<Open> {
  const session = await database.take(signal);
  try {
    await markers?.make(session, id, signal);
  } catch (error) {
    database.giveBack(session, "used");
    throw error;
  }
  return { session, targets: new Map(), stages: 0 };
}

async function writeOn(
  parts: WriterParts,
  open: Open,
  { batch, target: known, packed: ready }: Handed,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const target = await targetOf(parts, open, batch.shape, signal);
  const { session } = open;
  const { markers, database } = parts;
  const packed = target === known ? ready : contentFor(target, batch);
  const place = { session, title: database.title, markers, target };
  return writeBatch(place, { batch, packed }, signal);
}

async function targetOf(
  parts: WriterParts,
  open: Open,
  shape: Shape,
  signal: AbortSignal,
): Promise<Target> {
  const known = open.targets.get(shape);
  if (known !== undefined) return known;
  if (open.targets.size >= SHAPES_MAX) open.targets.clear();
  const target = await makeTarget(parts, open, shape, signal);
  open.targets.set(shape, target);
  return target;
}

async function makeTarget(
  { ours }: WriterParts,
  open: Open,
  shape: Shape,
  signal: AbortSignal,
): Promise<Target> {
  const { session } = open;
  const shaped = await shapedBy(session, { ours }, shape, signal);
  const { table, keyColumns } = shaped;
  const refusal = writingRefusal(table);
  if (refusal !== undefined) throw refusal;
  const stage = await makeStage(session, shaped, `syncline_stage_${open.stages++}`, signal);
  const keys = keyColumns.map(({ name }) => name);
  const isIndexed = table.uniqueSets.some((set) =>
    set.columns.every((each) => keys.includes(each)),
  );
  const cascades = makeCascades(session, shaped, stage);
  return { shaped, stage, cascades, straight: makeStraight(shaped), isIndexed };
}
