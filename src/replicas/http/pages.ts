// A collection page by page, in whatever way its API turns them. Where one ends is never guessed
// from a page that is not full: many APIs give less than they were asked for.
import { encodeValue } from "../../core/json.ts";
import type { SyncError } from "../../core/errors.ts";
import { ABSENT } from "../../core/state.ts";
import type { Value } from "../../core/state.ts";
import { isObject } from "../../core/values.ts";
import { callOf, documentIn, get } from "./api.ts";
import type { Api, Asked } from "./api.ts";
import { listRequest } from "./collection.ts";
import type { Collection } from "./collection.ts";
import { failed } from "./failure.ts";
import { at, itemsIn } from "./place.ts";
import type { PageSettings } from "./settings.ts";
import type { Answer } from "./transport.ts";

/** One answer of a listing. */
export interface AnswerPage {
  readonly items: readonly Value[];
  /** The API's own time when it answered, in ms; undefined: it does not say. */
  readonly date: number | undefined;
}

/** All pages of a collection, with these parameters beside its own. */
export async function* pagesOf(
  api: Api,
  collection: Collection,
  key: readonly string[],
  signal: AbortSignal,
  params: readonly (readonly [string, string])[] = [],
): AsyncGenerator<AnswerPage> {
  const turn = turnerOf(api, collection, key);
  const seen = new Seen(api, collection);
  let next: Asked | undefined = listRequest(api, collection, [...turn.first, ...params]);
  for (let count = 0; next !== undefined; count++) {
    const asked: Asked = next;
    if (count >= api.limits.pages) throw seen.tooMany(count);
    const answer = await get(api, asked, signal);
    const document = documentIn(callOf(api, asked), answer);
    const items = itemsIn(document, collection.settings.items);
    if (items === undefined) throw noItems(api, collection, asked);
    seen.look(items);
    yield { items, date: dateIn(answer) };
    next = turn.next({ asked, answer, document, items });
  }
}

interface Turned {
  readonly asked: Asked;
  readonly answer: Answer;
  readonly document: Value;
  readonly items: readonly Value[];
}

interface Turner {
  readonly first: readonly (readonly [string, string])[];
  /** The request for the page after this one; undefined: it was the last. */
  next(of: Turned): Asked | undefined;
}

/** How the size of a page is called, unless something else is said. */
const SIZE_PARAM = "limit";

function turnerOf(api: Api, collection: Collection, key: readonly string[]): Turner {
  const { page } = collection.settings;
  if (page === undefined) return { first: [], next: () => undefined };
  const size: [string, string][] =
    page.size === undefined ? [] : [[page.sizeParam ?? SIZE_PARAM, String(page.size)]];
  switch (page.by) {
    case "page":
      return byNumber(page, size);
    case "offset":
      return byOffset(page, size);
    case "cursor":
      return { first: size, next: (of) => byCursor(api, collection, page, of) };
    case "link":
      return { first: size, next: (of) => byLink(api, collection, page, of) };
    case "keyset":
      return { first: size, next: byKeyset(api, collection, { page, key }) };
  }
}

type Params = readonly (readonly [string, string])[];
type Of<By extends PageSettings["by"]> = PageSettings & { readonly by: By };

function byNumber(page: Of<"page">, size: Params): Turner {
  const { param = "page", start = 1 } = page;
  let number = start;
  return {
    first: [...size, [param, String(number)]],
    next: (of) => {
      if (isLast(page, of)) return undefined;
      number += 1;
      return withParams(of.asked, [[param, String(number)]]);
    },
  };
}

function byOffset(page: Of<"offset">, size: Params): Turner {
  const { param = "offset" } = page;
  let offset = 0;
  return {
    first: [...size, [param, "0"]],
    next: (of) => {
      if (isLast(page, of)) return undefined;
      offset += of.items.length;
      return withParams(of.asked, [[param, String(offset)]]);
    },
  };
}

/** What the answer says goes first; else only an empty page is the end. */
function isLast({ more }: { readonly more?: string }, { document, items }: Turned): boolean {
  if (more === undefined) return items.length === 0;
  const says = at(document, more);
  return says === false || says === ABSENT || says === null || items.length === 0;
}

function byCursor(
  api: Api,
  { name }: Collection,
  { param = "cursor", next }: Of<"cursor">,
  { asked, document }: Turned,
): Asked | undefined {
  const cursor = at(document, next);
  if (cursor === ABSENT || cursor === null || cursor === "" || cursor === false) return undefined;
  if (typeof cursor === "object" || typeof cursor === "symbol") {
    const hint = `Does systems.${api.options.name}.collections.${name}.page.next name a cursor?`;
    const says = `answered no text and no number under '${next}'`;
    throw failed("LIST_FAILED", callOf(api, asked), says, { hint });
  }
  return withParams(asked, [[param, String(cursor)]]);
}

