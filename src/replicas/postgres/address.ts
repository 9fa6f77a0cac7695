// Where a database is and who asks: what is said, then pg_service.conf, then the PG* variables,
// then the password file, as libpq has them. Nothing is read but what is needed.
import { isIP } from "node:net";
import { userInfo } from "node:os";
import { SyncError } from "../../core/errors.ts";
import { passwordOf, serviceOf } from "./conventions.ts";
import { SESSION_ATTRIBUTES } from "./servers.ts";
import type { SessionAttributes } from "./servers.ts";
import { SSL_MODES } from "./tls.ts";
import type { SslMode, SslSettings } from "./tls.ts";
import type { Timeouts } from "./timeouts.ts";

/** Variables of the environment. */
type Environment = { readonly [name: string]: string | undefined };

/** What is said about a database; what is not comes from the conventions of libpq. */
export interface ConnectOptions {
  /**
   * `postgres://user:password@host:port/database?sslmode=…`, or empty for all by convention.
   * Several servers of one database stand side by side: `host:port,host:port`.
   */
  readonly url?: string;
  readonly ssl?: SslSettings;
  readonly timeouts?: Partial<Timeouts>;
  /** Default: those of the process. */
  readonly environment?: Environment;
}

/** A database's address. */
export interface Address {
  /** Where it may be, in the order in which they are tried; one at least. */
  readonly servers: readonly ServerAddress[];
  /** Which of them will do. */
  readonly attributes: SessionAttributes;
  readonly database: string;
  readonly user: string;
  readonly applicationName: string;
  readonly connectMs: number | undefined;
  readonly ssl: SslSettings;
  /** `host:port/database`, for messages: no user, no secret. */
  readonly title: string;
}

/** One server. The password is asked for only when it wants one. */
export interface ServerAddress {
  /** A host name, an address or, beginning with a slash, the folder of a socket. */
  readonly host: string;
  /** Where it is connected to instead of looking the name up: an address of IPv4 or IPv6. */
  readonly hostAddress?: string;
  readonly port: number;
  readonly password: string | undefined;
  /** `host:port/database`, for messages: no user, no secret. */
  readonly title: string;
}

/** Servers of one database that are tried, at most. */
const SERVERS_MAX = 32;

/** Makes an address out of what is said. Throws CONFIG_INVALID, never with a secret in it. */
export function addressOf(options: ConnectOptions): Address {
  const environment = options.environment ?? process.env;
  const said = options.url === undefined || options.url === "" ? {} : parametersOf(options.url);
  const fromEnvironment = inEnvironment(environment);
  const service = said["service"] ?? fromEnvironment["service"];
  const all = {
    ...fromEnvironment,
    ...(service === undefined ? {} : checked(serviceOf(service, environment), "pg_service.conf")),
    ...said,
  };
  const user = all["user"] ?? userInfo().username;
  const database = all["dbname"] ?? user;
  const places = placesOf(all);
  const passwordFor = (where: Place) =>
    all["password"] ?? passwordOf({ ...where, database, user }, all["passfile"], environment);
  return {
    servers: places.map((place) => ({
      ...place,
      password: passwordFor(place),
      title: `${spelled(place)}/${database}`,
    })),
    attributes: attributesOf(all["target_session_attrs"]),
    database,
    user,
    applicationName: all["application_name"] ?? "syncline",
    connectMs: secondsOf(all["connect_timeout"]),
    ssl: { ...sslOf(all), ...options.ssl },
    title: `${places.map(spelled).join(",")}/${database}`,
  };
}

type Place = Pick<ServerAddress, "host" | "port" | "hostAddress">;

/** As libpq pairs them: one port is for all hosts, else each has its own; empty: the usual one. */
function placesOf(all: Parameters): readonly Place[] {
  const addresses = all["hostaddr"]?.split(",");
  const hosts = (all["host"] ?? addresses?.join(",") ?? "").split(",");
  const ports = (all["port"] ?? "").split(",");
  if (addresses !== undefined && addresses.length !== hosts.length) {
    throw invalid(
      `${addresses.length} Postgres addresses (hostaddr) are said for ${hosts.length} hosts`,
      "Say one for each, or none.",
    );
  }
  if (ports.length > 1 && ports.length !== hosts.length) {
    throw invalid(
      `${ports.length} Postgres ports are said for ${hosts.length} hosts`,
      "Say one port for all of them, or one for each.",
    );
  }
  if (hosts.length > SERVERS_MAX) {
    throw invalid(`more than ${SERVERS_MAX} hosts are said for one database`, "Name fewer.");
  }
  return hosts.map((host, at) => {
    const port = (ports.length > 1 ? ports[at] : ports[0]) ?? "";
    const hostAddress = addressIn(addresses?.[at]);
    return {
      host: host === "" ? (hostAddress ?? "localhost") : host,
      ...(hostAddress === undefined ? {} : { hostAddress }),
      port: portOf(port === "" ? "5432" : port),
    };
  });
}

function addressIn(text = ""): string | undefined {
  if (text === "") return undefined;
  if (isIP(text) !== 0) return text;
  throw invalid("hostaddr is no address of IPv4 or IPv6", "Names belong into host.");
}

