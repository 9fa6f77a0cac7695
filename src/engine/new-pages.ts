// Pages of fresh rows, read for a load: what the target is to hold, and what is remembered of it.
import { encodeValues } from "../core/json.ts";
import type { Key, OwnRow, Row } from "../core/state.ts";
import { plainly, type Fresh } from "./candidate.ts";
import type { Context } from "./context.ts";
import { bodiesBy } from "./commit.ts";
import { decide, type Decision } from "./decide.ts";
import { restRecord } from "./entry-record.ts";
import { JOINT, type JoinedEntries, type OddEntry } from "./journal.ts";
import type { Passage } from "./passage.ts";
import { digestFrame, makeBodyOf } from "./rest-body.ts";

/** New rows of a page in key order, with those that are only remembered among them. */
export interface NewPage {
  readonly keys: readonly Key[];
  /** What the target is to hold. */
  readonly rows: readonly OwnRow[];
  /** The link's fields of those. */
  readonly fields: readonly Row[];
  /** The source's rows of those. */
  readonly owns: readonly OwnRow[];
  /** Those that are not written. */
  readonly odd: readonly OddEntry[];
  /** All that was decided on the way: nothing is written. */
  readonly passed: readonly Decision[];
}

/**
 * Reads a page. undefined: a row of it cannot be taken by the passage, and has to be written all
 * the same.
 */
export function readPage(context: Context, passage: Passage, fresh: Fresh): NewPage | undefined {
  const keys: Key[] = [];
  const rows: OwnRow[] = [];
  const fields: Row[] = [];
  const owns: OwnRow[] = [];
  const odd: OddEntry[] = [];
  const passed: Decision[] = [];
  for (let index = 0; index < fresh.keys.length; index++) {
    const key = fresh.keys[index] as Key; // inside
    const own = fresh.owns[index] as OwnRow; // parallel to the keys
    const row = passage.fieldsOf(own);
    if (row === undefined) {
      const decision = decide(context, plainly(key, own));
      if (decision === undefined) continue;
      if (decision.writes.length > 0) return undefined;
      passed.push(decision);
      const { body, flags } = restRecord(context, decision);
      if (!decision.isNews || body === null) continue;
      odd.push({ at: keys.length, body, flags });
      keys.push(key);
      continue;
    }
    keys.push(key);
    fields.push(row);
    rows.push(passage.to(row));
    owns.push(own);
  }
  return { keys, rows, fields, owns, odd, passed };
}

/** What is remembered of the written rows, page by page. */
export interface Bodies {
  add(page: NewPage): void;
  /** How long they are so far. */
  readonly chars: number;
  /** Of all pages that were added. Afterwards there are none. */
  end(): JoinedEntries["bodies"];
}

/** Digests are left to the journal, where it makes the same. */
export function makeBodies(context: Context): Bodies {
  const { pipeline, link, env } = context;
  if (pipeline.memory === "full") return wholeBodies(context);
  const frame = digestFrame(context);
  const isLeft = link.journal.hash === env.hash;
  let bytes = new Uint8Array(TEXT_BYTES);
  let length = 0;
  return {
    add: ({ fields }) => {
      const texts = fields.map(encodeValues).join(JOINT) + JOINT;
      // Three bytes for one unit of UTF-16 are the most that UTF-8 takes.
      const end = length + texts.length * 3;
      if (end > bytes.length) {
        const grown = new Uint8Array(Math.max(end, bytes.length * 2));
        grown.set(bytes.subarray(0, length));
        bytes = grown;
      }
      length += ENCODER.encodeInto(texts, bytes.subarray(length)).written;
    },
    get chars() {
      return length;
    },
    end: () => {
      const texts = bytes.slice(0, length);
      length = 0;
      return isLeft ? { texts, ...frame } : bodiesBy(env.hash, { texts, ...frame });
    },
  };
}

const ENCODER = new TextEncoder();
/** Room for the texts of one load, at first. */
const TEXT_BYTES = 1 << 16;

function wholeBodies(context: Context): Bodies {
  const bodyOf = makeBodyOf(context);
  let bodies: string[] = [];
  let chars = 0;
  return {
    add: ({ fields, owns, rows }) => {
      const all = fields.map((row, at) => bodyOf(row, owns[at] ?? [], rows[at] ?? []));
      const page = all.join(JOINT);
      chars += page.length;
      bodies.push(page);
    },
    get chars() {
      return chars;
    },
    end: () => {
      const whole = bodies.join(JOINT);
      bodies = [];
      chars = 0;
      return whole;
    },
  };
}
