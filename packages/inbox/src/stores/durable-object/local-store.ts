import { WebhookError } from "@popp-webhooks/core";
import { isPromiseLike } from "@popp-webhooks/core/internal";
import type { InboxStore } from "../../ports/store.ts";
import type { Batch } from "../sql/batch.ts";
import { complete } from "../sql/claim.ts";
import { withRowSizeLimit } from "../sql/row-size.ts";
import { migrateTables, type TablesOptions } from "../sql/schema/migrate.ts";
import { type SqlEngine, sqlStore } from "../sql/sql-store.ts";
import type { SqlRow } from "../sql/statement.ts";
import type { DurableStorage } from "./storage.ts";

/** A store in the Durable Object that this code runs in. */
export function localStore<Storage extends DurableStorage>(
  storage: Storage,
  options: TablesOptions,
): InboxStore<Storage> {
  return withRowSizeLimit(sqlStore(durableObjectEngine(storage, options)));
}

/**
 * Runs batches in the SQLite storage of the Durable Object that this code runs in.
 *
 * It does not wait for writes to be confirmed: the platform holds back every response and request of the object until then, and sends none
 * when a write fails.
 */
function durableObjectEngine<Storage extends DurableStorage>(
  storage: Storage,
  options: TablesOptions,
): SqlEngine<Storage> {
  function run<T>({ operations, read }: Batch<T>): T {
    // The platform returns rows by column name.
    const rows = operations.map(({ text, values }) => storage.sql.exec(text, ...values).toArray() as readonly SqlRow[]);
    return read(rows);
  }

  const runner: Pick<SqlEngine<Storage>, "read" | "write"> = {
    read: async (batch) => run(batch),
    write: async (batch) => storage.transactionSync(() => run(batch)),
  };

  return {
    ...runner,
    durability: "power-loss",
    open: async () => void (await migrateTables(runner, options)),
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
