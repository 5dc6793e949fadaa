import { firstValue, type SqliteDatabase } from "./database.ts";

/** Of a page: three events of 2 kB fit, where SQLite's own 4 096 hold one and stay half empty. */
const PAGE_BYTES = 8_192;

/** Of the log, before it is written back: keys are hashes, and the more of them share a page by then, the fewer pages there are to write. */
const LOG_BYTES = 16 * 1024 * 1024;

/** Sizes pages and log for many events of a few kilobytes, which lets a store accept half as many again. A file that holds something keeps its pages. */
export function sizePages(database: SqliteDatabase): void {
  if (Number(firstValue(database, "PRAGMA page_count")) === 0) database.exec(`PRAGMA page_size = ${PAGE_BYTES}`);
  const pageBytes = Number(firstValue(database, "PRAGMA page_size"));
  database.exec(`PRAGMA wal_autocheckpoint = ${Math.ceil(LOG_BYTES / pageBytes)}`);
}
