// The two ends of a SyncConfig as systems of Syncline's own configuration.
import { dirname, extname, basename } from "node:path";
import type { HttpInput, SystemInput } from "../../config/index.ts";
import type { HttpCollectionInput } from "../../config/index.ts";
import type { Auth } from "../../replicas/http/index.ts";
import { SyncError } from "../../core/errors.ts";
import { secretIn, type Environment, type Secrets } from "./secrets.ts";
import type { AuthConfig, SyncConfig } from "./sync-config.ts";

/** A system, and which of its collections is meant. */
export interface End {
  readonly system: SystemInput;
  /** As it stands behind the system's name: `.table` or `.schema.table`. */
  readonly collection: string;
}

/** What the ends are made with. */
export interface EndOptions {
  /** The pipeline's name: the table, where none is said. */
  readonly name: string;
  readonly env: Environment;
  /** Takes the secrets, for which placeholders stand. */
  readonly secrets: Secrets;
  /** The fields that the target is sent, all of them. */
  readonly fields: NonNullable<HttpCollectionInput["fields"]>;
}

/** Where records come from. Throws SyncError for what cannot be. */
export function sourceEnd({ source, sync }: SyncConfig, options: EndOptions): End {
  const { type, connection, authentication } = source;
  const { name } = options;
  switch (type) {
    case "database": {
      const { path, table } = connection;
      const collection = tableNamed(table ?? name, table === undefined);
      if (path === undefined) return { system: postgres(source, options), collection };
      refuseAuth(authentication, "source.authentication", "A SQLite file");
      for (const key of ["host", "port", "database", "ssl"] as const) {
        if (connection[key] === undefined) continue;
        throw invalid(
          `source.connection.${key}`,
          `source.connection has a path and a ${key}`,
          "Keep `path` for a SQLite file, or take it out for a server.",
        );
      }
      return { system: { type: "sqlite", path }, collection };
    }
    case "api": {
      const { url, endpoint, collection } = connection;
      if ((url === undefined) === (endpoint === undefined)) {
        const message = "source.connection has to have a `url`, or an `endpoint`";
        throw invalid("source.connection", message, "Keep one of the two.");
      }
      const where = `source.connection.${url === undefined ? "endpoint" : "url"}`;
      const place = placeOf(url ?? endpoint ?? "", where);
      const read = { ...pagesOf(sync.batchSize), ...collection };
      return httpEnd(place, read, authOf(authentication, "source", options));
    }
    case "file":
      refuseAuth(authentication, "source.authentication", "A file");
      return fileEnd(connection.path ?? "");
    case "webhook":
      throw webhookNotBuilt();
  }
}

/** What is said of a source that calls us. */
export function webhookNotBuilt(): SyncError {
  return new SyncError("CONFIG_NOT_BUILT", "source.type: webhook is not built yet", {
    where: "source.type",
    hint: "Use database, api, file for now.",
  });
}

/** Where records go. Throws SyncError for what cannot be. */
export function targetEnd({ target, sync }: SyncConfig, options: EndOptions): End {
  const place = placeOf(target.endpoint, "target.endpoint");
  const { collection = {} } = target;
  const { write, ...listed } = collection;
  const written: HttpCollectionInput = {
    fields: options.fields,
    ...pagesOf(sync.batchSize),
    ...listed,
    write: {
      ...write,
      batch: batchOf(write?.batch ?? place.path, sync.batchSize ?? BATCH_SIZE),
    },
  };
  return httpEnd(place, written, authOf(target.authentication, "target", options));
}

/** Records in one request, where nobody says. */
export const BATCH_SIZE = 100;

type Batch = NonNullable<NonNullable<HttpCollectionInput["write"]>["batch"]>;

function batchOf(batch: Batch, size: number): Batch {
  return typeof batch === "string" ? { path: batch, size } : { size, ...batch };
}

/** An endpoint of 000 turns pages by how many records were read. */
function pagesOf(size: number = BATCH_SIZE): Pick<HttpCollectionInput, "page"> {
  return { page: { by: "offset", size } };
}

interface Place {
  readonly url: string;
  readonly path: string;
  readonly params: { readonly [name: string]: string };
}

