// replicas/http/index
import type { Replica } from "../../engine/replica.ts";
import type { HttpOptions } from "./settings.ts";
export type { Auth, BatchSettings, CollectionSettings, HttpOptions, Limits, OauthSettings, Packing, PageSettings, SinceSettings, TlsSettings, WriteSettings, } from "./settings.ts";
export declare function httpReplica(options: HttpOptions): Promise<Replica>;

// engine/replica: see api/engine.d.ts

// replicas/http/settings
import type { LogicalType } from "../../core/values.ts";
export type Auth = {
    readonly type: "bearer";
    readonly token: string;
} | {
    readonly type: "basic";
    readonly username: string;
    readonly password: string;
}
 | {
    readonly type: "api-key";
    readonly key: string;
    readonly header?: string;
    readonly param?: string;
} | OauthSettings;
export interface OauthSettings {
    readonly type: "oauth2";
    readonly tokenUrl: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly scope?: string;
    readonly params?: {
        readonly [name: string]: string;
    };
    readonly send?: "header" | "body";
}
export interface TlsSettings {
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly servername?: string;
}
export interface Limits {
    readonly perSecond?: number;
    readonly concurrent: number;
    readonly connectMs: number;
    readonly answerMs: number;
    readonly answerBytes: number;
    readonly retries: number;
    readonly waitMs: number;
    readonly pages: number;
}
export declare const LIMITS: Limits;
export type Packing = "gzip" | "br" | "zstd";
export type PageSettings = 
(PageSize & {
    readonly by: "page";
    readonly param?: string;
    readonly start?: number;
} & PageEnd)
 | (PageSize & {
    readonly by: "offset";
    readonly param?: string;
} & PageEnd)
 | (PageSize & {
    readonly by: "cursor";
    readonly param?: string;
    readonly next: string;
})
 | (PageSize & {
    readonly by: "link";
    readonly next?: string;
})
 | (PageSize & {
    readonly by: "keyset";
    readonly param?: string | readonly string[];
    readonly field?: string | readonly string[];
    readonly inclusive?: boolean;
});
interface PageSize {
    readonly size?: number;
    readonly sizeParam?: string;
}
interface PageEnd {
    readonly more?: string;
}
export interface SinceSettings {
    readonly param: string;
    readonly field: string;
    readonly overlap?: number;
    readonly format?: "iso" | "seconds" | "milliseconds";
    readonly deleted?: string;
}
export interface WriteSettings {
    readonly create?: "POST" | "PUT";
    readonly update?: "PATCH" | "PUT";
    readonly delete?: "DELETE" | "none";
    readonly compare?: "read" | "server" | "none";
    readonly idempotent?: boolean;
    readonly idempotencyHeader?: string;
    readonly batch?: BatchSettings;
}
export interface BatchSettings {
    readonly path: string;
    readonly method?: "POST" | "PUT" | "PATCH";
    readonly size?: number;
    readonly items?: string;
    readonly results?: string;
    readonly status?: string;
    readonly error?: string;
    readonly row?: string;
}
export interface CollectionSettings {
    readonly path?: string;
    readonly list?: "none";
    readonly params?: {
        readonly [name: string]: string;
    };
    readonly items?: string;
    readonly key?: readonly string[];
    readonly fields?: {
        readonly [name: string]: LogicalType;
    };
    readonly readonly?: readonly string[];
    readonly item?: string;
    readonly unwrap?: string;
    readonly find?: {
        readonly param: string;
        readonly size?: number;
    };
    readonly page?: PageSettings;
    readonly sorted?: boolean;
    readonly since?: SinceSettings;
    readonly write?: WriteSettings;
}
export interface HttpOptions {
    readonly name: string;
    readonly url: string;
    readonly auth?: Auth;
    readonly headers?: {
        readonly [name: string]: string;
    };
    readonly tls?: TlsSettings;
    readonly limits?: Partial<Limits>;
    readonly compression?: Packing;
    readonly secure?: boolean;
    readonly collections: {
        readonly [name: string]: CollectionSettings;
    };
    readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
    readonly now?: () => number;
    readonly random?: () => number;
}
export {};

// core/values: see api/core.d.ts
