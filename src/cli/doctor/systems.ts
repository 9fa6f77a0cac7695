// Each system by itself: whether it answers and how fast, what it is, its clock, what we may do.
import type { Config, SystemSettings } from "../../config/index.ts";
import { openSystem } from "../../config/open.ts";
import { toldOf } from "../../config/told.ts";
import type { Description, Replica } from "../../engine/replica.ts";
import { NO_COLUMNS } from "../../engine/replica.ts";
import { syncErrorOf } from "../exit.ts";
import { counted, duration } from "../words.ts";
import { failed, fine, found } from "./check.ts";
import type { Check, Subject } from "./check.ts";

/** A system that takes longer to tell what it holds slows down every command. */
const SLOW_MS = 5000;
/** Above this, `latest`, and what an overlap of `since` has to allow for, are no longer small. */
const SKEW_MS_MAX = 10_000;

/** What looking at systems needs. */
export interface Looking {
  readonly config: Config;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** All about one system. It is closed again. */
export async function systemChecks(
  name: string,
  settings: SystemSettings,
  looking: Looking,
): Promise<readonly Check[]> {
  const { config, now, signal } = looking;
  const subject = { check: "system", of: name };
  let replica: Replica | undefined;
  try {
    replica = await openSystem(name, settings);
    const began = now();
    // An API is asked only for what is wanted of it.
    const wanted = settings.type === "http" ? usedOf(config, name) : NO_COLUMNS;
    const description = await replica.describe(signal, wanted);
    const tookMs = now() - began;
    const asked = now();
    const about = await replica.about?.(signal);
    const here = (asked + now()) / 2;
    const product = about?.product ?? WORDS[settings.type];
    const checks = [reached({ ...subject, facts: { product, tookMs } }, product, tookMs)];
    const broken = [...wanted].flatMap((each) => description.collections.get(each)?.broken ?? []);
    if (broken[0] !== undefined) throw broken[0];
    checks.push(rights(name, description));
    if (about?.clockMs !== undefined) checks.push(clock(name, about.clockMs - here));
    if (settings.type === "sqlite" || settings.type === "postgres") {
      checks.push(markers(name, settings.markers));
    }
    return checks;
  } catch (thrown) {
    signal.throwIfAborted();
    const told = toldOf(config, name, syncErrorOf(thrown));
    return told.flatMap((error) => failed(subject, error));
  } finally {
    await replica?.close();
  }
}

/** Collections of a system that pipelines name. */
function usedOf({ links }: Config, system: string): ReadonlySet<string> {
  const sides = links.flatMap((link) => link.pipelines.flatMap((each) => each.sides));
  return new Set(sides.flatMap(({ at }) => (at.system === system ? [at.collection] : [])));
}

const WORDS: { readonly [type in SystemSettings["type"]]: string } = {
  sqlite: "SQLite",
  postgres: "PostgreSQL",
  rows: "files",
  http: "HTTP API",
};

function reached(subject: Subject, product: string, tookMs: number): Check {
  const text = `${product}, answered in ${duration(tookMs)}`;
  if (tookMs < SLOW_MS) return fine(subject, text);
  return found(subject, {
    code: "SYSTEM_SLOW",
    text,
    hint: "Look at the network and at what else it does: every command asks at least as much.",
  });
}

/** Whether what pipelines need is among it is told by the pipelines. */
function rights(name: string, { collections }: Description): Check {
  const all = [...collections.values()];
  const readable = all.filter(({ broken }) => broken === undefined).length;
  const writable = all.filter(({ capabilities }) => capabilities.writable).length;
  const marked = all.filter(({ capabilities }) => capabilities.marks).length;
  const facts = { collections: all.length, readable, writable, marked };
  const what = counted(all.length, "collection");
  const text = `${what}: ${readable} may be read, ${writable} written`;
  return fine({ check: "rights", of: name, facts }, text);
}

function clock(name: string, aheadMs: number): Check {
  const facts = { aheadMs: Math.round(aheadMs) };
  const subject = { check: "clock", of: name, facts };
  const span = duration(Math.abs(aheadMs));
  const text = `its clock is ${span} ${aheadMs < 0 ? "behind" : "ahead of"} ours`;
  if (Math.abs(aheadMs) <= SKEW_MS_MAX) return fine(subject, text);
  return found(subject, {
    code: "CLOCK_SKEW",
    text,
    hint: "Let both keep time by NTP: `latest` settles rivals by it, and `since` asks by it.",
  });
}

function markers(name: string, setting: boolean | string | undefined): Check {
  const subject = { check: "markers", of: name };
  if (setting !== false) return fine(subject, "kept in the system with every batch");
  return found(subject, {
    code: "MARKERS_OFF",
    text: "not kept: after a crash nobody knows whether a batch had landed",
    hint: "Take `markers: false` out, if a small table of ours may be there.",
  });
}
