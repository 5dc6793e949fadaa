import type { SqliteDatabase } from "./database.ts";

/** The one value that a statement gives. */
export function firstValue(database: SqliteDatabase, sql: string): unknown {
  const [row] = database.prepare(sql).all();
  return typeof row === "object" && row !== null ? Object.values(row)[0] : undefined;
}
