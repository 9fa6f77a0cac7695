// What a person does with letters on the command line.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { assertEqualSides, assertRefused, rowsOf, sceneOf, type Scene } from "./scene.ts";
import { json } from "./world.ts";

const RULES = `    validation:
      - { field: email, type: format, config: { format: email, errorMessage: no mail address } }
      - { field: name, type: length, config: { max: 20, errorMessage: too long a name } }
      - { field: name, type: unique, config: { errorMessage: a name is one customer's } }
`;

const PIPELINE = `    source: crm.customers
    target: billing.customers
`;

/** Three customers in both; then one that breaks two rules, two that double, one refused. */
async function badScene(t: TestContext, more: string): Promise<Scene> {
  const scene = sceneOf(t, 3, `${PIPELINE}${more}${RULES}`);
  await scene.run("run");
  scene.sql(
    "billing.db",
    "CREATE TRIGGER no_mallory BEFORE INSERT ON customers WHEN NEW.name = 'Mallory' " +
      "BEGIN SELECT RAISE(ABORT, 'Mallory is not welcome'); END",
  );
  scene.sql(
    "crm.db",
    "INSERT INTO customers VALUES ('D-1', 'Ada', 'nobody')",
    "INSERT INTO customers VALUES ('D-2', 'Ada', 'ada@example.org')",
    "INSERT INTO customers VALUES ('D-3', 'Mallory', 'm@example.org')",
    "INSERT INTO customers VALUES ('D-4', 'A name that is much too long', 'x')",
  );
  assert.equal((await scene.run("run")).exit, 4);
  return scene;
}

const billing = (scene: Scene) => rowsOf(join(scene.folder, "billing.db"));
const row = (id: string, name: string, email: string) => JSON.stringify({ id, name, email });

