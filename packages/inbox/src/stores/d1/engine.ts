import type { Batch } from "../sql/batch.ts";
import { complete } from "../sql/claim.ts";
import { migrateTables, type TablesOptions } from "../sql/schema/migrate.ts";
import type { SqlEngine } from "../sql/sql-store.ts";
import type { SqlRow } from "../sql/statement.ts";
import type { D1Client } from "./client.ts";
import { type D1Batch, type Write, Writes } from "./d1-batch.ts";
import { assertHeld, isHeld } from "./guard.ts";

/** Runs batches in a D1 database: each in one transaction, and on the primary database. */
export function d1Engine(database: D1Client, options: TablesOptions): SqlEngine<D1Batch> {
  const prepared = ({ text, values }: Write) => database.prepare(text).bind(...values);

  async function run<T>({ operations, read }: Batch<T>): Promise<T> {
    const [only, ...more] = operations.map(prepared);
    const results =
      only !== undefined && more.length === 0 ? [await only.all()] : await database.batch(operations.map(prepared));
    // D1 returns rows by column name.
    return read(results.map((result) => result.results as readonly SqlRow[]));
  }

  return {
    // A statement resolves when D1 has written it in more than one place.
    durability: "power-loss",
    open: async () => void (await migrateTables({ read: run, write: run }, options)),
    read: run,
    write: run,
    transact: async (lease, work) => {
      const writes = new Writes();
      const value = await work(writes);
      try {
        const operations = [...assertHeld(lease).operations, ...complete(lease).operations, ...writes.send()];
        await database.batch(operations.map(prepared));
        return { value };
      } catch (error) {
        // A lost lease never comes back, so this later check has the same answer as the check in the batch.
        const held = await run(isHeld(lease)).catch(() => true);
        if (held) throw error;
        return undefined;
      }
    },
    close: async () => {},
  };
}
