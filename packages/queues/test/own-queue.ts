import type { Processor } from "@popp-webhooks/queues/bullmq";
import { toBullmqProcessor } from "@popp-webhooks/queues/bullmq";
import { type ConnectionOptions, Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { onTestFinished } from "vitest";
import { ownName, REDIS_URL } from "./services.ts";

const { hostname: host, port, username, password } = new URL(REDIS_URL);

/** How the tests connect to Redis. */
const connection: ConnectionOptions = { host, port: Number(port), username, password };

/** A queue of BullMQ that no other test sees; nothing is left of it when the test is over. */
export function ownQueue() {
  const prefix = ownName();
  const queue = new Queue("popp", { connection, prefix });
  onTestFinished(async () => {
    await queue.close();
    await removeKeys(prefix);
  });
  return {
    prefix,
    queue,
    /** Starts a worker; it stops with the test, if not before. */
    async work(inbox: Processor): Promise<Worker> {
      const worker = new Worker("popp", toBullmqProcessor(inbox), { connection, prefix, concurrency: 16 });
      worker.on("error", () => {});
      onTestFinished(() => worker.close());
      await worker.waitUntilReady();
      return worker;
    },
  };
}

/** Removes what a test left behind, and nothing of others. */
async function removeKeys(prefix: string): Promise<void> {
  const client = new Redis(REDIS_URL);
  for await (const keys of client.scanStream({ match: `${prefix}:*`, count: 1_000 }))
    if (keys.length > 0) await client.del(...keys);
  client.disconnect();
}
