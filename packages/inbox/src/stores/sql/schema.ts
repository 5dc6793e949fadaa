import { WebhookError } from "@popp-webhooks/core";
import type { Dialect } from "./dialect.ts";
import { type Operation, operationOf, statementOf } from "./statement.ts";

/** The version of the schema that this code reads and writes. */
const SCHEMA_VERSION = 1;

/** Whether there is a schema. Run it before {@link versionOperation}. */
export function hasSchemaOperation(dialect: Dialect): Operation<boolean> {
  return operationOf(statementOf(dialect, dialect.hasTable("popp_inbox_schema")), {}, (rows) => rows.length > 0);
}

/** Reads the version of the schema. */
export function versionOperation(dialect: Dialect): Operation<number> {
  const statement = statementOf(dialect, "SELECT MAX(version) AS version FROM popp_inbox_schema");
  return operationOf(statement, {}, ([row]) => Number(row?.version ?? 0));
}

/**
 * Returns the statements that bring a schema up to date. Run them in one transaction. Processes may start at the same time, so a statement may find
 * its work done already.
 *
 * @param dialect - the dialect of the engine
 * @param version - the version of the schema; 0 when there is none
 * @throws WebhookError `STORE_UNAVAILABLE` when a newer version of this package has created the schema
 */
export function migrationsFrom(dialect: Dialect, version: number): readonly string[] {
  if (version > SCHEMA_VERSION) {
    throw new WebhookError(
      "STORE_UNAVAILABLE",
      `The store's schema has version ${version}, but this version of @popp-webhooks/inbox knows only ${SCHEMA_VERSION}. Upgrade the package.`,
    );
  }
  return version === SCHEMA_VERSION ? [] : first(dialect);
}

/** The body is the last column: SQLite then reads the other columns without reading overflow pages. */
function first({ sequence, integer, bytes }: Dialect): readonly string[] {
  return [
    `CREATE TABLE IF NOT EXISTS popp_inbox (
      seq ${sequence}, key TEXT NOT NULL UNIQUE, source TEXT NOT NULL, event_id TEXT, name TEXT NOT NULL, hash TEXT NOT NULL,
      state TEXT NOT NULL, token TEXT, fence ${integer} NOT NULL DEFAULT 0, attempts ${integer} NOT NULL DEFAULT 0,
      due_at ${integer}, received_at ${integer} NOT NULL, updated_at ${integer} NOT NULL, last_seen_at ${integer} NOT NULL,
      duplicates ${integer} NOT NULL DEFAULT 0, conflicts ${integer} NOT NULL DEFAULT 0, conflict_hash TEXT,
      order_key TEXT, order_at ${integer}, note TEXT, headers TEXT, body ${bytes})`,
    // Open rows have a due_at and finished rows have none, so finished rows are not in the index of the claim.
    "CREATE INDEX IF NOT EXISTS popp_inbox_due ON popp_inbox (source, due_at, seq) WHERE due_at IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS popp_inbox_state ON popp_inbox (source, state, seq)",
    "CREATE INDEX IF NOT EXISTS popp_inbox_order ON popp_inbox (order_key, order_at) WHERE order_key IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS popp_inbox_kept ON popp_inbox (source, updated_at) WHERE due_at IS NULL AND body IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS popp_inbox_tombs ON popp_inbox (source, updated_at) WHERE due_at IS NULL AND body IS NULL",
    "CREATE TABLE IF NOT EXISTS popp_inbox_schema (version INTEGER PRIMARY KEY)",
    `INSERT INTO popp_inbox_schema (version) VALUES (${SCHEMA_VERSION}) ON CONFLICT (version) DO NOTHING`,
  ];
}
