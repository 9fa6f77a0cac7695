// libpq's files: named services and passwords.
import { existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { SyncError } from "../../core/errors.ts";

type Environment = { readonly [name: string]: string | undefined };

/** Who a password is for. */
export interface PasswordFor {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/** The parameters of a service in pg_service.conf. Throws where there is none of this name. */
export function serviceOf(
  name: string,
  environment: Environment,
): { readonly [name: string]: string } {
  const system = environment["PGSYSCONFDIR"];
  const files = [
    environment["PGSERVICEFILE"] ?? join(homedir(), ".pg_service.conf"),
    ...(system === undefined ? [] : [join(system, "pg_service.conf")]),
  ];
  for (const file of files.filter((each) => existsSync(each))) {
    const found = sectionOf(textIn(file, "a Postgres service file"), name);
    if (found !== undefined) return found;
  }
  throw new SyncError("CONFIG_INVALID", `there is no Postgres service ${name}`, {
    hint: `Looked in ${files.join(" and ")}.`,
  });
}

/** Throws CONFIG_INVALID for a folder, and for a file that we may not read. */
function textIn(file: string, what: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new SyncError("CONFIG_INVALID", `${file} cannot be read as ${what}`, {
      hint: "Name a file that the user of this process may read.",
      cause,
    });
  }
}

function sectionOf(text: string, name: string): { readonly [name: string]: string } | undefined {
  let found: { [name: string]: string } | undefined;
  let isInside = false;
  for (const line of text.split("\n").map((each) => each.trim())) {
    if (line === "" || line.startsWith("#")) continue;
    if (line.startsWith("[")) {
      if (found !== undefined) break;
      isInside = line === `[${name}]`;
      if (isInside) found = {};
      continue;
    }
    const at = line.indexOf("=");
    if (isInside && found !== undefined && at > 0) {
      found[line.slice(0, at).trim()] = line.slice(at + 1).trim();
    }
  }
  return found;
}

/** The password in the password file; undefined: none is for this. */
export function passwordOf(
  who: PasswordFor,
  said: string | undefined,
  environment: Environment,
): string | undefined {
  const windows = environment["APPDATA"];
  const usual =
    process.platform === "win32" && windows !== undefined
      ? join(windows, "postgresql", "pgpass.conf")
      : join(homedir(), ".pgpass");
  const file = said ?? usual;
  const status = statSync(file, { throwIfNoEntry: false });
  // As libpq has it, /dev/null says that there is none. A folder is nobody's intention.
  if (status === undefined || !(status.isFile() || status.isDirectory())) return undefined;
  if (status.isFile() && process.platform !== "win32" && (status.mode & OTHERS) !== 0) {
    throw new SyncError("CONFIG_INVALID", `others may read the password file ${file}`, {
      hint: `Run chmod 600 ${file}.`,
    });
  }
  const host = who.host.startsWith("/") ? "localhost" : who.host;
  const wanted = [host, String(who.port), who.database, who.user];
  for (const line of textIn(file, "a password file").split(/\r?\n/)) {
    if (line.startsWith("#")) continue;
    const fields = fieldsOf(line);
    const password = fields[wanted.length];
    const fits = wanted.every((each, at) => fields[at] === "*" || fields[at] === each);
    if (fits && password !== undefined) return password;
  }
  return undefined;
}

/** Permissions of the group and of everybody else. */
const OTHERS = 0o077;

/** Colons separate, a backslash takes the next character as it is; the last one is itself. */
function fieldsOf(line: string): readonly string[] {
  const fields = [""];
  for (let at = 0; at < line.length; at++) {
    const isTaken = line[at] === "\\" && at + 1 < line.length;
    if (line[at] === ":") fields.push("");
    else fields[fields.length - 1] += line[isTaken ? ++at : at] ?? "";
  }
  return fields;
}
