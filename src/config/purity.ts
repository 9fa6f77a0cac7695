// A function of a configuration has to give the same answer to the same row in every run. Whether
// it does cannot be known; that it does not often can: docs/decisions/pure-functions.md.
import { isDeepStrictEqual } from "node:util";

/** A function of a configuration, of whatever kind. */
export type GivenFunction = (...given: readonly never[]) => unknown;

/**
 * Why a function cannot be one of rows alone: it reads the clock or randomness, or answers the same
 * question differently; undefined: nothing is known against it. It is called with sample values.
 */
export function impurityOf(given: GivenFunction): string | undefined {
  const written = readIn(codeOf(given));
  if (written !== undefined) return `reads ${written}`;
  const asked: string[] = [];
  // The other way round, so that what is left of one question meets another one.
  const answers = trapped(asked, () => {
    return [answersOf(given, samples()), answersOf(given, samples().toReversed())] as const;
  });
  const [read] = asked;
  if (read !== undefined) return `reads ${read}`;
  const [first, again] = answers;
  if (isDeepStrictEqual(first, again.toReversed())) return undefined;
  return "answers differently when it is asked the same again";
}

/** What reads the clock or randomness, as it is written. */
const READS: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/\bDate\s*\.\s*now\b/, "the clock (Date.now)"],
  [/\bnew\s+Date\b(?!\s*\(\s*[^)\s])/, "the clock (new Date)"],
  [/(?<![.\w$]|\bnew\s+)Date\s*\(/, "the clock (Date)"],
  [/\bperformance\s*\.\s*(?:now|timeOrigin)\b/, "the clock (performance)"],
  [/\bprocess\s*\.\s*(?:hrtime|uptime)\b/, "the clock (process)"],
  [/\bTemporal\s*\.\s*Now\b/, "the clock (Temporal.Now)"],
  [/\bMath\s*\.\s*random\b/, "randomness (Math.random)"],
  [/\b(?:randomUUID|getRandomValues|randomBytes|randomInt)\s*\(/, "randomness (crypto)"],
];

function readIn(code: string): string | undefined {
  return READS.find(([pattern]) => pattern.test(code))?.[1];
}

/** The text of a function without what its comments and plain texts say, which does nothing. */
function codeOf(given: GivenFunction): string {
  const text = Function.prototype.toString.call(given);
  return text.replaceAll(SILENT, (part) => (part.startsWith("/") ? " " : '""'));
}

const SILENT =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\$])*`/g;

/** What a function answers to every value; what it throws is an answer like any other. */
function answersOf(given: GivenFunction, values: readonly unknown[]): readonly unknown[] {
  return values.map((value) =>
    besides(value).map((beside) => {
      try {
        const answer = (given as (...all: unknown[]) => unknown)(value, beside);
        if (answer instanceof Promise) answer.catch(() => undefined); // whoever uses it will say so
        return answer instanceof Promise ? "a promise" : answer;
      } catch {
        return "an error";
      }
    }),
  );
}

/** Values as columns hold them; small, as a function may count up to one. Made anew each time. */
function samples(): readonly unknown[] {
  return [
    undefined,
    null,
    "",
    "Ada Lovelace",
    "42",
    "2026-01-31",
    "2026-01-31T12:00:00Z",
    "ada@example.org",
    '{"a":1}',
    0,
    1,
    -7,
    12.5,
    12n,
    true,
    false,
    new Uint8Array([1, 2, 3]),
    ["a", 1],
    { a: 1, list: [1] },
  ];
}

/** What comes second: the whole row, which has every column, or the rivals of a conflict. */
function besides(value: unknown): readonly unknown[] {
  const nothing = Object.create(null) as object;
  const row = new Proxy(nothing, {
    get: (_, name) => (typeof name === "string" ? value : undefined),
    has: () => true,
  });
  const rivals = [0, 1].map((side) => ({ side, value, base: value, stamp: 1, first: false }));
  return [row, rivals];
}

/**
 * Does synchronous work while everything of the language that reads the clock or randomness notes
 * that it was asked. Nothing else runs meanwhile, and everything is put back.
 */
function trapped<T>(asked: string[], work: () => T): T {
  const puts: (() => void)[] = [];
  const note = (what: string): void => {
    if (!asked.includes(what)) asked.push(what);
  };
  for (const [of, name, what] of SOURCES) {
    const before = Object.getOwnPropertyDescriptor(of, name);
    const plain: unknown = Reflect.get(of, name);
    if (typeof plain !== "function") continue;
    const value = new Proxy(plain, {
      apply: (target, self, given) => {
        note(what);
        return Reflect.apply(target as GivenFunction, self, given) as unknown;
      },
    });
    Object.defineProperty(of, name, { value, configurable: true, writable: true });
    puts.push(() => {
      if (before === undefined) Reflect.deleteProperty(of, name);
      else Object.defineProperty(of, name, before);
    });
  }
  const plainDate = globalThis.Date;
  globalThis.Date = new Proxy(plainDate, {
    construct: (target, given, made) => {
      if (given.length === 0) note("the clock (new Date)");
      return Reflect.construct(target, given, made === globalThis.Date ? target : made) as object;
    },
    apply: (target, self, given) => {
      note("the clock (Date)");
      return Reflect.apply(target as unknown as GivenFunction, self, given) as unknown;
    },
  });
  puts.push(() => {
    globalThis.Date = plainDate;
  });
  try {
    return work();
  } finally {
    for (const put of puts.toReversed()) put();
  }
}

const SOURCES: readonly (readonly [of: object, name: string, what: string])[] = [
  [Date, "now", "the clock (Date.now)"],
  [performance, "now", "the clock (performance)"],
  [process, "hrtime", "the clock (process)"],
  [process, "uptime", "the clock (process)"],
  [Math, "random", "randomness (Math.random)"],
  [crypto, "randomUUID", "randomness (crypto)"],
  [crypto, "getRandomValues", "randomness (crypto)"],
  ...temporal(),
];

/** `Temporal.Now`, where this Node has it. */
function temporal(): readonly (readonly [of: object, name: string, what: string])[] {
  const { Temporal } = globalThis as { readonly Temporal?: { readonly Now: object } };
  if (Temporal === undefined) return [];
  const names = ["instant", "plainDateISO", "plainDateTimeISO", "plainTimeISO", "zonedDateTimeISO"];
  return names.map((name) => [Temporal.Now, name, "the clock (Temporal.Now)"] as const);
}
