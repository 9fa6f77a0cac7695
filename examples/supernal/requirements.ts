// A table with requirements to begin with: in the Postgres of DATABASE_URL, which names a user and
// a password, else in a SQLite file.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Client } from "pg";
import type { SyncConfig } from "syncline/compat/supernal";

const TABLE = "compliance_requirements";
const COLUMNS = `(requirement_id integer PRIMARY KEY, title text NOT NULL,
  compliance_framework text NOT NULL, status text NOT NULL)`;

/** Makes the table with 1000 requirements, 700 of them active or pending. */
export async function makeRequirements(folder: string): Promise<SyncConfig["source"]> {
  const url = process.env["DATABASE_URL"];
  const statements = [
    `DROP TABLE IF EXISTS ${TABLE}`,
    `CREATE TABLE ${TABLE} ${COLUMNS}`,
    `INSERT INTO ${TABLE} VALUES ${rows().join(", ")}`,
  ];
  if (url === undefined || url === "") {
    const path = join(folder, "compliance.db");
    const database = new DatabaseSync(path);
    for (const statement of statements) database.exec(statement);
    database.close();
    const connection = { path, table: TABLE };
    return { type: "database", connection, authentication: { type: "none" } };
  }
  const client = new Client({ connectionString: url });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
  const { hostname, port, pathname, username, password } = new URL(url);
  return {
    type: "database",
    connection: {
      host: decodeURIComponent(hostname),
      port: Number(port === "" ? 5432 : port),
      database: decodeURIComponent(pathname.slice(1)),
      table: TABLE,
      ssl: false,
    },
    authentication: {
      type: "credentials",
      username: decodeURIComponent(username),
      password: decodeURIComponent(password),
    },
  };
}

const FRAMEWORKS = ["ISO_13485", "GDPR", "SOC_2", "FDA_21_CFR_11"];
const STATUSES = ["active", "active", "pending", "active", "active", "pending", "active"];

function rows(): readonly string[] {
  return Array.from({ length: 1000 }, (_, n) => {
    const framework = FRAMEWORKS[n % FRAMEWORKS.length] ?? "";
    const status = STATUSES[n % 10] ?? "archived";
    return `(${n + 1}, 'Requirement ${n + 1}', '${framework}', '${status}')`;
  });
}
