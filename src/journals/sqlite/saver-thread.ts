// The thread of a saver: commits come in and are durable when the answer goes out. What waits when
// one is done goes into the same transaction. Whatever is in its way is said no to, and nothing of
// it is there.
import { serveShortCut } from "../../threads/short-cut.ts";
import type { Worked } from "../../threads/short-cut.ts";
import { checkSame, openWriter } from "./file.ts";
import { saveCommit } from "./save.ts";
import { unpackCommit } from "./saver.ts";
import type { Packed, SaverData } from "./saver.ts";

serveShortCut((data): Worked<Packed> => {
  const { path, file } = data as SaverData; // startSaver() gave it
  const database = openWriter(path);
  return {
    doAll: (commits) => {
      checkSame(path, file);
      database.transaction(() => {
        for (const each of commits) saveCommit(database, each.link, unpackCommit(each));
      });
    },
    close: () => database.close(),
  };
});
