// A real API on this machine to test with: it keeps JSON rows, turns pages in every way, knows
// ETags and idempotency keys, and breaks in whatever way it is told to.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { formatJson, readJson } from "../../src/core/json.ts";
import type { Value } from "../../src/core/state.ts";
import { isList, isObject } from "../../src/core/values.ts";

/** A row as the API keeps it. */
export type ApiRow = { readonly [name: string]: Value };

/** One collection of the API. */
interface ApiCollection {
  readonly key: readonly string[];
  /** Fields that every row has: null where nobody said. */
  readonly fields?: readonly string[];
  /** Members that are away rather than null. */
  readonly sparse?: readonly string[];
  /** Changes rows on their way in. */
  readonly store?: (row: ApiRow) => ApiRow;
  /** What is wrong with a row, and its status. */
  readonly refuses?: (row: ApiRow) => readonly [status: number, says: string] | undefined;
}

/** How pages are turned. */
type Turning = "all" | "page" | "offset" | "cursor" | "link" | "body-link" | "keyset";

/** A request as the API saw it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** True: the request is answered here, and by nobody else. `work` does what it asks for. */
export type Fault = (
  seen: Seen,
  answer: ServerResponse,
  work: () => { readonly status: number; readonly text: string },
) => boolean | Promise<boolean>;

/** How the API behaves. */
export interface ApiOptions {
  readonly turning?: Turning;
  /** Rows in a page, at most, whatever is asked for. */
  readonly pageRows?: number;
  readonly etags?: boolean;
  /** Remembers Idempotency-Key. */
  readonly remembers?: boolean;
  /** What a creation and a change are answered with. */
  readonly answers?: "row" | "nothing";
  fault?: Fault;
}

/** The API, listening. */
export interface TestApi {
  readonly url: string;
  readonly options: ApiOptions;
  readonly seen: Seen[];
  readonly rows: Map<string, Map<string, ApiRow>>;
  add(name: string, collection: ApiCollection): void;
  put(name: string, ...rows: readonly ApiRow[]): void;
  remove(name: string, ...key: readonly Value[]): void;
  all(name: string): readonly ApiRow[];
  close(): Promise<void>;
}

interface State {
  readonly options: ApiOptions;
  readonly collections: Map<string, ApiCollection>;
  readonly rows: Map<string, Map<string, ApiRow>>;
  readonly remembered: Map<string, Reply>;
  base: string;
}

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly headers?: { readonly [name: string]: string };
}

