// From the words of a call to what the engine takes. What does not fit is a USAGE error that says
// what would.
import { keyFromText } from "../core/key.ts";
import { nearest } from "../core/nearest.ts";
import { SyncError } from "../core/errors.ts";
import type { Key, Why } from "../core/state.ts";
import type { Link, Pipeline } from "../engine/link.ts";
import type { LogicalType } from "../core/values.ts";
import type { Call } from "./command.ts";
import { safe } from "./values.ts";
import { listed, WHYS } from "./words.ts";

/** The text of an option, or undefined when it was not given. */
export function textOption(call: Call, name: string): string | undefined {
  const value = call.options[name];
  return typeof value === "string" ? value : undefined;
}

/** True if the flag was given. */
export function flag(call: Call, name: string): boolean {
  return call.options[name] === true;
}

/** The pipeline of `--pipeline`, as a list of names; none: it was not given. */
export function pipelineOption(call: Call): readonly string[] {
  const name = textOption(call, "pipeline");
  return name === undefined ? [] : [name];
}

/** A positive whole number, or undefined when the option was not given. */
export function countOption(call: Call, name: string): number | undefined {
  const text = textOption(call, name);
  if (text === undefined) return undefined;
  const number = Number(text.replaceAll(/[_,]/g, ""));
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw usage(`--${dashed(name)} takes a whole number above 0, not "${safe(text)}".`);
}

/** A pipeline together with its link. */
export interface Place {
  readonly link: Link;
  readonly pipeline: Pipeline;
}

/**
 * True if one of two names means the other: `crm` stands for every `crm.table` that its `*` was
 * taken apart into, and only a pipeline with a `*` has names below its own.
 */
export function isMeant(name: string, asked: string): boolean {
  return stands(asked, name) || stands(name, asked);
}

/** The pipelines that these names mean, in the order of the names; without names all of them. */
export function placesNamed(names: readonly string[], links: readonly Link[]): readonly Place[] {
  const places = placesOf(links);
  if (names.length === 0) return places;
  const meant = names.flatMap((name) => {
    const found = places.filter(({ pipeline }) => stands(name, pipeline.name));
    if (found.length > 0) return found;
    throw unknownPipeline(
      name,
      places.map(({ pipeline }) => pipeline.name),
    );
  });
  return [...new Map(meant.map((place) => [place.pipeline.name, place])).values()];
}

/** True if a name as it was asked for stands for a pipeline of this name. */
export function stands(asked: string, name: string): boolean {
  return name === asked || name.startsWith(`${asked}.`);
}

/** A name that stands for no pipeline. */
export function unknownPipeline(name: string, known: readonly string[]): SyncError {
  return usage(`There is no pipeline "${safe(name)}".`, hintOf(name, known));
}

/** The only pipeline that can be meant: the one that is named, or the only one there is. */
export function onlyPlace(name: string | undefined, links: readonly Link[], what: string): Place {
  const places = placesNamed(name === undefined ? [] : [name], links);
  const [first] = places;
  if (first !== undefined && places.length === 1) return first;
  const known = places.map(({ pipeline }) => pipeline.name);
  throw severalMeant(known, what);
}

/** What belongs to one pipeline was asked of several. */
export function severalMeant(names: readonly string[], what: string): SyncError {
  const known = listed(names.map((name) => safe(name)));
  return usage(`${what} belongs to one pipeline, and there are several.`, `Name one of ${known}.`);
}

/** The key that a person means in that pipeline. */
export function keyIn(pipeline: Pipeline, text: string): Key {
  const { keyTypes, types: of } = pipeline;
  const types = keyTypes ?? pipeline.key.map((position): LogicalType => of[position] ?? ANY);
  const key = keyFromText(text, types);
  if (key !== undefined) return key;
  const names = pipeline.key.map((position) => safe(pipeline.fields[position] ?? ""));
  const form = names.length === 1 ? names.join("") : `'${names.join(", ")}' or a JSON array`;
  throw usage(`"${safe(text)}" is no key of ${safe(pipeline.name)}.`, `The key is ${form}.`);
}

/** Why a question is open, as a person wrote it. */
export function whyOption(call: Call): Why | undefined {
  const text = textOption(call, "why");
  if (text === undefined) return undefined;
  const why = WHYS.find((each) => each === text);
  if (why === undefined) throw usage(`"${safe(text)}" is no reason.`, hintOf(text, WHYS));
  return why;
}

/** The field of that name, in any of these pipelines. */
export function checkField(name: string | undefined, places: readonly Place[]): void {
  if (name === undefined || name === "*") return;
  const known = places.flatMap(({ pipeline }) => pipeline.fields);
  if (known.includes(name)) return;
  throw usage(`There is no field "${safe(name)}".`, hintOf(name, known));
}

/** Every pipeline, link by link. */
export function placesOf(links: readonly Link[]): readonly Place[] {
  return links.flatMap((link) => link.pipelines.map((pipeline) => ({ link, pipeline })));
}

/** A command line that is not understood. */
export function usage(message: string, hint?: string): SyncError {
  return new SyncError("USAGE", message, hint === undefined ? {} : { hint });
}

/** What a person may have meant, or everything there is. */
export function hintOf(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  if (near !== undefined) return `Did you mean "${safe(near)}"?`;
  return `There is ${listed([...new Set(known)].map((each) => safe(each)))}.`;
}

const ANY: LogicalType = { kind: "any" };

function dashed(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
