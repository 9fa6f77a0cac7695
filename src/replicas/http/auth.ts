// Who asks. Credentials go to the API's own host and, for tokens, to the one that `tokenUrl` names;
// nobody else ever sees them.
import { SyncError } from "../../core/errors.ts";
import { readJson } from "../../core/json.ts";
import { isObject } from "../../core/values.ts";
import { failed, reasonIn, statusFailure } from "./failure.ts";
import type { Auth, OauthSettings } from "./settings.ts";
import type { Answer, Transport } from "./transport.ts";

/** What is added to a request. */
export interface Credentials {
  readonly headers: { readonly [name: string]: string };
  readonly params: { readonly [name: string]: string };
}

/** Knows the credentials of one API. */
export interface Authorizer {
  /** Those of now; a token that ends is fetched anew. */
  credentials(signal: AbortSignal): Promise<Credentials>;
  /** The API has refused these: true if there may be others. */
  renew(refused: Credentials): boolean;
  /** What no message may show. */
  secrets(): readonly string[];
}

const NOTHING: Credentials = { headers: {}, params: {} };
/** The header of an API key, unless another one is said. */
const KEY_HEADER = "x-api-key";

/** An authorizer. Throws CONFIG_INVALID for credentials that no header can carry. */
export function authorizerOf(
  auth: Auth | undefined,
  around: { readonly system: string; readonly transport: Transport; readonly now: () => number },
): Authorizer {
  if (auth === undefined) return constant(NOTHING, []);
  switch (auth.type) {
    case "bearer":
      checkHeader(around.system, auth.token);
      return constant(bearer(auth.token), [auth.token]);
    case "basic":
      return constant(basic(auth.username, auth.password), [
        auth.password,
        basicText(auth.username, auth.password),
      ]);
    case "api-key":
      if (auth.param !== undefined) {
        return constant({ headers: {}, params: { [auth.param]: auth.key } }, [auth.key]);
      }
      checkHeader(around.system, auth.key);
      return constant({ headers: { [auth.header ?? KEY_HEADER]: auth.key }, params: {} }, [
        auth.key,
      ]);
    case "oauth2":
      return oauth(auth, around);
  }
}

function constant(credentials: Credentials, secrets: readonly string[]): Authorizer {
  return {
    credentials: async () => credentials,
    renew: () => false,
    secrets: () => secrets,
  };
}

const bearer = (token: string): Credentials => ({
  headers: { authorization: `Bearer ${token}` },
  params: {},
});

const basicText = (username: string, password: string): string =>
  Buffer.from(`${username}:${password}`).toString("base64");

const basic = (username: string, password: string): Credentials => ({
  headers: { authorization: `Basic ${basicText(username, password)}` },
  params: {},
});

function checkHeader(system: string, secret: string): void {
  if (/^[\t\x20-\x7e]+$/.test(secret) && secret.trim() === secret) return;
  throw new SyncError("CONFIG_INVALID", "A token or key has a character that no header carries", {
    where: system,
    hint: "Is there a line end at its end, or nothing in it?",
  });
}

/** How long before its end a token is no longer used (ms), and how long one without an end is. */
const EARLY_MS = 30_000;
const TOKEN_MS = 3_600_000;

interface Token {
  readonly credentials: Credentials;
  readonly text: string;
  readonly until: number;
}

function oauth(
  auth: OauthSettings,
  { system, transport, now }: Parameters<typeof authorizerOf>[1],
): Authorizer {
  let token: Token | undefined;
  let coming: Promise<Token> | undefined;
  return {
    credentials: async (signal) => {
      if (token !== undefined && token.until > now()) return token.credentials;
      // One for all that wait.
      coming ??= fetchToken(auth, { system, transport, now }, signal).finally(() => {
        coming = undefined;
      });
      token = await coming;
      return token.credentials;
    },
    renew: (refused) => {
      if (token?.credentials === refused) token = undefined;
      return true;
    },
    secrets: () => [auth.clientSecret, ...(token === undefined ? [] : [token.text])],
  };
}

async function fetchToken(
  auth: OauthSettings,
  { system, transport, now }: Parameters<typeof authorizerOf>[1],
  signal: AbortSignal,
): Promise<Token> {
  const { clientId, clientSecret, scope, params = {}, send = "header" } = auth;
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    ...(scope === undefined ? {} : { scope }),
    ...(send === "body" ? { client_id: clientId, client_secret: clientSecret } : {}),
    ...params,
  });
  // RFC 6749: both are form-encoded before they are joined.
  const encoded = (text: string): string => new URLSearchParams({ a: text }).toString().slice(2);
  const who = basic(encoded(clientId), encoded(clientSecret)).headers;
  const url = new URL(auth.tokenUrl);
  const call = { system, shown: `POST ${url.pathname} (a token)` };
  const reply = await transport.send(
    {
      ...call,
      method: "POST",
      url,
      headers: {
        accept: "application/json",
        "content-type": "application/x-www-form-urlencoded",
        ...(send === "header" ? who : {}),
      },
      body: Buffer.from(form.toString()),
    },
    signal,
  );
  if (reply.kind === "silence") throw reply.error;
  return tokenIn(reply, { call, secret: clientSecret, now });
}

function tokenIn(
  { status, text }: Answer,
  of: {
    readonly call: { readonly system: string; readonly shown: string };
    readonly secret: string;
    readonly now: () => number;
  },
): Token {
  const { call, secret, now } = of;
  if (status !== 200 && status !== 201) {
    const reason = reasonIn(text, [secret]);
    if (status !== 400) throw statusFailure(call, status, reason);
    const hint = "Check `clientId`, `clientSecret` and `scope`.";
    throw failed("REPLICA_DENIED", call, `answered 400${reason}`, { hint });
  }
  const body = readJson(text);
  const access = isObject(body) ? body["access_token"] : undefined;
  const lasts = isObject(body) ? Number(body["expires_in"]) : Number.NaN;
  if (typeof access !== "string") {
    const hint = "Check `tokenUrl`.";
    throw failed("REPLICA_DENIED", call, "answered without an access_token", { hint });
  }
  checkHeader(call.system, access);
  const ms = Number.isFinite(lasts) && lasts > 0 ? lasts * 1000 : TOKEN_MS;
  return {
    credentials: bearer(access),
    text: access,
    until: now() + ms - Math.min(EARLY_MS, ms / 2),
  };
}
