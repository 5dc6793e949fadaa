import { PGlite, type Transaction } from "@electric-sql/pglite";
import { describeStore } from "@popp-webhooks/testing/store";
import pg, { type PoolClient } from "pg";
import postgres, { type TransactionSql } from "postgres";
import { afterAll, beforeAll, describe } from "vitest";
import { hasPostgres, type TestSchema, testSchema } from "../../../faults/database.ts";
import { postgresStore } from "./index.ts";

const LEAVE = "INSERT INTO marks DEFAULT VALUES";
/** Long timeouts, so that no statement fails because the machine is slow. */
const PATIENT = { statementTimeoutMs: 60_000, transactionTimeoutMs: 120_000 };
const MARKS = "CREATE TABLE marks (id INT GENERATED ALWAYS AS IDENTITY)";

let schema: TestSchema;

/** The cases share one schema. Each handle has its own client, as another process would have. */
function onServer<Tx>(connectTo: (url: string) => Handle<Tx>, leave: (tx: Tx) => Promise<void>) {
  return async () => {
    const first = connectTo(schema.url);
    const handles = [first];
    return {
      store: first.store,
      connect: async () => {
        const handle = connectTo(schema.url);
        handles.push(handle);
        await handle.store.open();
        return handle.store;
      },
      sideEffects: { write: leave, count: async () => (await schema.rows("SELECT id FROM marks")).length },
      close: async () => {
        for (const { store, end } of handles) {
          await store.close();
          await end();
        }
        await schema.clear();
      },
    };
  };
}

interface Handle<Tx> {
  readonly store: ReturnType<typeof postgresStore<Tx>>;
  readonly end: () => Promise<void>;
}

describe.skipIf(!(await hasPostgres()))("on a server", () => {
  beforeAll(async () => {
    schema = await testSchema();
    await schema.rows(MARKS);
  });
  afterAll(() => schema.drop());

  describeStore(
    "pg",
    onServer(
      (connectionString): Handle<PoolClient> => {
        const pool = new pg.Pool({ connectionString });
        return { store: postgresStore(pool, { schema: schema.name, ...PATIENT }), end: () => pool.end() };
      },
      async (client) => void (await client.query(LEAVE)),
    ),
  );
  describeStore(
    "pg, prepared",
    onServer(
      (connectionString): Handle<PoolClient> => {
        const pool = new pg.Pool({ connectionString });
        return {
          store: postgresStore(pool, { schema: schema.name, prepare: true, ...PATIENT }),
          end: () => pool.end(),
        };
      },
      async (client) => void (await client.query(LEAVE)),
    ),
  );
  describeStore(
    "postgres.js",
    onServer(
      (url): Handle<TransactionSql> => {
        const sql = postgres(url, { onnotice: () => {} });
        return { store: postgresStore(sql, { schema: schema.name, ...PATIENT }), end: () => sql.end() };
      },
      async (sql) => void (await sql.unsafe(LEAVE)),
    ),
  );
});

describe("in process", () => {
  const database = new PGlite();
  afterAll(() => database.close());

  const open = async () => {
    await database.exec(
      `DROP SCHEMA IF EXISTS popp CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public; ${MARKS}`,
    );
    const store = postgresStore(database);
    return {
      store,
      connect: async () => {
        const other = postgresStore(database);
        await other.open();
        return other;
      },
      sideEffects: {
        write: async (tx: Transaction) => void (await tx.query(LEAVE)),
        count: async () => (await database.query("SELECT id FROM marks")).rows.length,
      },
      close: () => store.close(),
    };
  };
  describeStore("PGlite", open, {
    impossible: { "uses the store's clock, not the caller's": "it runs in this process and uses its clock" },
  });
});
