// An API on this machine that takes requirements: lists of them by POST, pages of what it holds by
// GET, one by its id. It counts the lists, and knows who may ask.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A requirement as the API holds it. */
export interface Held {
  readonly id: string;
  readonly [field: string]: unknown;
}

/** The API, listening; someone must close it. */
export interface Endpoint {
  readonly url: string;
  readonly held: ReadonlyMap<string, Held>;
  /** How many requirements each list had, in their order. */
  readonly lists: readonly number[];
  close(): Promise<void>;
}

/** Starts it on a free port. Whoever does not show the key is refused. */
export async function startEndpoint(key: string): Promise<Endpoint> {
  const held = new Map<string, Held>();
  const lists: number[] = [];

  async function serve(request: IncomingMessage): Promise<readonly [number, unknown]> {
    if (request.headers.authorization !== `Bearer ${key}`) return [401, { error: "who are you?" }];
    const url = new URL(request.url ?? "/", "http://here");
    const [, id] = /^\/v1\/sync(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
    if (id !== undefined) return one(decodeURIComponent(id), request.method);
    if (request.method === "POST") {
      const rows = JSON.parse(await textOf(request)) as readonly Held[]; // only we post here
      lists.push(rows.length);
      for (const row of rows) held.set(row.id, row);
      return [200, { results: rows.map((row) => ({ status: 200, row })) }];
    }
    const [offset, limit] = [url.searchParams.get("offset"), url.searchParams.get("limit")];
    const from = Number(offset ?? 0);
    const data = [...held.values()].slice(from, from + Number(limit ?? 100));
    return [200, { data, pagination: { total: held.size, offset: from } }];
  }

  function one(id: string, method: string | undefined): readonly [number, unknown] {
    const row = held.get(id);
    if (row === undefined) return [404, { error: "no such requirement" }];
    if (method === "DELETE") held.delete(id);
    return [200, row];
  }

  const server = createServer((request, answer) => {
    void serve(request).then(
      ([status, body]) => send(answer, status, body),
      () => send(answer, 500, { error: "that went wrong" }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens
  return {
    url: `http://127.0.0.1:${port}/v1/sync`,
    held,
    lists,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function send(answer: ServerResponse, status: number, body: unknown): void {
  answer.writeHead(status, { "content-type": "application/json" });
  answer.end(JSON.stringify(body));
}
