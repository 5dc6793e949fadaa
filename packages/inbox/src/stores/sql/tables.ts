import { WebhookError } from "@popp-webhooks/core";
import { notMigrated, tooNew, VERSION } from "../versions.ts";
import { type Batch, one } from "./batch.ts";

/** The version of a store's tables, and the oldest version whose code can use them. */
export interface TablesVersion {
  readonly version: number;
  readonly readableBy: number;
}

/** Whether there are tables. Run it before {@link readVersion}. */
export function hasTables(): Batch<boolean> {
  const sql = "SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = 'popp_inbox_schema'";
  return one(sql, {}, (rows) => rows.length > 0);
}

/** Reads the version. Version 1 has no column `readable_by`. */
export function readVersion(): Batch<TablesVersion> {
  return one("SELECT * FROM popp_inbox_schema ORDER BY version DESC LIMIT 1", {}, ([row]) => {
    const version = Number(row?.version ?? 0);
    return { version, readableBy: Number(row?.readable_by ?? version) };
  });
}

/** What creates or changes tables. */
export interface TablesOptions {
  /** Whether tables may be created and changed. */
  readonly migrate: boolean;
}

/**
 * Returns the statements that bring the tables up to date. Run them in one transaction. Processes may start at the same time, so a statement may find
 * its work done already.
 *
 * Tables of a later version are used as they are when that version says that this one can: a release adds first, and removes one release later.
 *
 * @param found - the version of the tables; undefined when there are none
 * @throws WebhookError `STORE_UNAVAILABLE` when the tables are too new, or too old and must not be changed
 */
export function migrationsFrom(found: TablesVersion | undefined, { migrate }: TablesOptions): readonly string[] {
  const { version, readableBy } = found ?? { version: 0, readableBy: 0 };
  if (readableBy > VERSION) throw new WebhookError("STORE_UNAVAILABLE", tooNew(version));
  if (version >= VERSION) return [];
  if (!migrate) throw new WebhookError("STORE_UNAVAILABLE", notMigrated(version));
  return version === 0
    ? [...TABLES, ...TRIGGERS, ...VERSION_ROW]
    : [...TABLES, ...FROM_VERSION_1, ...TRIGGERS, ...VERSION_ROW];
}

const TABLES = [
  `CREATE TABLE IF NOT EXISTS popp_inbox_event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, source TEXT NOT NULL, event_id TEXT, name TEXT NOT NULL,
    record_id TEXT, hash TEXT NOT NULL, state TEXT NOT NULL, kept INTEGER NOT NULL, token TEXT, fence INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0, crashes INTEGER NOT NULL DEFAULT 0, due_at INTEGER, received_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL, started_at INTEGER, last_seen_at INTEGER NOT NULL, duplicates INTEGER NOT NULL DEFAULT 0,
    first_duplicate_at INTEGER, conflicts INTEGER NOT NULL DEFAULT 0, first_conflict_at INTEGER, last_conflict_at INTEGER,
    conflict_hash TEXT, order_key TEXT, order_at INTEGER, note TEXT, tags TEXT, history TEXT)`,
  // The row's number is the event's: a key of text would take most of the time of an accept.
  "CREATE TABLE IF NOT EXISTS popp_inbox_body (seq INTEGER PRIMARY KEY, headers TEXT, body BLOB)",
  "CREATE TABLE IF NOT EXISTS popp_inbox_part (part INTEGER PRIMARY KEY)",
  `CREATE TABLE IF NOT EXISTS popp_inbox_tag (part INTEGER NOT NULL, tag INTEGER NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (part, tag, seq)) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS popp_inbox_count (source TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, n INTEGER NOT NULL,
    PRIMARY KEY (source, name, state)) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS popp_inbox_pause (source TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (source, name)) WITHOUT ROWID`,
  // Open events have a due_at and finished ones have none. Names and states are there so that what is not claimed is skipped without a look at its row.
  "CREATE INDEX IF NOT EXISTS popp_inbox_event_due ON popp_inbox_event (source, due_at, seq, state, name) WHERE due_at IS NOT NULL",
  "CREATE INDEX IF NOT EXISTS popp_inbox_event_state ON popp_inbox_event (source, state, seq)",
  "CREATE INDEX IF NOT EXISTS popp_inbox_event_received ON popp_inbox_event (source, received_at)",
  "CREATE INDEX IF NOT EXISTS popp_inbox_event_order ON popp_inbox_event (order_key, order_at) WHERE order_key IS NOT NULL",
  "CREATE INDEX IF NOT EXISTS popp_inbox_event_kept ON popp_inbox_event (source, kept, updated_at, seq) WHERE due_at IS NULL",
  `CREATE INDEX IF NOT EXISTS popp_inbox_event_not_handled ON popp_inbox_event (source, note, seq)
    WHERE due_at IS NULL AND note IN ('unhandled', 'superseded')`,
  "CREATE INDEX IF NOT EXISTS popp_inbox_event_unindexed ON popp_inbox_event (source, seq) WHERE tags IS NULL",
  "CREATE TABLE IF NOT EXISTS popp_inbox_schema (version INTEGER PRIMARY KEY)",
];

const counted = (row: "OLD" | "NEW", by: 1 | -1) => `INSERT INTO popp_inbox_count (source, name, state, n)
  VALUES (${row}.source, ${row}.name, ${row}.state, ${by}) ON CONFLICT (source, name, state) DO UPDATE SET n = n + ${by};`;

/** Whatever changes or deletes an event, the counts follow. New events are counted by who stores them: a trigger would double the cost of an accept. */
const TRIGGERS = [
  `CREATE TRIGGER IF NOT EXISTS popp_inbox_counts_changed AFTER UPDATE OF state ON popp_inbox_event
    WHEN OLD.state <> NEW.state BEGIN ${counted("OLD", -1)} ${counted("NEW", 1)} END`,
  `CREATE TRIGGER IF NOT EXISTS popp_inbox_counts_gone AFTER DELETE ON popp_inbox_event BEGIN ${counted("OLD", -1)} END`,
];

/** Moves all events. A process of version 1 fails from then on, as its table is gone: it acknowledges nothing, and loses nothing. */
const FROM_VERSION_1 = [
  `INSERT INTO popp_inbox_event (seq, key, source, event_id, name, hash, state, kept, token, fence, attempts, due_at, received_at,
      updated_at, last_seen_at, duplicates, conflicts, conflict_hash, order_key, order_at, note)
    SELECT seq, key, source, event_id, name, hash, state, CASE WHEN body IS NULL THEN 0 WHEN state = 'dead' THEN 2 ELSE 1 END, token, fence,
      attempts, due_at, received_at, updated_at, last_seen_at, duplicates, conflicts, conflict_hash, order_key, order_at, note FROM popp_inbox`,
  "INSERT INTO popp_inbox_body (seq, headers, body) SELECT seq, headers, body FROM popp_inbox WHERE body IS NOT NULL",
  "INSERT INTO popp_inbox_count (source, name, state, n) SELECT source, name, state, COUNT(*) FROM popp_inbox GROUP BY 1, 2, 3",
  "INSERT INTO popp_inbox_part (part) SELECT seq FROM popp_inbox ORDER BY seq DESC LIMIT 1",
  "DROP TABLE popp_inbox",
];

const VERSION_ROW = [
  "ALTER TABLE popp_inbox_schema ADD COLUMN readable_by INTEGER",
  `INSERT INTO popp_inbox_schema (version, readable_by) VALUES (${VERSION}, ${VERSION})`,
];
