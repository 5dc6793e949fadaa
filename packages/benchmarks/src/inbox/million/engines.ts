import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InboxStore } from "@popp-webhooks/inbox";
import { postgresStore } from "@popp-webhooks/inbox/postgres";
import { redisStore } from "@popp-webhooks/inbox/redis";
import { sqliteStore } from "@popp-webhooks/inbox/sqlite";
import { Redis } from "ioredis";
import pg from "pg";

/** A store of a server or a file of its own, and what only this engine can tell. */
export interface Engine {
  readonly name: string;
  /** Creates the store. It is created anew after an inbox has closed it. */
  readonly store: () => InboxStore<unknown>;
  /** The path of its file. */
  readonly path?: string;
  /** How large its file is; the store is closed. */
  readonly bytes?: () => number;
  /** Lets the engine learn about the data, as it does by itself from time to time. */
  readonly analyze?: () => Promise<void>;
  /** Called once the store is open for the first time. */
  readonly prepare?: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

/** Creates a file in a temporary folder. */
export async function sqlite(): Promise<Engine> {
  const folder = mkdtempSync(join(tmpdir(), "popp-million-"));
  const path = join(folder, "inbox.db");
  return {
    name: "SQLite",
    path,
    store: () => sqliteStore(path),
    bytes: () => statSync(path).size,
    remove: async () => rmSync(folder, { recursive: true }),
  };
}

/** Creates a schema in the Postgres of `DATABASE_URL`. Its tables are never analyzed until `analyze` is called. */
export async function postgres(): Promise<Engine> {
  const connectionString = process.env.DATABASE_URL ?? "postgres://postgres@127.0.0.1:5432/test";
  const schema = `popp_${randomBytes(6).toString("hex")}`;
  const pool = new pg.Pool({ connectionString, max: 10, connectionTimeoutMillis: 2_000 });
  pool.on("error", () => {});
  try {
    await pool.query(`CREATE SCHEMA ${schema}`);
  } catch (cause) {
    await pool.end();
    throw cause;
  }
  const eachTable = async (sql: (table: string) => string) => {
    const { rows } = await pool.query("SELECT tablename AS name FROM pg_tables WHERE schemaname = $1", [schema]);
    for (const { name } of rows) await pool.query(sql(`${schema}."${name}"`));
  };
  return {
    name: "Postgres",
    store: () => postgresStore(pool, { schema }),
    prepare: () => eachTable((table) => `ALTER TABLE ${table} SET (autovacuum_analyze_threshold = 2147483647)`),
    analyze: () => eachTable((table) => `ANALYZE ${table}`),
    remove: async () => {
      await pool.query(`DROP SCHEMA ${schema} CASCADE`);
      await pool.end();
    },
  };
}

/** Chooses a prefix in the Redis of `REDIS_URL`. */
export async function redis(): Promise<Engine> {
  const url = process.env.REDIS_URL ?? "redis://127.0.0.1:6379";
  const client = new Redis(url, { lazyConnect: true, connectTimeout: 2_000, maxRetriesPerRequest: 1 });
  client.on("error", () => {});
  try {
    await client.connect();
  } catch (cause) {
    client.disconnect();
    throw cause;
  }
  const prefix = `popp-${randomBytes(6).toString("hex")}`;
  return {
    name: "Redis",
    store: () => redisStore(client, { prefix, allowDataLoss: true }),
    remove: async () => {
      for await (const keys of client.scanStream({ match: `{${prefix}}:*`, count: 1_000 }))
        if (keys.length > 0) await client.unlink(...keys);
      await client.quit();
    },
  };
}
