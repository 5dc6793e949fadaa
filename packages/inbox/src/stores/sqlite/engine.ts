import { WebhookError } from "@popp-webhooks/core";
import { isPromiseLike } from "@popp-webhooks/core/internal";
import type { Accepted, NewEvent } from "../../ports/stored-event.ts";
import { sqliteDialect } from "../sql/dialect.ts";
import type { Operations } from "../sql/operations.ts";
import { hasSchemaOperation, migrationsFrom, versionOperation } from "../sql/schema.ts";
import type { SqlEngine } from "../sql/sql-store.ts";
import type { Operation, SqlRow } from "../sql/statement.ts";
import { BRIEF_BUSY_TIMEOUT_MS, withBriefBusyTimeout } from "./busy-timeout.ts";
import type { SqliteDatabase, SqliteStatement } from "./database.ts";
import { enableDurability } from "./durability.ts";
import { groupCommit } from "./group-commit.ts";
import { sizePages } from "./size-pages.ts";
import { runTransaction } from "./transaction.ts";

/** The database, and who owns it. */
export interface SqlitePlace {
  readonly open: () => Promise<SqliteDatabase>;
  /** Whether the store opens and closes the database. */
  readonly owned: boolean;
  readonly isMemory: boolean;
}

/** The limits of an engine. */
export interface SqliteLimits {
  readonly busyTimeoutMs: number;
  readonly maxPendingWrites: number;
}

/** Runs operations on one SQLite connection. */
export function sqliteEngine(
  { open, owned, isMemory }: SqlitePlace,
  { complete, knows, add, accept }: Operations,
  { busyTimeoutMs, maxPendingWrites }: SqliteLimits,
): SqlEngine<SqliteDatabase> {
  let database: SqliteDatabase | undefined;
  let opening: Promise<void> | undefined;
  const statements = new Map<string, SqliteStatement>();

  function opened(): SqliteDatabase {
    if (database === undefined) throw new WebhookError("STORE_UNAVAILABLE", "The SQLite store is not open.");
    return database;
  }

  function prepared(text: string): SqliteStatement {
    const statement = statements.get(text) ?? opened().prepare(text);
    statements.set(text, statement);
    return statement;
  }

  function run<T>({ text, values, read }: Operation<T>): T {
    // Every driver returns rows by column name.
    return read(prepared(text).all(...values) as readonly SqlRow[]);
  }

  /** Looks first and inserts without RETURNING, which takes as long as the rest of an INSERT. Safe inside a transaction. */
  function insertOrCount(event: NewEvent): Accepted {
    if (run(knows(event.key))) return run(accept(event));
    const { text, values, read } = add(event);
    prepared(text).run(...values);
    return read([]);
  }

  function transaction<T>(work: () => T): Promise<T> {
    const database = opened();
    const begin = () => void database.exec("BEGIN IMMEDIATE");
    // The busy timeout of the user's own database must stay as it is.
    return runTransaction(
      { database, begin: owned ? begin : () => withBriefBusyTimeout(database, begin) },
      busyTimeoutMs,
      work,
    );
  }

  const write = groupCommit(transaction, maxPendingWrites);

  async function attemptToOpen(): Promise<void> {
    const attempted = await open();
    database = attempted;
    try {
      if (owned) attempted.exec(`PRAGMA busy_timeout = ${BRIEF_BUSY_TIMEOUT_MS}`);
      assertNamedColumns(attempted);
      sizePages(attempted);
      // Checked before anything is written: a newer schema must stay untouched.
      migrationsFrom(sqliteDialect, run(hasSchemaOperation(sqliteDialect)) ? run(versionOperation(sqliteDialect)) : 0);
      if (!isMemory) await enableDurability(attempted, busyTimeoutMs);
      await transaction(() => {
        const version = run(hasSchemaOperation(sqliteDialect)) ? run(versionOperation(sqliteDialect)) : 0;
        for (const sql of migrationsFrom(sqliteDialect, version)) attempted.exec(sql);
      });
    } catch (error) {
      statements.clear();
      database = undefined;
      if (owned) attempted.close();
      throw error;
    }
  }

  return {
    durability: isMemory ? "none" : "power-loss",
    // Shared: a caller whose wait timed out asks again while the database is still opening.
    open: () => {
      opening ??= attemptToOpen().catch((error) => {
        opening = undefined;
        throw error;
      });
      return opening;
    },
    read: async (operation) => run(operation),
    write: (operation) => write(() => run(operation)),
    accept: (event) => write(() => insertOrCount(event)),
    transact: (lease, work) =>
      transaction(() => {
        if (!run(complete(lease))) return undefined;
        const value = work(opened());
        if (isPromiseLike(value)) throw new WebhookError("CONFIG_INVALID", ASYNC_WORK);
        return { value };
      }),
    close: async () => {
      const closing = database;
      statements.clear();
      database = undefined;
      opening = undefined;
      if (owned) closing?.close();
    },
  };
}

/** All rows are read by column name. */
function assertNamedColumns(database: SqliteDatabase): void {
  const [row] = database.prepare("SELECT 1 AS found").all();
  if (typeof row !== "object" || row === null || !("found" in row))
    throw new WebhookError(
      "CONFIG_INVALID",
      "sqliteStore: this database returns rows as arrays (`returnArrays`). Pass a database that returns objects.",
    );
}

const ASYNC_WORK =
  "The work in `tx` must be synchronous with SQLite, because the whole database waits for it. Do asynchronous work before `tx`.";
