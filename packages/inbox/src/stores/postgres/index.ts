/**
 * A store in Postgres, through a `pg` pool, postgres.js or PGlite.
 *
 * @packageDocumentation
 */

import { checkOptions, type OptionRule } from "@popp-webhooks/core/internal";
import type { InboxStore } from "../../ports/store.ts";
import { postgresDialect } from "../sql/dialect.ts";
import { operationsOf } from "../sql/operations.ts";
import { sqlStore } from "../sql/sql-store.ts";
import { adapterOf } from "./adapter-of.ts";
import type { PostgresClient } from "./client.ts";
import { postgresEngine } from "./engine.ts";
import { inSchema } from "./in-schema.ts";

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
} from "./client.ts";

/** The options of {@link postgresStore}. */
export interface PostgresStoreOptions {
  /** The schema of Postgres that holds the tables; it is made if it is not there. Default: where the connection's `search_path` leads. */
  readonly schema?: string;
  /**
   * Takes a server that has `synchronous_commit` or `fsync` off, and can lose what it has committed; `durability` is `process` then. Default:
   * false, and such a server is refused.
   */
  readonly allowUnsafeCommit?: boolean;
  /**
   * Prepares each statement once per connection, which saves a third of the time. Not through a pooler that gives each transaction another
   * connection, unless it knows prepared statements, as PgBouncer does from 1.21 on. Default: false.
   */
  readonly prepare?: boolean;
  /** How long `pg` waits for the answer to a statement before it gives the connection up, in milliseconds; other clients have no such limit. Default: 5 000. */
  readonly statementTimeoutMs?: number;
  /** How long a transaction with work of yours may be open before it is rolled back, in milliseconds. Default: 30 000. */
  readonly transactionTimeoutMs?: number;
  /** How many calls may wait for Postgres; more are refused with `STORE_UNAVAILABLE`. Default: 2 000. */
  readonly maxPendingCalls?: number;
}

/**
 * Makes a store in Postgres, over a client that stays yours: a `Pool` of `pg`, the `sql` of postgres.js, or a `PGlite`. An accepted
 * event is committed, and has reached the server's disk.
 *
 * Tables are made when it is first used, whatever number of processes start at once. A handler's `tx` is given what the client calls a
 * transaction: a `PoolClient` between `BEGIN` and `COMMIT`, a `TransactionSql` or a `Transaction`.
 *
 * A client waits for ever by default when the server is frozen or gone. Tell `pg` how long: `connectionTimeoutMillis`, `statement_timeout`,
 * `keepAlive: true`, and `query_timeout` for statements of your own; tell postgres.js `connect_timeout` and `connection: { statement_timeout }`. PGlite writes no commit
 * through to the disk: its `durability` is `process` on a data directory, and `none` in memory.
 *
 * @param client - the client; closing the store does not close it
 * @param options - where the tables are, and how long and how much is waited for
 * @throws WebhookError `CONFIG_INVALID` when the client is none of these, or the options cannot work
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
  const { schema, allowUnsafeCommit = false, prepare = false, maxPendingCalls = 2_000 } = options;
  const { statementTimeoutMs = 5_000, transactionTimeoutMs = 30_000 } = options;
  const qualified = inSchema(schema);
  const operations = operationsOf(postgresDialect);
  const config = { schema, qualified, allowUnsafeCommit, transactionTimeoutMs, maxPendingCalls };
  return sqlStore(postgresEngine(adapterOf(client, { prepare, statementTimeoutMs }), operations, config), operations);
}

const LIMIT: OptionRule = { min: 1, max: 1_073_741_823, integer: true };

const RULES = {
  schema: "string",
  allowUnsafeCommit: "boolean",
  prepare: "boolean",
  statementTimeoutMs: LIMIT,
  transactionTimeoutMs: LIMIT,
  maxPendingCalls: LIMIT,
} as const;
