import { randomBytes } from "node:crypto";
import { describeStore } from "@popp-webhooks/testing/store";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { describe } from "vitest";
import { hasRedis, REDIS_URL, removeKeys } from "../faults/keyspace.ts";
import { type RedisClient, redisStore } from "./redis.ts";

/** Each store under a prefix of its own, and each handle with a client of its own, as another process would have. */
function through(connectTo: () => Promise<Connected>) {
  return async () => {
    const prefix = `popp-test-${randomBytes(6).toString("hex")}`;
    const clients: Connected[] = [];
    const open = async () => {
      const connected = await connectTo();
      clients.push(connected);
      return redisStore(connected.client, { prefix, allowDataLoss: true });
    };
    return {
      store: await open(),
      connect: async () => {
        const store = await open();
        await store.open();
        return store;
      },
      close: async () => {
        for (const { end } of clients) await end();
        await removeKeys(prefix);
      },
    };
  };
}

interface Connected {
  readonly client: RedisClient;
  readonly end: () => Promise<unknown>;
}

describe.skipIf(!(await hasRedis()))("on a server", () => {
  describeStore(
    "ioredis",
    through(async () => {
      const client = new Redis(REDIS_URL);
      return { client, end: () => client.quit() };
    }),
  );
  describeStore(
    "node-redis",
    through(async () => {
      const client = createClient({ url: REDIS_URL });
      await client.connect();
      return { client, end: () => client.close() };
    }),
  );
});
