// Runs after `npm ci`, and before packing with `--fresh`. Plain JavaScript, because the Node that
// runs it may be an old one: linking the pinned Node is the first thing it does.
import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const isPacking = process.argv.includes("--fresh");

// npm 10 leaves the pinned Node out of `.bin`, and scripts would silently run on the machine's own.
if (!succeeds("npm rebuild --ignore-scripts")) process.exit(1);

// The compiler never removes the output of a file that is gone, and a package must not carry it.
if (isPacking) rmSync(`${root}dist`, { recursive: true, force: true });

// `npm ci --omit=dev` has no compiler. An install goes on after an error in the sources, because
// the compiler has written what it could and `npm test` says what is wrong; packing does not.
const isBuilt = !existsSync(`${root}node_modules/typescript`) || succeeds("npm run build");
if (!isBuilt && isPacking) process.exit(1);

function succeeds(command) {
  const options = { cwd: root, shell: true, stdio: ["ignore", 2, 2] };
  return spawnSync(command, options).status === 0;
}
