// Connections that are secured, against a server with a certificate of its own.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { SyncError } from "../../src/core/errors.ts";
import { openDatabase } from "../../src/replicas/postgres/connect.ts";
import type { SslSettings } from "../../src/replicas/postgres/tls.ts";
import { never } from "./scene.ts";
import { startServer } from "./start.ts";

const folder = mkdtempSync(join(tmpdir(), "syncline-tls-"));
chmodSync(folder, 0o755);

/** An authority, and a certificate of its for 127.0.0.1 and no name. */
function makeCertificates(): void {
  const openssl = (...words: readonly string[]) => {
    const made = spawnSync("openssl", words, { cwd: folder, encoding: "utf8" });
    assert.equal(made.status, 0, made.stderr);
  };
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const authority = ["-x509", "-days", "2", "-subj", "/CN=authority"];
  openssl("req", ...authority, ...key, "-keyout", "ca.key", "-out", "ca.crt");
  openssl("req", ...authority, ...key, "-keyout", "other.key", "-out", "other.crt");
  openssl("req", "-subj", "/CN=server", ...key, "-keyout", "server.key", "-out", "server.csr");
  writeFileSync(join(folder, "names"), "subjectAltName=IP:127.0.0.1,DNS:db.example.com\n");
  const signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names"];
  openssl("x509", "-req", "-days", "2", "-in", "server.csr", ...signed, "-out", "server.crt");
  chmodSync(join(folder, "server.key"), 0o600);
  if (process.getuid?.() === 0) chownSync(join(folder, "server.key"), 65_534, 65_534);
}

makeCertificates();
const server = await startServer({
  ssl: "on",
  ssl_cert_file: join(folder, "server.crt"),
  ssl_key_file: join(folder, "server.key"),
});
after(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const CA = join(folder, "ca.crt");
const OTHER = join(folder, "other.crt");
const NAMED = server.url.replace("127.0.0.1", "localhost");
/** Connected to by its address, and believed by its name. */
const THERE = `${server.url.replace("127.0.0.1", "db.example.com")}?hostaddr=127.0.0.1`;
const ELSEWHERE = THERE.replace("db.example", "other.example");

/** True: it is encrypted; false: it is not; otherwise what was said. */
async function secured(url: string, ssl: SslSettings): Promise<boolean | string> {
  const database = openDatabase({ url, ssl, environment: {} });
  try {
    const sql = "SELECT ssl FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()";
    const rows = await database.use(never, (session) => session.rows(sql, [], never));
    return rows[0]?.[0] === "t";
  } catch (error) {
    if (error instanceof SyncError) return `${error.message}. ${error.hint}`;
    throw error;
  } finally {
    await database.close();
  }
}

const CASES: readonly (readonly [url: string, ssl: SslSettings, expected: boolean | RegExp])[] = [
  [server.url, {}, true],
  [server.url, { mode: "disable" }, false],
  [server.url, { mode: "prefer" }, true],
  [server.url, { mode: "require" }, true],
  [server.url, { mode: "require", rootCert: CA }, true],
  [server.url, { mode: "require", rootCert: OTHER }, /not trusted .*sslrootcert/],
  [server.url, { mode: "verify-ca", rootCert: CA }, true],
  [server.url, { mode: "verify-full", rootCert: CA }, true],
  [server.url, { mode: "verify-full", rootCert: OTHER }, /not trusted/],
  [server.url, { mode: "verify-full", rootCert: "system" }, /not trusted/],
  [NAMED, { mode: "verify-ca", rootCert: CA }, true],
  [NAMED, { mode: "verify-full", rootCert: CA }, /not trusted .*ALTNAME/],
  [THERE, { mode: "verify-full", rootCert: CA }, true],
  [ELSEWHERE, { mode: "verify-full", rootCert: CA }, /not trusted .*ALTNAME/],
  [server.url, { mode: "verify-full", rootCert: join(folder, "none.crt") }, /cannot be read/],
];

for (const [url, ssl, expected] of CASES) {
  const host = new URL(url).hostname;
  const root = ssl.rootCert?.replace(`${folder}/`, "") ?? "none";
  test(`${host} by ${ssl.mode ?? "default"}, authority ${root}`, async () => {
    const found = await secured(url, ssl);
    if (expected instanceof RegExp) assert.match(String(found), expected);
    else assert.equal(found, expected);
  });
}

test("a statement is cancelled over a secured connection as well", async () => {
  const ssl = { mode: "verify-full", rootCert: CA } as const;
  const database = openDatabase({ url: server.url, ssl, environment: {} });
  const stopping = new AbortController();
  const reason = new Error("enough");
  await database.use(never, async (session) => {
    const sleeping = session.run("SELECT pg_catalog.pg_sleep(600)", stopping.signal);
    await database.use(never, async (other) => {
      const sql = "SELECT 1 FROM pg_catalog.pg_stat_activity WHERE wait_event = 'PgSleep'";
      while ((await other.rows(sql, [], never)).length === 0);
    });
    stopping.abort(reason);
    await assert.rejects(sleeping, reason);
    assert.deepEqual(await session.rows("SELECT 1", [], never), [["1"]]);
  });
  await database.close();
});
