import { randomBytes } from "node:crypto";
import { describeStore } from "@popp-webhooks/testing/store";
import { Redis } from "ioredis";
import { createClient, createCluster, createSentinel } from "redis";
import { describe, expect, it, onTestFinished } from "vitest";
import { hasRedis, REDIS_URL, removeKeys } from "../../../faults/keyspace.ts";
import { eventOf, stage } from "../../../test/stage.ts";
import { type RedisClient, redisStore } from "./index.ts";

/** Each store has its own prefix, and each handle its own client, as another process would have. */
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

  it("an event whose body is gone is dead and told, and the next is handled", async () => {
    const prefix = `popp-test-${randomBytes(6).toString("hex")}`;
    const client = new Redis(REDIS_URL);
    onTestFinished(async () => {
      await client.quit();
      await removeKeys(prefix);
    });
    const store = redisStore(client, { prefix, allowDataLoss: true });
    const [handled, told]: [unknown[], string[]] = [[], []];
    const { inbox, send } = stage({
      store,
      on: { CONVERSATION_STARTED: ({ eventId }) => void handled.push(eventId) },
      onError: ({ message }) => told.push(message),
    });
    await send(eventOf("evt_1"));
    const [body = expect.unreachable()] = await client.keys(`{${prefix}}:body:*`);
    await send(eventOf("evt_2"));
    await client.unlink(body);
    expect(await inbox.sweep()).toMatchObject({ done: 1, dead: 1 });
    expect(handled).toEqual(["evt_2"]);
    expect(told).toEqual([expect.stringContaining("hash differs")]);
    expect(await inbox.get("evt_1")).toMatchObject({ state: "dead", note: "body damaged" });
  });
});

it("refuses an ioredis client that would omit command names", () => {
  const client = new Redis({ lazyConnect: true, enableAutoPipelining: true });
  expect(() => redisStore(client)).toThrow(
    expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining("enableAutoPipelining") }),
  );
  client.disconnect();
});

it.each([
  ["createCluster()", createCluster({ rootNodes: [{ url: "redis://127.0.0.1:1" }] })],
  ["createSentinel()", createSentinel({ name: "none", sentinelRootNodes: [{ host: "127.0.0.1", port: 1 }] })],
])("refuses what %s of node-redis makes, which sends commands in another way", (_, client) => {
  // @ts-expect-error its sendCommand has other arguments
  expect(() => redisStore(client)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
});

it("errors contain neither the failed command nor the event's body", async () => {
  const secret = Object.assign(new Error("OOM command not allowed"), {
    command: { name: "evalsha", args: ["ada@example.com"] },
  });
  const callBuffer = () => Promise.reject(secret);
  const failed = redisStore({ callBuffer }).open();
  await expect(failed).rejects.toMatchObject({ code: "STORE_UNAVAILABLE", cause: secret });
  expect(Object.keys(secret)).not.toContain("command");
});
