import { Redis } from "ioredis";
import { createClient } from "redis";
import { describe, expect, it, type TestContext } from "vitest";
import type { RedisClient } from "../src/stores/redis/index.ts";
import { REDIS_URL } from "./keyspace.ts";
import { DURABLE, hasRedisProgram, ownRedis } from "./own-redis.ts";
import { proxyBefore } from "./proxy.ts";
import { redisStageThrough } from "./redis-stage.ts";

type Host = Pick<TestContext, "onTestFinished">;

/** The settings of the documentation. */
const IOREDIS = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  commandTimeout: 2_000,
  reconnectOnError: ({ message }: Error) => message.includes("READONLY"),
} as const;

function ioredis(url: string, { onTestFinished }: Host, options: object = {}): Redis {
  const client = new Redis(url, { ...IOREDIS, ...options });
  client.on("error", () => {});
  onTestFinished(() => client.disconnect());
  return client;
}

/** A client that has not been told to connect. */
function nodeRedis(url: string, { onTestFinished }: Host) {
  const client = createClient({ url, disableOfflineQueue: true });
  client.on("error", () => {});
  onTestFinished(() => (client.isOpen ? client.destroy() : undefined));
  return client;
}

const CONNECTING: readonly (readonly [string, (url: string, context: Host) => RedisClient])[] = [
  ["ioredis", ioredis],
  ["ioredis, which connects with its first command", (url, context) => ioredis(url, context, { lazyConnect: true })],
  [
    "ioredis with its own settings",
    (url, { onTestFinished }) => {
      const client = new Redis(url).on("error", () => {});
      onTestFinished(() => client.disconnect());
      return client;
    },
  ],
  [
    "node-redis",
    (url, context) => {
      const client = nodeRedis(url, context);
      client.connect().catch(() => {});
      return client;
    },
  ],
];

const CONNECTED = CONNECTING.filter(([name]) => !name.includes("first command"));

describe.skipIf(!hasRedisProgram())("a client that is connecting", () => {
  it.for(CONNECTING)("has its first deliveries answered with 200 (%s)", async ([_, connectTo], context) => {
    const server = await ownRedis(DURABLE);
    context.onTestFinished(() => server.end());
    const { deliver, told } = redisStageThrough(connectTo(server.url, context), context);
    const ids = Array.from({ length: 20 }, (_, at) => `evt_${at}`);
    expect(new Set(await Promise.all(ids.map(deliver)))).toEqual(new Set([200]));
    expect(told).toEqual([]);
  });

  it("would refuse them by itself", async (context) => {
    const server = await ownRedis(DURABLE);
    context.onTestFinished(() => server.end());
    await expect(ioredis(server.url, context).ping()).rejects.toThrow("isn't writeable");
    const client = nodeRedis(server.url, context);
    const connecting = client.connect();
    await expect(client.ping()).rejects.toThrow("offline");
    await connecting;
  });

  it.for(CONNECTED)("is waited for when the server has closed its connection (%s)", async ([_, connectTo], context) => {
    const server = await ownRedis(DURABLE);
    context.onTestFinished(() => server.end());
    const { deliver } = redisStageThrough(connectTo(server.url, context), context);
    const admin = ioredis(server.url, context, { enableOfflineQueue: true });
    expect(await deliver("before")).toBe(200);
    for (let round = 0; round < 3; round++) {
      await admin.call("CLIENT", "KILL", "TYPE", "normal");
      expect(await deliver(`evt_${round}`)).toBe(200);
    }
  });
});

describe("a client that does not get connected", () => {
  it("by its owner is named, with what to call", async (context) => {
    const client = nodeRedis(REDIS_URL, context);
    const { inbox, deliver, refused } = redisStageThrough(client, context);
    expect(await deliver("evt_1")).toBe(503);
    expect(await deliver("evt_2")).toBe(503);
    const problem = "The Redis client is not connected: call `await client.connect()`.";
    expect(refused).toEqual([problem, problem]);
    expect(await inbox.health()).toMatchObject({ isReady: false, problem });
  });

  it("because there is no server is named, with its state", async (context) => {
    const { deliver, refused } = redisStageThrough(ioredis("redis://127.0.0.1:1", context), context);
    expect(await deliver("evt_1")).toBe(503);
    expect(refused).toEqual([expect.stringMatching(/not connected: its status is `(re)?connecting`/)]);
  });
});

/** An inbox on a client that reaches its server through a proxy. */
async function throughProxy(context: Host, connectTo: (url: string, context: Host) => RedisClient) {
  const server = await ownRedis(DURABLE);
  context.onTestFinished(() => server.end());
  const proxy = await proxyBefore(Number(new URL(server.url).port));
  context.onTestFinished(() => proxy.end());
  const client = connectTo(`redis://127.0.0.1:${proxy.port}`, context);
  return { server, proxy, client, ...redisStageThrough(client, context) };
}

