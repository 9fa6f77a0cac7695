// Rules 7 and 8: what is not accepted, and who only follows.

import { BASE, check } from "./fold-cases.ts";
import type { Case } from "./fold-cases.ts";

const oneWay = { of: { target: { follows: true } } } as const;
const oneWayKeeping = { of: { target: { follows: true, drift: "keep" } } } as const;

const CASES: readonly Case[] = [
  // Rule 7: not accepted is not forgotten.
  {
    name: "a withheld deletion is a question, and nothing is deleted or created again",
    settings: { guard: "withhold" },
    base: BASE,
    now: { source: null, target: BASE },
    agreed: BASE,
    open: [["*", "withheld", { source: null }]],
  },
  {
    name: "a rejected value is a question, and is not repaired away",
    settings: { rejects: (value) => value === "bad" },
    base: BASE,
    now: { source: { a: "bad", b: 2, c: 1 }, target: BASE },
    agreed: { ...BASE, b: 2 },
    owed: { target: { ...BASE, b: 2 } },
    open: [["a", "rejected", { source: "bad" }]],
  },
  {
    name: "leaving the filter is a deletion where the row is held",
    settings: { fields: ["a", "in"], filter: true },
    base: { a: 1, in: true },
    now: { source: { a: 1, in: false }, target: { a: 1 } },
    agreed: { a: 1, in: false },
    owed: { target: null },
  },
  {
    name: "leaving the filter is withheld like any deletion, and other fields go on",
    settings: { fields: ["a", "in"], filter: true, guard: "withhold" },
    base: { a: 1, in: true },
    now: { source: { a: 2, in: false }, target: { a: 1 } },
    agreed: { a: 2, in: true },
    owed: { target: { a: 2 } },
    open: [["in", "withheld", { source: false }]],
  },
  {
    name: "a row that is created outside the filter is held back nowhere",
    settings: { fields: ["a", "in"], filter: true, guard: "withhold" },
    now: { source: { a: 2, in: false }, target: null },
    agreed: { a: 2, in: false },
  },

  // Rule 8: followers.
  {
    name: "one way: a change on the target is overwritten, never folded",
    settings: oneWay,
    base: BASE,
    now: { source: { ...BASE, b: 2 }, target: { ...BASE, a: 3 } },
    agreed: { ...BASE, b: 2 },
    owed: { target: { ...BASE, b: 2 } },
  },
  {
    name: "one way: what the target deleted is created again",
    settings: oneWay,
    base: BASE,
    now: { source: BASE, target: null },
    agreed: BASE,
    owed: { target: BASE },
  },
  {
    name: "one way: a first meeting takes the source's values",
    settings: oneWay,
    now: { source: BASE, target: { a: 1, b: 7, c: 7 } },
    agreed: BASE,
    owed: { target: BASE },
  },
  {
    name: "one way: a row that only the target holds stays",
    settings: oneWay,
    now: { source: null, target: BASE },
    agreed: null,
    open: [["*", "drift", { target: BASE }]],
  },
  {
    name: "one way, drift is kept: a question, and it is not overwritten",
    settings: oneWayKeeping,
    base: BASE,
    now: { source: BASE, target: { ...BASE, a: 3 } },
    agreed: BASE,
    open: [["*", "drift", { target: { a: 3 } }]],
  },
  {
    name: "one way, drift is kept only until the source changes the entry",
    settings: oneWayKeeping,
    base: BASE,
    now: { source: { ...BASE, b: 2 }, target: { ...BASE, a: 3 } },
    agreed: { ...BASE, b: 2 },
    owed: { target: { ...BASE, b: 2 } },
  },
  {
    name: "a field on which a side only follows is corrected there, its others are folded",
    settings: { of: { target: { followsOn: [true, false, false] } } },
    base: BASE,
    now: { source: BASE, target: { a: 3, b: 3, c: 1 } },
    agreed: { ...BASE, b: 3 },
    owed: { source: { ...BASE, b: 3 }, target: { ...BASE, b: 3 } },
  },
  {
    name: "drift on a field that is only followed holds up no deletion",
    settings: { of: { target: { followsOn: [true, false, false] } } },
    base: BASE,
    now: { source: null, target: { ...BASE, a: 3 } },
    agreed: null,
    owed: { target: null },
  },
  {
    name: "a field on which the creator only follows is its to say where nobody else can",
    settings: { of: { target: { followsOn: [true, false, false] } } },
    now: { source: null, target: BASE },
    agreed: BASE,
    owed: { source: BASE },
  },
  {
    name: "created on both sides, a field on which one follows goes by the other",
    settings: { of: { target: { followsOn: [true, false, false] } } },
    now: { source: BASE, target: { ...BASE, a: 3 } },
    agreed: BASE,
    owed: { target: BASE },
  },
];

for (const each of CASES) check(each);
