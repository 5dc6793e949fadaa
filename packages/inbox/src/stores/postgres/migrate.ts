import { postgresDialect } from "../sql/dialect.ts";
import { hasSchemaOperation, migrationsFrom, versionOperation } from "../sql/schema.ts";
import type { Operation } from "../sql/statement.ts";
import type { PostgresAdapter, Query } from "./adapter.ts";

/** The advisory lock of migrations: the letters of "popp". */
const LOCK = 0x706f7070;

/**
 * Brings the tables up to date in one transaction. Other processes that start wait for it.
 *
 * @param schema - the schema to create when it does not exist; undefined for none
 * @throws WebhookError `STORE_UNAVAILABLE` when the tables are newer than this version knows; they are left untouched
 */
export async function migrate<Tx>(
  { query, transaction }: PostgresAdapter<Tx>,
  {
    schema,
    qualified,
    expired,
  }: {
    readonly schema: string | undefined;
    readonly qualified: (text: string) => string;
    readonly expired: Promise<never>;
  },
): Promise<void> {
  const missing = async (ask: Query) => {
    const run = async <T>({ text, values, read }: Operation<T>) => read(await ask(qualified(text), values));
    const hasSchema = await run(hasSchemaOperation(postgresDialect));
    return migrationsFrom(postgresDialect, hasSchema ? await run(versionOperation(postgresDialect)) : 0);
  };
  // Tables that are up to date need neither the lock nor the right to create anything.
  if ((await missing(query)).length === 0) return;
  await transaction(async (_, ask) => {
    // A stricter isolation level would show the tables as they were before the wait for the lock.
    await ask("SET TRANSACTION ISOLATION LEVEL READ COMMITTED", []);
    await ask(`SELECT pg_advisory_xact_lock(${LOCK})`, []);
    if (schema !== undefined && (await ask("SELECT 1 WHERE to_regnamespace($1) IS NOT NULL", [schema])).length === 0)
      await ask(`CREATE SCHEMA "${schema}"`, []);
    for (const sql of await missing(ask)) await ask(qualified(sql), []);
  }, expired);
}
