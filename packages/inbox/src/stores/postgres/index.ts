/**
 * A store in Postgres, through a `pg` pool, postgres.js or PGlite.
 *
 * @packageDocumentation
 */

import { checkOptions, type OptionRule } from "@popp-webhooks/core/internal";
import type { InboxStore } from "../../ports/store.ts";
import { adapterOf } from "./clients/adapter-of.ts";
import type { PostgresClient } from "./clients/client.ts";
import { assertSchemaName } from "./open/in-schema.ts";
import { storeOn } from "./store.ts";

export type {
  PgConnection,
  PgliteDatabase,
  PgliteTransaction,
  PgPool,
  PgResult,
  PgStatement,
  PostgresClient,
  PostgresJs,
  PostgresJsTransaction,
} from "./clients/client.ts";

/** The options of {@link postgresStore}. */
export interface PostgresStoreOptions {
  /**
   * The Postgres schema of the tables. It is created when it does not exist. All processes of an inbox need the same. Default: `popp`, or where an
   * earlier release has put the tables: they are looked for by the `search_path` and in `public`.
   *
   * Without it, a `search_path` that names other schemas than `"$user"` and `public` is `CONFIG_INVALID`, and so are tables in more than one schema.
   */
  readonly schema?: string;
  /**
   * Whether the tables may be created, and those of an older version brought up to date. With false, a store whose tables are missing or older is
   * refused with `STORE_UNAVAILABLE` and left untouched: for tools that must not lock the running app out. Default: true.
   */
  readonly migrate?: boolean;
  /**
   * Accepts a server with `synchronous_commit` or `fsync` off, which can lose committed events; `durability` is `process` then. Default: false, and
   * such a server is refused.
   */
  readonly allowUnsafeCommit?: boolean;
  /**
   * Prepares each statement once per connection, which saves a third of the time. Do not use it with a pooler that changes the connection with each
   * transaction, unless the pooler supports prepared statements, as PgBouncer 1.21 and newer do. Default: false.
   */
  readonly prepare?: boolean;
  /** How long `pg` waits for the answer to a statement before it closes the connection, in milliseconds. Other clients have no such option. Default: 5 000. */
  readonly statementTimeoutMs?: number;
  /** How long a transaction with your work may be open before it is rolled back, in milliseconds. Default: 30 000. */
  readonly transactionTimeoutMs?: number;
  /** How many calls may wait for Postgres. More are refused with `STORE_UNAVAILABLE`. Default: 2 000. */
  readonly maxPendingCalls?: number;
}

/**
 * Creates a store in Postgres with your client: a `Pool` of `pg`, the `sql` of postgres.js, or a `PGlite`. An accepted event is committed and has
 * reached the server's disk.
 *
 * The tables are created when the store is first used; several processes may start at the same time. A handler's `tx` receives the client's own
 * transaction: a `PoolClient` between `BEGIN` and `COMMIT`, a `TransactionSql` or a `Transaction`.
 *
 * Opening the store tries every kind of statement on a row of each table, in a transaction that is rolled back, and reads the settings of the server. A
 * call looks at both again when 4 seconds have passed. What would lose or stop events is `STORE_UNAVAILABLE`, with the SQL that helps.
 *
 * Events that are accepted or settled at the same time share a statement. What is erased or pruned leaves the server's files with the next vacuum of
 * the table, which autovacuum runs by itself.
 *
 * By default a client waits forever when the server is frozen or down. For `pg`, set `connectionTimeoutMillis`, `keepAlive: true`, and `query_timeout` for
 * your own statements; for postgres.js, `connect_timeout`. Set `statement_timeout` for the role: as an option of the client, PgBouncer refuses it.
 * PGlite does not write commits through to the disk: its `durability` is `process` with a data directory, and `none` in memory.
 *
 * @param client - the client. Closing the store does not close it
 * @param options - the schema and the limits
 * @throws WebhookError `CONFIG_INVALID` when the client is none of these, or an option is not usable; a `schema` has 1 to 63 bytes and does not begin
 *   with `pg_`
 *
 * @example
 * ```ts
 * import { createInbox } from "@popp-webhooks/inbox";
 * import { postgresStore } from "@popp-webhooks/inbox/postgres";
 * import { Pool } from "pg";
 *
 * const inbox = createInbox({
 *   store: postgresStore(new Pool({ connectionTimeoutMillis: 2_000, keepAlive: true })),
 *   on: {
 *     CONVERSATION_COMPLETED: (event, { tx }) =>
 *       tx((client) => client.query("INSERT INTO outcomes (candidate) VALUES ($1)", [event.data.recordId])),
 *   },
 * });
 * inbox.start();
 * ```
 */
export function postgresStore<Tx>(client: PostgresClient<Tx>, options: PostgresStoreOptions = {}): InboxStore<Tx> {
  checkOptions("postgresStore", options, RULES);
  if (options.schema !== undefined) assertSchemaName(options.schema);
  const { schema, migrate = true, allowUnsafeCommit = false, prepare = false, maxPendingCalls = 2_000 } = options;
  const { statementTimeoutMs = 5_000, transactionTimeoutMs = 30_000 } = options;
  const config = { schema, migrate, allowUnsafeCommit, transactionTimeoutMs, maxPendingCalls, lookMs: LOOK_MS };
  return storeOn(adapterOf(client, { prepare, statementTimeoutMs }), config);
}

/** An operator learns of a change that loses events within 5 seconds. */
const LOOK_MS = 4_000;

const LIMIT: OptionRule = { min: 1, max: 1_073_741_823, integer: true };

const RULES = {
  schema: "string",
  migrate: "boolean",
  allowUnsafeCommit: "boolean",
  prepare: "boolean",
  statementTimeoutMs: LIMIT,
  transactionTimeoutMs: LIMIT,
  maxPendingCalls: LIMIT,
} as const;
