import { WebhookError } from "@popp-webhooks/core";
import type { Dialect } from "./dialect.ts";
import { type Operation, operationOf, statementOf } from "./statement.ts";

/** The version of the schema that this code reads and writes. */
const SCHEMA_VERSION = 1;

/** Asks whether there is a schema at all; run it before {@link versionOperation}. */
export function hasSchemaOperation(dialect: Dialect): Operation<boolean> {
  return operationOf(statementOf(dialect, dialect.hasTable("popp_inbox_schema")), {}, (rows) => rows.length > 0);
}

/** Asks for the version of the schema that is there. */
export function versionOperation(dialect: Dialect): Operation<number> {
  const statement = statementOf(dialect, "SELECT MAX(version) AS version FROM popp_inbox_schema");
  return operationOf(statement, {}, ([row]) => Number(row?.version ?? 0));
}

/**
 * What has to be run, in one transaction, to bring a schema up to date. Processes may start at the same time: each statement may find its work done.
 *
 * @param dialect - the engine's
 * @param version - what is there; 0 for nothing
 * @throws WebhookError `STORE_UNAVAILABLE` when a newer version of the SDK has been here
 */
export function migrationsFrom(dialect: Dialect, version: number): readonly string[] {
  if (version > SCHEMA_VERSION) {
    throw new WebhookError(
      "STORE_UNAVAILABLE",
      `The store's schema has version ${version}, and this version of @popp-webhooks/inbox knows ${SCHEMA_VERSION}: upgrade the package.`,
    );
  }
  return version === SCHEMA_VERSION ? [] : first(dialect);
}

/** The body stands last: reading what is before it in SQLite then touches no overflow page. */
function first({ sequence, integer, bytes }: Dialect): readonly string[] {
  return [
    `CREATE TABLE IF NOT EXISTS popp_inbox (
      seq ${sequence}, key TEXT NOT NULL UNIQUE, source TEXT NOT NULL, event_id TEXT, name TEXT NOT NULL, hash TEXT NOT NULL,
      state TEXT NOT NULL, token TEXT, fence ${integer} NOT NULL DEFAULT 0, attempts ${integer} NOT NULL DEFAULT 0,
      due_at ${integer}, received_at ${integer} NOT NULL, updated_at ${integer} NOT NULL, last_seen_at ${integer} NOT NULL,
      duplicates ${integer} NOT NULL DEFAULT 0, conflicts ${integer} NOT NULL DEFAULT 0, conflict_hash TEXT,
      order_key TEXT, order_at ${integer}, note TEXT, headers TEXT, body ${bytes})`,
    // A row is due exactly when it is open: finished rows have no due_at, and so are in none of the claim's index.
    "CREATE INDEX IF NOT EXISTS popp_inbox_due ON popp_inbox (source, due_at, seq) WHERE due_at IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS popp_inbox_state ON popp_inbox (source, state, seq)",
    "CREATE INDEX IF NOT EXISTS popp_inbox_order ON popp_inbox (order_key, order_at) WHERE order_key IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS popp_inbox_kept ON popp_inbox (source, updated_at) WHERE due_at IS NULL AND body IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS popp_inbox_tombs ON popp_inbox (source, updated_at) WHERE due_at IS NULL AND body IS NULL",
    "CREATE TABLE IF NOT EXISTS popp_inbox_schema (version INTEGER PRIMARY KEY)",
    `INSERT INTO popp_inbox_schema (version) VALUES (${SCHEMA_VERSION}) ON CONFLICT (version) DO NOTHING`,
  ];
}
