import { mkdir, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { configSchema } from "../../config/index.ts";
import { flag, hintOf, textOption, usage } from "../arguments.ts";
import type { Call, Command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { EXAMPLE, SIDE_KINDS, starterFor } from "../starter.ts";
import type { SideKind } from "../starter.ts";
import { safe } from "../values.ts";
import { CONFIG_DEFAULT } from "../workspace.ts";

/** Writes a configuration to start from. What is there already is kept, and told. */
export const init: Command = async (call) => {
  const folder = resolve(call.world.cwd, textOption(call, "dir") ?? ".");
  const hasExample = flag(call, "example");
  const starter = starterFor(kindOption(call, "source"), kindOption(call, "target"));
  await mkdir(join(folder, ".syncline"), { recursive: true });
  const schema = `${JSON.stringify(configSchema(), null, 2)}\n`;
  const files = new Map([
    [CONFIG_DEFAULT, hasExample ? EXAMPLE : starter],
    [".syncline/schema.json", schema],
  ]);
  const written: string[] = [];
  const kept: string[] = [];
  for (const [name, text] of files) {
    ((await isNew(join(folder, name), text)) ? written : kept).push(name);
  }
  if (hasExample) {
    const { makeExample } = await import("../example.ts");
    const made = makeExample(folder);
    written.push(...made.written);
    kept.push(...made.kept);
  }
  const inside = relative(call.world.cwd, folder);
  return {
    exit: EXIT.done,
    summary: { written: written.length, kept: kept.length },
    result: { folder, written, kept },
    print: async (page) => {
      const { good, dim } = page.style;
      for (const name of written) await page.line(`${good("✓")} ${name}`);
      for (const name of kept) await page.line(`${dim("·")} ${name} was there: kept as it is`);
      const next = hasExample ? "syncline plan" : "edit syncline.yaml, then  syncline validate";
      const first = inside === "" ? "" : `cd ${safe(inside)}, then  `;
      await page.line(`Next:  ${first}${next}`);
    },
  };
};

/** What a side is to be. The example's are what they are. */
function kindOption(call: Call, side: "source" | "target"): SideKind {
  const text = textOption(call, side);
  if (text === undefined) return "sqlite";
  if (flag(call, "example")) {
    throw usage(`--example makes its own ${side}.`, "Leave one of the two options out.");
  }
  const kind = SIDE_KINDS.find((each) => each === text);
  if (kind === undefined) {
    throw usage(`"${safe(text)}" is no kind of system.`, hintOf(text, SIDE_KINDS));
  }
  return kind;
}

/** Writes a file that is not there. False: it is there, and stays as it is. */
async function isNew(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}
