import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["@popp-webhooks/source"] },
  ssr: { resolve: { conditions: ["@popp-webhooks/source"] } },
  test: { name: "docs", include: ["*.test.ts"] },
});
