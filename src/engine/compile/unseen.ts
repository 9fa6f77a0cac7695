// Sides that are only written: what a pipeline may not ask of them, and what a person is told.
import { SyncError } from "../../core/errors.ts";
import type { Link } from "../link.ts";
import { isUnseen, recalled } from "../recalled.ts";
import type { Replica } from "../replica.ts";
import type { Note } from "../views.ts";
import type { Draft } from "./draft.ts";
import { whereIs, whereIsSide } from "./where.ts";

/** True if a side of the pipeline shows nothing of what it holds. */
export function hasUnseen({ sides }: Pick<Draft, "sides">): boolean {
  return sides.some(isUnseen);
}

/** Adds what needs a look at a side that shows nothing. */
export function checkUnseen(draft: Draft, problems: SyncError[]): void {
  const { settings, origin } = draft;
  for (const side of draft.sides.filter(isUnseen)) {
    const at = `${side.settings.at.system}.${side.settings.at.collection}`;
    const refuse = (where: string, needs: string, hint: string): void => {
      const message = `${at} is only written (\`list: none\`), and ${needs}`;
      problems.push(new SyncError("CONFIG_INVALID", message, { where, hint }));
    };
    if (side.leads) {
      const where = whereIsSide(origin, settings, side.settings);
      refuse(where, "this side has to be read", "It can be the target of a one-way pipeline.");
    }
    const asked = [
      ["extra", settings.extra === "delete", "nobody sees which rows are extra"],
      ["drift", settings.drift === "keep", "nobody sees what others change there"],
      ["memory", settings.memory === "digest", "all that is known of it has to be remembered"],
    ] as const;
    for (const [setting, isSaid, needs] of asked) {
      if (isSaid) refuse(whereIs(origin, setting), needs, `Take \`${setting}\` out.`);
    }
  }
}

/** What a plan and a run say of such sides, each time. */
export function unseenSideNotes({ settings, sides }: Draft): readonly Note[] {
  return sides.filter(isUnseen).map(({ settings: side }): Note => {
    const at = `${side.at.system}.${side.at.collection}`;
    const text =
      `${at} is only written: it is taken to hold what the journal remembers. Edits of others ` +
      "there are not seen, rows that were there before are overwritten where they have a key of " +
      "ours, and nothing can be verified; with another journal every row is sent again";
    return { code: "ONLY_WRITTEN", pipeline: settings.name, text };
  });
}

/** The replicas of a link, where what some show is what the link remembers. */
export function withRecalled(
  replicas: ReadonlyMap<string, Replica>,
  drafts: readonly Draft[],
  linkOf: () => Link,
): ReadonlyMap<string, Replica> {
  const unseen = drafts.flatMap(({ sides }) => sides.filter(isUnseen));
  const systems = new Set(unseen.map(({ settings }) => settings.at.system));
  return new Map(
    [...replicas].map(([name, replica]) => {
      return [name, systems.has(name) ? recalled(replica, linkOf) : replica];
    }),
  );
}
