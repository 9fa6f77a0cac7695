// How an HTTP API is told to be read and written.
import type { LogicalType } from "../../core/values.ts";

/** How an API knows who asks. Whatever is secret here is in no message. */
export type Auth =
  | { readonly type: "bearer"; readonly token: string }
  | { readonly type: "basic"; readonly username: string; readonly password: string }
  /** A key in a header (default `X-API-Key`) or in a parameter of the address. */
  | {
      readonly type: "api-key";
      readonly key: string;
      readonly header?: string;
      readonly param?: string;
    }
  | OauthSettings;

/** OAuth 2.0 client credentials: a token is fetched, and again when it ends or is refused. */
export interface OauthSettings {
  readonly type: "oauth2";
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string;
  /** Sent along with the request for a token, such as an audience. */
  readonly params?: { readonly [name: string]: string };
  /** Where the client's name and secret go. Default `header` (HTTP Basic). */
  readonly send?: "header" | "body";
}

/** TLS is always verified. Files are in PEM. */
export interface TlsSettings {
  /** Authorities to believe instead of the system's. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The name that the certificate must have, where it is not that of the address. */
  readonly servername?: string;
}

/** What is waited for, and how much is taken. */
export interface Limits {
  /** Requests a second to the API's host, all systems of this program together. Default: any. */
  readonly perSecond?: number;
  /** Requests under way at once. */
  readonly concurrent: number;
  readonly connectMs: number;
  /** One request, from its sending to the end of its answer. */
  readonly answerMs: number;
  /** One answer, unpacked. */
  readonly answerBytes: number;
  /** How often a reading request is tried again. */
  readonly retries: number;
  /** The longest wait that an API may ask for while it is read. */
  readonly waitMs: number;
  /** Pages of one listing. */
  readonly pages: number;
}

/** What holds when nobody says otherwise. */
export const LIMITS: Limits = {
  concurrent: 4,
  connectMs: 10_000,
  answerMs: 60_000,
  answerBytes: 64 << 20,
  retries: 4,
  waitMs: 60_000,
  pages: 1_000_000,
};

/** How bodies travel packed. */
export type Packing = "gzip" | "br" | "zstd";

/** How a listing goes on after a page. */
export type PageSettings =
  /** By a number: `?page=2`. */
  | (PageSize & { readonly by: "page"; readonly param?: string; readonly start?: number } & PageEnd)
  /** By how many rows were read: `?offset=200`. */
  | (PageSize & { readonly by: "offset"; readonly param?: string } & PageEnd)
  /** By what the answer says under `next`. */
  | (PageSize & { readonly by: "cursor"; readonly param?: string; readonly next: string })
  /** By an address: the answer's `next`, or its Link header. */
  | (PageSize & { readonly by: "link"; readonly next?: string })
  /** By what the last row holds: `?after=…`. */
  | (PageSize & {
      readonly by: "keyset";
      /** One for each field. Default `after`. */
      readonly param?: string | readonly string[];
      /** Default: the key. */
      readonly field?: string | readonly string[];
      /** A page begins with the rows that have what was asked for, not after them. */
      readonly inclusive?: boolean;
    });

interface PageSize {
  readonly size?: number;
  /** How the size is called. Default `limit`. */
  readonly sizeParam?: string;
}

interface PageEnd {
  /** Where the answer says whether there is more. Default: an empty page is the end. */
  readonly more?: string;
}

/** How an API tells what was changed since a moment. */
export interface SinceSettings {
  readonly param: string;
  /** The field with the moment of a row's last change. */
  readonly field: string;
  /** How far back of what was seen is asked for again, in seconds. Default 300. */
  readonly overlap?: number;
  /** How a moment is written. Default `iso`. */
  readonly format?: "iso" | "seconds" | "milliseconds";
  /** The field that is true, or not null, in a row that was deleted. */
  readonly deleted?: string;
}

/** How rows are written. What is not said is the first of the words. */
export interface WriteSettings {
  readonly create?: "POST" | "PUT";
  readonly update?: "PATCH" | "PUT";
  readonly delete?: "DELETE" | "none";
  /**
   * `read`: a row is read before it is written, and the write carries its ETag where it has one.
   * `server`: the API compares by itself (If-Match, If-None-Match, 409, 412) and remembers ETags.
   * `none`: what is there is overwritten.
   */
  readonly compare?: "read" | "server" | "none";
  /** True: the API remembers `Idempotency-Key`, so a request may be sent again. Default false. */
  readonly idempotent?: boolean;
  readonly idempotencyHeader?: string;
  readonly batch?: BatchSettings;
}

/** An endpoint that takes many rows at once, each whole: it creates or replaces them. */
export interface BatchSettings {
  readonly path: string;
  readonly method?: "POST" | "PUT" | "PATCH";
  /** Rows in one request. Default 100. */
  readonly size?: number;
  /** The member of the body that holds the rows. Default: the body is their list. */
  readonly items?: string;
  /** Where the answer lists what became of each row, in their order. Default: as for `items`. */
  readonly results?: string;
  /** Of one result: its status. Default `status`. */
  readonly status?: string;
  /** Of one result: what is wrong. Default `error`. */
  readonly error?: string;
  /** Of one result: the row as it was stored. Default: rows are read again. */
  readonly row?: string;
}

/** One collection of an API. */
export interface CollectionSettings {
  /** Default: its name. */
  readonly path?: string;
  /** It is only written: no request ever asks for its rows. */
  readonly list?: "none";
  /** Sent with every request that lists, such as a filter. */
  readonly params?: { readonly [name: string]: string };
  /** Where the answer holds the rows. Default: it is their list, or its only list is. */
  readonly items?: string;
  /** The fields that name a row. Default: what the pipeline says. */
  readonly key?: readonly string[];
  /** Types of fields. Default: those of the other side. */
  readonly fields?: { readonly [name: string]: LogicalType };
  /** Fields that the API makes by itself. */
  readonly readonly?: readonly string[];
  /** Where one row is, with its fields in braces. Default: `PATH/{key}`. `none`: nowhere. */
  readonly item?: string;
  /** Where the answer about one row holds it. Default: it is the row, or its only object is. */
  readonly unwrap?: string;
  /** Reads several rows at once: the parameter that takes their keys, and how many. */
  readonly find?: { readonly param: string; readonly size?: number };
  readonly page?: PageSettings;
  /** Rows come in the order of their keys: texts by their UTF-8 bytes, numbers by size. */
  readonly sorted?: boolean;
  readonly since?: SinceSettings;
  readonly write?: WriteSettings;
}

/** How an API is opened. */
export interface HttpOptions {
  readonly name: string;
  /** Where its paths begin. */
  readonly url: string;
  readonly auth?: Auth;
  /** Sent with every request. */
  readonly headers?: { readonly [name: string]: string };
  readonly tls?: TlsSettings;
  readonly limits?: Partial<Limits>;
  /** How the bodies of requests are packed. Default: not at all. */
  readonly compression?: Packing;
  /** False: credentials may go over a connection that anybody on the way can read. */
  readonly secure?: boolean;
  readonly collections: { readonly [name: string]: CollectionSettings };
  /** Waits; a test may count instead. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** The time, in ms since 1970. */
  readonly now?: () => number;
  /** In [0, 1): scatters waits. */
  readonly random?: () => number;
}
