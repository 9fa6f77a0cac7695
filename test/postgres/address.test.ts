import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { SyncError } from "../../src/core/errors.ts";
import { addressOf } from "../../src/replicas/postgres/address.ts";
import type { ConnectOptions } from "../../src/replicas/postgres/address.ts";
import { securityOf } from "../../src/replicas/postgres/tls.ts";

const folder = mkdtempSync(join(tmpdir(), "syncline-address-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Files of libpq that are there, and nothing of this machine. */
const NOBODY = { PGSERVICEFILE: join(folder, "service.conf"), PGPASSFILE: join(folder, "pass") };
writeFileSync(
  NOBODY.PGSERVICEFILE,
  `# services
[billing]
host=service.example.com
port=6000
dbname = invoices

[other]
host=other.example.com
sslmode=disable
options=-c foo=1
`,
);
writeFileSync(
  NOBODY.PGPASSFILE,
  `# host:port:database:user:password
db.example.com:5432:sales:ann:first
*:*:sales:bob:se\\:co\\\\nd
*:*:sales\\\\:dan:colon
*:*:sales:eve:ends\\
localhost:*:*:*:local
`,
);
chmodSync(NOBODY.PGPASSFILE, 0o600);

function address(url: string, environment: ConnectOptions["environment"] = {}) {
  return addressOf({ url, environment: { ...NOBODY, ...environment } });
}

/** Of one server: its host, port and title beside the rest. */
const CASES: readonly (readonly [url: string, expected: object])[] = [
  ["postgres://db.example.com/sales", { host: "db.example.com", port: 5432, database: "sales" }],
  ["postgresql://ann:p%40ss@h:6543/s", { user: "ann", password: "p@ss", port: 6543 }],
  ["postgres://ann@[::1]:1/x", { host: "::1", port: 1, title: "[::1]:1/x" }],
  ["postgres:///x?host=/run/pg&user=u", { host: "/run/pg", user: "u", title: "/run/pg/x" }],
  ["postgres://ann@h", { database: "ann", user: "ann" }],
  ["postgres://h/a%2Fb", { database: "a/b" }],
  [
    "postgres://h/d?connect_timeout=3&application_name=x",
    { connectMs: 3000, applicationName: "x" },
  ],
  [
    "postgres://h/d?sslmode=verify-ca&sslrootcert=/ca&sslcert=/c&sslkey=/k",
    { ssl: { mode: "verify-ca", rootCert: "/ca", cert: "/c", key: "/k" } },
  ],
  ["postgres://h/d?hostaddr=10.0.0.1", { host: "h", hostAddress: "10.0.0.1", title: "h:5432/d" }],
  ["postgres:///d?hostaddr=::1", { host: "::1", hostAddress: "::1", title: "[::1]:5432/d" }],
  ["postgres://h/d", { attributes: "any" }],
  ["postgres://h/d?target_session_attrs=prefer-standby", { attributes: "prefer-standby" }],
];

for (const [url, expected] of CASES) {
  test(`${url} is understood`, () => {
    const found = address(url);
    const whole = { ...found, ...found.servers[0] };
    assert.deepEqual({ ...whole, ...expected }, whole);
  });
}

/** A URL, the places that it names, and the environment beside it. */
const SEVERAL: readonly (readonly [url: string, places: string, environment?: object])[] = [
  ["postgres://a,b/x", "a:5432,b:5432/x"],
  ["postgres://a:1,b:2/x", "a:1,b:2/x"],
  ["postgres://a:1,b/x", "a:1,b:5432/x"],
  ["postgres://,b:2/x", "localhost:5432,b:2/x"],
  ["postgres://[::1]:1,[::2]/x", "[::1]:1,[::2]:5432/x"],
  ["postgres://ann:secret@a,b/x", "a:5432,b:5432/x"],
  ["postgres://a,b/x?port=7", "a:7,b:7/x"],
  ["postgres:///x?host=a,/run/pg&port=7,8", "a:7,/run/pg/x"],
  ["postgres://a,b/x", "a:7,b:8/x", { PGPORT: "7,8" }],
  ["postgres:///x", "a:7,b:5432/x", { PGHOST: "a,b", PGPORT: "7," }],
  ["postgres://a,b/x", "a:5432,b:5432/x", { PGHOSTADDR: "10.0.0.1,::1" }],
  ["postgres:///x", "10.0.0.1:5432,[::1]:5432/x", { PGHOSTADDR: "10.0.0.1,::1" }],
];

for (const [url, places, environment = {}] of SEVERAL) {
  test(`${url} names ${places}`, () => {
    const found = address(url, { ...environment });
    assert.equal(found.title, places);
    const [each] = places.split("/x");
    assert.equal(found.servers.map(({ title }) => title.replace("/x", "")).join(","), each);
  });
}

test("each of several servers has the password that the password file gives it", () => {
  const { servers } = address("postgres://ann@other.example.com,db.example.com/sales");
  assert.deepEqual(
    servers.map(({ password }) => password),
    [undefined, "first"],
  );
});

test("any user, password and database come back out of a URL, and none is in its title", () => {
  const text = fc.string({ minLength: 1, unit: "grapheme" }).filter((each) => each.isWellFormed());
  fc.assert(
    fc.property(text, text, text, (user, password, database) => {
      const [u, p, d] = [user, password, database].map(encodeURIComponent);
      const found = address(`postgres://${u}:${p}@h/${d}`);
      const [server] = found.servers;
      assert.deepEqual([found.user, server?.password, found.database], [user, password, database]);
      assert.equal(found.title, `h:5432/${database}`);
    }),
  );
});

test("what the URL does not say comes from the service, then from the environment", () => {
  const environment = { PGHOST: "env.example.com", PGPORT: "7", PGUSER: "eve", PGDATABASE: "env" };
  const found = address("postgres:///?service=billing&port=8", environment);
  assert.deepEqual([found.title, found.user], ["service.example.com:8/invoices", "eve"]);
  const { title } = address("", { ...environment, PGSERVICE: "billing" });
  assert.equal(title, "service.example.com:6000/invoices");
  assert.equal(address("", environment).title, "env.example.com:7/env");
});

test("passwords come from the first line of the password file that fits", () => {
  const password = (url: string, environment = {}) =>
    address(url, environment).servers[0]?.password;
  assert.equal(password("postgres://ann@db.example.com/sales"), "first");
  assert.equal(password("postgres://bob@anywhere/sales"), "se:co\\nd");
  assert.equal(password("postgres://dan@anywhere/sales%5C"), "colon");
  assert.equal(password("postgres://eve@anywhere/sales"), "ends\\");
  assert.equal(password("postgres://carl@anywhere/sales"), undefined);
  assert.equal(password("postgres://carl@/x?host=/run/pg"), "local");
  assert.equal(password("postgres://ann:own@db.example.com/sales"), "own");
  const environment = { PGPASSWORD: "from-env" };
  assert.equal(password("postgres://ann@db.example.com/sales", environment), "from-env");
});

test(
  "a password file that others may read is refused",
  { skip: process.platform === "win32" },
  () => {
    const open = join(folder, "open");
    writeFileSync(open, "*:*:*:*:secret\n");
    chmodSync(open, 0o644);
    const error = refusal(`postgres://h/x?passfile=${encodeURIComponent(open)}`);
    assert.match(error.message, /others may read the password file/);
  },
);

test("a password file that is no file is none, and a folder is a mistake that is told", () => {
  const none = `postgres://h/x?passfile=${encodeURIComponent("/dev/null")}`;
  assert.equal(address(none).servers[0]?.password, undefined);
  const wrong = refusal(`postgres://h/x?passfile=${encodeURIComponent(folder)}`);
  assert.match(`${wrong.code} ${wrong.message}`, /CONFIG_INVALID .* cannot be read as a password/);
  assert.throws(() => address("postgres://h/x?service=s", { PGSERVICEFILE: folder }), {
    code: "CONFIG_INVALID",
    message: `${folder} cannot be read as a Postgres service file`,
  });
});

const REFUSED: readonly (readonly [url: string, says: RegExp])[] = [
  ["http://ann:hunter2@h/x", /not of the form postgres:/],
  ["postgres://ann:hunt/er2@h/x", /not of the form postgres:/],
  ["postgres://ann:hunter2@h,i/x?port=1,2,3", /3 Postgres ports are said for 2 hosts/],
  [`postgres://ann:hunter2@${"h,".repeat(32)}h/x`, /more than 32 hosts/],
  ["postgres://ann:hunter2@h/x?target_session_attrs=rw", /target_session_attrs is none of any, /],
  ["postgres://ann:hunter2@h,i/x?hostaddr=10.0.0.1", /1 Postgres addresses .* for 2 hosts/],
  ["postgres://ann:hunter2@h/x?hostaddr=db.example.com", /hostaddr is no address/],
  ["postgres://ann:hunter2@h:99999/x", /not a number from 1 to 65535/],
  ["postgres://ann:hunter2%@h/x", /begins no percent-encoding/],
  ["postgres://ann:hunter2@h/x?sslmode=maybe", /sslmode is none of disable/],
  ["postgres://ann:hunter2@h/x?keepalives=1", /parameter keepalives, which is not supported/],
  ["postgres://ann:hunter2@h/x?connect_timeout=soon", /connect_timeout/],
  ["postgres://ann:hunter2@h/x?service=none", /no Postgres service none/],
  ["postgres://ann:hunter2@h/x?service=other", /pg_service\.conf has a parameter options/],
];

for (const [url, says] of REFUSED) {
  test(`${url} is refused without its password`, () => {
    const error = refusal(url);
    assert.equal(error.code, "CONFIG_INVALID");
    assert.match(error.message, says);
    assert.doesNotMatch(`${error.message} ${error.hint} ${error.where}`, /hunt/);
  });
}

function refusal(url: string): SyncError {
  try {
    address(url);
  } catch (error) {
    if (error instanceof SyncError) return error;
    throw error;
  }
  return assert.fail(`${url} was accepted`);
}

test("only a server on this machine is believed without a certificate", () => {
  const ways = (host: string, mode?: "disable" | "prefer" | "require" | "verify-ca") =>
    securityOf(host, mode === undefined ? {} : { mode }).map((way) =>
      way.kind === "plain" ? "plain" : (way.options.rejectUnauthorized ?? true),
    );
  assert.deepEqual(ways("db.example.com"), [true]);
  for (const host of ["localhost", "127.0.0.1", "::1"]) {
    assert.deepEqual(ways(host), [false, "plain"]);
  }
  assert.deepEqual(ways("127.0.0.1.example.com"), [true]);
  assert.deepEqual(ways("/run/postgresql"), ["plain"]);
  assert.deepEqual(ways("db.example.com", "disable"), ["plain"]);
  assert.deepEqual(ways("db.example.com", "prefer"), [false, "plain"]);
  assert.deepEqual(ways("db.example.com", "require"), [false]);
  assert.deepEqual(ways("db.example.com", "verify-ca"), [true]);
});
