import { sqliteDialect } from "../sql/dialect.ts";
import type { Operations } from "../sql/operations.ts";
import { hasSchemaOperation, migrationsFrom, versionOperation } from "../sql/schema.ts";
import type { SqlEngine } from "../sql/sql-store.ts";
import type { Operation, SqlRow } from "../sql/statement.ts";
import type { D1Client } from "./client.ts";
import { type D1Batch, type Write, Writes } from "./d1-batch.ts";
import { assertHeld, isHeld } from "./guard.ts";

/** Runs operations in a D1 database. D1 runs each statement atomically and on the primary database. */
export function d1Engine(database: D1Client, { complete }: Operations): SqlEngine<D1Batch> {
  const prepared = ({ text, values }: Write) => database.prepare(text).bind(...values);

  async function run<T>(operation: Operation<T>): Promise<T> {
    const { results } = await prepared(operation).all();
    // D1 returns rows by column name.
    return operation.read(results as readonly SqlRow[]);
  }

  return {
    // A statement resolves when D1 has written it in more than one place.
    durability: "power-loss",
    open: async () => {
      const version = (await run(hasSchemaOperation(sqliteDialect))) ? await run(versionOperation(sqliteDialect)) : 0;
      const migrations = migrationsFrom(sqliteDialect, version);
      if (migrations.length > 0) await database.batch(migrations.map((sql) => database.prepare(sql)));
    },
    read: run,
    write: run,
    transact: async (lease, work) => {
      const writes = new Writes();
      const value = await work(writes);
      try {
        await database.batch([assertHeld(lease), complete(lease), ...writes.send()].map(prepared));
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
