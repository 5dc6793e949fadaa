import type { SqlRow } from "../sql/statement.ts";
import type { PostgresAdapter, Query } from "./adapter.ts";
import type { PgliteDatabase, PgliteTransaction } from "./client.ts";

/** Brings a PGlite to the one shape. */
export function pgliteAdapter<Tx extends PgliteTransaction>(database: PgliteDatabase<Tx>): PostgresAdapter<Tx> {
  return {
    // It runs Postgres with fsync off: what is committed has reached the system, not the disk.
    embedded: database.dataDir === undefined || database.dataDir.startsWith("memory://") ? "none" : "process",
    query: queryOn(database),
    // Ending the callback closes the transaction: work that still runs is refused from then on.
    transaction: (work, expired) => database.transaction((tx) => Promise.race([work(tx, queryOn(tx)), expired])),
    watch: () => () => {},
  };
}

function queryOn(on: PgliteTransaction): Query {
  // The join: rows come by column name, unless asked for otherwise.
  return async (text, values) => (await on.query(text, [...values])).rows as readonly SqlRow[];
}
