// Kills a process at every effect of a story, or at random moments, restarts what it left, and
// compares that with what there is when nobody is killed.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Death } from "../../src/testing/lethal.ts";
import { startServer, type TestServer } from "../postgres/start.ts";
import { crash } from "./crash.ts";
import { inCopy, prepare, restart, type Found, type Scene } from "./place.ts";
import { SENT } from "./statements.ts";
import type { Story } from "./story.ts";
import { EXIT_WITHOUT_SERVER, type Grain, type Order } from "./victim.ts";

/** What a story came to. */
export interface Report {
  readonly story: string;
  readonly effects: number;
  readonly kills: number;
  /** Kills after which everything was as without. */
  readonly equal: number;
  /** Rows written twice, over all kills. */
  readonly twice: number;
  /** What was wrong, one a line; it names the kill. */
  readonly faults: readonly string[];
}

/** How a story is tortured. */
export interface Torture {
  /** Who is killed. Default: our process. The server is killed by one job at a time. */
  readonly kills?: "process" | "server";
  /** Only at effects with such names. Absent: at all of them. */
  readonly only?: RegExp;
  /** Default: the engine's effects. */
  readonly grain?: Grain;
  /** Begins at this effect. Default 1. */
  readonly from?: number;
  /** So many random moments instead of every effect. */
  readonly moments?: number;
  /** Kills under way at once. Default 2. */
  readonly jobs?: number;
  readonly onKill?: (done: number, of: number) => void;
}

/** Tortures a story in a folder and with a server of its own, which go with it. */
export async function torture(story: Story, how: Torture = {}): Promise<Report> {
  const root = mkdtempSync(join(tmpdir(), "syncline-torture-"));
  const hasServer = Object.values(story.stores).includes("postgres");
  const server = hasServer ? await startServer() : undefined;
  try {
    const on = server === undefined ? {} : { server: server.url };
    const scene: Scene = { story, folder: join(root, "scene"), ...on };
    await prepare(scene);
    const rack: Rack = { root, scene, grain: how.grain ?? "effect", server };
    const calm = await inCopy(scene, join(root, "calm"), async (copy) => {
      const lived = await startVictim(rack, orderIn(rack, copy));
      if (lived.effects === undefined) throw new RangeError(`${story.name}: died of itself`);
      return { ...lived, effects: lived.effects, found: await restart(copy) };
    });
    checkCalm(story, calm.found);
    const kills =
      how.moments === undefined ? everyEffect(calm, how) : randomMoments(calm, how.moments);
    return await killAll(rack, { calm: calm.found, kills, effects: calm.effects.length }, how);
  } finally {
    await server?.stop();
    rmSync(root, { recursive: true, force: true });
  }
}

/** What all kills of a story have in common. */
interface Rack {
  readonly root: string;
  readonly scene: Scene;
  readonly grain: Grain;
  readonly server: TestServer | undefined;
}

function orderIn({ grain }: Rack, { story, folder }: Scene): Order {
  return { folder, deed: story.deed, grain };
}

/** How a process is killed: by itself at an effect, or by us after a while (ms). */
type Kill =
  | { readonly kind: "effect"; readonly name: string; readonly death: Death }
  | { readonly kind: "moment"; readonly drawMs: () => number };

interface Calm {
  readonly effects: readonly string[];
  readonly deedMs: number;
}

function everyEffect({ effects }: Calm, { from = 1, grain, only }: Torture): readonly Kill[] {
  return effects.flatMap((name, index) => {
    const effect = index + 1;
    if (effect < from || only?.test(name) === false) return [];
    // Between two statements nothing is decided: after one is before the next.
    const isNext = grain === "statement" && effect < effects.length && !name.startsWith(SENT);
    const times = isNext ? (["before"] as const) : WHEN;
    return times.map((when): Kill => ({ kind: "effect", name, death: { effect, when } }));
  });
}

const WHEN = ["before", "after"] as const;

function randomMoments({ deedMs }: Calm, count: number): readonly Kill[] {
  const drawMs = () => Math.random() * deedMs;
  return Array.from({ length: count }, () => ({ kind: "moment", drawMs }));
}

/** The story is one only if it does what it says, at once and without writing anything twice. */
function checkCalm({ name, entries }: Story, { lines, unrest, twice }: Found): void {
  const faults = [...unrest, ...twice];
  const written = [...lines].filter(([what]) => what.startsWith("writes in "));
  const asked = lines.get("questions")?.length ?? 0;
  const count = written.reduce((sum, [, rows]) => sum + rows.length, asked);
  if (count < entries) faults.push(`${count} writes and questions, and not ${entries}`);
  if (faults.length > 0) throw new RangeError(`${name}, without kills: ${faults.join("; ")}`);
}

interface Work {
  readonly calm: Found;
  readonly kills: readonly Kill[];
  readonly effects: number;
}

