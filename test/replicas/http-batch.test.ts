// Many rows in one request, and what no message shows of any of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SyncError } from "../../src/core/errors.ts";
import type { OwnRow } from "../../src/core/state.ts";
import type { WriteSettings } from "../../src/replicas/http/index.ts";
import { IT, given, told } from "./http-given.ts";
import { finish } from "./http-server.ts";
import type { Fault } from "./http-server.ts";
import { creation, move, write } from "./http-subject.ts";

const BATCH: WriteSettings = {
  compare: "none",
  batch: { path: "/it/batch", items: "items", results: "results", size: 8 },
};

test("in a batch each row has its own outcome", async (t) => {
  const { api, replica } = await given(t, BATCH, { options: { limits: { concurrent: 1 } } });
  api.add("it", {
    key: ["id"],
    refuses: ({ id }) => {
      if (id === 2) return [422, "no"];
      return id === 3 ? [503, "busy"] : undefined;
    },
  });
  const outcomes = await write(
    replica,
    IT,
    [1, 2, 3, 4].map((id) => creation(id, "n")),
  );
  assert.deepEqual(told(outcomes), [
    [1, "n"],
    "refused WRITE_REFUSED: POST /it/batch answered 422: no",
    "later REPLICA_UNAVAILABLE: POST /it/batch answered 503: busy",
    [4, "n"],
  ]);
});

test("a batch that is refused whole is halved until the row to blame stands alone", async (t) => {
  const sizes: number[] = [];
  const fault: Fault = ({ path, body }, answer) => {
    if (path !== "/it/batch") return false;
    const { items } = JSON.parse(body) as { readonly items: readonly { readonly id: number }[] };
    sizes.push(items.length);
    if (!items.some(({ id }) => id === 3)) return false;
    finish(answer, { status: 400, text: '{"title":"one of them is bad"}' });
    return true;
  };
  const { api, replica } = await given(t, BATCH, {
    api: { fault },
    options: { limits: { concurrent: 1 } },
  });
  const outcomes = await write(
    replica,
    IT,
    [1, 2, 3, 4, 5, 6, 7, 8].map((id) => creation(id, "n")),
  );
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ["applied", "applied", "refused", ...Array.from({ length: 5 }, () => "applied")],
  );
  assert.deepEqual(sizes, [8, 4, 2, 2, 1, 1, 4]);
  assert.equal(api.all("it").length, 7);
});

test("a batch whose answer is lost or says too little is looked for row by row", async (t) => {
  const answers: readonly Fault[] = [
    (_, answer) => answer.destroy() !== undefined,
    (_, answer) =>
      finish(answer, { status: 200, text: '{"results":[{"status":200}]}' }) === undefined,
    (_, answer) => finish(answer, { status: 204, text: "" }) === undefined,
    (_, answer) => finish(answer, { status: 200, text: "<html>" }) === undefined,
  ];
  for (const says of answers) {
    const fault: Fault = (seen, answer, work) => {
      if (seen.path !== "/it/batch") return false;
      work();
      return says(seen, answer, work);
    };
    const { api, replica } = await given(t, BATCH, { api: { fault } });
    api.add("it", {
      key: ["id"],
      store: (row) => ({ ...row, name: row["name"] === "n2" ? "trimmed" : (row["name"] ?? null) }),
    });
    const outcomes = await write(
      replica,
      IT,
      [1, 2].map((id) => creation(id, `n${id}`)),
    );
    const [first, second] = told(outcomes);
    assert.deepEqual(first, [1, "n1"]);
    const isLost = String(says) === String(answers[0]) || String(says) === String(answers[1]);
    if (isLost) assert.match(String(second), /^unknown/, "what it shows is not what was told");
    else assert.deepEqual(second, [2, "trimmed"]);
  }
});

test("a canary is in no message, whoever repeats it", async (t) => {
  const canaries = ["canary-token-77", "canary-value-77", "canary-header-77"];
  const [token = "", value = "", header = ""] = canaries;
  const seen = new Set<string>();
  for (const status of [400, 401, 403, 404, 409, 413, 422, 429, 500, 503]) {
    const fault: Fault = ({ method, headers, body, path }, answer) => {
      if (method === "GET" && status !== 401) return false;
      const { authorization, "x-client": client } = headers;
      const says = `${authorization} ${String(client)} ${body} ${path}`;
      finish(answer, { status, text: JSON.stringify({ error: { message: says } }) });
      return true;
    };
    const { api, replica } = await given(
      t,
      {},
      {
        api: { fault },
        options: { auth: { type: "bearer", token }, headers: { "X-Client": header } },
      },
    );
    api.put("it", { id: 2, name: value, more: null });
    const row: OwnRow = [1, value];
    const writes = [creation(...row), move([2, value], [2, `${value}!`]), move([2, value], null)];
    try {
      for (const outcome of await write(replica, IT, writes)) {
        if ("error" in outcome) seen.add(textOf(outcome.error));
      }
    } catch (error) {
      seen.add(textOf(error));
    }
  }
  assert.ok(seen.size > 8, "there is something to look at");
  for (const text of seen) assert.ok(!canaries.some((canary) => text.includes(canary)), text);
});

function textOf(error: unknown): string {
  assert.ok(error instanceof SyncError);
  const { message, hint, where, stack, cause } = error;
  return [message, hint, where, stack, String(cause)].join("\n");
}
