// Where this package is, for what lies beside its code.

/** Its `package.json`. The same distance from src/cli, and from dist/cli and dist/chunks. */
export const MANIFEST = new URL("../../package.json", import.meta.url);
