// Names in SQL. Every identifier comes from the catalogue of the database and is quoted here;
// values are always bound.

/** What every table of ours in a user's database begins with. */
export const OURS = "_syncline_";

/** An identifier as SQL text, whatever is in it. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Identifiers as a list in SQL. */
export function quoteAll(names: readonly string[]): string {
  return names.map(quote).join(", ");
}

/** True for tables that belong to SQLite or to us. */
export function isInternal(name: string): boolean {
  const lower = name.toLowerCase();
  return lower.startsWith("sqlite_") || lower.startsWith(OURS);
}
