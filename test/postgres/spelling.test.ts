// Texts that only the server understands: what it refuses, and what it spells in its own way.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { OwnRow } from "../../src/core/state.ts";
import { creation, move, told, withReplica, write } from "./scene.ts";

test("a text that a type's input does not understand is refused with its column, others land", () =>
  withReplica(
    `CREATE TABLE t (id integer PRIMARY KEY, v tsvector, p jsonpath, r regclass, i inet);
     INSERT INTO t VALUES (9, 'a', '$', 'pg_class', '::1')`,
    async (replica, { name }) => {
      const collection = "t";
      const columns = ["id", "v", "p", "r", "i"];
      const outcomes = await write(replica, collection, columns, [
        creation(1, "'", null, null, null),
        creation(2, null, "$$", null, null),
        creation(3, null, null, "no such table", null),
        creation(4, null, null, null, "10.0.0.256"),
        creation(5, "'a'", null, "pg_type", "x"),
        creation(6, "'a'", "$", "pg_type", "::1"),
        move([9, "'a'", "$", "pg_class", "::1"], [9, "'", "$", "pg_class", "::1"]),
      ]);
      const refused = (column: string, state: string): string =>
        `refused VALUE_NOT_HELD: ${name}.t.${column} cannot hold a value (SQLSTATE ${state})`;
      assert.deepEqual(told(outcomes).slice(0, 5), [
        refused("v", "42601"),
        refused("p", "42601"),
        refused("r", "42602"),
        refused("i", "22P02"),
        refused("v or r or i", "22P02"),
      ]);
      assert.deepEqual(told(outcomes)[5], [6, "'a'", "$", "pg_type", "::1/128"]);
      assert.match(String(told(outcomes)[6]), /^(?:refused VALUE_NOT_HELD|stale)/);
    },
  ));

test("a row comes back as the server spells it, not as it was written", () =>
  withReplica(
    "CREATE TABLE t (id integer PRIMARY KEY, v tsvector, c cidr, many inet[])",
    async (replica) => {
      const columns = ["id", "v", "c", "many"];
      const written = await write(replica, "t", columns, [creation(1, "b a", "10", ["::1"])]);
      const row: OwnRow = [1, "'a' 'b'", "10.0.0.0/8", ["::1/128"]];
      assert.deepEqual(told(written), [row]);
      const changed = await write(replica, "t", columns, [
        move(row, [1, "c", "10.0.0.0/8", ["::1/128"]]),
      ]);
      assert.deepEqual(told(changed), [[1, "'c'", "10.0.0.0/8", ["::1/128"]]]);
    },
  ));
