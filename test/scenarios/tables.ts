// SQLite files seen and changed past the product.
import { DatabaseSync } from "node:sqlite";

/** Does what another program would. */
export function execute(path: string, ...statements: readonly string[]): void {
  const database = new DatabaseSync(path);
  try {
    for (const statement of statements) database.exec(statement);
  } finally {
    database.close();
  }
}

/** The rows of a query, by name. */
export function rowsIn(
  path: string,
  query = "SELECT * FROM things ORDER BY id",
): readonly object[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database
      .prepare(query)
      .all()
      .map((row) => ({ ...row }));
  } finally {
    database.close();
  }
}
