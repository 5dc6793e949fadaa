import { EVENT_STATES } from "../../../ports/event-state.ts";
import { VERSION } from "../../versions.ts";
import { type Batch, one, several } from "../batch.ts";
import { changeCounts } from "../count-sql.ts";

/** The version of a store's tables, and the oldest version whose code can use them. */
export interface TablesVersion {
  readonly version: number;
  readonly readableBy: number;
  /** Whether events of version 1 are still being moved to the tables of this version. */
  readonly isMoving: boolean;
}

/** Whether there are tables. */
export function hasTables(): Batch<boolean> {
  const sql = "SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = 'popp_inbox_schema'";
  return one(sql, {}, (rows) => rows.length > 0);
}

/** Reads the version. Fails when there are no tables. Version 1 has no column `readable_by`. */
export function readVersion(): Batch<TablesVersion> {
  const sql = `SELECT *, EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'popp_inbox_moving') AS moving
    FROM popp_inbox_schema ORDER BY version DESC LIMIT 1`;
  return one(sql, {}, ([row]) => {
    const version = Number(row?.version ?? 0);
    return { version, readableBy: Number(row?.readable_by ?? version), isMoving: Number(row?.moving ?? 0) === 1 };
  });
}

/** Creates the tables, beside those of an earlier version. Fails when another process has done it. */
export function createTables(version: number): Batch<void> {
  const texts = [...(version === 1 ? BEFORE_MOVING : []), ...TABLES, ...TRIGGERS, ...VERSION_ROW];
  return several(texts, {}, () => undefined);
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
  `CREATE TABLE IF NOT EXISTS popp_inbox_count (source TEXT NOT NULL, name TEXT NOT NULL,
    ${EVENT_STATES.map((state) => `${state} INTEGER NOT NULL`).join(", ")}, PRIMARY KEY (source, name)) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS popp_inbox_pause (source TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (source, name)) WITHOUT ROWID`,
  // Open events have a due_at and finished ones have none. Names and states are there so that what is not claimed is skipped without a look at its row.
  "CREATE INDEX IF NOT EXISTS popp_inbox_event_due ON popp_inbox_event (source, due_at, seq, state, name, updated_at) WHERE due_at IS NOT NULL",
  "CREATE INDEX IF NOT EXISTS popp_inbox_event_state ON popp_inbox_event (source, state, seq)",
  "CREATE INDEX IF NOT EXISTS popp_inbox_event_received ON popp_inbox_event (source, received_at)",
  "CREATE INDEX IF NOT EXISTS popp_inbox_event_order ON popp_inbox_event (order_key, order_at) WHERE order_key IS NOT NULL",
  "CREATE INDEX IF NOT EXISTS popp_inbox_event_kept ON popp_inbox_event (source, kept, updated_at, seq) WHERE due_at IS NULL",
  `CREATE INDEX IF NOT EXISTS popp_inbox_event_not_handled ON popp_inbox_event (source, note, seq)
    WHERE due_at IS NULL AND note IN ('unhandled', 'superseded')`,
  "CREATE INDEX IF NOT EXISTS popp_inbox_event_unindexed ON popp_inbox_event (source, seq) WHERE tags IS NULL",
  "CREATE TABLE IF NOT EXISTS popp_inbox_schema (version INTEGER PRIMARY KEY)",
];

/** Keep the counts when events change or are deleted. The statements that store new events count them: a trigger would double the cost of an accept. */
const TRIGGERS = [
  `CREATE TRIGGER IF NOT EXISTS popp_inbox_counts_changed AFTER UPDATE OF state ON popp_inbox_event
    WHEN OLD.state <> NEW.state BEGIN ${changeCounts("NEW", (state) => `(NEW.state = '${state}') - (OLD.state = '${state}')`)} END`,
  `CREATE TRIGGER IF NOT EXISTS popp_inbox_counts_gone AFTER DELETE ON popp_inbox_event
    BEGIN ${changeCounts("OLD", (state) => `0 - (OLD.state = '${state}')`)} END`,
];

/** A process of version 1 fails from then on, as its table is gone: it acknowledges nothing, and loses nothing. */
const BEFORE_MOVING = [
  "ALTER TABLE popp_inbox RENAME TO popp_inbox_moving",
  ...["due", "state", "order", "kept", "tombs"].map((index) => `DROP INDEX IF EXISTS popp_inbox_${index}`),
];

const VERSION_ROW = [
  "ALTER TABLE popp_inbox_schema ADD COLUMN readable_by INTEGER",
  `INSERT INTO popp_inbox_schema (version, readable_by) VALUES (${VERSION}, ${VERSION})`,
];
