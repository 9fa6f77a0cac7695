// A cycle over tables in which each column of one system meets one of another, and what becomes of
// their values.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig, openConfig, realEnv } from "../../src/config/index.ts";
import { SyncError } from "../../src/core/errors.ts";
import { problemsOf } from "../../src/core/problems.ts";
import { letters, run } from "../../src/engine/index.ts";
import type { Link, LetterView } from "../../src/engine/index.ts";
import type { Dump, PairingTable, Place } from "./pairing-places.ts";

const never = new AbortController().signal;

/** Tables of two systems, and which of their columns may be paired. */
export interface Pairing {
  readonly folder: string;
  readonly here: Place;
  readonly there: Place;
  readonly families: readonly Family[];
  /** Pairings that a configuration may have: `held[i]` are positions of columns of family i. */
  readonly held: readonly (readonly number[])[];
}

/** A table on each side, and an empty one for what comes back. */
export interface Family {
  readonly ours: PairingTable;
  readonly theirs: PairingTable;
  readonly oursBack: PairingTable;
  readonly theirsBack: PairingTable;
}

/** Tables for each type of one system with each type of another. */
export function crossed(here: Place, there: Place): readonly Family[] {
  const perFamily = Math.ceil(COLUMNS / there.columns.length);
  const families: Family[] = [];
  for (let from = 0; from < here.columns.length; from += perFamily) {
    const types = here.columns.slice(from, from + perFamily);
    const ours = types.flatMap((type) => there.columns.map(() => type));
    const theirs = types.flatMap(() => there.columns);
    const hasFew = (at: number): boolean =>
      here === there ? ours[at] !== theirs[at] : there.kind === "JSON";
    // Of one system every pairing is there twice, each way once.
    const back = here === there ? [] : rowsOf("b", theirs, hasFew);
    families.push(familyOf(families.length, [ours, rowsOf("a", ours, hasFew)], [theirs, back]));
  }
  return families;
}

type Filled = readonly [PairingTable["columns"], PairingTable["rows"]];

/** A family of filled tables. */
export function familyOf(i: number, [ours, own]: Filled, [theirs, others]: Filled): Family {
  return {
    ours: { name: `a${i}`, columns: ours, rows: [{ id: "nothing" }, ...own] },
    theirs: { name: `b${i}`, columns: theirs, rows: others },
    oursBack: { name: `c${i}`, columns: ours, rows: [] },
    theirsBack: { name: `d${i}`, columns: theirs, rows: [] },
  };
}

/** Makes the tables, and finds out which columns no configuration may pair. */
export async function makePairing(
  folder: string,
  [here, there]: readonly [Place, Place],
  families: readonly Family[],
): Promise<Pairing> {
  const own = families.flatMap(({ ours, oursBack }) => [ours, oursBack]);
  const others = families.flatMap(({ theirs, theirsBack }) => [theirs, theirsBack]);
  if (here === there) await here.make([...own, ...others]);
  else {
    await here.make(own);
    await there.make(others);
  }
  const all = families.map(({ ours }) => ours.columns.map((_, at) => at));
  const pairing = { folder, here, there, families, held: all };
  const refused = await refusedAtLoad(pairing);
  const held = all.map((positions, i) => positions.filter((at) => !refused.has(`${i} ${at}`)));
  return { ...pairing, held };
}

/** Columns of a table, about: wide rows cost, and so do many tables. */
const COLUMNS = 60;
/** Values of pairings of which there is another kind: NDJSON, or a type with itself. */
const FEW = 1;

/** Each row has a value in one column: what one refuses takes nothing else along. */
export function rowsOf(
  letter: string,
  columns: PairingTable["columns"],
  hasFew: (at: number) => boolean = () => false,
): PairingTable["rows"] {
  return columns.flatMap(({ values }, at) =>
    values
      .slice(0, hasFew(at) ? FEW : undefined)
      .map((value, v) => ({ id: `${letter}-${at}-${v}`, at, value })),
  );
}

/**
 * Pairings that are no configuration, `family position` each; the field is named, and its place.
 */
