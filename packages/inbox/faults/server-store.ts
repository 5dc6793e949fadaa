import type { InboxStore } from "../src/index.ts";
import { postgresStore } from "../src/stores/postgres/index.ts";
import { redisStore } from "../src/stores/redis/index.ts";

/** Which store, and where. */
export interface ServerStore {
  readonly kind: "postgres" | "postgres.js" | "redis" | "node-redis";
  readonly url: string;
  /** What keeps it apart from other tests on the same server: a schema, or a prefix. */
  readonly namespace: string;
  /** How many connections it may take, where it takes several. */
  readonly connections?: number;
  /** Takes a Postgres that can lose what it has committed. */
  readonly allowUnsafeCommit?: boolean;
  /** Takes a Redis that may lose what it has acknowledged. */
  readonly allowDataLoss?: boolean;
}

/** A store on a server, and how to let its client go. */
export interface OpenStore {
  readonly store: InboxStore<unknown>;
  readonly end: () => Promise<void>;
}

const OPENERS: Readonly<Record<ServerStore["kind"], (where: ServerStore) => Promise<OpenStore>>> = {
  postgres: async ({ url, namespace, connections = 10, allowUnsafeCommit = false }) => {
    const { default: pg } = await import("pg");
    const pool = new pg.Pool({ connectionString: url, max: connections, connectionTimeoutMillis: 2_000 });
    return { store: postgresStore(pool, { schema: namespace, allowUnsafeCommit }), end: () => pool.end() };
  },
  "postgres.js": async ({ url, namespace, connections = 10 }) => {
    const { default: postgres } = await import("postgres");
    const sql = postgres(url, { max: connections, connect_timeout: 2, onnotice: () => {} });
    return { store: postgresStore(sql, { schema: namespace }), end: () => sql.end() };
  },
  redis: async ({ url, namespace, allowDataLoss = false }) => {
    const { Redis } = await import("ioredis");
    const client = new Redis(url, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 1,
      commandTimeout: 2_000,
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

/** Makes the store that a process under test is told to use. */
export function serverStoreOf(where: ServerStore): Promise<OpenStore> {
  return OPENERS[where.kind](where);
}
