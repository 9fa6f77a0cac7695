// Who asks, over connections that are verified.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { TestContext } from "node:test";
import { SyncError } from "../../src/core/errors.ts";
import type { Shape } from "../../src/engine/replica.ts";
import { httpReplica } from "../../src/replicas/http/index.ts";
import type { Auth, HttpOptions, TlsSettings } from "../../src/replicas/http/index.ts";
import { startApi } from "./http-server.ts";
import type { Fault } from "./http-server.ts";
import { keyOf, never, replicaOf } from "./http-subject.ts";

const IT: Shape = { collection: "it", key: ["id"], columns: ["id"] };
const COLLECTIONS = { it: { key: ["id"], fields: { id: { kind: "integer" } } } } as const;

async function read(options: Partial<HttpOptions>, url: string): Promise<unknown> {
  const replica = await replicaOf({ url }, { collections: COLLECTIONS, ...options });
  try {
    return (await replica.read(IT, [keyOf(1)], never)).rows;
  } finally {
    await replica.close();
  }
}

test("credentials go where they are said to go, with every request", async (t) => {
  const api = await startApi();
  t.after(() => api.close());
  api.add("it", { key: ["id"] });
  api.put("it", { id: 1 });
  const cases: readonly (readonly [Auth, string, string | undefined])[] = [
    [{ type: "bearer", token: "t1" }, "authorization", "Bearer t1"],
    [{ type: "basic", username: "ü", password: "p:q" }, "authorization", "Basic w7w6cDpx"],
    [{ type: "api-key", key: "k" }, "x-api-key", "k"],
    [{ type: "api-key", key: "k", header: "X-Mine" }, "x-mine", "k"],
  ];
  for (const [auth, header, value] of cases) {
    api.seen.length = 0;
    assert.deepEqual(await read({ auth }, api.url), [[1]]);
    assert.ok(api.seen.length > 1 && api.seen.every(({ headers }) => headers[header] === value));
  }
  api.seen.length = 0;
  await read({ auth: { type: "api-key", key: "k&x=1", param: "key" } }, api.url);
  assert.ok(api.seen.every(({ query }) => query.get("key") === "k&x=1" && !query.has("x")));
});

test("a token or key that no header carries is refused before it is sent", async () => {
  for (const token of ["a\r\nX-Evil: 1", "a\n", "é", "", " a"]) {
    const auth = { type: "bearer", token } as const;
    await assert.rejects(read({ auth }, "http://127.0.0.1:1"), (error: unknown) => {
      assert.ok(error instanceof SyncError && error.code === "CONFIG_INVALID");
      assert.ok(!error.message.includes("Evil"));
      return true;
    });
  }
  const auth = { type: "bearer", token: "t" } as const;
  await assert.rejects(read({ auth }, "http://api.example.com"), /to everybody on the way/);
  await assert.rejects(read({}, "https://u:p@api.example.com"), { code: "CONFIG_INVALID" });
});

/** An authority that gives tokens which end, and an API that takes only the last one. */
async function tokens(t: TestContext) {
  const given: { readonly body: string; readonly authorization: string | undefined }[] = [];
  let last = "";
  let answer = (): unknown => ({ access_token: last, expires_in: 600, token_type: "Bearer" });
  const server = createServer((request, response) => {
    void (async () => {
      let body = "";
      for await (const chunk of request) body += String(chunk);
      given.push({ body, authorization: request.headers.authorization });
      last = `token-${given.length}`;
      const says = answer();
      response.writeHead(says === undefined ? 401 : 200);
      response.end(says === undefined ? '{"error":"invalid_client"}' : JSON.stringify(says));
    })();
  });
  const url = await listening(t, server);
  const fault: Fault = ({ headers }, response) => {
    if (headers.authorization === `Bearer ${last}`) return false;
    response.writeHead(401).end("{}");
    return true;
  };
  const api = await startApi({ fault });
  t.after(() => api.close());
  api.add("it", { key: ["id"] });
  api.put("it", { id: 1 });
  return {
    api,
    given,
    tokenUrl: `${url}/token`,
    expire: () => (last = "another"),
    answers: (says: () => unknown) => (answer = says),
  };
}

async function listening(t: TestContext, server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens
}

