import type { SqlRow } from "../../sql/statement.ts";
import type { AdapterOptions, PostgresAdapter, Query } from "./adapter.ts";
import type { PostgresJs, PostgresJsTransaction } from "./client.ts";
import { lend } from "./lend.ts";

/** Adapts the `sql` of postgres.js. */
export function postgresJsAdapter<Tx extends PostgresJsTransaction>(
  sql: PostgresJs<Tx>,
  { prepare }: Pick<AdapterOptions, "prepare">,
): PostgresAdapter<Tx> {
  const queryOn =
    (on: PostgresJsTransaction): Query =>
    async (text, values) =>
      // Rows come by column name. When `transform` renames columns, open() finds out.
      (await on.unsafe(text, [...values], { prepare: prepare && values.length > 0 })) as readonly SqlRow[];

  async function reserve<T>(work: (query: Query) => Promise<T>): Promise<T> {
    const connection = await sql.reserve?.();
    try {
      return await work(queryOn(connection ?? sql));
    } finally {
      connection?.release();
    }
  }

  return {
    embedded: undefined,
    query: queryOn(sql),
    transaction: (work, expired) =>
      new Promise((resolve, reject) => {
        let [finish, end, isOver] = [() => {}, () => {}, false];
        const commit = async (own: Tx) => {
          const loan = lend(own);
          end = loan.end;
          try {
            const value = await Promise.race([work(loan.tx, queryOn(loan.tx)), expired]);
            finish = () => resolve(value);
          } catch (error) {
            await turn();
            // A rollback on a closed connection would end the process (porsager/postgres#1208), so this promise never settles.
            if (isOver) await new Promise(() => {});
            throw error;
          } finally {
            end();
          }
        };
        // When the connection breaks, this rejects although the work may go on.
        sql.begin(commit).then(
          () => finish(),
          (error: unknown) => {
            isOver = true;
            end();
            reject(error);
          },
        );
      }),
    reserve: prepare && sql.reserve ? reserve : undefined,
    // postgres.js has no way to close one connection. The server has: it ends the one that asks.
    replaceReadOnly: async () =>
      sql.unsafe("SELECT pg_terminate_backend(pg_backend_pid()) WHERE current_setting('transaction_read_only') = 'on'"),
    watch: () => () => {},
  };
}

/** Waits for the next turn of the event loop, when a connection that broke with a statement is closed. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
