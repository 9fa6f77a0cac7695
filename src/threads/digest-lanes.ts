// SHA-256 of many short texts, four at a time: the call of the runtime's own costs three times what
// it does. A program in WebAssembly, made here; the tests hold it equal to the runtime's.
import { all, call, forever, get, i32, int, lanes, leaveIf, moduleOf, set, when } from "./wasm.ts";
import type { Code, Program } from "./wasm.ts";

/** Letters of a digest in base64url. */
export const DIGEST_LENGTH = 43;

/** Makes digests of texts that lie in its memory. */
export interface DigestLanes {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  /**
   * Digests of the texts from `from` up to `to`, each with a zero behind it: the first one goes to
   * `out`, each other one `stride` bytes further. Returns how many there were. It may read up to
   * READS_BEYOND bytes more.
   */
  readonly digests: (from: number, to: number, out: number, stride: number) => number;
}

/** Here texts may begin. */
export const TEXTS_AT = 1024;
/** Up to so many bytes behind the last text are read, and mean nothing. */
export const READS_BEYOND = 128;
const PAGE_BYTES = 65_536;

/** Compiles it: less than a millisecond. */
export function makeDigestLanes(): DigestLanes {
  const code = moduleOf({ block: blockProgram(), digests: digestsProgram() }, 4);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code));
  const made = exports as unknown as DigestLanes; // moduleOf() exports both
  new Uint8Array(made.memory.buffer).set(LETTERS, LETTERS_AT);
  return made;
}

/** Makes its memory reach so far. */
export function reach({ memory }: DigestLanes, end: number): void {
  const missing = end - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
}

// How its memory is used: four states of eight words, who goes on, and of each of the four texts
// how many blocks it has, how many of them lie in it, and its last one or two, filled up.
const STATE_AT = 0;
const MASK_AT = 128;
const TOTALS_AT = 144;
const FULLS_AT = 160;
const STARTS_AT = 176;
const WORDS_AT = 192;
const TAILS_AT = 256;
const TAIL_BYTES = 128;
const LETTERS_AT = 768;
const LETTERS = Uint8Array.from(
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
  (letter) => letter.charCodeAt(0),
);

const PRIMES = [2];
for (let n = 3; PRIMES.length < 64; n++) if (PRIMES.every((prime) => n % prime > 0)) PRIMES.push(n);
/** The first 32 bits behind the point. */
const fraction = (value: number): number => Math.floor((value % 1) * 2 ** 32);
const ROUNDS = PRIMES.map((prime) => fraction(Math.cbrt(prime)));
const FIRST = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));

const rotated = (of: number, by: number): Code =>
  lanes.or(lanes.shru(get(of), i32(by)), lanes.shl(get(of), i32(32 - by)));
const rotatedBy = (of: number, [a, b, c]: readonly [number, number, number]): Code =>
  lanes.xor(lanes.xor(rotated(of, a), rotated(of, b)), rotated(of, c));
const mixed = (of: number, a: number, b: number, shift: number): Code =>
  lanes.xor(lanes.xor(rotated(of, a), rotated(of, b)), lanes.shru(get(of), i32(shift)));

/** Takes a block of each of four texts, 64 bytes each; its parameters are their addresses. */
function blockProgram(): Program {
  const [words, letters] = [4, 20];
  const [one, two] = [28, 29];
  const word = (round: number): number => words + (round & 15);
  const rounds = ROUNDS.map((constant, round): Code => {
    const [a, b, c, d, e, f, g, h] = Array.from({ length: 8 }, (_, at) => {
      return letters + ((at - round) & 7);
    }) as [number, number, number, number, number, number, number, number];
    const next =
      round < 16
        ? []
        : set(
            word(round),
            lanes.add(
              lanes.add(get(word(round)), mixed(word(round - 15), 7, 18, 3)),
              lanes.add(get(word(round - 7)), mixed(word(round - 2), 17, 19, 10)),
            ),
          );
    const choice = lanes.select(get(f), get(g), get(e));
    const known = lanes.add(lanes.splat(i32(constant)), get(word(round)));
    const majority = lanes.select(get(c), get(b), lanes.xor(get(a), get(b)));
    return all(
      next,
      set(one, lanes.add(lanes.add(get(h), rotatedBy(e, [6, 11, 25])), lanes.add(choice, known))),
      set(d, lanes.add(get(d), get(one))),
      set(h, lanes.add(lanes.add(get(one), rotatedBy(a, [2, 13, 22])), majority)),
    );
  });
  const begin = Array.from({ length: 8 }, (_, at) =>
    set(letters + at, lanes.load(STATE_AT + at * 16, i32(0))),
  );
  const end = Array.from({ length: 8 }, (_, at) => {
    const was = lanes.load(STATE_AT + at * 16, i32(0));
    const more = lanes.and(get(letters + at), get(one));
    return lanes.store(STATE_AT + at * 16, i32(0), lanes.add(was, more));
  });
  const body = all(
    ...[0, 1, 2, 3].map((quarter) => taken(quarter, { words, letters, one, two })),
    ...begin,
    ...rounds,
    set(one, lanes.load(MASK_AT, i32(0))),
    ...end,
  );
  return { parameters: 4, hasResult: false, numbers: 0, fours: 26, body };
}

