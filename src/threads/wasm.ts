// As much of WebAssembly's binary form as a small program without tables needs, to be written in
// TypeScript: each function gives the bytes of an instruction. Operands come before it.

/** Bytes of instructions, in lists of lists: they are put together once, at the end. */
export type Code = readonly (number | Code)[];

/** One after the other. */
export function all(...parts: readonly Code[]): Code {
  return parts;
}

/** A number without sign. */
function unsigned(value: number): readonly number[] {
  const bytes: number[] = [];
  for (let rest = value; ;) {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 0x80);
    if (rest === 0) return bytes;
  }
}

/** A number with its sign. */
function signed(value: number): readonly number[] {
  const bytes: number[] = [];
  for (let rest = value | 0; ;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const isLast = (rest === 0 && low < 0x40) || (rest === -1 && low >= 0x40);
    bytes.push(isLast ? low : low | 0x80);
    if (isLast) return bytes;
  }
}

function flat(code: Code, into: number[] = []): readonly number[] {
  for (const each of code) {
    if (typeof each === "number") into.push(each);
    else flat(each, into);
  }
  return into;
}

/** A local's value. */
export const get = (local: number): Code => [0x20, unsigned(local)];
/** Puts a value into a local. */
export const set = (local: number, value: Code): Code => [value, 0x21, unsigned(local)];
/** Calls a function of the program. */
export const call = (index: number): Code => [0x10, unsigned(index)];
/** A number of 32 bits. */
export const i32 = (value: number): Code => [0x41, signed(value)];

const operator =
  (...code: Code) =>
  (...operands: readonly Code[]): Code => [operands, code];

const access =
  (...code: Code) =>
  (offset: number, at: Code, value: Code = []): Code => [at, value, code, 0, unsigned(offset)];

/** On numbers of 32 bits. */
export const int = {
  add: operator(0x6a),
  sub: operator(0x6b),
  and: operator(0x71),
  shl: operator(0x74),
  shru: operator(0x76),
  ltu: operator(0x49),
  geu: operator(0x4f),
  ctz: operator(0x68),
  /** The first where the third is not 0, else the second. */
  select: operator(0x1b),
  load: access(0x28),
  load8: access(0x2d),
  store: access(0x36),
  store8: access(0x3a),
} as const;

const simd = (code: number, ...more: Code): Code => [0xfd, unsigned(code), more];

/** On four numbers of 32 bits at once, or sixteen bytes. */
export const lanes = {
  splat: operator(simd(17)),
  splat8: operator(simd(15)),
  add: operator(simd(174)),
  and: operator(simd(78)),
  or: operator(simd(80)),
  xor: operator(simd(81)),
  shl: operator(simd(171)),
  shru: operator(simd(173)),
  /** Bits of the first where the third has ones, else of the second. */
  select: operator(simd(82)),
  greater: operator(simd(59)),
  equal8: operator(simd(35)),
  less8: operator(simd(37)),
  bitmask8: operator(simd(100)),
  load: access(simd(0)),
  store: access(simd(11)),
  bytes: (bytes: Code): Code => simd(12, bytes),
  /** Bytes of two, by their places: 0 to 15 of the first, 16 to 31 of the second. */
  shuffle: (places: Code, a: Code, b: Code): Code => [a, b, simd(13, places)],
} as const;

const VOID = 0x40;
const END = 0x0b;

/** Again and again, until `leave`. */
export const forever = (...body: readonly Code[]): Code => [
  [0x02, VOID, 0x03, VOID],
  body,
  [0x0c, 0, END, END],
];
/** Leaves the innermost `forever` where the condition is not 0. */
export const leaveIf = (condition: Code): Code => [condition, 0x0d, 1];
/** Only where the condition is not 0. Nothing in it leaves a `forever` around it. */
export const when = (condition: Code, ...body: readonly Code[]): Code => [
  condition,
  [0x04, VOID],
  body,
  END,
];

/** A function: all its parameters are numbers of 32 bits; its result, if it has one, is another. */
export interface Program {
  readonly parameters: number;
  readonly hasResult: boolean;
  /** Further locals: numbers first, then those of four. */
  readonly numbers: number;
  readonly fours: number;
  readonly body: Code;
}

const I32 = 0x7f;
const V128 = 0x7b;

/** The bytes of a module with a memory, `memory`, that begins with so many pages. */
export function moduleOf(
  programs: Readonly<Record<string, Program>>,
  pages: number,
): Uint8Array<ArrayBuffer> {
  const list = Object.values(programs);
  const types = list.map(({ parameters, hasResult }) => [
    0x60,
    vector(Array.from({ length: parameters }, () => [I32])),
    vector(hasResult ? [[I32]] : []),
  ]);
  const names = Object.keys(programs).map((name, at) => exported(name, 0, at));
  const bodies = list.map(({ numbers, fours, body }) => {
    const locals = vector([
      [unsigned(numbers), I32],
      [unsigned(fours), V128],
    ]);
    return sized([locals, body, END]);
  });
  const sections = [
    section(1, vector(types)),
    section(3, vector(list.map((_, at) => unsigned(at)))),
    section(5, vector([[0, unsigned(pages)]])),
    section(7, vector([exported("memory", 2, 0), ...names])),
    section(10, vector(bodies)),
  ];
  return Uint8Array.from(flat([[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], sections]));
}

const vector = (items: readonly Code[]): Code => [unsigned(items.length), items];
const section = (id: number, content: Code): Code => [id, sized(content)];
const exported = (name: string, kind: number, index: number): Code => [
  sized(Array.from(name, (letter) => letter.charCodeAt(0))),
  [kind, unsigned(index)],
];

function sized(content: Code): Code {
  const bytes = flat(content);
  return [unsigned(bytes.length), bytes];
}
