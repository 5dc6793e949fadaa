import type { InboxStore } from "../src/index.ts";
import { postgresStore } from "../src/stores/postgres/index.ts";
import { redisStore } from "../src/stores/redis/index.ts";

/** The kind of a store, and where it is. */
export interface ServerStore {
  readonly kind: "postgres" | "postgres.js" | "redis" | "node-redis";
  readonly url: string;
  /** The schema or prefix that separates it from other tests on the same server. */
  readonly namespace: string;
  /** The largest number of connections, for clients with several. */
  readonly connections?: number;
  /** Waits for a minute instead of seconds, so that no delivery fails because the machine is slow. */
  readonly isPatient?: boolean;
  /** Accepts a Postgres that can lose commits. */
  readonly allowUnsafeCommit?: boolean;
  /** Accepts a Redis that may lose acknowledged writes. */
  readonly allowDataLoss?: boolean;
}

/** How long a patient process waits for its store, in milliseconds. */
export const PATIENCE_MS = 60_000;

/** A store on a server, and a function that closes its client. */
export interface OpenStore {
  readonly store: InboxStore<unknown>;
  readonly end: () => Promise<void>;
}

const OPENERS: Readonly<Record<ServerStore["kind"], (where: ServerStore) => Promise<OpenStore>>> = {
  postgres: async ({ url, namespace, connections = 10, isPatient = false, allowUnsafeCommit = false }) => {
    const { default: pg } = await import("pg");
    const pool = new pg.Pool({
      connectionString: url,
      max: connections,
      connectionTimeoutMillis: isPatient ? PATIENCE_MS : 2_000,
    });
    const options = { schema: namespace, allowUnsafeCommit, ...(isPatient && { statementTimeoutMs: PATIENCE_MS }) };
    return { store: postgresStore(pool, options), end: () => pool.end() };
  },
  "postgres.js": async ({ url, namespace, connections = 10 }) => {
    const { default: postgres } = await import("postgres");
    const sql = postgres(url, { max: connections, connect_timeout: 2, onnotice: () => {} });
    return { store: postgresStore(sql, { schema: namespace }), end: () => sql.end() };
  },
  redis: async ({ url, namespace, isPatient = false, allowDataLoss = false }) => {
    const { Redis } = await import("ioredis");
    const client = new Redis(url, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: isPatient ? PATIENCE_MS : 2_000,
      lazyConnect: true,
    });
    client.on("error", () => {});
    await client.connect();
    return { store: redisStore(client, { prefix: namespace, allowDataLoss }), end: async () => client.disconnect() };
  },
  "node-redis": async ({ url, namespace, allowDataLoss = false }) => {
    const { createClient } = await import("redis");
    const client = createClient({ url, disableOfflineQueue: true });
    client.on("error", () => {});
    await client.connect();
    return { store: redisStore(client, { prefix: namespace, allowDataLoss }), end: async () => client.destroy() };
  },
};

/** Creates the store of a process under test. */
export function serverStoreOf(where: ServerStore): Promise<OpenStore> {
  return OPENERS[where.kind](where);
}
