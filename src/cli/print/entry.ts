// One entry of a plan: what is written where, and what is not.
import type { FieldChange, PlanItem, WriteView } from "../../engine/views.ts";
import type { Page } from "../page.ts";
import { safe, shownValue } from "../values.ts";
import { isKeyOf, questionLine, shownFields, shownKey } from "./question.ts";

/** One entry in a line for each write, question and rejection. */
export async function printItem(page: Page, item: PlanItem): Promise<void> {
  const { bad, warn, dim } = page.style;
  const key = shownKey(item);
  const drift = item.isDrift ? dim("  (drift: changed where it only follows)") : "";
  for (const write of item.writes) await page.line(`  ${writeLine(page, item, write)}${drift}`);
  for (const question of item.questions) {
    const why = question.why === "conflict" ? "" : ` ${question.why}:`;
    await page.line(`  ${warn("!")} ${key} ${why} ${questionLine(question)}`);
  }
  for (const text of item.rejected) await page.line(`  ${bad("✗")} ${key}  ${safe(text)}`);
}

/** The changes of one entry, as `charset "a" → "b"`, or the values that a new one gets. */
export function changesText(kind: WriteView["kind"], changes: readonly FieldChange[]): string {
  if (kind === "delete") return "";
  const shown = changes
    .filter(({ to }) => kind === "update" || (to !== null && to !== undefined))
    .map(({ field, from, to }): readonly [string, string] => {
      return [
        field,
        kind === "create" ? shownValue(to) : `${shownValue(from)} → ${shownValue(to)}`,
      ];
    });
  return shownFields(shown);
}

function writeLine(page: Page, item: PlanItem, { side, kind, changes }: WriteView): string {
  const { good, warn, bad } = page.style;
  const sign = { create: good("+"), update: warn("~"), delete: bad("-") }[kind];
  // A new row's key is shown already, once; other fields may hold the same value.
  const own = kind === "create" ? changes.findIndex(({ to }) => isKeyOf(item, to)) : -1;
  const news = changes.filter((_, index) => index !== own);
  return `${sign} ${shownKey(item)} → ${safe(side)}  ${changesText(kind, news)}`;
}
