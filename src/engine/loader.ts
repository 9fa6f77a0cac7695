// First loads by way of a packer, where the target has one: pages of new rows are packed as they
// come and sent together.
import type { Carrier } from "./carry.ts";
import type { Context } from "./context.ts";
import type { Decision } from "./decide.ts";
import { loadPage, type Loading } from "./fresh.ts";
import { Load } from "./load.ts";
import { makeBodies, readPage, type Bodies } from "./new-pages.ts";
import { makePassage, type Passage } from "./passage.ts";
import type { Packer } from "./packer.ts";
import { TARGET } from "./settle-plainly.ts";

/** Writes fresh rows of one pipeline after the other to their targets, behind its caller. */
export class Loader {
  readonly #carrier: Carrier;
  /** What is known of the pipeline that is being loaded. */
  #way: Way | undefined;
  #open: Load | undefined;

  constructor(carrier: Carrier) {
    this.#carrier = carrier;
  }

  /**
   * Takes rows; `created` is told how many came to be there. Returns what has to go the plain way,
   * decided already.
   */
  async load(
    context: Context,
    loading: Loading,
    signal: AbortSignal,
  ): Promise<readonly Decision[]> {
    if (this.#way?.context !== context) {
      await this.flush(signal);
      this.#way = { context, passage: makePassage(context.pipeline), packing: undefined };
    }
    const way = this.#way;
    const page = way.passage && readPage(context, way.passage, loading.fresh);
    const isWritten = page !== undefined && page.rows.length > 0;
    const packing = isWritten ? await this.#packingFor(way, signal) : (way.packing ?? undefined);
    if (page === undefined || packing === undefined || !packing.packer.add(page.rows)) {
      await this.flush(signal);
      return loadPage(context, this.#carrier, loading, signal);
    }
    this.#open ??= new Load(context, packing, loading.created);
    this.#open.add(page);
    for (const decision of page.passed) loading.passed(decision);
    if (packing.packer.isFull || this.#open.isFull) await this.flush(signal);
    return [];
  }

  /** Asked for when there is a row to be written, and not before. */
  async #packingFor(way: Way, signal: AbortSignal): Promise<Packing | undefined> {
    const { context, passage } = way;
    if (way.packing === undefined && passage !== undefined) {
      const packer = await this.#carrier.packer(context, TARGET, signal);
      way.packing = packer === undefined ? null : { passage, packer, bodies: makeBodies(context) };
    }
    return way.packing ?? undefined;
  }

  /** Sends what is packed so far. */
  async flush(signal: AbortSignal): Promise<void> {
    const open = this.#open;
    const packer = this.#way?.packing?.packer;
    this.#open = undefined;
    if (open !== undefined && packer) await open.send(this.#carrier, packer.end(), signal);
  }
}

interface Way {
  readonly context: Context;
  /** undefined: what is written has to be worked out. */
  readonly passage: Passage | undefined;
  /** undefined: nobody asked yet; null: the target has no such way. */
  packing: Packing | null | undefined;
}

interface Packing {
  readonly passage: Passage;
  readonly packer: Packer;
  readonly bodies: Bodies;
}
