// Names of collections in stores that have schemas: `schema.table`, each part as it is, or in
// double quotes as in SQL where it has blanks, dots or quotes.

/** A part as it stands in such a name. */
export function spelledPart(part: string): string {
  return /^[^\s".]+$/.test(part) ? part : `"${part.replaceAll('"', '""')}"`;
}

/** A part without its quotes. */
export function plainPart(spelled: string): string {
  return spelled.startsWith('"') ? spelled.slice(1, -1).replaceAll('""', '"') : spelled;
}
