import { verify as verifyLink } from "../../engine/index.ts";
import type { DifferenceView, VerifyCounts, VerifyView } from "../../engine/views.ts";
import type { Command } from "../command.ts";
import { flag } from "../arguments.ts";
import { cyclesOf, overLinks } from "../cycles.ts";
import { EXIT } from "../exit.ts";
import type { Page } from "../page.ts";
import { changesText } from "../print/entry.ts";
import { shownKey } from "../print/question.ts";
import { safe } from "../values.ts";
import { count, counted } from "../words.ts";
import { withLinks } from "../workspace.ts";

const DIFFERENCES_SHOWN_MAX = 20;

/** Compares the sides with each other. Ends with 1 if they differ, with 4 if only questions do. */
export const verify: Command = (call) =>
  withLinks(call, { access: "read", names: call.arguments }, async (links) => {
    const views: VerifyView[] = [];
    for (const { link, options } of cyclesOf(call, links)) {
      const { pipelines } = options;
      const named = pipelines === undefined ? {} : { pipelines };
      const way = flag(call, "byRows") ? { byRows: true as const } : {};
      views.push(
        await overLinks(call, ({ onProgress }) => {
          const watch = onProgress === undefined ? {} : { onProgress };
          return verifyLink(link, { ...named, ...way, ...watch }, call.world.stopping.signal);
        }),
      );
    }
    const pipelines = Object.assign({}, ...views.map((view) => view.pipelines));
    return {
      exit: exitFor(views),
      summary: { pipelines },
      result: { differences: views.flatMap((view) => view.differences) },
      print: async (page) => {
        for (const view of views) await printView(page, view);
      },
    };
  });

function exitFor(views: readonly VerifyView[]): number {
  const all = views.flatMap((view) => Object.values(view.pipelines));
  if (all.some((counts) => apart(counts) > counts.open)) return EXIT.failed;
  return all.some((counts) => apart(counts) > 0) ? EXIT.waits : EXIT.done;
}

function apart(counts: VerifyCounts): number {
  const { different, onlySource, onlyTarget, unkeyed = 0 } = counts;
  return different + onlySource + onlyTarget + unkeyed;
}

async function printView(page: Page, view: VerifyView): Promise<void> {
  for (const [name, counts] of Object.entries(view.pipelines)) {
    await page.line(`${sign(page, counts)} ${page.style.bold(safe(name))}  ${countsText(counts)}`);
    if (counts.ranges !== undefined) await page.line(page.style.dim(`  ${rangesText(counts)}`));
  }
  for (const difference of view.differences.slice(0, DIFFERENCES_SHOWN_MAX)) {
    await page.line(`  ${differenceLine(page, difference)}`);
  }
  const more = view.differences.length - DIFFERENCES_SHOWN_MAX;
  if (more > 0) await page.line(`  and ${count(more)} more (--json has them)`);
}

function sign(page: Page, counts: VerifyCounts): string {
  if (apart(counts) === 0) return page.style.good("✓");
  return apart(counts) > counts.open ? page.style.bad("✗") : page.style.warn("⚠");
}

function countsText(counts: VerifyCounts): string {
  const parts = [`${counted(counts.equal, "entry", "entries")} equal`];
  if (counts.rounded > 0) parts.push(`${count(counts.rounded)} of them as a side stores them`);
  if (counts.different > 0) parts.push(`${count(counts.different)} different`);
  if (counts.onlySource > 0) parts.push(`${count(counts.onlySource)} only in source`);
  if (counts.onlyTarget > 0) parts.push(`${count(counts.onlyTarget)} only in target`);
  const { unreadable = 0, unkeyed = 0 } = counts;
  if (unreadable > 0) parts.push(`${count(unreadable)} of them unreadable`);
  if (counts.open > 0) parts.push(`${count(counts.open)} of them with an open question`);
  if (unkeyed > 0) parts.push(`${counted(unkeyed, "row")} without a key`);
  return parts.join(", ");
}

/** How they were compared, where not every row was read. */
function rangesText({ ranges = 0, descended = 0 }: VerifyCounts): string {
  const compared = `compared by digests of ${counted(ranges, "range")} of keys`;
  if (descended === 0) return compared;
  return `${compared}, and in ${count(descended)} of them row by row`;
}

function differenceLine(page: Page, difference: DifferenceView): string {
  const { kind, side, changes, errors = [], isOpen } = difference;
  const open = isOpen ? page.style.dim("  (open question)") : "";
  const why = errors.length === 0 ? "" : `  ${safe(errors.join("; "))}`;
  if (kind === "unkeyed") {
    return `${safe(difference.pipeline)} ${safe(side)}: ${safe(difference.shown)}${why}`;
  }
  const key = `${safe(difference.pipeline)} ${shownKey(difference)}`;
  if (kind !== "different") {
    return `${key}  only in ${kind === "onlySource" ? "source" : "target"}${why}${open}`;
  }
  const how = changes.length === 0 ? "" : `  ${changesText("update", changes)}`;
  return `${key}${how}${why}${open}`;
}
