/**
 * A store in a SQLite file, through `node:sqlite`, better-sqlite3 or `bun:sqlite`.
 *
 * @packageDocumentation
 */

import { WebhookError } from "@popp-webhooks/core";
import { checkOptions } from "@popp-webhooks/core/internal";
import type { InboxStore } from "../../ports/store.ts";
import { sqlStore } from "../sql/sql-store.ts";
import type { SqliteDatabase } from "./database.ts";
import { pathOf } from "./database-files.ts";
import { sqliteEngine } from "./engine.ts";
import { openDatabase } from "./open-database.ts";

export type { SqliteDatabase, SqliteStatement } from "./database.ts";

/** The options of {@link sqliteStore}. */
export interface SqliteStoreOptions {
  /** How long a write waits for the writes of other processes, in milliseconds. Default: 1 500. */
  readonly busyTimeoutMs?: number;
  /** How many writes may wait for the next commit. More are refused with `STORE_UNAVAILABLE`. Default: 2 000. */
  readonly maxPendingWrites?: number;
  /**
   * Whether the store may create its tables and bring those of an earlier version up to date. With `false` such a store is refused with
   * `STORE_UNAVAILABLE`, and nothing is written: for tools that look into the store of a running app. Default: true.
   */
  readonly migrate?: boolean;
}

/**
 * Creates a store in a SQLite file. An accepted event has reached the disk: commits are synchronous, and concurrent writes share one.
 *
 * With a path, the store opens the file when it is first used: with `node:sqlite`, better-sqlite3 or `bun:sqlite`. With an open database, it sets
 * WAL, `synchronous=FULL` and `secure_delete` on it; do not keep a transaction of your own open across an `await` there. A handler's `tx` takes synchronous work
 * on that database.
 *
 * What is erased or pruned is overwritten in the file. An earlier version left such bytes in free pages: the store removes them by one `VACUUM` when it
 * moves that version's events over, but only from a file that it opened itself. Run `VACUUM` once on your own database.
 *
 * @param database - a path, or an open database
 * @param options - the limits
 *
 * @example
 * ```ts
 * import { createInbox } from "@popp-webhooks/inbox";
 * import { sqliteStore } from "@popp-webhooks/inbox/sqlite";
 *
 * const inbox = createInbox({
 *   store: sqliteStore("popp.db"),
 *   on: {
 *     CONVERSATION_COMPLETED: (event, { tx }) =>
 *       tx((db) => db.prepare("INSERT INTO outcomes (candidate) VALUES (?)").run(event.data.recordId)),
 *   },
 * });
 * inbox.start();
 * ```
 */
export function sqliteStore(database: string, options?: SqliteStoreOptions): InboxStore<SqliteDatabase>;
export function sqliteStore<Database extends SqliteDatabase>(
  database: Database,
  options?: SqliteStoreOptions,
): InboxStore<Database>;
export function sqliteStore(
  database: string | SqliteDatabase,
  options: SqliteStoreOptions = {},
): InboxStore<SqliteDatabase> {
  if (!(typeof database === "string" ? database !== "" : isDatabase(database)))
    throw new WebhookError("CONFIG_INVALID", NO_DATABASE);
  checkOptions("sqliteStore", options, RULES);
  const { busyTimeoutMs = 1_500, maxPendingWrites = 2_000, migrate = true } = options;
  const opened = typeof database === "string" ? () => openDatabase(database) : () => Promise.resolve(database);
  const limits = { busyTimeoutMs, maxPendingWrites, migrate };
  const place = { open: opened, owned: typeof database === "string", isMemory: isMemory(database) };
  return sqlStore(sqliteEngine(place, limits));
}

const RULES = {
  busyTimeoutMs: { min: 0, max: 2_147_483_647 },
  maxPendingWrites: { min: 1, max: Number.MAX_SAFE_INTEGER, integer: true },
  migrate: "boolean",
} as const;

const NO_DATABASE =
  "sqliteStore: expected the path of a file, or an open database of node:sqlite, better-sqlite3 or bun:sqlite. An environment variable may be unset.";

/** Checks methods instead of a class, so that no driver is imported. */
function isDatabase(database: unknown): database is SqliteDatabase {
  return ["prepare", "exec"].every((method) => typeof Reflect.get(Object(database), method) === "function");
}

/** Whether the database has no file, and is lost with the process. */
function isMemory(database: string | SqliteDatabase): boolean {
  return typeof database === "string" ? database === ":memory:" : pathOf(database) === undefined;
}
