import { createReceiver } from "@popp-webhooks/core";
import { Redis } from "ioredis";
import { describe, expect, it, type TestContext } from "vitest";
import { createInbox } from "../src/index.ts";
import { redisStore } from "../src/stores/redis/index.ts";
import { SECRET, signedEvent } from "./delivery.ts";
import { note } from "./findings.ts";
import { DURABLE, hasRedisProgram, ownRedis } from "./own-redis.ts";

type Answer = readonly [status: number, retryAfter: string | null];

/** An inbox on a Redis for this test, and a function that delivers to it. */
async function setUp({ onTestFinished }: TestContext, settings: readonly string[]) {
  const server = await ownRedis([...DURABLE, ...settings]);
  onTestFinished(() => server.end());
  const client = new Redis(server.url);
  onTestFinished(() => client.disconnect());
  const ran: string[] = [];
  const inbox = createInbox({
    store: redisStore(client),
    pollMs: 20,
    on: { CONVERSATION_STARTED: ({ eventId }) => ran.push(String(eventId)) },
  });
  onTestFinished(() => inbox.close());
  const receiver = createReceiver({ secret: SECRET, inbox });
  const deliver = async (id: string): Promise<Answer> => {
    const { body, signature } = signedEvent(id, undefined, 4_000);
    const headers = { "x-signature": signature };
    const answer = await receiver.fetch(new Request("http://localhost/", { method: "POST", headers, body }));
    return [answer.status, answer.headers.get("retry-after")];
  };
  return { client, inbox, ran, deliver };
}

const OK: Answer = [200, null];
const FULL: Answer = [503, "5"];

describe.skipIf(!hasRedisProgram())("a Redis whose memory is full", () => {
  it("answers 503 until there is memory again and handles stored events meanwhile", async (context) => {
    const { client, inbox, ran, deliver } = await setUp(context, ["--maxmemory", "8mb"]);
    const accepted: string[] = [];
    const fill = async () => {
      for (let answer = OK; answer[0] === 200; ) {
        const id = `evt_${accepted.length}`;
        answer = await deliver(id);
        if (answer[0] === 200) accepted.push(id);
        else expect(answer).toEqual(FULL);
      }
    };
    await fill();
    expect(accepted.length).toBeGreaterThan(100);
    inbox.start();
    await expect.poll(() => ran.length).toBe(accepted.length);
    await expect.poll(async () => (await inbox.stats()).counts.done).toBe(accepted.length);
    // Handling freed a little: what fits is accepted, and then it is full again.
    await fill();
    await expect.poll(() => ran.length).toBe(accepted.length);
    await client.config("SET", "maxmemory", "64mb");
    expect(await deliver("one more")).toEqual(OK);
    await expect.poll(() => ran.at(-1)).toBe("one more");
    expect([...ran].sort()).toEqual([...accepted, "one more"].sort());
    note(context, `${accepted.length} accepted before it was full, all handled while it was, 0 lost`);
  });
});

describe.skipIf(!hasRedisProgram())("an event that was deleted from Redis", () => {
  it("does not block other events", async (context) => {
    const { client, inbox, ran, deliver } = await setUp(context, []);
    for (const id of ["removed", "kept"]) expect(await deliver(id)).toEqual(OK);
    const [removed] = await client.zrange("{popp}:all:4:popp", "0", "0");
    await client.del(`{popp}:entry:${removed}`);
    inbox.start();
    await expect.poll(async () => (await inbox.stats()).counts).toMatchObject({ received: 0, done: 1 });
    expect(ran).toEqual(["kept"]);
    expect(await deliver("removed")).toEqual(OK);
    await expect.poll(() => ran).toEqual(["kept", "removed"]);
  });
});
