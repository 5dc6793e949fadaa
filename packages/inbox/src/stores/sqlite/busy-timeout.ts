import { firstValue, type SqliteDatabase } from "./database.ts";

/** How long SQLite itself waits for a lock, in milliseconds: the event loop stands still meanwhile. */
export const BRIEF_BUSY_TIMEOUT_MS = 50;

/** Waits for locks only briefly while it runs something, and leaves the database with the wait that its owner gave it. */
export function withBriefBusyTimeout<T>(database: SqliteDatabase, run: () => T): T {
  const own = Number(firstValue(database, "PRAGMA busy_timeout"));
  database.exec(`PRAGMA busy_timeout = ${BRIEF_BUSY_TIMEOUT_MS}`);
  try {
    return run();
  } finally {
    database.exec(`PRAGMA busy_timeout = ${own}`);
  }
}
