// An HTTP API as a configuration's author writes it, in types.
import type { Auth, HttpOptions, PageSettings, SinceSettings } from "../replicas/http/index.ts";
import type { BatchSettings, WriteSettings } from "../replicas/http/index.ts";
import type { ColumnTypeWord } from "./input.ts";

/** An HTTP API. */
export interface HttpInput extends Pick<
  HttpOptions,
  "url" | "headers" | "tls" | "secure" | "compression" | "limits"
> {
  readonly type: "http";
  readonly auth?: Auth;
  readonly collections: { readonly [name: string]: HttpCollectionInput };
}

/** One collection of an API; what is not said is as usual. */
export interface HttpCollectionInput {
  /** Default `/NAME`. */
  readonly path?: string;
  /** It is only written: nothing asks for its rows. */
  readonly list?: "none";
  readonly params?: { readonly [name: string]: string };
  /** Where the answer holds the rows, such as `data.items`. */
  readonly items?: string;
  readonly key?: string | readonly string[];
  /** Types of fields. Default: those of the other side. */
  readonly fields?: { readonly [name: string]: ColumnTypeWord | "timestamp" };
  readonly readonly?: readonly string[];
  /** Where one row is. Default `PATH/{key}`. */
  readonly item?: string;
  readonly unwrap?: string;
  readonly find?: string | { readonly param: string; readonly size?: number };
  readonly page?: PageSettings;
  readonly sorted?: boolean;
  readonly since?: SinceSettings;
  /** Default: it is only read. */
  readonly write?: Omit<WriteSettings, "batch"> & { readonly batch?: string | BatchSettings };
}
