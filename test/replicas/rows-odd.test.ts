// Files as they are found in the world: other encodings, broken lines, names that mean something to
// JavaScript, huge records.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { OwnRow } from "../../src/core/state.ts";
import { whyIllegible } from "../../src/engine/illegible.ts";
import type { Replica, Shape } from "../../src/engine/replica.ts";
import { RECORD_CHARS_MAX } from "../../src/replicas/rows/records.ts";
import {
  creation,
  keyOf,
  move,
  never,
  pagesOf,
  rowsOf,
  shown,
  withRows,
  write,
} from "./rows-files.ts";

const IT: Shape = { collection: "it", key: ["id"], columns: ["id", "name"] };

const described = async (replica: Replica) => (await replica.describe(never)).collections.get("it");

const TEXT = "id,name\n1,Zoë €\n2,b\n";
const WINDOWS = Buffer.from(TEXT.replace("€", "\u0080"), "latin1");
const WIDE = Buffer.from(TEXT, "utf16le");

const ENCODED: readonly (readonly [string, Buffer, object])[] = [
  ["UTF-8", Buffer.from(TEXT), {}],
  ["UTF-8 with a mark", Buffer.from(`\ufeff${TEXT}`), {}],
  ["UTF-16 with a mark", Buffer.from(`\ufeff${TEXT}`, "utf16le"), {}],
  ["big-endian UTF-16 with a mark", Buffer.from(`\ufeff${TEXT}`, "utf16le").swap16(), {}],
  ["UTF-16 as declared", WIDE, { encoding: "utf-16le" }],
  ["windows-1252 as declared", WINDOWS, { encoding: "windows-1252" }],
];

for (const [name, bytes, options] of ENCODED) {
  test(`${name} is read, and written as it was`, async () => {
    await withRows(
      { "it.csv": bytes },
      async (replica, folder) => {
        assert.deepEqual(await rowsOf(replica, IT), [
          ["1", "Zoë €"],
          ["2", "b"],
        ]);
        const writes = [move(keyOf("2"), ["2", "b"], ["2", "€ü"])];
        assert.deepEqual((await write(replica, IT, writes)).map(shown), ["applied"]);
        const start = bytes.subarray(
          0,
          bytes.length - Buffer.from("b\n", encodingOf(bytes)).length,
        );
        const written = readFileSync(join(folder, "it.csv"));
        assert.deepEqual(written.subarray(0, start.length), start);
        assert.deepEqual((await rowsOf(replica, IT))[1], ["2", "€ü"]);
      },
      options,
    );
  });
}

const encodingOf = (bytes: Buffer) => (bytes.includes(0) ? "utf16le" : "latin1");

test("bytes that are no text are an error with their line", async () => {
  const bytes = Buffer.concat([
    Buffer.from("id,name\n1,a\n2,"),
    Buffer.of(0xff),
    Buffer.from("\n"),
  ]);
  await withRows({ "it.csv": bytes, "other.csv": "a\n1\n" }, async (replica) => {
    const { collections } = await replica.describe(never);
    assert.equal(collections.get("it")?.broken?.code, "LIST_FAILED");
    assert.match(collections.get("it")?.broken?.message ?? "", /^line 3 of /);
    assert.equal(collections.get("other")?.broken, undefined, "another file is in its way");
    await assert.rejects(rowsOf(replica, IT), { code: "LIST_FAILED" });
  });
});

test("a character that the encoding does not have is refused, alone", async () => {
  await withRows(
    { "it.csv": Buffer.from("id,name\n1,é\n", "latin1") },
    async (replica, folder) => {
      const writes = [creation(keyOf("2"), ["2", "€"]), creation(keyOf("3"), ["3", "ü"])];
      const outcomes = await write(replica, IT, writes);
      assert.deepEqual(outcomes.map(shown), ["refused VALUE_NOT_HELD", "applied"]);
      const text = readFileSync(join(folder, "it.csv"), "latin1");
      assert.equal(text, "id,name\n1,é\n3,ü\n");
    },
    { encoding: "latin1" },
  );
});

