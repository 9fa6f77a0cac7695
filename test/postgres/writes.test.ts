// What a table makes of a write beside what the contract says: triggers, computed columns,
// identities, constraints of every kind, values that pass from row to row.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ABSENT } from "../../src/core/state.ts";
import type { OwnRow, Value } from "../../src/core/state.ts";
import { creation, move, never, told, withReplica, write, writeBatch, batchOf } from "./scene.ts";

const PEOPLE = ["id", "name"];

test("what a trigger makes of a row is what comes back, what it refuses stands alone", async () => {
  const sql = `
    CREATE TABLE people (id int PRIMARY KEY, name text);
    CREATE FUNCTION pass() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.name = 'ignore' THEN RETURN NULL; END IF;
      IF NEW.name = 'refuse' THEN RAISE EXCEPTION 'not %', NEW.name; END IF;
      NEW.name := upper(NEW.name); RETURN NEW; END $$;
    CREATE TRIGGER shout BEFORE INSERT OR UPDATE ON people FOR EACH ROW EXECUTE FUNCTION pass()`;
  await withReplica(sql, async (replica, { client, name }) => {
    const names = ["a", "ignore", "b", "refuse", "c"];
    const writes = names.map((each, id) => creation(id, each));
    assert.deepEqual(told(await write(replica, "people", PEOPLE, writes)), [
      [0, "A"],
      `refused WRITE_REFUSED: a trigger of ${name}.people ignored it`,
      [2, "B"],
      `refused WRITE_REFUSED: a trigger or rule of ${name}.people refused it (SQLSTATE P0001)`,
      [4, "C"],
    ]);
    const moved = [move([0, "A"], [0, "x"]), move([2, "B"], [2, "ignore"])];
    assert.deepEqual(told(await write(replica, "people", PEOPLE, moved)), [
      [0, "X"],
      `refused WRITE_REFUSED: a trigger of ${name}.people ignored it`,
    ]);
    const marks = await replica.marks("link", never);
    assert.deepEqual(marks[0]?.stored, {
      columns: ["id", "name"],
      rows: [
        { at: 0, row: [0, "A"] },
        { at: 2, row: [2, "B"] },
        { at: 4, row: [4, "C"] },
      ],
    });
    const { rows } = await client.query("SELECT * FROM people ORDER BY id");
    assert.deepEqual(
      rows.map(({ name: each }) => each),
      ["X", "B", "C"],
    );
  });
});

test("a deletion that a trigger swallows is refused, and its row stays", async () => {
  const sql = `
    CREATE TABLE people (id int PRIMARY KEY, name text);
    INSERT INTO people VALUES (1, 'a'), (2, 'b');
    CREATE FUNCTION stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF OLD.id = 1 THEN RETURN NULL; END IF; RETURN OLD; END $$;
    CREATE TRIGGER stay BEFORE DELETE ON people FOR EACH ROW EXECUTE FUNCTION stay()`;
  await withReplica(sql, async (replica, { client, name }) => {
    const writes = [move([1, "a"], null), move([2, "b"], null)];
    assert.deepEqual(told(await write(replica, "people", PEOPLE, writes)), [
      `refused WRITE_REFUSED: a trigger of ${name}.people ignored it`,
      null,
    ]);
    assert.equal((await client.query("SELECT * FROM people")).rowCount, 1);
  });
});

test("computed columns are read, and another value for one is refused by name", async () => {
  const sql = `CREATE TABLE sums (id int PRIMARY KEY, a int,
    twice int GENERATED ALWAYS AS (a * 2) STORED)`;
  await withReplica(sql, async (replica, { name }) => {
    const columns = ["id", "a", "twice"];
    const says = `${name}.sums.twice is computed by the store as another value`;
    const wrong = `refused VALUE_NOT_HELD: ${says}`;
    const writes = [creation(1, 2, 4), creation(2, 2, 5), creation(3, 7, ABSENT)];
    assert.deepEqual(told(await write(replica, "sums", columns, writes)), [
      [1, 2, 4],
      wrong,
      [3, 7, 14],
    ]);
    const moved = [move([1, 2, 4], [1, 3, 6]), move([3, 7, 14], [3, 7, 15])];
    assert.deepEqual(told(await write(replica, "sums", columns, moved)), [[1, 3, 6], wrong]);
  });
});

