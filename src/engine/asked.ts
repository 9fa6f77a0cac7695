// What a person may ask of one cycle. What cannot be done is refused by name, and before anything
// is looked at: doing nothing would read as done.
import { SyncError } from "../core/errors.ts";
import type { Trust } from "./identity.ts";
import type { Link } from "./link.ts";
import type { CycleOptions } from "./options.ts";

/** Throws USAGE if the options of a cycle contradict each other or what the link may write. */
export function checkAsked(link: Link, options: CycleOptions & Trust): void {
  const { limit, restore, allowDeletes, refill = [] } = options;
  if (limit !== undefined && (restore === true || allowDeletes !== undefined)) {
    const verdict = restore === true ? "restore" : "allow-deletes";
    throw new SyncError("USAGE", `--${verdict} cannot be tried with --limit`, {
      hint:
        "What is withheld is judged over all entries, and a limited run does not see them all. " +
        `Leave --limit out, or use --key${restore === true ? "" : " or --allow-deletes=MAX"}.`,
    });
  }
  const chosen = link.pipelines.filter(({ name }) => options.pipelines?.includes(name) ?? true);
  for (const { name, sides } of chosen) {
    const source = sides.find(
      ({ writable, replica }) => !writable && refill.includes(replica.name),
    );
    if (source === undefined) continue;
    const system = source.replica.name;
    throw new SyncError("USAGE", `--refill ${system} is not possible: ${name} only reads it`, {
      hint:
        `What ${system} holds is the truth of a one-way pipeline: say --trust ${system}, and ` +
        "deletions wait for you. Or name the pipelines that write to it.",
    });
  }
}
