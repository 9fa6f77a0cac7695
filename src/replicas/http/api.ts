// An API as its collections are read and written through it: its host, who asks, how often, and
// what is done about answers that are none. A redirection is followed only by what reads, and only
// on the same host: credentials go nowhere else.
import { setTimeout } from "node:timers/promises";
import { SyncError } from "../../core/errors.ts";
import { readJson } from "../../core/json.ts";
import type { Value } from "../../core/state.ts";
import { authorizerOf } from "./auth.ts";
import type { Authorizer, Credentials } from "./auth.ts";
import { problemsOfHttp } from "./check.ts";
import { backoffMs, budgetOf, retryAfterMs, worldOf } from "./budget.ts";
import type { Budget, World } from "./budget.ts";
import { failed, reasonIn, statusFailure } from "./failure.ts";
import type { Call } from "./failure.ts";
import { LIMITS } from "./settings.ts";
import type { HttpOptions, Limits } from "./settings.ts";
import { makeTransport } from "./transport.ts";
import type { Answer, Request, Silence, Transport } from "./transport.ts";
import { ACCEPTED, isTooDeep, pack } from "./unpack.ts";

/** One API, opened. */
export interface Api {
  readonly options: HttpOptions;
  readonly base: URL;
  readonly limits: Limits;
  readonly world: World;
  readonly budget: Budget;
  readonly auth: Authorizer;
  readonly transport: Transport;
  /** Answers that may still be right, by address. */
  readonly kept: Map<string, Kept>;
  keptChars: number;
}

/** An answer that its API can say of whether it still holds. */
interface Kept {
  readonly headers: { readonly [name: string]: string };
  readonly answer: Answer;
}

/** Redirections that are followed one after the other. */
const HOPS_MAX = 5;
/** Characters of answers that are kept to be asked about again. */
const KEPT_CHARS_MAX = 32 << 20;

const wait: World["sleep"] = (ms, signal) => setTimeout(ms, undefined, { signal });

/** Opens an API. Nothing is asked yet. Throws CONFIG_INVALID. */
export function openApi(options: HttpOptions): Api {
  const base = baseOf(options);
  const limits = { ...LIMITS, ...options.limits };
  const world = worldOf(options, wait);
  const transport = makeTransport(limits, options.tls);
  const around = { system: options.name, transport, now: world.now };
  return {
    options,
    base,
    limits,
    world,
    transport,
    budget: budgetOf(base, options.limits?.perSecond, world),
    auth: authorizerOf(options.auth, around),
    kept: new Map(),
    keptChars: 0,
  };
}

function baseOf(options: HttpOptions): URL {
  const [problem] = problemsOfHttp(options);
  if (problem !== undefined) {
    const { message, hint, path } = problem;
    throw new SyncError("CONFIG_INVALID", message, {
      where: [options.name, ...path].join("."),
      hint,
    });
  }
  const base = new URL(options.url);
  base.pathname = base.pathname.replace(/\/+$/, "");
  return base;
}

/** The address of a path of the API, its parameters added. */
export function addressOf(
  { base }: Api,
  path: string,
  params: Iterable<readonly [string, string]> = [],
): URL {
  const url = new URL(base);
  const [before = "", query] = path.split("?", 2);
  url.pathname = `${base.pathname === "/" ? "" : base.pathname}/${before.replace(/^\/+/, "")}`;
  for (const [name, value] of new URLSearchParams(query)) url.searchParams.append(name, value);
  for (const [name, value] of params) url.searchParams.set(name, value);
  return url;
}

/** What is asked of an API. */
export interface Asked {
  readonly method: string;
  readonly url: URL;
  /** The path as messages show it: without what names a row. */
  readonly path: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string;
  /** What of this must not be repeated by a message: values of rows. */
  readonly hidden?: readonly string[];
}