async function killAll(rack: Rack, work: Work, how: Torture): Promise<Report> {
  const { calm, kills } = work;
  const isServer = how.kills === "server";
  const faults: string[] = [];
  let [next, done, equal, twice] = [0, 0, 0, 0];
  const workOn = async (): Promise<void> => {
    for (let index = next++; index < kills.length; index = next++) {
      const kill = kills[index];
      if (kill === undefined) return;
      const { found, at } = await killed(rack, { kill, isServer, name: `kill-${index}` });
      const wrong = [...differences(calm, found), ...found.unrest];
      if (wrong.length === 0) equal += 1;
      twice += found.twice.length;
      faults.push(
        ...[...wrong, ...found.twice.slice(0, SHOWN_MAX)].map((what) => `${at}: ${what}`),
      );
      how.onKill?.(++done, kills.length);
    }
  };
  const jobs = isServer ? 1 : (how.jobs ?? 2);
  await Promise.all(Array.from({ length: jobs }, workOn));
  const { name } = rack.scene.story;
  return { story: name, effects: work.effects, kills: kills.length, equal, twice, faults };
}

interface Killing {
  readonly kill: Kill;
  readonly isServer: boolean;
  /** Of the folder in which it happens. */
  readonly name: string;
}

async function killed(
  rack: Rack,
  { kill, isServer, name }: Killing,
): Promise<{ readonly found: Found; readonly at: string }> {
  const { root, scene, server } = rack;
  for (let attempt = 1; ; attempt++) {
    const killAfterMs = kill.kind === "moment" ? kill.drawMs() : undefined;
    const at =
      kill.kind === "effect"
        ? `${kill.death.when} effect ${kill.death.effect} (${kill.name})`
        : `after ${killAfterMs} ms`;
    const found = await inCopy(scene, join(root, name), async (copy) => {
      const order: Order = {
        ...orderIn(rack, copy),
        ...(kill.kind === "effect" ? { death: kill.death } : {}),
        ...(isServer && server !== undefined ? { server: server.pid } : {}),
      };
      const { isHit } = await startVictim(rack, order, killAfterMs);
      if (isHit && isServer) {
        await server?.kill();
        await server?.start();
      }
      return isHit ? await restart(copy) : undefined;
    });
    if (found !== undefined) return { found, at };
    if (attempt >= ATTEMPTS_MAX) throw new RangeError(`${scene.story.name}, ${at}: it lived`);
  }
}

/** A moment may come after the end of the deed: then another one is drawn. */
const ATTEMPTS_MAX = 20;
/** Faults of one kind that one kill is shown with. */
const SHOWN_MAX = 3;

function differences(calm: Found, found: Found): readonly string[] {
  return [...calm.lines].flatMap(([what, rows]) => {
    const [was, is] = [new Set(rows), new Set(found.lines.get(what))];
    const missing = [...was].filter((row) => !is.has(row));
    const extra = [...is].filter((row) => !was.has(row));
    const count = found.lines.get(what)?.length;
    if (missing.length + extra.length === 0 && count === rows.length) return [];
    const shown = missing.slice(0, SHOWN_MAX).map((row) => `-${row}`);
    shown.push(...extra.slice(0, SHOWN_MAX).map((row) => `+${row}`));
    return [`${what} differs, -${missing.length} +${extra.length}: ${shown.join("  ")}`];
  });
}

interface Lived {
  /** undefined: it was killed. */
  readonly effects: readonly string[] | undefined;
  readonly deedMs: number;
  /** It was killed, or its server was. */
  readonly isHit: boolean;
}

const VICTIM = resolve(import.meta.dirname, "victim.ts");

/** Runs a victim to its end, which may be ours to make. Throws when it fails by itself. */
async function startVictim({ root }: Rack, order: Order, killAfterMs?: number): Promise<Lived> {
  const words = ["--conditions=syncline-source", VICTIM, JSON.stringify(order)];
  const child = spawn(process.execPath, words, {
    env: { ...process.env, NODE_COMPILE_CACHE: join(root, "compiled") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { server } = order;
  let isLate = true;
  const kill = () => {
    isLate = false;
    if (server === undefined) child.kill("SIGKILL");
    else crash(server);
  };
  let [said, complaint, began] = ["", "", 0];
  let timer: NodeJS.Timeout | undefined;
  child.stderr.on("data", (text) => (complaint += String(text)));
  child.stdout.on("data", (text) => {
    said += String(text);
    if (began > 0) return;
    began = performance.now();
    if (killAfterMs !== undefined) timer = setTimeout(kill, killAfterMs);
  });
  const [code, signal] = await new Promise<readonly [number | null, string | null]>((end, fail) => {
    child.on("error", fail);
    child.on("close", (...how) => end(how));
  });
  clearTimeout(timer);
  const deedMs = performance.now() - began;
  if (signal === "SIGKILL") return { effects: undefined, deedMs, isHit: true };
  const isWithoutServer = server !== undefined && code === EXIT_WITHOUT_SERVER;
  if (code !== 0 && !isWithoutServer) throw new RangeError(`a victim failed: ${complaint}`);
  const [, effects = ""] = said.split("\n");
  const names = JSON.parse(effects) as readonly string[]; // the victim wrote it
  const isAtEffect = server !== undefined && names.length >= (order.death?.effect ?? Infinity);
  return { effects: names, deedMs, isHit: isAtEffect || (server !== undefined && !isLate) };
}
