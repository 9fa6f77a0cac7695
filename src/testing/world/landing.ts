// Where writes land: in the real replica, with a note of what that did to the rows.
import { sameAll } from "../../core/values.ts";
import type { OwnRow } from "../../core/state.ts";
import type { Batch, Outcome, Writer } from "../../engine/replica.ts";
import type { Oracle } from "./oracle.ts";
import { numberOf, type Scene } from "./scene.ts";
import { COLLECTION } from "./settings.ts";

/** One side as writes reach it. */
export interface Shore {
  readonly scene: Scene;
  readonly oracle: Oracle;
  readonly side: number;
  readonly inner: Writer;
  /** They come later than the engine waited for their answer. */
  readonly isLate?: boolean;
}

/** Lands what was under way; with `all`, whatever has not been lost by now. */
export async function arrive(scene: Scene, all: boolean, oracle: Oracle): Promise<void> {
  const { machine, late } = scene;
  for (const request of late.splice(0)) {
    if (machine.env.now() > request.until || machine.now > request.until) continue;
    if (!all && machine.roll("arrive") < 0.4) {
      late.push(request);
      continue;
    }
    const writer = await scene.replica(request.side).writer(NEVER);
    const at: Shore = { scene, oracle, side: request.side, inner: writer, isLate: true };
    const outcomes = await land(at, request.batch, request.looked);
    const landed = outcomes.some(({ kind }) => kind === "applied");
    machine.count(landed ? "late write lands" : "late write refused");
  }
}

/** What the engine had seen of the rows of a batch: their versions, by key. */
export function lookedAt(
  { ledger }: Scene,
  side: number,
  batch: Batch,
): ReadonlyMap<number, number> {
  return new Map(
    batch.writes.map(({ key }) => [numberOf(key), ledger.cell(side, numberOf(key)).looked]),
  );
}

/** Lands one batch. */
export function land(
  at: Shore,
  batch: Batch,
  looked: ReadonlyMap<number, number>,
): Promise<readonly Outcome[]> {
  return landAll(at, [batch], () => at.inner.write(batch, NEVER), looked);
}

/** Lands batches and writes down what that did to the rows. */
export async function landAll(
  { scene, oracle, side, isLate = false }: Shore,
  batches: readonly Batch[],
  go: () => Promise<readonly Outcome[]>,
  looked: ReadonlyMap<number, number>,
): Promise<readonly Outcome[]> {
  const writes = batches.flatMap((batch) => batch.writes.map((write) => ({ batch, write })));
  const inner = scene.replica(side);
  const marks = await inner.marks(batches[0]?.link ?? "", NEVER);
  const before = writes.map(({ write }) => scene.rowOf(side, numberOf(write.key)));
  const owns = writes.map(({ write, batch }) => own(scene, side, batch, numberOf(write.key)));
  const outcomes = await go();
  for (const [index, { write, batch }] of writes.entries()) {
    const outcome = outcomes[index];
    const key = numberOf(write.key);
    if (outcome?.kind === "stale") scene.machine.count("stale write");
    if (outcome?.kind !== "applied") continue;
    if (outcome.again === true) {
      scene.machine.count("write repeated");
      continue;
    }
    const isExpected = expects(write.expected, owns[index] ?? null);
    const isKnown = marks.some(({ id }) => id === batch.id);
    oracle.landed(side, key, {
      before: before[index] ?? null,
      after: scene.rowOf(side, key),
      to: write.to,
      id: batch.id,
      isExpected,
      isKnown,
      looked: looked.get(key),
      isLate,
    });
  }
  return outcomes;
}

const NEVER = new AbortController().signal;

function own(scene: Scene, side: number, { shape }: Batch, key: number): OwnRow | null {
  const row = scene.replica(side).row(COLLECTION, [key]);
  if (row === undefined) return null;
  return shape.columns.map((column) => row[scene.columns(side).indexOf(column)] ?? null);
}

function expects(expected: Batch["writes"][number]["expected"], row: OwnRow | null): boolean {
  switch (expected.kind) {
    case "absent":
      return row === null;
    case "row":
      return row !== null && sameAll(expected.row, row);
    case "digest":
      return row !== null && expected.digestOf(row) === expected.digest;
  }
}
