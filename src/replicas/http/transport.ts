// One request and its answer. node:http and node:https, because they take a certificate, an
// authority and a name per connection, follow no redirection and unpack nothing behind our back:
// docs/decisions/http.md. What nobody answered is a value: whoever asked knows what it means.
import { readFileSync } from "node:fs";
import { Agent as PlainAgent, request as plainRequest } from "node:http";
import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { Agent as SecureAgent, request as secureRequest } from "node:https";
import type { Socket } from "node:net";
import { SyncError } from "../../core/errors.ts";
import { TimedOut, connectionFailure, failed } from "./failure.ts";
import type { Call } from "./failure.ts";
import type { Limits, TlsSettings } from "./settings.ts";
import { BadBody, textIn } from "./unpack.ts";

/** What is sent. */
export interface Request extends Call {
  readonly method: string;
  readonly url: URL;
  readonly headers: OutgoingHttpHeaders;
  /** As text it goes with the headers in one piece. */
  readonly body?: Buffer | string;
}

/** What came back. */
export interface Answer {
  readonly kind: "answer";
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

/** Nothing came back that can be taken. */
export interface Silence {
  readonly kind: "silence";
  readonly error: SyncError;
  /** It may have arrived, and done its work. */
  readonly isSent: boolean;
}

/** Sends requests over connections that are kept. Someone must close it. */
export interface Transport {
  send(request: Request, signal: AbortSignal): Promise<Answer | Silence>;
  close(): void;
}

/** How long an idle connection is kept, in ms: shorter than most servers do. */
const IDLE_MS = 4_000;

/** A transport. Throws CONFIG_INVALID for certificates that cannot be read. */
export function makeTransport(limits: Limits, tls: TlsSettings = {}): Transport {
  const common = { keepAlive: true, maxSockets: limits.concurrent, timeout: IDLE_MS };
  const plain = new PlainAgent(common);
  const secure = new SecureAgent({ ...common, minVersion: "TLSv1.2", ...certificates(tls) });
  const open = ({ url, method, headers }: Request): ClientRequest =>
    url.protocol === "https:"
      ? secureRequest(url, { method, headers, agent: secure })
      : plainRequest(url, { method, headers, agent: plain });
  return {
    send: (request, signal) => exchange(open, request, { limits, signal }),
    close: () => {
      plain.destroy();
      secure.destroy();
    },
  };
}

function certificates({ ca, cert, key, servername }: TlsSettings) {
  return {
    ...(ca === undefined ? {} : { ca: fileOf(ca) }),
    ...(cert === undefined ? {} : { cert: fileOf(cert) }),
    ...(key === undefined ? {} : { key: fileOf(key) }),
    ...(servername === undefined ? {} : { servername }),
  };
}

function fileOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new SyncError("CONFIG_INVALID", `${path} cannot be read`, {
      hint: "It is named as a certificate or key for TLS.",
      cause,
    });
  }
}

interface Patience {
  readonly limits: Limits;
  readonly signal: AbortSignal;
}

async function exchange(
  open: (request: Request) => ClientRequest,
  request: Request,
  { limits, signal }: Patience,
): Promise<Answer | Silence> {
  signal.throwIfAborted();
  const sending = open(request);
  let isSent = false;
  const ended = new Promise<void>((resolve) => sending.once("close", resolve));
  const stop = (): void => void sending.destroy();
  const late = (code: TimedOut["code"]) => () => sending.destroy(new TimedOut(code));
  const connecting = setTimeout(late("CONNECT_TIMEOUT"), limits.connectMs);
  const answering = setTimeout(late("ANSWER_TIMEOUT"), limits.answerMs);
  signal.addEventListener("abort", stop, { once: true });
  try {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      sending.on("error", reject);
      sending.once("response", resolve);
      sending.once("socket", (socket: Socket) => {
        const connected = (): void => {
          isSent = true;
          clearTimeout(connecting);
        };
        const event = request.url.protocol === "https:" ? "secureConnect" : "connect";
        if (sending.reusedSocket) connected();
        else socket.once(event, connected);
      });
      sending.end(request.body);
    });
    const text = await textIn(answer, limits.answerBytes);
    if (!answer.complete) throw new TimedOut("TRUNCATED");
    const { statusCode: status = 0, headers } = answer;
    return { kind: "answer", status, headers, text };
  } catch (error) {
    sending.destroy();
    signal.throwIfAborted();
    return { kind: "silence", isSent, error: whatFailed(request, sending, error) };
  } finally {
    clearTimeout(connecting);
    clearTimeout(answering);
    signal.removeEventListener("abort", stop);
    // Nothing of it is under way any more; a connection that is kept has no such end.
    if (sending.destroyed) await ended;
  }
}

function whatFailed(request: Request, { errored }: ClientRequest, error: unknown): SyncError {
  if (error instanceof BadBody) {
    const code = error.isTooLarge ? "LIMIT_EXCEEDED" : "LIST_FAILED";
    const hint = error.isTooLarge
      ? "Ask for smaller pages, or say `limits: { answerBytes: … }`."
      : "Is `url` that of the API?";
    return failed(code, request, `was answered with a body that ${error.message}`, { hint });
  }
  // An answer that is cut off because we gave up on it says only that.
  return connectionFailure(request, errored instanceof TimedOut ? errored : error);
}
