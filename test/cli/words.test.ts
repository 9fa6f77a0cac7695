import assert from "node:assert/strict";
import { test } from "node:test";
import { ABSENT, JSON_NULL } from "../../src/core/state.ts";
import type { Value } from "../../src/core/state.ts";
import { documentOf } from "../../src/cli/document.ts";
import { momentOf } from "../../src/cli/moment.ts";
import { Stopping } from "../../src/cli/stopping.ts";
import { shownValue } from "../../src/cli/values.ts";
import { count, counted, duration, listed, share } from "../../src/cli/words.ts";

test("a value is shown as what it is, harmless and no longer than a glance", () => {
  const cases: readonly (readonly [Value | undefined, string])[] = [
    [undefined, "(nothing)"],
    [null, "NULL"],
    [ABSENT, "(absent)"],
    [JSON_NULL, "null"],
    ["", '""'],
    ['say "hi"\\', '"say \\"hi\\"\\\\"'],
    ["red\u001B[31m\u0007\n\t\u202Etxt", '"red\\u001b[31m\\u0007\\n\\t\\u202etxt"'],
    ["x".repeat(100), `"${"x".repeat(58)}…`],
    [12n ** 20n, "3833759992447475122176"],
    [-0.5, "-0.5"],
    [true, "true"],
    [new Uint8Array([0, 255]), "x'00ff'"],
    [new Uint8Array(100), `x'${"00".repeat(16)}…' (100 bytes)`],
    [["a", 2n ** 60n, { "\u0000": null }], '["a",1152921504606846976,{"\\u0000":null}]'],
  ];
  for (const [value, text] of cases) assert.equal(shownValue(value), text);
});

test("numbers, plurals and shares read as people write them", () => {
  assert.deepEqual([0, 999, 1294, 1234567].map(count), ["0", "999", "1,294", "1,234,567"]);
  assert.equal(counted(1, "entry", "entries"), "1 entry");
  assert.equal(counted(1294, "deletion"), "1,294 deletions");
  assert.equal(listed(["a", "b", "c"]), "a, b and c");
  assert.deepEqual([5, 12_345, 250_000].map(duration), ["5 ms", "12.3 s", "4 min 10 s"]);
  assert.equal(share(1294, 1867), "69 %");
  assert.equal(share(1, 100_000), "< 1 %");
  assert.equal(share(99_999, 100_000), "99 %");
  assert.equal(share(5, 5), "100 %");
});

test("a moment is an ISO date, a time of today, or so long ago", () => {
  const now = Date.UTC(2026, 10, 25, 12);
  assert.equal(momentOf("now", now), now);
  assert.equal(momentOf("2 hours ago", now), now - 7_200_000);
  assert.equal(momentOf("1 day ago", now), now - 86_400_000);
  assert.equal(momentOf("2026-11-25T10:00Z", now), Date.UTC(2026, 10, 25, 10));
  assert.equal(momentOf("2026-11-25 10:00:30.5+02:00", now), Date.UTC(2026, 10, 25, 8, 0, 30, 500));
  assert.equal(momentOf("2026-11-24", now), new Date(2026, 10, 24).getTime());
  assert.equal(momentOf("10:30", now), new Date(now).setHours(10, 30, 0, 0));
  for (const text of ["yesterday", "25:00", "2026-13-01", "1764064800", "", "-2 hours ago"]) {
    assert.throws(() => momentOf(text, now), { code: "USAGE" }, text);
  }
});

test("a document spells what JSON has no word for as the journal does", async () => {
  const result = {
    list: asyncList(),
    values: [2n ** 60n, NaN, ABSENT, JSON_NULL, new Uint8Array([1])],
  };
  const said = { command: "x", ok: true, summary: {}, result, error: null };
  assert.equal(
    await documentOf(said),
    '{"schemaVersion":"1.0","command":"x","ok":true,"summary":{},"result":{"list":[1,2],' +
      '"values":[{"$i":"1152921504606846976"},{"$n":"NaN"},{"$a":0},{"$j":0},{"$b":"AQ=="}]},' +
      '"error":null}\n',
  );
});

test("the first signal drains where work can, else aborts; the next one goes further", async () => {
  const writing = new Stopping();
  await writing.whileDraining(async () => {
    assert.equal(writing.ask("SIGINT"), "drain");
    assert.equal(writing.signal.aborted, false);
    assert.equal(writing.ask("SIGINT"), "abort");
    assert.equal(writing.signal.aborted, true);
    assert.equal(writing.ask("SIGINT"), "exit");
  });
  const reading = new Stopping();
  assert.equal(reading.ask("SIGTERM"), "abort");
  assert.equal(reading.asked, "SIGTERM");
});

async function* asyncList(): AsyncGenerator<number> {
  yield 1;
  yield 2;
}
