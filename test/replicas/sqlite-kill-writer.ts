// Writes batch after batch until somebody kills it, and says a dot for each that landed.
import { writeSync } from "node:fs";
import { sqliteReplica } from "../../src/replicas/sqlite/index.ts";
import { creation, keyOf, never } from "./sqlite-files.ts";

const [path = "", start = "0", rows = "1"] = process.argv.slice(2);
const shape = { collection: "t", key: ["id"], columns: ["id", "v"] };
const replica = await sqliteReplica({ name: "data", path });
const writer = await replica.writer(never);
for (let batch = Number(start); ; batch++) {
  const writes = Array.from({ length: Number(rows) }, (_, at) => {
    const id = batch * Number(rows) + at;
    return creation(keyOf(id), [id, "v"]);
  });
  const id = `batch ${batch}`;
  await writer.write({ id, link: "link", shape, writes, settled: [] }, never);
  writeSync(1, ".");
}
