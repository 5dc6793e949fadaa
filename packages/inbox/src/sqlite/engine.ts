import { WebhookError } from "@popp-webhooks/core";
import { sqliteDialect } from "../sql/dialect.ts";
import type { Operations } from "../sql/operations.ts";
import { hasSchemaOperation, migrationsFrom, versionOperation } from "../sql/schema.ts";
import type { SqlEngine } from "../sql/sql-store.ts";
import type { Operation, SqlRow } from "../sql/statement.ts";
import type { Accepted, NewEvent } from "../store.ts";
import type { SqliteDatabase, SqliteStatement } from "./database.ts";
import { demandDurable } from "./durable.ts";
import { exclusively } from "./exclusively.ts";
import { groupCommit } from "./group-commit.ts";
import { sizePages } from "./size-pages.ts";

/** Where the database is. */
export interface SqlitePlace {
  readonly open: () => Promise<SqliteDatabase>;
  /** Whether the store opened it, and so closes it. */
  readonly owned: boolean;
  readonly isMemory: boolean;
}

/** How long and how much an engine waits. */
export interface SqliteLimits {
  readonly busyTimeoutMs: number;
  readonly maxPendingWrites: number;
}

/** Runs operations on one SQLite connection. */
export function sqliteEngine(
  { open, owned, isMemory }: SqlitePlace,
  { settle, knows, add, accept }: Operations,
  { busyTimeoutMs, maxPendingWrites }: SqliteLimits,
): SqlEngine<SqliteDatabase> {
  let database: SqliteDatabase | undefined;
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
    // The join: every driver gives rows by column name.
    return read(prepared(text).all(...values) as readonly SqlRow[]);
  }

  /** RETURNING takes as long as the rest of an INSERT. In a transaction nobody comes between looking and writing. */
  function take(event: NewEvent): Accepted {
    if (run(knows(event.key))) return run(accept(event));
    const { text, values, read } = add(event);
    prepared(text).run(...values);
    return read([]);
  }

  const transaction = <T>(work: () => T) => exclusively(opened(), busyTimeoutMs, work);
  const write = groupCommit(transaction, maxPendingWrites);

  return {
    durability: isMemory ? "none" : "power-loss",
    open: async () => {
      const opening = await open();
      database = opening;
      try {
        opening.exec("PRAGMA busy_timeout = 50");
        sizePages(opening);
        // Before anything is written: a schema that is too new must be left as it is.
        migrationsFrom(
          sqliteDialect,
          run(hasSchemaOperation(sqliteDialect)) ? run(versionOperation(sqliteDialect)) : 0,
        );
        if (!isMemory) await demandDurable(opening, busyTimeoutMs);
        await transaction(() => {
          const version = run(hasSchemaOperation(sqliteDialect)) ? run(versionOperation(sqliteDialect)) : 0;
          for (const sql of migrationsFrom(sqliteDialect, version)) opening.exec(sql);
        });
      } catch (error) {
        statements.clear();
        database = undefined;
        if (owned) opening.close();
        throw error;
      }
    },
    read: async (operation) => run(operation),
    write: (operation) => write(() => run(operation)),
    accept: (event) => write(() => take(event)),
    transact: (lease, work) =>
      transaction(() => {
        const done = { state: "done", delayMs: null, note: null, counts: true } as const;
        if (!run(settle(lease, done))) return undefined;
        const value = work(opened());
        if (isThenable(value)) throw new WebhookError("CONFIG_INVALID", ASYNC_WORK);
        return { value };
      }),
    close: async () => {
      const closing = database;
      statements.clear();
      database = undefined;
      if (owned) closing?.close();
    },
  };
}

const ASYNC_WORK =
  "The work in `tx` must be synchronous with SQLite, as the whole database waits for it: do what takes time before.";

function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === "object" && value !== null && "then" in value;
}
