import type {
  PgConnection,
  PgPool,
  PostgresClient,
  PostgresJs,
  PostgresJsTransaction,
} from "@popp-webhooks/inbox/postgres";
import { storeError } from "./store-error.ts";
import { loadInstalled } from "./user-module.ts";

/** A connection to Postgres. */
export interface PostgresConnection {
  readonly client: PostgresClient<never>;
  /** Runs a statement without values. */
  rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  close(): Promise<void>;
}

const CONNECT_SECONDS = 5;

interface Pool extends PgPool<PgConnection> {
  query(statement: string | object): Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>;
  end(): Promise<void>;
}
type Sql = PostgresJs<PostgresJsTransaction> & { end(options: { readonly timeout: number }): Promise<void> };

/** Connects with the driver that the user's project has. */
export async function connectPostgres(url: URL): Promise<PostgresConnection> {
  const driver = await loadInstalled(["pg", "postgres"]);
  if (driver === undefined)
    throw storeError(
      "DRIVER_MISSING",
      "A Postgres store needs the package pg or postgres. Run: npm install --save-dev pg",
    );
  if (driver.name === "pg") {
    const Pool = driver.exports.Pool as new (options: object) => Pool;
    const pool = new Pool({
      ...{ connectionString: url.href, connectionTimeoutMillis: CONNECT_SECONDS * 1_000, keepAlive: true, max: 2 },
      application_name: "popp-webhooks",
    });
    pool.on("error", () => {});
    return {
      client: pool as unknown as PostgresClient<never>,
      rows: async (sql) => (await pool.query(sql)).rows,
      close: () => pool.end(),
    };
  }
  const connect = driver.exports.default as (url: string, options: object) => Sql;
  const sql = connect(url.href, { connect_timeout: CONNECT_SECONDS, max: 2, onnotice: () => {} });
  return {
    client: sql as unknown as PostgresClient<never>,
    rows: async (text) => (await sql.unsafe(text)) as readonly Readonly<Record<string, unknown>>[],
    close: () => sql.end({ timeout: 1 }),
  };
}
