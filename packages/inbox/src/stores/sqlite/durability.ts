import { WebhookError } from "@popp-webhooks/core";
import { withBriefBusyTimeout } from "./busy-timeout.ts";
import { firstValue, isBusy, type SqliteDatabase } from "./database.ts";

/** `synchronous=FULL`, as SQLite reads it back. */
const FULL = 2;

/**
 * Sets what makes a commit survive a power cut, and reads it back: better-sqlite3 falls to `NORMAL` with the second opening of a WAL
 * file, which loses acknowledged events when the power goes.
 */
export async function enableDurability(database: SqliteDatabase, busyTimeoutMs: number): Promise<void> {
  const mode = await pragma(database, "journal_mode", "WAL", busyTimeoutMs);
  database.exec("PRAGMA synchronous = FULL");
  const synchronous = Number(firstValue(database, "PRAGMA synchronous"));
  if (mode === "wal" && synchronous === FULL) return;
  throw new WebhookError(
    "STORE_UNAVAILABLE",
    `SQLite did not take journal_mode=WAL and synchronous=FULL (they are ${mode} and ${synchronous}): is the file on a network drive, or read-only?`,
  );
}

/** Changing the journal's mode takes the file alone; another process may be at it, and SQLite does not wait for that by itself. */
async function pragma(database: SqliteDatabase, name: string, value: string, busyTimeoutMs: number): Promise<unknown> {
  const giveUpAtMs = performance.now() + busyTimeoutMs;
  for (;;) {
    try {
      return withBriefBusyTimeout(database, () => firstValue(database, `PRAGMA ${name} = ${value}`));
    } catch (error) {
      if (!isBusy(error) || performance.now() >= giveUpAtMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