test("a line that cannot be read is named, and nothing counts as absent", async () => {
  const text = 'id,name\n1,a\n2,b,too many\n"3"x,c\n4,d\n';
  await withRows({ "it.csv": text }, async (replica, folder) => {
    const pages = await pagesOf(replica, IT);
    assert.deepEqual(
      pages.flatMap(({ rows }) => rows),
      [
        ["1", "a"],
        ["4", "d"],
      ],
    );
    const unkeyed = pages.flatMap((page) => page.unkeyed ?? []);
    assert.deepEqual(
      unkeyed.map(({ code, where }) => [code, where.slice(where.lastIndexOf(":"))]),
      [
        ["ROW_BROKEN", ":3 has 3 fields where there should be 2"],
        ["ROW_BROKEN", ":4 has text behind a closing quote"],
      ],
    );
    assert.ok(pages.every(({ covers }) => covers === undefined || covers.proof === "paged"));
    const { rows } = await replica.read(IT, [keyOf("1"), keyOf("2")], never);
    assert.deepEqual(rows[0], ["1", "a"]);
    assert.match(whyIllegible(rows[1] ?? ["no"])?.[0] ?? "", /it\.csv:3 /);
    const outcomes = await write(replica, IT, [
      creation(keyOf("2"), ["2", "twice?"]),
      move(keyOf("4"), ["4", "d"], ["4", "D"]),
    ]);
    assert.deepEqual(outcomes.map(shown), ["later VALUE_UNREADABLE", "applied"]);
    assert.equal(readFileSync(join(folder, "it.csv"), "utf8"), text.replace("4,d", "4,D"));
  });
});

test("a value that does not fit its type is there, and cannot be read", async () => {
  const shape: Shape = { ...IT, types: [{ kind: "integer" }, { kind: "date" }] };
  const text = "id,name\n1,2026-01-01\n2,tomorrow\nx,2026-01-01\n,2026-01-02\n";
  await withRows({ "it.csv": text }, async (replica) => {
    const pages = await pagesOf(replica, shape);
    const rows = pages.flatMap((page) => page.rows);
    assert.deepEqual(rows[0], [1, "2026-01-01"]);
    assert.deepEqual(whyIllegible(rows[1] ?? ["no"]), ["Field 'name' is not a date"]);
    assert.deepEqual(
      pages.flatMap((page) => page.unkeyed ?? []).map(({ code }) => code),
      ["KEY_INVALID", "KEY_MISSING"],
    );
    assert.equal(pages.at(-1)?.covers?.proof, "snapshot");
    const outcomes = await write(replica, shape, [
      move(keyOf(2), [2, "2026-01-02"], [2, "2026-01-03"]),
      move(keyOf(1), [1, "2026-01-01"], [1, "31.12."]),
    ]);
    assert.deepEqual(outcomes.map(shown), ["stale", "refused VALUE_NOT_HELD"]);
  });
});

test("a quote that nobody closed takes the rest of the file, up to a limit", async () => {
  await withRows({ "it.csv": 'id,name\n1,a\n2,"b\n3,c\n' }, async (replica) => {
    const pages = await pagesOf(replica, IT);
    assert.deepEqual(
      pages.flatMap(({ rows }) => rows),
      [["1", "a"]],
    );
    assert.match(pages[0]?.unkeyed?.[0]?.where ?? "", /:3 has a quote that is never closed$/);
  });
  const huge = Buffer.concat([
    Buffer.from('id,name\n1,a\n2,"'),
    Buffer.alloc(RECORD_CHARS_MAX + (2 << 20), "x\n"),
  ]);
  await withRows({ "it.csv": huge }, async (replica) => {
    const error = { code: "LIMIT_EXCEEDED", message: /^line 3: / };
    await assert.rejects(rowsOf(replica, IT), error);
  });
});

test("names that mean something to JavaScript are names", async () => {
  const shape: Shape = {
    collection: "it",
    key: ["__proto__"],
    columns: ["constructor", "__proto__"],
  };
  const files = {
    csv: "__proto__,constructor\nk,v\n",
    ndjson: '{"__proto__":"k","constructor":"v"}\n',
    json: '[{"__proto__":"k","constructor":"v"}]',
  };
  for (const format of ["csv", "ndjson", "json"] as const) {
    await withRows(
      { [`it.${format}`]: files[format] },
      async (replica, folder) => {
        assert.deepEqual(await rowsOf(replica, shape), [["v", "k"]]);
        const writes = [move(keyOf("k"), ["v", "k"], ["w", "k"])];
        assert.deepEqual((await write(replica, shape, writes)).map(shown), ["applied"]);
        const text = readFileSync(join(folder, `it.${format}`), "utf8");
        assert.equal(text, files[format].replace(/\bv\b/, "w"));
      },
      { format },
    );
  }
});