/** How a message calls it. */
export function callOf({ options, base }: Api, { method, path }: Asked): Call {
  const shown = `/${path.replace(/^\/+/, "").split("?", 1)[0] ?? ""}`;
  const before = base.pathname === "/" ? "" : base.pathname;
  return { system: options.name, shown: `${method} ${before}${shown}` };
}

/** What an API says is wrong, without what is secret. */
export function reasonOf({ auth, options }: Api, asked: Asked, { text }: Answer): string {
  const own = Object.values(options.headers ?? {});
  return reasonIn(text, [...auth.secrets(), ...own, ...(asked.hidden ?? [])]);
}

/**
 * Sends a request once, and once more where other credentials may help. Waits for the host's
 * budget. Throws REPLICA_DENIED where the API does not know us.
 */
export async function send(api: Api, asked: Asked, signal: AbortSignal): Promise<Answer | Silence> {
  for (let attempt = 0; ; attempt++) {
    const closedMs = api.budget.closedMs();
    if (closedMs > api.limits.waitMs)
      return { kind: "silence", isSent: false, error: busy(api, asked) };
    await api.budget.turn(signal);
    const credentials = await api.auth.credentials(signal);
    const reply = await api.transport.send(requestOf(api, asked, credentials), signal);
    if (reply.kind === "silence") return reply;
    if (reply.status === 401) {
      if (attempt === 0 && api.auth.renew(credentials)) continue;
      throw statusFailure(callOf(api, asked), 401, reasonOf(api, asked, reply));
    }
    const after = retryAfterMs(reply.headers["retry-after"], api.world.now());
    if (reply.status === 429 && after !== undefined) {
      api.budget.closeUntil(api.world.now() + after);
    }
    return reply;
  }
}

function busy(api: Api, asked: Asked): SyncError {
  const seconds = Math.ceil(api.budget.closedMs() / 1000);
  const says = `was not sent: the API asked to be left alone for ${seconds} s`;
  return failed("REPLICA_UNAVAILABLE", callOf(api, asked), says, {
    hint: "Run again then; `limits: { perSecond: … }` keeps below what it allows.",
  });
}

function requestOf(api: Api, asked: Asked, { headers, params }: Credentials): Request {
  const { method, body } = asked;
  const url = new URL(asked.url);
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
  const { compression } = api.options;
  const packed = body === undefined || compression === undefined ? body : pack(body, compression);
  return {
    ...callOf(api, asked),
    method,
    url,
    headers: {
      accept: "application/json",
      "accept-encoding": ACCEPTED,
      "user-agent": "syncline",
      ...api.options.headers,
      ...(packed === undefined
        ? {}
        : { "content-type": "application/json", "content-length": Buffer.byteLength(packed) }),
      ...(packed === body ? {} : { "content-encoding": compression }),
      ...asked.headers,
      ...headers,
    },
    ...(packed === undefined ? {} : { body: packed }),
  };
}

/** Statuses that may be others when the same is asked again. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * Reads: what may pass is tried again, as often and as long as the limits say. Throws
 * REPLICA_UNAVAILABLE, REPLICA_DENIED, COLLECTION_MISSING or LIST_FAILED for an answer that is none
 * of 2xx and `accepts`.
 */
export async function get(
  api: Api,
  asked: Asked,
  signal: AbortSignal,
  accepts: readonly number[] = [],
): Promise<Answer> {
  const { limits, world } = api;
  const call = callOf(api, asked);
  let now = asked;
  let hops = 0;
  for (let attempt = 1; ; attempt++) {
    const reply = await conditional(api, now, signal);
    const after = retryIn(api, reply);
    if (after === undefined) {
      const answer = reply as Answer; // a silence is tried again
      const { status } = answer;
      if ((status >= 200 && status < 300) || accepts.includes(status)) return answer;
      const next = status >= 300 && status < 400 ? redirected(call, now.url, answer) : undefined;
      if (next === undefined || hops++ >= HOPS_MAX) {
        throw statusFailure(call, status, reasonOf(api, asked, answer));
      }
      now = { ...asked, url: next };
      continue;
    }
    const pause = Math.max(after, backoffMs(attempt, world.random()));
    if (attempt > limits.retries || after > limits.waitMs) {
      if (reply.kind === "silence") throw reply.error;
      throw statusFailure(call, reply.status, reasonOf(api, asked, reply));
    }
    await world.sleep(pause, signal);
  }
}

