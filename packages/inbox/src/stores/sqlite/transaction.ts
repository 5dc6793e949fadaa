import { isBusy, type SqliteDatabase } from "./database.ts";

/** How long to leave the event loop to others before asking for the write lock again, in milliseconds. */
const PAUSE_MS = 5;

/** A database, and how a transaction that writes is begun in it. */
export interface SqliteTransactions {
  readonly database: SqliteDatabase;
  readonly begin: () => void;
}

/**
 * Runs synchronous work in a transaction of its own, waiting for other processes without blocking the event loop.
 *
 * The lock is taken at the start: a transaction that reads first and writes later can fail half-way.
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

/** A full disk has rolled it back already; then there is nothing to undo. */
function rollBack(database: SqliteDatabase): void {
  try {
    database.exec("ROLLBACK");
  } catch {
    // The error that led here is the one to tell.
  }
}
