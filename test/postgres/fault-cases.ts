// Faults of the network and of the server, and how each is brought about.
import { Client } from "pg";
import type { Configured, FaultScene } from "./fault-scene.ts";
import type { Verdict } from "./proxy.ts";

/** One fault. */
export interface FaultCase {
  /** What goes wrong, and when. */
  readonly fault: string;
  /** Brings it about; returns what ends it, unless that ends with the run. */
  readonly begin: (
    scene: FaultScene,
    here: string,
  ) => Promise<(() => Promise<unknown>) | undefined>;
  readonly said?: (scene: FaultScene) => Configured;
}

/** Impatient where a silence comes, so that it is one soon. */
const SOON: { readonly [moment in Moment]: { readonly [timeout: string]: number } } = {
  "while it connects": { connectMs: 300 },
  "while it lists": { silenceMs: 300 },
  "while it writes": { statementMs: 2000, graceMs: 100 },
  "at the COMMIT of a batch": { statementMs: 2000, graceMs: 100 },
};

/** Moments of a run, by what is sent then; whoever tries again but a COMMIT meets it again. */
const MOMENTS = {
  "while it connects": () => () => true,
  "while it lists": () => (sent: Buffer) => sent.includes("TO STDOUT"),
  "while it writes": () => (sent: Buffer) => sent.includes("FROM STDIN"),
  "at the COMMIT of a batch": () => {
    let isWritten = false;
    let isOver = false;
    return (sent: Buffer) => {
      isWritten ||= sent.includes("INSERT INTO") && sent.includes("batches");
      const isNow = isWritten && !isOver && sent.includes("COMMIT\0");
      // Whoever asks afterwards what landed is answered.
      isOver ||= isNow;
      return isNow;
    };
  },
} as const;

type Moment = keyof typeof MOMENTS;

function through(fault: string, verdict: Verdict, moments: readonly Moment[]): FaultCase[] {
  return moments.map((moment) => ({
    fault: `${fault} ${moment}`,
    begin: async ({ proxy }) => {
      const isNow = MOMENTS[moment]();
      proxy.judge = (sent) => (isNow(sent) ? verdict : "pass");
      return undefined;
    },
    ...(verdict === "hang" || verdict === "half-open"
      ? { said: () => ({ timeouts: SOON[moment] }) }
      : {}),
  }));
}

const COMMIT = "at the COMMIT of a batch";

/** What a network does. */
export const NETWORK: readonly FaultCase[] = [
  {
    fault: "the server refuses connections",
    begin: async ({ proxy }) => {
      await proxy.refuse();
      return () => proxy.accept();
    },
  },
  ...through("the connection is reset", "reset", ["while it connects", "while it lists", COMMIT]),
  ...through("the connection ends", "cut-before", ["while it writes", COMMIT]),
  ...through("the connection ends when the server has heard it,", "cut-after", [COMMIT]),
  ...through("the server falls silent", "hang", ["while it connects", "while it lists", COMMIT]),
  ...through("the server is gone and nobody says so", "half-open", ["while it writes", COMMIT]),
  ...through("an answer breaks off in the middle", "truncate", ["while it lists", COMMIT]),
  ...through("answers come byte by byte", "slow", ["while it lists"]),
];

/** A trigger that does this to each row that our session writes. */
function trigger(fault: string, plpgsql: string): FaultCase {
  return {
    fault,
    begin: async ({ schema: { client, name } }) => {
      await client.query(
        `CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           IF current_setting('application_name') = '${name}' THEN ${plpgsql}; END IF;
           RETURN NEW; END $$;
         CREATE TRIGGER fault BEFORE INSERT ON customers
           FOR EACH ROW EXECUTE FUNCTION fault()`,
      );
      return () => client.query("DROP FUNCTION fault CASCADE");
    },
  };
}

const raises = (state: string, what: string): FaultCase =>
  trigger(`${state}: ${what}`, `RAISE EXCEPTION 'hunter2' USING ERRCODE = '${state}'`);