/** Where an API's paths begin, and the path that is meant. An address is never shown. */
function placeOf(text: string, where: string): Place {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hash !== "") {
    throw invalid(where, `${where} is not of the form https://host/path`);
  }
  if (url.username !== "" || url.password !== "") {
    const hint = "Say who asks under `authentication`.";
    throw invalid(where, `${where} has a user or a password in it`, hint);
  }
  const path = url.pathname.replace(/\/+$/, "");
  const cut = path.lastIndexOf("/");
  return {
    url: url.origin + path.slice(0, Math.max(cut, 0)),
    path: path.slice(Math.max(cut, 0)) || "/",
    params: Object.fromEntries(url.searchParams),
  };
}

function httpEnd({ url, path, params }: Place, of: HttpCollectionInput, auth?: Auth): End {
  const hasParams = Object.keys(params).length > 0;
  const collection: HttpCollectionInput = { path, ...(hasParams ? { params } : {}), ...of };
  const system: HttpInput = {
    type: "http",
    url,
    ...(auth === undefined ? {} : { auth }),
    collections: { records: collection },
  };
  return { system, collection: ".records" };
}

function authOf(
  auth: AuthConfig,
  end: "source" | "target",
  { env, secrets }: EndOptions,
): Auth | undefined {
  const hidden = (key: string, given: unknown): string => {
    const where = `${end}.authentication.${key}`;
    return secrets.hide(nameOf(end, key), secretIn(given, where, env));
  };
  switch (auth.type) {
    case "none":
      return undefined;
    case "bearer":
      return { type: "bearer", token: hidden("token", auth.token) };
    case "credentials":
      return {
        type: "basic",
        username: hidden("username", auth.username),
        password: hidden("password", auth.password),
      };
    case "api-key": {
      const key = hidden("apiKey", auth.apiKey);
      const { header } = auth;
      return header === undefined
        ? { type: "bearer", token: key }
        : { type: "api-key", key, header };
    }
  }
}

/** `SOURCE_PASSWORD`, `TARGET_API_KEY`. */
function nameOf(end: string, key: string): string {
  return `${end}_${key.replace("K", "_K")}`.toUpperCase();
}

/** Nobody can ask a file for a password: one that is said would be ignored. */
function refuseAuth({ type }: AuthConfig, where: string, what: string): void {
  if (type === "none") return;
  throw invalid(where, `${what} asks nobody who they are`, "Write { type: 'none' }.");
}

function postgres(source: SyncConfig["source"], { env, secrets }: EndOptions): SystemInput {
  const { host, port, database, ssl } = source.connection;
  const auth = source.authentication;
  const at = "source.authentication";
  if (auth.type !== "credentials" && auth.type !== "none") {
    throw invalid(`${at}.type`, "A database knows users: write { type: 'credentials', … }");
  }
  const part = (key: "username" | "password"): string =>
    auth.type === "none"
      ? ""
      : secrets.hide(
          nameOf("source", key),
          encodeURIComponent(secretIn(auth[key], `${at}.${key}`, env)),
        );
  const user = auth.type === "none" ? "" : `${part("username")}:${part("password")}@`;
  const machine = host === undefined ? "" : host.includes(":") ? `[${host}]` : host;
  const url = `postgres://${user}${machine}${port === undefined ? "" : `:${port}`}`;
  return {
    type: "postgres",
    url: database === undefined ? url : `${url}/${encodeURIComponent(database)}`,
    ...(ssl === undefined ? {} : { ssl: sslOf(ssl) }),
  };
}

type Ssl = NonNullable<Extract<SystemInput, { readonly type: "postgres" }>["ssl"]>;

function sslOf(ssl: boolean | Ssl): Ssl {
  if (typeof ssl === "object") return ssl;
  return { mode: ssl ? "verify-full" : "disable" };
}

const FORMATS = ["csv", "json", "ndjson"] as const;

function fileEnd(path: string): End {
  const ending = extname(path);
  const format = FORMATS.find((each) => `.${each}` === ending.toLowerCase());
  if (format === undefined) {
    const hint = `Its name ends with ${FORMATS.map((each) => `.${each}`).join(", ")}.`;
    throw invalid("source.connection.path", "source.connection.path is no file we read", hint);
  }
  return {
    system: { type: "rows", path: dirname(path), format },
    collection: tableNamed(basename(path, ending), true),
  };
}

/** `.table`; a name that nobody took apart is one, whatever it has in it. */
function tableNamed(table: string, isWhole: boolean): string {
  return isWhole ? `."${table.replaceAll('"', '""')}"` : `.${table}`;
}

function invalid(where: string, message: string, hint?: string): SyncError {
  return new SyncError("CONFIG_INVALID", message, hint === undefined ? { where } : { where, hint });
}
