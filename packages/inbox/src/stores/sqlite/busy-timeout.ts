import { firstValue, type SqliteDatabase } from "./database.ts";

/** How long SQLite itself waits for a lock, in milliseconds. It blocks the event loop. */
export const BRIEF_BUSY_TIMEOUT_MS = 50;

/** Runs work with a short busy timeout, and then restores the one that the database's owner has set. */
export function withBriefBusyTimeout<T>(database: SqliteDatabase, run: () => T): T {
  const own = Number(firstValue(database, "PRAGMA busy_timeout"));
  database.exec(`PRAGMA busy_timeout = ${BRIEF_BUSY_TIMEOUT_MS}`);
  try {
    return run();
  } finally {
    database.exec(`PRAGMA busy_timeout = ${own}`);
  }
}
