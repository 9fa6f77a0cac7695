// What a name without a schema leads to in our sessions. Whatever we read or ask, it leads into
// pg_catalog and nowhere else: a schema that others may fill could have a `lower` or an `=` of its
// own. While rows are put, code of the user's runs (triggers, checks, defaults): there it leads to
// where it does for any client of our role. What we say ourselves meanwhile has full names.

/** The path of our sessions. */
export const OUR_PATH = "pg_catalog, pg_temp";

/** Up to the end of the transaction, or to the savepoint that it came after. */
export const AS_USERS = "SET LOCAL search_path TO DEFAULT";

/** Back to ours. */
export const AS_OURS = `SET LOCAL search_path TO ${OUR_PATH}`;
