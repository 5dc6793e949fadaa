import type { AdapterOptions, PostgresAdapter, Query } from "./adapter.ts";
import type { PgConnection, PgPool } from "./client.ts";
import { lend } from "./lend.ts";

/**
 * The name of a prepared statement: a hash of its text. A name must mean the same text in every process, whatever its version: a pooler may give one process
 * the connection on which another has prepared its own.
 */
function nameOf(text: string): string {
  let [low, high] = [0x811c9dc5, 0x1b873593];
  for (let at = 0; at < text.length; at++) {
    low = Math.imul(low ^ text.charCodeAt(at), 0x01000193);
    high = Math.imul(high ^ text.charCodeAt(at), 0x85ebca6b) ^ (low >>> 13);
  }
  return `popp_inbox_${(high >>> 0).toString(36)}${(low >>> 0).toString(36)}_${text.length}`;
}

type Queryable = Pick<PgConnection, "query">;

/** Adapts a pool of `pg`. */
export function pgAdapter<Tx extends PgConnection>(
  pool: PgPool<Tx>,
  { prepare, statementTimeoutMs }: AdapterOptions,
): PostgresAdapter<Tx> {
  const names = new Map<string, string>();
  const named = (text: string) => {
    const name = names.get(text) ?? nameOf(text);
    names.set(text, name);
    return { name };
  };
  const queryOn =
    (on: Queryable): Query =>
    async (text, values) =>
      (
        await on.query({
          ...(prepare && values.length > 0 && named(text)),
          text,
          values: [...values],
          query_timeout: statementTimeoutMs,
        })
      ).rows;

  async function reserve<T>(work: (query: Query) => Promise<T>): Promise<T> {
    const connection = await pool.connect();
    try {
      return await work(queryOn(connection));
    } finally {
      connection.release();
    }
  }

  return {
    embedded: undefined,
    query: queryOn(pool),
    transaction: async (work, expired) => {
      const connection: Tx = await pool.connect();
      const query = queryOn(connection);
      const breakage = breakageOf(connection);
      const loan = lend(connection);
      let broken: Error | undefined;
      try {
        await query("BEGIN", []);
        const value = await Promise.race([work(loan.tx, query), expired, breakage.broken]).finally(loan.end);
        await query("COMMIT", []);
        return value;
      } catch (error) {
        // Late work may be in the middle of a statement, so the rollback has a time limit too.
        broken = await Promise.race([query("ROLLBACK", []), expired, breakage.broken]).then(() => undefined, asError);
        throw error;
      } finally {
        if (broken === undefined) breakage.forget();
        connection.release(broken);
      }
    },
    reserve: prepare ? reserve : undefined,
    replaceReadOnly: async () => {
      const connection = await pool.connect();
      const [row] = await queryOn(connection)("SHOW transaction_read_only", []).catch(() => []);
      connection.release(row?.transaction_read_only === "off" ? undefined : new Error("The server is read-only."));
    },
    watch: () => {
      // The pool has removed the connection already. Without a listener, Node would end the process.
      pool.on("error", ignore);
      return () => void pool.removeListener("error", ignore);
    },
  };
}

/** Rejects when the connection breaks while the work runs. Without the listener, the error event would end the process. */
function breakageOf(connection: PgConnection): { readonly broken: Promise<never>; readonly forget: () => void } {
  let hear: (error: Error) => void = ignore;
  const broken = new Promise<never>((_, reject) => {
    hear = reject;
  });
  broken.catch(ignore);
  connection.on("error", hear);
  return { broken, forget: () => void connection.removeListener("error", hear) };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error("The transaction could not be rolled back.");
}

function ignore(): void {}
