// The entries of a file, in the order of the file.
import type { Key, OwnRow, Value } from "../../core/state.ts";
import type { Unkeyed } from "../../engine/replica.ts";
import type { OpenFile } from "./folder.ts";
import { readRecord } from "./shaped.ts";
import type { Shaped } from "./shaped.ts";
import { textOf } from "./text.ts";

/** Rows without a key that are named one by one. */
const UNKEYED_MAX = 1000;

/** A row under its key. */
export interface Entry {
  readonly key: Key;
  readonly row: OwnRow;
}

/** All entries in the order of the file, batch by batch; what has no key goes to `unkeyed`. */
export function* recordsIn(file: OpenFile, shaped: Shaped, unkeyed: Unkeyed[]): Generator<Entry[]> {
  const { layout, snapshot } = file;
  const { path } = snapshot;
  const wanted = { columns: shaped.columns, isRaw: false };
  for (const { rows, lines, broken } of layout.records(textOf(snapshot), wanted)) {
    const entries: Entry[] = [];
    for (let at = 0; at < rows.length; at++) {
      const line = lines[at] ?? 0;
      const why = broken.size === 0 ? undefined : broken.get(at);
      if (why !== undefined) {
        note(unkeyed, { code: "ROW_BROKEN", where: `${path}:${line} ${why}` });
        continue;
      }
      const found = readRecord(shaped, rows[at] ?? [], { path, line });
      if (found.key === undefined) note(unkeyed, found.unkeyed);
      else entries.push(found);
    }
    yield entries;
  }
}

/** Those that break the proof of absence are never left out. */
function note(unkeyed: Unkeyed[], one: Unkeyed): void {
  if (unkeyed.length < UNKEYED_MAX) unkeyed.push(one);
  else if (one.code === "ROW_BROKEN") unkeyed[UNKEYED_MAX - 1] = one;
}

/** A record under its key, not yet read. */
export interface KeyAt {
  readonly key: Key;
  readonly raw: string;
  readonly line: number;
}

/** Only keys, and the text of the records where it is asked for. */
export function* keysIn(
  { layout, snapshot }: OpenFile,
  shaped: Shaped,
  { unkeyed, isRaw }: { readonly unkeyed: Unkeyed[]; readonly isRaw: boolean },
): Generator<KeyAt[]> {
  const { path } = snapshot;
  const names = shaped.shape.key.join(", ");
  const wanted = { columns: shaped.keyColumns, isRaw };
  for (const found of layout.records(textOf(snapshot), wanted)) {
    const { rows, lines, raws, broken } = found;
    const keys: KeyAt[] = [];
    for (let at = 0; at < rows.length; at++) {
      const line = lines[at] ?? 0;
      const cells: Value[] = rows[at] ?? [];
      const why = broken.get(at);
      if (why !== undefined) {
        note(unkeyed, { code: "ROW_BROKEN", where: `${path}:${line} ${why}` });
        continue;
      }
      const isMissing = cells.some((cell) => cell === null || typeof cell === "symbol");
      const key = shaped.keyOfCells(cells);
      const code = isMissing ? "KEY_MISSING" : "KEY_INVALID";
      if (key === undefined) note(unkeyed, { code, where: `${path}:${line} (${names})` });
      else keys.push({ key, raw: raws[at] ?? "", line });
    }
    yield keys;
  }
}
