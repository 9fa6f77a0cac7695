/**
 * Kills a process before and after every effect of every story, at every SQL statement of small
 * ones, and at random moments of a long one; restarts what it left, and compares that with what
 * there is when nobody is killed. Stories are told with SQLite, with PostgreSQL on the right (`to`)
 * and on both sides (`both`); there the server is killed as well. Prints a table; exits with 1 at
 * any difference.
 *
 *   npm run torture -- [--story NAME]… [--from EFFECT] [--jobs 2] [--moments 100]
 */
import { parseArgs } from "node:util";
import { torture, type Torture } from "../test/torture/torture.ts";
import {
  applyStory,
  familyStory,
  loadStory,
  longStory,
  resolveStory,
  roundedLoadStory,
  type Stores,
  type Story,
} from "../test/torture/story.ts";

const { values: args } = parseArgs({
  options: {
    story: { type: "string", multiple: true },
    from: { type: "string", default: "1" },
    jobs: { type: "string", default: "2" },
    moments: { type: "string", default: "100" },
  },
});
const moments = Number(args.moments);
const stories: readonly (readonly [Story, Torture])[] = [
  [applyStory(), {}],
  [loadStory(), {}],
  [roundedLoadStory(), {}],
  [resolveStory(), {}],
  [familyStory(), {}],
  [{ ...applyStory(20), name: "apply sql" }, { grain: "statement" }],
  [{ ...loadStory(60), name: "load sql" }, { grain: "statement" }],
  [{ ...resolveStory(24), name: "resolve sql" }, { grain: "statement" }],
  [{ ...familyStory(24), name: "family sql" }, { grain: "statement" }],
  [longStory(), { moments }],
  ...onServers("to", { left: "sqlite", right: "postgres" }),
  ...onServers("both", { left: "postgres", right: "postgres" }),
];

/** The stories whose sides are on a server, and kills of that server. */
function onServers(name: string, stores: Stores): readonly (readonly [Story, Torture])[] {
  const called = (story: Story, more = ""): Story => {
    return { ...story, name: `${story.name} ${name}${more}` };
  };
  // Without triggers rows are copied straight into a table: counted is only what is there.
  const straight = { ...loadStory(9_500, stores), uncounted: ["right"], entries: 0 } as const;
  return [
    [called(applyStory(500, stores)), {}],
    [called(straight), {}],
    [called(roundedLoadStory(2_500, stores)), {}],
    [called(resolveStory(300, stores)), {}],
    [called(familyStory(240, stores)), {}],
    [called(applyStory(20, stores), " sql"), { grain: "statement" }],
    [called(familyStory(24, stores), " sql"), { grain: "statement" }],
    [called(longStory(12_000, stores)), { moments }],
    [called(applyStory(500, stores), " crash"), { kills: "server" }],
    [called(straight, " crash"), { kills: "server" }],
    [called(longStory(12_000, stores), " crash"), { kills: "server", moments }],
  ];
}

const chosen = stories.filter(([{ name }]) => args.story?.includes(name) ?? true);
const unknown = args.story?.filter((name) => !stories.some(([story]) => story.name === name)) ?? [];
if (unknown.length > 0) {
  const names = stories.map(([{ name }]) => name).join(", ");
  console.error(`There is no story ${unknown.join(", ")}; there are ${names}.`);
  process.exit(2);
}

const WIDTHS = [-20, 8, 8, 8, 15];
const row = (...cells: readonly (string | number)[]): string =>
  cells
    .map((cell, at) => {
      const width = WIDTHS[at] ?? 0;
      return width < 0 ? String(cell).padEnd(-width) : String(cell).padStart(width);
    })
    .join("");

const began = performance.now();
let isGood = true;
console.log(row("story", "effects", "kills", "equal", "written twice"));
for (const [story, finely] of chosen) {
  const how: Torture = {
    ...finely,
    from: Number(args.from),
    jobs: Number(args.jobs),
    onKill: (done, of) => {
      if (process.stderr.isTTY) process.stderr.write(`\r${story.name}: ${done}/${of} `);
    },
  };
  const { effects, kills, equal, twice, faults } = await torture(story, how);
  if (process.stderr.isTTY) process.stderr.write("\r");
  console.log(row(story.name, effects, kills, equal, twice));
  for (const fault of faults) console.error(`✖ ${story.name}, ${fault}`);
  isGood &&= faults.length === 0 && equal === kills && kills > 0;
}
console.log(`${((performance.now() - began) / 1000).toFixed(0)} s`);
process.exitCode = isGood ? 0 : 1;
