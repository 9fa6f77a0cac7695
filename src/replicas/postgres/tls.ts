// TLS as libpq's sslmode names it, but verified by default: only a server on this machine is
// believed without a certificate unless something else is said.
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { ConnectionOptions } from "node:tls";
import { SyncError } from "../../core/errors.ts";

/** libpq's modes. */
export const SSL_MODES = [
  "disable",
  "allow",
  "prefer",
  "require",
  "verify-ca",
  "verify-full",
] as const;

/** One of them. */
export type SslMode = (typeof SSL_MODES)[number];

/** How a connection is secured. Certificates and keys are files. */
export interface SslSettings {
  /** Default: `verify-full`; `prefer` on this machine itself. */
  readonly mode?: SslMode;
  /** The authority that signed the server's certificate; `system`: those that the system knows. */
  readonly rootCert?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** What a connection tries, in order. */
export type Security =
  | { readonly kind: "plain" }
  | { readonly kind: "tls"; readonly options: ConnectionOptions };

/** The ways to connect, the first one first; another one only where the server offers no TLS. */
export function securityOf(host: string, ssl: SslSettings): readonly Security[] {
  // TLS is for networks: libpq does not use it on a socket either.
  if (host.startsWith("/")) return [PLAIN];
  const mode = ssl.mode ?? (isLocal(host) ? "prefer" : "verify-full");
  switch (mode) {
    case "disable":
      return [PLAIN];
    case "allow":
    case "prefer":
      return [tls(ssl, { rejectUnauthorized: false }), PLAIN];
    case "require":
      // As in libpq: with an authority's certificate it is verified.
      if (ssl.rootCert === undefined) return [tls(ssl, { rejectUnauthorized: false })];
      return [tls(ssl, { checkServerIdentity: () => undefined })];
    case "verify-ca":
      return [tls(ssl, { checkServerIdentity: () => undefined })];
    case "verify-full":
      return [tls(ssl, {})];
  }
}

const PLAIN: Security = { kind: "plain" };

function isLocal(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function tls(ssl: SslSettings, options: ConnectionOptions): Security {
  const usual = join(homedir(), ".postgresql", "root.crt");
  const root = ssl.rootCert ?? (existsSync(usual) ? usual : "system");
  return {
    kind: "tls",
    options: {
      minVersion: "TLSv1.2",
      ...(root === "system" ? {} : { ca: fileOf(root) }),
      ...(ssl.cert === undefined ? {} : { cert: fileOf(ssl.cert) }),
      ...(ssl.key === undefined ? {} : { key: fileOf(ssl.key) }),
      ...options,
    },
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
