// Deaths in the middle of a database's own work: every statement that may change a database or its
// transaction counts as an effect, of the journal and of both sides, and so do its parts.
import { DatabaseSync, StatementSync } from "node:sqlite";
import { Client } from "pg";
import type { Death, EffectOptions } from "../../src/testing/lethal.ts";

/** The statements of one process so far. */
export interface Statements {
  readonly names: readonly string[];
}

/** Counts the statements of this whole process from now on, and dies at one of them. */
export function countStatements({ death, die }: EffectOptions): Statements {
  const names: string[] = [];
  const around = <Result>(sql: string, execute: () => Result): Result => {
    if (!CHANGES.test(sql)) return execute();
    const number = names.push(sql.replaceAll(/\s+/g, " ").slice(0, NAME_CHARS_MAX));
    if (isAt(death, number, "before")) die();
    const result = execute();
    if (isAt(death, number, "after")) die();
    return result;
  };
  const exec: (sql: string) => void = Reflect.get(DatabaseSync.prototype, "exec");
  DatabaseSync.prototype.exec = function (sql) {
    around(sql, () => exec.call(this, sql));
  };
  for (const method of ["run", "get", "all"] as const) {
    const inner = StatementSync.prototype[method] as (...values: unknown[]) => never; // any of them
    StatementSync.prototype[method] = function (this: StatementSync, ...values: unknown[]) {
      return around(this.sourceSQL, () => inner.apply(this, values));
    };
  }
  countSent({ names, ...(death === undefined ? {} : { death }), die });
  return { names };
}

/** What is sent to a server, by how its names begin: nobody knows when the server has done it. */
export const SENT = "sent ";

/** Statements to PostgreSQL. After one means that it was sent and nobody has heard the answer. */
function countSent({ names, death, die }: EffectOptions & { readonly names: string[] }): void {
  const send: (...given: unknown[]) => unknown = Reflect.get(Client.prototype, "query");
  Reflect.set(Client.prototype, "query", function (this: Client, ...given: unknown[]) {
    const sql = textOf(given[0]);
    if (!MAY_WRITE.test(sql)) return send.apply(this, given);
    const number = names.push(`${SENT}${sql.replaceAll(/\s+/g, " ").slice(0, NAME_CHARS_MAX)}`);
    if (isAt(death, number, "before")) die();
    const answer = send.apply(this, given);
    // The driver puts together what it sends until then.
    if (isAt(death, number, "after")) process.nextTick(die);
    return answer;
  });
}

/** A text, or something with one. */
function textOf(query: unknown): string {
  if (typeof query === "string") return query;
  const isQuery = typeof query === "object" && query !== null && "text" in query;
  return isQuery && typeof query.text === "string" ? query.text : "";
}

const MAY_WRITE = /\b(?:BEGIN|COMMIT|SAVEPOINT|CREATE|INSERT|UPDATE|DELETE)\b|\bFROM STDIN\b/;

const VERBS = "BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|CREATE|DROP|ALTER|REPLACE";
const CHANGES = new RegExp(`^\\s*(?:${VERBS}|(?:WITH\\b.*?)?\\b(?:INSERT|UPDATE|DELETE))\\b`, "is");
const NAME_CHARS_MAX = 60;

function isAt(death: Death | undefined, number: number, when: Death["when"]): boolean {
  return number === death?.effect && when === death.when;
}
