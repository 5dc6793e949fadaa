import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { project } from "../../../vitest.workspace.ts";

/** These tests run inside workerd, with its queues and D1. */
export default project(
  { name: "queues-workerd", include: ["*.test.ts"] },
  {
    root: import.meta.dirname,
    plugins: [
      cloudflareTest({
        main: "./worker.ts",
        miniflare: {
          compatibilityDate: "2026-07-01",
          compatibilityFlags: ["nodejs_compat"],
          d1Databases: ["DB"],
          queueProducers: { QUEUE: { queueName: "popp" }, IMPATIENT: { queueName: "impatient" } },
          queueConsumers: {
            popp: { maxBatchSize: 20, maxBatchTimeout: 0, maxRetries: 100 },
            impatient: { maxBatchSize: 20, maxBatchTimeout: 0, maxRetries: 0 },
          },
        },
      }),
    ],
  },
);
