// The thread of a loader: pages of new rows come in, each a batch with its marker, and lie in the
// database when the answer goes out. What waits when one is done goes into the same transaction. It
// knows no way but this one: whatever is in it is said no to, and nothing of it is there.
import { DatabaseSync } from "node:sqlite";
import type { StatementSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { assert } from "../../core/errors.ts";
import { serveShortCut } from "../../threads/short-cut.ts";
import type { Worked } from "../../threads/short-cut.ts";
import { ROWS_AT_ONCE, STATEMENTS_MAX, insertSql } from "./insert.ts";
import type { LoaderData, LoaderPage } from "./loader.ts";
import { makeMarkers } from "./markers.ts";
import { unpacker } from "./packing.ts";

serveShortCut((data): Worked<LoaderPage> => {
  const { path, busyMs, hasMarkers } = data as LoaderData; // startLoader() gave it
  const url = new URL(`${pathToFileURL(path).href}?mode=rw`);
  const db = new DatabaseSync(url, { timeout: busyMs });
  db.exec("PRAGMA foreign_keys = ON");
  const put = putter(db, hasMarkers);
  return {
    doAll: (pages) => {
      try {
        db.exec("BEGIN IMMEDIATE; PRAGMA defer_foreign_keys = 1");
        for (const page of pages) put(page);
        db.exec("COMMIT");
      } finally {
        if (db.isTransaction) db.exec("ROLLBACK");
      }
    },
    close: () => db.close(),
  };
});

/** Puts pages into a database, inside the caller's transaction. */
function putter(db: DatabaseSync, hasMarkers: boolean): (page: LoaderPage) => void {
  const markers = hasMarkers ? makeMarkers(db) : undefined;
  const schema = db.prepare("PRAGMA schema_version");
  const statements = new Map<string, StatementSync>();
  const insertion = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    if (statements.size >= STATEMENTS_MAX) statements.clear();
    const statement = db.prepare(sql);
    // Otherwise run() throws after the row is in when its rowid is beyond 2^53.
    statement.setReadBigInts(true);
    statements.set(sql, statement);
    return statement;
  };
  return ({ table, columns, schemaVersion, values, batch, stored }) => {
    assert(schema.get()?.["schema_version"] === schemaVersion, "the schema has moved");
    assert(markers?.find(batch) === undefined, "the batch landed before");
    const take = unpacker(values);
    let left = values.kinds.length / columns.length;
    for (const rows of [ROWS_AT_ONCE, 1]) {
      if (left < rows) continue;
      const statement = insertion(insertSql(table, columns, rows));
      for (; left >= rows; left -= rows) statement.run(...take(rows * columns.length));
    }
    markers?.settle(batch);
    markers?.leave(batch, { missed: "[]", stored });
  };
}