function byLink(
  api: Api,
  _: Collection,
  { next }: Of<"link">,
  { asked, answer, document }: Turned,
): Asked | undefined {
  const inBody = next === undefined ? undefined : at(document, next);
  const link = typeof inBody === "string" ? inBody : nextLink(answer.headers["link"]);
  if (link === undefined || link === "") return undefined;
  const call = callOf(api, asked);
  const url = URL.canParse(link, asked.url) ? new URL(link, asked.url) : undefined;
  // An address that comes from data is asked only where our own requests go.
  if (url === undefined || url.origin !== api.base.origin || url.username !== "") {
    throw failed("LIST_FAILED", call, "answered a next page that is not on the API's own host", {
      hint: "It is not asked: our credentials would go there. Is `url` the API's own address?",
    });
  }
  return { ...asked, url };
}

/** The target of `rel="next"` in a Link header (RFC 8288); undefined: there is none. */
export function nextLink(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header.join(",") : (header ?? "");
  if (text.length > LINK_CHARS_MAX) return undefined;
  for (const [, target = "", params = ""] of text.matchAll(LINK)) {
    const rel = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(params);
    const names = (rel?.[1] ?? rel?.[2] ?? "").toLowerCase().split(/\s+/);
    if (names.includes("next")) return target;
  }
  return undefined;
}

const LINK_CHARS_MAX = 16_384;
const LINK = /<([^<>]*)>((?:\s*;\s*[\w!#$&+.^`|~-]+\*?(?:\s*=\s*(?:"[^"]*"|[^\s",;]+))?)*)/g;

function byKeyset(
  api: Api,
  { name }: Collection,
  { page, key }: { readonly page: Of<"keyset">; readonly key: readonly string[] },
): Turner["next"] {
  const fields = listOf(page.field ?? key);
  const names = listOf(page.param ?? "after");
  return ({ asked, items }) => {
    const last = items.at(-1);
    if (last === undefined) return undefined;
    const params = fields.map((field, place): [string, string] => {
      const value = isObject(last) && Object.hasOwn(last, field) ? last[field] : undefined;
      const isPlain = typeof value === "string" || typeof value === "number";
      if (isPlain || typeof value === "bigint") return [names[place] ?? field, String(value)];
      const hint = `Check systems.${api.options.name}.collections.${name}.page.field.`;
      const says = `answered a last row without '${field}', by which it is to go on`;
      throw failed("LIST_FAILED", callOf(api, asked), says, { hint });
    });
    // A page that begins with the rows we have: when nothing else is in it, it was the last.
    const isSame = params.every(([param, value]) => asked.url.searchParams.get(param) === value);
    if (isSame && page.inclusive !== true) throw stuck(api, asked);
    if (!isSame) return withParams(asked, params);
    if (page.size === undefined || items.length < page.size) return undefined;
    throw stuck(api, asked);
  };
}

function stuck(api: Api, asked: Asked): SyncError {
  const says = "answered a page that ends where it began";
  return failed("LIST_FAILED", callOf(api, asked), says, {
    hint:
      "More rows have one value than a page holds, or the parameter means something else: a " +
      "larger `page.size`, or a field that tells rows apart, helps.",
  });
}

function listOf(words: string | readonly string[]): readonly string[] {
  return typeof words === "string" ? [words] : words;
}

function withParams(asked: Asked, params: Params): Asked {
  const url = new URL(asked.url);
  for (const [name, value] of params) url.searchParams.set(name, value);
  return { ...asked, url };
}

function dateIn({ headers }: Answer): number | undefined {
  const time = headers.date === undefined ? Number.NaN : Date.parse(headers.date);
  return Number.isNaN(time) ? undefined : time;
}

function noItems(api: Api, { name, settings }: Collection, asked: Asked): SyncError {
  const where = settings.items === undefined ? "and is none itself" : `under '${settings.items}'`;
  return failed("LIST_FAILED", callOf(api, asked), `answered no list of rows ${where}`, {
    hint: `Say where it is: systems.${api.options.name}.collections.${name}.items.`,
  });
}

/** Notices an API that does not know how we turn pages, and gives the same one for ever. */
class Seen {
  readonly #api: Api;
  readonly #collection: Collection;
  #kept: string | undefined;
  #count = 0;

  constructor(api: Api, collection: Collection) {
    this.#api = api;
    this.#collection = collection;
  }

  look(items: readonly Value[]): void {
    const { by, ...page } = this.#collection.settings.page ?? { by: undefined };
    if (by === undefined || items.length === 0) return;
    // Keyset pages know by themselves; the first and the last row stand for the others.
    if (by === "keyset" && "inclusive" in page && page.inclusive) return;
    const now = `${items.length} ${encodeValue(items[0])} ${encodeValue(items.at(-1))}`;
    if (now === this.#kept) {
      const says = "answered the same page again";
      throw failed("LIST_FAILED", this.#call(), says, {
        hint: `Check systems.${this.#api.options.name}.collections.${this.#collection.name}.page.`,
      });
    }
    // Brent: whatever goes round in a circle meets what was kept at a power of two.
    this.#count += 1;
    if ((this.#count & (this.#count - 1)) === 0) this.#kept = now;
  }

  tooMany(count: number): SyncError {
    return failed("LIMIT_EXCEEDED", this.#call(), `was answered with more than ${count} pages`, {
      hint: "Larger pages, or `limits: { pages: … }`.",
    });
  }

  #call() {
    return callOf(this.#api, { method: "GET", path: this.#collection.path, url: this.#api.base });
  }
}