interface Locals {
  readonly words: number;
  readonly letters: number;
  readonly one: number;
  readonly two: number;
}

/** Four words of each text, turned about: a local has the same word of all of them. */
function taken(quarter: number, { words, letters, one, two }: Locals): Code {
  const rows = [one, two, letters, letters + 1] as const;
  const [low0, low1, high0, high1] = [2, 3, 4, 5].map((at) => letters + at) as [
    number,
    number,
    number,
    number,
  ];
  const read = rows.map((row, text) => {
    const bytes = lanes.load(quarter * 16, get(text));
    return set(row, lanes.shuffle(BIG_ENDIAN, bytes, bytes));
  });
  const to = words + quarter * 4;
  return all(
    ...read,
    set(low0, lanes.shuffle(LOW_32, get(rows[0]), get(rows[1]))),
    set(low1, lanes.shuffle(LOW_32, get(rows[2]), get(rows[3]))),
    set(high0, lanes.shuffle(HIGH_32, get(rows[0]), get(rows[1]))),
    set(high1, lanes.shuffle(HIGH_32, get(rows[2]), get(rows[3]))),
    set(to, lanes.shuffle(LOW_64, get(low0), get(low1))),
    set(to + 1, lanes.shuffle(HIGH_64, get(low0), get(low1))),
    set(to + 2, lanes.shuffle(LOW_64, get(high0), get(high1))),
    set(to + 3, lanes.shuffle(HIGH_64, get(high0), get(high1))),
  );
}

const BIG_ENDIAN = [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12];
const LOW_32 = [0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23];
const HIGH_32 = [8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31];
const LOW_64 = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const HIGH_64 = [8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31];

/** `digests` of the whole. */
function digestsProgram(): Program {
  const [from, to, out, stride] = [0, 1, 2, 3] as const;
  const [count, at, rest, full, most, block, bits] = [4, 5, 6, 7, 8, 9, 10] as const;
  const perLane = (make: (lane: number) => Code): Code => all(...[0, 1, 2, 3].map(make));
  const begin = perLane((lane) =>
    all(
      int.store(TOTALS_AT + lane * 4, i32(0), i32(0)),
      int.store(FULLS_AT + lane * 4, i32(0), i32(0)),
      when(int.ltu(get(from), get(to)), laid(lane, { from, at, rest, full, bits, most })),
    ),
  );
  const where = (lane: number): Code => {
    const inText = int.add(int.load(STARTS_AT + lane * 4, i32(0)), int.shl(get(block), i32(6)));
    const tail = TAILS_AT + lane * TAIL_BYTES;
    const behind = int.sub(get(block), int.load(FULLS_AT + lane * 4, i32(0)));
    // Whoever has come to an end is given any block.
    const inTail = int.add(i32(tail), int.shl(int.and(behind, i32(1)), i32(6)));
    const isInText = int.ltu(get(block), int.load(FULLS_AT + lane * 4, i32(0)));
    return int.select(inText, inTail, isInText);
  };
  const body = all(
    forever(
      leaveIf(int.geu(get(from), get(to))),
      set(most, i32(0)),
      begin,
      ...FIRST.map((word, place) =>
        lanes.store(STATE_AT + place * 16, i32(0), lanes.splat(i32(word))),
      ),
      set(block, i32(0)),
      forever(
        leaveIf(int.geu(get(block), get(most))),
        lanes.store(
          MASK_AT,
          i32(0),
          lanes.greater(lanes.load(TOTALS_AT, i32(0)), lanes.splat(get(block))),
        ),
        perLane(where),
        call(0),
        set(block, int.add(get(block), i32(1))),
      ),
      perLane((lane) =>
        when(
          int.load(TOTALS_AT + lane * 4, i32(0)),
          written(lane, { out, bits }),
          set(out, int.add(get(out), get(stride))),
          set(count, int.add(get(count), i32(1))),
        ),
      ),
    ),
    get(count),
  );
  return { parameters: 4, hasResult: true, numbers: 7, fours: 0, body };
}

