// How a failure is told to a person: what happened to which thing, its code, and what to do next.
import { SyncError } from "../core/errors.ts";
import { problemsOf } from "../core/problems.ts";
import type { Page } from "./page.ts";

/** Prints every problem that an error stands for. With SYNCLINE_DEBUG, also where it was thrown. */
export async function report(error: SyncError, page: Page, isDebugging: boolean): Promise<void> {
  const problems = problemsOf(error);
  for (const problem of problems) await reportOne(problem, page);
  if (problems.length > 1) await page.line(`${problems.length} problems. Nothing was changed.`);
  if (isDebugging) await page.line(stackOf(error));
}

async function reportOne(error: SyncError, page: Page): Promise<void> {
  const { bad, bold, dim } = page.style;
  const where = error.where === undefined ? "" : `  ${bold(error.where)}`;
  await page.line(`${bad("✗")} ${bad(error.code)}${where}`);
  for (const line of error.message.split("\n")) await page.line(`  ${line}`);
  const [first, ...more] = (error.hint ?? "").split("\n");
  if (first !== "") await page.line(`  ${dim("→")} ${first}`);
  for (const line of more) await page.line(`    ${line}`);
}

function stackOf(error: SyncError): string {
  const cause = error.cause instanceof Error ? `\n${error.cause.stack ?? ""}` : "";
  return `${error.stack ?? ""}${cause}`;
}
