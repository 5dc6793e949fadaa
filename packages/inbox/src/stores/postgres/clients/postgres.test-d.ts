import type { PGlite, Transaction } from "@electric-sql/pglite";
import type { Client, Pool, PoolClient } from "pg";
import type { Sql, TransactionSql } from "postgres";
import { createInbox } from "../../../index.ts";
import type { InboxStore } from "../../../ports/store.ts";
import { postgresStore } from "../index.ts";

declare const [pool, client, pglite, sql]: [Pool, Client, PGlite, Sql];

// The type of a transaction depends on the client.
postgresStore(pool) satisfies InboxStore<PoolClient>;
postgresStore(pglite) satisfies InboxStore<Transaction>;
postgresStore(sql) satisfies InboxStore<TransactionSql>;

// @ts-expect-error the transaction of another client
postgresStore(pool) satisfies InboxStore<Transaction>;

// @ts-expect-error a single connection, not a pool
postgresStore(client);

// Handlers get the client's type.
createInbox({
  store: postgresStore(pool),
  on: {
    CONVERSATION_COMPLETED: (event, { tx }) =>
      tx(async (connection) => {
        connection satisfies PoolClient;
        await connection.query("INSERT INTO outcomes (candidate) VALUES ($1)", [event.data.recordId]);
      }),
  },
});
createInbox({
  store: postgresStore(sql),
  on: {
    CONVERSATION_COMPLETED: (event, { tx }) =>
      tx((transaction) => transaction`INSERT INTO outcomes (candidate) VALUES (${event.data.recordId ?? null})`),
  },
});
createInbox({
  store: postgresStore(pglite),
  on: {
    CONVERSATION_COMPLETED: (event, { tx }) =>
      tx((transaction) => transaction.query("INSERT INTO outcomes (candidate) VALUES ($1)", [event.data.recordId])),
  },
});
