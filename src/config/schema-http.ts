// What a configuration may say of an HTTP API.
import type { KeyShape, ObjectShape, Shape, TextShape } from "./shape.ts";

const key = (shape: Shape, doc: string): KeyShape => ({ shape, doc });
const needed = (shape: Shape, doc: string): KeyShape => ({ shape, doc, required: true });
const words = (...list: readonly string[]): TextShape => ({ kind: "text", words: list });
const object = (keys: ObjectShape["keys"]): ObjectShape => ({ kind: "object", keys });
const either = (...of: readonly Shape[]): Shape => ({ kind: "either", of });
const number = (least: number, most: number, whole = true): Shape => ({
  kind: "number",
  least,
  most,
  whole,
});

const BOOLEAN: Shape = { kind: "boolean" };

/** A text that is not empty. */
const NAME: Shape = {
  kind: "text",
  refuse: (text) => (text === "" ? { code: "CONFIG_INVALID", says: "cannot be empty" } : undefined),
};

/** Never shown, whatever is wrong with it. */
const SECRET: Shape = {
  kind: "text",
  refuse: (text) =>
    text === "" ? { code: "CONFIG_INVALID", says: "cannot be empty", isSecret: true } : undefined,
};

const TEXTS: Shape = { kind: "map", of: { kind: "text" } };
const NAMES: Shape = either(NAME, { kind: "list", of: NAME, least: 1 });

/** Milliseconds, up to a day. */
const MS: Shape = number(1, 86_400_000);

/** It may hold a password, so it is never shown. */
const URL_TEXT: Shape = {
  kind: "text",
  refuse: (text) =>
    /^https?:\/\/[^/]/.test(text)
      ? undefined
      : {
          code: "CONFIG_INVALID",
          says: "is not of the form https://host/path",
          isSecret: true,
        },
};

/** Types that a field may be said to have. */
const FIELD_TYPES = [
  "any",
  "boolean",
  "integer",
  "real",
  "decimal",
  "text",
  "bytes",
  "instant",
  "timestamp",
  "datetime",
  "date",
  "time",
  "json",
  "uuid",
] as const;

const AUTH: Shape = {
  kind: "tagged",
  tag: "type",
  doc: "how the API knows who asks",
  of: {
    bearer: object({ token: needed(SECRET, "sent as `Authorization: Bearer …`") }),
    basic: object({
      username: needed(NAME, "the user"),
      password: needed(SECRET, "the password"),
    }),
    "api-key": object({
      key: needed(SECRET, "the key"),
      header: key(NAME, "the header that carries it; default X-API-Key"),
      param: key(NAME, "instead: the parameter of the address that carries it"),
    }),
    oauth2: object({
      tokenUrl: needed(URL_TEXT, "where a token is fetched, by client credentials"),
      clientId: needed(NAME, "the client"),
      clientSecret: needed(SECRET, "its secret"),
      scope: key(NAME, "what the token is to allow"),
      params: key(TEXTS, "sent along, such as an audience"),
      send: key(words("header", "body"), "where client and secret go; default header"),
    }),
  },
  notBuilt: [],
};

const SIZE: ObjectShape["keys"] = {
  size: key(number(1, 100_000), "rows in a page, as they are asked for"),
  sizeParam: key(NAME, "the parameter with the size; default limit"),
};

const MORE = key(NAME, "where the answer says whether there is more; default: an empty page ends");

const PAGE: Shape = {
  kind: "tagged",
  tag: "by",
  doc: "how pages are turned",
  of: {
    page: object({
      param: key(NAME, "the parameter with the page's number; default page"),
      start: key(number(0, 1), "the number of the first page; default 1"),
      more: MORE,
      ...SIZE,
    }),
    offset: object({
      param: key(NAME, "the parameter with how many rows were read; default offset"),
      more: MORE,
      ...SIZE,
    }),
    cursor: object({
      param: key(NAME, "the parameter that takes the cursor; default cursor"),
      next: needed(NAME, "where the answer holds the next cursor"),
      ...SIZE,
    }),
    link: object({
      next: key(NAME, "where the answer holds the next address; default: its Link header"),
      ...SIZE,
    }),
    keyset: object({
      param: key(NAMES, "the parameters that take what the last row holds; default after"),
      field: key(NAMES, "the fields of the last row; default: the key"),
      inclusive: key(BOOLEAN, "a page begins with the rows that hold what was asked for"),
      ...SIZE,
    }),
  },
  notBuilt: [],
};

