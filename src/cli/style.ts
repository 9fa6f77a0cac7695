// Colours and signs, chosen once per output. A pipe gets no escape codes, and a terminal that
// cannot show the signs gets plain letters.
import type { Output, World } from "./world.ts";

/** How a piece of text is set off. Each returns the text unchanged where colour is off. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly bad: (text: string) => string;
  /** Turns our signs into letters where the terminal has only those. */
  readonly spell: (text: string) => string;
}

const LETTERS: { readonly [sign: string]: string } = {
  "✓": "ok",
  "⚠": "!",
  "✗": "x",
  "→": "->",
  "←": "<-",
  "⇄": "<->",
  "…": "...",
  "·": "-",
  "—": "-",
};
const SIGNS = /[✓⚠✗→←⇄…·—]/g;

/** The style for an output: NO_COLOR and FORCE_COLOR are obeyed, and so is the locale. */
export function styleFor(output: Pick<Output, "isTTY">, env: World["env"]): Style {
  const paint = isColoured(output.isTTY, env)
    ? (code: number, end: number) => (text: string) => `\u001B[${code}m${text}\u001B[${end}m`
    : () => (text: string) => text;
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    good: paint(32, 39),
    warn: paint(33, 39),
    bad: paint(31, 39),
    spell: hasUnicode(env)
      ? (text) => text
      : (text) => text.replaceAll(SIGNS, (sign) => LETTERS[sign] ?? "?"),
  };
}

function isColoured(isTTY: boolean, env: World["env"]): boolean {
  // NO_COLOR counts when it is there and not empty (no-color.org); it wins over FORCE_COLOR.
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return isTTY && env["TERM"] !== "dumb";
}

/** A locale that is not set says nothing; one that is set and not UTF-8 means letters only. */
function hasUnicode(env: World["env"]): boolean {
  if (env["TERM"] === "dumb") return false;
  const locale = [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find((each) => (each ?? "") !== "");
  return locale === undefined || /utf-?8/i.test(locale);
}