function spelled({ host, port }: Place): string {
  return host.startsWith("/") ? host : `${bracketed(host)}:${port}`;
}

type Parameters = { readonly [name: string]: string };

/** libpq's names of what we understand, with their variables. */
const KNOWN: ReadonlyMap<string, string> = new Map([
  ["host", "PGHOST"],
  ["hostaddr", "PGHOSTADDR"],
  ["port", "PGPORT"],
  ["dbname", "PGDATABASE"],
  ["user", "PGUSER"],
  ["password", "PGPASSWORD"],
  ["passfile", "PGPASSFILE"],
  ["service", "PGSERVICE"],
  ["application_name", "PGAPPNAME"],
  ["connect_timeout", "PGCONNECT_TIMEOUT"],
  ["target_session_attrs", "PGTARGETSESSIONATTRS"],
  ["sslmode", "PGSSLMODE"],
  ["sslrootcert", "PGSSLROOTCERT"],
  ["sslcert", "PGSSLCERT"],
  ["sslkey", "PGSSLKEY"],
]);

function parametersOf(url: string): Parameters {
  const match = URL_FORM.exec(url);
  if (match === null) {
    throw invalid(
      "a Postgres URL is not of the form postgres://user:password@host:port/database",
      "Percent-encode what is special in the user and the password.",
    );
  }
  const { user, password, places = "", database, query = "" } = match.groups ?? {};
  const found: { [name: string]: string } = {};
  const take = (name: string, text: string | undefined) => {
    if (text !== undefined && text !== "") found[name] = decoded(text);
  };
  const parts = places.split(",").map((place) => PLACE_FORM.exec(place)?.groups ?? {});
  const ports = parts.map(({ port = "" }) => port);
  take("user", user);
  take("password", password);
  take("host", parts.map(({ host = "" }) => host.replace(/^\[(.*)\]$/, "$1")).join(","));
  if (ports.some((port) => port !== "")) take("port", ports.join(","));
  take("dbname", database);
  for (const pair of query.split("&").filter((each) => each !== "")) {
    const at = pair.indexOf("=");
    take(decoded(at < 0 ? pair : pair.slice(0, at)), at < 0 ? undefined : pair.slice(at + 1));
  }
  return checked(found, "the Postgres URL");
}

const HOST = String.raw`(?:\[[^\]@,]*\]|[^:,/?#@]*)`;
const PLACE = String.raw`${HOST}(?::\d*)?`;

/** An '@' stands before the host and nowhere else: a part of a password is never taken for more. */
const URL_FORM = new RegExp(
  [
    String.raw`^postgres(?:ql)?://`,
    String.raw`(?:(?<user>[^:@/?#]*)(?::(?<password>[^@/?#]*))?@)?`,
    String.raw`(?<places>${PLACE}(?:,${PLACE})*)`,
    String.raw`(?:/(?<database>[^?#@]*))?(?:\?(?<query>[^#@]*))?$`,
  ].join(""),
);

const PLACE_FORM = new RegExp(String.raw`^(?<host>${HOST})(?::(?<port>\d*))?$`);

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(
      "a Postgres URL has a '%' that begins no percent-encoding",
      "Write '%25' for the character '%'.",
    );
  }
}

/** Unknown parameters are refused by name: what is not understood must not be lost. */
function checked(found: Parameters, place: string): Parameters {
  for (const name of Object.keys(found)) {
    if (KNOWN.has(name)) continue;
    throw invalid(
      `${place} has a parameter ${name}, which is not supported`,
      `Supported are ${[...KNOWN.keys()].join(", ")}.`,
    );
  }
  return found;
}

function inEnvironment(environment: Environment): Parameters {
  const found: { [name: string]: string } = {};
  for (const [name, variable] of KNOWN) {
    const value = environment[variable];
    if (value !== undefined && value !== "") found[name] = value;
  }
  return found;
}

function sslOf(all: Parameters): SslSettings {
  const { sslmode, sslrootcert, sslcert, sslkey } = all;
  if (sslmode !== undefined && !isSslMode(sslmode)) {
    throw invalid(`sslmode is none of ${SSL_MODES.join(", ")}`, "See libpq's description of it.");
  }
  return {
    ...(sslmode === undefined ? {} : { mode: sslmode }),
    ...(sslrootcert === undefined ? {} : { rootCert: sslrootcert }),
    ...(sslcert === undefined ? {} : { cert: sslcert }),
    ...(sslkey === undefined ? {} : { key: sslkey }),
  };
}

function isSslMode(text: string): text is SslMode {
  return (SSL_MODES as readonly string[]).includes(text);
}

function attributesOf(text = "any"): SessionAttributes {
  const known = SESSION_ATTRIBUTES.find((each) => each === text);
  if (known !== undefined) return known;
  const all = SESSION_ATTRIBUTES.join(", ");
  throw invalid(`target_session_attrs is none of ${all}`, "See libpq's description of it.");
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw invalid("a Postgres port is not a number from 1 to 65535", "The usual one is 5432.");
}

function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 0) return seconds * 1000;
  throw invalid("connect_timeout is not a whole number of seconds", "Write for example 10.");
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function invalid(message: string, hint: string): SyncError {
  return new SyncError("CONFIG_INVALID", message, { hint });
}
