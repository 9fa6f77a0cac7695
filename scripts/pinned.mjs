// Plain JavaScript, because it has to run on the Node that it refuses.
import { readFileSync } from "node:fs";

const manifest = new URL("../tools/node/package.json", import.meta.url);
const pinned = JSON.parse(readFileSync(manifest, "utf8")).version;

if (majorOf(process.versions.node) !== majorOf(pinned)) {
  process.stderr.write(
    `This is Node ${process.versions.node}, and the project is developed on Node ${pinned}.\n` +
      "Run `npm ci` (after `npm ci --ignore-scripts`: `npm rebuild --ignore-scripts`),\n" +
      "and start scripts through npm: it puts the pinned Node first in the path.\n",
  );
  process.exit(1);
}

function majorOf(version) {
  return version.split(".")[0];
}
