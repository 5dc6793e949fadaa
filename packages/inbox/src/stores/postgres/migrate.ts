import { postgresDialect } from "../sql/dialect.ts";
import { hasSchemaOperation, migrationsFrom, versionOperation } from "../sql/schema.ts";
import type { Operation } from "../sql/statement.ts";
import type { PostgresAdapter, Query } from "./adapter.ts";

/** The advisory lock that migrations are made under: the letters of "popp". */
const LOCK = 0x706f7070;

/**
 * Brings the tables up to date, in one transaction, while other processes that start wait for it.
 *
 * @param schema - the schema of Postgres to make, if one was named and is not there
 * @throws WebhookError `STORE_UNAVAILABLE` when the tables are newer than this version knows; nothing is touched then
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
  // What is up to date is left alone: neither the lock nor the right to create anything is needed then.
  if ((await missing(query)).length === 0) return;
  await transaction(async (_, ask) => {
    // A stricter default would show what was there before the lock was waited for.
    await ask("SET TRANSACTION ISOLATION LEVEL READ COMMITTED", []);
    await ask(`SELECT pg_advisory_xact_lock(${LOCK})`, []);
    if (schema !== undefined && (await ask("SELECT 1 WHERE to_regnamespace($1) IS NOT NULL", [schema])).length === 0)
      await ask(`CREATE SCHEMA "${schema}"`, []);
    for (const sql of await missing(ask)) await ask(qualified(sql), []);
  }, expired);
}
