// Records of any number in key order, in bounded memory: sorted runs in a file of their own, merged
// as they are read. Keys are text of one byte a character, whose order is that of keys.
import { closeSync, readSync, writeSync } from "node:fs";
import type { Key } from "../core/state.ts";
import { fileFailure } from "./file-failure.ts";
import { temporaryFile } from "./temporary-file.ts";

/** A record with its key and its line. */
interface Keyed {
  readonly key: Key;
  readonly raw: string;
  readonly line: number;
}

/** Characters of keys and records that are sorted in memory at once. */
const RUN_CHARS = 8 << 20;
/** What one record costs beside its characters. */
const RECORD_COST = 64;
/** Runs that are merged at once; more are merged in rounds. */
const FAN_IN = 64;
/** Bytes that are read of a run, or written to one, at once. */
const BLOCK_BYTES = 1 << 18;

/** Takes records in any order and gives them back in key order; equal keys by their lines. */
export interface Sorter {
  add(record: Keyed): void;
  sorted(): Generator<Keyed>;
  close(): void;
}

/** A sorter; `runChars` is only given by tests. */
export function makeSorter(runChars: number = RUN_CHARS): Sorter {
  let run: Keyed[] = [];
  let chars = 0;
  let runs: Run[] = [];
  const open = new Set<Run>();
  const keep = (made: Run): Run => {
    open.add(made);
    return made;
  };
  const drop = (run: Run): void => {
    open.delete(run);
    run.close();
  };
  return {
    add: (record) => {
      run.push(record);
      chars += record.key.length + record.raw.length + RECORD_COST;
      if (chars < runChars) return;
      runs.push(keep(writeRun(run.sort(byKey))));
      run = [];
      chars = 0;
    },
    *sorted() {
      while (runs.length > FAN_IN) {
        const some = runs.splice(0, FAN_IN);
        runs.push(keep(writeRun(merge(some.map((each) => each.read())))));
        some.forEach(drop);
      }
      yield* merge([...runs.map((each) => each.read()), run.sort(byKey)[Symbol.iterator]()]);
    },
    close: () => {
      open.forEach(drop);
      runs = [];
      run = [];
    },
  };
}

function byKey(a: Keyed, b: Keyed): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  return a.line - b.line;
}

/** The smallest head of all, again and again: a heap of iterators. */
function* merge(sources: readonly Iterator<Keyed>[]): Generator<Keyed> {
  const heap: { head: Keyed; readonly rest: Iterator<Keyed> }[] = [];
  for (const rest of sources) {
    const step = rest.next();
    if (step.done !== true) heap.push({ head: step.value, rest });
  }
  heap.sort((a, b) => byKey(a.head, b.head));
  for (let top = heap[0]; top !== undefined; top = heap[0]) {
    yield top.head;
    const step = top.rest.next();
    if (step.done !== true) top.head = step.value;
    else {
      const last = heap.pop();
      if (last === undefined || heap.length === 0) return;
      heap[0] = last;
    }
    sink(heap);
  }
}

function sink(heap: { head: Keyed }[]): void {
  const item = heap[0];
  if (item === undefined) return;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    const [left, right] = [heap[child], heap[child + 1]];
    if (left === undefined) break;
    if (right !== undefined && byKey(right.head, left.head) < 0) child += 1;
    const least = heap[child];
    if (least === undefined || byKey(item.head, least.head) <= 0) break;
    heap[at] = least;
    at = child;
  }
  heap[at] = item;
}

interface Run {
  read(): Generator<Keyed>;
  close(): void;
}

/** Line, length of the key, length of the record. */
const HEAD_BYTES = 16;

/** Writes a run: records one behind the other, each with its lengths in front. */
function writeRun(records: Iterable<Keyed>): Run {
  const file = temporaryFile();
  let end = 0;
  let block: Buffer[] = [];
  let size = 0;
  const flush = (): void => {
    const bytes = Buffer.concat(block);
    for (let done = 0; done < bytes.length;) {
      done += writeSync(file, bytes, done, bytes.length - done, end + done);
    }
    end += bytes.length;
    block = [];
    size = 0;
  };
  try {
    for (const { key, raw, line } of records) {
      const length = Buffer.byteLength(raw);
      const bytes = Buffer.allocUnsafe(HEAD_BYTES + key.length + length);
      bytes.writeDoubleLE(line, 0);
      bytes.writeUInt32LE(key.length, 8);
      bytes.writeUInt32LE(length, 12);
      bytes.write(key, HEAD_BYTES, "latin1");
      bytes.write(raw, HEAD_BYTES + key.length, "utf8");
      block.push(bytes);
      size += bytes.length;
      if (size >= BLOCK_BYTES) flush();
    }
    flush();
  } catch (error) {
    closeSync(file);
    throw fileFailure(error, "a temporary file");
  }
  return { read: () => readRun(file, end), close: () => closeSync(file) };
}

function* readRun(file: number, end: number): Generator<Keyed> {
  let bytes = Buffer.alloc(0);
  let at = 0;
  let next = 0;
  const need = (count: number): void => {
    if (bytes.length - at >= count) return;
    const more = Buffer.allocUnsafe(Math.min(Math.max(BLOCK_BYTES, count), end - next));
    const read = readSync(file, more, 0, more.length, next);
    next += read;
    bytes = Buffer.concat([bytes.subarray(at), more.subarray(0, read)]);
    at = 0;
  };
  for (let left = end; left > 0;) {
    need(HEAD_BYTES);
    const line = bytes.readDoubleLE(at);
    const keyLength = bytes.readUInt32LE(at + 8);
    const length = bytes.readUInt32LE(at + 12);
    need(HEAD_BYTES + keyLength + length);
    const keyAt = at + HEAD_BYTES;
    const key = bytes.toString("latin1", keyAt, keyAt + keyLength);
    const raw = bytes.toString("utf8", keyAt + keyLength, keyAt + keyLength + length);
    at = keyAt + keyLength + length;
    left -= HEAD_BYTES + keyLength + length;
    yield { key, raw, line };
  }
}
