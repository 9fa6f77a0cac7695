// What every journal holds against a commit before it saves anything of it.
import { assert } from "../core/errors.ts";
import type { Hash } from "../core/hash.ts";
import { JOINT } from "./journal.ts";
import type { Commit, DigestBodies, EntryRecord, HistoryRecord, JoinedEntries } from "./journal.ts";

/** Throws AssertionError where a commit breaks the contract, so that no part of it is saved. */
export function checkCommit(commit: Commit): void {
  for (const { records } of commit.entries ?? []) {
    for (const { key, body } of records) {
      assert(key !== "", "an entry has a key");
      // A store in UTF-8 would silently save something else.
      assert(body === null || body.isWellFormed(), "an entry's body is well-formed text");
      assert(!body?.includes("\0"), "an entry's body is text without U+0000");
    }
  }
  for (const { keys, bodies, odd } of commit.joined ?? []) {
    assert(keys !== "", "joined entries have keys");
    const isText = typeof bodies !== "string" || bodies.isWellFormed();
    assert(isText, "joined bodies are well-formed text");
    for (const { body } of odd) {
      const isBody = body.isWellFormed() && !body.includes(JOINT);
      assert(isBody, "an entry's body is well-formed text without U+0000");
    }
  }
  for (const { changes } of commit.history ?? []) {
    assert(changes.isWellFormed(), "a recorded change is well-formed text");
  }
  for (const { body } of commit.blocks ?? []) {
    assert(body.isWellFormed(), "a plan's block is well-formed text");
  }
}

/** True when a commit changes entries: it makes plans of before stale. */
export function changesEntries(commit: Commit): boolean {
  if ((commit.joined ?? []).length > 0) return true;
  return (commit.entries ?? []).some(({ records }) => records.length > 0);
}

/** Bodies with their digests made. */
export function bodiesBy(hash: Hash, { texts, before, after }: DigestBodies): string {
  if (texts.length === 0) return "";
  const digests = new TextDecoder().decode(texts).slice(0, -1).split(JOINT).map(hash);
  return `${before}${digests.join(`${after}${JOINT}${before}`)}${after}`;
}

/** Joined entries one by one. Digests must have been made. */
export function recordsOf({ count, keys, bodies, odd }: JoinedEntries): EntryRecord[] {
  assert(typeof bodies === "string", "the digests of joined entries were not made");
  const texts = bodies === "" ? [] : bodies.split(JOINT);
  const names = keys.split(JOINT);
  assert(names.length === count, "joined entries are as many as they say");
  assert(texts.length + odd.length === count, "each joined entry has its body");
  let passed = 0;
  return names.map((key, at): EntryRecord => {
    const one = odd[passed];
    if (one?.at !== at) return { key, body: texts[at - passed] ?? "", flags: 0 };
    passed += 1;
    return { key, body: one.body, flags: one.flags };
  });
}

/** The changes that joined entries stand for, one by one. */
export function historyOfJoined(joined: JoinedEntries): HistoryRecord[] {
  const { pipeline, keys, odd, history } = joined;
  if (history === undefined) return [];
  const others = new Set(odd.map(({ at }) => at));
  return keys
    .split(JOINT)
    .filter((_, at) => !others.has(at))
    .map((key) => ({ ...history, pipeline, key }));
}

/** Records in ascending key order, one for each key: the later of two counts. */
export function inKeyOrder(records: readonly EntryRecord[]): readonly EntryRecord[] {
  if (isAscending(records)) return records;
  const newest = new Map(records.map((record) => [record.key, record]));
  return [...newest.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

function isAscending(records: readonly EntryRecord[]): boolean {
  let before = "";
  for (const { key } of records) {
    if (key <= before) return false;
    before = key;
  }
  return true;
}
