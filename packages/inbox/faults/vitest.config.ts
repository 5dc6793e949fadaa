import { defineConfig } from "vitest/config";

/** Each of these takes the machine for itself, so they run one after another, and after everything else. */
export default defineConfig({
  resolve: { conditions: ["@popp-webhooks/source"] },
  ssr: { resolve: { conditions: ["@popp-webhooks/source"] } },
  test: {
    name: "faults",
    include: ["*.test.ts"],
    testTimeout: 300_000,
    fileParallelism: false,
    sequence: { groupOrder: 1 },
  },
});
