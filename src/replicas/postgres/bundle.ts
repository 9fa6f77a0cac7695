// A whole transaction in one go: its statements and what is copied leave together, and one answer
// comes back. The server passes by what follows an error, up to the end of the bundle.
import type { Client } from "pg";
import type { Out } from "./out.ts";
import { AS_OURS, AS_USERS } from "./search-path.ts";

/** A statement with its values, as texts. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly (string | null)[];
}

/** A COPY and what may follow it in its transaction. */
export interface Bundle {
  /** `COPY … FROM STDIN`. */
  readonly copy: string;
  /** What it takes. It must not change before the answer is here. */
  readonly content: Out;
  readonly after: Statement | undefined;
}

const NOTHING: Statement["values"] = [];

/**
 * Sends it. It has been committed when this returns. Throws what the server refused: nothing has
 * landed then, and the transaction has to be rolled back.
 */
export function sendBundle(client: Client, { copy, content, after }: Bundle): Promise<void> {
  return new Promise((resolve, reject) => {
    const say = (connection: Connection, { sql, values }: Statement): void => {
      connection.parse({ name: "", text: sql, types: [] });
      connection.bind({ portal: "", statement: "", values, binary: false });
      connection.execute({ portal: "", rows: 0 });
    };
    const query = {
      submit: (connection: Connection): void => {
        const { stream } = connection;
        stream.cork();
        const sayOnly = (sql: string): void => say(connection, { sql, values: NOTHING });
        sayOnly(BEGIN);
        sayOnly(AS_USERS);
        sayOnly(copy);
        stream.write(headOf(content.at));
        stream.write(content.bytes.subarray(0, content.at));
        connection.endCopyFrom();
        if (after !== undefined) {
          sayOnly(AS_OURS);
          say(connection, after);
          sayOnly(AS_USERS);
        }
        sayOnly("COMMIT");
        connection.sync();
        stream.uncork();
      },
      // The driver tells of an error as soon as it is there, and of nothing after it.
      handleError: reject,
      handleReadyForQuery: (): void => resolve(),
      handleCommandComplete: ignore,
      handleCopyInResponse: ignore,
    };
    void client.query(query as unknown as Parameters<Client["query"]>[0]);
  });
}

const BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE";

const ignore = (): void => undefined;

/** What comes before a piece of a copy: `d`, and its length with that of the length itself. */
function headOf(length: number): Buffer {
  const head = Buffer.allocUnsafe(5);
  head[0] = 0x64;
  head.writeUInt32BE(length + 4, 1);
  return head;
}

/** What the driver's connection can do: it keeps most of that from its types. */
interface Connection {
  readonly stream: NodeJS.WritableStream & { cork(): void; uncork(): void };
  parse(statement: { readonly name: string; readonly text: string; readonly types: [] }): void;
  bind(portal: {
    readonly portal: string;
    readonly statement: string;
    readonly values: Statement["values"];
    readonly binary: boolean;
  }): void;
  execute(portal: { readonly portal: string; readonly rows: number }): void;
  endCopyFrom(): void;
  sync(): void;
}

/** A list of texts as PostgreSQL reads it. */
export function textArray(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${text.replace(/["\\]/g, "\\$&")}"`).join()}}`;
}
