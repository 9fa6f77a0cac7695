// What the two databases of a story are, and how each says what stories are made of.

/** The kinds of databases that stories are told with. */
export type Store = "sqlite" | "postgres";

/** The words of one kind of database. */
export interface Words {
  /** A table with a key, and one that refers to it. */
  readonly things: string;
  readonly parts: string;
  /** What a new connection says first, where references hold only if they are asked for. */
  readonly opening: readonly string[];
  /** Bytes that begin so (in hexadecimal) and end with a text. */
  readonly bytes: (hex: string, text: string) => string;
  /** What the store does to a row of `things` as it is written, as no description of it says. */
  readonly rounding: readonly string[];
  /** A table and triggers that count every row that anybody writes from now on. */
  readonly counting: (tables: readonly string[]) => readonly string[];
  /** One line a row that was written. */
  readonly writes: string;
}

/** By kind. */
export const WORDS: { readonly [store in Store]: Words } = {
  sqlite: {
    things: "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, amount REAL, note BLOB)",
    parts: `CREATE TABLE parts
      (id INTEGER PRIMARY KEY, thing INTEGER NOT NULL REFERENCES things (id), label TEXT)`,
    opening: ["PRAGMA foreign_keys = ON"],
    bytes: (hex, text) => `CAST(x'${hex}' || ${text} AS BLOB)`,
    rounding: ["INSERT", "UPDATE"].map(
      (kind) => `CREATE TRIGGER round_${kind} AFTER ${kind} ON things
        WHEN new.amount <> round(new.amount)
        BEGIN UPDATE things SET amount = round(amount) WHERE id = new.id; END`,
    ),
    counting: (tables) => [
      "CREATE TABLE writes (what TEXT, id INTEGER, kind TEXT)",
      ...tables.flatMap((table) =>
        KINDS.map((kind) => {
          const row = kind === "DELETE" ? "old" : "new";
          const when = kind === "UPDATE" && table === "things" ? `WHEN NOT (${IS_ROUNDING})` : "";
          return `CREATE TRIGGER count_${table}_${kind} AFTER ${kind} ON ${table} ${when}
            BEGIN INSERT INTO writes VALUES ('${table}', ${row}.id, '${kind}'); END`;
        }),
      ),
    ],
    writes: `SELECT what, id, count(*) AS times, group_concat(kind) AS kinds
      FROM (SELECT * FROM writes ORDER BY rowid) AS w GROUP BY what, id ORDER BY what, id`,
  },
  postgres: {
    things: `CREATE TABLE things
      (id bigint PRIMARY KEY, name text, amount double precision, note bytea)`,
    parts: `CREATE TABLE parts
      (id bigint PRIMARY KEY, thing bigint NOT NULL REFERENCES things (id), label text)`,
    opening: [],
    bytes: (hex, text) => `'\\x${hex}'::bytea || convert_to((${text})::text, 'UTF8')`,
    rounding: [
      `CREATE FUNCTION round_amount() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN NEW.amount := round(NEW.amount); RETURN NEW; END $$`,
      `CREATE TRIGGER round_amount BEFORE INSERT OR UPDATE ON things
        FOR EACH ROW EXECUTE FUNCTION round_amount()`,
    ],
    counting: (tables) => [
      `CREATE TABLE writes
        (what text, id bigint, kind text, at bigint GENERATED ALWAYS AS IDENTITY)`,
      `CREATE FUNCTION count_write() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO public.writes VALUES (TG_TABLE_NAME, coalesce(NEW.id, OLD.id), TG_OP);
        RETURN NULL; END $$`,
      ...tables.map(
        (table) => `CREATE TRIGGER count_write AFTER INSERT OR UPDATE OR DELETE ON ${table}
          FOR EACH ROW EXECUTE FUNCTION count_write()`,
      ),
    ],
    writes: `SELECT what, id, count(*) AS times, string_agg(kind, ',' ORDER BY at) AS kinds
      FROM writes GROUP BY what, id ORDER BY what, id`,
  },
};

const KINDS = ["INSERT", "UPDATE", "DELETE"] as const;
/** Rows at rest are round, so that such an update is the store's own, within a write of ours. */
const IS_ROUNDING = "old.amount <> round(old.amount) AND new.amount IS round(old.amount)";
