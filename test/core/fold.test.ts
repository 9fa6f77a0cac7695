// Rules 3 to 5: what becomes of fields, and what the policies make of rivals.

import { ABSENT } from "../../src/core/state.ts";
import { BASE, check, greatest, sourceWins, targetWins } from "./fold-cases.ts";
import type { Case } from "./fold-cases.ts";

const CASES: readonly Case[] = [
  // Rule 3: by field.
  {
    name: "nothing moved: nothing is owed",
    base: BASE,
    now: { source: BASE, target: BASE },
    agreed: BASE,
  },
  {
    name: "one side moved a field: the other is owed it",
    base: BASE,
    now: { source: { ...BASE, a: 2 }, target: BASE },
    agreed: { ...BASE, a: 2 },
    owed: { target: { ...BASE, a: 2 } },
  },
  {
    name: "scenario 1: both moved, each another field (one removed it): both get both, no conflict",
    base: BASE,
    now: { source: { a: 2, b: 1, c: 1 }, target: { a: 1, b: 2 } },
    agreed: { a: 2, b: 2 },
    owed: { source: { a: 2, b: 2 }, target: { a: 2, b: 2 } },
  },
  {
    name: "scenario 2: first seen alike on both sides, keys in another order: nothing owed",
    now: {
      source: { a: { x: 1, y: [1, { p: 1, q: 2 }] }, b: "2024-01-01T00:00:00Z", c: null },
      target: { a: { y: [1, { q: 2, p: 1 }], x: 1 }, b: "2024-01-01T00:00:00Z", c: null },
    },
    agreed: { a: { x: 1, y: [1, { p: 1, q: 2 }] }, b: "2024-01-01T00:00:00Z", c: null },
  },
  {
    name: "scenario 3: empty text, false and zero are values like any other",
    base: { a: "1", b: true, c: 5 },
    now: { source: { a: "", b: false, c: 0 }, target: { a: "1", b: true, c: 5 } },
    agreed: { a: "", b: false, c: 0 },
    owed: { target: { a: "", b: false, c: 0 } },
  },
  {
    name: "null is a value, and not the same as a missing field",
    base: BASE,
    now: { source: { a: null, b: 1, c: 1 }, target: { b: 1, c: 1 } },
    agreed: BASE,
    open: [["a", "conflict", { source: null, target: ABSENT }]],
  },
  {
    name: "both moved a field to the same value: adopted, no conflict",
    base: BASE,
    now: { source: { ...BASE, a: 2 }, target: { ...BASE, a: 2 } },
    agreed: { ...BASE, a: 2 },
  },
  {
    name: "both moved a field apart: a question, and neither is written there",
    base: BASE,
    now: { source: { ...BASE, a: 2 }, target: { ...BASE, a: 3 } },
    agreed: BASE,
    open: [["a", "conflict", { source: 2, target: 3 }]],
  },
  {
    name: "a conflict in one field does not hold up the others",
    base: BASE,
    now: { source: { a: 2, b: 2, c: 1 }, target: { a: 3, b: 1, c: 3 } },
    agreed: { a: 1, b: 2, c: 3 },
    owed: { source: { a: 2, b: 2, c: 3 }, target: { a: 3, b: 2, c: 3 } },
    open: [["a", "conflict", { source: 2, target: 3 }]],
  },
  {
    name: "a side that was not looked at is folded later, and is owed meanwhile",
    base: BASE,
    now: { source: { ...BASE, a: 2 } },
    agreed: { ...BASE, a: 2 },
    owed: { target: { ...BASE, a: 2 } },
  },

  // Policies.
  {
    name: "source wins: the target is owed the source's value",
    settings: sourceWins,
    base: BASE,
    now: { source: { ...BASE, a: 2 }, target: { ...BASE, a: 3 } },
    agreed: { ...BASE, a: 2 },
    owed: { target: { ...BASE, a: 2 } },
  },
  {
    name: "target wins: the target is not written",
    settings: targetWins,
    base: BASE,
    now: { source: { ...BASE, a: 2 }, target: { ...BASE, a: 3 } },
    agreed: { ...BASE, a: 3 },
    owed: { source: { ...BASE, a: 3 } },
  },
  {
    name: "latest: the later change wins",
    settings: { rows: "latest" },
    base: BASE,
    now: { source: { ...BASE, a: 3 }, target: { ...BASE, a: 2 } },
    stamps: { source: 5, target: 6 },
    agreed: { ...BASE, a: 2 },
    owed: { source: { ...BASE, a: 2 } },
  },
  {
    name: "latest: an unknown time is before all others, even those before 2020",
    settings: { rows: "latest" },
    base: BASE,
    now: { source: { ...BASE, a: 3 }, target: { ...BASE, a: 2 } },
    stamps: { source: 0, target: -5 },
    agreed: { ...BASE, a: 2 },
    owed: { source: { ...BASE, a: 2 } },
  },
  {
    name: "latest: equal times go by the values, whoever holds them",
    settings: { rows: "latest" },
    base: BASE,
    now: { source: { ...BASE, a: 2, b: 3 }, target: { ...BASE, a: 3, b: 2 } },
    agreed: { a: 3, b: 3, c: 1 },
    owed: { source: { a: 3, b: 3, c: 1 }, target: { a: 3, b: 3, c: 1 } },
  },
  {
    name: "custom: what the function makes of the rivals is owed to both",
    settings: {
      rows: { kind: "custom", settle: (_, [x, y]) => Number(x?.value) + Number(y?.value) },
    },
    base: BASE,
    now: { source: { ...BASE, a: 2 }, target: { ...BASE, a: 3 } },
    agreed: { ...BASE, a: 5 },
    owed: { source: { ...BASE, a: 5 }, target: { ...BASE, a: 5 } },
  },
  {
    name: "custom: a function that does not know asks",
    settings: { rows: { kind: "custom", settle: () => undefined } },
    base: BASE,
    now: { source: { ...BASE, a: 2 }, target: { ...BASE, a: 3 } },
    agreed: BASE,
    open: [["a", "conflict", { source: 2, target: 3 }]],
  },
  {
    name: "union: what each added is there, what either removed is not",
    settings: { settle: { a: "union" } },
    base: { a: [1, 2, 3], b: 1, c: 1 },
    now: { source: { a: [1, 2, 4], b: 1, c: 1 }, target: { a: [0, 2, 3], b: 1, c: 1 } },
    agreed: { a: [0, 2, 4], b: 1, c: 1 },
    owed: { source: { a: [0, 2, 4], b: 1, c: 1 }, target: { a: [0, 2, 4], b: 1, c: 1 } },
  },
  {
    name: "manual: moved on both sides, the entry is asked as a whole, field by field or not",
    settings: { rows: "manual" },
    base: BASE,
    now: { source: { ...BASE, a: 2 }, target: { ...BASE, b: 3 } },
    agreed: BASE,
    open: [["*", "conflict", { source: { a: 2 }, target: { b: 3 } }]],
  },
  {
    name: "manual: moved on one side, it is not asked",
    settings: { rows: "manual" },
    base: BASE,
    now: { source: { ...BASE, a: 2 }, target: BASE },
    agreed: { ...BASE, a: 2 },
    owed: { target: { ...BASE, a: 2 } },
  },
  {
    name: "a field's own policy goes before that of its row",
    settings: {
      rows: "merge",
      settle: { a: { wins: "target" }, b: { kind: "custom", settle: greatest } },
    },
    base: BASE,
    now: { source: { a: 2, b: 2, c: 2 }, target: { a: 3, b: 3, c: 3 } },
    agreed: { a: 3, b: 3, c: 1 },
    owed: { source: { a: 3, b: 3, c: 2 } },
    open: [["c", "conflict", { source: 2, target: 3 }]],
  },
];

for (const each of CASES) check(each);