const HEADERS: readonly (readonly [string, RegExp])[] = [
  ["a,b,a\n1,2,3\n", /two columns of .* are called 'a'/],
  ["a,,c\n1,2,3\n", /column 2 of .* has no name/],
  ["a\0,b\n1,2\n", /U\+0000/],
];

for (const [text, message] of HEADERS) {
  test(`a header is refused by name: ${JSON.stringify(text.split("\n")[0])}`, async () => {
    await withRows({ "it.csv": text }, async (replica) => {
      const broken = (await described(replica))?.broken;
      assert.equal(broken?.code, "LIST_FAILED");
      assert.match(broken?.message ?? "", message);
    });
  });
}

test("NUL and a lone carriage return are data like any other", async () => {
  await withRows({ "it.csv": "id,name\n1,a\0b\n2,c\rd\n" }, async (replica) => {
    assert.deepEqual(await rowsOf(replica, IT), [
      ["1", "a\0b"],
      ["2", "c\rd"],
    ]);
  });
});

test("JSON that is too deep or cut off is refused, and names its line", async () => {
  const deep = `${"[".repeat(600)}${"]".repeat(600)}`;
  const shape: Shape = { ...IT, types: [{ kind: "integer" }, { kind: "json" }] };
  const options = { format: "json" } as const;
  const text = `[\n{"id":1,"name":${deep}},\n{"id":2,"name":[]},\nnull]`;
  await withRows(
    { "it.json": text },
    async (replica) => {
      const pages = await pagesOf(replica, shape);
      const rows = pages.flatMap((page) => page.rows);
      assert.ok(whyIllegible(rows[0] ?? ["no"]));
      assert.deepEqual(rows[1], [2, []]);
      assert.match(pages[0]?.unkeyed?.[0]?.where ?? "", /:4 is not an object/);
    },
    options,
  );
  for (const cut of ['[{"id":1},\n{"id":2', '[{"id":1}\n{"id":2}]', '[{"id":1}]]', '[{"id":1},]']) {
    await withRows(
      { "it.json": cut },
      (replica) =>
        assert.rejects(rowsOf(replica, { ...IT, columns: ["id"] }), { code: "LIST_FAILED" }),
      options,
    );
  }
});

test("a collection's name never leads out of its folder", async () => {
  await withRows({}, async (replica) => {
    for (const name of ["../out", "a/b", "..", "", ".hidden", "a\0b", "x".repeat(300)]) {
      const collection = { name, fields: [], key: [] };
      await assert.rejects(async () => replica.create?.(collection, never), {
        code: "CONFIG_INVALID",
      });
    }
  });
});

test("an empty text in quotes is no number: there it is NULL, and stays in quotes", async () => {
  const types = [
    { kind: "integer" },
    { kind: "text" },
    { kind: "date" },
    { kind: "json" },
  ] as const;
  const shape: Shape = { collection: "it", key: ["id"], columns: ["id", "t", "d", "j"], types };
  await withRows({ "it.csv": '"id","t","d","j"\n"1","","",""\n' }, async (replica, folder) => {
    assert.deepEqual(await rowsOf(replica, shape), [[1, "", null, null]]);
    const writes = [move(keyOf(1), [1, "", null, null], [1, "x", null, null])];
    assert.deepEqual((await write(replica, shape, writes)).map(shown), ["applied"]);
    const text = readFileSync(join(folder, "it.csv"), "utf8");
    assert.equal(text, '"id","t","d","j"\n"1",x,"",""\n');
  });
});

test("a list of what JSON does not hold is refused by name", async () => {
  const bytes: Shape = {
    ...IT,
    types: [{ kind: "integer" }, { kind: "list", of: { kind: "bytes" } }],
  };
  const list: OwnRow = [1, [Uint8Array.of(1)]];
  for (const format of ["csv", "json"] as const) {
    const text = { csv: "id,name\n", json: '[{"id":0,"name":null}]' }[format];
    await withRows(
      { [`it.${format}`]: text },
      async (replica) => {
        const outcomes = await write(replica, bytes, [creation(keyOf(1), list)]);
        assert.deepEqual(outcomes.map(shown), ["refused VALUE_NOT_HELD"]);
      },
      { format },
    );
  }
});
