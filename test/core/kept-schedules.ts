// Schedules that broke a law of the fold, one in a hundred thousand: every law meets them again.
import type { Act } from "./schedules.ts";
import type { Settings } from "./sketch.ts";

const PLAIN: Settings = {
  rows: "merge",
  initial: "merge",
  deletes: "ask",
  guard: "pass",
  settle: { tags: "union" },
  filter: false,
  of: { y: {}, z: {} },
};

export const KEPT: [Settings, readonly Act[]][] = [
  // A late deletion of ours takes a row whose edit is asked.
  [
    { ...PLAIN, rows: { wins: "x" } },
    [
      { kind: "look", rows: [[0, 0, [], false], undefined, [0, 0, [], false]] },
      { kind: "look", rows: [null, undefined, undefined] },
      { kind: "write", side: 2, fate: "pending" },
      { kind: "look", rows: [undefined, [1, 0, [], false], [2, 0, [], false]] },
      { kind: "look", rows: [undefined, undefined, null] },
      { kind: "write", side: 0, fate: "lands" },
    ],
  ],
  // A value that nobody agreed on is claimed beside an edit of another field.
  [
    { ...PLAIN, deletes: "edit-wins", rejects: (value) => value === 3, filter: true },
    [
      { kind: "look", rows: [[0, 3, [], false], undefined, undefined] },
      { kind: "look", rows: [null, undefined, [0, 3, [], false]] },
      { kind: "answer", side: 0 },
      { kind: "look", rows: [undefined, undefined, [0, 3, [0], false]] },
      { kind: "look", rows: [undefined, undefined, undefined] },
    ],
  ],
  // A side deletes by itself what it was to be told to delete, while another one creates it anew.
  [
    PLAIN,
    [
      { kind: "look", rows: [undefined, undefined, [0, 0, [], false]] },
      { kind: "look", rows: [[0, 0, [], false], undefined, null] },
      { kind: "look", rows: [null, undefined, [0, 0, [], false]] },
    ],
  ],
];
