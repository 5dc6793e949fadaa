import { Redis } from "ioredis";

/** The URL of the tests' Redis. */
export const REDIS_URL: string = process.env.REDIS_URL ?? "redis://127.0.0.1:6379";

/** Whether Redis can be reached. If it is required, its absence is an error; otherwise one line says that it is missing. */
export async function hasRedis(): Promise<boolean> {
  const client = new Redis(REDIS_URL, { lazyConnect: true, connectTimeout: 2_000, retryStrategy: () => null });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.quit();
    return true;
  } catch (cause) {
    if (process.env.REQUIRE_SERVICES === "1") throw new Error("Redis must be there, and is not.", { cause });
    console.log("Redis is not reachable (REDIS_URL): its tests are skipped.");
    return false;
  }
}

/** Deletes all keys of a prefix. */
export async function removeKeys(prefix: string, url: string = REDIS_URL): Promise<void> {
  const client = new Redis(url);
  for await (const keys of client.scanStream({ match: `{${prefix}}:*`, count: 1_000 }))
    if (keys.length > 0) await client.unlink(...keys);
  await client.quit();
}