/** Starts an API. Someone must close it. */
export async function startApi(options: ApiOptions = {}): Promise<TestApi> {
  const state: State = {
    options,
    collections: new Map(),
    rows: new Map(),
    remembered: new Map(),
    base: "",
  };
  const seen: Seen[] = [];
  const server = createServer((request, answer) => {
    void serve(state, seen, request, answer).catch((error: unknown) =>
      answer.destroy(error as Error),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens
  state.base = `http://127.0.0.1:${port}`;
  const tableOf = (name: string) => state.rows.get(name) ?? new Map<string, ApiRow>();
  return {
    url: state.base,
    options,
    seen,
    rows: state.rows,
    add: (name, collection) => {
      state.collections.set(name, collection);
      state.rows.set(name, new Map());
    },
    put: (name, ...rows) => {
      for (const row of rows) tableOf(name).set(idOf(state, name, row), row);
    },
    remove: (name, ...key) => void tableOf(name).delete(key.map(String).join("/")),
    all: (name) => [...tableOf(name).values()],
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function idOf({ collections }: State, name: string, row: ApiRow): string {
  const key = collections.get(name)?.key ?? [];
  return key.map((each) => plain(row[each])).join("/");
}

function plain(value: Value | undefined): string {
  assert.ok(typeof value !== "object" && typeof value !== "symbol");
  return String(value);
}

async function serve(
  state: State,
  all: Seen[],
  request: IncomingMessage,
  answer: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const url = new URL(request.url ?? "/", "http://here");
  const seen: Seen = {
    method: request.method ?? "",
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body: unpacked(Buffer.concat(chunks), request.headers["content-encoding"]),
  };
  all.push(seen);
  const work = (): Reply => replyTo(state, seen);
  if ((await state.options.fault?.(seen, answer, work)) === true) return;
  finish(answer, work());
}

function unpacked(bytes: Buffer, encoding: string | undefined): string {
  if (encoding === "gzip") return gunzipSync(bytes).toString();
  if (encoding === "br") return brotliDecompressSync(bytes).toString();
  return (encoding === "zstd" ? zstdDecompressSync(bytes) : bytes).toString();
}

/** Answers as the API would. */
export function finish(answer: ServerResponse, { status, text, headers = {} }: Reply): void {
  answer.writeHead(status, { "content-type": "application/json", ...headers });
  answer.end(status === 204 || status === 304 ? undefined : text);
}

function says(status: number, error: string): Reply {
  return { status, text: formatJson({ error }) };
}

function replyTo(state: State, seen: Seen): Reply {
  const { options, remembered } = state;
  const name = seen.headers["idempotency-key"];
  const known = typeof name === "string" ? remembered.get(name) : undefined;
  if (options.remembers === true && known !== undefined) return known;
  const reply = handle(state, seen);
  if (typeof name === "string" && reply.status < 400) remembered.set(name, reply);
  return reply;
}

function handle(state: State, seen: Seen): Reply {
  const [, name = "", ...rest] = seen.path.split("/").map(decodeURIComponent);
  const collection = state.collections.get(name);
  const table = state.rows.get(name);
  if (collection === undefined || table === undefined) return says(404, "no such thing");
  if (rest[0] === "batch" && seen.method === "POST") return batch(state, name, seen);
  if (rest.length === 0) {
    if (seen.method === "GET") return listing(state, name, seen);
    return seen.method === "POST" ? create(state, name, seen) : says(405, "not here");
  }
  const id = rest.join("/");
  const held = table.get(id);
  const tag = held === undefined ? undefined : tagOf(held);
  const { "if-match": match, "if-none-match": none } = seen.headers;
  if (seen.method === "GET") {
    if (held === undefined) return says(404, "no such row");
    if (state.options.etags === true && none === tag) return { status: 304, text: "" };
    return shown(state, 200, held);
  }
  if (state.options.etags === true && match !== undefined && match !== tag) {
    return says(412, "it has changed");
  }
  if (none === "*" && held !== undefined) return says(412, "it is there");
  if (seen.method === "DELETE") {
    return table.delete(id) ? { status: 204, text: "" } : says(404, "no such row");
  }
  const body = readJson(seen.body);
  if (!isObject(body)) return says(400, "no object");
  if (seen.method === "PATCH" && held === undefined) return says(404, "no such row");
  return store(state, name, { id, row: seen.method === "PATCH" ? { ...held, ...body } : body });
}

function store(
  state: State,
  name: string,
  { id, row }: { readonly id: string; readonly row: ApiRow },
): Reply {
  const collection = state.collections.get(name);
  const table = state.rows.get(name);
  const refusal = collection?.refuses?.(row);
  if (refusal !== undefined) return says(...refusal);
  const whole: { [name: string]: Value } = {};
  for (const field of collection?.fields ?? []) {
    if (collection?.sparse?.includes(field) !== true) whole[field] = null;
  }
  const members = Object.fromEntries([...Object.entries(whole), ...Object.entries(row)]);
  const stored = collection?.store?.(members) ?? members;
  const isNew = table?.has(id) === false;
  table?.set(id, stored);
  return state.options.answers === "nothing"
    ? { status: 204, text: "" }
    : shown(state, isNew ? 201 : 200, stored);
}

function create(state: State, name: string, seen: Seen): Reply {
  const body = readJson(seen.body);
  if (!isObject(body)) return says(400, "no object");
  const id = idOf(state, name, body);
  return state.rows.get(name)?.has(id) === true
    ? says(409, "it is there")
    : store(state, name, { id, row: body });
}

function batch(state: State, name: string, seen: Seen): Reply {
  const body = readJson(seen.body);
  const items = isObject(body) ? body["items"] : body;
  if (!isList(items)) return says(400, "no list");
  const results = items.map((item): Value => {
    if (!isObject(item)) return { status: 400, error: "no object" };
    const { status, text } = store(state, name, { id: idOf(state, name, item), row: item });
    const document = readJson(text) ?? null;
    return status < 300 ? { status, row: document } : { status, error: at(document, "error") };
  });
  return { status: 207, text: formatJson({ results }) };
}

const at = (value: Value, name: string): Value => (isObject(value) ? (value[name] ?? null) : null);

function shown({ options }: State, status: number, row: ApiRow): Reply {
  const headers = options.etags === true ? { etag: tagOf(row) } : {};
  return { status, text: formatJson(row), headers };
}

/** The ETag of a row. */
function tagOf(row: ApiRow): string {
  return `"${createHash("sha256").update(formatJson(row)).digest("hex").slice(0, 16)}"`;
}

function listing(state: State, name: string, { query, path, headers }: Seen): Reply {
  const { turning = "all", pageRows = 100, etags } = state.options;
  const ids = query.get("ids")?.split(",");
  const since = query.get("updated_since");
  const all = [...(state.rows.get(name)?.values() ?? [])].filter((row) => {
    if (ids !== undefined && !ids.includes(idOf(state, name, row))) return false;
    return since === null || plain(row["updated_at"]) >= since;
  });
  const size = Math.min(pageRows, Number(query.get("limit") ?? pageRows));
  const from = startOf(turning, query, { all, size });
  const items = turning === "all" ? all : all.slice(from, from + size);
  const isMore = from + items.length < all.length;
  const next = `${state.base}${path}?cursor=${from + items.length}&limit=${size}`;
  const text = formatJson({
    data: { items: items },
    next: turning === "body-link" ? (isMore ? next : null) : isMore ? String(from + size) : null,
    pagination: { hasMore: isMore, total: all.length },
  });
  const etag = `"${createHash("sha256").update(text).digest("hex").slice(0, 16)}"`;
  if (etags === true && headers["if-none-match"] === etag) return { status: 304, text: "" };
  const link = turning === "link" && isMore ? { link: `<${next}>; rel="next", <x>; rel=last` } : {};
  return { status: 200, text, headers: { ...link, ...(etags === true ? { etag } : {}) } };
}

function startOf(
  turning: Turning,
  query: URLSearchParams,
  { all, size }: { readonly all: readonly ApiRow[]; readonly size: number },
): number {
  const number = (name: string): number => Number(query.get(name) ?? 0);
  if (turning === "page") return (Math.max(1, number("page")) - 1) * size;
  if (turning === "offset") return number("offset");
  if (turning !== "keyset") return turning === "all" ? 0 : number("cursor");
  const after = query.get("after");
  if (after === null) return 0;
  return all.findIndex((row) => plain(row["id"]) === after) + 1;
}
