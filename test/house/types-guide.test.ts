import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { typesGuide } from "../../scripts/types-guide/page.ts";
import { root } from "./tool.ts";

test("the guide to types says what the code does", () => {
  const text = readFileSync(join(root, "docs/guide/types.md"), "utf8");
  assert.equal(text, typesGuide(), "run `npm run guide:types -- --write`");
});