interface Laying {
  readonly from: number;
  readonly at: number;
  readonly rest: number;
  readonly full: number;
  readonly bits: number;
  readonly most: number;
}

/** Finds the end of the next text, and fills up its last block, or its last two. */
function laid(lane: number, { from, at, rest, full, bits, most }: Laying): Code {
  const tail = TAILS_AT + lane * TAIL_BYTES;
  const nothing = lanes.bytes(Array.from({ length: 16 }, () => 0));
  const places = lanes.bytes(Array.from({ length: 16 }, (_, place) => place));
  const total = full;
  return all(
    set(at, get(from)),
    forever(
      set(bits, lanes.bitmask8(lanes.equal8(lanes.load(0, get(at)), nothing))),
      leaveIf(get(bits)),
      set(at, int.add(get(at), i32(16))),
    ),
    // Now the length in bytes.
    set(at, int.sub(int.add(get(at), int.ctz(get(bits))), get(from))),
    set(full, int.shru(get(at), i32(6))),
    set(rest, int.and(get(at), i32(63))),
    int.store(STARTS_AT + lane * 4, i32(0), get(from)),
    int.store(FULLS_AT + lane * 4, i32(0), get(full)),
    set(bits, int.add(get(from), int.shl(get(full), i32(6)))),
    ...[0, 1, 2, 3].map((quarter) => {
      const isText = lanes.less8(places, lanes.splat8(int.sub(get(rest), i32(quarter * 16))));
      const bytes = lanes.and(lanes.load(quarter * 16, get(bits)), isText);
      return all(
        lanes.store(tail + quarter * 16, i32(0), bytes),
        lanes.store(tail + 64 + quarter * 16, i32(0), nothing),
      );
    }),
    int.store8(tail, get(rest), i32(0x80)),
    set(from, int.add(int.add(get(from), get(at)), i32(1))),
    // The length in bits ends the last block, its highest byte first.
    set(bits, int.shl(int.shru(int.add(get(rest), i32(8)), i32(6)), i32(6))),
    ...[0, 1, 2, 3].map((byte) =>
      int.store8(tail + 63 - byte, get(bits), int.shru(int.shl(get(at), i32(3)), i32(8 * byte))),
    ),
    int.store8(tail + 59, get(bits), int.shru(get(at), i32(29))),
    set(total, int.add(int.add(get(full), i32(1)), int.shru(get(bits), i32(6)))),
    int.store(TOTALS_AT + lane * 4, i32(0), get(total)),
    set(most, int.select(get(most), get(total), int.geu(get(most), get(total)))),
  );
}

/** A digest as letters: three bytes become four, and the last two three. */
function written(
  lane: number,
  { out, bits }: { readonly out: number; readonly bits: number },
): Code {
  const words = Array.from({ length: 8 }, (_, place) => {
    const word = int.load(STATE_AT + place * 16 + lane * 4, i32(0));
    return all(
      set(bits, word),
      ...[0, 1, 2, 3].map((byte) =>
        int.store8(WORDS_AT + place * 4 + byte, i32(0), int.shru(get(bits), i32(24 - 8 * byte))),
      ),
    );
  });
  const letter = (place: number, shift: number): Code =>
    int.store8(
      place,
      get(out),
      int.load8(LETTERS_AT, int.and(int.shru(get(bits), i32(shift)), i32(63))),
    );
  const byte = (place: number, shift: number): Code =>
    int.shl(int.load8(WORDS_AT + place, i32(0)), i32(shift));
  const groups = Array.from({ length: 10 }, (_, group) =>
    all(
      set(
        bits,
        int.add(int.add(byte(group * 3, 16), byte(group * 3 + 1, 8)), byte(group * 3 + 2, 0)),
      ),
      ...[18, 12, 6, 0].map((shift, place) => letter(group * 4 + place, shift)),
    ),
  );
  return all(
    ...words,
    ...groups,
    set(bits, int.add(byte(30, 16), byte(31, 8))),
    ...[18, 12, 6].map((shift, place) => letter(40 + place, shift)),
  );
}
