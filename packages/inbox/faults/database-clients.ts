import type { PGlite, Transaction } from "@electric-sql/pglite";
import pg, { type PoolClient } from "pg";
import postgres, { type TransactionSql } from "postgres";
import type { InboxStore } from "../src/index.ts";
import { type PostgresStoreOptions, postgresStore } from "../src/stores/postgres/index.ts";
import type { TestSchema } from "./database.ts";

type Rows = readonly Record<string, unknown>[];

/** A store with one client, and direct access for the test. */
export interface TestClient<Tx = unknown> {
  readonly store: InboxStore<Tx>;
  /** Runs SQL in a transaction of the client. */
  run(tx: Tx, sql: string): Promise<Rows>;
  /** Runs SQL outside the store. */
  rows(sql: string): Promise<Rows>;
  end(): Promise<void>;
}

/** Options to open a client. */
export interface TestClientOptions extends PostgresStoreOptions {
  readonly connections?: number;
}

/** Long timeouts, so that no statement fails because the machine is slow. A test sets its own where it needs short ones. */
const PATIENT = { statementTimeoutMs: 60_000, transactionTimeoutMs: 120_000 };

/** Opens a `pg` pool in a schema. */
export async function pgClient(
  schema: TestSchema,
  { connections = 10, ...options }: TestClientOptions = {},
): Promise<TestClient<PoolClient> & { readonly pool: pg.Pool }> {
  const pool = new pg.Pool({ connectionString: schema.url, max: connections });
  return {
    pool,
    store: postgresStore(pool, { ...PATIENT, schema: schema.name, ...options }),
    run: async (tx, sql) => (await tx.query(sql)).rows,
    rows: (sql) => schema.rows(sql),
    end: () => pool.end(),
  };
}

/** Opens postgres.js in a schema. */
export async function postgresJsClient(
  schema: TestSchema,
  { connections = 10, ...options }: TestClientOptions = {},
): Promise<TestClient<TransactionSql>> {
  const sql = postgres(schema.url, { max: connections, onnotice: () => {} });
  return {
    store: postgresStore(sql, { ...PATIENT, schema: schema.name, ...options }),
    run: async (tx, text) => await tx.unsafe(text),
    rows: (text) => schema.rows(text),
    end: () => sql.end({ timeout: 1 }),
  };
}

/** Empties an open PGlite and opens a store on it: a new PGlite takes seconds to start. */
export async function pgliteClient(
  database: PGlite,
  { connections: _, ...options }: TestClientOptions = {},
): Promise<TestClient<Transaction>> {
  await database.exec("DROP SCHEMA IF EXISTS popp CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public");
  return {
    store: postgresStore(database, { ...PATIENT, ...options }),
    run: async (tx, sql) => (await tx.query<Record<string, unknown>>(sql)).rows,
    rows: async (sql) => (await database.query<Record<string, unknown>>(sql)).rows,
    end: async () => {},
  };
}
