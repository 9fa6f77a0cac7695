import assert from "node:assert/strict";
import { test } from "node:test";
import { replicaSuite } from "../../src/testing/replica-suite.ts";
import { httpSubject } from "./http-subject.ts";
import type { Style } from "./http-subject.ts";

/** PATCH has no way to tell `null` from no member at all: a whole row has. */
const WHOLE = /json (?:comes back as it went|with what is there)/;

const STYLES: { readonly [name: string]: Style } = {
  "POST and PUT, pages by number": {
    api: { turning: "page" },
    page: { by: "page", size: 100 },
    write: { update: "PUT" },
  },
  "POST and PATCH with ETags, pages by cursor": {
    api: { turning: "cursor", etags: true },
    page: { by: "cursor", next: "next", size: 100 },
    write: { compare: "server" },
  },
  "PUT by key without an answer, pages by link": {
    api: { turning: "link", answers: "nothing" },
    page: { by: "link" },
    write: { create: "PUT", update: "PUT" },
  },
  "many rows at once, pages by offset": {
    api: { turning: "offset", etags: true },
    page: { by: "offset", more: "pagination.hasMore" },
    write: {
      update: "PUT",
      batch: { path: "", items: "items", results: "results" },
    },
    settings: { find: { param: "ids" } },
  },
  "nothing compared": {
    api: {},
    write: { compare: "none", update: "PUT" },
  },
};

/** Tests of thousands of rows: one way to write them is enough. */
const LARGE =
  /pages speak|shows one moment|own writes do not|full page|of 100\d rows|end of a page/;
const WITH_MANY: readonly string[] = ["POST and PATCH with ETags, pages by cursor"];

for (const [style, of] of Object.entries(STYLES)) {
  const isWhole = (of.write.update ?? "PATCH") === "PUT";
  replicaSuite({
    test: (name, run) => {
      if (!isWhole && WHOLE.test(name)) return;
      if (LARGE.test(name) && !WITH_MANY.includes(style)) return;
      test(`${style}: ${name}`, run);
    },
    assert,
    open: (collections) => httpSubject(of, collections),
  });
}