test("keys that the store would count up are ours to say, defaults are its own", async () => {
  const sql = `CREATE TABLE things (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    state text NOT NULL DEFAULT 'new', at date)`;
  await withReplica(sql, async (replica) => {
    const columns = ["id", "state", "at"];
    const writes = [creation(7, ABSENT, null), creation(8, "old", "2020-02-29")];
    assert.deepEqual(told(await write(replica, "things", columns, writes)), [
      [7, "new", null],
      [8, "old", "2020-02-29"],
    ]);
    const straight = [creation(9, "x", null)];
    assert.deepEqual(told(await write(replica, "things", columns, straight)), [[9, "x", null]]);
    const moved = [move([7, "new", null], [7, ABSENT, "infinity"])];
    assert.deepEqual(told(await write(replica, "things", columns, moved)), [
      [7, "new", "infinity"],
    ]);
    const renumbered = [move([8, "old", "2020-02-29"], [18, "old", "2020-02-29"])];
    const [said] = told(await write(replica, "things", columns, renumbered));
    assert.match(String(said), /^refused VALUE_NOT_HELD: .*428C9/);
  });
});

test("each constraint refuses its row alone by its name, never what was in the row", async () => {
  const sql = `
    CREATE DOMAIN short AS text CHECK (length(VALUE) < 4);
    CREATE TABLE rules (id int PRIMARY KEY, code text UNIQUE,
      amount numeric(4, 2) CHECK (amount > 0), must text NOT NULL, word short,
      span int4range, EXCLUDE USING gist (span WITH &&))`;
  const columns = ["id", "code", "amount", "must", "word", "span"];
  await withReplica(sql, async (replica, { name, client }) => {
    await client.query("INSERT INTO rules VALUES (0, 'taken', 1, 'm', 'w', '[1,5)')");
    const outcomes = told(
      await write(replica, "rules", columns, [
        creation(1, "a", "1.5", "m", "w", "[5,6)"),
        creation(2, "taken", "1", "m", "w", null),
        creation(3, "c", "-1", "m", "w", null),
        creation(4, "d", "1", null, "w", null),
        creation(5, "e", "1", "m", "secret", null),
        creation(6, "f", "1", "m", "w", "[2,3)"),
        creation(7, "g", "1000", "m", "w", null),
        creation(8, "h", "1", "m", "w", "[8,9)"),
      ]),
    );
    assert.deepEqual(outcomes, [
      [1, "a", "1.5", "m", "w", "[5,6)"],
      `refused CONSTRAINT: ${name}.rules has such values already: rules_code_key`,
      `refused CONSTRAINT: ${name}.rules does not allow it: rules_amount_check`,
      `refused CONSTRAINT: ${name}.rules.must must not be NULL`,
      `refused CONSTRAINT: ${name}.rules does not allow it: short_check`,
      `refused CONSTRAINT: ${name}.rules does not allow it: rules_span_excl`,
      `refused VALUE_NOT_HELD: ${name}.rules.amount has more digits than decimal(4,2) holds`,
      [8, "h", "1", "m", "w", "[8,9)"],
    ]);
    assert.ok(!outcomes.join().includes("secret"));
  });
});

const uuid = (n: number): string => `00000000-0000-4000-8000-00000000000${n}`;
const spot = (n: number): string => `v${n}`;
const UNIQUE: readonly (readonly [declared: string, valueOf: (n: number) => Value])[] = [
  ["text", spot],
  ["text NOT NULL", spot],
  ["int NOT NULL", (n) => n],
  ["uuid NOT NULL", uuid],
  // Of these there is no value that nobody has.
  ["date NOT NULL", (n) => `2026-01-0${n}`],
  ["timestamptz NOT NULL", (n) => `2026-01-0${n}T00:00:00Z`],
  ["varchar(2) NOT NULL", spot],
  ["numeric(2, 0) NOT NULL CHECK (spot > 0)", String],
  ["inet NOT NULL", (n) => `10.0.0.${n}/32`],
  ["jsonb NOT NULL", (n) => ({ n })],
  ["int4range NOT NULL", (n) => `[${n},${n + 1})`],
];