describe.skipIf(!hasRedisProgram())("a connection that breaks", () => {
  it.for(CONNECTED)("while it is idle costs no delivery (%s)", async ([_, connectTo], context) => {
    const { proxy, deliver, outcomes } = await throughProxy(context, connectTo);
    expect(await deliver("before")).toBe(200);
    for (let round = 0; round < 3; round++) {
      proxy.forget();
      const ids = Array.from({ length: 10 }, (_, at) => `evt_${round}_${at}`);
      expect(new Set(await Promise.all(ids.map(deliver)))).toEqual(new Set([200]));
    }
    expect(new Set(outcomes)).toEqual(new Set(["accepted"]));
  });

  it("while it is idle fails a command that is sent once", async (context) => {
    const { proxy, client, deliver } = await throughProxy(context, CONNECTING[3]?.[1] ?? expect.unreachable());
    expect(await deliver("before")).toBe(200);
    proxy.forget();
    const raw = client as ReturnType<typeof nodeRedis>;
    await expect(raw.ping()).rejects.toThrow(/ECONNRESET|Socket closed unexpectedly/);
  });

  it.for(CONNECTED)(
    "after an event was stored, before the answer, has it accepted and handled once (%s)",
    async ([name, connectTo], context) => {
      const { proxy, inbox, deliver, outcomes, told } = await throughProxy(context, connectTo);
      expect(await deliver("before")).toBe(200);
      proxy.loseAnswerTo("evt_lost");
      expect(await deliver("evt_lost")).toBe(200);
      // With its own settings, ioredis sends a command again by itself: the store cannot know that it has sent it before.
      if (name !== "ioredis with its own settings") {
        expect(outcomes).toEqual(["accepted", "accepted"]);
        expect(await inbox.get("evt_lost")).toMatchObject({ state: "received", duplicates: 0 });
      }
      expect(await deliver("evt_lost")).toBe(200);
      expect(outcomes.at(-1)).toBe("duplicate");
      inbox.start();
      await expect.poll(async () => (await inbox.get("evt_lost"))?.state).toBe("done");
      expect((await inbox.stats()).counts.done).toBe(2);
      expect((await inbox.get("evt_lost"))?.attempts).toBe(1);
      expect(told).toEqual([]);
    },
  );

  it.for(CONNECTED)(
    "after an event was settled, before the answer, has it done once (%s)",
    async ([_, connectTo], context) => {
      const { proxy, inbox, deliver, transitions, told } = await throughProxy(context, connectTo);
      expect(await deliver("evt_1")).toBe(200);
      proxy.loseAnswerTo('"state":"done"');
      inbox.start();
      await expect.poll(() => transitions.map(({ state }) => state)).toEqual(["received", "processing", "done"]);
      expect(await inbox.get("evt_1")).toMatchObject({ state: "done", attempts: 1 });
      // A claim on the broken connection fails, and is tried again.
      expect(told.filter((one) => !one.includes("`claim`"))).toEqual([]);
    },
  );

  it.for([
    ["connects anew with `reconnectOnError`, and accepts", IOREDIS, 200],
    ["stays there without, and says what to set", { ...IOREDIS, reconnectOnError: null }, 503],
  ] as const)("never, to a server that has become a replica: ioredis %s", async ([_, options, status], context) => {
    const { server, proxy, deliver, refused } = await throughProxy(context, (url, host) => ioredis(url, host, options));
    // The default waits five seconds for more replicas.
    await ioredis(server.url, context, { enableOfflineQueue: true }).config("SET", "repl-diskless-sync-delay", "0");
    const other = await ownRedis(DURABLE);
    context.onTestFinished(() => other.end());
    const [old, next] = [server, other].map(({ url }) => ioredis(url, context, { enableOfflineQueue: true }));
    const [oldPort, nextPort] = [server, other].map(({ url }) => Number(new URL(url).port));
    if (old === undefined || next === undefined || oldPort === undefined || nextPort === undefined) throw new Error();
    expect(await deliver("before")).toBe(200);
    await next.replicaof("127.0.0.1", oldPort);
    await expect.poll(() => next.info("replication")).toContain("master_link_status:up");
    await next.replicaof("NO", "ONE");
    await old.replicaof("127.0.0.1", nextPort);
    proxy.moveTo(nextPort);
    expect(await deliver("meanwhile")).toBe(503);
    expect(refused[0]).toContain("reconnectOnError");
    await expect.poll(() => deliver("afterwards")).toBe(status);
    expect(await deliver("at last")).toBe(status);
  });
});
