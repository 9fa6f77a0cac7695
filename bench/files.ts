// How fast files are listed in key order, and in how much memory: rows that are in order already,
// and rows that have to be sorted. `node bench/files.ts [ROWS]`, default 5,000,000.
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Shape } from "../src/engine/replica.ts";
import { rowsReplica } from "../src/replicas/rows/index.ts";

const rows = Number(process.argv[2] ?? 5_000_000);
const never = new AbortController().signal;
const COLUMNS = ["id", "name", "email", "city", "amount", "score", "active", "at", "note", "code"];
const KINDS = ["integer", "text", "text", "text", "decimal", "real", "boolean", "instant"] as const;
const shape: Shape = {
  collection: "t",
  key: ["id"],
  columns: COLUMNS,
  types: COLUMNS.map((_, at) => ({ kind: KINDS[at] ?? "text" })),
};

const folder = mkdtempSync(join(tmpdir(), "syncline-bench-"));
try {
  for (const order of ["in order", "shuffled"] as const) {
    fill(join(folder, "t.csv"), order);
    const replica = await rowsReplica({ name: "files", path: folder, format: "csv" });
    const before = process.cpuUsage();
    const began = performance.now();
    let count = 0;
    for await (const page of replica.list(shape, null, never)) count += page.keys.length;
    const seconds = (performance.now() - began) / 1000;
    const { user, system } = process.cpuUsage(before);
    const cpu = (user + system) / 1e6;
    const peak = Math.round(process.resourceUsage().maxRSS / 1024);
    console.log(
      `${count} rows ${order}: ${seconds.toFixed(1)} s, ${cpu.toFixed(1)} s of processor, ` +
        `${Math.round(count / cpu / 1000)} k rows a second of it, peak ${peak} MB`,
    );
    await replica.close();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function fill(path: string, order: "in order" | "shuffled"): void {
  const file = openSync(path, "w");
  let block = `${COLUMNS.join(",")}\n`;
  for (let n = 0; n < rows; n++) {
    // A prime that shares no factor with round numbers of rows: every id comes once.
    const id = order === "in order" ? n : (n * 7_368_787) % rows;
    const at = `2026-01-${String((id % 28) + 1).padStart(2, "0")}T10:00:00Z`;
    const note = id % 3 === 0 ? "" : `"a note, with a comma"`;
    block +=
      `${id},Customer ${id},customer${id}@example.org,Berlin,${id % 10_000}.${10 + (id % 90)},` +
      `${(id / 8).toFixed(3)},${id % 2 === 0},${at},${note},C-${id}\n`;
    if (block.length < 1 << 20) continue;
    writeSync(file, block);
    block = "";
  }
  writeSync(file, block);
  closeSync(file);
}