async function refusedAtLoad(pairing: Pairing): Promise<ReadonlySet<string>> {
  try {
    await withLink(pairing, "forth", async () => undefined);
  } catch (error) {
    assert.ok(error instanceof SyncError);
    const lines = readFileSync(join(pairing.folder, "forth", "syncline.yaml"), "utf8").split("\n");
    const found = problemsOf(error).map(({ code, message, where, hint }) => {
      assert.equal(code, "TYPES_DIFFER", message);
      assert.ok(hint !== undefined);
      // It points at the line of the mapping that nobody can carry out.
      const line = Number(/^(.*):(\d+):\d+$/.exec(where ?? "")?.[2]);
      const [, at] = /^The field 'c(\d+)' is .* and /.exec(message) ?? [];
      assert.ok(lines[line]?.includes(`"source": "c${at}"`), `${where}: ${message}`);
      const family = lines.slice(0, line).findLast((each) => /^ {2}"f\d+": /.test(each));
      const i = /\d+/.exec(family ?? "")?.[0];
      return `${i} ${at}`;
    });
    return new Set(found);
  }
  return new Set();
}

type Way = "forth" | "back";

/** Opens the link of a way. `back` brings to empty tables what `forth` brought. */
async function withLink<Result>(
  { folder, here, there, families, held }: Pairing,
  way: Way,
  work: (link: Link) => Promise<Result>,
): Promise<Result> {
  const own = families.flatMap(({ ours, oursBack }) => [ours, oursBack]);
  const others = families.flatMap(({ theirs, theirsBack }) => [theirs, theirsBack]);
  const isOne = here === there;
  const systems = isOne
    ? { here: here.system([...own, ...others]) }
    : { here: here.system(own), there: there.system(others) };
  const name = isOne ? "here" : "there";
  const pipelines = families.flatMap((family, i): readonly (readonly [string, object])[] => {
    const columns = ["id", ...(held[i] ?? []).map((at) => `c${at}`)];
    const mapping = columns.map((column) => ({ source: column, target: column }));
    const [ours, theirs] = [`here.${family.ours.name}`, `${name}.${family.theirs.name}`];
    if (way === "forth") {
      const both = { source: ours, target: theirs, direction: "two-way", key: "id", mapping };
      return [[`f${i}`, both]];
    }
    const back = { source: theirs, target: `here.${family.oursBack.name}`, key: "id", mapping };
    const forth = { source: ours, target: `${name}.${family.theirsBack.name}`, key: "id", mapping };
    return [
      [`c${i}`, back],
      [`d${i}`, forth],
    ];
  });
  const config = { systems, pipelines: Object.fromEntries(pipelines) };
  return withConfig(join(folder, way), config, work);
}

/** Opens the only link of a configuration in a folder, and lets go of it afterwards. */
export async function withConfig<Result>(
  folder: string,
  config: object,
  work: (link: Link) => Promise<Result>,
): Promise<Result> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "syncline.yaml");
  writeFileSync(path, JSON.stringify(config, null, 1));
  const opened = await openConfig(await loadConfig(path), { access: "write", env: realEnv() });
  try {
    const [link] = opened.links;
    return await work(link ?? assert.fail("there is no link"));
  } finally {
    await opened.close();
  }
}

/** What all tables show. */
export interface Seen {
  readonly ours: readonly Dump[];
  readonly theirs: readonly Dump[];
}

async function seen({ here, there, families }: Pairing): Promise<Seen> {
  const ours: Dump[] = [];
  const theirs: Dump[] = [];
  for (const family of families) {
    ours.push(await here.dump(family.ours));
    theirs.push(await there.dump(family.theirs));
  }
  return { ours, theirs };
}

/** What is not on the other side afterwards was refused, and it was said which field it was. */
export async function firstCycle(pairing: Pairing): Promise<Seen> {
  const said = await withLink(pairing, "forth", async (link) => {
    await run(link, {}, never);
    const found: LetterView[] = [];
    for await (const letter of letters(link, {})) found.push(letter);
    return found;
  });
  const told = new Set(said.map(({ pipeline, shown }) => `${pipeline} ${shown}`));
  for (const { shown, errors } of said) {
    const [, at = ""] = shown.split("-");
    const isNamed = errors.some((each) => new RegExp(`\\bc${at}\\b|: posint_check`).test(each));
    assert.ok(isNamed, `${shown}: ${errors.join("; ")}`);
  }
  const found = await seen(pairing);
  for (const [i, family] of pairing.families.entries()) {
    const lacking = (rows: PairingTable["rows"], there: Dump | undefined) =>
      rows.filter(({ id }) => there?.has(id) !== true).map(({ id }) => `f${i} ${id}`);
    const gone = [
      ...lacking(family.ours.rows, found.theirs[i]),
      ...lacking(family.theirs.rows, found.ours[i]),
    ];
    for (const each of gone) assert.ok(told.has(each), `${each} is silently not there`);
  }
  return found;
}

