import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { createInbox } from "../src/index.ts";
import { parseState } from "../src/ports/event-state.ts";
import { redisStore } from "../src/stores/redis/index.ts";
import { hasRedis, REDIS_URL, removeKeys } from "./keyspace.ts";
import { DURABLE, hasRedisProgram, ownRedis } from "./own-redis.ts";
import {
  failingServerFaults,
  leftAfterCrash,
  type PlaceOn,
  type ServerPlace,
  sharedServerFaults,
} from "./server-faults.ts";

async function prefixOn(url: string): Promise<ServerPlace> {
  const namespace = `popp-test-${randomBytes(6).toString("hex")}`;
  const client = new Redis(url);
  client.on("error", () => {});
  const store = redisStore(client, { prefix: namespace, allowDataLoss: true });
  return {
    where: { url, namespace },
    count: async (state) => (await store.stats("popp")).counts[parseState(state)],
    end: async () => {
      client.disconnect();
      await removeKeys(namespace, url);
    },
  };
}

/** The shared server of the tests may keep nothing across a crash. */
const looselyOn: PlaceOn = async (url) => {
  const place = await prefixOn(url);
  return { ...place, where: { ...place.where, allowDataLoss: true } };
};

describe.skipIf(!(await hasRedis()))("processes on one Redis", () => sharedServerFaults("redis", looselyOn, REDIS_URL));

describe.skipIf(!hasRedisProgram())("a separate Redis", () => {
  failingServerFaults(["redis", "node-redis"], prefixOn, () => ownRedis(DURABLE));

  it("would lose acknowledged events without an append-only file, so it is refused", async (context) => {
    const server = await ownRedis([]);
    context.onTestFinished(() => server.end());
    expect(await leftAfterCrash(context, looselyOn, server, { kind: "redis" })).toBe(0);
  });

  it.for([
    ["keeps no append-only file", ["--appendonly", "no"], "appendonly yes"],
    ["leaves the disk to the system", ["--appendonly", "yes", "--appendfsync", "no"], "appendfsync"],
    ["evicts keys", [...DURABLE, "--maxmemory-policy", "allkeys-lru"], "noeviction"],
    [
      "forbids CONFIG, and keeps no append-only file",
      ["--appendonly", "no", "--rename-command", "CONFIG", ""],
      "appendonly yes",
    ],
  ] as const)(
    "is refused when it %s, with the setting that is wrong",
    async ([_, settings, named], { onTestFinished }) => {
      const server = await ownRedis(settings);
      onTestFinished(() => server.end());
      const client = new Redis(server.url);
      const failed = await redisStore(client)
        .open()
        .catch((error: unknown) => error);
      client.disconnect();
      expect(failed).toMatchObject({ code: "STORE_UNAVAILABLE", message: expect.stringContaining(named) });
    },
  );

  it.for([
    ["always", DURABLE, "power-loss"],
    ["every second", ["--appendonly", "yes", "--appendfsync", "everysec"], "process"],
    ["always, and forbids CONFIG", [...DURABLE, "--rename-command", "CONFIG", ""], "process"],
  ] as const)(
    "is taken when it writes %s, and says what that promises",
    async ([_, settings, durability], { onTestFinished }) => {
      const server = await ownRedis(settings);
      onTestFinished(() => server.end());
      const client = new Redis(server.url);
      const inbox = createInbox({ store: redisStore(client), on: {} });
      expect(inbox.durability).toBe("none");
      await inbox.stats();
      expect(inbox.durability).toBe(durability);
      client.disconnect();
    },
  );
});
