import type { SqlRow } from "../../sql/statement.ts";
import type { PostgresAdapter, Query } from "./adapter.ts";
import type { PgliteDatabase, PgliteTransaction } from "./client.ts";

/** Adapts a PGlite. */
export function pgliteAdapter<Tx extends PgliteTransaction>(database: PgliteDatabase<Tx>): PostgresAdapter<Tx> {
  return {
    // PGlite runs Postgres with fsync off: a commit has reached the operating system, not the disk.
    embedded: database.dataDir === undefined || database.dataDir.startsWith("memory://") ? "none" : "process",
    query: queryOn(database),
    // When the callback ends, PGlite closes the transaction and refuses work that still runs.
    transaction: (work, expired) => database.transaction((tx) => Promise.race([work(tx, queryOn(tx)), expired])),
    reserve: undefined,
    replaceReadOnly: async () => {},
    watch: () => () => {},
  };
}

function queryOn(on: PgliteTransaction): Query {
  // PGlite returns rows by column name by default.
  return async (text, values) => (await on.query(text, [...values])).rows as readonly SqlRow[];
}
