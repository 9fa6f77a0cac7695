// A story's deed and its restart, done by the product on a folder of real files.
import { join } from "node:path";
import { loadConfig, openConfig, realEnv } from "../../src/config/index.ts";
import {
  FLAGS,
  PAGE_ROWS_MAX,
  applyPlan,
  questions,
  resolve,
  run,
} from "../../src/engine/index.ts";
import { TOLD_MS_MAX } from "../../src/engine/sending.ts";
import type { Env, Link } from "../../src/engine/index.ts";
import type { Deed } from "./story.ts";

/** Opens the only link of a folder for writing, and lets go of it afterwards. */
export async function withLink<Result>(
  folder: string,
  work: (link: Link) => Promise<Result>,
  env: Env = realEnv(),
): Promise<Result> {
  const config = await loadConfig(join(folder, "syncline.yaml"));
  const opened = await openConfig(config, { access: "write", env });
  try {
    const [link] = opened.links;
    if (link === undefined) throw new RangeError("a story has one link");
    return await work(link);
  } finally {
    await opened.close();
  }
}

/** Does the deed. */
export async function doDeed(link: Link, deed: Deed): Promise<void> {
  if (deed === "apply") await applyPlan(link, "latest", {}, NEVER);
  else if (deed === "run") await run(link, {}, NEVER);
  else await answerAll(link);
}

/** Goes on after a deed, whether it was finished or not. */
export async function goOn(link: Link, deed: Deed): Promise<void> {
  await run(link, {}, NEVER);
  // An answer that was never saved was never given: its author sees the questions, and repeats it.
  if (deed === "resolve") await answerAll(link);
}

/**
 * What is not at rest in a folder once what the dead process had told can no longer arrive: until
 * then a write of it is remembered beside the one that was made instead.
 */
export async function unrestIn(folder: string): Promise<readonly string[]> {
  const { now, ...env } = realEnv();
  const later = { ...env, now: () => now() + TOLD_MS_MAX + 1 };
  return await withLink(
    folder,
    async (link) => {
      const { summary } = await run(link, {}, NEVER);
      const sides = Object.values(summary.pipelines).flatMap((of) => Object.values(of.sides));
      const writes = sides.reduce((sum, of) => sum + of.create + of.update + of.delete, 0);
      const unsettled = await unsettledIn(link);
      return writes > 0 ? [...unsettled, `${writes} writes followed`] : unsettled;
    },
    later,
  );
}

/** Open questions, one a line. */
export async function asked(link: Link): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const { pipeline, shown, field, why, held } of questions(link, {})) {
    lines.push(lineOf({ pipeline, shown, field, why, held }));
  }
  return lines;
}

/** Recorded changes, one a line, in no particular order: which run made them is another matter. */
export async function remembered({ journal }: Link): Promise<readonly string[]> {
  const lines: string[] = [];
  for (let before: number | null = null; ;) {
    const page = await journal.history({}, { before, limit: PAGE_ROWS_MAX });
    lines.push(...page.map(({ pipeline, key, changes }) => lineOf([pipeline, key, changes])));
    const last = page.at(-1);
    if (last === undefined) return lines.sort();
    before = last.seq;
  }
}

/** Entries as the source has them, fields as the target has them: both sides are written. */
async function answerAll(link: Link): Promise<void> {
  for (const [field, strategy] of [
    ["*", "source-wins"],
    ["name", "target-wins"],
    ["amount", "source-wins"],
  ] as const) {
    if (!(await isAsked(link, field))) continue;
    const choice = { kind: "policy", strategy } as const;
    const answer = { filter: { field }, choice, author: "torture", allowDeletes: true } as const;
    await resolve(link, answer, NEVER);
  }
}

async function isAsked(link: Link, field: string): Promise<boolean> {
  for await (const question of questions(link, {})) {
    if (!question.isAnswered && (question.field ?? "*") === field) return true;
  }
  return false;
}

async function unsettledIn(link: Link): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { name } of link.pipelines) {
    const { flags } = await link.journal.count(name);
    for (const flag of ["owes", "parked"] as const) {
      const count = flags.get(FLAGS[flag]) ?? 0;
      if (count > 0) found.push(`${name}: ${count} entries have the flag ${flag}`);
    }
  }
  return found;
}

const lineOf = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) => {
    if (typeof each === "bigint") return `${each}n`;
    return each instanceof Uint8Array ? [...each] : each;
  });
const NEVER = new AbortController().signal;
