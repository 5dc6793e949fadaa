import { defineConfig } from "vitest/config";

/** Each example is built and started as its README says, and then receives deliveries over HTTP. */
export default defineConfig({
  resolve: { conditions: ["@popp-webhooks/source"] },
  ssr: { resolve: { conditions: ["@popp-webhooks/source"] } },
  test: {
    name: "examples",
    // SvelteKit's test stands beside its folder, whose tsconfig.json extends one that only its build writes.
    include: ["*.test.ts", "*/*.test.ts"],
    globalSetup: "../../packages/next/test/build-packages.ts",
    testTimeout: 30_000,
    hookTimeout: 180_000,
    fileParallelism: false,
  },
});
