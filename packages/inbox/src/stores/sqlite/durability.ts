import { WebhookError } from "@popp-webhooks/core";
import { withBriefBusyTimeout } from "./busy-timeout.ts";
import { firstValue, isBusy, type SqliteDatabase } from "./database.ts";

/** The value of `PRAGMA synchronous` for FULL. */
const FULL = 2;

/**
 * Makes commits survive a power cut, and checks it: better-sqlite3 sets `NORMAL` when it opens a WAL file for the second time, and acknowledged
 * events would be lost with the power.
 */
export async function enableDurability(database: SqliteDatabase, busyTimeoutMs: number): Promise<void> {
  const mode = await pragma(database, "journal_mode", "WAL", busyTimeoutMs);
  database.exec("PRAGMA synchronous = FULL");
  const synchronous = Number(firstValue(database, "PRAGMA synchronous"));
  if (mode === "wal" && synchronous === FULL) return;
  throw new WebhookError(
    "STORE_UNAVAILABLE",
    `SQLite did not accept journal_mode=WAL and synchronous=FULL (they are ${mode} and ${synchronous}). Is the file on a network drive, or read-only?`,
  );
}

/** Sets a pragma. Changing the journal mode needs an exclusive lock, and SQLite does not wait for other processes here. */
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
