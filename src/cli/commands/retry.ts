import { retryLetters } from "../../engine/index.ts";
import type { RetryView } from "../../engine/index.ts";
import type { Command } from "../command.ts";
import { leftLine } from "../cycles.ts";
import type { Over } from "../cycles.ts";
import { EXIT } from "../exit.ts";
import type { Page } from "../page.ts";
import { count, counted } from "../words.ts";
import { withLinks } from "../workspace.ts";
import { letterFilters, pipelinesOf } from "../letters/filters.ts";

const LEFT_SHOWN_MAX = 10;

/** Tries letters once more. What is still wrong stays a letter: exit 4. */
export const retry: Command = (call) =>
  withLinks(call, { access: "write", names: pipelinesOf(call) }, async (links) => {
    const views: Over<RetryView>[] = [];
    for (const { link, filter } of letterFilters(call, links)) {
      const view = await retryLetters(link, filter, call.world.stopping.signal);
      views.push({ link, view });
    }
    const tried = views.reduce((sum, { view }) => sum + view.tried, 0);
    const written = views.reduce((sum, { view }) => sum + view.written, 0);
    const left = views.flatMap(({ view }) => view.left);
    const leftCount = views.reduce((sum, { view }) => sum + view.leftCount, 0);
    const runs = views.flatMap(({ link, view: { run: id } }) =>
      id === null ? [] : [{ link: link.name, id }],
    );
    return {
      exit: leftCount > 0 ? EXIT.waits : EXIT.done,
      summary: { tried, written, left: leftCount },
      result: { runs, left },
      print: (page) => printView(page, { tried, written, left, leftCount }),
    };
  });

async function printView(
  page: Page,
  { tried, written, left, leftCount }: Omit<RetryView, "run">,
): Promise<void> {
  const { good, warn } = page.style;
  if (tried === 0) {
    await page.line(`${good("✓")} No letter fits: there is nothing to try again.`);
    return;
  }
  for (const each of left.slice(0, LEFT_SHOWN_MAX)) await page.line(leftLine(page, each));
  const more = leftCount - LEFT_SHOWN_MAX;
  if (more > 0) await page.line(`  and ${count(more)} more`);
  const sign = leftCount === 0 ? good("✓") : warn("⚠");
  const still = leftCount === 0 ? "" : `, ${count(leftCount)} left`;
  await page.line(`${sign} ${counted(tried, "letter")} tried, ${count(written)} written${still}.`);
}
