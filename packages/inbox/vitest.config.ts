import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["@popp-webhooks/source"] },
  ssr: { resolve: { conditions: ["@popp-webhooks/source"] } },
  test: { name: "inbox", include: ["src/**/*.test.ts"], testTimeout: 20_000 },
});
