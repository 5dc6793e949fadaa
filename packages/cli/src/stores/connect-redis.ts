import type { RedisClient } from "@popp-webhooks/inbox/redis";
import { answered } from "./answered.ts";
import { storeError } from "./store-error.ts";
import { loadInstalled } from "./user-module.ts";

/** A connection to Redis. */
export interface RedisConnection {
  readonly client: RedisClient;
  /** Sends a command, and returns its reply with texts. */
  send(command: string, ...args: string[]): Promise<unknown>;
  close(): Promise<void>;
}

const CONNECT_MS = 5_000;

interface IoRedis {
  connect(): Promise<void>;
  call(command: string, ...args: string[]): Promise<unknown>;
  on(event: "error", listener: (error: unknown) => void): unknown;
  disconnect(): void;
}
interface NodeRedis {
  connect(): Promise<unknown>;
  sendCommand(args: readonly string[]): Promise<unknown>;
  on(event: "error", listener: (error: unknown) => void): unknown;
  destroy?(): void;
  disconnect(): Promise<void>;
}

/** Connects with the driver that the user's project has. */
export async function connectRedis(url: URL): Promise<RedisConnection> {
  const driver = await loadInstalled(["ioredis", "redis"]);
  if (driver === undefined)
    throw storeError(
      "DRIVER_MISSING",
      "A Redis store needs the package ioredis or redis. Run: npm install --save-dev ioredis",
    );
  return driver.name === "ioredis" ? ioRedis(driver.exports, url) : nodeRedis(driver.exports, url);
}

async function ioRedis(exports: Readonly<Record<string, unknown>>, url: URL): Promise<RedisConnection> {
  const Redis = (exports.Redis ?? exports.default) as new (url: string, options: object) => IoRedis;
  const client = new Redis(url.href, {
    ...{ lazyConnect: true, connectTimeout: CONNECT_MS, enableOfflineQueue: false, maxRetriesPerRequest: 0 },
    retryStrategy: () => null,
    connectionName: "popp-webhooks",
  });
  await firstError(client, () => client.connect());
  return {
    client: client as unknown as RedisClient,
    send: (command, ...args) => client.call(command, ...args),
    close: async () => client.disconnect(),
  };
}

async function nodeRedis(exports: Readonly<Record<string, unknown>>, url: URL): Promise<RedisConnection> {
  const createClient = exports.createClient as (options: object) => NodeRedis;
  const client = createClient({
    ...{ url: url.href, disableOfflineQueue: true, name: "popp-webhooks" },
    socket: { connectTimeout: CONNECT_MS, reconnectStrategy: false },
  });
  await firstError(client, () => client.connect());
  return {
    client: client as unknown as RedisClient,
    send: (command, ...args) => client.sendCommand([command, ...args]),
    close: async () => void (client.destroy ? client.destroy() : await client.disconnect()),
  };
}

/** The promise of ioredis says only that the connection is closed. Its `error` event says why. */
async function firstError(client: Pick<IoRedis, "on">, connect: () => Promise<unknown>): Promise<void> {
  const errors: unknown[] = [];
  client.on("error", (error) => errors.push(error));
  await answered(connect(), CONNECT_MS).catch((error: unknown) => {
    throw errors[0] ?? error;
  });
}
