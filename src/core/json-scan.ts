// Where the parts of a JSON text lie. Only the brackets are looked at; whether a part is JSON its
// parser says.

/** Where a value, or a member of an object, lies in a text. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** One member of an object. */
export interface Member {
  readonly name: string;
  /** Its value; the name stands before it. */
  readonly value: Span;
  readonly from: number;
}

/** Skips blanks. */
export function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && BLANKS.has(text.charCodeAt(at))) at++;
  return at;
}

const BLANKS: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** Stands behind a name. */
export const COLON = 0x3a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Ends a bare word: , ] } and blanks. */
const WORD_ENDS: ReadonlySet<number> = new Set([0x2c, 0x5d, 0x7d, ...BLANKS]);

/** Behind the value that begins here; -1: the text ends within it. */
export function valueEnd(text: string, from: number, isEnd: boolean): number {
  const code = text.charCodeAt(from);
  if (code === QUOTE) return stringEnd(text, from);
  if (code === 0x7b || code === 0x5b) return nestedEnd(text, from);
  let at = from;
  while (at < text.length && !WORD_ENDS.has(text.charCodeAt(at))) at++;
  return at === text.length && !isEnd ? -1 : at;
}

/** Behind the string that begins here; -1: the text ends within it. */
export function stringEnd(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let before = at - 1;
    while (text.charCodeAt(before) === BACKSLASH) before--;
    if ((at - before) % 2 === 1) return at + 1;
  }
  return -1;
}

function nestedEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = stringEnd(text, at);
      if (end === -1) return -1;
      at = end - 1;
    } else if (code === 0x7b || code === 0x5b) depth++;
    else if (code === 0x7d || code === 0x5d) {
      depth--;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}

/** The members of an object that is known to be JSON. */
export function membersOf(text: string): readonly Member[] {
  const members: Member[] = [];
  let at = skipBlanks(text, text.indexOf("{") + 1);
  while (text.charCodeAt(at) === QUOTE) {
    const nameEnd = stringEnd(text, at);
    const name = JSON.parse(text.slice(at, nameEnd)) as string; // it stands between quotes
    const valueFrom = skipBlanks(text, skipBlanks(text, nameEnd) + 1);
    const to = valueEnd(text, valueFrom, true);
    members.push({ name, from: at, value: { from: valueFrom, to } });
    at = skipBlanks(text, to);
    if (text.charCodeAt(at) !== 0x2c) break;
    at = skipBlanks(text, at + 1);
  }
  return members;
}
