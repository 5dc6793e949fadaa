import { withBriefBusyTimeout } from "./busy-timeout.ts";
import { isBusy, type SqliteDatabase } from "./database.ts";

/** The size of the write-ahead log after a checkpoint. A long reader makes it grow. */
const LOG_BYTES = 16 * 1024 * 1024;

/** Overwrites what is deleted, so that the bytes of erased and pruned events are gone from the file. */
export function overwriteDeleted(database: SqliteDatabase): void {
  database.exec("PRAGMA secure_delete = ON");
  database.exec(`PRAGMA journal_size_limit = ${LOG_BYTES}`);
}

/** Writes the log back and empties it: it holds copies of pages from before an erasure. A reader may keep it; the next checkpoint empties it then. */
export function truncateLog(database: SqliteDatabase): void {
  unlessBusy(
    () => void withBriefBusyTimeout(database, () => database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").all()),
  );
}

/** Writes the file anew, without what was deleted from it. Another process that reads keeps it from that. */
export function vacuum(database: SqliteDatabase): void {
  unlessBusy(() => void database.exec("VACUUM"));
  truncateLog(database);
}

function unlessBusy(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!isBusy(error)) throw error;
  }
}
