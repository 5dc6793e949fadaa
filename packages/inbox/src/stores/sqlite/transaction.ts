import { isBusy, type SqliteDatabase } from "./database.ts";

/** How long to wait before asking for the write lock again, in milliseconds. The event loop is free meanwhile. */
const PAUSE_MS = 5;

/** A database, and how to begin a write transaction in it. */
export interface SqliteTransactions {
  readonly database: SqliteDatabase;
  readonly begin: () => void;
}

/**
 * Runs synchronous work in its own transaction. Waits for other processes without blocking the event loop.
 *
 * The write lock is taken at the start: a transaction that reads first and writes later can fail halfway.
 */
export async function runTransaction<T>(
  { database, begin }: SqliteTransactions,
  busyTimeoutMs: number,
  work: () => T,
): Promise<T> {
  const giveUpAtMs = performance.now() + busyTimeoutMs;
  while (!begins(begin, giveUpAtMs)) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  try {
    const value = work();
    database.exec("COMMIT");
    return value;
  } catch (error) {
    rollBack(database);
    throw error;
  }
}

function begins(begin: () => void, giveUpAtMs: number): boolean {
  try {
    begin();
    return true;
  } catch (error) {
    if (isBusy(error) && performance.now() < giveUpAtMs) return false;
    throw error;
  }
}

/** Rolls back. Fails when SQLite has rolled back already, as after a full disk. */
function rollBack(database: SqliteDatabase): void {
  try {
    database.exec("ROLLBACK");
  } catch {
    // The caller throws the first error.
  }
}
