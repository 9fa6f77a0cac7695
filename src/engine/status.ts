// What is remembered of a link, at a glance.
import { isoOf, stampOf } from "../core/stamp.ts";
import { FLAGS } from "./journal.ts";
import type { Link } from "./link.ts";
import type { StatusView } from "./views.ts";

/** What a link's status is told of: its journal, and the names of its pipelines. */
export interface Remembered extends Pick<Link, "name" | "journal"> {
  readonly pipelines: readonly { readonly name: string }[];
}

/** Counts by pipeline and the last run. Reads only the journal. */
export async function status(link: Remembered): Promise<StatusView> {
  const pipelines: { [name: string]: StatusView["pipelines"][string] } = {};
  for (const { name } of link.pipelines) {
    const { entries, flags } = await link.journal.count(name);
    const of = (flag: number): number => flags.get(flag) ?? 0;
    const withheld = of(FLAGS.withheld);
    pipelines[name] = {
      entries,
      conflicts: Math.max(0, of(FLAGS.asks) - withheld),
      withheld,
      owed: of(FLAGS.owes),
      letters: of(FLAGS.parked),
    };
  }
  const [last] = await link.journal.runs(1);
  const lastRun =
    last === undefined
      ? null
      : { id: last.id, kind: last.kind, at: isoOf(stampOf(last.started)), status: last.status };
  return { link: link.name, pipelines, lastRun };
}
