// A person says what the row of a letter is to be.
import { parseJson } from "../../core/json.ts";
import { JSON_NULL, type Value } from "../../core/state.ts";
import { canonical } from "../../core/values.ts";
import { editLetter } from "../../engine/index.ts";
import type { EditView } from "../../engine/index.ts";
import type { Pipeline } from "../../engine/link.ts";
import { keyIn, onlyPlace, pipelineOption, usage } from "../arguments.ts";
import { authorOf } from "../author.ts";
import type { Command } from "../command.ts";
import { leftLine } from "../cycles.ts";
import { EXIT } from "../exit.ts";
import type { Page } from "../page.ts";
import { cut, safe } from "../values.ts";
import { counted, listed } from "../words.ts";
import { withLinks } from "../workspace.ts";

/** Gives values to fields of a letter's row. What its sides still do not take: exit 4. */
export const edit: Command = (call) => {
  const [text, ...words] = call.arguments;
  if (text === undefined || words.length === 0) {
    throw usage("What is to be what?", "syncline letters edit KEY FIELD=VALUE [FIELD=VALUE…]");
  }
  const names = pipelineOption(call);
  return withLinks(call, { access: "write", names }, async (links) => {
    const { link, pipeline } = onlyPlace(names[0], links, "A key");
    const key = keyIn(pipeline, text);
    const fields = Object.fromEntries(words.map((word) => fieldIn(pipeline, word)));
    const of = { pipeline: pipeline.name, key, fields, author: authorOf(call) };
    const view = await editLetter(link, of, call.world.stopping.signal);
    const { run, sides, left, kept } = view;
    return {
      exit: left.length > 0 ? EXIT.waits : EXIT.done,
      summary: { sides, left: left.length },
      result: { run: { link: link.name, id: run }, left, kept },
      print: (page) => printView(page, view),
    };
  });
};

/** `FIELD=VALUE`: JSON where the field takes what it says, else text. */
function fieldIn({ fields, types }: Pipeline, word: string): readonly [string, Value] {
  // The longest name that fits: names may have an equals sign in them.
  const name = fields
    .filter((field) => word.startsWith(`${field}=`))
    .toSorted((a, b) => b.length - a.length)[0];
  const at = name === undefined ? word.indexOf("=") : name.length;
  if (at <= 0) throw usage(`"${cut(safe(word))}" is no FIELD=VALUE.`);
  const text = word.slice(at + 1);
  const type = name === undefined ? undefined : types[fields.indexOf(name)];
  const json = parseJson(text);
  const value = json === JSON_NULL ? null : json;
  const isMeant =
    value !== undefined && (type === undefined || canonical(type, value) !== undefined);
  return [word.slice(0, at), isMeant ? value : text];
}

async function printView(page: Page, { sides, left, kept }: EditView): Promise<void> {
  const { good, warn } = page.style;
  for (const each of left) await page.line(leftLine(page, each));
  const written = Object.entries(sides).flatMap(([side, of]) => {
    const number = of.create + of.update + of.delete;
    return number === 0 ? [] : [`${counted(number, "write")} to ${safe(side)}`];
  });
  const did = written.length === 0 ? "nothing had to be written" : `${listed(written)} made`;
  await page.line(`${left.length === 0 ? good("✓") : warn("⚠")} Edited: ${did}.`);
  for (const side of kept) {
    await page.line(
      `  ${safe(side)} is never written and stays as it is; what you said stands until it changes.`,
    );
  }
}