test("a token is fetched once, again when it ends, and once more when it is refused", async (t) => {
  const { api, given, tokenUrl, expire } = await tokens(t);
  let time = 0;
  const auth: Auth = {
    type: "oauth2",
    tokenUrl,
    clientId: "me",
    clientSecret: "s:e/c",
    scope: "all",
    params: { audience: "api" },
  };
  const replica = await replicaOf(api, { auth, collections: COLLECTIONS, now: () => time });
  t.after(() => replica.close());
  const keys = Array.from({ length: 20 }, (_, at) => keyOf(at));
  await Promise.all([replica.read(IT, keys, never), replica.read(IT, keys, never)]);
  assert.equal(given.length, 1, "one for all that wait");
  const form = new URLSearchParams(given[0]?.body);
  assert.equal(form.get("grant_type"), "client_credentials");
  assert.equal(form.get("scope"), "all");
  assert.equal(form.get("audience"), "api");
  const basic = Buffer.from("me:s%3Ae%2Fc").toString("base64");
  assert.equal(given[0]?.authorization, `Basic ${basic}`);
  time = 569_000;
  await replica.read(IT, [keyOf(1)], never);
  assert.equal(given.length, 1);
  time = 571_000;
  await replica.read(IT, [keyOf(1)], never);
  assert.equal(given.length, 2, "half a minute before its end it is not used any more");
  expire();
  assert.deepEqual((await replica.read(IT, [keyOf(1)], never)).rows, [[1]]);
  assert.equal(given.length, 3);
});

test("who gives no token, and an API that takes none, are told at once", async (t) => {
  const { api, given, tokenUrl, answers } = await tokens(t);
  const auth: Auth = {
    type: "oauth2",
    tokenUrl,
    clientId: "me",
    clientSecret: "canary",
    send: "body",
  };
  const fails = async (message: RegExp) =>
    assert.rejects(read({ auth }, api.url), (error: unknown) => {
      assert.ok(error instanceof SyncError);
      assert.equal(error.code, "REPLICA_DENIED");
      assert.match(error.message, message);
      assert.ok(!`${error.message}${error.hint}${String(error.cause)}`.includes("canary"));
      return true;
    });
  answers(() => undefined);
  await fails(/POST \/token \(a token\) answered 401: invalid_client/);
  assert.equal(new URLSearchParams(given[0]?.body).get("client_secret"), "canary");
  answers(() => ({ token: "canary" }));
  await fails(/answered without an access_token/);
  answers(() => ({ access_token: "wrong" }));
  const before = given.length;
  await fails(/GET \/it answered 401/);
  assert.equal(given.length - before, 2, "another token is tried once");
});

const folder = mkdtempSync(join(tmpdir(), "syncline-http-tls-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** An authority, and certificates of its for a server and for us. */
function makeCertificates(): void {
  const openssl = (...words: readonly string[]) => {
    const made = spawnSync("openssl", words, { cwd: folder, encoding: "utf8" });
    assert.equal(made.status, 0, made.stderr);
  };
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const authority = ["-x509", "-days", "2", "-subj", "/CN=authority"];
  openssl("req", ...authority, ...key, "-keyout", "ca.key", "-out", "ca.crt");
  writeFileSync(join(folder, "names"), "subjectAltName=DNS:api.internal\n");
  for (const name of ["server", "client"]) {
    openssl("req", "-subj", `/CN=${name}`, ...key, "-keyout", `${name}.key`, "-out", "one.csr");
    const signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names"];
    openssl("x509", "-req", "-days", "2", "-in", "one.csr", ...signed, "-out", `${name}.crt`);
  }
}

test("a certificate is believed by its authority and its name, and never otherwise", async (t) => {
  makeCertificates();
  const file = (name: string) => join(folder, name);
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const isList = request.url === "/it";
    response.writeHead(200, { "content-type": "application/json" });
    response.end(isList ? '[{"id":1}]' : '{"id":1}');
  };
  const text = (name: string) => readFileSync(file(name));
  const own = { cert: text("server.crt"), key: text("server.key"), ca: text("ca.crt") };
  const server = createSecureServer(
    { ...own, requestCert: true, rejectUnauthorized: true },
    answer,
  );
  const url = (await listening(t, server)).replace("http:", "https:");
  const ours = { cert: file("client.crt"), key: file("client.key") };
  const told = async (tls: TlsSettings): Promise<unknown> => {
    const replica = await httpReplica({
      name: "vendor",
      url,
      tls,
      collections: COLLECTIONS,
      limits: { retries: 0 },
    });
    try {
      return (await replica.read(IT, [keyOf(1)], never)).rows;
    } catch (error) {
      assert.ok(error instanceof SyncError && error.code === "REPLICA_UNAVAILABLE");
      return `${error.message}. ${error.hint}`;
    } finally {
      await replica.close();
    }
  };
  const whole = { ca: file("ca.crt"), servername: "api.internal", ...ours };
  assert.deepEqual(await told(whole), [[1]]);
  assert.match(String(await told({ ...ours, servername: "api.internal" })), /under `tls: \{ ca/);
  assert.match(String(await told({ ...ours, ca: file("ca.crt") })), /ALTNAME.*servername/s);
  assert.match(String(await told({ ca: file("ca.crt"), servername: "api.internal" })), /broke off/);
  await assert.rejects(told({ ca: file("none.crt") }), { code: "CONFIG_INVALID" });
});
