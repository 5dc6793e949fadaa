import type { Processor } from "@popp-webhooks/queues/bullmq";
import { toBullmqProcessor } from "@popp-webhooks/queues/bullmq";
import { type ConnectionOptions, Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { onTestFinished } from "vitest";
import { ownName, REDIS_URL } from "./services.ts";

const { hostname: host, port, username, password } = new URL(REDIS_URL);

/** The tests' connection to Redis. */
const connection: ConnectionOptions = { host, port: Number(port), username, password };

/** Creates a BullMQ queue for one test and removes it afterwards. */
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
    /** Starts a worker, which stops when the test ends at the latest. */
    async work(inbox: Processor): Promise<Worker> {
      const worker = new Worker("popp", toBullmqProcessor(inbox), { connection, prefix, concurrency: 16 });
      worker.on("error", () => {});
      onTestFinished(() => worker.close());
      await worker.waitUntilReady();
      return worker;
    },
  };
}

/** Removes only this test's keys. */
async function removeKeys(prefix: string): Promise<void> {
  const client = new Redis(REDIS_URL);
  for await (const keys of client.scanStream({ match: `${prefix}:*`, count: 1_000 }))
    if (keys.length > 0) await client.del(...keys);
  client.disconnect();
}