/** How long to wait at least before the same is asked again; undefined: it would not help. */
function retryIn({ world, budget }: Api, reply: Answer | Silence): number | undefined {
  if (reply.kind === "silence") {
    return reply.error.code === "REPLICA_UNAVAILABLE" ? budget.closedMs() : never(reply);
  }
  if (!PASSING.has(reply.status)) return undefined;
  return retryAfterMs(reply.headers["retry-after"], world.now()) ?? 0;
}

function never({ error }: Silence): undefined {
  throw error;
}

/** Where a redirection leads, if it is on the same host. Throws where it is not. */
function redirected(call: Call, from: URL, { headers, status }: Answer): URL | undefined {
  const { location } = headers;
  if (location === undefined || !URL.canParse(location, from)) return undefined;
  const url = new URL(location, from);
  if (url.origin === from.origin) return url;
  throw failed("REPLICA_UNAVAILABLE", call, `answered ${status}: it leads to another host`, {
    hint:
      "It is not followed, because our credentials would go there: if that is the API, write its " +
      "address as `url`.",
  });
}

/** Asks whether what is kept still holds, where there is something. */
async function conditional(api: Api, asked: Asked, signal: AbortSignal): Promise<Answer | Silence> {
  const address = asked.url.href;
  const known = api.kept.get(address);
  const headers = { ...known?.headers, ...asked.headers };
  const reply = await send(api, { ...asked, headers }, signal);
  if (reply.kind === "silence") return reply;
  if (reply.status === 304 && known !== undefined) {
    // The newest one stands last.
    api.kept.delete(address);
    api.kept.set(address, known);
    return known.answer;
  }
  if (known !== undefined) forget(api, address);
  if (reply.status === 200) keep(api, address, reply);
  return reply;
}

function keep(api: Api, address: string, answer: Answer): void {
  const { etag } = answer.headers;
  const modified = safelyModified(answer);
  if ((etag === undefined && modified === undefined) || answer.text.length > KEPT_CHARS_MAX / 4) {
    return;
  }
  const headers = {
    ...(etag === undefined ? {} : { "if-none-match": etag }),
    ...(modified === undefined ? {} : { "if-modified-since": modified }),
  };
  api.kept.set(address, { headers, answer });
  api.keptChars += answer.text.length;
  for (const oldest of api.kept.keys()) {
    if (api.keptChars <= KEPT_CHARS_MAX) break;
    forget(api, oldest);
  }
}

/** RFC 9110, 8.8.2.2: within a minute of a change, another one may bear the same time. */
const SETTLED_MS = 60_000;

function safelyModified({ headers }: Answer): string | undefined {
  const { "last-modified": modified, date } = headers;
  if (modified === undefined || date === undefined) return undefined;
  return Date.parse(date) - Date.parse(modified) >= SETTLED_MS ? modified : undefined;
}

function forget(api: Api, address: string): void {
  api.keptChars -= api.kept.get(address)?.answer.text.length ?? 0;
  api.kept.delete(address);
}

/** The document of an answer. Throws LIST_FAILED when it is no JSON. */
export function documentIn(call: Call, { text, headers }: Answer): Value {
  const value = isTooDeep(text) ? undefined : readJson(text);
  if (value !== undefined) return value;
  const kind = (headers["content-type"] ?? "").split(";", 1)[0]?.trim() ?? "";
  const what = /^[\w.+/-]{1,60}$/.test(kind) && !/json/.test(kind) ? ` but ${kind}` : "";
  throw failed("LIST_FAILED", call, `answered what is no JSON${what}`, {
    hint: "Check `url` and the collection's `path`: is that the API, and not a page about it?",
  });
}