for (const [declared, valueOf] of UNIQUE) {
  test(`rows pass values of a unique ${declared} on in a ring`, async () => {
    const sql = `CREATE TABLE spots (id int PRIMARY KEY, spot ${declared} UNIQUE,
        t text DEFAULT 'kept', count int GENERATED ALWAYS AS IDENTITY, long int GENERATED ALWAYS
        AS (id * 10) STORED);
      CREATE TABLE children (id int PRIMARY KEY, parent int NOT NULL REFERENCES spots)`;
    await withReplica(sql, async (replica, { client }) => {
      const columns = ["id", "spot"];
      const first = [1, 2, 3, 4].map((id) => creation(id, valueOf(id)));
      await write(replica, "spots", columns, first);
      await client.query("INSERT INTO children VALUES (1, 1), (2, 2)");
      const rest = "SELECT id, t, count, long FROM spots ORDER BY id";
      const { rows: before } = await client.query(rest);
      const ring = [move([1, valueOf(1)], [1, valueOf(2)]), move([2, valueOf(2)], [2, valueOf(3)])];
      ring.push(move([3, valueOf(3)], [3, valueOf(1)]), move([4, valueOf(4)], [4, valueOf(5)]));
      assert.deepEqual(told(await write(replica, "spots", columns, ring)), [
        [1, valueOf(2)],
        [2, valueOf(3)],
        [3, valueOf(1)],
        [4, valueOf(5)],
      ]);
      const open = [move([1, valueOf(2)], [1, valueOf(3)]), move([2, valueOf(3)], [2, valueOf(6)])];
      assert.deepEqual(told(await write(replica, "spots", columns, open)), [
        [1, valueOf(3)],
        [2, valueOf(6)],
      ]);
      assert.deepEqual((await client.query(rest)).rows, before, "what is not put stays");
    });
  });
}

test("a ring of rows that others would go with is refused, and nobody goes", async () => {
  const sql = `CREATE TABLE spots (id int PRIMARY KEY, spot date NOT NULL UNIQUE);
    CREATE TABLE children (id int PRIMARY KEY, parent int REFERENCES spots ON DELETE CASCADE)`;
  await withReplica(sql, async (replica, { client }) => {
    const [a, b] = ["2026-01-01", "2026-01-02"];
    await write(replica, "spots", ["id", "spot"], [creation(1, a), creation(2, b)]);
    await client.query("INSERT INTO children VALUES (1, 1)");
    const ring = [move([1, a], [1, b]), move([2, b], [2, a])];
    const outcomes = await write(replica, "spots", ["id", "spot"], ring);
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ["refused", "refused"],
    );
    const { rows } = await client.query("SELECT * FROM children");
    assert.deepEqual(rows, [{ id: 1, parent: 1 }]);
  });
});

test("two keys that a column takes for one are both named", async () => {
  const sql = `CREATE COLLATION folding (provider = icu, locale = 'und-u-ks-level2',
      deterministic = false);
    CREATE TABLE words (word text COLLATE folding PRIMARY KEY, n int)`;
  await withReplica(sql, async (replica, { name }) => {
    const columns = ["word", "n"];
    await write(replica, "words", columns, [creation("Ada", 1)]);
    const outcomes = await write(replica, "words", columns, [creation("ADA", 2), creation("b", 3)]);
    assert.deepEqual(told(outcomes), [
      `refused KEY_FOLDS: ${name}.words takes ADA and Ada for one key`,
      ["b", 3],
    ]);
    const other = [move(["ada", 1], ["ada", 5]), move(["Ada", 1], ["Ada", 6])];
    assert.deepEqual(told(await write(replica, "words", columns, other)), [
      ["stale", null],
      ["Ada", 6],
    ]);
  });
});

test("rows of a partitioned table move from partition to partition", async () => {
  const sql = `CREATE TABLE parts (id int, place text, PRIMARY KEY (id, place))
      PARTITION BY LIST (place);
    CREATE TABLE parts_a PARTITION OF parts FOR VALUES IN ('a');
    CREATE TABLE parts_b PARTITION OF parts FOR VALUES IN ('b')`;
  await withReplica(sql, async (replica, { client, name }) => {
    const columns = ["id", "place"];
    const writes = [creation(1, "a"), creation(2, "b"), creation(3, "nowhere")];
    const [, , nowhere] = told(await write(replica, "parts", columns, writes));
    assert.equal(nowhere, `refused CONSTRAINT: ${name}.parts does not allow it`);
    await write(replica, "parts", columns, [move([1, "a"], [1, "b"]), move([2, "b"], null)]);
    assert.deepEqual((await client.query("SELECT * FROM parts_b")).rows, [{ id: 1, place: "b" }]);
  });
});

