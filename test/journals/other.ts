// Another program for the tests: opens a journal for writing and does what it is told.
// other.ts PATH hold            holds the lock until it is killed
// other.ts PATH write           saves version after version of all entries, printing each saved one
// other.ts PATH die N           kills itself at the N-th look at an entry of its second commit
// other.ts PATH open            prints the journal's identity
import { sqliteJournal } from "../../src/journals/sqlite/index.ts";
import type { Commit, EntryRecord } from "../../src/engine/journal.ts";

const ENTRIES = 500;
const [path = "", task, count = "0"] = process.argv.slice(2);

const journal = await sqliteJournal({ path, program: "other 1.2.3" });
if (task === "open") {
  console.log(journal.identity);
  await journal.close();
  process.exit(0);
}
const link = await journal.open("link", "write");

if (task === "hold") {
  console.log("held");
  // Until it is killed.
  setInterval(() => {}, 1_000);
}
if (task === "write") {
  for (let version = 1; ; version++) {
    await link.commit(versionOf(version));
    console.log(version);
  }
}
if (task === "die") {
  await link.commit(versionOf(1));
  let looks = 0;
  const watched = (record: EntryRecord): EntryRecord => ({
    ...record,
    get body() {
      if (++looks === Number(count)) process.kill(process.pid, "SIGKILL");
      return record.body;
    },
  });
  const { entries = [], ...others } = versionOf(2);
  const records = entries.flatMap((each) => each.records).map(watched);
  await link.commit({ ...others, entries: [{ pipeline: "p", records }] });
}

function versionOf(version: number): Commit {
  const records = Array.from({ length: ENTRIES }, (_, i) => {
    return { key: `k${i}`, body: `${version}`, flags: version % 2 };
  });
  return {
    entries: [{ pipeline: "p", records }],
    facts: [{ name: "version", value: `${version}` }],
  };
}
