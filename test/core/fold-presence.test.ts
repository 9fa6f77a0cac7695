// Rule 6: who creates and who deletes.

import { BASE, check, greatest, sourceWins, targetWins } from "./fold-cases.ts";
import type { Case } from "./fold-cases.ts";

const CASES: readonly Case[] = [
  {
    name: "created on one side: the other is owed the row",
    now: { source: BASE, target: null },
    agreed: BASE,
    owed: { target: BASE },
  },
  {
    name: "deleted on one side, unchanged on the other: deleted there as well",
    base: BASE,
    now: { source: null, target: BASE },
    agreed: null,
    owed: { target: null },
  },
  {
    name: "deleted on both sides: forgotten, nothing owed",
    base: BASE,
    now: { source: null, target: null },
    agreed: null,
  },
  {
    name: "scenario 4, field merge: deleted here, changed there is asked, both versions readable",
    base: BASE,
    now: { source: null, target: { ...BASE, a: 3 } },
    agreed: BASE,
    open: [["*", "conflict", { source: null, target: { a: 3 } }]],
  },
  {
    name: "scenario 4, manual: deleted here, changed there is asked, both versions readable",
    settings: { rows: "manual" },
    base: BASE,
    now: { source: { ...BASE, b: 4 }, target: null },
    agreed: BASE,
    open: [["*", "conflict", { source: { b: 4 }, target: null }]],
  },
  {
    name: "scenario 4, newest wins: settles fields only, so presence is asked",
    settings: { rows: "latest" },
    base: BASE,
    now: { source: null, target: { ...BASE, a: 3 } },
    stamps: { source: 9, target: 5 },
    agreed: BASE,
    open: [["*", "conflict", { source: null, target: { a: 3 } }]],
  },
  {
    name: "scenario 4, union: settles fields only, so presence is asked",
    settings: { rows: "union" },
    base: { a: [1], b: 1, c: 1 },
    now: { source: null, target: { a: [1, 2], b: 1, c: 1 } },
    agreed: { a: [1], b: 1, c: 1 },
    open: [["*", "conflict", { source: null, target: { a: [1, 2] } }]],
  },
  {
    name: "scenario 4, custom: settles fields only, so presence is asked",
    settings: { rows: { kind: "custom", settle: greatest } },
    base: BASE,
    now: { source: null, target: { ...BASE, a: 3 } },
    agreed: BASE,
    open: [["*", "conflict", { source: null, target: { a: 3 } }]],
  },
  {
    name: "scenario 4, source wins: what the source deleted is deleted",
    settings: sourceWins,
    base: BASE,
    now: { source: null, target: { ...BASE, a: 3 } },
    agreed: null,
    owed: { target: null },
  },
  {
    name: "scenario 4, source wins: what the source changed is created again",
    settings: sourceWins,
    base: BASE,
    now: { source: { ...BASE, a: 2 }, target: null },
    agreed: { ...BASE, a: 2 },
    owed: { target: { ...BASE, a: 2 } },
  },
  {
    name: "scenario 4, target wins: what the target changed is created again",
    settings: targetWins,
    base: BASE,
    now: { source: null, target: { ...BASE, a: 3 } },
    agreed: { ...BASE, a: 3 },
    owed: { source: { ...BASE, a: 3 } },
  },
  {
    name: "edit-wins: the edit is kept and the deletion undone",
    settings: { deletes: "edit-wins" },
    base: BASE,
    now: { source: null, target: { ...BASE, a: 3 } },
    agreed: { ...BASE, a: 3 },
    owed: { source: { ...BASE, a: 3 } },
  },
  {
    name: "delete-wins: the edited row is deleted",
    settings: { deletes: "delete-wins" },
    base: BASE,
    now: { source: null, target: { ...BASE, a: 3 } },
    agreed: null,
    owed: { target: null },
  },
  {
    name: "deletes: ask goes before a side that wins",
    settings: { ...sourceWins, deletes: "ask" },
    base: BASE,
    now: { source: null, target: { ...BASE, a: 3 } },
    agreed: BASE,
    open: [["*", "conflict", { source: null, target: { a: 3 } }]],
  },

  // First meetings.
  {
    name: "a first meeting: equal fields agree, different ones are asked, nothing is written",
    now: { source: BASE, target: { ...BASE, a: 3 } },
    agreed: { b: 1, c: 1 },
    open: [["a", "conflict", { source: 1, target: 3 }]],
  },
  {
    name: "a first meeting, initial: source",
    settings: { initial: { wins: "source" } },
    now: { source: BASE, target: { ...BASE, a: 3 } },
    agreed: BASE,
    owed: { target: BASE },
  },
  {
    name: "a first meeting, initial: manual, is asked as a whole",
    settings: { initial: "manual" },
    now: { source: BASE, target: { ...BASE, a: 3 } },
    agreed: null,
    open: [["*", "conflict", { source: BASE, target: { ...BASE, a: 3 } }]],
  },
  {
    name: "a first meeting deletes nothing that the filter's owner holds outside",
    settings: { fields: ["a", "in"], filter: true },
    now: { source: { a: 1, in: false }, target: { a: 2 } },
    agreed: null,
    open: [["*", "withheld", { source: { a: 1, in: false }, target: { a: 2 } }]],
  },
];

for (const each of CASES) check(each);
