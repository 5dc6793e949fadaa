import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import pg from "pg";

/** Where the tests find Redis. */
export const REDIS_URL: string = process.env.REDIS_URL ?? "redis://127.0.0.1:6379";

/** Where the tests find Postgres. */
export const DATABASE_URL: string = process.env.DATABASE_URL ?? "postgres://postgres@127.0.0.1:5432/test";

/** A name of the test's own, for what it makes on servers that others use as well. */
export function ownName(): string {
  return `popp_${randomBytes(6).toString("hex")}`;
}

/** Whether Redis is there. Where it must be, its absence is a failure; elsewhere it is said in one line. */
export async function hasRedis(): Promise<boolean> {
  const client = new Redis(REDIS_URL, { lazyConnect: true, retryStrategy: () => null });
  client.on("error", () => {});
  return isThere("Redis", "REDIS_URL", async () => {
    await client.connect();
    client.disconnect();
  });
}

/** Whether a Redis of the test's own can be started, to be frozen. */
export function hasRedisServer(): boolean {
  const isInstalled = spawnSync("redis-server", ["--version"]).status === 0;
  if (!isInstalled) console.log("redis-server is not installed: the test of a frozen Redis is skipped.");
  return isInstalled;
}

/** Whether Postgres is there. */
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
