import { WebhookError } from "@popp-webhooks/core";
import { isBusy, isIterating, type SqliteDatabase } from "./database.ts";

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

const ITERATING =
  "An `iterate()` of your own is open on this database, and better-sqlite3 writes nothing meanwhile. End it (`break` or `return()`), read with `all()`, or give the inbox a database of its own.";

function begins(begin: () => void, giveUpAtMs: number): boolean {
  try {
    begin();
    return true;
  } catch (error) {
    if (isBusy(error) && performance.now() < giveUpAtMs) return false;
    if (isIterating(error)) throw new WebhookError("STORE_UNAVAILABLE", ITERATING);
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
