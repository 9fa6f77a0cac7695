// Names that come twice in one object. A parser of JSON keeps the last of them: which one was meant
// nobody knows, so such a record is not read at all.
import { COLON, skipBlanks, stringEnd } from "../../core/json-scan.ts";

/** The first name that comes twice in an object of a text that is this object as JSON. */
export function doubledName(text: string, object: object): string | undefined {
  return isFlat(text, Object.keys(object).length) ? undefined : firstDoubled(text);
}

/**
 * True where there are as many colons as names: each member has one, so that no name was lost, and
 * nothing is within another object. It may say no too often.
 */
function isFlat(text: string, names: number): boolean {
  let colons = 0;
  for (let at = text.indexOf(":"); at !== -1 && colons <= names; at = text.indexOf(":", at + 1)) {
    colons++;
  }
  return colons === names;
}

const QUOTE = 0x22;
const OPENING = 0x7b;
const CLOSING = 0x7d;

function firstDoubled(text: string): string | undefined {
  const outer: Names[] = [];
  let names = makeNames();
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === OPENING) {
      outer.push(names);
      names = makeNames();
    } else if (code === CLOSING) {
      names = outer.pop() ?? names;
    } else if (code === QUOTE) {
      const end = stringEnd(text, at);
      if (text.charCodeAt(skipBlanks(text, end)) === COLON) {
        const name = nameIn(text, at, end);
        if (!names(name)) return name;
      }
      at = end - 1;
    }
  }
  return undefined;
}

function nameIn(text: string, from: number, to: number): string {
  const name = text.slice(from + 1, to - 1);
  // It stands between quotes.
  return name.includes("\\") ? (JSON.parse(text.slice(from, to)) as string) : name;
}

/** Takes names; false: it was there already. */
type Names = (name: string) => boolean;

/** Names up to this many are looked through one by one, which is faster than a set of them. */
const FEW = 16;

function makeNames(): Names {
  const few: string[] = [];
  let all: Set<string> | undefined;
  return (name) => {
    if (all?.has(name) ?? few.includes(name)) return false;
    few.push(name);
    if (few.length === FEW) all = new Set(few);
    else all?.add(name);
    return true;
  };
}
