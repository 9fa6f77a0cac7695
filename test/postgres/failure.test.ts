// Every class of SQLSTATE, as the server really sends it, and what becomes of it: for the whole,
// and for one row. No word of the server's is passed on: it may hold what was in a row.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SyncError, exitCodeOf } from "../../src/core/errors.ts";
import { failureOf, isPassing } from "../../src/replicas/postgres/failure.ts";
import { isRowsFault } from "../../src/replicas/postgres/refusal.ts";
import { raised } from "./raised.ts";
import { creation, never, told, withReplica, write } from "./scene.ts";

/** A state, what it means for the whole, and its exit code. */
const WHOLE: readonly (readonly [state: string, code: string, exit: number])[] = [
  ["08006", "REPLICA_UNAVAILABLE", 3],
  ["25006", "REPLICA_READ_ONLY", 3],
  ["28000", "REPLICA_DENIED", 3],
  ["28P01", "REPLICA_DENIED", 3],
  ["3D000", "REPLICA_UNAVAILABLE", 3],
  ["3F000", "COLLECTION_MISSING", 2],
  ["40001", "REPLICA_UNAVAILABLE", 3],
  ["40P01", "REPLICA_UNAVAILABLE", 3],
  ["42501", "REPLICA_DENIED", 3],
  ["42703", "COLUMN_MISSING", 2],
  ["42P01", "COLLECTION_MISSING", 2],
  ["53100", "DISK_FULL", 3],
  ["53200", "REPLICA_UNAVAILABLE", 3],
  ["53300", "REPLICA_UNAVAILABLE", 3],
  ["55006", "REPLICA_UNAVAILABLE", 3],
  ["55P03", "REPLICA_UNAVAILABLE", 3],
  ["57014", "REPLICA_UNAVAILABLE", 3],
  ["57P01", "REPLICA_UNAVAILABLE", 3],
  ["58030", "REPLICA_UNAVAILABLE", 3],
  ["XX001", "REPLICA_UNAVAILABLE", 3],
];

const PASSING: ReadonlySet<string> = new Set(["40001", "40P01", "55006", "55P03", "57014"]);

test("each state has a code, an exit and a hint, and none of the server's words", async () => {
  for (const [state, code, exit] of WHOLE) {
    const error = await raised(state);
    const failure = failureOf(error, "h:1/d");
    assert.ok(failure instanceof SyncError);
    assert.deepEqual([failure.code, exitCodeOf(failure)], [code, exit], state);
    assert.ok(failure.message.includes(state) && failure.hint !== undefined);
    assert.ok(!JSON.stringify([failure.message, failure.hint, failure.cause]).includes("hunter2"));
    assert.equal(isPassing(error), PASSING.has(state), state);
    assert.equal(isRowsFault(error), false, state);
  }
});

/** A state, and what it means for the only row that a statement was about. */
const ROWS: readonly (readonly [state: string, outcome: string])[] = [
  ["22001", "refused VALUE_NOT_HELD"],
  ["22003", "refused VALUE_NOT_HELD"],
  ["22P02", "refused VALUE_NOT_HELD"],
  ["23001", "later CONSTRAINT"],
  ["23502", "refused CONSTRAINT"],
  ["23503", "later CONSTRAINT"],
  ["23505", "refused CONSTRAINT"],
  ["23514", "refused CONSTRAINT"],
  ["23P01", "refused CONSTRAINT"],
  ["23000", "refused CONSTRAINT"],
  ["428C9", "refused VALUE_NOT_HELD"],
  ["54000", "refused WRITE_REFUSED"],
  ["P0001", "refused WRITE_REFUSED"],
  ["ZZ123", "refused WRITE_REFUSED"],
];

test("what a trigger raises about a row is that row's alone, and without its words", async () => {
  const sql = `
    CREATE TABLE rows (id int PRIMARY KEY, state text);
    CREATE FUNCTION raise() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.state <> '' THEN RAISE EXCEPTION 'hunter2' USING ERRCODE = NEW.state; END IF;
      RETURN NEW; END $$;
    CREATE TRIGGER raise BEFORE INSERT ON rows FOR EACH ROW EXECUTE FUNCTION raise()`;
  await withReplica(sql, async (replica) => {
    const states = ["", ...ROWS.map(([state]) => state), ""];
    const writes = states.map((state, id) => creation(id, state));
    const said = told(await write(replica, "rows", ["id", "state"], writes)).map(String);
    const expected = ["0,", ...ROWS.map(([, outcome]) => outcome), `${states.length - 1},`];
    assert.deepEqual(
      said.map((each) => each.split(":")[0]),
      expected,
    );
    assert.ok(!said.join().includes("hunter2"));
    const shape = { collection: "rows", key: ["id"], columns: ["id"] };
    assert.equal((await replica.read(shape, [creation(0).key], never)).rows[0]?.length, 1);
  });
});
