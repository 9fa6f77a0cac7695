// Which letters a call means: the same options and names for everything that is done with letters.
import type { Link } from "../../engine/link.ts";
import type { LetterFilter } from "../../engine/options.ts";
import { hintOf, keyIn, onlyPlace, pipelineOption, placesNamed } from "../arguments.ts";
import { textOption, usage, type Place } from "../arguments.ts";
import type { Call } from "../command.ts";
import { safe } from "../values.ts";
import { LETTER_KINDS } from "../words.ts";

/** Letters of one link. */
export interface Meant {
  readonly link: Link;
  readonly filter: LetterFilter;
}

/** The pipelines that a call names, as words or with `--pipeline`. */
export function pipelinesOf(call: Call): readonly string[] {
  return [...call.arguments, ...pipelineOption(call)];
}

/** Which letters of which links a call means. */
export function letterFilters(
  call: Call,
  links: readonly Link[],
  names: readonly string[] = pipelinesOf(call),
): readonly Meant[] {
  const shared = sharedFilter(call, placesNamed(names, links));
  const text = textOption(call, "key");
  if (text !== undefined) {
    const { link, pipeline } = onlyPlace(names[0], links, "A key");
    const key = keyIn(pipeline, text);
    return [{ link, filter: { ...shared, pipeline: pipeline.name, key } }];
  }
  if (names.length === 0) return links.map((link) => ({ link, filter: shared }));
  return placesNamed(names, links).map(({ link, pipeline }) => {
    return { link, filter: { ...shared, pipeline: pipeline.name } };
  });
}

function sharedFilter(call: Call, places: readonly Place[]): LetterFilter {
  const code = textOption(call, "code")?.toUpperCase();
  const error = textOption(call, "error");
  const side = textOption(call, "side");
  const named = textOption(call, "kind");
  const sides = places.flatMap(({ pipeline }) => pipeline.sides.map(({ name }) => name));
  if (side !== undefined && !sides.includes(side)) {
    throw usage(`There is no side "${safe(side)}".`, hintOf(side, sides));
  }
  const kind = LETTER_KINDS.find((each) => each === named);
  if (named !== undefined && kind === undefined) {
    throw usage(`"${safe(named)}" is no kind of letter.`, hintOf(named, LETTER_KINDS));
  }
  return {
    ...(code === undefined ? {} : { code }),
    ...(error === undefined ? {} : { error }),
    ...(side === undefined ? {} : { side }),
    ...(kind === undefined ? {} : { kind }),
  };
}
