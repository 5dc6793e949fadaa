import { firstValue, type SqliteDatabase } from "./database.ts";

/** The size of a page. Three events of 2 kB fit; in SQLite's default of 4 096 only one fits, and the rest stays empty. */
const PAGE_BYTES = 8_192;

/** The size of the write-ahead log before it is written back. Keys are hashes: in a larger log more of them share a page, and fewer pages are written. */
const LOG_BYTES = 16 * 1024 * 1024;

/** Sets sizes for many events of a few kilobytes, so that a store accepts half as many again. A database with data keeps its page size. */
export function sizePages(database: SqliteDatabase): void {
  if (Number(firstValue(database, "PRAGMA page_count")) === 0) database.exec(`PRAGMA page_size = ${PAGE_BYTES}`);
  const pageBytes = Number(firstValue(database, "PRAGMA page_size"));
  database.exec(`PRAGMA wal_autocheckpoint = ${Math.ceil(LOG_BYTES / pageBytes)}`);
}
