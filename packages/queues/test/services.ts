import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import pg from "pg";

/** The URL of the tests' Redis. */
export const REDIS_URL: string = process.env.REDIS_URL ?? "redis://127.0.0.1:6379";

/** The URL of the tests' Postgres. */
export const DATABASE_URL: string = process.env.DATABASE_URL ?? "postgres://postgres@127.0.0.1:5432/test";

/** Creates a unique name for objects on a shared server. */
export function ownName(): string {
  return `popp_${randomBytes(6).toString("hex")}`;
}

/** Whether Redis can be reached. If it is required, its absence is an error; otherwise one line says that it is missing. */
export async function hasRedis(): Promise<boolean> {
  const client = new Redis(REDIS_URL, { lazyConnect: true, retryStrategy: () => null });
  client.on("error", () => {});
  return isThere("Redis", "REDIS_URL", async () => {
    await client.connect();
    client.disconnect();
  });
}

/** Whether the tests can start a separate Redis that they freeze. */
export function hasRedisServer(): boolean {
  const isInstalled = spawnSync("redis-server", ["--version"]).status === 0;
  if (!isInstalled) console.log("redis-server is not installed: the test of a frozen Redis is skipped.");
  return isInstalled;
}

/** Whether Postgres can be reached. */
export async function hasPostgres(): Promise<boolean> {
  const client = new pg.Client({ connectionString: DATABASE_URL, connectionTimeoutMillis: 2_000 });
  return isThere("Postgres", "DATABASE_URL", async () => {
    await client.connect();
    await client.end();
  });
}

async function isThere(name: string, variable: string, connect: () => Promise<void>): Promise<boolean> {
  try {
    await connect();
    return true;
  } catch (cause) {
    if (process.env.REQUIRE_SERVICES === "1") throw new Error(`${name} must be there, and is not.`, { cause });
    console.log(`${name} is not reachable (${variable}): its tests are skipped.`);
    return false;
  }
}