/** A statement of the table's owner, and the one that takes it back. */
function statement(
  fault: string,
  [begin, end]: readonly [string, string],
  said?: FaultCase["said"],
): FaultCase {
  return {
    fault,
    begin: async ({ role, schema }, here) => {
      const filled = (sql: string) => sql.replaceAll("$role", role).replaceAll("$here", here);
      await schema.client.query(filled(begin));
      return () => schema.client.query(filled(end));
    },
    ...(said === undefined ? {} : { said }),
  };
}

const asRole = ({ role }: FaultScene): Configured => ({ user: role });

/** A row of another session that nobody may write meanwhile. */
const LOCKED: FaultCase = {
  fault: "55P03: another session holds the rows",
  begin: async ({ schema }) => {
    const client = new Client({ connectionString: schema.url });
    await client.connect();
    await client.query(`BEGIN; SELECT * FROM ${schema.name}.customers FOR UPDATE`);
    return () => client.end();
  },
  said: () => ({ timeouts: { lockMs: 20 } }),
};

/** What a server says, by class of SQLSTATE. */
export const STATES: readonly FaultCase[] = [
  ...through("08P01: the server does not understand", "garble", ["while it writes"]),
  raises("08006", "the server lost a connection of its own"),
  trigger("22012: a trigger divides by zero", "PERFORM 1 / (NEW.id - NEW.id)"),
  statement("23514: a CHECK", [
    "ALTER TABLE customers ADD CONSTRAINT c CHECK (name <> '$here') NOT VALID",
    "ALTER TABLE customers DROP CONSTRAINT c",
  ]),
  statement("23505: a unique index", [
    "CREATE UNIQUE INDEX u ON customers (name) WHERE name = '$here'",
    "DROP INDEX u",
  ]),
  trigger(
    "25006: the transaction may only read",
    "PERFORM set_config('transaction_read_only', 'on', true); EXECUTE 'CREATE TABLE nothing ()'",
  ),
  statement(
    "28000: the user may not log in",
    ["ALTER ROLE $role NOLOGIN", "ALTER ROLE $role LOGIN"],
    asRole,
  ),
  statement("3D000: no such database", ["SELECT 1", "SELECT 1"], () => ({ database: "nowhere" })),
  raises("40001", "another session was served first, each time"),
  raises("40P01", "two sessions wait for each other, each time"),
  statement(
    "42501: the user may not write",
    ["REVOKE UPDATE ON customers FROM $role", "GRANT UPDATE ON customers TO $role"],
    asRole,
  ),
  statement("42P01: the table is gone", [
    "ALTER TABLE customers RENAME TO others",
    "ALTER TABLE others RENAME TO customers",
  ]),
  statement("42703: a column is gone", [
    "ALTER TABLE customers RENAME note TO remark",
    "ALTER TABLE customers RENAME remark TO note",
  ]),
  statement(
    "53300: no connection is left for the user",
    ["ALTER ROLE $role CONNECTION LIMIT 0", "ALTER ROLE $role CONNECTION LIMIT -1"],
    asRole,
  ),
  raises("53100", "the disk is full"),
  raises("53200", "the server is out of memory"),
  statement("54000: a row is too large for an index", [
    `CREATE FUNCTION large() RETURNS text IMMUTABLE LANGUAGE sql
       AS $$ SELECT string_agg(md5(i::text), '') FROM generate_series(1, 1000) i $$;
     CREATE INDEX x ON customers ((CASE WHEN name = '$here' THEN large() END))`,
    "DROP INDEX x; DROP FUNCTION large",
  ]),
  LOCKED,
  trigger(
    "57014: somebody cancels the statement",
    "PERFORM pg_cancel_backend(pg_backend_pid()); PERFORM pg_sleep(60)",
  ),
  trigger(
    "57P01: an administrator ends the session",
    "PERFORM pg_terminate_backend(pg_backend_pid())",
  ),
  trigger("58P01: a file of the server is missing", "PERFORM pg_read_file('nowhere')"),
  raises("XX001", "a page of the server is damaged"),
];
