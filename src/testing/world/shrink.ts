// A failing schedule made small: fewer kinds of faults, fewer steps and sides, as long as the same
// property breaks.
import type { FaultKind, Script } from "./script.ts";
import { playScript, type PlayOptions } from "./world.ts";

/**
 * A smaller script that breaks the same property. Throws RangeError where the script breaks none.
 */
export async function shrinkScript(
  script: Script,
  property: string,
  options: PlayOptions = {},
): Promise<Script> {
  const detailOf = async (candidate: Script): Promise<string | undefined> =>
    (await playScript(candidate, options)).violations.get(property);
  const detail = await detailOf(script);
  if (detail === undefined) throw new RangeError(`the script does not break: ${property}`);
  const cause = causeOf(detail);
  const fails = async (candidate: Script): Promise<boolean> => {
    const found = await detailOf(candidate);
    return found !== undefined && causeOf(found) === cause;
  };
  let best = script;
  for (let isSmaller = true; isSmaller;) {
    isSmaller = false;
    for (const candidate of smallerThan(best)) {
      if (!(await fails(candidate))) continue;
      best = candidate;
      isSmaller = true;
      break;
    }
  }
  return best;
}

/** Which error it was, where it was one: another one is another story. */
function causeOf(detail: string): string {
  return /^(?:[A-Z]{2,}[A-Z_]*|\w*Error)\b/.exec(detail)?.[0] ?? "";
}

/** The boldest first. */
function* smallerThan(script: Script): Generator<Script> {
  const { faults, steps, link } = script;
  for (const kind of Object.keys(faults) as FaultKind[]) {
    if (faults[kind] > 0) yield { ...script, faults: { ...faults, [kind]: 0 } };
  }
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < steps.length; at += size) {
      yield { ...script, steps: [...steps.slice(0, at), ...steps.slice(at + size)] };
    }
  }
  if (link.sides.length > 2) {
    const sides = link.sides.slice(0, -1);
    yield { ...script, link: { ...link, sides } };
  }
  for (const plainer of plainerLinks(script)) yield plainer;
}

function* plainerLinks(script: Script): Generator<Script> {
  const { link } = script;
  for (const setting of ["hasUnion", "hasFilter", "hasRules", "hasText"] as const) {
    if (link[setting]) yield { ...script, link: { ...link, [setting]: false } };
  }
  for (const [at, side] of link.sides.entries()) {
    const plainest = { ...side, storing: "exact", commits: "page", pageRows: 1000 } as const;
    const isPlain = side.storing === "exact" && side.commits === "page" && side.pageRows === 1000;
    if (isPlain) continue;
    const sides = link.sides.with(at, plainest);
    yield { ...script, link: { ...link, sides } };
  }
}
