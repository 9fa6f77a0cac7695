// A server in between that sees what is sent and may cut it off, hold it back or let it through.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";

/**
 * What becomes of bytes that a client sends, and of the connection: it ends before or after them
 * (`cut`), ends at once (`reset`), falls silent for ever (`hang`), is open for the client alone
 * (`half-open`), brings the answer byte by byte (`slow`), or ends in the middle of the answer
 * (`truncate`). `garble`: they arrive as something else.
 */
export type Verdict =
  | "pass"
  | "cut-before"
  | "cut-after"
  | "reset"
  | "hang"
  | "half-open"
  | "slow"
  | "truncate"
  | "garble";

/** A proxy on a port of its own. */
export interface Proxy {
  /** The address of the database by way of this proxy. */
  readonly url: string;
  /** Judges what clients send from now on; the default lets everything through. */
  judge: (sent: Buffer) => Verdict;
  /** Lets nobody connect, or everybody again. */
  refuse(): Promise<void>;
  accept(): Promise<void>;
  close(): Promise<void>;
}

/** Stands before the server at an address. */
export async function startProxy(url: string): Promise<Proxy> {
  const target = new URL(url);
  const { hostname, port } = target;
  const open = new Set<Socket>();
  const proxy: { judge: Proxy["judge"] } = { judge: () => "pass" };
  const server = createServer((client) => {
    const upstream = connect(Number(port || "5432"), hostname);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.setNoDelay(true);
      // The other end is told by its own end.
      socket.on("error", () => undefined);
      socket.on("close", () => open.delete(socket));
    }
    between(client, upstream, (sent) => proxy.judge(sent));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  target.hostname = "127.0.0.1";
  target.port = String(address.port);
  return Object.assign(proxy, {
    url: target.href,
    refuse: async () => {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, "close");
    },
    accept: async () => {
      server.listen(address.port, "127.0.0.1");
      await once(server, "listening");
    },
    close: async () => {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, "close");
    },
  });
}

/** Carries bytes between both as is judged of what the client sends. */
function between(client: Socket, upstream: Socket, judge: Proxy["judge"]): void {
  let verdict: Verdict = "pass";
  const cut = () => {
    client.destroy();
    upstream.end();
  };
  client.on("data", (bytes: Buffer) => {
    if (SILENT.has(verdict)) return;
    verdict = judge(bytes);
    switch (verdict) {
      case "cut-before":
        return cut();
      case "cut-after":
        return void upstream.write(bytes, cut);
      case "reset":
        client.resetAndDestroy();
        return void upstream.end();
      case "hang":
        return;
      case "half-open":
        return void upstream.end();
      case "garble":
        return void upstream.write(bytes.fill("?"));
      case "slow":
      case "truncate":
      case "pass":
        return void upstream.write(bytes);
    }
  });
  upstream.on("data", (bytes: Buffer) => {
    if (SILENT.has(verdict) || client.destroyed) return;
    if (verdict === "slow") for (const byte of bytes) client.write(Buffer.of(byte));
    else if (verdict === "truncate") client.end(bytes.subarray(0, HEAD_BYTES));
    else client.write(bytes);
  });
  client.on("close", () => upstream.end());
  upstream.on("close", () => {
    if (verdict !== "half-open") client.destroy();
  });
}

const SILENT: ReadonlySet<Verdict> = new Set<Verdict>(["hang", "half-open"]);
/** Less than any message of the server has. */
const HEAD_BYTES = 3;
