/** A worker process. The event `poison` kills it together with its other running handlers. */
import { createInbox } from "@popp-webhooks/inbox";
import { sqliteStore } from "@popp-webhooks/inbox/sqlite";
import { toBullmqProcessor } from "@popp-webhooks/queues/bullmq";
import { Worker } from "bullmq";

const [path = "", prefix = "", host = "", port = "", leaseMs = "", maxCrashes = ""] = process.argv.slice(2);
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const inbox = createInbox({
  store: sqliteStore(path),
  leaseMs: Number(leaseMs),
  maxCrashes: Number(maxCrashes),
  retryBaseMs: 40,
  retryMaxMs: 80,
  on: {
    UNRECOGNIZED: async (_, { idempotencyKey }) => {
      if (idempotencyKey === "poison") {
        await wait(80);
        process.kill(process.pid, "SIGKILL");
      }
      await wait(150);
    },
  },
});

const worker = new Worker("popp", toBullmqProcessor(inbox), {
  connection: { host, port: Number(port) },
  prefix,
  concurrency: 8,
  stalledInterval: 300,
  lockDuration: 600,
});
worker.on("error", () => {});