test("references that wait for the end of a transaction refuse their row alone", async () => {
  const sql = `CREATE TABLE pairs (id int PRIMARY KEY,
    other int REFERENCES pairs DEFERRABLE INITIALLY DEFERRED)`;
  await withReplica(sql, async (replica, { name }) => {
    const columns = ["id", "other"];
    const writes = [creation(1, 2), creation(2, 1), creation(3, 99), creation(4, 4)];
    const outcomes = told(await write(replica, "pairs", columns, writes));
    assert.deepEqual(outcomes, [
      [1, 2],
      [2, 1],
      `later CONSTRAINT: ${name}.pairs: it refers to a row that is not there, or is referred to` +
        " (pairs_other_fkey)",
      [4, 4],
    ]);
  });
});

test("rows that refer to each other land together, beside one that cannot", async () => {
  const sql = "CREATE TABLE pairs (id int PRIMARY KEY, other int REFERENCES pairs)";
  await withReplica(sql, async (replica) => {
    const rows = [1, 2, 3, 4, 5, 6, 7, 8].map((id) => creation(id, (id % 8) + 1));
    const outcomes = await write(replica, "pairs", ["id", "other"], [...rows, creation(9, 77)]);
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      [...rows.map(() => "applied"), "later"],
    );
    const gone = rows.map(({ to }) => move(to ?? [], null));
    const left = await write(replica, "pairs", ["id", "other"], gone);
    assert.ok(left.every(({ kind }) => kind === "applied"));
  });
});

test("a document that jsonb cannot hold is compared, changed and deleted", async () => {
  const sql = `CREATE TABLE documents (id int PRIMARY KEY, body json, note text);
    INSERT INTO documents VALUES (1, '{"a": "\\u0000", "b": [1]}', 'x')`;
  await withReplica(sql, async (replica) => {
    const columns = ["id", "body", "note"];
    const [first, second] = [
      { a: "\0", b: [1] },
      { b: [1], a: "\0\0" },
    ];
    const change = (from: OwnRow, to: OwnRow | null) =>
      write(replica, "documents", columns, [move(from, to)]);
    const noted: OwnRow = [1, first, "y"];
    assert.deepEqual(told(await change([1, first, "x"], noted)), [noted]);
    const other: OwnRow = [1, second, "y"];
    assert.deepEqual(told(await change([1, second, "x"], other)), [["stale", noted]]);
    assert.deepEqual(told(await change(noted, other)), [other]);
    const many = [2, 3].map((id) => creation(id, second, "z"));
    const made = told(await write(replica, "documents", columns, many));
    assert.deepEqual(made, [
      [2, second, "z"],
      [3, second, "z"],
    ]);
    assert.deepEqual(told(await change(other, null)), [null]);
  });
});

test("without markers nothing of ours is left, and a batch sent twice meets itself", async () => {
  await withReplica(
    "CREATE TABLE people (id int PRIMARY KEY, name text)",
    async (replica, { client, ours }) => {
      const batch = batchOf("people", PEOPLE, [creation(1, "a")]);
      assert.deepEqual(told(await writeBatch(replica, batch)), [[1, "a"]]);
      assert.deepEqual(told(await writeBatch(replica, batch)), [["stale", [1, "a"]]]);
      assert.deepEqual(await replica.marks("link", never), []);
      const sql = "SELECT 1 FROM pg_namespace WHERE nspname = $1";
      assert.equal((await client.query(sql, [ours])).rowCount, 0);
    },
    { markers: false },
  );
});

test("a value beyond a limit of its type is its column's, and no trigger is blamed", async () => {
  const sql = "CREATE TABLE texts (id int PRIMARY KEY, words tsvector)";
  await withReplica(sql, async (replica, { name }) => {
    const writes = [creation(1, "'a'"), creation(2, "x".repeat(3000)), creation(3, "'b'")];
    assert.deepEqual(told(await write(replica, "texts", ["id", "words"], writes)), [
      [1, "'a'"],
      `refused VALUE_NOT_HELD: ${name}.texts.words cannot hold a value: ` +
        "it is beyond a limit of its type or of an index (SQLSTATE 54000)",
      [3, "'b'"],
    ]);
  });
});
