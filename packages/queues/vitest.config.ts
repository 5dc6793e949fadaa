import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["@popp-webhooks/source"] },
  ssr: { resolve: { conditions: ["@popp-webhooks/source"] } },
  test: { name: "queues", include: ["src/**/*.test.ts", "faults/**/*.test.ts"], testTimeout: 60_000 },
});