const SINCE: ObjectShape = object({
  param: needed(NAME, "the parameter that takes a moment"),
  field: needed(NAME, "the field with a row's last change"),
  overlap: key(number(0, 604_800, false), "seconds that are asked for again; default 300"),
  format: key(words("iso", "seconds", "milliseconds"), "how a moment is written; default iso"),
  deleted: key(NAME, "the field that says of a row that it was deleted"),
});

const BATCH: ObjectShape = object({
  path: needed(NAME, "the path that takes many rows"),
  method: key(words("POST", "PUT", "PATCH"), "default POST"),
  size: key(number(1, 1000), "rows in one request; default 100"),
  items: key(NAME, "the member that holds them; default: the body is their list"),
  results: key(NAME, "where the answer lists what became of each; default as `items`"),
  status: key(NAME, "of one result: its status; default status"),
  error: key(NAME, "of one result: what is wrong; default error"),
  row: key(NAME, "of one result: the row as it was stored; default row"),
});

const WRITE: ObjectShape = object({
  create: key(words("POST", "PUT"), "default POST"),
  update: key(words("PATCH", "PUT"), "default PATCH"),
  delete: key(words("DELETE", "none"), "default DELETE"),
  compare: key(
    words("read", "server", "none"),
    "who sees that somebody was faster: read (we look first), server (the API does) or none",
  ),
  idempotent: key(BOOLEAN, "the API remembers Idempotency-Key: a request may be sent again"),
  idempotencyHeader: key(NAME, "how that header is called"),
  batch: key(either(NAME, BATCH), "a path that takes many rows at once"),
});

const COLLECTION: ObjectShape = object({
  path: key(NAME, "where it is listed; default /NAME"),
  list: key(words("none"), "it is only written: nothing asks for its rows"),
  params: key(TEXTS, "sent with every request that lists"),
  items: key(NAME, "where the answer holds the rows; default: it is a list, or its only list is"),
  key: key(NAMES, "the fields that name a row; default: what the pipeline says"),
  fields: key(
    { kind: "map", of: words(...FIELD_TYPES) },
    "types of fields; default: those of the other side",
  ),
  readonly: key({ kind: "list", of: NAME, least: 1 }, "fields that the API makes by itself"),
  item: key(NAME, "where one row is, such as /customers/{id}; none: nowhere"),
  unwrap: key(NAME, "where the answer about one row holds it"),
  find: key(
    either(
      NAME,
      object({
        param: needed(NAME, "the parameter"),
        size: key(number(1, 1000), "how many keys it takes; default 50"),
      }),
    ),
    "the parameter that takes several keys, joined by commas",
  ),
  page: key(PAGE, "how pages are turned; default: one answer holds all"),
  sorted: key(BOOLEAN, "rows come in the order of their keys"),
  since: key(SINCE, "how it tells what was changed since a moment"),
  write: key(WRITE, "how rows are written; default: not at all"),
});

/** A system of the type `http`. */
export const HTTP_SYSTEM: ObjectShape = object({
  url: needed(URL_TEXT, "where the API's paths begin"),
  auth: key(AUTH, "how the API knows who asks"),
  headers: key(TEXTS, "sent with every request"),
  tls: key(
    object({
      ca: key(NAME, "the authority to believe, a file"),
      cert: key(NAME, "our certificate, a file"),
      key: key(NAME, "its key, a file"),
      servername: key(NAME, "the name that its certificate must have"),
    }),
    "how the connection is secured; it is always verified",
  ),
  secure: key(BOOLEAN, "false: credentials may go over http: to another machine"),
  compression: key(words("gzip", "br", "zstd"), "how what we send is packed"),
  limits: key(
    object({
      perSecond: key(number(0.001, 1_000_000, false), "requests a second to its host"),
      concurrent: key(number(1, 256), "requests at once; default 4"),
      connectMs: key(MS, "until a connection is there; default 10000"),
      answerMs: key(MS, "one request and its answer; default 60000"),
      answerBytes: key(number(1, 2 ** 30), "one answer, unpacked; default 67108864"),
      retries: key(number(0, 100), "how often a reading request is tried again; default 4"),
      waitMs: key(MS, "the longest wait that the API may ask for meanwhile; default 60000"),
      pages: key(number(1, 1_000_000_000), "pages of one listing; default 1000000"),
    }),
    "what is waited for, and how much is taken",
  ),
  collections: needed(
    { kind: "map", of: COLLECTION, least: 1 },
    "its collections, by name; {} where everything is as usual",
  ),
});
