// The digest by which rows are remembered, for every thread the same.
import { hash } from "node:crypto";

/** Digest of a text: SHA-256 over its UTF-8, as 43 characters of base64url. */
export function sha256(text: string): string {
  return hash("sha256", text, "base64url");
}
