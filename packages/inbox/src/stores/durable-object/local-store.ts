import { WebhookError } from "@popp-webhooks/core";
import { isPromiseLike } from "@popp-webhooks/core/internal";
import type { InboxStore } from "../../ports/store.ts";
import { sqliteDialect } from "../sql/dialect.ts";
import { type Operations, operationsOf } from "../sql/operations.ts";
import { withRowSizeLimit } from "../sql/row-size.ts";
import { hasSchemaOperation, migrationsFrom, versionOperation } from "../sql/schema.ts";
import { type SqlEngine, sqlStore } from "../sql/sql-store.ts";
import type { Operation, SqlRow } from "../sql/statement.ts";
import type { DurableStorage } from "./storage.ts";

/** A store in the Durable Object that this code runs in. */
export function localStore<Storage extends DurableStorage>(storage: Storage): InboxStore<Storage> {
  const operations = operationsOf(sqliteDialect);
  return withRowSizeLimit(sqlStore(durableObjectEngine(storage, operations), operations));
}

/**
 * Runs operations in the SQLite storage of the Durable Object that this code runs in.
 *
 * It does not wait for writes to be confirmed: the platform holds back every response and request of the object until then, and sends none
 * when a write fails.
 */
function durableObjectEngine<Storage extends DurableStorage>(
  storage: Storage,
  { complete }: Operations,
): SqlEngine<Storage> {
  function run<T>({ text, values, read }: Operation<T>): T {
    // The platform returns rows by column name.
    return read(storage.sql.exec(text, ...values).toArray() as readonly SqlRow[]);
  }

  return {
    durability: "power-loss",
    open: async () => {
      const version = run(hasSchemaOperation(sqliteDialect)) ? run(versionOperation(sqliteDialect)) : 0;
      const migrations = migrationsFrom(sqliteDialect, version);
      if (migrations.length === 0) return;
      storage.transactionSync(() => {
        for (const sql of migrations) storage.sql.exec(sql);
      });
    },
    read: async (operation) => run(operation),
    write: async (operation) => run(operation),
    transact: async (lease, work) =>
      storage.transactionSync(() => {
        if (!run(complete(lease))) return undefined;
        const value = work(storage);
        if (isPromiseLike(value)) throw new WebhookError("CONFIG_INVALID", ASYNC_WORK);
        return { value };
      }),
    close: async () => {},
  };
}

const ASYNC_WORK =
  "The work in `tx` must be synchronous in a Durable Object, because its transactions are. Do asynchronous work before `tx`.";