for (const more of ["    direction: two-way\n", "    memory: full\n", ""]) {
  const name = more.trim() || "one-way, digest";
  test(`letters are listed, filtered and counted by cause (${name})`, async (t) => {
    const scene = await badScene(t, more);
    const listed = await scene.run("letters");
    assert.equal(listed.exit, 0);
    for (const text of ["D-1", "D-3", "no mail address", "too long a name", "Mallory is not"]) {
      assert.ok(listed.stdout.includes(text), `${text}: ${listed.stdout}`);
    }
    const shown = async (...words: readonly string[]) => {
      const { stdout } = await scene.run("letters", ...words);
      return [...new Set(stdout.match(/D-\d(?= (?:in|→))/g) ?? [])].join(" ");
    };
    assert.equal(await shown("customers", "--side", "target"), "D-3");
    assert.equal(await shown("--kind", "rejected", "--error", "one customer"), "D-1 D-2");
    assert.equal(await shown("-p", "customers", "--code", "rule_broken", "--key", "D-4"), "D-4");
    assert.equal(await shown("--kind", "later"), "");
    const causes = await scene.run("letters", "--by", "cause");
    assert.match(causes.stdout, /^2 +RULE_BROKEN +customers source +a name is one customer's$/m);
    assert.match(causes.stdout, /^1 +(?:CONSTRAINT|WRITE_REFUSED) +customers target .*Mallory/m);
    const codes = await json(scene.folder, "letters", "--by", "code", "--limit", "1");
    assert.deepEqual(codes.document.summary, { by: "code", groups: 2, shown: 1 });
    const groups: unknown = codes.document.result["groups"];
    assert.partialDeepStrictEqual(groups, [{ code: "RULE_BROKEN" }]);
  });

  test(`what is kept of a letter is shown, and exported line by line (${name})`, async (t) => {
    const scene = await badScene(t, more);
    const isDigest = more === "";
    const refused = (await scene.run("letters", "show", "D-3")).stdout;
    assert.match(refused, /refused .* → target {2}create/);
    if (isDigest) assert.match(refused, /digests, not values/);
    else assert.match(refused, /^ +email +"m@example\.org"$/m);
    const doubled = (await scene.run("letters", "show", "D-1", "-p", "customers")).stdout;
    assert.match(doubled, /no mail address/);
    assert.match(doubled, /one customer's: D-1 and D-2 hold the same/);
    assert.match(doubled, /nothing is kept of a row that was not taken/);
    const { exit, stdout } = await scene.run("letters", "export");
    assert.equal(exit, 0);
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const keys = new Set(lines.map(({ shown }) => String(shown)));
    assert.deepEqual([...keys], ["D-1", "D-2", "D-3", "D-4"]);
    const { document } = await json(scene.folder, "letters", "export");
    assert.deepEqual(document.result["letters"], lines);
    const some = (await scene.run("letters", "export", "--kind", "refused")).stdout;
    assert.equal(some.trimEnd().split("\n").length, 1);
    assert.equal(JSON.parse(some).values?.email, isDigest ? undefined : "m@example.org");
  });

  test(`letters are tested without a write, and replayed like a retry (${name})`, async (t) => {
    const scene = await badScene(t, more);
    scene.sql("crm.db", "UPDATE customers SET name = 'Ada II' WHERE id = 'D-2'");
    const before = scene.dumps();
    const tested = await scene.run("letters", "test");
    assert.equal(tested.exit, 4);
    assert.match(tested.stdout, /^✓ passes {2}customers {2}D-2 in source {2}create in target$/m);
    assert.match(tested.stdout, /^~ tries {2}customers {2}D-3 → target {2}create in target$/m);
    assert.match(tested.stdout, /^✗ fails {2}customers {2}D-4 in source/m);
    assert.match(tested.stdout, /nothing written: 1 would pass, 1 would be sent again, \d would/);
    const one = await scene.run("letters", "test", "--key", "D-4");
    assert.match(one.stdout, /^ +name +"A name that is much too long"$/m);
    assert.equal(scene.dumps(), before);
    const { document } = await json(scene.folder, "letters", "test", "customers", "--key", "D-2");
    assert.partialDeepStrictEqual(document.summary, { total: 1, passes: 1, fails: 0 });
    const replayed = await scene.run("letters", "replay", "--key", "D-2");
    assert.equal(replayed.exit, 0, replayed.stdout);
    assert.match(replayed.stdout, /1 letter tried, 1 written\./);
    assert.ok(billing(scene).includes(row("D-2", "Ada II", "ada@example.org")));
    assert.match((await scene.run("letters", "replay", "--key", "D-2")).stdout, /No letter fits/);
    const rest = await scene.run("retry", "--side", "target");
    assert.equal(rest.exit, 4);
    assert.match(rest.stdout, /1 letter tried, 0 written, 1 left\./);
  });
}

test("an edit mends the row where it comes from, and reaches the other side", async (t) => {
  const scene = await badScene(t, "    direction: two-way\n");
  const edited = await scene.run("letters", "edit", "D-4", "name=Di", "email=di@example.org");
  assert.equal(edited.exit, 0, edited.stderr);
  assert.match(edited.stdout, /1 write to source and 1 write to target made/);
  assert.ok(billing(scene).includes(row("D-4", "Di", "di@example.org")));
  await scene.run("letters", "edit", "D-3", "name=Mal", "--author", "ada");
  await scene.run("letters", "edit", "D-1", "name=Bea", "email=bea@example.org");
  assert.equal((await scene.run("letters", "replay")).exit, 0);
  assertEqualSides(scene);
  assert.equal((await scene.run("verify")).exit, 0);
  assert.match((await scene.run("blame", "D-3")).stdout, /name +.*answer:ada/);
  assert.match((await scene.run("history", "D-3")).stdout, /answer:ada/);
  assert.match((await scene.run("runs")).stdout, /edit/);
});

test("what a person says of a read-only source stands until that changes", async (t) => {
  const scene = await badScene(t, "    memory: full\n");
  const edited = await scene.run("letters", "edit", "D-4", "name=Di", "email=null");
  assert.equal(edited.exit, 0, edited.stderr);
  assert.match(edited.stdout, /1 write to target made/);
  assert.match(edited.stdout, /source is never written and stays as it is/);
  assert.ok(billing(scene).includes('{"id":"D-4","name":"Di","email":null}'));
  const { exit, stdout } = await scene.run("letters", "--key", "D-4");
  assert.deepEqual([exit, /No letters/.test(stdout)], [0, true]);
  const again = await json(scene.folder, "run");
  assert.match(JSON.stringify(again.document.summary), /"target":{"create":0,"update":0/);
});

test("a value is JSON where its field takes that, and else text", async (t) => {
  const scene = sceneOf(t, 0, `${PIPELINE}    memory: full\n${RULES}`);
  for (const file of ["crm.db", "billing.db"]) {
    scene.sql(file, "ALTER TABLE customers ADD COLUMN age INTEGER CHECK (age < 200)");
  }
  scene.sql("crm.db", "INSERT INTO customers VALUES ('D-1', '1', 'nobody', 1)");
  await scene.run("run");
  await scene.run("letters", "edit", "D-1", "name=2", "email=a=b@example.org", "age=3");
  const [only] = billing(scene);
  assert.equal(only, '{"id":"D-1","name":"2","email":"a=b@example.org","age":3}');
});

test("an edit that is not enough, and words that mean nothing, are refused by name", async (t) => {
  const scene = await badScene(t, "    memory: full\n");
  const refuses = (words: readonly string[], code: string, ...says: readonly RegExp[]) =>
    assertRefused(scene, ["letters", ...words], { exit: 2, code, says });
  const invalid = "ANSWER_INVALID";
  await refuses(["edit", "D-4", "email=y"], invalid, /no mail address/, /too long a name/);
  await refuses(["edit", "D-4", "mail=y"], invalid, /no field mail/, /Did you mean 'email'/);
  await refuses(["edit", "D-4", "id=y"], invalid, /names the entry/);
  await refuses(["edit", "D-9", "email=y"], "ENTRY_UNKNOWN", /no letter D-9/);
  await refuses(["edit", "D-4"], "USAGE", /FIELD=VALUE/);
  await refuses(["edit", "D-4", "email"], "USAGE", /"email" is no FIELD=VALUE/);
  await refuses(["show", "D-9"], "ENTRY_UNKNOWN", /no letter D-9/);
  await refuses(["show"], "USAGE", /KEY/);
  await refuses(["--by", "colour"], "USAGE", /"colour"/, /cause/);
  await refuses(["--kind", "refusd"], "USAGE", /Did you mean "refused"/);
  await refuses(["--side", "targt"], "USAGE", /Did you mean "target"/);
  await refuses(["replay", "--by", "cause"], "USAGE", /--by means nothing to `letters replay`/);
  await refuses(["edit", "D-4", "email=y", "--code", "X"], "USAGE", /--code means nothing/);
  await refuses(["shw", "D-4"], "USAGE", /no pipeline "shw"/);
});

test("where digests are remembered, an edit is refused and the source is mended", async (t) => {
  const scene = await badScene(t, "");
  await assertRefused(scene, ["letters", "edit", "D-4", "name=Di", "email=d@example.org"], {
    exit: 2,
    code: "ANSWER_INVALID",
    says: [/remembers digests/, /letters replay/, /memory: full/],
  });
  scene.sql("crm.db", "UPDATE customers SET name = 'Di', email = NULL WHERE id = 'D-4'");
  assert.equal((await scene.run("letters", "replay", "--key", "D-4")).exit, 0);
});