/** I11: what a column keeps in its own way is not news. */
export async function secondCycle(pairing: Pairing, before: Seen): Promise<void> {
  const writes = await withLink(pairing, "forth", writesIn);
  assert.deepEqual(changesOf(pairing, before, await seen(pairing)), []);
  assert.equal(writes, 0);
}

/** Runs once; how much was written on all sides. */
export async function writesIn(link: Link): Promise<number> {
  const { summary } = await run(link, {}, never);
  const sides = Object.values(summary.pipelines).flatMap((of) => Object.values(of.sides));
  return sides.reduce((sum, of) => sum + of.create + of.update + of.delete, 0);
}

/** Values that are others now, with the types between which they were. */
function changesOf({ families }: Pairing, before: Seen, after: Seen): readonly string[] {
  return (["ours", "theirs"] as const).flatMap((side) =>
    after[side].flatMap((dump, i) =>
      [...dump].flatMap(([id, row]) =>
        row.flatMap((value, at) => {
          const was = before[side][i]?.get(id)?.[at];
          if (value === was) return [];
          const { ours, theirs } = families[i] ?? assert.fail();
          const types = `${ours.columns[at]?.declared} with ${theirs.columns[at]?.declared}`;
          return [`${types}, ${id} in ${side}: ${String(was)} is ${String(value)}`];
        }),
      ),
    ),
  );
}

/** Brings to empty tables what came from the other side, and what stayed where it was. */
export async function backAgain(pairing: Pairing): Promise<void> {
  await withLink(pairing, "back", (link) => run(link, {}, never));
}

/** Of the first column of a table. */
export const WIDTH = 24;

/** What became of every pairing: a line for each type of `here`. */
export async function tableOf({ here, there, families, held }: Pairing): Promise<string> {
  const names = there.columns.map(({ declared }) => declared.replaceAll(" ", "_") || "-");
  const widths = names.map((name) => Math.max(name.length, 2));
  const line = (name: string, cells: readonly string[]): string => {
    const padded = cells.map((cell, at) => cell.padEnd(widths[at] ?? 2));
    return `${`${name.padEnd(WIDTH - 1)} ${padded.join(" ")}`.trimEnd()}\n`;
  };
  const cells: string[] = [];
  for (const [i, family] of families.entries()) {
    const [a, b] = [await here.dump(family.ours), await there.dump(family.theirs)];
    const [c, d] = [await here.dump(family.oursBack), await there.dump(family.theirsBack)];
    for (const at of family.ours.columns.keys()) {
      const idsIn = ({ rows }: PairingTable) =>
        rows.flatMap((row) => (row.at === at ? row.id : []));
      const forth = idsIn(family.ours);
      const back = idsIn(family.theirs);
      if (held[i]?.includes(at) !== true) cells.push(back.length === 0 ? "." : "..");
      else {
        const letters = letterOf(forth, at, { from: a, to: b, back: c });
        cells.push(letters + letterOf(back, at, { from: b, to: a, back: d }));
      }
    }
  }
  const lines = here.columns.map(({ declared }, i) =>
    line(declared || "-", cells.slice(i * names.length, (i + 1) * names.length)),
  );
  return line("", names) + lines.join("");
}

/** What became of these rows in one column. */
export function letterOf(
  ids: readonly string[],
  at: number,
  { from, to, back }: { readonly from: Dump; readonly to: Dump; readonly back: Dump },
): string {
  if (ids.length === 0) return "";
  const letters = ids.map((id): string => {
    if (!to.has(id)) return "-";
    if (!back.has(id)) return "?";
    return same(back.get(id)?.[at], from.get(id)?.[at]) ? "=" : "~";
  });
  if (letters.every((letter) => letter === "-")) return "x";
  return ["?", "-", "~"].find((letter) => letters.includes(letter)) ?? "=";
}

function same(back: unknown, was: unknown): boolean {
  assert.ok(was !== null && was !== undefined, "a value is not there that was put there");
  return back === was;
}
