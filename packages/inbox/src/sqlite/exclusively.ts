import type { SqliteDatabase } from "./database.ts";

/** How long to leave the event loop to others before asking for the write lock again, in milliseconds. */
const PAUSE_MS = 5;

/**
 * Runs synchronous work in a transaction of its own, waiting for other processes without blocking the event loop.
 *
 * The lock is taken at the start: a transaction that reads first and writes later can fail half-way.
 */
export async function exclusively<T>(database: SqliteDatabase, busyTimeoutMs: number, work: () => T): Promise<T> {
  const giveUpAtMs = performance.now() + busyTimeoutMs;
  while (!begins(database, giveUpAtMs)) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  try {
    const value = work();
    database.exec("COMMIT");
    return value;
  } catch (error) {
    rollBack(database);
    throw error;
  }
}

function begins(database: SqliteDatabase, giveUpAtMs: number): boolean {
  try {
    database.exec("BEGIN IMMEDIATE");
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

/** SQLITE_BUSY and SQLITE_LOCKED, as node:sqlite, Bun and better-sqlite3 say it. */
function isBusy(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code: unknown = Reflect.get(error, "code");
  if (typeof code === "string" && /^SQLITE_(BUSY|LOCKED)/.test(code)) return true;
  const numbers: readonly unknown[] = [Reflect.get(error, "errcode"), Reflect.get(error, "errno")];
  return numbers.some((number) => typeof number === "number" && [5, 6].includes(number & 0xff));
}
